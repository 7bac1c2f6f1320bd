package pipeline

import (
	"context"
	"fmt"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Explanation says how a query is answered. The stages that would answer it have written it.
type Explanation struct {
	Access  queryplan.AccessPath
	Targets []Target // what is asked first
	Stages  []string // in the order in which rows go through them
	Query   string   // what the targets are asked; the caller's own text, or the rewritten one
}

// Target is a place that is asked: a logical partition, or a physical one or a part of it.
type Target struct {
	Key      string // header form; empty for a physical partition
	RangeID  string
	Min, Max string
}

// Explain returns how the query would be answered, from the plan and the routing map. It fetches nothing.
func (r *Rows) Explain(ctx context.Context) (*Explanation, error) {
	top, err := r.build(ctx)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Access: r.options.Access, Query: r.options.Query}
	top.explain(e)
	return e, nil
}

// add describes a stage.
func (e *Explanation) add(format string, args ...any) {
	e.Stages = append(e.Stages, fmt.Sprintf(format, args...))
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
