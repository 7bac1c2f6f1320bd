package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"io"
)

// Pager reads the result of a query or feed page by page. While the caller works on a page the next one is fetched. It
// is not safe for concurrent use.
type Pager struct {
	source    source
	err       error // of an invalid query; every Next returns it
	ahead     *fetch
	readAhead bool // the source does not read ahead by itself
	closed    bool
}

// source is where pages come from. next returns io.EOF after the last page. If it fails it keeps its position and may be
// called again. It is never called concurrently.
type source interface {
	next(ctx context.Context) (*Page, error)
	close()
}

// fetch is a request for the next page.
type fetch struct {
	ctx    context.Context // of the call that began it
	cancel context.CancelFunc
	done   chan struct{}
	page   *Page
	err    error
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
	for {
		page, err := p.take(ctx)
		if err != nil {
			return nil, err
		}
		recordPage(ctx)
		if page.Continuation != "" && p.readAhead {
			p.fetchAhead(ctx)
		}
		if len(page.Items) > 0 {
			return page, nil
		}
		page.Release()
	}
}

// take returns the page that is being fetched ahead, or fetches one.
func (p *Pager) take(ctx context.Context) (*Page, error) {
	f := p.ahead
	if f == nil {
		return p.source.next(ctx)
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		f.cancel()
		if <-f.done; f.err != nil {
			p.ahead = nil
		} // else the page arrived: the next call returns it
		return nil, ctx.Err()
	}
	p.ahead = nil
	over := f.ctx.Err() != nil
	f.cancel()
	if f.err != nil && over && ctx.Err() == nil {
		// The context of the call that began this fetch is over; this call's is not.
		return p.source.next(ctx)
	}
	return f.page, f.err
}

func (p *Pager) fetchAhead(ctx context.Context) {
	f := &fetch{done: make(chan struct{})}
	f.ctx, f.cancel = context.WithCancel(ctx)
	p.ahead = f
	go func() {
		defer close(f.done)
		f.page, f.err = p.source.next(f.ctx)
	}()
}

// cancelAhead cancels the fetch in progress, if any, and waits for its end.
func (p *Pager) cancelAhead() {
	if p.ahead == nil {
		return
	}
	p.ahead.cancel()
	<-p.ahead.done
	if p.ahead.page != nil {
		p.ahead.page.Release()
	}
	p.ahead = nil
}

// Close ends the query and the request in flight, if any. The error is always nil.
func (p *Pager) Close() error {
	if !p.closed {
		p.closed = true
		p.cancelAhead()
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
