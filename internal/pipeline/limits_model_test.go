package pipeline

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// randomLimits puts OFFSET, LIMIT and TOP into a plan and returns what they leave of rows.
func randomLimits(r *rand.Rand, info *queryplan.Info, most int) func(rows []string) []string {
	num := func(n int) *int64 { m := int64(n); return &m }
	skip, take := 0, 1<<30
	if r.IntN(2) == 0 {
		skip, take = r.IntN(most), r.IntN(most)
		info.Offset, info.Limit = num(skip), num(take)
	}
	if r.IntN(2) == 0 {
		top := r.IntN(most)
		info.Top, take = num(top), min(take, top)
	}
	return func(rows []string) []string {
		rows = rows[min(skip, len(rows)):]
		if rows = rows[:min(take, len(rows))]; len(rows) == 0 {
			return nil
		}
		return rows
	}
}

// readInPieces reads a query in pieces of one to three pages, each with rows of its own that resume behind the last;
// between is called before each piece.
func readInPieces(t *testing.T, r *rand.Rand, f *fake, o Options, between func()) (all []string) {
	t.Helper()
	for range 500 {
		between()
		rows := Open(f, o)
		ended := false
		for range 1 + r.IntN(3) {
			batch, err := rows.Next(t.Context())
			if err == io.EOF {
				ended = true
				break
			}
			require.NoError(t, err)
			all = append(all, texts(batch.Docs)...)
			if o.Continuation = batch.Continuation; o.Continuation == "" {
				ended = true
				break
			}
		}
		require.NoError(t, rows.Close())
		if ended {
			return all
		}
		o.PageSize = 1 + r.IntN(9)
	}
	require.Fail(t, "there are ever more pages")
	return nil
}

// TestLimitsOfSortedRowsAcrossSplits: what OFFSET, LIMIT and TOP leave of sorted rows is the same whichever partitions
// hold them, however often the query is resumed, and whatever splits and merges meanwhile.
func TestLimitsOfSortedRowsAcrossSplits(t *testing.T) {
	t.Parallel()
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 51))
		n := 1 + r.IntN(90)
		descending := r.IntN(2) == 0
		plan := sortedPlan(descending)
		docs := numbered(n, n) // each key once, so that there is one right order
		want := make([]string, n)
		for i := range want {
			want[i] = strconv.Itoa(i + 1)
		}
		if distinct := r.IntN(3) == 0; distinct { // the payload is the key, of which each comes several times
			plan.Info.DistinctType = queryplan.DistinctOrdered
			modulus := 1 + r.IntN(12)
			docs, want = numbered(n, modulus), want[:min(n, modulus)]
			for i := range docs {
				docs[i].payload = strconv.Itoa(i%modulus + 1)
			}
		}
		if descending {
			slices.Reverse(want)
		}
		want = randomLimits(r, plan.Info, 40)(want)
		f := newFake(1+r.IntN(5), docs).planned(plan)
		f.page = 1 + r.IntN(20)
		o := Options{Access: planned, PageSize: 1 + r.IntN(9), MaxConcurrency: r.IntN(4)}
		require.Equal(t, want, readAll(t, f, o), "seed %d", seed)
		moved := func() {
			f.split(r.IntN(100))
			if r.IntN(2) == 0 {
				f.merge(r.IntN(100))
			}
		}
		require.Equal(t, want, readInPieces(t, r, f, o, moved), "seed %d, resumed", seed)
		f.before = moving(seed, 6)
		synctest.Test(t, func(t *testing.T) {
			require.Equal(t, want, readAll(t, f, o), "seed %d, with splits under way", seed)
		})
	}
}

// TestLimitsOfRowsInNoOrder: without ORDER BY it is open which rows LIMIT takes, but not how many, nor that each is one
// of the container's and comes once.
func TestLimitsOfRowsInNoOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 52))
		n := r.IntN(80)
		info := &queryplan.Info{}
		limits := randomLimits(r, info, 50)
		f := newFake(1+r.IntN(5), numbered(n, 1))
		f.planned(&queryplan.Plan{Version: 2, Info: info, Ranges: queryplan.FullRange()})
		f.page = 1 + r.IntN(20)
		all := make([]string, n)
		for i := range all {
			all[i] = strconv.Itoa(i + 1)
		}
		check := func(got []string) {
			require.Len(t, got, len(limits(all)), "seed %d", seed)
			once := slices.Compact(slices.Sorted(slices.Values(got)))
			require.Len(t, once, len(got), "seed %d: a row twice", seed)
			for _, row := range got {
				require.Contains(t, all, row)
			}
		}
		o := Options{Access: planned, PageSize: 1 + r.IntN(9), ReadAhead: ReadAhead(r.IntN(3))}
		check(readInPieces(t, r, f, o, func() { f.split(r.IntN(100)) }))
		f.before = moving(seed, 6)
		synctest.Test(t, func(t *testing.T) { check(readAll(t, f, o)) })
	}
}

// TestGroupsAgainstTheWhole: groups with all aggregates over partitions that split while they are asked give what one
// partition with all documents gives; the values of a group are of one type, of several, or undefined.
func TestGroupsAgainstTheWhole(t *testing.T) {
	t.Parallel()
	pools := [][]string{{"1", "2.5", "-3"}, {"", "1"}, {"null", "1", `"a"`, "true"}, {`"a"`, `"b"`}, {"[1]", "1"}, {""}}
	aggregates := []string{"Count", "CountIf", "Sum", "Average", "Min", "Max"}
	info := queryplan.Info{GroupByExpressions: []string{"c.g"}, GroupByAliases: []string{"g"},
		AliasToAggregate: map[string]*string{"g": nil}}
	for i := range aggregates {
		info.GroupByAliases = append(info.GroupByAliases, aggregates[i])
		info.AliasToAggregate[aggregates[i]] = &aggregates[i]
	}
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 53))
		docs := numbered(1+r.IntN(60), 1)
		pool := pools[r.IntN(len(pools))]
		values := make([]string, len(docs)+1) // by number
		for i := range values {
			values[i] = pool[r.IntN(len(pool))]
		}
		groups := uint64(1 + r.IntN(6))
		grouped := func(docs []document) map[uint64][]string {
			all := map[uint64][]string{}
			for _, d := range docs {
				all[d.number%groups] = append(all[d.number%groups], values[d.number])
			}
			return all
		}
		plan := info
		f := newFake(1+r.IntN(5), docs)
		f.planned(&queryplan.Plan{Version: 2, Info: &plan, Ranges: queryplan.FullRange()})
		f.answer = func(_ string, docs []document) (rows []string) {
			for g, texts := range grouped(docs) {
				row := fmt.Sprintf(`{"groupByItems":[{"item":%d}],"payload":{"g":%d`, g, g)
				parts := partials(texts)
				for _, a := range aggregates {
					row += fmt.Sprintf(`,"%s":%s`, a, parts[a])
				}
				rows = append(rows, row+"}}")
			}
			return rows
		}
		var want []string
		for g, texts := range grouped(docs) {
			row := fmt.Sprintf(`{"g":%d`, g)
			parts := partials(texts)
			for _, a := range aggregates {
				if v := folded(t, a, []string{parts[a]}); v != "" {
					row += fmt.Sprintf(`,"%s":%s`, a, v)
				}
			}
			want = append(want, row+"}")
		}
		f.before = moving(seed, 3)
		synctest.Test(t, func(t *testing.T) {
			// In one page each: the fake counts groups, which are others in each part of a partition that splits.
			o := Options{Access: planned, MaxConcurrency: r.IntN(4)}
			require.ElementsMatch(t, want, readAll(t, f, o), "seed %d", seed)
		})
	}
}

// TestBestRowsAgainstASort: where partitions cannot sort, the best rows are kept: of equals those of the first
// partition, in its order, however few are held.
func TestBestRowsAgainstASort(t *testing.T) {
	t.Parallel()
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 54))
		plan := sortedPlan(r.IntN(2) == 0, false)
		plan.Info.NonStreamingOrderBy = true
		limits := randomLimits(r, plan.Info, 30)
		var in []string
		var all []sorted
		for i := range r.IntN(80) {
			keys := []value.Value{value.Int(int64(r.IntN(4))), value.Int(int64(r.IntN(3)))}
			row := fmt.Sprintf(`{"_rid":"r","orderByItems":[{"item":%s},{"item":%s}],"payload":%d}`,
				value.AppendJSON(nil, keys[0]), value.AppendJSON(nil, keys[1]), i)
			in = append(in, row)
			all = append(all, sorted{keys: keys, payload: strconv.AppendInt(nil, int64(i), 10)})
		}
		order := newOrdering(plan.Info.OrderBy)
		slices.SortStableFunc(all, func(a, b sorted) int {
			c := value.Compare(a.keys[0], b.keys[0])
			if order[0] {
				c = -c
			}
			return cmp.Or(c, value.Compare(a.keys[1], b.keys[1]))
		})
		var want []string
		for _, row := range all {
			want = append(want, string(row.payload))
		}
		f := newFake(1, nil).planned(plan)
		f.order = nil
		f.answer = func(string, []document) []string { return in }
		f.page = 1 + r.IntN(20)
		require.Equal(t, limits(want), readAll(t, f, Options{Access: planned, PageSize: r.IntN(6)}), "seed %d", seed)
	}
}

// TestEqualRowsAcrossSplits: where many rows have the same keys the place of a page is one in each part of a partition
// that was split since, whichever of them has gone on: each row comes once.
func TestEqualRowsAcrossSplits(t *testing.T) {
	t.Parallel()
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 55))
		f := newFake(1+r.IntN(2), numbered(10+r.IntN(50), 1+r.IntN(2))).planned(sortedPlan(r.IntN(2) == 0))
		f.page = 1 + r.IntN(12)
		o := Options{Access: planned, PageSize: 1 + r.IntN(9)}
		left := 3 // of the first range, so that parts of it share one of its bounds
		inOrder(t, f, readInPieces(t, r, f, o, func() {
			if left--; left >= 0 {
				f.split(r.IntN(2))
			} else if r.IntN(4) == 0 {
				f.merge(r.IntN(100))
			}
		}))
	}
}
