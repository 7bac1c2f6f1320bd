package pipeline

import (
	"context"
	"strings"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// planned connects the stages that a plan asks for, in their order: source, aggregate or group by, distinct, skip,
// take, count. The order is that of the service's own clients (PROTOCOL.md 6.7), on which the plans rely: TOP counts
// groups and different rows, COUNT of DISTINCT counts after both.
func (r *Rows) planned(ctx context.Context, plan *queryplan.Plan, from *token, proto cursor) (stage, error) {
	info := plan.Info
	if from != nil && !streams(info) {
		return nil, notResumable("DISTINCT, aggregates, GROUP BY or a vector order")
	}
	if info.RewrittenQuery != "" {
		proto.query = strings.ReplaceAll(info.RewrittenQuery, queryplan.FilterPlaceholder, "true")
	}
	cursors, err := r.fetcher.open(ctx, from, searched(r.options.Access, plan), proto)
	if err != nil {
		return nil, err
	}
	// A subquery that reads all documents has been found before a plan was asked for; what the plan leaves out can
	// only be found now.
	if proto.whole == "" {
		proto.whole = r.omitted(plan)
	}
	for _, c := range cursors {
		c.whole = proto.whole
	}
	if err := proto.checkWhole(len(cursors)); err != nil {
		return nil, err
	}
	sort, err := r.groupOrder(info)
	if err != nil {
		return nil, err
	}
	top, err := r.first(cursors, info, from)
	if err != nil {
		return nil, err
	}
	// Counting wraps each stage and not the last alone: EXPLAIN ANALYZE shows where rows go.
	top = r.counted(top)
	budget := &r.fetcher.budget
	switch {
	case len(info.GroupByExpressions) > 0:
		top, err = newGroupBy(top, info, sort, budget)
	case folds(info):
		top, err = newAggregate(top, info, budget)
	}
	if err != nil {
		return nil, err
	}
	top = r.counted(top)
	switch info.DistinctType {
	case queryplan.DistinctOrdered:
		ordered := &orderedDistinct{in: top}
		// Equal rows may stand on either side of the place where a page ended, so the token carries the hash of the
		// last.
		if from != nil {
			ordered.last = from.Last
		}
		top = ordered
	case queryplan.DistinctUnordered:
		top = newDistinct(top, budget)
	}
	top = r.limits(r.counted(top), info, from)
	if info.DCount != nil {
		top = &count{in: top, alias: info.DCount.Alias}
	}
	return r.counted(top), nil
}

// omitted says what the plan has no word of, so that only a partition that answers the whole query gives the right
// rows. Otherwise rows would be wrong and nobody would be told. A text that could not be read here cannot be compared
// with its plan, and is taken as planned.
func (r *Rows) omitted(plan *queryplan.Plan) string {
	if r.options.Tree == nil {
		return ""
	}
	clause := plan.Omits(r.options.Tree)
	if clause == "" {
		return ""
	}
	return "the service's plan of the query has no word of its " + clause
}

// groupOrder is how the client has to sort the groups: plans say nothing about it. Recorded exchange 115: orderBy is
// empty, ORDER BY stands in the rewritten text alone. Whoever trusts the plan returns groups in the order of the
// partitions.
func (r *Rows) groupOrder(info *queryplan.Info) ([]queryplan.GroupKey, error) {
	if r.options.Tree == nil || len(info.GroupByExpressions) == 0 || sorts(info) {
		return nil, nil
	}
	return queryplan.GroupOrder(r.options.Tree)
}

// first is the stage that brings the partitions' answers together.
func (r *Rows) first(cursors []*cursor, info *queryplan.Info, from *token) (stage, error) {
	f, left := &r.fetcher, int64(-1)
	if info.DistinctType == queryplan.DistinctNone || info.DistinctType == "" {
		// So much is asked of the partitions together, and no request is made for rows that nobody wants.
		left = needed(info, from) // else rows are dropped on the way
	}
	// A score is computed as documents are read, so partitions cannot give its rows in order; those come all, and the
	// best are kept.
	if sorts(info) && !info.NonStreamingOrderBy {
		var positions []*position
		if from != nil {
			var err error
			if positions, err = from.positions(); err != nil {
				return nil, err
			}
		}
		m := f.newMerge(cursors, info, r.options.PageSize, positions)
		m.left = left
		return m, nil
	}
	s := f.newSource(cursors, r.options.PageSize)
	switch {
	case sorts(info):
		s.inOrder, s.eager = true, true
		return newTopN(s, info, &f.budget), nil
	case folds(info), len(info.GroupByExpressions) > 0, info.DCount != nil:
		// One partition after the other although all are needed: the first row of a group, which names it, must not
		// depend on which answer was quicker.
		s.inOrder, s.eager = true, true
		// A row comes of each partition, so all can be asked at once; of pages of a megabyte each only a few.
		if folds(info) {
			f.guess.Store(1 << 10)
		}
	default:
		s.inOrder, s.left = info.Top != nil || info.Limit != nil, left
	}
	return s, nil
}

// limits adds OFFSET, LIMIT and TOP, or what a token says is left of them.
func (r *Rows) limits(top stage, info *queryplan.Info, from *token) stage {
	offset, takes := left(info, from)
	if info.Offset != nil && *info.Offset > 0 {
		top = r.counted(&skip{in: top, left: offset})
	}
	for _, n := range takes {
		top = &take{in: top, left: n}
	}
	return top
}

// left returns how many rows OFFSET still drops, and how many LIMIT and TOP, in this order, still let through. LIMIT
// before TOP, as the stages stand and as tokens list them.
func left(info *queryplan.Info, from *token) (offset int64, takes []int64) {
	if info.Offset != nil {
		offset = *info.Offset
		if from != nil && from.Skip != nil {
			offset = *from.Skip
		}
	}
	for _, most := range []*int64{info.Limit, info.Top} {
		if most == nil {
			continue
		}
		n := *most
		if from != nil && len(takes) < len(from.Takes) {
			n = from.Takes[len(takes)]
		}
		takes = append(takes, n)
	}
	return offset, takes
}

// needed is how many rows OFFSET, LIMIT and TOP go through, or go through yet; negative if that is all. Capped, as
// OFFSET and LIMIT may each be 4294967295, and an int may have 32 bits.
func needed(info *queryplan.Info, from *token) int64 {
	offset, takes := left(info, from)
	n := int64(-1)
	for _, most := range takes {
		if n < 0 || most < n {
			n = most
		}
	}
	if n < 0 {
		return n
	}
	return cappedSum(n, offset)
}

func sorts(info *queryplan.Info) bool { return len(info.OrderBy) > 0 }

// folds reports whether all rows become one.
func folds(info *queryplan.Info) bool {
	return len(info.GroupByExpressions) == 0 && (len(info.Aggregates) > 0 || len(info.AliasToAggregate) > 0)
}

// streams reports whether the rows come in an order that a token can name a place in. All others are made from all
// rows together: going on in them would need what has been seen so far, which may be as large as the result.
func streams(info *queryplan.Info) bool {
	return !folds(info) && len(info.GroupByExpressions) == 0 && info.DistinctType != queryplan.DistinctUnordered &&
		!info.NonStreamingOrderBy && info.DCount == nil
}
