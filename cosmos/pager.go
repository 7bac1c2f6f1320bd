package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"io"
)

// Pager reads the result of a query, or the documents of a container, page by page. A page costs what it needs: nothing
// is fetched ahead before the second Next, and then the partitions' next pages are while the caller works on this one,
// unless [ReadAhead] says otherwise. It is not safe for concurrent use.
type Pager struct {
	source source
	err    error // of an invalid query; every Next returns it
	last   string
	closed bool
	trace  func(ctx context.Context) (context.Context, *tracedOperation) // nil if nobody is told
}

// source is where pages come from. next returns io.EOF after the last page. If it fails it keeps its position and may
// be called again. It is never called concurrently.
type source interface {
	next(ctx context.Context) (*Page, error)
	more() bool       // false only if nothing is left
	resumable() error // why there is no token of the place behind the last page, although rows are left
	close()
}

var errPagerClosed = errors.New("cosmos: the pager is closed")

// Next returns the next page; io.EOF after the last. Pages without rows, which the service sends after a long search,
// are skipped. After a temporary error, such as the end of ctx, Next may be called again and continues at the same
// position.
func (p *Pager) Next(ctx context.Context) (*Page, error) {
	if p.err != nil {
		return nil, p.err
	}
	if p.closed {
		return nil, errPagerClosed
	}
	var traced *tracedOperation
	if p.trace != nil {
		ctx, traced = p.trace(ctx)
	}
	for {
		page, err := p.source.next(ctx)
		if err != nil {
			traced.page(nil, err)
			return nil, err
		}
		recordPage(ctx)
		p.last = page.Continuation
		if len(page.Items) > 0 {
			traced.page(page, nil)
			return page, nil
		}
		page.Release()
	}
}

// traced has the pager's pages traced as operations of a name.
func (p *Pager) traced(c *Container, name string) *Pager {
	if c.client().tracer != nil {
		p.trace = func(ctx context.Context) (context.Context, *tracedOperation) {
			return c.client().begin(ctx, name, c.address.link, 0)
		}
	}
	return p
}

// More reports whether there may be another page: it is false only when nothing is left. After true, Next may still say
// io.EOF, as what is left may have no rows. It holds for queries without a [Page.Continuation], too:
//
//	for pager.More() {
//		page, err := pager.Next(ctx)
//		if err == io.EOF {
//			break
//		}
func (p *Pager) More() bool {
	return p.err != nil || !p.closed && p.source.more()
}

// Token returns the [Page.Continuation] of the page that Next returned last; it is empty if nothing is left, and before
// the first page. A query that has rows left and no such token, because they are made from all partitions together
// (DISTINCT without ORDER BY, GROUP BY, aggregates, vector and rank orders), gives an [ErrBadContinuation] that says
// how to write it.
func (p *Pager) Token() (string, error) {
	if p.err != nil {
		return "", p.err
	}
	if p.last == "" && !p.closed {
		return "", continuationError(p.source.resumable())
	}
	return p.last, nil
}

// Close ends the query and the request in flight, if any. The error is always nil.
func (p *Pager) Close() error {
	if !p.closed {
		p.closed = true
		if p.source != nil {
			p.source.close()
		}
	}
	return nil
}

// failedPager is a pager whose Next returns err.
func failedPager(err error) *Pager { return &Pager{err: err} }

// all yields all pages and closes the pager.
func (p *Pager) all(ctx context.Context, yield func(*Page, error) bool) {
	defer p.Close()
	eachPage(ctx, p, yield)
}

// eachPage yields pages until the last one, or an error.
func eachPage(ctx context.Context, pages interface {
	Next(context.Context) (*Page, error)
}, yield func(*Page, error) bool) {
	for {
		page, err := pages.Next(ctx)
		if err == io.EOF || !yield(page, err) || err != nil {
			return
		}
	}
}

// eachItem makes a function that yields the items of a page.
func eachItem(yield func(json.RawMessage, error) bool) func(*Page, error) bool {
	return func(page *Page, err error) bool {
		if err != nil {
			return yield(nil, err)
		}
		for _, item := range page.Items {
			if !yield(item, nil) {
				return false
			}
		}
		return true
	}
}
