package queryplan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// TestClausesThatAPlanLeavesOut holds plans against texts: what none of them mentions, nobody would do.
func TestClausesThatAPlanLeavesOut(t *testing.T) {
	t.Parallel()
	n, count := int64(1), "Count"
	for _, tt := range []struct {
		text string
		info queryplan.Info
		want string
	}{
		{"SELECT * FROM c", queryplan.Info{}, ""},
		{"SELECT * FROM c ORDER BY c.a", queryplan.Info{}, "ORDER BY"},
		{"SELECT * FROM c ORDER BY c.a", queryplan.Info{OrderBy: []string{"Ascending"}}, ""},
		{"SELECT TOP 1 * FROM c", queryplan.Info{}, "TOP"},
		{"SELECT TOP 1 * FROM c", queryplan.Info{Top: &n}, ""},
		{"SELECT TOP 1 * FROM c", queryplan.Info{Limit: &n}, ""},
		{"SELECT * FROM c OFFSET 1 LIMIT 1", queryplan.Info{Offset: &n}, "LIMIT"},
		{"SELECT * FROM c OFFSET 1 LIMIT 1", queryplan.Info{Limit: &n}, "OFFSET"},
		{"SELECT * FROM c OFFSET 1 LIMIT 1", queryplan.Info{Limit: &n, Offset: &n}, ""},
		{"SELECT DISTINCT c.a FROM c", queryplan.Info{DistinctType: queryplan.DistinctNone}, "DISTINCT"},
		{"SELECT DISTINCT c.a FROM c", queryplan.Info{DistinctType: queryplan.DistinctUnordered}, ""},
		{"SELECT VALUE COUNT(1) FROM c", queryplan.Info{}, "an aggregate"},
		{"SELECT VALUE COUNT(1) FROM c", queryplan.Info{Aggregates: []string{"Count"}}, ""},
		{"SELECT COUNT(1) AS n FROM c ORDER BY c.a",
			queryplan.Info{AliasToAggregate: map[string]*string{"n": &count}}, ""},
		{"SELECT c.a FROM c GROUP BY c.a", queryplan.Info{}, "GROUP BY"},
		{"SELECT c.a FROM c GROUP BY c.a ORDER BY c.a", queryplan.Info{GroupByExpressions: []string{"c.a"}}, ""},
		{"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.a FROM c)", queryplan.Info{Aggregates: []string{"Count"}},
			"COUNT of DISTINCT"},
		{"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.a FROM c)",
			queryplan.Info{DCount: &queryplan.DCount{}}, ""},
		{"SELECT * FROM c ORDER BY RANK FullTextScore(c.a, 'b')", queryplan.Info{OrderBy: []string{"Descending"}},
			"ORDER BY RANK"},
	} {
		require.Equal(t, tt.want, (&queryplan.Plan{Version: 2, Info: &tt.info}).Omits(parse(t, tt.text)), tt.text)
	}
	hybrid := &queryplan.Plan{Version: 2, Hybrid: &queryplan.Hybrid{}}
	require.Equal(t, "TOP or LIMIT",
		hybrid.Omits(parse(t, "SELECT TOP 5 * FROM c ORDER BY RANK FullTextScore(c.a, 'b')")))
	hybrid.Hybrid.Take = &n
	require.Empty(t, hybrid.Omits(parse(t, "SELECT TOP 5 * FROM c ORDER BY RANK FullTextScore(c.a, 'b')")))
}

func TestOrderOfGroups(t *testing.T) {
	t.Parallel()
	const from = " FROM c GROUP BY c.a, UPPER(c.b) ORDER BY "
	for text, want := range map[string]queryplan.GroupKey{
		"SELECT c.a, COUNT(1) AS n" + from + "c.a":              {Item: 0},
		"SELECT c.a" + from + "UPPER(c.b) DESC":                 {Item: 1, Descending: true},
		"SELECT c.a AS x" + from + "x":                          {Item: 0},
		"SELECT c.a, COUNT(1) AS n" + from + "n DESC":           {Item: -1, Column: 1, Descending: true},
		"SELECT c.a, COUNT(1) AS n" + from + "COUNT( 1 )":       {Item: -1, Column: 1},
		"SELECT c.a" + from + "c.a.b.d":                         {Item: 0, Path: []string{"b", "d"}},
		"SELECT VALUE MAX(c.n)" + from + "MAX(c.n)":             {Item: -1},
		"SELECT UPPER(c.b) AS b, LENGTH(c.a) AS l" + from + "l": {Item: -1, Column: 1},
	} {
		got, err := queryplan.GroupOrder(parse(t, text))
		require.NoError(t, err, text)
		require.Equal(t, []queryplan.GroupKey{want}, got, text)
	}
	got, err := queryplan.GroupOrder(parse(t, "SELECT * FROM c ORDER BY c.a"))
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = queryplan.GroupOrder(parse(t, "SELECT c.a"+from+"SUM(c.n)"))
	require.ErrorContains(t, err, "cannot be sorted by SUM(c.n), which is neither a key of the groups nor in the "+
		"select list; add it there: SELECT …, SUM(c.n) AS x")
}
