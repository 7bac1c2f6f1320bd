package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// topN reads all rows of answers, which need not be sorted, and hands out the best of them in order: vector search.
// It holds as many rows as TOP or OFFSET and LIMIT go through, or all of them without those. A plan without TOP or
// LIMIT asks for all rows in order; the budget bounds them.
type topN struct {
	in     stage
	order  ordering
	limit  int // rows to hold; negative for all
	budget *budget
	kept   []scored // a heap with the worst row at the root while limit is reached
	seen   int
	sorted bool
	by     []string // expressions that it is by
}

// scored is a row that topN holds, and how many came before it: rows with equal keys keep the order of the
// partitions. The serial number stands for the place of its partition, since partitions are read in order.
type scored struct {
	sorted
	serial int
}

// A token never leads here: such queries cannot be resumed.
func newTopN(in stage, info *queryplan.Info, budget *budget) *topN {
	limit := int(cappedSum(needed(info, nil), 0))
	return &topN{in: in, order: newOrdering(info.OrderBy), limit: limit, budget: budget, by: info.OrderByExpressions}
}

// cappedSum is the sum of two counts, or the largest int of 32 bits where that is less. The service's clients refuse
// counts beyond 2^31-1; so many rows are all rows.
func cappedSum(a, b int64) int64 {
	const most = 1<<31 - 1
	return min(a, most) + min(b, most-min(a, most))
}

func (s *topN) next(ctx context.Context, _ int) (rows, error) {
	if err := s.drain(ctx); err != nil {
		return rows{}, err
	}
	if len(s.kept) == 0 {
		return rows{}, io.EOF
	}
	out := make([]json.RawMessage, 0, len(s.kept))
	for _, row := range s.kept {
		if row.payload != nil {
			out = append(out, row.payload)
		}
	}
	s.kept = nil
	return rows{docs: out}, nil
}

func (s *topN) more() bool { return !s.sorted || len(s.kept) > 0 }

func (s *topN) explain(e *Explanation) {
	s.in.explain(e)
	e.add("best rows by %v %v", s.by, s.order.names())
}

// drain reads everything and sorts what is kept.
func (s *topN) drain(ctx context.Context) error {
	for !s.sorted {
		in, err := s.in.next(ctx, 0)
		if err == io.EOF {
			slices.SortFunc(s.kept, s.compare)
			s.sorted = true
			return nil
		}
		if err != nil {
			return err
		}
		for _, doc := range in.docs {
			if err := s.offer(doc); err != nil {
				return err
			}
		}
		in.free()
	}
	return nil
}

func (s *topN) compare(a, b scored) int {
	if c := s.order.compare(a.keys, b.keys); c != 0 {
		return c
	}
	return a.serial - b.serial
}

func (s *topN) worse(a, b scored) bool { return s.compare(a, b) > 0 }

// offer keeps a row if it is one of the best so far. Most rows are worse than the worst that is kept, and cost one
// comparison.
func (s *topN) offer(doc []byte) error {
	row := scored{serial: s.seen}
	s.seen++
	if err := row.read(doc); err != nil {
		return err
	}
	full := s.limit >= 0 && len(s.kept) == s.limit
	if full && (s.limit == 0 || s.compare(row, s.kept[0]) >= 0) {
		return nil
	}
	// A copy, so that one row does not keep its whole page in memory.
	if err := row.read(bytes.Clone(doc)); err != nil {
		return err
	}
	size := len(doc) + rowOverhead
	if full {
		// The row that goes gives its bytes back.
		size -= len(s.kept[0].doc) + rowOverhead
		s.kept[0] = row
		siftDown(s.kept, 0, s.worse)
	} else {
		s.kept = append(s.kept, row)
		siftUp(s.kept, len(s.kept)-1, s.worse)
	}
	return s.budget.take(size, "ORDER BY")
}

// rowOverhead is about what a row costs beside its text.
const rowOverhead = 160
