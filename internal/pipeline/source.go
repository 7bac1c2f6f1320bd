package pipeline

import (
	"context"
	"encoding/json"
	"io"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// stage hands out rows, a batch at a time.
type stage interface {
	// next returns the next rows, which may be none, or io.EOF. After any other error it may be called again.
	next(ctx context.Context) (rows, error)
	// save notes in t where the stage stands behind the rows it has handed out. It is false if that cannot be resumed.
	save(t *token) bool
}

// rows are JSON texts; release, which may be nil, gives their memory back.
type rows struct {
	docs    []json.RawMessage
	release func()
}

// source hands out the pages of its cursors as they are.
type source struct {
	queue  []*cursor // the first is the one to hand out next
	window int       // how many of the queue are asked ahead
	// turns makes the partitions take turns, a page each, so that all of them work all the time. Without it a partition
	// is read to its end before the next: for queries that cut the result, which must be the same whatever the pages.
	turns bool
}

func (s *source) next(ctx context.Context) (rows, error) {
	for len(s.queue) > 0 {
		for _, c := range s.queue[:min(s.window, len(s.queue))] {
			c.prefetch(ctx)
		}
		c := s.queue[0]
		page, err := c.page(ctx)
		if gone(err) {
			heirs, err := c.moved(ctx, err)
			if err != nil {
				return rows{}, err
			}
			s.queue = append(heirs, s.queue[1:]...)
			continue
		}
		if err != nil {
			return rows{}, err
		}
		switch {
		case c.last:
			s.queue = s.queue[1:]
		case s.turns:
			s.queue = append(s.queue[1:], c)
		}
		for _, c := range s.queue[:min(s.window, len(s.queue))] {
			c.prefetch(ctx)
		}
		return rows{page.Docs, page.Release}, nil
	}
	return rows{}, io.EOF
}

func (s *source) save(t *token) bool {
	for _, c := range s.queue {
		t.addShare(c, c.next)
	}
	return true
}

// targets returns the cursors that ask the partitions of ranges, in EPK order. A single range is asked for exactly.
// Several come from the filter, which finds them again; so every partition that holds one is asked once, and whole.
func (f *fetcher) targets(ctx context.Context, ranges []queryplan.Range, proto cursor) ([]*cursor, error) {
	if len(ranges) == 1 && ranges[0].Min != ranges[0].Max {
		proto.min, proto.max = ranges[0].Min, ranges[0].Max
		return f.spread(ctx, proto, false)
	}
	var cursors []*cursor
	for _, want := range ranges {
		owners, err := f.backend.Ranges(ctx, want.Min, want.Max, false)
		if err != nil {
			return nil, err
		}
		for _, r := range owners {
			if n := len(cursors); n > 0 && cursors[n-1].rangeID == r.ID {
				continue
			}
			proto.min, proto.max = r.Min, r.Max
			cursors = append(cursors, proto.at(r))
		}
	}
	return cursors, nil
}

// resumed returns the cursors that go on where a token says.
func (f *fetcher) resumed(ctx context.Context, t *token, proto cursor) ([]*cursor, error) {
	var cursors []*cursor
	for _, share := range t.Shares {
		c := proto
		c.min, c.max, c.next = share.Min, share.Max, share.Continuation
		if c.key != nil {
			cursors = append(cursors, &c)
			continue
		}
		heirs, err := f.spread(ctx, c, false)
		if err != nil {
			return nil, err
		}
		cursors = append(cursors, heirs...)
	}
	return cursors, nil
}
