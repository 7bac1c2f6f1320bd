package planner_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// TestPlansAsRecorded holds whole plans to what a hosted account answered to queries of the same form, to the byte. The
// numbers are those of the recorded exchanges.
func TestPlansAsRecorded(t *testing.T) {
	t.Parallel()
	const (
		head = `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{`
		tail = `,"dCountInfo":null,"hasNonStreamingOrderBy":false},` +
			`"queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}],` +
			`"hybridSearchQueryInfo":null}`
		none    = `"distinctType":"None","top":null,"offset":null,"limit":null,`
		noOrder = `"orderBy":[],"orderByExpressions":[],`
		noGroup = `"groupByExpressions":[],"groupByAliases":[],`
		noAggs  = `"aggregates":[],"groupByAliasToAggregateType":{},`
	)
	for _, tc := range []struct{ name, query, plan string }{
		{
			"59 projection", "SELECT c.sku, c.price FROM c",
			none + noOrder + noGroup + noAggs + `"rewrittenQuery":"","hasSelectValue":false`,
		},
		{
			"92 TOP of a parameter", "SELECT TOP @two c.sku FROM c",
			`"distinctType":"None","top":2,"offset":null,"limit":null,` + noOrder + noGroup + noAggs +
				`"rewrittenQuery":"","hasSelectValue":false`,
		},
		{
			"93 page of parameters", "SELECT c.sku FROM c ORDER BY c.sku OFFSET @two LIMIT @three",
			`"distinctType":"None","top":null,"offset":2,"limit":3,"orderBy":["Ascending"],` +
				`"orderByExpressions":["c.sku"],` + noGroup + noAggs +
				`"rewrittenQuery":"SELECT c._rid, [{\"item\": c.sku}] AS orderByItems, {\"sku\": c.sku} AS ` +
				`payload\nFROM c\n` +
				`WHERE ({documentdb-formattableorderbyquery-filter})\nORDER BY c.sku\nOFFSET 0 ` +
				`LIMIT 5","hasSelectValue":false`,
		},
		{
			"95 COUNT", "SELECT VALUE COUNT(1) FROM c",
			none + noOrder + noGroup + `"aggregates":["Count"],"groupByAliasToAggregateType":{},` +
				`"rewrittenQuery":"SELECT VALUE [{\"item\": COUNT(1)}]\nFROM c","hasSelectValue":true`,
		},
		{
			"106 two keys", "SELECT c.sku, c.price FROM c ORDER BY c.price, c.sku",
			none + `"orderBy":["Ascending","Ascending"],"orderByExpressions":["c.price","c.sku"],` + noGroup + noAggs +
				`"rewrittenQuery":"SELECT c._rid, [{\"item\": c.price},` +
				` {\"item\": c.sku}] AS orderByItems, {\"sku\": c.sku, \"price\": c.price} AS payload\nFROM c\n` +
				`WHERE ({documentdb-formattableorderbyquery-filter})\nORDER BY c.price, c.sku","hasSelectValue":false`,
		},
		{
			"115 groups in order", "SELECT c.kind, COUNT(1) AS n FROM c GROUP BY c.kind ORDER BY c.kind",
			none + noOrder + `"groupByExpressions":["c.kind"],"groupByAliases":["kind","n"],"aggregates":[],` +
				`"groupByAliasToAggregateType":{"kind":null,"n":"Count"},` +
				`"rewrittenQuery":"SELECT [{\"item\": c.kind}] AS groupByItems, {\"kind\": c.kind, \"n\": {\"item\": ` +
				`COUNT(1)}} AS payload\nFROM c\n` +
				`GROUP BY c.kind\nORDER BY c.kind","hasSelectValue":false`,
		},
		{
			"119 TOP with an order", "SELECT TOP 2 c.sku FROM c ORDER BY c.sku",
			`"distinctType":"None","top":2,"offset":null,"limit":null,"orderBy":["Ascending"],` +
				`"orderByExpressions":["c.sku"],` + noGroup + noAggs +
				`"rewrittenQuery":"SELECT TOP 2 c._rid, [{\"item\": c.sku}] AS orderByItems, {\"sku\": c.sku} AS ` +
				`payload\nFROM c\n` +
				`WHERE ({documentdb-formattableorderbyquery-filter})\nORDER BY c.sku","hasSelectValue":false`,
		},
		{
			"123 DISTINCT VALUE", "SELECT DISTINCT VALUE c.kind FROM c",
			`"distinctType":"Unordered","top":null,"offset":null,"limit":null,` + noOrder + noGroup + noAggs +
				`"rewrittenQuery":"","hasSelectValue":true`,
		},
		{
			"215 DISTINCT TOP", "SELECT DISTINCT TOP 3 c.kind FROM c",
			`"distinctType":"Unordered","top":3,"offset":null,"limit":null,` + noOrder + noGroup + noAggs +
				`"rewrittenQuery":"SELECT DISTINCT c.kind\nFROM c","hasSelectValue":false`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, head+tc.plan+tail,
				planner.ErrorInfo(parse(t, tc.query), options("@two", "2", "@three", "3")))
		})
	}
}

// What the rows of a grouping query are sorted by is put into what partitions are asked, where its aliases are gone.
func TestPlanOfGroupsInTheOrderOfAnAlias(t *testing.T) {
	t.Parallel()
	q := parse(t, "SELECT c.kind AS k, COUNT(1) AS n FROM c GROUP BY c.kind ORDER BY n DESC, k")
	plan, err := planner.Plan(q, options())
	require.NoError(t, err)
	require.Equal(t, "SELECT [{\"item\": c.kind}] AS groupByItems, {\"k\": c.kind, \"n\": {\"item\": COUNT(1)}} AS "+
		"payload\nFROM c\n"+
		"GROUP BY c.kind\nORDER BY COUNT(1) DESC, c.kind", plan.Info.RewrittenQuery)
	require.Equal(t, "n", nosql.Print(q.OrderBy[0].X), "the query itself stays as it is")
}

// Without FROM there is one row and nothing to merge, whatever an aggregate stands in.
func TestPlanOfAggregatesWithoutFrom(t *testing.T) {
	t.Parallel()
	q := parse(t, "SELECT VALUE {n: COUNT(1), m: COUNT(2 + 3)}")
	plan, err := planner.Plan(q, options())
	require.NoError(t, err)
	require.Empty(t, plan.Info.RewrittenQuery)
	require.Empty(t, plan.Info.Aggregates)
	ok, _ := planner.Servable(q)
	require.True(t, ok)
	_, err = planner.Plan(parse(t, "SELECT VALUE {n: COUNT(1)} FROM c"), options())
	require.ErrorContains(t, err, "Compositions of aggregates")
}
