package eval

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// show writes a requirement as mathematics does: a in (1, 5] or {null}.
func (r Requirement) show() string {
	var in []string
	for _, i := range r.In {
		low, high := string(value.AppendJSON(nil, i.Low)), string(value.AppendJSON(nil, i.High))
		if low == high && low != "" && !i.OpenLow {
			in = append(in, "{"+low+"}")
			continue
		}
		open, closing := "[", "]"
		if i.OpenLow {
			open = "("
		}
		if i.OpenHigh {
			closing = ")"
		}
		in = append(in, i.Kind.String()+" "+open+low+", "+high+closing)
	}
	return strings.Join(r.Path, ".") + " in " + strings.Join(in, " or ")
}

func TestRequirements(t *testing.T) {
	t.Parallel()
	for where, want := range map[string][]string{
		"c.a = 1":                                {"a in {1}"},
		"1 = c.a":                                {"a in {1}"},
		"c.a = null":                             {"a in {null}"},
		"c.a = [1]":                              nil, // only a parameter is a constant of this kind
		"c.a = @list":                            {"a in {[1]}"},
		"c.a > @list":                            {"a in "},
		"c.a = @p":                               {"a in {7}"},
		"c.a = @none":                            {"a in "},
		"c.a = 0/0":                              nil,
		"c.a = -5":                               {"a in {-5}"},
		"c.a.b['x y'] = 'v'":                     {`a.b.x y in {"v"}`},
		"c.a IN (3, 1, 1.0, 'x', null)":          {`a in {null} or {1} or {3} or {"x"}`},
		"c.a IN (undefined)":                     {"a in "},
		"c.a NOT IN (1)":                         nil,
		"c.a IN (1, c.b)":                        nil,
		"c.a > 1":                                {"a in number (1, ]"},
		"1 > c.a":                                {"a in number [, 1)"},
		"c.a >= 'b'":                             {`a in string ["b", ]`},
		"c.a > [1]":                              nil,
		"c.a > undefined":                        {"a in "},
		"c.a < NaN":                              {"a in "},
		"c.a > 1 AND c.a <= 5":                   {"a in number (1, 5]"},
		"c.a > 1 AND c.a < 'x'":                  {"a in "},
		"c.a > 5 AND c.a < 1":                    {"a in "},
		"c.a >= 5 AND c.a <= 5":                  {"a in {5}"},
		"c.a > 5 AND c.a <= 5":                   {"a in "},
		"c.a > 1 AND c.b < 2":                    {"a in number (1, ]", "b in number [, 2)"},
		"c.b < 2 AND c.a = 1":                    {"a in {1}", "b in number [, 2)"},
		"c.a BETWEEN 1 AND 5":                    {"a in number [1, 5]"},
		"(c.a BETWEEN 1 AND 5) AND c.a > 3":      {"a in number (3, 5]"},
		"c.a BETWEEN 'a' AND 5":                  {"a in "},
		"c.a BETWEEN 5 AND 1":                    {"a in "},
		"c.a NOT BETWEEN 1 AND 5":                nil,
		"c.a = 1 OR c.a = 2":                     nil,
		"NOT (c.a = 1)":                          nil,
		"c.a != 1":                               nil,
		"c.a = c.b":                              nil,
		"c.a[0] = 1":                             nil,
		"c.size = 1":                             nil, // computed, and so not stored
		"c.a > 1 AND (c.b = 2 OR c.b = 3)":       {"a in number (1, ]"},
		"IS_DEFINED(c.a) AND c.a > false":        {"a in boolean (false, ]"},
		"c.a > 1 AND c.a > 3 AND c.a >= 3":       {"a in number (3, ]"},
		"c.a < true AND c.a >= false":            {"a in boolean [false, true)"},
		"c = 1":                                  nil,
		"c.a > 1 + 1":                            nil,
		"(c.a > 1 AND c.b > 1) AND (c.a < 3)":    {"a in number (1, 3)", "b in number (1, ]"},
		"c.a = 9223372036854775807":              {"a in {9223372036854775807}"},
		"c.a = 1 AND c.a = 2":                    {"a in {1}", "a in {2}"},
		"c.A = 1 AND c.a > 0":                    {"A in {1}", "a in number (0, ]"},
		"c.a > '2024-01-01' AND c.a < @tomorrow": {`a in string ("2024-01-01", "2024-01-02")`},
	} {
		p, err := compile("SELECT * FROM c WHERE "+where, Options{
			Params:   params(t, "@p", "7", "@list", "[1]", "@tomorrow", `"2024-01-02"`),
			Computed: []ComputedProperty{{Name: "size", Query: "SELECT VALUE LENGTH(c.a) FROM c"}},
		})
		require.NoError(t, err, where)
		var got []string
		for _, r := range p.Requirements() {
			got = append(got, r.show())
		}
		require.Equal(t, want, got, where)
	}
	for _, text := range []string{
		"SELECT VALUE k FROM k IN c.kids WHERE k.a = 1",
		"SELECT * FROM c.a WHERE a.b = 1",
		"SELECT VALUE s FROM (SELECT VALUE c FROM c) s WHERE s.a = 1",
		"SELECT * FROM c WHERE c.a = 1 ORDER BY RANK FullTextScore(c.t, 'x')",
		"SELECT * FROM c",
	} {
		p, err := compile(text, Options{})
		require.NoError(t, err, text)
		require.Empty(t, p.Requirements(), text)
	}
}

var sampleValues = []string{
	"", "null", "false", "true", "-1", "0", "1", "2.5", "3", `""`, `"a"`, `"b"`, "[1]", `{"x":1}`,
}

func pick1(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// randomDocument has some of the properties a, b and o.c.
func randomDocument(t *testing.T, r *rand.Rand, i int) value.Value {
	t.Helper()
	text := fmt.Sprintf(`{"i":%d`, i)
	for _, name := range []string{"a", "b"} {
		if v := pick1(r, sampleValues); v != "" {
			text += `,"` + name + `":` + v
		}
	}
	if v := pick1(r, sampleValues); v != "" {
		text += `,"o":{"c":` + v + `}`
	}
	return parse(t, text+"}")
}

// randomFilter is a filter of a few terms, some of which indexes can tell.
func randomFilter(r *rand.Rand, depth int) string {
	path := func() string { return pick1(r, []string{"c.a", "c.b", "c.o.c", `c["a"]`}) }
	constant := func() string {
		if v := pick1(r, sampleValues); v != "" {
			return v
		}
		return "undefined"
	}
	switch n := r.IntN(8); {
	case n < 2 && depth > 0:
		return "(" + randomFilter(r, depth-1) + ") AND (" + randomFilter(r, depth-1) + ")"
	case n == 2 && depth > 0:
		return "(" + randomFilter(r, depth-1) + ") OR (" + randomFilter(r, depth-1) + ")"
	case n == 3 && depth > 0:
		return "NOT (" + randomFilter(r, depth-1) + ")"
	case n == 4:
		return path() + pick1(r, []string{" IN (", " NOT IN ("}) + constant() + ", " + constant() + ")"
	case n == 5:
		return "(" + path() + pick1(r, []string{" BETWEEN ", " NOT BETWEEN "}) + constant() + " AND " + constant() + ")"
	case n == 6:
		return constant() + pick1(r, []string{" = ", " < ", " <= ", " > ", " >= ", " != "}) + path()
	}
	return path() + pick1(r, []string{" = ", " < ", " <= ", " > ", " >= ", " != "}) + constant()
}

// at follows the names of a path.
func at(v value.Value, path []string) value.Value {
	for _, name := range path {
		v = v.Get(name)
	}
	return v
}

// TestRequirementsLoseNoDocument: whatever a filter requires of a property, every document that passes it has.
func TestRequirementsLoseNoDocument(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	docs := make([]value.Value, 120)
	for i := range docs {
		docs[i] = randomDocument(t, r, i)
	}
	required, passed := 0, 0
	for range 600 {
		where := randomFilter(r, 2)
		p, err := compile("SELECT VALUE c FROM c WHERE "+where, Options{})
		require.NoError(t, err, where)
		for row, err := range p.Rows(t.Context(), seq(docs)) {
			require.NoError(t, err)
			passed++
			for _, req := range p.Requirements() {
				required++
				v := at(row.Doc, req.Path)
				holds := func(i value.Interval) bool { return !i.Before(v) && !i.Behind(v) }
				require.True(t, slices.ContainsFunc(req.In, holds),
					"%s: %s lets %s through", req.show(), where, value.AppendJSON(nil, row.Doc))
			}
			for _, eq := range p.Equalities() {
				v := at(row.Doc, eq.Path)
				require.True(t, slices.ContainsFunc(eq.Values, func(w value.Value) bool { return value.Equal(v, w) }),
					where)
			}
		}
	}
	require.Greater(t, passed, 1000, "the filters let something through")
	require.Greater(t, required, 200, "and require something")
}

// TestIndexedRowsAreTheSame: documents that come in the order of an index give the rows that sorting them gives.
func TestIndexedRowsAreTheSame(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	docs := make([]value.Value, 200)
	for i := range docs {
		docs[i] = randomDocument(t, r, i)
	}
	for _, tail := range []string{
		"ORDER BY c.a", "ORDER BY c.a DESC", "ORDER BY c.o.c", "ORDER BY c.a OFFSET 5 LIMIT 20",
		"ORDER BY c.b DESC OFFSET 0 LIMIT 7", "ORDER BY c.a OFFSET 500 LIMIT 5",
	} {
		for _, head := range []string{"SELECT VALUE c.i FROM c ", "SELECT c.i, c.a AS x FROM c WHERE IS_DEFINED(c.b) ",
			"SELECT VALUE c.b FROM c ", "SELECT TOP 9 c.i FROM c WHERE c.i % 3 = 0 "} {
			if strings.Contains(head, "TOP") && strings.Contains(tail, "LIMIT") {
				continue
			}
			text := head + tail
			p, err := compile(text, Options{})
			require.NoError(t, err, text)
			key, ok := p.Index()
			require.True(t, ok, text)
			inOrder := slices.Clone(docs)
			slices.SortStableFunc(inOrder, func(x, y value.Value) int {
				return value.Compare(at(x, key.Path), at(y, key.Path))
			})
			if key.Desc {
				slices.Reverse(inOrder)
			}
			var sorted []string
			for row, err := range p.Sorted(t.Context(), seq(inOrder)) {
				require.NoError(t, err)
				sorted = append(sorted, string(value.AppendJSON(nil, row.Value)))
			}
			rows := mustEvaluate(t, text, docs, Options{})
			if len(rows) == 0 {
				rows = nil
			}
			require.Equal(t, rows, sorted, text)
		}
	}
	for _, text := range []string{
		"SELECT DISTINCT VALUE c.a FROM c ORDER BY c.a", "SELECT VALUE c.a FROM c ORDER BY c.a, c.b",
		"SELECT VALUE c.a FROM c", "SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.a ORDER BY c.a",
		"SELECT VALUE k FROM c JOIN k IN c.a ORDER BY c.a", "SELECT VALUE MAX(c.a) FROM c ORDER BY c.a",
		"SELECT VALUE c.a FROM c ORDER BY c.l[0]",
	} {
		p, err := compile(text, Options{})
		require.NoError(t, err, text)
		_, ok := p.Index()
		require.False(t, ok, "%s needs more than documents in order", text)
	}
}

// TestTopIsTheBeginningOfAll: a sorter that drops rows as it goes keeps the right ones, ties among them.
func TestTopIsTheBeginningOfAll(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	docs := make([]value.Value, 3000)
	for i := range docs {
		docs[i] = parse(t, fmt.Sprintf(`{"i":%d,"k":%d,"s":"%c%d"}`, i, r.IntN(40), 'a'+rune(r.IntN(3)), r.IntN(10)))
	}
	for _, order := range []string{"c.k", "c.k DESC", "c.s", "c.s DESC, c.k", "c.k, c.s DESC, c.i"} {
		all := mustEvaluate(t, "SELECT VALUE c.i FROM c ORDER BY "+order, docs, Options{})
		require.Len(t, all, len(docs))
		for _, n := range []int{0, 1, 2, 63, 64, 65, 500, 2999, 3000, 5000} {
			top := mustEvaluate(t, fmt.Sprintf("SELECT TOP %d VALUE c.i FROM c ORDER BY %s", n, order), docs, Options{})
			require.Equal(t, all[:min(n, len(all))], top, "TOP %d %s", n, order)
			page := mustEvaluate(t,
				fmt.Sprintf("SELECT VALUE c.i FROM c ORDER BY %s OFFSET 7 LIMIT %d", order, n), docs,
				Options{})
			require.Equal(t, all[7:min(7+n, len(all))], page, "LIMIT %d %s", n, order)
		}
	}
}

// TestCountedWithoutDocuments: what only counts needs no document, and is the same with them.
func TestCountedWithoutDocuments(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"a":1}
		{}
		{"a":null}`)
	for text, counts := range map[string]bool{
		"SELECT VALUE COUNT(1) FROM c":                         true,
		"SELECT COUNT(1) AS n, COUNT('x') AS m FROM c":         true,
		"SELECT VALUE {n: COUNT(1)} FROM c":                    true,
		"SELECT VALUE COUNT(1) + 1 FROM c":                     true,
		"SELECT VALUE COUNT(undefined) FROM c":                 false,
		"SELECT VALUE COUNT(c.a) FROM c":                       false,
		"SELECT VALUE COUNT(c) FROM c":                         false,
		"SELECT VALUE COUNT(1) FROM c WHERE c.a = 1":           false,
		"SELECT VALUE COUNT(1) FROM c WHERE true":              true,
		"SELECT COUNT(1) AS n, SUM(c.a) AS s FROM c":           false,
		"SELECT VALUE COUNT(1) FROM c GROUP BY c.a":            false,
		"SELECT VALUE COUNT(1) FROM k IN c.a":                  false,
		"SELECT VALUE COUNT(1) FROM c JOIN k IN c.a":           false,
		"SELECT VALUE COUNT(1) FROM c.a":                       false,
		"SELECT VALUE 1 FROM c":                                false,
		"SELECT VALUE COUNT(1) FROM (SELECT VALUE c.a FROM c)": false,
	} {
		p, err := compile(text, Options{})
		require.NoError(t, err, text)
		require.Equal(t, counts, p.Counts(), text)
		if !counts {
			continue
		}
		for _, n := range []int{0, 3} {
			var got []string
			for row, err := range p.Counted(t.Context(), n) {
				require.NoError(t, err)
				got = append(got, string(value.AppendJSON(nil, row.Value)))
			}
			require.Equal(t, mustEvaluate(t, text, docs[:n], Options{}), got, text)
		}
	}
}
