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

// ordered sorts documents as ORDER BY over paths with directions does: equals stay in the order of the documents, and
// are the other way round where the first key descends.
func ordered(docs []value.Value, names []string, desc []bool) []value.Value {
	sorted := slices.Clone(docs)
	if desc[0] {
		slices.Reverse(sorted)
	}
	slices.SortStableFunc(sorted, func(a, b value.Value) int {
		for i, name := range names {
			c := value.Compare(a.Get(name), b.Get(name))
			if desc[i] {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return sorted
}

func placesOf(docs []value.Value) []string {
	var all []string
	for _, doc := range docs {
		all = append(all, string(value.AppendJSON(nil, doc.Get("i"))))
	}
	return all
}

func cut(rows []string, skip, take int) []string {
	rows = rows[min(skip, len(rows)):]
	return rows[:min(take, len(rows))]
}

// TestOrderedPagesAgainstASort: ORDER BY of one to three keys of every type, with a filter, and every part of it that
// TOP, OFFSET and LIMIT cut out. Enough documents for rows to be dropped on the way where few are wanted.
func TestOrderedPagesAgainstASort(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(81, 82))
	for round := range 30 {
		var docs []value.Value
		for i := range 40 + r.IntN(260) {
			docs = append(docs, randomDocument(t, r, i))
		}
		names := [][]string{{"a"}, {"b", "a"}, {"a", "b", "i"}}[r.IntN(3)]
		desc := make([]bool, len(names))
		var keys []string
		for i, name := range names {
			desc[i] = r.IntN(2) == 0
			direction := pick1(r, []string{"", " ASC"})
			if desc[i] {
				direction = " DESC"
			}
			keys = append(keys, "c."+name+direction)
		}
		kept, where := docs, ""
		if r.IntN(2) == 0 {
			where = " WHERE IS_DEFINED(c.b)"
			kept = slices.DeleteFunc(slices.Clone(docs), func(d value.Value) bool { return !d.Get("b").IsDefined() })
		}
		tail := " FROM c" + where + " ORDER BY " + strings.Join(keys, ", ")
		want := placesOf(ordered(kept, names, desc))
		requireRows(t, "SELECT VALUE c.i"+tail, docs, want)
		for range 6 {
			skip, take := r.IntN(len(want)+3), r.IntN(12)
			requireRows(t, fmt.Sprintf("SELECT VALUE c.i%s OFFSET %d LIMIT %d", tail, skip, take), docs,
				cut(want, skip, take))
			requireRows(t, fmt.Sprintf("SELECT TOP %d VALUE c.i%s", take, tail), docs, cut(want, 0, take))
		}
		// DISTINCT takes rows away before they are counted.
		var different []string
		for _, doc := range ordered(kept, names[:1], desc) {
			v := string(value.AppendJSON(nil, doc.Get(names[0])))
			if v != "" && !slices.Contains(different, v) {
				different = append(different, v)
			}
		}
		name := "c." + names[0]
		requireRows(t, fmt.Sprintf("SELECT DISTINCT VALUE %s FROM c%s ORDER BY %s OFFSET 1 LIMIT 4", name, where,
			keys[0]), docs, cut(different, 1, 4))
		require.NotEmpty(t, want, round)
	}
}

// TestGroupsInOrder: ORDER BY of a grouping query sorts groups by keys, aggregates and what is made of them; groups
// that are equal stay in the order in which they were met.
func TestGroupsInOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(83, 84))
	for range 20 {
		var docs []value.Value
		type group struct {
			key     value.Value
			n, sum  int
			highest int
		}
		var groups []*group
		for i := range r.IntN(60) {
			key, m := pick1(r, sampleValues), r.IntN(5)
			text := fmt.Sprintf(`{"i":%d,"m":%d`, i, m)
			if key != "" {
				text += `,"k":` + key
			}
			doc := parse(t, text+"}")
			docs = append(docs, doc)
			at := slices.IndexFunc(groups, func(g *group) bool { return value.Equal(g.key, doc.Get("k")) })
			if at < 0 {
				at = len(groups)
				groups = append(groups, &group{key: doc.Get("k")})
			}
			g := groups[at]
			g.n, g.sum, g.highest = g.n+1, g.sum+m, max(g.highest, m)
		}
		for order, compare := range map[string]func(a, b *group) int{
			"":              func(a, b *group) int { return 0 },
			" ORDER BY c.k": func(a, b *group) int { return value.Compare(a.key, b.key) },
			" ORDER BY COUNT(1), c.k DESC": func(a, b *group) int {
				return 2*signOf(a.n-b.n) - value.Compare(a.key, b.key)
			},
			" ORDER BY n, c.k": func(a, b *group) int {
				return 2*signOf(a.n-b.n) + value.Compare(a.key, b.key)
			},
			" ORDER BY SUM(c.m) - MAX(c.m)": func(a, b *group) int { return a.sum - a.highest - b.sum + b.highest },
			" ORDER BY MAX(c.m), SUM(c.m), c.k": func(a, b *group) int {
				return 4*signOf(a.highest-b.highest) + 2*signOf(a.sum-b.sum) + value.Compare(a.key, b.key)
			},
		} {
			sorted := slices.Clone(groups)
			slices.SortStableFunc(sorted, compare)
			var want []string
			for _, g := range sorted {
				members := []value.Member{{Name: "n", Value: value.Int(int64(g.n))},
					{Name: "s", Value: value.Int(int64(g.sum))}}
				if g.key.IsDefined() {
					members = append([]value.Member{{Name: "k", Value: g.key}}, members...)
				}
				want = append(want, string(value.AppendJSON(nil, value.Object(members))))
			}
			query := "SELECT c.k, COUNT(1) AS n, SUM(c.m) AS s FROM c GROUP BY c.k" + order
			requireRows(t, query, docs, want)
			requireRows(t, query+" OFFSET 1 LIMIT 3", docs, cut(want, 1, 3))
		}
	}
}

func signOf(n int) int { return min(1, max(-1, n)) }

// TestCountsAsParameters: TOP, OFFSET and LIMIT take a parameter that is a whole number of 32 bits without a sign, in
// whatever form, and say what is wrong with any other.
func TestCountsAsParameters(t *testing.T) {
	t.Parallel()
	docs := documents(t, shop)
	for text, n := range map[string]int{"0": 0, "1": 1, "2.0": 2, "3e0": 3, "-0": 0, "6": 6, "4294967295": 6} {
		o := Options{Params: params(t, "@n", text)}
		all := mustEvaluate(t, "SELECT VALUE c.id FROM c", docs, Options{})
		require.Equal(t, all[:n], mustEvaluate(t, "SELECT TOP @n VALUE c.id FROM c", docs, o), text)
		require.Equal(t, all[:n], mustEvaluate(t, "SELECT VALUE c.id FROM c OFFSET 0 LIMIT @n", docs, o), text)
		require.Equal(t, all[n:], mustEvaluate(t, "SELECT VALUE c.id FROM c OFFSET @n LIMIT 9", docs, o), text)
	}
	for _, text := range []string{"-1", "0.5", "4294967296", "1e300", `"1"`, "null", "true", "[1]", "{}"} {
		o := Options{Params: params(t, "@n", text)}
		for query, code := range map[string]string{
			"SELECT TOP @n * FROM c":              codeTop,
			"SELECT * FROM c OFFSET @n LIMIT 1":   codeOffset,
			"SELECT * FROM c OFFSET 1 LIMIT @n":   codeLimit,
			"SELECT DISTINCT TOP @n c.id FROM c":  codeTop,
			"SELECT * FROM c OFFSET @no LIMIT @n": codeLimit,
		} {
			_, err := compile(query, o)
			require.Contains(t, codes(err), code, "%s with %s: %v", query, text, err)
		}
	}
}
