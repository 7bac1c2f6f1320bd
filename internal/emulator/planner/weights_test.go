package planner_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// TestWeights: however the weights of RRF are written, the plan has their sizes, and the directions that their signs
// give; weights that it cannot have are refused and not taken for equal ones.
func TestWeights(t *testing.T) {
	t.Parallel()
	const up, down = queryplan.Ascending, queryplan.Descending
	o := options("@a", "2", "@b", "-0.5", "@both", "[1.5,-2]", "@none", "[]",
		"@three", "[1,2,3]", "@texts", `["1","2"]`,
		"@mixed", `[1,null]`, "@object", `{"a":1,"b":2}`)
	for _, tt := range []struct {
		weights    string
		want       string // as JSON; "" if they are refused
		directions []string
	}{
		{"[1, 2]", "[1.0,2.0]", []string{down, down}},
		{"[0.25, -4]", "[0.25,4.0]", []string{down, up}},
		{"[-1, -1e1]", "[1.0,10.0]", []string{up, up}},
		{"[+3, - -2]", "[3.0,2.0]", []string{down, down}},
		{"[0, -0]", "[0.0,0.0]", []string{down, down}},
		{"@both", "[1.5,2.0]", []string{down, up}},
		{"[@a, @b]", "[2.0,0.5]", []string{down, up}},
		{"[-@a, -@b]", "[2.0,0.5]", []string{up, down}},
		{"[1]", "", nil},
		{"[1, 2, 3]", "", nil},
		{"@none", "", nil},
		{"@three", "", nil},
		{"@texts", "", nil},
		{"@mixed", "", nil},
		{"@object", "", nil},
		{"@missing", "", nil},
		{"[@missing, 1]", "", nil},
		{"['1', '2']", "", nil},
		{"[NaN, 1]", "", nil},
		{"[1, Infinity]", "", nil},
		{"[1, c.weight]", "", nil},
		{"[1, undefined]", "", nil},
	} {
		q := parse(t, "SELECT TOP 5 * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), FullTextScore(c.u, 'b'), "+
			tt.weights+")")
		plan, err := planner.Plan(q, o)
		_, evaluated := eval.Compile(q, eval.Options{Params: o.Params})
		if tt.want == "" {
			var refusal *planner.Refusal
			require.ErrorAs(t, err, &refusal, tt.weights)
			require.ErrorContains(t, err, "The weights of RRF must be a constant array of numbers")
			require.Empty(t, planner.ErrorInfo(q, o), tt.weights)
			require.Error(t, evaluated, "%s: whoever runs it says the same", tt.weights)
			continue
		}
		require.NoError(t, err, tt.weights)
		require.NoError(t, evaluated, tt.weights)
		text, err := json.Marshal(plan.Hybrid.Weights)
		require.NoError(t, err, tt.weights)
		require.Equal(t, tt.want, string(text), tt.weights)
		for i, direction := range tt.directions {
			require.Equal(t, []string{direction}, plan.Hybrid.Components[i].OrderBy, "%s: component %d", tt.weights, i)
		}
	}
}

// TestPlansNeedWhatTheyUse takes one announced feature away after the other: the query is refused by the name of that
// feature, or has the plan that it had, and those that were missed are enough.
func TestPlansNeedWhatTheyUse(t *testing.T) {
	t.Parallel()
	for text, needed := range map[string][]string{
		"SELECT * FROM c WHERE c.a > 1":                                 {},
		"SELECT * FROM c ORDER BY c.a":                                  {"OrderBy"},
		"SELECT TOP 3 * FROM c ORDER BY c.a, c.b DESC":                  {"MultipleOrderBy", "Top"},
		"SELECT DISTINCT VALUE c.a FROM c OFFSET 1 LIMIT 2":             {"Distinct", "OffsetAndLimit"},
		"SELECT VALUE COUNTIF(c.a > 1) FROM c":                          {"Aggregate", "CountIf"},
		"SELECT COUNT(1) AS n, MAX(c.a) AS m FROM c":                    {"MultipleAggregates", "NonValueAggregate"},
		"SELECT c.b, MAKELIST(c.a) AS l FROM c GROUP BY c.b":            {"GroupBy", "ListAndSetAggregate"},
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.a FROM c)": {},
		"SELECT TOP 1 * FROM c ORDER BY VectorDistance(c.v, [1])":       {"NonStreamingOrderBy", "Top"},
		"SELECT TOP 1 * FROM c ORDER BY RANK FullTextScore(c.t, 'a')":   {"HybridSearch"},
		"SELECT TOP 1 * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), VectorDistance(c.v, [1]), [1, 2])": {
			"HybridSearch", "WeightedRankFusion"},
	} {
		q := parse(t, text)
		o := options()
		o.Features = planner.ParseFeatures(queryplan.Features)
		whole, err := planner.Plan(q, o)
		require.NoError(t, err, text)
		missed := planner.Features{}
		for name := range planner.ParseFeatures(queryplan.Features) {
			o.Features = planner.ParseFeatures(queryplan.Features)
			delete(o.Features, name)
			plan, err := planner.Plan(q, o)
			if err == nil {
				require.Equal(t, whole, plan, "%s without %s", text, name)
				continue
			}
			missed[name] = true
			if name != "NonValueAggregate" { // whose words are others
				require.ErrorContains(t, err, "Query contained "+name+", which the calling client does not support.")
			}
		}
		require.Len(t, missed, len(needed), text)
		for _, name := range needed {
			require.True(t, missed[name], "%s needs %s", text, name)
		}
		o.Features = missed
		plan, err := planner.Plan(q, o)
		require.NoError(t, err, text)
		require.Equal(t, whole, plan, text)
	}
}
