package pipeline

import (
	"context"
	"fmt"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Explanation says how a query would be answered.
type Explanation struct {
	Road    queryplan.Road
	Targets []Target        // what is asked first
	Stages  []string        // in the order in which rows go through them
	Query   string          // what the targets are asked; the caller's own text, or the rewritten one
	Plan    *queryplan.Plan // nil where none is needed
}

// Target is a place that is asked: a logical partition, or a physical one or a part of it.
type Target struct {
	Key      string // header form; empty for a physical partition
	RangeID  string
	Min, Max string
}

// Explain returns how the query would be answered, from the plan and the routing map. It runs nothing.
func (r *Rows) Explain(ctx context.Context) (*Explanation, error) {
	o := r.options
	e := &Explanation{Road: o.Road, Query: o.Query}
	proto := cursor{fetcher: r.fetcher, key: o.Road.Key}
	ranges := o.Road.Ranges
	switch o.Road.Kind {
	case queryplan.PointRead:
		e.Query = ""
		e.Stages = []string{"read document " + o.Road.ID}
	case queryplan.OnePartition:
		e.Stages = []string{"pages of one logical partition"}
	case queryplan.Parallel:
		e.Stages = []string{"pages of the partitions in turn"}
	default:
		plan, err := r.fetcher.plan(ctx, o.Road)
		if err != nil {
			return nil, err
		}
		if plan.Version == 0 {
			e.Stages = []string{"pages of a server without plans"}
			break
		}
		e.Plan = plan
		e.describe(plan)
		ranges = where(o.Road, plan)
	}
	cursors, err := r.fetcher.open(ctx, nil, ranges, proto)
	if err != nil {
		return nil, err
	}
	for _, c := range cursors {
		t := Target{RangeID: c.rangeID, Min: c.min, Max: c.max}
		if c.key != nil {
			t.Key = c.key.Header()
		}
		e.Targets = append(e.Targets, t)
	}
	return e, nil
}

// describe lists the stages of a plan.
func (e *Explanation) describe(plan *queryplan.Plan) {
	add := func(format string, args ...any) { e.Stages = append(e.Stages, fmt.Sprintf(format, args...)) }
	if h := plan.Hybrid; h != nil {
		if h.RequiresGlobalStatistics {
			add("full text statistics of all partitions")
		}
		for i, c := range h.Components {
			add("search %d: best by %v %v", i+1, c.OrderByExpressions, c.OrderBy)
		}
		if len(h.Components) > 1 {
			add("fuse ranks")
		}
		if h.Skip != nil {
			add("skip %d", *h.Skip)
		}
		if h.Take != nil {
			add("take %d", *h.Take)
		}
		return
	}
	info := plan.Info
	if info.RewrittenQuery != "" {
		e.Query = info.RewrittenQuery
	}
	switch {
	case !sorts(info):
		add("pages of the partitions")
	case info.NonStreamingOrderBy:
		add("best rows by %v %v", info.OrderByExpressions, info.OrderBy)
	default:
		add("merge by %v %v", info.OrderByExpressions, info.OrderBy)
	}
	switch {
	case len(info.GroupByExpressions) > 0:
		add("group by %v", info.GroupByExpressions)
	case folds(info):
		add("aggregate")
	}
	if info.DistinctType != queryplan.DistinctNone && info.DistinctType != "" {
		add("distinct, %s", info.DistinctType)
	}
	if info.Offset != nil {
		add("skip %d", *info.Offset)
	}
	for _, most := range []*int64{info.Limit, info.Top} {
		if most != nil {
			add("take %d", *most)
		}
	}
	if info.DCount != nil {
		add("count")
	}
}
