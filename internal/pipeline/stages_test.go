package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// pages is a stage that hands out what it is given, a batch each.
type pages struct {
	left [][]json.RawMessage
}

func (p *pages) next(context.Context, int) (rows, error) {
	if len(p.left) == 0 {
		return rows{}, io.EOF
	}
	page := p.left[0]
	p.left = p.left[1:]
	return rows{docs: page}, nil
}

func (p *pages) more() bool { return len(p.left) > 0 }

func (p *pages) explain(*Explanation) {}

// batches makes a stage of texts, one string a batch, its rows separated by blanks.
func batches(texts ...string) *pages {
	p := &pages{}
	for _, text := range texts {
		var page []json.RawMessage
		for _, row := range strings.Fields(text) {
			page = append(page, json.RawMessage(row))
		}
		p.left = append(p.left, page)
	}
	return p
}

// drain returns the rows of a stage, separated by blanks.
func drain(t testing.TB, s stage) string {
	t.Helper()
	var out []string
	for {
		page, err := s.next(t.Context(), 0)
		if err == io.EOF {
			return strings.Join(out, " ")
		}
		require.NoError(t, err)
		out = append(out, texts(page.docs)...)
	}
}

var plenty = &budget{limit: 1 << 30}

func TestGroupBy(t *testing.T) {
	t.Parallel()
	count := "Count"
	list := &queryplan.Info{GroupByExpressions: []string{"c.g"}, GroupByAliases: []string{"g", "n"},
		AliasToAggregate: map[string]*string{"g": nil, "n": &count}}
	whole := &queryplan.Info{GroupByExpressions: []string{"c.g"}, HasSelectValue: true}
	sum := &queryplan.Info{GroupByExpressions: []string{"c.g"}, HasSelectValue: true, Aggregates: []string{"Average"}}
	for _, tt := range []struct {
		name string
		info *queryplan.Info
		in   []string
		want string
	}{
		{"list", list, []string{
			`{"groupByItems":[{"item":"a"}],"payload":{"g":"a","n":{"item":1}}} {"groupByItems":[{}],` +
				`"payload":{"n":{"item":5}}}`,
			`{"groupByItems":[{"item":null}],"payload":{"g":null,"n":{"item":7}}} {"groupByItems":[{"item":"a"}],` +
				`"payload":{"g":"a","n":{"item":2}}}`},
			`{"g":"a","n":3} {"n":5} {"g":null,"n":7}`},
		{"keys are deep", list, []string{`{"groupByItems":[{"item":{"x":1,"y":[2]}}],"payload":{"g":1,` +
			`"n":{"item":1}}} {"groupByItems":[{"item":{"y":[2.0],"x":1}}],"payload":{"g":2,"n":{"item":1}}}`},
			`{"g":1,"n":2}`},
		{"two keys", list, []string{`{"groupByItems":[{"item":"a"},` +
			`{}],"payload":{"n":{"item":1}}} {"groupByItems":[{},{"item":"a"}],"payload":{"n":{"item":1}}}`},
			`{"n":1} {"n":1}`},
		{"value", whole, []string{`{"groupByItems":[{"item":1}],"payload":"x"} {"groupByItems":[{}]}`,
			`{"groupByItems":[{"item":1}],"payload":"x"}`}, `"x"`},
		{"value aggregate", sum, []string{`{"groupByItems":[{"item":1}],"payload":[{"item":{"sum":4,"count":2}}]}`,
			`{"groupByItems":[{"item":1}],"payload":[{"item":{"sum":2,"count":1}}]}` +
				` {"groupByItems":[{"item":2}],"payload":[{"item":{"sum":0,"count":0}}]}`}, `2`},
		{"nothing", list, nil, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := newGroupBy(batches(tt.in...), tt.info, nil, plenty)
			require.NoError(t, err)
			require.Equal(t, tt.want, drain(t, s))
			_, err = s.next(t.Context(), 0)
			require.ErrorIs(t, err, io.EOF)
		})
	}
	for _, bad := range []string{`{"groupByItems":[{"item":x}],"payload":1}`, `{"groupByItems":[],"payload":x}`} {
		s, err := newGroupBy(batches(bad), list, nil, plenty)
		require.NoError(t, err)
		_, err = s.next(t.Context(), 0)
		require.Error(t, err)
	}
}

func TestDistinct(t *testing.T) {
	t.Parallel()
	const in = `1 1.0 "1" {"a":1,"b":2} {"b":2,"a":1} [1,2] [2,1] null {} -0 0`
	require.Equal(t, `1 "1" {"a":1,"b":2} [1,2] [2,1] null {} -0`, drain(t, newDistinct(batches(in, in), plenty)))
	require.Equal(t, `1 2 1`, drain(t, &orderedDistinct{in: batches(`1 1.0`, `1 2`, `2 1`)}))
	_, err := newDistinct(batches(`x`), plenty).next(t.Context(), 0)
	require.Error(t, err)
	_, err = (&orderedDistinct{in: batches(`x`)}).next(t.Context(), 0)
	require.Error(t, err)
}

// TestOrderedDistinctResumes stops after every page.
func TestOrderedDistinctResumes(t *testing.T) {
	t.Parallel()
	docs := numbered(60, 7)
	for i := range docs {
		docs[i].payload = fmt.Sprint(i % 7)
	}
	plan := sortedPlan(false)
	plan.Info.DistinctType, plan.Info.HasSelectValue = queryplan.DistinctOrdered, true
	f := newFake(3, docs).planned(plan)
	o := Options{Access: planned, PageSize: 4}
	require.Equal(t, []string{"0", "1", "2", "3", "4", "5", "6"}, readResumed(t, f, o))
}

func TestSkipTakeCount(t *testing.T) {
	t.Parallel()
	in := func() stage { return batches(`1 2`, ``, `3 4 5`, `6`) }
	require.Equal(t, `4 5 6`, drain(t, &skip{in: in(), left: 3}))
	require.Equal(t, ``, drain(t, &skip{in: in(), left: 9}))
	require.Equal(t, `1 2 3`, drain(t, &take{in: in(), left: 3}))
	require.Equal(t, ``, drain(t, &take{in: in(), left: 0}))
	require.Equal(t, `3 4`, drain(t, &take{in: &skip{in: in(), left: 2}, left: 2}))
	require.Equal(t, `6`, drain(t, &count{in: in()}))
	require.Equal(t, `{"$1":6}`, drain(t, &count{in: in(), alias: "$1"}))
	require.Equal(t, `0`, drain(t, &count{in: batches()}))

	source := batches(`1 2`, `3`)
	require.Equal(t, `1 2`, drain(t, &take{in: source, left: 2}))
	require.Len(t, source.left, 1, "nothing is asked for that nobody wants")
}

func TestTopNKeepsTheBest(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 4))
		descending := rng.IntN(2) == 0
		plan := sortedPlan(descending)
		plan.Info.NonStreamingOrderBy = true
		offset, limit := int64(rng.IntN(5)), int64(rng.IntN(30))
		docs := mixed(rng, 60, 1)
		f := newFake(3, docs).planned(plan)
		all := merged(f)
		rng.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		f.order = ordering{} // the service sorts nothing
		f.answer = func(_ string, docs []document) []string {
			var rows []string
			g := &fake{order: newOrdering(plan.Info.OrderBy)}
			slices.SortFunc(docs, g.compare)
			rng.IntN(2)
			for _, d := range docs {
				for range d.rows {
					rows = append(rows, string(g.row(d)))
				}
			}
			return rows
		}
		switch seed % 3 {
		case 0:
			plan.Info.Offset, plan.Info.Limit = &offset, &limit
			all = all[offset:min(len(all), int(offset+limit))]
		case 1:
			plan.Info.Top = &limit
			all = all[:limit]
		}
		got := readAll(t, f, Options{Access: planned, PageSize: rng.IntN(8)})
		if len(all) == 0 {
			all = nil
		}
		require.Equal(t, all, got, "seed %d", seed)
	}
}

func TestTopNHoldsNoMoreThanAsked(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := range 10_000 {
		rows = append(rows,
			fmt.Sprintf(`{"_rid":"r%d","orderByItems":[{"item":%d}],"payload":%d}`, i, (i*7919)%10_007, i))
	}
	top := int64(10)
	info := &queryplan.Info{OrderBy: []string{queryplan.Ascending}, Top: &top}
	b := &budget{limit: 10 * (rowOverhead + 80)}
	s := newTopN(batches(rows...), info, b)
	require.NoError(t, s.drain(t.Context()))
	require.Len(t, s.kept, 10)
	require.True(t, slices.IsSortedFunc(s.kept, func(a, b scored) int { return value.Compare(a.keys[0], b.keys[0]) }))

	info.Top = nil
	s = newTopN(batches(rows...), info, &budget{limit: 10 * (rowOverhead + 80)})
	_, err := s.next(t.Context(), 0)
	require.ErrorIs(t, err, ErrBuffer)
	require.ErrorContains(t, err, "ORDER BY would hold more than")
}

func TestBuffersAreBounded(t *testing.T) {
	t.Parallel()
	var numbers, groups strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&numbers, "%d ", i)
		fmt.Fprintf(&groups, `{"groupByItems":[{"item":%d}],"payload":%d} `, i, i)
	}
	small := func() *budget { return &budget{limit: 1000} }
	_, err := newDistinct(batches(numbers.String()), small()).next(t.Context(), 0)
	require.ErrorIs(t, err, ErrBuffer)
	require.ErrorContains(t, err, "DISTINCT")
	g, err := newGroupBy(batches(groups.String()),
		&queryplan.Info{GroupByExpressions: []string{"c.g"}, HasSelectValue: true}, nil, small())
	require.NoError(t, err)
	_, err = g.next(t.Context(), 0)
	require.ErrorIs(t, err, ErrBuffer)
	require.ErrorContains(t, err, "GROUP BY")
	list := batches(strings.Repeat(`[{"item":[1,2,3]}] `, 100))
	a, err := newAggregate(list, &queryplan.Info{HasSelectValue: true, Aggregates: []string{"MakeList"}}, small())
	require.NoError(t, err)
	_, err = a.next(t.Context(), 0)
	require.ErrorIs(t, err, ErrBuffer)
}

// TestStagesInOrder runs plans with several stages.
func TestStagesInOrder(t *testing.T) {
	t.Parallel()
	num := func(n int64) *int64 { return &n }
	docs := numbered(30, 5)
	for _, tt := range []struct {
		name string
		info *queryplan.Info
		want int
	}{
		{"offset, limit and top", &queryplan.Info{Offset: num(5), Limit: num(20), Top: num(7)}, 7},
		{"distinct, then limit",
			&queryplan.Info{DistinctType: queryplan.DistinctUnordered, Offset: num(1), Limit: num(2)}, 2},
		{"distinct past the end",
			&queryplan.Info{DistinctType: queryplan.DistinctUnordered, Offset: num(10), Limit: num(2)}, 0},
		{"count of distinct", &queryplan.Info{DistinctType: queryplan.DistinctUnordered, DCount: &queryplan.DCount{}},
			1},
		{"limit 0", &queryplan.Info{Limit: num(0)}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(4, docs)
			f.planned(&queryplan.Plan{Version: 2, Info: tt.info, Ranges: queryplan.FullRange()}).
				answers(func(docs []document) []any {
					var rows []any
					for _, d := range docs {
						rows = append(rows, d.number%5)
					}
					return rows
				})
			got := readAll(t, f, Options{Access: planned, PageSize: 3})
			require.Len(t, got, tt.want)
			if tt.info.DCount != nil {
				require.Equal(t, []string{"5"}, got)
			}
		})
	}
}

// TestPagesOfBufferedResults: a result that comes at once is handed out in pages too, none of which can be resumed
// from.
func TestPagesOfBufferedResults(t *testing.T) {
	t.Parallel()
	f := newFake(2, numbered(50, 1))
	f.planned(
		&queryplan.Plan{Version: 2, Info: &queryplan.Info{GroupByExpressions: []string{"c.g"}, HasSelectValue: true},
			Ranges: queryplan.FullRange()})
	f.answers(func(docs []document) []any {
		var rows []any
		for _, d := range docs {
			rows = append(rows,
				map[string]any{"groupByItems": []any{map[string]any{"item": d.number}}, "payload": d.number})
		}
		return rows
	})
	rows := Open(f, Options{Access: planned, PageSize: 20})
	defer rows.Close()
	var sizes []int
	for {
		batch, err := rows.Next(t.Context())
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		require.Empty(t, batch.Continuation)
		sizes = append(sizes, len(batch.Docs))
	}
	require.Equal(t, []int{20, 20, 10}, sizes)
}
