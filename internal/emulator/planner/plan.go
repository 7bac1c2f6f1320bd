package planner

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Options is what a plan depends on beside the query.
type Options struct {
	Params     map[string]value.Value
	Definition partition.Definition
	Key        partition.Key              // of the request's header, whole or a prefix; nil without one
	Features   Features                   // what the client said it can merge
	Distance   func(path []string) string // distance function of a vector policy, "" if the path has none; may be nil
}

// Refusal is why a query that may be right in itself gets no plan.
type Refusal struct{ Message string }

// Error returns the gateway's words.
func (r *Refusal) Error() string { return r.Message }

// Plan returns the plan of q, a query that has passed the checks of the evaluator. The error is a [*Refusal]: the
// client lacks a feature that the plan needs, or partial results of the query cannot be merged.
func Plan(q *nosql.Query, o Options) (*queryplan.Plan, error) {
	if missing := o.Features.lacks(q); missing != nil {
		return nil, missing
	}
	plan := &queryplan.Plan{Version: queryplan.Version, Ranges: ranges(q, o)}
	if q.Rank {
		hybrid, err := planHybrid(q, o)
		plan.Hybrid = hybrid
		return plan, err
	}
	info, err := planQuery(q, o, plan.Ranges)
	plan.Info = info
	return plan, err
}

// ranges returns where to look: where the header says, else where WHERE says.
func ranges(q *nosql.Query, o Options) []queryplan.Range {
	if o.Key != nil {
		return queryplan.KeyRanges([]partition.Key{o.Key}, o.Definition)
	}
	if keys, ok := queryplan.Keys(q, o.Params, o.Definition); ok {
		return queryplan.KeyRanges(keys, o.Definition)
	}
	return queryplan.FullRange()
}

// planQuery plans everything but hybrid search.
func planQuery(q *nosql.Query, o Options, ranges []queryplan.Range) (*queryplan.Info, error) {
	info := newInfo()
	info.HasSelectValue = q.Select.Value
	page, err := paging(q, o.Params)
	if err != nil {
		return nil, err
	}
	info.Top, info.Offset, info.Limit = page.top, page.offset, page.limit
	if inner := queryplan.CountDistinct(q); inner != nil {
		info.DistinctType = queryplan.DistinctUnordered
		info.DCount = &queryplan.DCount{}
		if names, ok := q.Columns(); ok {
			info.DCount.Alias = names[0]
		}
		info.RewrittenQuery = nosql.PrintCanonical(inner)
		return info, nil
	}
	aggregated, grouped := queryplan.Aggregates(q), len(q.GroupBy) > 0
	if len(q.From) == 0 && composed(q) {
		return info, nil // one row, made in one place: there is nothing to merge
	}
	rewritten := *q
	rewritten.OrderBy = slices.Clone(q.OrderBy)
	if q.Distinct {
		info.DistinctType = queryplan.DistinctUnordered
	}
	changed := false
	switch final := !q.Distinct && !aggregated && !grouped; {
	case !final:
		// Only the client knows which rows are left after the merge, so only it can cut them.
		changed = q.Top != nil || q.Limit != nil
		rewritten.Top, rewritten.Offset, rewritten.Limit = nil, nil, nil
	case q.Limit != nil:
		changed = limitPartitions(&rewritten, info, page, ranges)
	}
	switch {
	case grouped:
		changed = true
		err = groupBy(&rewritten, info)
	case aggregated:
		changed = true
		err = aggregate(&rewritten, info)
	case len(q.OrderBy) > 0:
		changed = true
		orderBy(&rewritten, info, o)
	}
	if err != nil {
		return nil, err
	}
	if changed {
		info.RewrittenQuery = nosql.PrintCanonical(&rewritten)
	}
	return info, nil
}

// limitPartitions lets each partition give as many rows as OFFSET and LIMIT go through together, of which the client
// takes those that it needs; a single logical partition applies both itself. It reports whether q has changed.
func limitPartitions(q *nosql.Query, info *queryplan.Info, page counts, ranges []queryplan.Range) bool {
	if onePoint(ranges) && len(q.OrderBy) == 0 {
		info.Offset, info.Limit = nil, nil
		return false
	}
	q.Top, q.Offset, q.Limit = nil, number(0), number(page.reach())
	return true
}

// newInfo returns a plan of nothing. Clients want lists, not null.
func newInfo() *queryplan.Info {
	return &queryplan.Info{
		DistinctType:       queryplan.DistinctNone,
		OrderBy:            []string{},
		OrderByExpressions: []string{},
		GroupByExpressions: []string{},
		GroupByAliases:     []string{},
		Aggregates:         []string{},
		AliasToAggregate:   map[string]*string{},
	}
}

func onePoint(ranges []queryplan.Range) bool {
	return len(ranges) == 1 && ranges[0].MaxInclusive && ranges[0].Min == ranges[0].Max &&
		ranges[0].Min != partition.Min
}

// counts are TOP, OFFSET and LIMIT with the values of their parameters; nil where the query has none.
type counts struct{ top, offset, limit *int64 }

// reach is how many rows OFFSET and LIMIT go through together.
func (c counts) reach() int64 { return min(*c.offset, math.MaxInt64-*c.limit) + *c.limit }

func paging(q *nosql.Query, params map[string]value.Value) (c counts, err error) {
	for _, part := range []struct {
		name string
		x    nosql.Expr
		to   **int64
	}{{"TOP", q.Top, &c.top}, {"OFFSET", q.Offset, &c.offset}, {"LIMIT", q.Limit, &c.limit}} {
		switch x := part.x.(type) {
		case *nosql.Literal:
			n, err := strconv.ParseInt(x.Text, 10, 64)
			if err != nil {
				return c,
					&Refusal{fmt.Sprintf("The count value provided for a %s clause must be an integer.", part.name)}
			}
			*part.to = &n
		case *nosql.Param:
			n, exact := params[x.Name].AsInt()
			if params[x.Name].Kind() != value.KindNumber || !exact || n < 0 {
				return c,
					&Refusal{fmt.Sprintf("The count value provided for a %s clause must be an integer.", part.name)}
			}
			*part.to = &n
		}
	}
	if c.limit != nil && c.offset == nil {
		c.offset = new(int64)
	}
	return c, nil
}
