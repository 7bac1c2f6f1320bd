package planner_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, query, features, want string }{
		{"no features", "SELECT * FROM c ORDER BY c.a", "", "Query contained OrderBy, which"},
		{"no several keys", "SELECT * FROM c ORDER BY c.a, c.b", "OrderBy", "Query contained MultipleOrderBy, which"},
		{"no distinct", "SELECT DISTINCT c.a FROM c", "OrderBy,", "Query contained Distinct, which"},
		{"no groups", "SELECT c.a FROM c GROUP BY c.a", "Distinct", "Query contained GroupBy, which"},
		{"no top", "SELECT TOP 1 * FROM c", "GroupBy", "Query contained Top, which"},
		{"no offset", "SELECT * FROM c OFFSET 1 LIMIT 1", "Top", "Query contained OffsetAndLimit, which"},
		{"no aggregate", "SELECT VALUE COUNT(1) FROM c", "OffsetAndLimit", "Query contained Aggregate, which"},
		{"no list aggregates", "SELECT COUNT(1) AS n FROM c", "Aggregate",
			"Cross partition query only supports 'VALUE <AggregateFunc>' for aggregates."},
		{"no several aggregates", "SELECT COUNT(1) AS n, SUM(c.a) AS s FROM c", "NonValueAggregate",
			"Query contained MultipleAggregates, which"},
		{"no countif", "SELECT VALUE COUNTIF(c.a) FROM c", "Aggregate", "Query contained CountIf, which"},
		{"no lists", "SELECT VALUE MAKESET(c.a) FROM c", "Aggregate", "Query contained ListAndSetAggregate, which"},
		{"no vectors", "SELECT TOP 1 * FROM c ORDER BY VectorDistance(c.v, [1])", "Top, OrderBy",
			"Query contained NonStreamingOrderBy, which"},
		{"no rank", "SELECT TOP 1 * FROM c ORDER BY RANK FullTextScore(c.t, 'a')", "Top",
			"Query contained HybridSearch, which"},
		{"no weights",
			"SELECT TOP 1 * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), VectorDistance(c.v, [1]), [1, 2])",
			"HybridSearch", "Query contained WeightedRankFusion, which"},
		{"aggregate in an expression", "SELECT VALUE COUNT(1) + 1 FROM c", javascript,
			"Compositions of aggregates and other expressions are not allowed."},
		{"aggregate in an object", `SELECT VALUE {"n": COUNT(1)} FROM c`, javascript, "Compositions of aggregates"},
		{"aggregate in a list item", "SELECT ABS(AVG(c.a)) AS a FROM c", javascript, "Compositions of aggregates"},
		{"aggregate in a group", "SELECT c.g, MIN(c.a) + MAX(c.a) AS r FROM c GROUP BY c.g", javascript,
			"Compositions of aggregates"},
		{"top is not an integer", "SELECT TOP @n * FROM c", javascript, "TOP clause must be an integer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options()
			o.Features = planner.ParseFeatures(tt.features)
			_, err := planner.Plan(parse(t, tt.query), o)
			var refusal *planner.Refusal
			require.ErrorAs(t, err, &refusal)
			require.Contains(t, refusal.Error(), tt.want)
		})
	}
}

func TestAnnouncedFeaturesAreEnough(t *testing.T) {
	t.Parallel()
	for query, features := range map[string]string{
		"SELECT * FROM c WHERE c.a = 1":                                    "",
		"SELECT VALUE (SELECT VALUE COUNT(1) FROM t IN c.tags) FROM c":     "",
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.a FROM c)":    "",
		"SELECT VALUE AVG(c.a) FROM c":                                     "Aggregate",
		"SELECT c.g, AVG(c.a) AS a FROM c GROUP BY c.g":                    "GroupBy",
		"SELECT c.g, AVG(c.a) AS a, SUM(c.a) AS b FROM c GROUP BY c.g":     "GroupBy, MultipleAggregates",
		"SELECT DISTINCT TOP 2 c.a FROM c ORDER BY c.a DESC, c.b DESC":     "Top, Distinct, MultipleOrderBy",
		"SELECT TOP 2 * FROM c ORDER BY RANK FullTextScore(c.t, 'a', 'b')": "HybridSearch",
		"SELECT c.g FROM c GROUP BY c.g OFFSET 0 LIMIT 1":                  "GroupBy,OffsetAndLimit",
	} {
		o := options()
		o.Features = planner.ParseFeatures(features)
		_, err := planner.Plan(parse(t, query), o)
		require.NoError(t, err, query)
	}
}

func TestServable(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"SELECT * FROM c": "",
		"SELECT VALUE c.a FROM c JOIN t IN c.tags WHERE ABS(c.a) > 1":  "",
		"SELECT VALUE (SELECT VALUE COUNT(1) FROM t IN c.tags) FROM c": "",
		"SELECT 1":                                                      "",
		"SELECT TOP 1 * FROM c":                                         planner.NotServable,
		"SELECT * FROM c ORDER BY c.a":                                  planner.NotServable,
		"SELECT * FROM c OFFSET 0 LIMIT 1":                              planner.NotServable,
		"SELECT DISTINCT c.a FROM c":                                    planner.NotServable,
		"SELECT c.a FROM c GROUP BY c.a":                                planner.NotServable,
		"SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.a":                 planner.NonValueAggregate,
		"SELECT VALUE COUNT(1) FROM c":                                  planner.NotServable,
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.a FROM c)": planner.NotServable,
		"SELECT TOP 1 * FROM c ORDER BY RANK FullTextScore(c.t, 'a')":   planner.NotServable,
		"SELECT COUNT(1) AS n FROM c":                                   planner.NonValueAggregate,
		"SELECT MIN(c.a) AS a, MAX(c.a) AS b FROM c":                    planner.NonValueAggregate,
		"SELECT VALUE COUNT(1) + 1 FROM c":                              planner.NonValueAggregate,
	} {
		ok, reason := planner.Servable(parse(t, query))
		require.Equal(t, want == "", ok, query)
		if want == "" {
			require.NoError(t, reason, query)
		} else {
			require.EqualError(t, reason, want, query)
		}
	}
}

func TestPinned(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"SELECT * FROM c WHERE c.key = '1' ORDER BY c.id":                                   `["1"]`,
		"SELECT DISTINCT TOP 2 c.a FROM c WHERE c.key = 5 AND c.b > 1":                      `[5]`,
		"SELECT c.a FROM c WHERE c.key = null GROUP BY c.a":                                 `[null]`,
		"SELECT * FROM c WHERE c.key IN (1, 2) ORDER BY c.id":                               "",
		"SELECT * FROM c ORDER BY c.id":                                                     "",
		"SELECT VALUE COUNT(1) FROM c WHERE c.key = 1":                                      "",
		"SELECT TOP 1 * FROM c WHERE c.key = 1 ORDER BY VectorDistance(c.v, [1])":           "",
		"SELECT TOP 1 * FROM c WHERE c.key = 1 ORDER BY RANK FullTextScore(c.text, 'swim')": "",
	} {
		key, ok := planner.Pinned(parse(t, query), options())
		require.Equal(t, want != "", ok, query)
		if ok {
			require.Equal(t, want, key.Header(), query)
		}
	}
}

func TestErrorInfo(t *testing.T) {
	t.Parallel()
	text := planner.ErrorInfo(parse(t, "SELECT d._etag, d.id FROM Docs d OFFSET 0 LIMIT 2"),
		planner.Options{Definition: byKey})
	var plan queryplan.Plan
	require.NoError(t, json.Unmarshal([]byte(text), &plan))
	require.Equal(t, "SELECT d._etag, d.id\nFROM Docs AS d\nOFFSET 0 LIMIT 2", plan.Info.RewrittenQuery)
	require.Equal(t, int64(0), *plan.Info.Offset)
	require.Empty(t,
		planner.ErrorInfo(parse(t, "SELECT VALUE COUNT(1) + 1 FROM c"), planner.Options{Definition: byKey}))
}
