package pipeline

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	num := func(n int64) *int64 { return &n }
	count := "Count"
	key := partition.Key{partition.String("a")}
	both := []Target{{RangeID: "0", Max: partition.Boundaries(2, definition)[1]}, {RangeID: "1", Min: partition.Boundaries(2, definition)[1], Max: "FF"}}
	plan := func(info queryplan.Info) *queryplan.Plan {
		return &queryplan.Plan{Version: 2, Info: &info, Ranges: queryplan.FullRange()}
	}
	for _, tt := range []struct {
		name    string
		road    queryplan.Road
		plan    *queryplan.Plan
		query   string
		stages  []string
		targets []Target
	}{
		{"point read", queryplan.Road{Kind: queryplan.PointRead, ID: "x", Key: key}, nil, "", []string{"read document x"}, []Target{{Key: `["a"]`}}},
		{"one partition", queryplan.Road{Kind: queryplan.OnePartition, Key: key}, nil, "text", []string{"pages of one logical partition"}, []Target{{Key: `["a"]`}}},
		{"parallel", parallelRoad, nil, "text", []string{"pages of the partitions in turn"}, both},
		{"merge", plannedRoad, plan(queryplan.Info{OrderBy: []string{"Ascending"}, OrderByExpressions: []string{"c.a"}, Offset: num(1), Limit: num(2), RewrittenQuery: "rewritten"}),
			"rewritten", []string{"merge by [c.a] [Ascending]", "skip 1", "take 2"}, both},
		{"groups", plannedRoad, plan(queryplan.Info{GroupByExpressions: []string{"c.g"}, DistinctType: queryplan.DistinctUnordered, Top: num(3)}),
			"text", []string{"pages of the partitions", "group by [c.g]", "distinct, Unordered", "take 3"}, both},
		{"aggregate", plannedRoad, plan(queryplan.Info{AliasToAggregate: map[string]*string{"n": &count}}), "text", []string{"pages of the partitions", "aggregate"}, both},
		{"count of distinct", plannedRoad, plan(queryplan.Info{DistinctType: queryplan.DistinctUnordered, DCount: &queryplan.DCount{}}),
			"text", []string{"pages of the partitions", "distinct, Unordered", "count"}, both},
		{"vector", plannedRoad, plan(queryplan.Info{OrderBy: []string{"Descending"}, OrderByExpressions: []string{"v"}, NonStreamingOrderBy: true, Top: num(1)}),
			"text", []string{"best rows by [v] [Descending]", "take 1"}, both},
		{"hybrid", plannedRoad, &queryplan.Plan{Version: 2, Ranges: queryplan.FullRange(), Hybrid: &queryplan.Hybrid{RequiresGlobalStatistics: true, Skip: num(1), Take: num(2),
			Components: []queryplan.Info{{OrderBy: []string{"Descending"}, OrderByExpressions: []string{"s"}}, {OrderBy: []string{"Ascending"}, OrderByExpressions: []string{"v"}}}}},
			"text", []string{"full text statistics of all partitions", "search 1: best by [s] [Descending]", "search 2: best by [v] [Ascending]", "fuse ranks", "skip 1", "take 2"}, both},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(2, nil)
			f.plan = tt.plan
			rows := Open(f, Options{Query: "text", Road: tt.road})
			defer rows.Close()
			e, err := rows.Explain(t.Context())
			require.NoError(t, err)
			require.Equal(t, tt.query, e.Query)
			require.Equal(t, tt.stages, e.Stages)
			require.Equal(t, tt.targets, e.Targets)
			require.Empty(t, f.requests, "nothing runs")
		})
	}
}
