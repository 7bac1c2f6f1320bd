package pipeline

import (
	"context"
	"strings"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// planned connects the stages that a plan asks for, in their order: source, aggregate or group by, distinct, skip, take,
// count.
func (r *Rows) planned(ctx context.Context, plan *queryplan.Plan, from *token, proto cursor) (stage, error) {
	info := plan.Info
	if from != nil && !streams(info) {
		return nil, notResumable("DISTINCT, aggregates, GROUP BY or a vector order")
	}
	if info.RewrittenQuery != "" {
		proto.query = strings.ReplaceAll(info.RewrittenQuery, queryplan.FilterMark, "true")
	}
	cursors, err := r.fetcher.open(ctx, from, where(r.options.Road, plan), proto)
	if err != nil {
		return nil, err
	}
	if err := proto.checkAlone(len(cursors)); err != nil {
		return nil, err
	}
	if sorts(info) && !info.NonStreamingOrderBy && proto.pageSize == 0 {
		for _, c := range cursors {
			c.pageSize, c.grow = firstPage(info, int64(len(cursors))), mostSorted
		}
	}
	top, err := r.first(cursors, info, from)
	if err != nil {
		return nil, err
	}
	budget := &r.fetcher.budget
	switch {
	case len(info.GroupByExpressions) > 0:
		top, err = newGroupBy(top, info, budget)
	case folds(info):
		top, err = newAggregate(top, info, budget)
	}
	if err != nil {
		return nil, err
	}
	switch info.DistinctType {
	case queryplan.DistinctOrdered:
		ordered := &orderedDistinct{in: top}
		if from != nil {
			ordered.last = from.Last
		}
		top = ordered
	case queryplan.DistinctUnordered:
		top = newDistinct(top, budget)
	}
	top = limits(top, info, from)
	if info.DCount != nil {
		top = &count{in: top, alias: info.DCount.Alias}
	}
	return top, nil
}

// where returns the ranges to ask: those that the caller's key or our own reading of WHERE leaves, else the plan's.
func where(road queryplan.Road, plan *queryplan.Plan) []queryplan.Range {
	if road.Ranges != nil {
		return road.Ranges
	}
	return plan.Ranges
}

// Pages of sorted answers begin small, so that the first row comes soon, and grow. Two of them are in memory for every
// partition.
const (
	leastSorted = 20
	mostSorted  = 160
)

// firstPage is how many rows of each of n sorted answers are asked for at first: those that TOP or LIMIT probably takes
// from it.
func firstPage(info *queryplan.Info, n int64) int {
	want := reach(info)
	if want < 0 {
		return leastSorted
	}
	return int(min(max(min((want+n-1)/n*5, want), 1), mostSorted))
}

// reach is how many of the merged rows are needed; negative if that is all.
func reach(info *queryplan.Info) int64 {
	switch {
	case info.Limit != nil && info.Offset != nil:
		return cappedSum(*info.Limit, *info.Offset)
	case info.Limit != nil:
		return *info.Limit
	case info.Top != nil:
		return *info.Top
	}
	return -1
}

// first is the stage that brings the partitions' answers together.
func (r *Rows) first(cursors []*cursor, info *queryplan.Info, from *token) (stage, error) {
	switch {
	case !sorts(info):
		cuts := info.Top != nil || info.Limit != nil
		return r.source(cursors, !cuts), nil
	case info.NonStreamingOrderBy:
		return newBest(r.source(cursors, false), info, &r.fetcher.budget), nil
	case from == nil:
		return newMerge(cursors, info, r.options.PageSize, nil), nil
	}
	positions, err := from.positions()
	if err != nil {
		return nil, err
	}
	return newMerge(cursors, info, r.options.PageSize, positions), nil
}

// limits adds OFFSET, LIMIT and TOP, or what a token says is left of them.
func limits(top stage, info *queryplan.Info, from *token) stage {
	if info.Offset != nil && *info.Offset > 0 {
		offset := *info.Offset
		if from != nil && from.Skip != nil {
			offset = *from.Skip
		}
		top = &skip{in: top, left: offset}
	}
	taken := 0
	for _, most := range []*int64{info.Limit, info.Top} {
		if most == nil {
			continue
		}
		left := *most
		if from != nil && taken < len(from.Takes) {
			left = from.Takes[taken]
		}
		taken++
		top = &take{in: top, left: left}
	}
	return top
}

func sorts(info *queryplan.Info) bool { return len(info.OrderBy) > 0 }

// folds reports whether all rows become one.
func folds(info *queryplan.Info) bool {
	return len(info.GroupByExpressions) == 0 && (len(info.Aggregates) > 0 || len(info.AliasToAggregate) > 0)
}

// streams reports whether the rows come in an order that a token can name a place in.
func streams(info *queryplan.Info) bool {
	return !folds(info) && len(info.GroupByExpressions) == 0 && info.DistinctType != queryplan.DistinctUnordered &&
		!info.NonStreamingOrderBy && info.DCount == nil
}
