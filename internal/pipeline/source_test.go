package pipeline

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var fanOut = queryplan.AccessPath{Kind: queryplan.FanOut, Ranges: queryplan.FullRange()}

func TestFanOutGivesEveryRowOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 5, 32} {
		for _, moves := range []bool{false, true} {
			t.Run(fmt.Sprint(n, moves), func(t *testing.T) {
				t.Parallel()
				for seed := range uint64(20) {
					rng := rand.New(rand.NewPCG(seed, 9))
					f := newFake(n, mixed(rng, 150, 0))
					f.page = 1 + rng.IntN(20)
					if moves {
						f.before = moving(seed, 6)
					}
					want := merged(f)
					var got []string
					synctest.Test(t, func(t *testing.T) { // for the pauses
						got = readAll(t, f, Options{Access: fanOut, MaxConcurrency: rng.IntN(6), PageSize: rng.IntN(10),
							ReadAhead: ReadAhead(rng.IntN(3))})
					})
					slices.Sort(want)
					slices.Sort(got)
					require.Equal(t, want, got, "seed %d", seed)
				}
			})
		}
	}
}

// TestPartitionsTakeTurns: where the caller reads on all partitions work, and none is far ahead of the others.
func TestPartitionsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(3, numbered(90, 1))
		f.latency = time.Millisecond
		rows := Open(f, Options{Access: fanOut, PageSize: 5, ReadAhead: AheadAtOnce})
		defer rows.Close()
		for i := range 6 {
			_, err := rows.Next(t.Context())
			require.NoError(t, err)
			asked := map[string]int{}
			synctest.Wait()
			for _, request := range f.requests {
				asked[request.RangeID]++
			}
			for _, r := range f.ranges {
				require.InDelta(t, i/3+2, asked[r.ID], 1, "page %d, range %s", i, r.ID)
			}
		}
	})
}

// TestLimitsReadPartitionAfterPartition: what OFFSET and LIMIT pick must not depend on pages.
func TestLimitsReadPartitionAfterPartition(t *testing.T) {
	t.Parallel()
	offset, limit := int64(20), int64(45)
	f := newFake(4, numbered(100, 1))
	f.planned(&queryplan.Plan{Version: 2, Ranges: queryplan.FullRange(),
		Info: &queryplan.Info{Offset: &offset, Limit: &limit}})
	want := merged(&fake{docs: f.docs, ranges: f.ranges, order: ordering{}})[20:65]
	for _, size := range []int{0, 1, 7, 100} {
		for _, ahead := range []ReadAhead{AheadOnSecond, AheadAtOnce, AheadNever} {
			require.Equal(t, want, readAll(t, f, Options{Access: planned, PageSize: size, ReadAhead: ahead}))
		}
		o := Options{Access: planned, PageSize: 7}
		require.Equal(t, want, readResumed(t, f, o), "resumed at every page")
	}
}

func TestSinglePartition(t *testing.T) {
	t.Parallel()
	docs := numbered(20, 1)
	for i := range docs {
		docs[i].epk = definition.EPK(partition.Key{partition.String([]string{"a", "b"}[i%2])})
	}
	f := newFake(4, docs)
	o := Options{Query: "text", PageSize: 3,
		Access: queryplan.AccessPath{Kind: queryplan.SinglePartition, Key: partition.Key{partition.String("a")}}}
	require.Equal(t, []string{"1", "3", "5", "7", "9", "11", "13", "15", "17", "19"}, readAll(t, f, o))
	for _, request := range f.requests {
		require.Equal(t, "text", request.Query)
		require.Equal(t, `["a"]`, request.Key.Header())
		require.Empty(t, request.RangeID)
	}
	rows := Open(f, o)
	batch, err := rows.Next(t.Context())
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	o.Continuation = batch.Continuation
	require.Equal(t, []string{"7", "9", "11"}, readAll(t, f, o)[:3])
}

func TestPointRead(t *testing.T) {
	t.Parallel()
	key := partition.Key{partition.String("a")}
	f := newFake(2, []document{{number: 1, epk: definition.EPK(key), payload: `"x"`}})
	access := queryplan.AccessPath{Kind: queryplan.PointRead, ID: "x", Key: key}
	require.Equal(t, []string{`"x"`}, readAll(t, f, Options{Access: access}))
	access.Row = &queryplan.Row{Columns: []queryplan.Column{{Name: "whole"}, {Name: "none", Path: []string{"a"}}}}
	require.Equal(t, []string{`{"whole":"x"}`}, readAll(t, f, Options{Access: access}))
	access.Row = &queryplan.Row{Value: true, Columns: []queryplan.Column{{Path: []string{"a"}}}}
	require.Empty(t, readAll(t, f, Options{Access: access}), "SELECT VALUE of what is not there is no row")
	access.ID, access.Row = "y", nil
	require.Empty(t, readAll(t, f, Options{Access: access}))
	require.Empty(t, f.requests)
}

func TestProject(t *testing.T) {
	t.Parallel()
	const doc = `{"id":"x","a":{"b":[1, 2],"c":null},"n":9007199254740993,"q\"":1,"t":{"x":1},"t":{"y":2}}`
	columns := func(paths ...string) *queryplan.Row {
		row := &queryplan.Row{}
		for _, path := range paths {
			row.Columns = append(row.Columns, queryplan.Column{Name: "_" + path, Path: strings.Split(path, ".")})
		}
		return row
	}
	for want, row := range map[string]*queryplan.Row{
		`{"_n":9007199254740993,"_id":"x"}`: columns("n", "missing", "id"),
		`{"_a.b":[1, 2],"_a.c":null}`:       columns("a.b", "a.c", "a.b.c", "id.x"),
		`{}`:                                columns("missing"),
		`{"_t.y":2,"_t":{"y":2}}`:           columns("t.x", "t.y", "t"),
		`{"_q\"":1}`:                        columns(`q"`),
		`[1, 2]`:                            {Value: true, Columns: []queryplan.Column{{Path: []string{"a", "b"}}}},
	} {
		got, defined := project([]byte(doc), row)
		require.True(t, defined)
		require.Equal(t, want, string(got))
	}
	_, defined := project([]byte(doc),
		&queryplan.Row{Value: true, Columns: []queryplan.Column{{Path: []string{"missing"}}}})
	require.False(t, defined)
}

func TestTargets(t *testing.T) {
	t.Parallel()
	f := newFake(4, nil)
	bounds := partition.Boundaries(4, definition)
	inside := partition.Midpoint(bounds[1], bounds[2], definition)
	end := partition.Midpoint(bounds[2], bounds[3], definition)
	point := func(epk string) queryplan.Range {
		return queryplan.Range{Min: epk, Max: epk, MinInclusive: true, MaxInclusive: true}
	}
	for _, tt := range []struct {
		name   string
		ranges []queryplan.Range
		want   []Fetch
		feed   *queryplan.Range
	}{
		{"everything", queryplan.FullRange(),
			[]Fetch{{RangeID: "0"}, {RangeID: "1"}, {RangeID: "2"}, {RangeID: "3"}}, nil},
		{"a point", []queryplan.Range{point(inside)}, []Fetch{{RangeID: "1"}}, nil},
		{"the point where nothing is", queryplan.KeyRanges(nil, definition), []Fetch{{RangeID: "0"}}, nil},
		{"points in one partition", []queryplan.Range{point(bounds[1]), point(inside)}, []Fetch{{RangeID: "1"}}, nil},
		{"points in two", []queryplan.Range{point(inside), point(bounds[3])},
			[]Fetch{{RangeID: "1"}, {RangeID: "3"}}, nil},
		{"a part", []queryplan.Range{{Min: inside, Max: inside + "FF", MinInclusive: true}},
			[]Fetch{{RangeID: "1", Min: inside, Max: inside + "FF"}}, nil},
		{"parts of two", []queryplan.Range{{Min: inside, Max: bounds[3], MinInclusive: true}},
			[]Fetch{{RangeID: "1", Min: inside, Max: bounds[2]}, {RangeID: "2"}}, nil},
		{"prefixes", []queryplan.Range{{Min: inside, Max: inside + "FF", MinInclusive: true},
			{Min: bounds[2], Max: bounds[2] + "FF", MinInclusive: true}},
			[]Fetch{{RangeID: "1"}, {RangeID: "2"}}, nil},
		{"points in a feed range", []queryplan.Range{point(bounds[1]), point(bounds[2])},
			[]Fetch{{RangeID: "1"}, {RangeID: "2", Min: bounds[2], Max: end}},
			&queryplan.Range{Min: bounds[1], Max: end}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.requests = nil
			require.Empty(t, readAll(t, f,
				Options{Access: queryplan.AccessPath{Kind: queryplan.FanOut, Ranges: tt.ranges, Feed: tt.feed}}))
			slices.SortFunc(f.requests, func(a, b Fetch) int { return partition.Compare(a.RangeID, b.RangeID) })
			require.Equal(t, tt.want, f.requests)
		})
	}
}

func TestPlanErrors(t *testing.T) {
	t.Parallel()
	f := newFake(2, nil)
	rows := Open(f, Options{Access: planned})
	defer rows.Close()
	_, err := rows.Next(t.Context())
	require.ErrorContains(t, err, "no plan")
	f.plan = &queryplan.Plan{Version: 3, Info: &queryplan.Info{}}
	_, err = rows.Next(t.Context())
	require.ErrorContains(t, err, "version 3")
	f.plan = &queryplan.Plan{}
	_, err = rows.Next(t.Context())
	require.ErrorContains(t, err, "the server gives no query plans")
	f.plan = &queryplan.Plan{Version: 2}
	_, err = rows.Next(t.Context())
	require.Error(t, err)
	name := "Median"
	f.plan = &queryplan.Plan{Version: 2,
		Info: &queryplan.Info{GroupByAliases: []string{"m"}, AliasToAggregate: map[string]*string{"m": &name}}}
	_, err = rows.Next(t.Context())
	require.ErrorContains(t, err, "Median")
}

// TestServerWithoutPlans takes a plan request for a query; with a single partition its own answer is right.
func TestServerWithoutPlans(t *testing.T) {
	t.Parallel()
	f := newFake(1, numbered(20, 1)).planned(&queryplan.Plan{})
	o := Options{Query: "text", Access: planned, PageSize: 8}
	require.Len(t, readAll(t, f, o), 20)
	rows := Open(f, o)
	batch, err := rows.Next(t.Context())
	require.NoError(t, err)
	require.Empty(t, batch.Continuation)
	e, err := rows.Explain(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"pages of a server without plans"}, e.Stages)
	forged := &token{Query: fingerprint(o)}
	forged.addRange(&cursor{max: "FF"}, "8+1", 0)
	resumed := o
	resumed.Continuation, err = forged.encode()
	require.NoError(t, err)
	again := Open(f, resumed)
	_, err = again.Next(t.Context())
	require.ErrorIs(t, err, ErrContinuation, "no continuation stands for a place in it")
	require.NoError(t, again.Close())
	require.NoError(t, rows.Close())

	f = newFake(5, numbered(20, 1)).planned(&queryplan.Plan{})
	o.Access = queryplan.AccessPath{Kind: queryplan.Planned, Key: partition.Key{partition.String("key 1")}}
	require.Equal(t, []string{"2"}, readAll(t, f, o))
	require.Equal(t, "text", f.requests[0].Query)
}

// TestQueryThatNeedsTheWhole is answered by one partition, and refused where there are several or come to be.
func TestQueryThatNeedsTheWhole(t *testing.T) {
	t.Parallel()
	access := planned
	access.Whole = true
	plan := &queryplan.Plan{Version: 2, Info: &queryplan.Info{}, Ranges: queryplan.FullRange()}
	f := newFake(1, numbered(20, 1)).planned(plan)
	require.Len(t, readAll(t, f, Options{Access: access}), 20)
	rows := Open(f, Options{Access: access, PageSize: 5})
	_, err := rows.Next(t.Context())
	require.NoError(t, err)
	f.split(0)
	for range 3 {
		if _, err = rows.Next(t.Context()); err != nil {
			break
		}
	}
	require.ErrorContains(t, err, "cannot be merged from 2 partitions")
	require.NoError(t, rows.Close())

	rows = Open(newFake(3, nil).planned(plan), Options{Access: access})
	_, err = rows.Next(t.Context())
	require.ErrorContains(t, err, "cannot be merged from 3 partitions")
	require.NoError(t, rows.Close())
}
