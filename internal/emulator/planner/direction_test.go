package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// TestDirectionOfDistances: the least euclidean distance is the best and the largest of any other measure, whichever
// way the measure is said: in the options of the call, written or in parameters, before the container's policy.
func TestDirectionOfDistances(t *testing.T) {
	t.Parallel()
	const up, down = queryplan.Ascending, queryplan.Descending
	o := options("@f", `"euclidean"`, "@cosine", `"cosine"`, "@n", "5", "@o", `{"distanceFunction":"Euclidean"}`,
		"@other", `{"dataType":"euclidean"}`)
	o.Distance = func(path []string) string {
		return map[string]string{"near": "euclidean"}[strings.Join(path, "/")]
	}
	for _, tt := range []struct{ args, want string }{
		{"c.v, [1]", down},
		{"c.near, [1]", up},
		{"c.v, [1], true", down},
		{"c.v, [1], false, {distanceFunction: 'euclidean'}", up},
		{"c.v, [1], false, {distanceFunction: @f}", up},
		{"c.v, [1], false, @o", up},
		{"c.near, [1], false, {distanceFunction: @cosine}", down},
		{"c.near, [1], false, {distanceFunction: 'dotproduct'}", down},
		{"c.v, [1], false, {dataType: 'euclidean'}", down},
		{"c.near, [1], false, {dataType: 'float32'}", up},
		{"c.near, [1], false, @other", up},
		{"c.v, [1], false, {distanceFunction: @n}", down},
		{"c.near, [1], false, {distanceFunction: @missing}", up},
		{"c.v, [1], false, {dataType: 'float32', distanceFunction: 'euclidean'}", up},
	} {
		call := "VectorDistance(" + tt.args + ")"
		plan, err := planner.Plan(parse(t, "SELECT TOP 1 * FROM c ORDER BY "+call), o)
		require.NoError(t, err, call)
		require.Equal(t, []string{tt.want}, plan.Info.OrderBy, call)

		// As a part of a fusion, a negative weight turns it around; none does not.
		turned := map[string]string{up: down, down: up}[tt.want]
		for weight, want := range map[string]string{"2": tt.want, "0": tt.want, "-0": tt.want, "-1": turned} {
			text := "SELECT TOP 1 * FROM c ORDER BY RANK RRF(" + call + ", FullTextScore(c.t, 'a'), [" + weight +
				", 1])"
			plan, err := planner.Plan(parse(t, text), o)
			require.NoError(t, err, text)
			require.Equal(t, []string{want}, plan.Hybrid.Components[0].OrderBy, text)
		}
	}
}

// TestErrorInfoIsThePlan: a client reads the plan out of the refusal, with the text of the query as the service has it.
func TestErrorInfoIsThePlan(t *testing.T) {
	t.Parallel()
	q := parse(t, "SELECT c.a FROM c WHERE c.a < 1 AND c.b > 2 AND c.s = '&' ORDER BY c.a")
	text := planner.ErrorInfo(q, options())
	require.Contains(t, text, `(c.a < 1) AND (c.b > 2)) AND (c.s = \"&\")`, "as it is, not escaped for HTML")
	require.NotContains(t, text, `\u00`)
	require.NotContains(t, text, "\n", "one line")
}

// TestLimitsOfOneKey: a single logical partition counts by itself; a range, several keys, or none do not.
func TestLimitsOfOneKey(t *testing.T) {
	t.Parallel()
	for where, alone := range map[string]bool{
		"c.key = 'a'":                true,
		"c.key = 'a' AND c.b = 1":    true,
		"c.key IN ('a', 'b')":        false,
		"c.key IN ('a', 'a')":        true,
		"c.key = 'a' OR c.b = 1":     false,
		"c.key = 'a' AND c.key = 1":  false,
		"false":                      false,
		"c.b = 1":                    false,
		"NOT (c.key != 'a') AND c.b": true,
	} {
		plan, err := planner.Plan(parse(t, "SELECT * FROM c WHERE "+where+" OFFSET 2 LIMIT 3"), options())
		require.NoError(t, err, where)
		require.Equal(t, alone, plan.Info.Limit == nil, where)
		require.Equal(t, alone, plan.Info.RewrittenQuery == "", where)
		if !alone {
			require.EqualValues(t, 2, *plan.Info.Offset, where)
			require.Contains(t, plan.Info.RewrittenQuery, "OFFSET 0 LIMIT 5", where)
		}
	}
}
