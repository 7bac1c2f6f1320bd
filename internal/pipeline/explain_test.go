package pipeline

import (
	"errors"
	"strconv"
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
	both := []Target{{RangeID: "0", Max: partition.Boundaries(2, definition)[1]},
		{RangeID: "1", Min: partition.Boundaries(2, definition)[1], Max: "FF"}}
	plan := func(info queryplan.Info) *queryplan.Plan {
		return &queryplan.Plan{Version: 2, Info: &info, Ranges: queryplan.FullRange()}
	}
	for _, tt := range []struct {
		name    string
		access  queryplan.AccessPath
		plan    *queryplan.Plan
		query   string
		stages  []string
		targets []Target
	}{
		{"point read", queryplan.AccessPath{Kind: queryplan.PointRead, ID: "x", Key: key}, nil, "",
			[]string{"read document x"}, []Target{{Key: `["a"]`}}},
		{"point read of properties", queryplan.AccessPath{Kind: queryplan.PointRead, ID: "x", Key: key,
			Row: &queryplan.Row{Columns: []queryplan.Column{{Name: "n", Path: []string{"a", "b"}}}}},
			nil, "", []string{"read document x", "take [a.b] of it"}, []Target{{Key: `["a"]`}}},
		{"one partition", queryplan.AccessPath{Kind: queryplan.SinglePartition, Key: key}, nil, "text",
			[]string{"pages of one logical partition"}, []Target{{Key: `["a"]`}}},
		{"fan-out", fanOut, nil, "text", []string{"pages of the partitions in turn"}, both},
		{"merge", planned, plan(queryplan.Info{OrderBy: []string{"Ascending"}, OrderByExpressions: []string{"c.a"},
			Offset: num(1), Limit: num(2), RewrittenQuery: "rewritten WHERE " + queryplan.FilterPlaceholder}),
			"rewritten WHERE true", []string{"merge by [c.a] [Ascending]", "skip 1", "take 2"}, both},
		{"groups", planned, plan(queryplan.Info{GroupByExpressions: []string{"c.g"},
			DistinctType: queryplan.DistinctUnordered, Top: num(3)}),
			"text", []string{"pages of the partitions, one partition after the other", "group by [c.g]",
				"distinct, Unordered", "take 3"}, both},
		{"aggregate", planned, plan(queryplan.Info{AliasToAggregate: map[string]*string{"n": &count}}), "text",
			[]string{"pages of the partitions, one partition after the other", "aggregate"}, both},
		{"count of distinct", planned,
			plan(queryplan.Info{DistinctType: queryplan.DistinctUnordered, DCount: &queryplan.DCount{}}), "text",
			[]string{"pages of the partitions, one partition after the other", "distinct, Unordered", "count"}, both},
		{"vector", planned, plan(queryplan.Info{OrderBy: []string{"Descending"}, OrderByExpressions: []string{"v"},
			NonStreamingOrderBy: true, Top: num(1)}),
			"text", []string{"pages of the partitions, one partition after the other", "best rows by [v] [Descending]",
				"take 1"}, both},
		{"hybrid", planned, &queryplan.Plan{Version: 2, Ranges: queryplan.FullRange(),
			Hybrid: &queryplan.Hybrid{RequiresGlobalStatistics: true, Skip: num(1), Take: num(2),
				Components: []queryplan.Info{{OrderBy: []string{"Descending"}, OrderByExpressions: []string{"s"}},
					{OrderBy: []string{"Ascending"}, OrderByExpressions: []string{"v"}}}}},
			"text", []string{"full text statistics of all partitions", "search 1: best by [s] [Descending]",
				"search 2: best by [v] [Ascending]", "fuse ranks", "skip 1", "take 2"}, both},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(2, nil)
			f.plan = tt.plan
			rows := Open(f, Options{Query: "text", Access: tt.access})
			defer rows.Close()
			e, err := rows.Explain(t.Context())
			require.NoError(t, err)
			require.Equal(t, tt.query, e.Query)
			require.Equal(t, tt.stages, e.Stages)
			require.Equal(t, tt.targets, e.Targets)
			require.Empty(t, f.requests, "nothing runs")
		})
	}
	f := newFake(2, nil).planned(&queryplan.Plan{
		Version: 2, Ranges: queryplan.FullRange(), Hybrid: &queryplan.Hybrid{RequiresGlobalStatistics: true},
	})
	rows := Open(f, Options{Query: "text", Access: planned, LocalScores: true})
	defer rows.Close()
	e, err := rows.Explain(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"full text statistics of these partitions"}, e.Stages, "the scope of scores is told")
	f.unknown = errors.New("no ranges")
	_, err = Open(f, Options{Access: fanOut}).Explain(t.Context())
	require.ErrorIs(t, err, f.unknown)
}

// TestAnalyzeCountsWhatComesOutOfEachStage: an EXPLAIN ANALYZE says where a query's rows are lost.
func TestAnalyzeCountsWhatComesOutOfEachStage(t *testing.T) {
	t.Parallel()
	num := func(n int64) *int64 { return &n }
	plan := func(info queryplan.Info) *queryplan.Plan {
		return &queryplan.Plan{Version: 2, Info: &info, Ranges: queryplan.FullRange()}
	}
	for _, tt := range []struct {
		name   string
		access queryplan.AccessPath
		plan   *queryplan.Plan
		stages []string
		rows   []int64
	}{
		{"fan-out", fanOut, nil, []string{"pages of the partitions in turn"}, []int64{30}},
		{"merge", planned, plan(queryplan.Info{OrderBy: []string{"Ascending"}, OrderByExpressions: []string{"n"},
			Offset: num(2), Limit: num(4)}),
			[]string{"merge by [n] [Ascending]", "skip 2", "take 4"}, []int64{6, 4, 4}},
		{"ordered distinct", planned, plan(queryplan.Info{
			OrderBy: []string{"Ascending"}, OrderByExpressions: []string{"n"}, DistinctType: queryplan.DistinctOrdered,
		}), []string{"merge by [n] [Ascending]", "distinct, Ordered"}, []int64{30, 5}},
		{"count of distinct", planned, plan(queryplan.Info{DistinctType: queryplan.DistinctUnordered,
			DCount: &queryplan.DCount{}}),
			[]string{"pages of the partitions, one partition after the other", "distinct, Unordered", "count"},
			[]int64{30, 5, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			docs := numbered(30, 5)
			for i := range docs {
				docs[i].payload = strconv.Itoa(i % 5)
			}
			f := newFake(3, docs)
			if tt.plan != nil {
				f.planned(tt.plan)
			}
			rows := Open(f, Options{Query: "text", Access: tt.access, PageSize: 7})
			defer rows.Close()
			e, counts, err := rows.Analyze(t.Context())
			require.NoError(t, err)
			require.Equal(t, tt.stages, e.Stages)
			require.Equal(t, tt.rows, counts)
		})
	}
	f := newFake(1, numbered(3, 1))
	refused := errors.New("refused")
	f.before = func(*fake, Fetch) error { return refused }
	rows := Open(f, Options{Access: fanOut})
	_, _, err := rows.Analyze(t.Context())
	require.ErrorIs(t, err, refused)
	require.NoError(t, rows.Close())
	rows = Open(f, Options{Access: planned})
	_, _, err = rows.Analyze(t.Context())
	require.ErrorContains(t, err, "no plan")
	require.NoError(t, rows.Close())
}
