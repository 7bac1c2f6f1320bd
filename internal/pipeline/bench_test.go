package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// tape is a Backend that hands out the same page over and over, with rising keys: what is measured is the pipeline.
type tape struct {
	plan   *queryplan.Plan
	ranges []partition.Range
	pages  int
	docs   []json.RawMessage
}

func newTape(n, pages, size int, row func(i int) string, plan *queryplan.Plan) *tape {
	t := &tape{plan: plan, pages: pages}
	bounds := partition.Boundaries(n, definition)
	for i := range n {
		t.ranges = append(t.ranges, partition.Range{ID: strconv.Itoa(i), Min: bounds[i], Max: bounds[i+1]})
	}
	for i := range size {
		t.docs = append(t.docs, json.RawMessage(row(i)))
	}
	return t
}

func (t *tape) Plan(context.Context) (*queryplan.Plan, error) { return t.plan, nil }

func (t *tape) Ranges(_ context.Context, lo, hi string, _ bool) ([]partition.Range, error) {
	m, err := partition.NewRoutingMap(t.ranges)
	if err != nil {
		return nil, err
	}
	return m.Overlapping(lo, hi), nil
}

func (t *tape) Read(context.Context, string, partition.Key) (*Page, error) { return &Page{}, nil }

func (t *tape) Fetch(_ context.Context, f Fetch) (*Page, error) {
	page, _ := strconv.Atoi(f.Continuation)
	next := ""
	if page+1 < t.pages {
		next = strconv.Itoa(page + 1)
	}
	return &Page{Docs: t.docs, Continuation: next}, nil
}

// BenchmarkStages is the time that a row of 1 KB spends in the pipeline, over 32 partitions.
func BenchmarkStages(b *testing.B) {
	filler := strings.Repeat("x", 900)
	envelope := func(i int) string {
		return fmt.Sprintf(
			`{"_rid":"DPZtAKyOj5gBAAAAAAAAAA==","orderByItems":[{"item":%d}],"payload":{"id":"%d","filler":%q}}`, i, i,
			filler)
	}
	plain := func(i int) string { return fmt.Sprintf(`{"id":"%d","filler":%q}`, i, filler) }
	grouped := func(i int) string {
		return fmt.Sprintf(`{"groupByItems":[{"item":%d}],"payload":{"g":%d,"n":{"item":1}}}`, i%50, i%50)
	}
	count := "Count"
	top := int64(100)
	vector := sortedPlan(false)
	vector.Info.NonStreamingOrderBy, vector.Info.Top = true, &top
	for _, bench := range []struct {
		name   string
		access queryplan.AccessPath
		row    func(int) string
		plan   *queryplan.Plan
	}{
		{"fan-out", fanOut, plain, nil},
		{"merge", planned, envelope, sortedPlan(false)},
		{"best 100", planned, envelope, vector},
		{"group by", planned, grouped, &queryplan.Plan{Version: 2, Ranges: queryplan.FullRange(), Info: &queryplan.Info{
			GroupByExpressions: []string{"c.g"}, GroupByAliases: []string{"g", "n"},
			AliasToAggregate: map[string]*string{"g": nil, "n": &count}}}},
		{"distinct", planned, plain, &queryplan.Plan{Version: 2, Ranges: queryplan.FullRange(),
			Info: &queryplan.Info{DistinctType: queryplan.DistinctUnordered}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			const partitions, size = 32, 100
			rows := Open(newTape(partitions, b.N/(partitions*size)+1, size, bench.row, bench.plan),
				Options{Access: bench.access, ReadAhead: AheadAtOnce})
			b.SetBytes(int64(len(bench.row(10))))
			b.ReportAllocs()
			b.ResetTimer()
			for {
				batch, err := rows.Next(b.Context())
				if err == io.EOF {
					break
				}
				require.NoError(b, err)
				if batch.Release != nil {
					batch.Release()
				}
			}
			require.NoError(b, rows.Close())
		})
	}
}
