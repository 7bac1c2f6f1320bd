package pipeline

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// mixed returns documents with one to three rows each, whose keys are of every type, many of them equal.
func mixed(rng *rand.Rand, n, keys int) []document {
	values := []string{"", "null", "false", "true", "-1", "0", "2.5", "1e300", `""`, `"a"`, `"b"`, `"é"`, "[1]",
		"[2]", `{"a":1}`}
	docs := make([]document, n)
	for i := range docs {
		key, _ := partition.NewKey(rng.IntN(n))
		d := document{number: uint64(i + 1), epk: definition.EPK(key), payload: strconv.Itoa(i + 1),
			rows: 1 + rng.IntN(3)}
		for range keys {
			v := value.Undefined
			if text := values[rng.IntN(len(values))]; text != "" {
				v, _ = value.ParseString(text, value.MaxDepth)
			}
			d.keys = append(d.keys, v)
		}
		docs[i] = d
	}
	return docs
}

// merged is what the merge must give: the rows by keys, then by partition, then as a partition has them.
func merged(f *fake) []string {
	docs := slices.Clone(f.docs)
	home := func(d document) int {
		return slices.IndexFunc(f.ranges, func(r partition.Range) bool { return r.Contains(d.epk) })
	}
	slices.SortFunc(docs, func(a, b document) int {
		if c := f.order.compare(a.keys, b.keys); c != 0 {
			return c
		}
		if c := home(a) - home(b); c != 0 {
			return c
		}
		return f.compare(a, b)
	})
	var rows []string
	for _, d := range docs {
		for range max(d.rows, 1) {
			rows = append(rows, d.payload)
		}
	}
	return rows
}

func TestMergeIsTheSortedWhole(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 5, 32} {
		for _, directions := range [][]bool{{false}, {true}, {false, true}, {true, false, false}} {
			t.Run(fmt.Sprint(n, directions), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(uint64(n), uint64(len(directions))))
				for _, size := range []int{0, 1, 3, 10, 1000} {
					f := newFake(n, mixed(rng, 200, len(directions))).planned(sortedPlan(directions...))
					f.page = 1 + rng.IntN(40)
					require.Equal(t, merged(f),
						readAll(t, f, Options{Access: planned, PageSize: size, MaxConcurrency: rng.IntN(5)}))
				}
			})
		}
	}
}

// inOrder checks rows of a query that met splits: all of them, sorted; the order of ties depends on when it happened.
func inOrder(t testing.TB, f *fake, rows []string) {
	t.Helper()
	keys := map[string][]value.Value{}
	for _, d := range f.docs {
		keys[d.payload] = d.keys
	}
	require.True(t, slices.IsSortedFunc(rows, func(a, b string) int { return f.order.compare(keys[a], keys[b]) }))
	want := merged(f)
	slices.Sort(want)
	got := slices.Sorted(slices.Values(rows))
	require.Equal(t, want, got, "no row lost, none twice")
}

func TestMergeAcrossSplitsAndMerges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		f := newFake(1+rng.IntN(6), mixed(rng, 150, 1)).planned(sortedPlan(rng.IntN(2) == 0))
		f.page = 1 + rng.IntN(30)
		f.before = moving(seed, 5)
		synctest.Test(t, func(t *testing.T) { // for the pauses
			inOrder(t, f, readAll(t, f, Options{Access: planned, PageSize: rng.IntN(20)}))
		})
	}
}

// moving splits or merges partitions before every n-th page or so.
func moving(seed uint64, n int) func(*fake, Fetch) error {
	rng := rand.New(rand.NewPCG(seed, 2))
	return func(f *fake, _ Fetch) error {
		f.mu.Lock()
		at, what := rng.IntN(1000), rng.IntN(2*n)
		full := len(f.ranges) > 50
		f.mu.Unlock()
		switch {
		case what == 0 && !full:
			f.split(at)
		case what == 1:
			f.merge(at)
		}
		return nil
	}
}

// TestPartitionsThatCannotSort: what the service calls not streaming is sorted here, within the budget.
func TestPartitionsThatCannotSort(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 6))
		docs := numbered(90, 11) // keys of their own, which mixed ones are not
		f := newFake(1+rng.IntN(5), docs).planned(sortedPlan(rng.IntN(2) == 0))
		f.muddled, f.page = true, 1+rng.IntN(40)
		o := Options{Access: planned, PageSize: rng.IntN(20)}
		require.Equal(t, merged(f), readAll(t, f, o), "seed %d", seed)

		o.PageSize = 1 + rng.IntN(20)
		want := merged(f)
		var got []string
		for {
			rows := Open(f, o)
			batch, err := rows.Next(t.Context())
			require.NoError(t, err)
			require.NoError(t, rows.Close())
			got = append(got, texts(batch.Docs)...)
			if o.Continuation = batch.Continuation; o.Continuation == "" {
				break
			}
		}
		require.Equal(t, want, got, "resumed, seed %d", seed)

		o.Continuation = ""
		f.before = moving(seed, 4)
		synctest.Test(t, func(t *testing.T) { inOrder(t, f, readAll(t, f, o)) })
	}
	f := newFake(2, numbered(1000, 5)).planned(sortedPlan(false))
	f.muddled = true
	rows := Open(f, Options{Access: planned, MaxBuffer: 5000})
	_, err := rows.Next(t.Context())
	require.ErrorIs(t, err, ErrBuffer)
	require.ErrorContains(t, err, "a partition that cannot sort")
	require.NoError(t, rows.Close())
}

func TestMergeSkipsUndefinedPayloads(t *testing.T) {
	t.Parallel()
	docs := numbered(20, 7)
	for i := range docs {
		if i%2 == 0 {
			docs[i].payload = ""
		}
	}
	f := newFake(3, docs).planned(sortedPlan(false))
	require.Len(t, readAll(t, f, Options{Access: planned, PageSize: 4}), 10)
}

func TestRIDs(t *testing.T) {
	t.Parallel()
	a, b := document{number: 2}.rid(), document{number: 256}.rid()
	require.Negative(t, compareRIDs([]byte(a), []byte(b)))
	require.Positive(t, compareRIDs([]byte(b), []byte(a)))
	require.Zero(t, compareRIDs([]byte(a), []byte(a)))
	require.Negative(t, compareRIDs([]byte("a"), []byte("b")), "not a document's")
	n, ok := documentNumber([]byte("DPZtAKyOj5gBAAAAAAAAAA=="))
	require.True(t, ok)
	require.Equal(t, uint64(1), n)
	_, ok = documentNumber([]byte("XP0mAJ3H-AD-AAAAAAAAAA=="))
	require.True(t, ok, "- stands for /")
	_, ok = documentNumber([]byte("DPZtAKyOj5gBAAAAAAAAAAAAAAAAAAAA"))
	require.False(t, ok, "longer than a document's")

	require.True(t, ridsReversed(true, ""))
	require.False(t, ridsReversed(false, ""))
	require.False(t, ridsReversed(true, `{"reverseRidEnabled":false,"reverseIndexScan":false}`))
	require.True(t, ridsReversed(false, `{"reverseRidEnabled":false,"reverseIndexScan":true}`))
	require.True(t, ridsReversed(true, `{"reverseRidEnabled":true,"reverseIndexScan":false}`))
}

func TestMalformedSortedRows(t *testing.T) {
	t.Parallel()
	for _, row := range []string{`{"orderByItems":[{"item":1}],"payload":1}`, `{"_rid":"a","payload":1}`,
		`{"_rid":"a","orderByItems":[{"item":x}]}`, `1`} {
		for _, before := range [][]string{nil, {`{"_rid":"a","orderByItems":[{"item":0}],"payload":0}`}} {
			for _, muddled := range []bool{false, true} {
				f := newFake(1, nil).planned(sortedPlan(false))
				f.muddled = muddled
				f.answer = func(string, []document) []string { return append(before[:len(before):len(before)], row) }
				rows := Open(f, Options{Access: planned})
				_, err := rows.Next(t.Context())
				require.Error(t, err, row)
				require.NotErrorIs(t, err, io.EOF)
				require.NoError(t, rows.Close())
			}
		}
	}
}

func TestPagesOfSortedAnswersGrow(t *testing.T) {
	t.Parallel()
	num := func(n int64) *int64 { return &n }
	for _, tt := range []struct {
		name  string
		info  queryplan.Info
		size  int
		ahead ReadAhead
		want  []int
	}{
		{"everything", queryplan.Info{}, 0, AheadAtOnce, []int{100, 1000, 1000}},
		{"the caller's size bounds it", queryplan.Info{}, 90, AheadAtOnce, []int{90, 90, 90}},
		{"page by page", queryplan.Info{}, 30, AheadNever, []int{30, 30, 30}},
		{"top", queryplan.Info{Top: num(10)}, 0, AheadAtOnce, []int{10}},
		{"top of much", queryplan.Info{Top: num(300)}, 0, AheadAtOnce, []int{300}},
		{"offset and limit", queryplan.Info{Offset: num(20), Limit: num(10)}, 0, AheadAtOnce, []int{30}},
		{"limit", queryplan.Info{Limit: num(40)}, 0, AheadNever, []int{40}},
		{"limit, page by page", queryplan.Info{Limit: num(40)}, 15, AheadNever, []int{15, 15, 10}},
		{"nothing", queryplan.Info{Top: num(0)}, 0, AheadAtOnce, nil},
	} {
		plan := sortedPlan(false)
		tt.info.OrderBy, tt.info.RewrittenQuery = plan.Info.OrderBy, "rewritten"
		plan.Info = &tt.info
		f := newFake(1, numbered(2000, 2000)).planned(plan)
		readAll(t, f, Options{Access: planned, PageSize: tt.size, ReadAhead: tt.ahead})
		var sizes []int
		for _, request := range f.requests {
			sizes = append(sizes, request.PageSize)
		}
		if len(tt.want) == 0 {
			require.Empty(t, sizes, tt.name)
			continue
		}
		require.GreaterOrEqual(t, len(sizes), len(tt.want), tt.name)
		require.Equal(t, tt.want, sizes[:len(tt.want)], tt.name)
	}
	require.EqualValues(t, 3, likely(10, 32))
	require.EqualValues(t, 21, likely(100, 10))
	require.EqualValues(t, 100, likely(100, 1))
}

// TestPagesAreGivenBack: every page, whatever stages its rows went through, once nobody has a row of it any more.
func TestPagesAreGivenBack(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]*queryplan.Plan{
		"merge": sortedPlan(false),
		"distinct": {Version: 2, Info: &queryplan.Info{DistinctType: queryplan.DistinctUnordered},
			Ranges: queryplan.FullRange()},
		"plain": {Version: 2, Info: &queryplan.Info{}, Ranges: queryplan.FullRange()},
	} {
		for _, size := range []int{0, 7} {
			f := newFake(4, numbered(300, 300)).planned(plan)
			f.page = 20
			require.Len(t, readAll(t, f, Options{Access: planned, PageSize: size}), 300)
			require.EqualValues(t, len(f.requests), f.released.Load(), "%s, pages of %d", name, size)
		}
	}
}
