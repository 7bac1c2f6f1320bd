package pipeline

import (
	"context"
	"io"
	"slices"
)

// stage hands out rows, a batch at a time.
type stage interface {
	// next returns the next rows, which may be none, or io.EOF. want is how many the caller can use now; 0 is any
	// number. A stage that can be resumed gives no more than that. After any other error it may be called again. What
	// it has handed out is gone: a caller that got rows beside an error would lose them, so an error comes alone.
	next(ctx context.Context, want int) (rows, error)
	// more reports whether there may be rows left; once false it stays so.
	more() bool
	// explain adds to e what the stage does, behind what the stages below it do.
	explain(e *Explanation)
}

// saver is a stage that can be resumed. Apart from stage, as most stages that make rows from many others cannot be.
type saver interface {
	// save notes in t where the stage stands behind the rows it has handed out. It is false if a stage below cannot be
	// resumed.
	save(t *token) bool
}

// save notes in t where s stands. It is false if s or a stage below it cannot be resumed, and then the whole query
// cannot.
func save(s stage, t *token) bool {
	resumable, ok := s.(saver)
	return ok && resumable.save(t)
}

// source hands out the pages of its cursors as they are. Without reading ahead it starts small: the first page of a
// query often has all rows that are wanted, and asking 50 partitions for them would cost 50 requests.
type source struct {
	fetcher  *fetcher
	queue    []*cursor
	pageSize int   // most rows of a request; 0 leaves it to the service
	left     int64 // rows that the query may still need; negative if that is all
	// inOrder reads a partition to its end before the next: for queries that cut the result, which must be the same
	// whatever the pages, and for those that fold it. Otherwise partitions take turns, so that all of them work.
	inOrder bool
	eager   bool // all rows are needed before the first one can be handed out
	round   int  // how many partitions are asked side by side next, where nothing is read ahead
	arrived chan struct{}
}

// A round of one: the first partition alone.
func (f *fetcher) newSource(cursors []*cursor, pageSize int) *source {
	s := &source{fetcher: f, queue: cursors, pageSize: pageSize, left: -1, round: 1, arrived: make(chan struct{}, 1)}
	for _, c := range cursors {
		c.arrived = s.arrived
	}
	return s
}

func (s *source) next(ctx context.Context, want int) (rows, error) {
	ahead := s.eager || s.fetcher.ahead
	if !ahead {
		s.round = 1
	}
	var out rows
	pages := 0
	for len(s.queue) > 0 {
		s.ask(ctx, want-len(out.docs), want > 0)
		i := 0
		if ahead && !s.inOrder {
			i = s.firstReady(ctx)
		}
		c := s.queue[i]
		page, err := c.peek(ctx)
		// The children take the parent's place in the queue, so that the order of the partitions stays.
		if gone(err) {
			var children []*cursor
			if children, err = c.children(ctx, err); err == nil {
				s.queue = slices.Replace(s.queue, i, i+1, children...)
				continue
			}
		}
		if err != nil {
			if len(out.docs) > 0 {
				break // the next call meets the error again
			}
			return rows{}, err
		}
		if len(out.docs) > 0 && len(out.docs)+len(page.Docs) > want {
			break // a token can stand between pages only
		}
		c.take()
		s.queue = slices.Delete(s.queue, i, i+1)
		switch {
		case c.exhausted:
		// To the end of the queue: the others have their turn first.
		case ahead && !s.inOrder:
			s.queue = append(s.queue, c)
		default:
			s.queue = slices.Insert(s.queue, i, c)
		}
		out.join(page)
		pages++
		if s.left > 0 {
			s.left = max(0, s.left-int64(len(page.Docs)))
		}
		if ahead {
			s.round = min(2*s.round, s.fetcher.most)
			s.askAhead(ctx)
			break
		}
		if len(out.docs) > 0 && (want == 0 || len(out.docs) >= want || s.left == 0) {
			break
		}
	}
	if pages == 0 {
		return rows{}, io.EOF
	}
	return out, nil
}

// ask sends the requests for rows that are needed now: left of them, if that is limited. A request never asks for
// more rows than are wanted, as they are paid for by the row.
func (s *source) ask(ctx context.Context, left int, limited bool) {
	size := s.pageSize
	if limited && !s.eager && (size == 0 || left < size) {
		size = left
	}
	if s.left > 0 && (size == 0 || s.left < int64(size)) {
		size = int(s.left)
	}
	for _, c := range s.queue {
		c.size = size
	}
	switch {
	case len(s.queue) == 1: // peek asks it, without a goroutine
	case s.eager || s.fetcher.ahead:
		s.askAhead(ctx)
	default:
		s.askRound(ctx)
	}
}

// askRound asks one partition, and if that has not enough rows twice as many each time. Doubling finds rows in many
// partitions after a few rounds, and asks at most about twice as many as were needed.
func (s *source) askRound(ctx context.Context) {
	n := min(s.round, len(s.queue))
	if slices.ContainsFunc(s.queue[:n], (*cursor).asked) {
		return // of this round some are left
	}
	s.round = min(2*s.round, s.fetcher.most)
	if n == 1 {
		return // peek asks it
	}
	for _, c := range s.queue[:n] {
		c.prefetch(ctx)
	}
}

// askAhead asks for the pages that come next, as far as memory allows; the first one at any rate, because a page
// larger than the bound would otherwise never come.
func (s *source) askAhead(ctx context.Context) {
	if s.left == 0 {
		return
	}
	n := len(s.queue)
	if s.inOrder && !s.eager {
		n = min(s.round, n)
	}
	for i, c := range s.queue[:n] {
		if i > 0 && !s.fetcher.room() {
			break
		}
		c.prefetch(ctx)
	}
}

// firstReady returns the index of a cursor whose page has come. It waits for one. Without it a slow partition would
// hold up those whose pages lie there already.
func (s *source) firstReady(ctx context.Context) int {
	for {
		if i := slices.IndexFunc(s.queue, (*cursor).ready); i >= 0 {
			return i
		}
		if !slices.ContainsFunc(s.queue, (*cursor).asked) {
			return 0
		}
		select {
		case <-s.arrived:
		case <-ctx.Done():
			return 0 // peek says so
		}
	}
}

func (s *source) more() bool { return len(s.queue) > 0 }

// Between two pages nothing is half read, so the continuations are all there is to say.
func (s *source) save(t *token) bool {
	for _, c := range s.queue {
		t.addRange(c, c.next, 0)
	}
	return true
}

func (s *source) explain(e *Explanation) {
	e.targets(s.queue)
	switch {
	case len(s.queue) == 1 && s.queue[0].key != nil:
		e.add("pages of one logical partition")
	case s.inOrder:
		e.add("pages of the partitions, one partition after the other")
	default:
		e.add("pages of the partitions in turn")
	}
}
