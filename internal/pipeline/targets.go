package pipeline

import (
	"context"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// open returns the cursors that a query starts with, or goes on with. A token goes before everything else: it lists
// what is left, which need not be what the query began with.
func (f *fetcher) open(ctx context.Context, from *token, ranges []queryplan.Range, proto cursor) ([]*cursor, error) {
	switch {
	case from != nil:
		return f.resumed(ctx, from, proto)
	case proto.key != nil:
		return []*cursor{&proto}, nil
	}
	return f.targets(ctx, ranges, proto)
}

// targets returns the cursors that ask the partitions of ranges, in EPK order. A single range is asked for exactly.
// Several come from the filter, which finds them again; so every partition that holds one is asked once, for all that
// lies between the bounds of proto. One request for a partition with ten of the keys instead of ten.
func (f *fetcher) targets(ctx context.Context, ranges []queryplan.Range, proto cursor) ([]*cursor, error) {
	if len(ranges) == 1 && ranges[0].Min != ranges[0].Max {
		proto.min, proto.max = ranges[0].Min, ranges[0].Max
		return f.spread(ctx, proto, false)
	}
	var cursors []*cursor
	// Only a single point: several have each a partition to be asked at, and all of one that holds two of them.
	if len(ranges) == 1 {
		proto.point = &ranges[0].Min
	}
	for _, want := range ranges {
		owners, err := f.backend.Ranges(ctx, want.Min, want.Max, false)
		if err != nil {
			return nil, err
		}
		for _, r := range owners {
			// Ranges come in order, so a partition that was met is the last one.
			if n := len(cursors); n > 0 && cursors[n-1].rangeID == r.ID {
				continue
			}
			cursors = append(cursors, proto.at(r))
		}
	}
	return cursors, nil
}

// resumed returns the cursors that go on where a token says. By bounds and not by ids of partitions: those of the
// token may have been split or merged since.
func (f *fetcher) resumed(ctx context.Context, t *token, proto cursor) ([]*cursor, error) {
	var cursors []*cursor
	for _, r := range t.Ranges {
		c := proto
		c.min, c.max, c.point, c.next, c.taken = r.Min, r.Max, r.Point, r.Continuation, r.Taken
		if c.key != nil {
			cursors = append(cursors, &c)
			continue
		}
		children, err := f.spread(ctx, c, false)
		if err != nil {
			return nil, err
		}
		cursors = append(cursors, children...)
	}
	return cursors, nil
}

// spread returns a copy of c for every partition that holds a part of its range, or its point.
func (f *fetcher) spread(ctx context.Context, c cursor, refresh bool) ([]*cursor, error) {
	lo, hi := c.min, c.max
	if c.point != nil {
		lo, hi = *c.point, *c.point
	}
	ranges, err := f.backend.Ranges(ctx, lo, hi, refresh)
	if err != nil {
		return nil, err
	}
	cursors := make([]*cursor, 0, len(ranges))
	for _, r := range ranges {
		cursors = append(cursors, c.at(r))
	}
	return cursors, nil
}

// searched returns the ranges to ask, within the bounds of the caller's feed range: those that the caller's key or our
// own reading of WHERE leaves, else the plan's.
func searched(access queryplan.AccessPath, plan *queryplan.Plan) []queryplan.Range {
	switch {
	case access.Ranges != nil:
		return access.Ranges
	case plan != nil && plan.Ranges != nil:
		return access.Within(plan.Ranges)
	}
	return access.Within(queryplan.FullRange())
}

// bounds are the EPKs that a query may look at.
func bounds(access queryplan.AccessPath) (lo, hi string) {
	if access.Feed != nil {
		return access.Feed.Min, access.Feed.Max
	}
	return partition.Min, partition.Max
}
