package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// cursor walks through the pages of one range of the container: a logical partition, or the EPKs [min, max) of a
// physical one. It asks for at most one page ahead, which is enough: while that one is read the next is on its way.
type cursor struct {
	fetcher *fetcher
	query   string
	size    int    // most rows of the next request; 0 leaves it to the service
	whole   string // why the rows of several partitions would make no sense together; empty if they do

	key     partition.Key
	rangeID string
	// Kept as they were asked for, also after a merge has made the partition larger: the rows beside them belong to
	// other cursors, or were never wanted.
	min, max string
	partial  bool // [min, max) is not the whole physical partition
	// point is the one EPK that is asked for, if it is one. A query that reads no documents is asked at some point,
	// too: when its partition is split one child goes on, since both would give its rows.
	point *string

	next string // continuation of the page to ask for next
	// An empty next cannot say it, for that is how the first page is asked for, too.
	exhausted bool // there is no next page
	pending   *pendingFetch
	arrived   chan struct{} // told when a page has come that was asked for ahead
	// Counted since the last page, so that only a partition which moves without end ends the query.
	splits int
	// A page that is not used up when a token is made is asked for again.
	origin string // continuation that gave the page taken last
	taken  int    // rows of the next page that were handed out before the query was resumed
}

// request is the one for the next page. Bounds are only sent where they cut a partition: a whole one is asked as by
// clients that do not know of bounds.
func (c *cursor) request() Fetch {
	f := Fetch{Query: c.query, Key: c.key, RangeID: c.rangeID, Continuation: c.next, PageSize: c.size}
	if c.partial {
		f.Min, f.Max = c.min, c.max
	}
	return f
}

// prefetch asks for the next page in the background, unless that is under way or there is none.
func (c *cursor) prefetch(ctx context.Context) {
	if c.pending == nil && !c.exhausted {
		c.pending = c.fetcher.start(ctx, c.request(), c.arrived)
	}
}

// asked reports whether the next page has been asked for, ready whether it is there.
func (c *cursor) asked() bool { return c.pending != nil }
func (c *cursor) ready() bool { return c.pending != nil && c.pending.isDone() }

// peek returns the next page, which take then takes. After an error it may be called again and asks for the same
// page. It must not be called once the cursor is exhausted. Looking and taking are apart, because a source must know
// how many rows a page has before it hands out the page.
func (c *cursor) peek(ctx context.Context) (*Page, error) {
	for {
		if c.pending == nil {
			c.pending = c.fetcher.now(ctx, c.request())
		}
		select {
		case <-c.pending.done:
		case <-ctx.Done():
			c.pending.cancel()
			return nil, ctx.Err()
		}
		p := c.pending
		if p.err == nil {
			return p.page, nil
		}
		over := p.ctx.Err() != nil
		c.drop()
		if over && ctx.Err() == nil {
			continue // it was asked for by a call whose context has ended since; this one's has not
		}
		return nil, p.err
	}
}

// take moves the cursor behind the page that peek has returned. A page that came means that the partition is there:
// the count of moves begins anew.
func (c *cursor) take() {
	c.origin, c.next = c.next, c.pending.page.Continuation
	c.exhausted = c.next == ""
	c.splits, c.taken = 0, 0
	c.drop()
}

// drop forgets a fetch that is done.
func (c *cursor) drop() {
	c.pending.cancel()
	c.fetcher.held.Add(-c.pending.held)
	c.pending = nil
}

// children returns the cursors that take over from c after its page failed with an [ErrGone]: each continues where c
// stood, in the partitions that hold its range now. Continuations survive a split or a merge, as they name documents
// and not partitions (PROTOCOL.md 6.11).
func (c *cursor) children(ctx context.Context, cause error) ([]*cursor, error) {
	if c.splits++; c.splits > partition.MaxSplits {
		return nil, fmt.Errorf("cosmos: the partitions moved %d times in a row while the query was at [%s, %s): %w",
			partition.MaxSplits, c.min, c.max, cause)
	}
	if err := partition.AwaitSplit(ctx, c.splits); err != nil {
		return nil, err
	}
	if c.key != nil {
		// A partition key stays where it is, whatever partition that is.
		return []*cursor{c}, nil // routed by the service
	}
	children, err := c.fetcher.spread(ctx, *c, true)
	if err != nil {
		return nil, err
	}
	return children, c.checkWhole(len(children))
}

// subqueryOverAll is why a query has to be answered by one partition.
const subqueryOverAll = "a subquery has DISTINCT, GROUP BY or an aggregate " +
	"over all documents, or stands where no FROM reads them"

// checkWhole refuses to put the rows of n partitions together where that makes no sense. Asked before the first
// request and after each split: a container with one partition may get a second one while the query runs.
func (c *cursor) checkWhole(n int) error {
	if c.whole != "" && n > 1 {
		return errtext.Refusef("cosmos: %s, and the results cannot be merged from %d partitions; "+
			"fix the partition key, or do without it", c.whole, n)
	}
	return nil
}

// at returns a copy of c for what r holds of its range. By value, since one cursor becomes several.
func (c cursor) at(r partition.Range) *cursor {
	c.rangeID, c.pending = r.ID, nil
	if partition.Compare(c.min, r.Min) < 0 {
		c.min = r.Min
	}
	if partition.Compare(c.max, r.Max) > 0 {
		c.max = r.Max
	}
	c.partial = partition.Compare(c.min, r.Min) != 0 || partition.Compare(c.max, r.Max) != 0
	return &c
}

// target is where the cursor asks.
func (c *cursor) target() Target {
	if c.key != nil {
		return Target{Key: c.key.Header()}
	}
	return Target{RangeID: c.rangeID, Min: c.min, Max: c.max}
}

// gone reports whether an error says that the partition moved.
func gone(err error) bool { return errors.Is(err, ErrGone) }
