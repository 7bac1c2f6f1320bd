package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// maxMoves bounds how often in a row a share may turn out to have moved before the query gives up.
const maxMoves = 10

// cursor walks through the pages of one share of the container: a logical partition, or the EPKs [min, max) of a
// physical one. It asks for at most one page ahead.
type cursor struct {
	fetcher  *fetcher
	query    string
	pageSize int
	alone    bool // the rows of several partitions would make no sense together
	grow     int  // pages double until they have so many rows; 0 leaves them as they are

	key      partition.Key
	rangeID  string
	min, max string
	part     bool // [min, max) is not the whole physical partition

	next   string // continuation of the page to ask for next
	last   bool   // there is no next page
	ahead  *flight
	moves  int
	origin string // continuation that gave the page handed out last
}

// prefetch asks for the next page, unless that is under way or there is none.
func (c *cursor) prefetch(ctx context.Context) {
	if c.ahead != nil || c.last {
		return
	}
	request := Fetch{Query: c.query, Key: c.key, RangeID: c.rangeID, Continuation: c.next, PageSize: c.pageSize}
	if c.part {
		request.Min, request.Max = c.min, c.max
	}
	c.ahead = c.fetcher.start(ctx, request)
}

// ready reports whether page will not have to wait.
func (c *cursor) ready() bool { return c.ahead != nil && c.ahead.landed() }

// page returns the next page. After an error it may be called again and asks for the same page. It must not be called
// once the cursor is at its last page.
func (c *cursor) page(ctx context.Context) (*Page, error) {
	for {
		c.prefetch(ctx)
		select {
		case <-c.ahead.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		fl := c.ahead
		c.ahead = nil
		if fl.err != nil {
			if fl.ctx.Err() != nil && ctx.Err() == nil {
				continue // it was started ahead under a context that has ended since; the caller's has not
			}
			return nil, fl.err
		}
		c.origin, c.next = c.next, fl.page.Continuation
		c.last = c.next == ""
		c.moves = 0
		c.pageSize = max(c.pageSize, min(2*c.pageSize, c.grow))
		return fl.page, nil
	}
}

// moved returns the cursors that take over from c after its page failed with an [ErrGone]: each continues where c
// stood, in the partitions that hold its share now.
func (c *cursor) moved(ctx context.Context, cause error) ([]*cursor, error) {
	if c.moves++; c.moves > maxMoves {
		return nil, fmt.Errorf("cosmos: the partitions moved %d times in a row while the query was at [%s, %s): %w", maxMoves, c.min, c.max, cause)
	}
	if err := pause(ctx, c.moves); err != nil {
		return nil, err
	}
	if c.key != nil {
		return []*cursor{c}, nil // routed by the service
	}
	heirs, err := c.fetcher.spread(ctx, *c, true)
	if err != nil {
		return nil, err
	}
	if len(heirs) == 0 {
		return nil, fmt.Errorf("cosmos: no partition holds [%s, %s): %w", c.min, c.max, cause)
	}
	return heirs, c.checkAlone(len(heirs))
}

// checkAlone refuses to put the rows of n partitions together where that makes no sense.
func (c *cursor) checkAlone(n int) error {
	if c.alone && n > 1 {
		return fmt.Errorf("cosmos: a subquery has DISTINCT, GROUP BY or an aggregate over all documents, or stands where no FROM is, "+
			"and its results cannot be merged from %d partitions; fix the partition key, or do without the subquery", n)
	}
	return nil
}

// pause waits before the routing map is read again and again: a split under way takes its time.
func pause(ctx context.Context, moves int) error {
	const first, most = 25 * time.Millisecond, time.Second
	if moves < 2 {
		return nil
	}
	timer := time.NewTimer(min(first<<(moves-2), most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// spread returns a copy of c for every partition that holds a part of its share.
func (f *fetcher) spread(ctx context.Context, c cursor, refresh bool) ([]*cursor, error) {
	ranges, err := f.backend.Ranges(ctx, c.min, c.max, refresh)
	if err != nil {
		return nil, err
	}
	cursors := make([]*cursor, 0, len(ranges))
	for _, r := range ranges {
		cursors = append(cursors, c.at(r))
	}
	return cursors, nil
}

// at returns a copy of c for what r holds of its share.
func (c cursor) at(r partition.Range) *cursor {
	c.rangeID, c.ahead = r.ID, nil
	if partition.Compare(c.min, r.Min) < 0 {
		c.min = r.Min
	}
	if partition.Compare(c.max, r.Max) > 0 {
		c.max = r.Max
	}
	c.part = partition.Compare(c.min, r.Min) != 0 || partition.Compare(c.max, r.Max) != 0
	return &c
}

// gone reports whether an error says that the partition moved.
func gone(err error) bool { return errors.Is(err, ErrGone) }
