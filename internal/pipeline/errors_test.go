package pipeline

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// TestErrorsReachTheCallerOfEveryShape: whatever a query is made of, what a partition or the routing map answers ends
// the call and not the query: the next call goes on, and no row is lost or counted twice.
func TestErrorsReachTheCallerOfEveryShape(t *testing.T) {
	t.Parallel()
	count := "Count"
	plan := func(info queryplan.Info) *queryplan.Plan {
		return &queryplan.Plan{Version: 2, Info: &info, Ranges: queryplan.FullRange()}
	}
	plain := func(docs []document) []any {
		rows := []any{}
		for range docs {
			rows = append(rows, 7)
		}
		return rows
	}
	for _, tt := range []struct {
		name   string
		access queryplan.AccessPath
		plan   *queryplan.Plan
		rows   func(docs []document) []any
		want   []string
	}{
		{"point read", queryplan.AccessPath{Kind: queryplan.PointRead, ID: "1",
			Key: partition.Key{partition.String("key 0")}}, nil, nil, []string{`"1"`}},
		{"one partition", queryplan.AccessPath{Kind: queryplan.SinglePartition,
			Key: partition.Key{partition.String("key 0")}}, nil, plain, []string{"7"}},
		{"fan-out", fanOut, nil, plain, []string{"7", "7", "7"}},
		{"a key's prefix", queryplan.AccessPath{Kind: queryplan.FanOut,
			Ranges: []queryplan.Range{{Min: "00", Max: "00", MinInclusive: true, MaxInclusive: true}}}, nil,
			func([]document) []any { return []any{8} }, []string{"8"}},
		{"merge", planned, sortedPlan(false), nil, []string{"1", "2", "3"}},
		{"aggregate", planned, plan(queryplan.Info{HasSelectValue: true, Aggregates: []string{count}}),
			func(docs []document) []any {
				return []any{[]any{map[string]int{"item": len(docs)}}}
			}, []string{"3"}},
		{"groups", planned, plan(queryplan.Info{GroupByExpressions: []string{"c.g"}, HasSelectValue: true,
			Aggregates: []string{count}}), func(docs []document) []any {
			return []any{map[string]any{"groupByItems": []any{map[string]int{"item": 1}},
				"payload": []any{map[string]int{"item": len(docs)}}}}
		}, []string{"3"}},
		{"count of distinct", planned, plan(queryplan.Info{DistinctType: queryplan.DistinctUnordered,
			DCount: &queryplan.DCount{}}), plain, []string{"1"}},
		{"best rows", planned, plan(queryplan.Info{OrderBy: []string{queryplan.Ascending}, NonStreamingOrderBy: true}),
			func(docs []document) []any {
				rows := []any{}
				for _, d := range docs {
					rows = append(rows, map[string]any{"_rid": d.rid(),
						"orderByItems": []any{map[string]any{"item": d.number}}, "payload": d.number})
				}
				return rows
			}, []string{"1", "2", "3"}},
	} {
		for _, lost := range []string{"a page", "the routing map"} {
			t.Run(tt.name+"/"+lost, func(t *testing.T) {
				t.Parallel()
				key, _ := partition.NewKey("key 0")
				docs := []document{{number: 1, epk: definition.EPK(key)}, {number: 2, epk: "05"},
					{number: 3, epk: "3A"}}
				for i := range docs {
					docs[i].payload, docs[i].keys = strconv.Itoa(i+1), []value.Value{value.Int(int64(i))}
				}
				f := newFake(3, docs)
				if tt.access.Kind == queryplan.PointRead {
					f.docs[0].payload = `"1"`
				}
				if tt.plan != nil {
					f.planned(tt.plan)
				}
				if tt.rows != nil {
					f.answers(tt.rows)
				}
				passing := errors.New("passing")
				failing := lost == "a page"
				f.before = func(f *fake, _ Fetch) error {
					f.mu.Lock()
					defer f.mu.Unlock()
					if failing {
						failing = false
						return passing
					}
					return nil
				}
				if lost == "the routing map" {
					f.unknown = passing
				}
				rows := Open(f, Options{Access: tt.access})
				defer rows.Close()
				got, failures := readPast(t, rows, passing, func() {
					f.mu.Lock()
					f.unknown = nil
					f.mu.Unlock()
				})
				asked := 0 // how often for what is lost
				if tt.access.Key == nil || tt.access.Kind == queryplan.SinglePartition && lost == "a page" {
					asked = 1
				}
				require.Equal(t, asked, failures)
				slices.Sort(got)
				require.Equal(t, tt.want, got)
			})
		}
	}
}

// TestRowsThatCameAreHandedOutBeforeAnError: a page is put together of several partitions, one of which fails.
func TestRowsThatCameAreHandedOutBeforeAnError(t *testing.T) {
	t.Parallel()
	passing := errors.New("passing")
	docs := []document{{number: 1, epk: "01", payload: "1"}, {number: 2, epk: "3A", payload: "2"}}
	f := newFake(2, docs)
	failed := 0
	f.before = func(f *fake, request Fetch) error {
		if request.RangeID == "1" && failed < 2 {
			failed++
			return passing
		}
		return nil
	}
	rows := Open(f, Options{Access: fanOut, PageSize: 5, MaxConcurrency: 1})
	defer rows.Close()
	batch, err := rows.Next(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, texts(batch.Docs))
	require.NotEmpty(t, batch.Continuation, "the rest can be asked for elsewhere")
	_, err = rows.Next(t.Context())
	require.ErrorIs(t, err, passing, "it is told by the call that has nothing else to tell")
	batch, err = rows.Next(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"2"}, texts(batch.Docs))
}

// TestRoutingMapThatCannotBeReadAfterASplit ends the call, not the query.
func TestRoutingMapThatCannotBeReadAfterASplit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(1, numbered(20, 1))
		rows := Open(f, Options{Access: fanOut, PageSize: 15})
		defer rows.Close()
		batch, err := rows.Next(t.Context())
		require.NoError(t, err)
		n := len(batch.Docs)
		f.split(0)
		f.unknown = errors.New("no ranges")
		rest, failures := readPast(t, rows, f.unknown, func() { f.unknown = nil })
		require.Equal(t, 1, failures)
		require.Equal(t, 20, n+len(rest))
	})
}
