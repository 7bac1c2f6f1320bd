package queryplan

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the gateway serialises, whole.
const gatewayPlan = `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{
 "distinctType":"None","top":null,"offset":0,"limit":2,"orderBy":["Ascending"],"orderByExpressions":["c.n"],
 "groupByExpressions":[],"groupByAliases":[],"aggregates":[],
 "groupByAliasToAggregateType":{},"rewrittenQuery":"SELECT 1","hasSelectValue":true,
 "dCountInfo":null,"hasNonStreamingOrderBy":false},
 "queryRanges":[{"min":"","max":"1F","isMinInclusive":true,"isMaxInclusive":false},
 {"min":"2A","max":"2A","isMinInclusive":true,"isMaxInclusive":true}],
 "hybridSearchQueryInfo":null}`

func TestPlanOfTheGateway(t *testing.T) {
	t.Parallel()
	var p Plan
	require.NoError(t, json.Unmarshal([]byte(gatewayPlan), &p))
	require.Equal(t, Version, p.Version)
	require.Nil(t, p.Hybrid)
	require.Nil(t, p.Info.Top)
	require.EqualValues(t, 2, *p.Info.Limit)
	require.Equal(t, []string{Ascending}, p.Info.OrderBy)
	require.True(t, p.Info.HasSelectValue)
	require.False(t, p.Info.NonStreamingOrderBy)
	require.Equal(t, []Range{{"", "1F", true, false}, {"2A", "2A", true, true}}, p.Ranges)
	again, err := json.Marshal(p)
	require.NoError(t, err)
	require.JSONEq(t, gatewayPlan, string(again))
}

// The service's own library writes numbers for flags, leaves nulls out, and ranges of partition key values.
func TestPlanOfTheLibrary(t *testing.T) {
	t.Parallel()
	part := Range{"2A", "2B", true, false}
	tests := []struct {
		name, ranges string
		want         []Range
	}{
		{"everything", `[{"min":[],"max":"Infinity","isMinInclusive":1,"isMaxInclusive":0}]`, FullRange()},
		{"one value", `[{"min":[5.0],"max":[5.0],"isMinInclusive":1,"isMaxInclusive":1}]`, FullRange()},
		{"two values, searched once", `[{"min":["a"],"max":["a"]},{"min":["b"],"max":["b"]}]`, FullRange()},
		{"hashes, flags as numbers", `[{"min":"2A","max":"2B","isMinInclusive":1,"isMaxInclusive":0}]`, []Range{part}},
		{"a mixture", `[{"min":"2A","max":"2B","isMinInclusive":true},{"min":[],"max":"Infinity"}]`, FullRange()},
		{"none", `[]`, []Range{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var p Plan
			text := `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"hasSelectValue":1,` +
				`"hasNonStreamingOrderBy":0,"top":3},"queryRanges":` + tt.ranges + `}`
			require.NoError(t, json.Unmarshal([]byte(text), &p))
			require.Equal(t, tt.want, p.Ranges)
			require.True(t, p.Info.HasSelectValue)
			require.False(t, p.Info.NonStreamingOrderBy)
			require.EqualValues(t, 3, *p.Info.Top)
		})
	}
}

func TestPlanThatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[]`, `{"queryInfo":{"hasSelectValue":2}}`,
		`{"queryRanges":[{"isMinInclusive":"yes"}]}`, `{"queryInfo":[]}`} {
		require.Error(t, json.Unmarshal([]byte(text), &Plan{}), text)
	}
}
