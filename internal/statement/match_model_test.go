package statement

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// truth is what a condition is for a document: undefined where something in it is missing or of another type.
type truth int

const (
	undefined truth = iota
	no
	yes
)

func known(holds bool) truth {
	if holds {
		return yes
	}
	return no
}

// record is a document of the model. A nil pointer is a member that is missing.
type record struct {
	id, pk string
	n      *int
	s      *string
	null   bool // the member x is null; else it is missing
	tags   []string
}

func (r record) json() string {
	members := []string{fmt.Sprintf(`"id":%q,"pk":%q,"_etag":"e%s","odd name":%q`, r.id, r.pk, r.id, r.pk)}
	if r.n != nil {
		members = append(members, fmt.Sprintf(`"n":%d`, *r.n))
	}
	if r.s != nil {
		members = append(members, fmt.Sprintf(`"s":%q`, *r.s))
	}
	if r.null {
		members = append(members, `"x":null`)
	}
	if r.tags != nil {
		members = append(members, fmt.Sprintf(`"tags":["%s"]`, strings.Join(r.tags, `","`)))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// clause is a condition as a text with arguments, and what it is of a record.
type clause struct {
	text string
	args []string
	of   func(r record) truth
}

// leaf is a comparison, in one of the ways that people write it.
func leaf(rng *rand.Rand) clause {
	i := rng.IntN(4)
	n, s, id := fmt.Sprint(i), string(rune('a'+i)), fmt.Sprint(rng.IntN(30))
	number := func(holds func(n int) bool) func(record) truth {
		return func(r record) truth {
			if r.n == nil {
				return undefined
			}
			return known(holds(*r.n))
		}
	}
	text := func(holds func(s string) bool) func(record) truth {
		return func(r record) truth {
			if r.s == nil {
				return undefined
			}
			return known(holds(*r.s))
		}
	}
	all := []clause{
		{"t.n = ?", []string{n}, number(func(x int) bool { return x == i })},
		{"? < n", []string{n}, number(func(x int) bool { return i < x })},
		{"n - ? >= 0", []string{"-" + n}, number(func(x int) bool { return x+i >= 0 })},
		{"t.n <> -?", []string{"-" + n}, number(func(x int) bool { return x != i })},
		{"n BETWEEN ? AND 3", []string{n}, number(func(x int) bool { return i <= x && x <= 3 })},
		{"t.s = '" + s + "'", nil, text(func(x string) bool { return x == s })},
		{`"s" > ?`, []string{`"` + s + `"`}, text(func(x string) bool { return x > s })},
		{"s IN (?, 'd')", []string{`"` + s + `"`}, text(func(x string) bool { return x == s || x == "d" })},
		{"t.s NOT LIKE '" + s + "%'", nil, text(func(x string) bool { return !strings.HasPrefix(x, s) })},
		{`t["odd name"] = ?`, []string{`"p` + n + `"`}, func(r record) truth { return known(r.pk == "p"+n) }},
		{`"odd name" = 'p` + n + `'`, nil, func(r record) truth { return known(r.pk == "p"+n) }},
		{"x IS NULL", nil, func(record) truth { return yes }},
		{"t.n IS NOT NULL", nil, func(r record) truth { return known(r.n != nil) }},
		{"t[?] IS NULL", []string{`"s"`}, func(r record) truth { return known(r.s == nil) }},
		{"IS_DEFINED(x)", nil, func(r record) truth { return known(r.null) }},
		{"ARRAY_CONTAINS(t.tags, ?)", []string{`"` + s + `"`}, func(r record) truth {
			if r.tags == nil {
				return undefined
			}
			return known(slices.Contains(r.tags, s))
		}},
		{"EXISTS (SELECT VALUE 1 FROM k IN t.tags WHERE k = ?)", []string{`"` + s + `"`},
			func(r record) truth { return known(slices.Contains(r.tags, s)) }},
		{"id = ?", []string{`"` + id + `"`}, func(r record) truth { return known(r.id == id) }},
		{"'" + id + "' = t.id", nil, func(r record) truth { return known(r.id == id) }},
		{"pk = 'p" + n + "'", nil, func(r record) truth { return known(r.pk == "p"+n) }},
	}
	return all[rng.IntN(len(all))]
}

// join is l and r with a word between them.
func join(word string, l, r clause) clause {
	decides, other := no, yes
	if word == "OR" {
		decides, other = yes, no
	}
	of := func(doc record) truth {
		x, y := l.of(doc), r.of(doc)
		switch {
		case x == decides || y == decides:
			return decides
		case x == other && y == other:
			return other
		}
		return undefined
	}
	return clause{"(" + l.text + " " + word + " " + r.text + ")", slices.Concat(l.args, r.args), of}
}

// some is a condition of leaves, by AND, OR and NOT.
func some(rng *rand.Rand, depth int) clause {
	if depth == 0 || rng.IntN(3) == 0 {
		return leaf(rng)
	}
	l := some(rng, depth-1)
	if rng.IntN(4) == 0 {
		of := func(r record) truth { return []truth{undefined, yes, no}[l.of(r)] }
		return clause{"NOT (" + l.text + ")", l.args, of}
	}
	return join([]string{"AND", "AND", "OR"}[rng.IntN(3)], l, some(rng, depth-1))
}

// one is a condition for one document, which there is or is not, and perhaps a further one.
func one(rng *rand.Rand) clause {
	id, pk := fmt.Sprint(rng.IntN(30)), fmt.Sprintf("p%d", rng.IntN(4))
	c := join("AND", clause{"t.id = ?", []string{`"` + id + `"`}, func(r record) truth { return known(r.id == id) }},
		clause{"'" + pk + "' = pk", nil, func(r record) truth { return known(r.pk == pk) }})
	if rng.IntN(3) == 0 {
		c = join("AND", leaf(rng), c)
	}
	return c
}

// TestConditionsMeanTheSame: the query that searches for the documents, the condition of a patch, and the one document
// that is named by id and key are the documents for which WHERE is true.
func TestConditionsMeanTheSame(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 2))
	var records []record
	var documents []value.Value
	for i := range 30 {
		r := record{id: fmt.Sprint(i), pk: fmt.Sprintf("p%d", i%4), null: rng.IntN(2) == 0}
		if n := rng.IntN(6); n < 5 {
			r.n = &n
		}
		if k := rng.IntN(6); k < 5 {
			s := string(rune('a'+k)) + "z"[:rng.IntN(2)]
			r.s = &s
		}
		for k := range rng.IntN(3) {
			r.tags = append(r.tags, string(rune('a'+k+rng.IntN(2))))
		}
		doc, err := value.ParseString(r.json(), value.MaxDepth)
		require.NoError(t, err, r.json())
		records, documents = append(records, r), append(documents, doc)
	}
	points, met := 0, 0
	for range 2500 {
		c := some(rng, 3)
		if rng.IntN(6) == 0 {
			c = one(rng)
		}
		text := []string{"DELETE FROM c t WHERE ", "UPDATE c t SET z = 1 WHERE "}[rng.IntN(2)] + c.text
		what := fmt.Sprintf("%s %v", text, c.args)
		var want []string
		for _, r := range records {
			if c.of(r) == yes {
				want = append(want, r.id)
			}
		}
		parsed, err := Parse(text, database)
		require.NoError(t, err, what)
		s := parsed.(interface {
			Search(args []Arg, keyPaths []string, id string, doc bool) (string, []Arg, error)
			Condition(args []Arg) (string, error)
			Point(args []Arg, keyPaths []string) (string, []json.RawMessage, bool, error)
		})
		args := positional(c.args...)

		search, bound, err := s.Search(args, []string{"/pk"}, "", false)
		require.NoError(t, err, what)
		q, err := nosql.Parse(search, nosql.Cosmos)
		require.NoError(t, err, search)
		params := map[string]value.Value{}
		for _, a := range bound {
			params[a.Name], err = value.Parse(a.Value)
			require.NoError(t, err)
		}
		program, err := eval.Compile(q, eval.Options{Params: params})
		require.NoError(t, err, search)
		var found []string
		for row, err := range program.Rows(t.Context(), slices.Values(documents)) {
			require.NoError(t, err, search)
			found = append(found, row.Value.Get("id").AsString())
			require.Equal(t, "e"+row.Value.Get("id").AsString(), row.Value.Get("etag").AsString())
			require.Equal(t, value.KindString, row.Value.Get("key").Get("k0").Kind())
		}
		require.Equal(t, want, found, "%s\nby %s", what, search)

		condition, err := s.Condition(args)
		require.NoError(t, err, what)
		q, err = nosql.ParseCondition(condition)
		require.NoError(t, err, condition)
		filter, err := eval.CompileCondition(q, eval.Options{})
		require.NoError(t, err, condition)
		for i, doc := range documents {
			match, err := filter.Match(t.Context(), doc)
			require.NoError(t, err, condition)
			require.Equal(t, slices.Contains(want, records[i].id), match, "%s\nby %s: %s", what, condition,
				records[i].json())
		}

		id, key, point, err := s.Point(args, []string{"/pk"})
		require.NoError(t, err, what)
		if point {
			points++
			for _, r := range records {
				named := r.id == id && fmt.Sprintf("%q", r.pk) == string(key[0])
				require.Equal(t, slices.Contains(want, r.id), named, what)
			}
		}
		if len(want) > 0 {
			met++
		}
	}
	require.Greater(t, points, 200, "conditions for one document")
	require.Greater(t, met, 1000, "conditions that documents meet")
}
