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

// nestedDocument has arrays of objects with arrays in them, now and then something else in their place.
func nestedDocument(r *rand.Rand, i int) string {
	element := func() string {
		return pick1(r, []string{"1", "2", "3", `"s"`, "null", "[]", `{"k":9}`})
	}
	list := func(n int, of func() string) string {
		items := make([]string, n)
		for k := range items {
			items[k] = of()
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	child := func() string {
		switch r.IntN(5) {
		case 0:
			return element()
		case 1:
			return fmt.Sprintf(`{"k":%s}`, element())
		}
		return fmt.Sprintf(`{"k":%s,"l":%s}`, element(), list(r.IntN(4), element))
	}
	kids := list(r.IntN(4), child)
	if r.IntN(6) == 0 {
		kids = element()
	}
	return fmt.Sprintf(`{"i":%d,"n":%d,"kids":%s,"tags":%s}`, i, r.IntN(4), kids, list(r.IntN(4), element))
}

// joined is one FROM clause as SQL and as the bindings that it makes of a document, by loops.
type joined struct {
	from    string
	aliases []string
	bind    func(doc value.Value) [][]value.Value
}

func elements(v value.Value) []value.Value { return slices.Collect(v.Elems()) }

var fromClauses = []joined{
	{"c JOIN k IN c.kids", []string{"c", "k"}, func(doc value.Value) (all [][]value.Value) {
		for _, k := range elements(doc.Get("kids")) {
			all = append(all, []value.Value{doc, k})
		}
		return all
	}},
	{"c JOIN k IN c.kids JOIN l IN k.l", []string{"c", "k", "l"}, func(doc value.Value) (all [][]value.Value) {
		for _, k := range elements(doc.Get("kids")) {
			for _, l := range elements(k.Get("l")) {
				all = append(all, []value.Value{doc, k, l})
			}
		}
		return all
	}},
	{"c JOIN g IN c.tags JOIN k IN c.kids JOIN h IN c.tags", []string{"c", "g", "k", "h"},
		func(doc value.Value) (all [][]value.Value) {
			for _, g := range elements(doc.Get("tags")) {
				for _, k := range elements(doc.Get("kids")) {
					for _, h := range elements(doc.Get("tags")) {
						all = append(all, []value.Value{doc, g, k, h})
					}
				}
			}
			return all
		}},
	{"c JOIN (SELECT VALUE k.k FROM k IN c.kids WHERE IS_ARRAY(k.l)) x", []string{"c", "x"},
		func(doc value.Value) (all [][]value.Value) {
			for _, k := range elements(doc.Get("kids")) {
				if k.Get("l").Kind() == value.KindArray && k.Get("k").IsDefined() {
					all = append(all, []value.Value{doc, k.Get("k")})
				}
			}
			return all
		}},
	{"c JOIN y IN (SELECT VALUE k.l FROM k IN c.kids)", []string{"c", "y"},
		func(doc value.Value) (all [][]value.Value) {
			for _, k := range elements(doc.Get("kids")) {
				for _, y := range elements(k.Get("l")) {
					all = append(all, []value.Value{doc, y})
				}
			}
			return all
		}},
	{"l IN c.kids[0].l", []string{"l"}, func(doc value.Value) (all [][]value.Value) {
		for _, l := range elements(doc.Get("kids").At(0).Get("l")) {
			all = append(all, []value.Value{l})
		}
		return all
	}},
	{"c.kids[1] x JOIN y IN x.l", []string{"x", "y"}, func(doc value.Value) (all [][]value.Value) {
		x := doc.Get("kids").At(1)
		for _, y := range elements(x.Get("l")) {
			all = append(all, []value.Value{x, y})
		}
		return all
	}},
}

// holdings are filters of the last alias.
var holdings = []struct {
	sql   string
	holds func(v value.Value) bool
}{
	{"true", func(value.Value) bool { return true }},
	{"%s = 2", func(v value.Value) bool { return value.Equal(v, value.Int(2)) }},
	{"%s != null", func(v value.Value) bool { return v.Kind() != value.KindNull }},
	{"%s > 1", func(v value.Value) bool { return v.Kind() == value.KindNumber && v.AsFloat() > 1 }},
	{"IS_OBJECT(%s)", func(v value.Value) bool { return v.Kind() == value.KindObject }},
	{"%s.k = 9", func(v value.Value) bool { return value.Equal(v.Get("k"), value.Int(9)) }},
	{"%s IN (1, 's', null)", func(v value.Value) bool {
		return value.Equal(v, value.Int(1)) || value.Equal(v, value.String("s")) || value.Equal(v, value.Null)
	}},
}

// TestJoinsAgainstLoops: FROM with joins gives what nested loops over each document give, in their order.
func TestJoinsAgainstLoops(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(71, 72))
	for range 25 {
		var docs []value.Value
		for i := range 1 + r.IntN(12) {
			docs = append(docs, parse(t, nestedDocument(r, i)))
		}
		for _, j := range fromClauses {
			last := j.aliases[len(j.aliases)-1]
			fields := make([]string, len(j.aliases))
			for i, a := range j.aliases {
				fields[i] = a + ": " + a
			}
			for _, h := range holdings {
				var want []string
				for _, doc := range docs {
					for _, row := range j.bind(doc) {
						if !h.holds(row[len(row)-1]) {
							continue
						}
						var members []value.Member
						for i, a := range j.aliases {
							members = append(members, value.Member{Name: a, Value: row[i]})
						}
						want = append(want, string(value.AppendJSON(nil, value.Object(members))))
					}
				}
				where := " FROM " + j.from + " WHERE " + strings.ReplaceAll(h.sql, "%s", last)
				requireRows(t, "SELECT VALUE {"+strings.Join(fields, ", ")+"}"+where, docs, want)
				requireRows(t, "SELECT VALUE COUNT(1)"+where, docs, []string{fmt.Sprint(len(want))})
			}
		}
	}
}

// TestSubqueriesAgainstLoops: what each kind of subquery makes of the elements that its filter leaves.
func TestSubqueriesAgainstLoops(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(73, 74))
	for range 40 {
		doc := parse(t, nestedDocument(r, 0))
		for _, h := range holdings {
			tags := elements(doc.Get("tags"))
			var kept []value.Value
			for _, v := range tags {
				if h.holds(v) {
					kept = append(kept, v)
				}
			}
			inner := "SELECT VALUE x FROM x IN c.tags WHERE " + strings.ReplaceAll(h.sql, "%s", "x")
			list := string(value.AppendJSON(nil, value.Array(kept)))
			some := fmt.Sprint(len(kept) > 0)
			first, last := "[]", "[]"
			if n := len(kept); n > 0 {
				first = string(value.AppendJSON(nil, value.Array(kept[:1])))
				last = string(value.AppendJSON(nil, value.Array(kept[n-1:])))
			}
			var distinct []value.Value
			for _, v := range kept {
				if !slices.ContainsFunc(distinct, func(w value.Value) bool { return value.Equal(v, w) }) {
					distinct = append(distinct, v)
				}
			}
			for expr, want := range map[string]string{
				"ARRAY(" + inner + ")":                                         list,
				"EXISTS(" + inner + ")":                                        some,
				"NOT EXISTS(" + inner + ")":                                    fmt.Sprint(len(kept) == 0),
				"[FIRST(" + inner + ")]":                                       first,
				"[LAST(" + inner + ")]":                                        last,
				"ARRAY_LENGTH(ARRAY(" + inner + "))":                           fmt.Sprint(len(kept)),
				strings.Replace("("+inner+")", "VALUE x", "VALUE COUNT(x)", 1): fmt.Sprint(len(kept)),
				strings.Replace("ARRAY("+inner+")", "SELECT", "SELECT DISTINCT", 1): string(
					value.AppendJSON(nil, value.Array(distinct))),
			} {
				requireRows(t, "SELECT VALUE "+expr+" FROM c", []value.Value{doc}, []string{want})
			}
			_, err := evaluate(t, "SELECT VALUE ("+inner+") FROM c", []value.Value{doc}, Options{})
			if len(kept) > 1 {
				require.ErrorContains(t, err, "cardinality of a scalar subquery", inner)
			} else {
				require.NoError(t, err, inner)
			}
		}
		// ALL holds unless an element breaks the filter; one that it is undefined for does not.
		broken := slices.ContainsFunc(elements(doc.Get("tags")), func(v value.Value) bool {
			return v.Kind() == value.KindNumber && v.AsFloat() <= 1
		})
		requireRows(t, "SELECT VALUE ALL(SELECT VALUE x FROM x IN c.tags WHERE x > 1) FROM c", []value.Value{doc},
			[]string{fmt.Sprint(!broken)})
	}
}

// TestAggregatesOfTheWrongQuery: an aggregate in the filter of a subquery is refused although a select list around it
// aggregates, for that one's aliases are not what the filter chooses among.
func TestAggregatesOfTheWrongQuery(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"SELECT VALUE {n: COUNT(1), e: ARRAY(SELECT VALUE x FROM x IN c.l WHERE MAX(x) > 1)} FROM c GROUP BY c.l",
		"SELECT VALUE {n: COUNT(1), e: EXISTS(SELECT VALUE x FROM x IN c.l WHERE COUNT(x) > 1)} FROM c GROUP BY c.l",
		"SELECT VALUE ARRAY(SELECT VALUE x FROM x IN c.l WHERE SUM(x) > 1) FROM c",
	} {
		_, err := compile(query, Options{})
		require.ErrorContains(t, err, "only allowed in the SELECT clause", query)
	}
}
