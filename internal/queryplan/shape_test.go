package queryplan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// TestCountDistinct: only a query that does nothing but count the rows of DISTINCT is merged by counting them; with
// anything beside that the count would be another.
func TestCountDistinct(t *testing.T) {
	t.Parallel()
	const rows = "(SELECT DISTINCT VALUE c.a FROM c)"
	for text, want := range map[string]bool{
		"SELECT VALUE COUNT(1) FROM " + rows:                                            true,
		"SELECT COUNT(1) AS n FROM " + rows + " AS x":                                   true,
		"SELECT VALUE count('x') FROM " + rows:                                          true,
		"SELECT VALUE COUNT(null) FROM " + rows:                                         true,
		"SELECT VALUE COUNT(x) FROM " + rows + " AS x":                                  true,
		"SELECT VALUE COUNT(undefined) FROM " + rows:                                    false,
		"SELECT VALUE COUNT(y) FROM " + rows + " AS x":                                  false,
		"SELECT VALUE COUNT(x.b) FROM " + rows + " AS x":                                false,
		"SELECT VALUE SUM(x) FROM " + rows + " AS x":                                    false,
		"SELECT VALUE udf.COUNT(1) FROM " + rows:                                        false,
		"SELECT VALUE COUNT(1) FROM x IN " + rows:                                       false,
		"SELECT VALUE COUNT(1) FROM c":                                                  false,
		"SELECT COUNT(1) AS n, 1 AS one FROM " + rows:                                   false,
		"SELECT DISTINCT VALUE COUNT(1) FROM " + rows:                                   false,
		"SELECT TOP 1 VALUE COUNT(1) FROM " + rows:                                      false,
		"SELECT VALUE COUNT(1) FROM " + rows + " x WHERE x > 1":                         false,
		"SELECT VALUE COUNT(1) FROM " + rows + " x GROUP BY x":                          false,
		"SELECT VALUE COUNT(1) FROM " + rows + " x ORDER BY x":                          false,
		"SELECT VALUE COUNT(1) FROM " + rows + " OFFSET 1 LIMIT 1":                      false,
		"SELECT VALUE COUNT(1) FROM " + rows + " x JOIN t IN x.tags":                    false,
		"SELECT VALUE COUNT(1) FROM (SELECT VALUE c.a FROM c)":                          false,
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.a FROM c GROUP BY c.a)":          false,
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE COUNT(1) FROM c)":            false,
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.a, t FROM c JOIN t IN c.t) AS x": true,
	} {
		inner := queryplan.CountDistinct(parse(t, text))
		require.Equal(t, want, inner != nil, text)
		if want {
			require.True(t, inner.Distinct, text)
		}
	}
}

// TestSequentialQueries: one partition can give a query page by page where a row depends on none before it, but for
// their order and number.
func TestSequentialQueries(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"SELECT * FROM c": true,
		"SELECT TOP 5 c.a FROM c WHERE c.b > 1 ORDER BY c.a, c.b DESC OFFSET 1 LIMIT 2": true,
		"SELECT VALUE (SELECT VALUE COUNT(1) FROM t IN c.tags) FROM c":                  true,
		"SELECT VALUE ARRAY(SELECT DISTINCT VALUE t FROM t IN c.tags) FROM c":           true,
		"SELECT VALUE x FROM (SELECT VALUE c.a FROM c) x":                               true,
		"SELECT VALUE udf.COUNT(c.a) FROM c ORDER BY udf.VectorDistance(c.v, [1])":      true,
		"SELECT DISTINCT c.a FROM c":                                                    false,
		"SELECT c.a FROM c GROUP BY c.a":                                                false,
		"SELECT ABS(SUM(c.a)) AS s FROM c":                                              false,
		"SELECT TOP 1 * FROM c ORDER BY vectordistance(c.v, [1])":                       false,
		"SELECT TOP 1 * FROM c ORDER BY RANK FullTextScore(c.t, 'a')":                   false,
		"SELECT VALUE x FROM (SELECT DISTINCT VALUE c.a FROM c) x":                      false,
		"SELECT VALUE y FROM (SELECT VALUE x FROM (SELECT VALUE MAX(c.a) FROM c) x) y":  false,
	} {
		q := parse(t, text)
		require.Equal(t, want, queryplan.Sequential(q), text)
		sorted := len(q.OrderBy) > 0 || q.Top != nil || q.Limit != nil
		require.Equal(t, want && !sorted, queryplan.Independent(q), text)
	}
}

// TestVectorOrder: the one key that a query sorts by, whatever stands around it.
func TestVectorOrder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT TOP 1 * FROM c ORDER BY VectorDistance(c.v, @v)":            "VectorDistance(c.v, @v)",
		"SELECT TOP 1 * FROM c ORDER BY VECTORDISTANCE(c.v, @v) DESC":       "VECTORDISTANCE(c.v, @v)",
		"SELECT TOP 1 * FROM c ORDER BY c.a":                                "",
		"SELECT TOP 1 * FROM c ORDER BY VectorDistance(c.v, @v), c.a":       "",
		"SELECT TOP 1 * FROM c ORDER BY -VectorDistance(c.v, @v)":           "",
		"SELECT TOP 1 * FROM c ORDER BY udf.VectorDistance(c.v, @v)":        "",
		"SELECT TOP 1 * FROM c ORDER BY RANK VectorDistance(c.v, @v)":       "",
		"SELECT TOP 1 VectorDistance(c.v, @v) AS score FROM c":              "",
		"SELECT TOP 1 * FROM c WHERE VectorDistance(c.v, @v) > 0.5":         "",
		"SELECT c.id FROM c ORDER BY VectorDistance(c.v, @v, true, {a: 1})": `VectorDistance(c.v, @v, true, {"a": 1})`,
	} {
		call, got := queryplan.VectorOrder(parse(t, text)), ""
		if call != nil {
			got = nosql.Print(call)
		}
		require.Equal(t, want, got, text)
	}
}

func TestAggregateNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"count(1)":      "Count",
		"SUM(c.a)":      "Sum",
		"Avg(c.a)":      "Average",
		"MIN(c.a)":      "Min",
		"MAX(c.a)":      "Max",
		"COUNTIF(c.a)":  "CountIf",
		"MAKELIST(c.a)": "MakeList",
		"MAKESET(c.a)":  "MakeSet",
		"udf.COUNT(1)":  "",
		"ABS(c.a)":      "",
		"c.count":       "",
	} {
		x, err := nosql.ParseExpr(text, nosql.Cosmos)
		require.NoError(t, err)
		require.Equal(t, want, queryplan.Aggregate(x), text)
		require.Equal(t, want != "", queryplan.HasAggregate(x), text)
	}
	x, err := nosql.ParseExpr("[1, {a: ABS(COUNT(1))}]", nosql.Cosmos)
	require.NoError(t, err)
	require.True(t, queryplan.HasAggregate(x))
}

func TestPlanParams(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"SELECT * FROM c WHERE c.a = @a ORDER BY c.b":                         nil,
		"SELECT TOP @n * FROM c WHERE c.a = @a":                               {"@n"},
		"SELECT * FROM c WHERE c.a = @a OFFSET @o LIMIT @l":                   {"@o", "@l"},
		"SELECT TOP 1 * FROM c ORDER BY VectorDistance(c.v, @v, false, @how)": {"@how"},
		"SELECT TOP 1 * FROM c ORDER BY RANK RRF(VectorDistance(c.v, @v, false, @how), FullTextScore(c.t, @w))": {
			"@how",
		},
		"SELECT TOP 1 * FROM c ORDER BY RANK RRF(FullTextScore(c.t, @w), FullTextScore(c.u, @w), [@x, @y])": {
			"@x", "@y",
		},
		"SELECT TOP 1 * FROM c ORDER BY RANK RRF(FullTextScore(c.t, @w), FullTextScore(c.u, @w), @weights)": {
			"@weights",
		},
	} {
		require.Equal(t, want, queryplan.PlanParams(parse(t, text)), text)
	}
}
