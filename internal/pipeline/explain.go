package pipeline

import (
	"context"
	"fmt"
	"io"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Explanation says how a query is answered. The stages that would answer it have written it. No description exists
// beside the stages, so it cannot say anything else than what they do.
type Explanation struct {
	Access  queryplan.AccessPath
	Targets []Target // what is asked first
	Stages  []string // in the order in which rows go through them
	Query   string   // what the targets are asked; the caller's own text, or the rewritten one

	counters []*int64 // of Analyze: the rows that came out of the stages; nil for a stage that has none of its own
}

// Target is a place that is asked: a logical partition, or a physical one or a part of it. What a user has to know to
// see why a query is dear: one target is cheap, fifty are not.
type Target struct {
	Key      string // header form; empty for a physical partition
	RangeID  string
	Min, Max string
}

// Explain returns how the query would be answered, from the plan and the routing map. It fetches nothing. The stages
// are built as for running and then not asked for rows; a plan is asked for, which costs nothing (recorded exchange
// 59).
func (r *Rows) Explain(ctx context.Context) (*Explanation, error) {
	top, err := r.build(ctx)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Access: r.options.Access, Query: r.options.Query}
	top.explain(e)
	return e, nil
}

// Analyze runs the query to its end and returns how it was answered, with the number of rows that came out of each
// stage; -1 for one that hands its rows to the next without counting them. The rows are thrown away page by page:
// what it costs is what the query costs.
func (r *Rows) Analyze(ctx context.Context) (e *Explanation, rows []int64, err error) {
	r.analyze = true
	top, err := r.build(ctx)
	if err != nil {
		return nil, nil, err
	}
	r.top = r.counted(top)
	e = &Explanation{Access: r.options.Access, Query: r.options.Query}
	r.top.explain(e)
	for {
		batch, err := r.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if batch.Release != nil {
			batch.Release()
		}
	}
	for _, c := range e.counters {
		if c == nil {
			rows = append(rows, -1)
		} else {
			rows = append(rows, *c)
		}
	}
	return e, rows, nil
}

// counted is a stage whose rows are counted. It stands between stages only while somebody analyzes, so a query at
// work pays nothing for it.
type counted struct {
	stage
	rows *int64
}

// counted has the rows of a stage counted, if somebody wants to know.
func (r *Rows) counted(s stage) stage {
	if _, already := s.(*counted); already || !r.analyze {
		return s
	}
	return &counted{s, new(int64)}
}

func (s *counted) next(ctx context.Context, want int) (rows, error) {
	out, err := s.stage.next(ctx, want)
	*s.rows += int64(len(out.docs))
	return out, err
}

// The stage below has just described itself last.
func (s *counted) explain(e *Explanation) {
	s.stage.explain(e)
	e.counters[len(e.counters)-1] = s.rows
}

// add describes a stage. Without a counter until a counted stage puts its own there.
func (e *Explanation) add(format string, args ...any) {
	e.Stages = append(e.Stages, fmt.Sprintf(format, args...))
	e.counters = append(e.counters, nil)
}

// targets adds what the cursors ask.
func (e *Explanation) targets(cursors []*cursor) {
	for _, c := range cursors {
		e.target(c)
	}
}

func (e *Explanation) target(c *cursor) {
	e.Targets = append(e.Targets, c.target())
	e.Query = c.query
}
