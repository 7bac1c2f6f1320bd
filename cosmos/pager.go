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
	err       error // what is wrong with the query, reported by Next
	ahead     *fetch
	readAhead bool // the source does not read ahead by itself
	closed    bool
}

// source is where pages come from. next returns io.EOF after the last page; when it fails it has not moved, and may be
// called again. It is never called twice at the same time.
type source interface {
	next(ctx context.Context) (*Page, error)
	close()
}

// fetch is a page on its way.
type fetch struct {
	ctx    context.Context // of the call that began it
	cancel context.CancelFunc
	done   chan struct{}
	page   *Page
	err    error
}

var errPagerClosed = errors.New("cosmos: the pager is closed")

// Next returns the next page, io.EOF after the last. Pages without rows, which the service sends when it has looked long
// and found nothing, are passed over. After an error that passes, such as the end of ctx, Next may be called again and
// goes on where it stood.
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

// take waits for the page on its way, or fetches one.
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
		} // else its page came just in time to be the next one
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

// drop ends the fetch in progress and waits until it is gone.
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

// Close ends the query and the request in flight, if any. It never fails.
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

// failed is a pager that only has an error to report.
func failedPager(err error) *Pager { return &Pager{err: err} }

// all runs a pager to its end and closes it.
func (p *Pager) all(ctx context.Context, yield func(*Page, error) bool) {
	defer p.Close()
	eachPage(ctx, p, yield)
}

// eachPage hands out pages until there are no more, or an error.
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

// eachItem hands out the items of pages.
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
