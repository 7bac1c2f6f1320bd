package cosmos_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

// TestExplainAnalyze: what stages and targets did adds up to the result, through both fronts.
func TestExplainAnalyze(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t, cosmostest.Partitions(4)).Container("/pk")
	db, err := sql.Open("cosmos", c.DSN())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	items := client.Database(c.Database).Container(c.ID)
	for n := range 60 {
		_, err := items.CreateItem(t.Context(),
			map[string]any{"id": fmt.Sprint(n), "pk": fmt.Sprint(n), "n": n, "city": "Oslo"})
		require.NoError(t, err)
	}
	for _, tc := range []struct {
		query     string
		access    string
		rows      int64
		stageRows []int64
		targets   int
		answered  int64 // rows of all targets; negative: any number
	}{
		{"SELECT * FROM c", "fan-out", 60, []int64{60}, 4, 60},
		{"SELECT * FROM c WHERE c.pk = '7'", "one partition", 1, []int64{1}, 1, 1},
		{"SELECT * FROM c WHERE c.pk = '7' AND c.id = '7'", "point read", 1, []int64{1}, 1, 1},
		{"SELECT VALUE c.n FROM c ORDER BY c.n", "planned", 60, []int64{60}, 4, 60},
		{"SELECT VALUE COUNT(1) FROM c", "planned", 1, []int64{4, 1}, 4, 4},
		{"SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 5 LIMIT 10", "planned", 10, []int64{-1, -1, 10}, 4, -1},
	} {
		var stats cosmos.Stats
		a, err := items.ExplainAnalyze(cosmos.WithStats(t.Context(), &stats), tc.query)
		require.NoError(t, err, tc.query)
		require.Equal(t, tc.access, a.Access, tc.query)
		require.Equal(t, tc.rows, a.Rows, tc.query)
		require.Len(t, a.StageRows, len(a.Stages), tc.query)
		require.Len(t, a.StageRows, len(tc.stageRows), "%s: %v", tc.query, a.Stages)
		for i, n := range tc.stageRows {
			if n >= 0 {
				require.Equal(t, n, a.StageRows[i], "%s: %s", tc.query, a.Stages[i])
			}
		}
		require.Len(t, a.Work, tc.targets, tc.query)
		var answered int64
		var charge float64
		for _, w := range a.Work {
			answered += w.Rows
			charge += w.RequestCharge
		}
		if tc.answered >= 0 {
			require.Equal(t, tc.answered, answered, tc.query)
		}
		require.InDelta(t, a.RequestCharge, charge, 1e-9, tc.query)
		require.LessOrEqual(t, a.RequestCharge, stats.Snapshot().RequestCharge+1e-9, tc.query)
	}

	a, err := items.ExplainAnalyze(t.Context(), "SELECT * FROM c WHERE c.city = 'Oslo' AND CONTAINS(c.id, '1')")
	require.NoError(t, err)
	require.NotEmpty(t, a.Indexes.Used)
	require.Equal(t, "QA1002", a.Advice[0].ID)
	require.Contains(t, a.String(), "index used: /city/?")
	require.Contains(t, a.String(), "advice: QA1002: CONTAINS looks at every value of the property")

	rows, err := db.QueryContext(t.Context(),
		"EXPLAIN ANALYZE SELECT VALUE c.n FROM "+c.ID+" c WHERE c.n < @most ORDER BY c.n", sql.Named("most", 5))
	require.NoError(t, err)
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		lines = append(lines, line)
	}
	require.NoError(t, rows.Err())
	require.Equal(t, "access: planned", lines[0])
	require.Contains(t, lines[1], "result: 5 rows")
	require.Contains(t, strings.Join(lines, "\n"), "└─ merge by")
}

// EXPLAIN says what could be written better without asking the service, and EXPLAIN ANALYZE which index is missing.
func TestExplainAdvises(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t, cosmostest.Partitions(2), cosmostest.WithoutCompositeIndexes()).Container("/pk")
	db, err := sql.Open("cosmos", c.DSN()+";Container="+c.ID)
	require.NoError(t, err)
	defer db.Close()
	plan := func(text string) (lines []string) {
		rows, err := db.QueryContext(t.Context(), text)
		require.NoError(t, err, text)
		defer rows.Close()
		for rows.Next() {
			var line string
			require.NoError(t, rows.Scan(&line))
			lines = append(lines, line)
		}
		require.NoError(t, rows.Err())
		return lines
	}
	require.Contains(t, plan("EXPLAIN SELECT * FROM c WHERE UPPER(c.name) = 'X' AND c.at < GetCurrentDateTime()"),
		"advice: QA1007: GetCurrentDateTime is computed for every document: GetCurrentDateTimeStatic has one value "+
			"for the whole query, which an index serves")
	require.NotContains(t, strings.Join(plan("EXPLAIN SELECT * FROM c WHERE c.a = 1"), "\n"), "advice")
	require.Contains(t, plan("EXPLAIN ANALYZE SELECT * FROM c ORDER BY c.city, c.n DESC"),
		`index missing: /city ASC, /n DESC (impact high): add [{"path":"/city","order":"ascending"},`+
			`{"path":"/n","order":"descending"}] to the compositeIndexes of the indexing policy`)
	client := cosmos.Advice{ID: "QA2000", Params: []string{"x"}}
	require.Equal(t, "QA2000: x", client.String(), "a rule that is newer than the client")
}

// TestQueryMetrics: asked for, they stand in every page's response and in the sum of a context; not asked for, nowhere.
func TestQueryMetrics(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t, cosmostest.Partitions(2)).Container("/pk")
	client := connect(t, c.Server(), nil)
	items := client.Database(c.Database).Container(c.ID)
	for n := range 20 {
		_, err := items.CreateItem(t.Context(), map[string]any{"id": fmt.Sprint(n), "pk": fmt.Sprint(n)})
		require.NoError(t, err)
	}
	var stats cosmos.Stats
	for _, err := range cosmos.Query[json.RawMessage](cosmos.WithStats(t.Context(), &stats), items, "SELECT * FROM c",
		cosmos.QueryMetrics(true), cosmos.IndexMetrics(true)) {
		require.NoError(t, err)
	}
	u := stats.Snapshot()
	require.EqualValues(t, 20, u.QueryMetrics.OutputDocuments)
	require.Positive(t, u.QueryMetrics.RetrievedBytes)

	pager := items.NewPager("SELECT * FROM c WHERE c.pk = '1'", cosmos.QueryMetrics(true))
	defer pager.Close()
	page, err := pager.Next(t.Context())
	require.NoError(t, err)
	m, told := page.Response.QueryExecution()
	require.True(t, told)
	require.EqualValues(t, 1, m.OutputDocuments)
	pager = items.NewPager("SELECT * FROM c WHERE c.pk = '1'")
	defer pager.Close()
	page, err = pager.Next(t.Context())
	require.NoError(t, err)
	_, told = page.Response.QueryExecution()
	require.False(t, told)
	_, told = page.Response.IndexUtilization()
	require.False(t, told)
}
