package pipeline

import (
	"context"
	"sync"
)

// fetcher runs the requests of one query: never more than cap(slots) side by side, none after close.
type fetcher struct {
	backend Backend
	slots   chan struct{}
	flights sync.WaitGroup
	closing context.Context // ends every request when the query is closed, whatever context it was started under
	cancel  context.CancelFunc
	budget  budget
}

func newFetcher(b Backend, o Options) *fetcher {
	n := o.MaxConcurrency
	if n <= 0 {
		n = DefaultConcurrency
	}
	f := &fetcher{backend: b, slots: make(chan struct{}, n)}
	f.closing, f.cancel = context.WithCancel(context.Background())
	f.budget.limit = o.MaxBuffer
	if f.budget.limit <= 0 {
		f.budget.limit = DefaultBuffer
	}
	return f
}

// close ends all requests and waits until their goroutines are gone.
func (f *fetcher) close() {
	f.cancel()
	f.flights.Wait()
}

// start sends a request in the background. It carries the values and the deadline of ctx.
func (f *fetcher) start(ctx context.Context, request Fetch) *flight {
	fl := &flight{ctx: ctx, done: make(chan struct{})}
	f.flights.Go(func() {
		defer close(fl.done)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(f.closing, cancel)()
		select {
		case f.slots <- struct{}{}:
			defer func() { <-f.slots }()
		case <-ctx.Done():
			fl.err = ctx.Err()
			return
		}
		fl.page, fl.err = f.backend.Fetch(ctx, request)
	})
	return fl
}

// flight is a request under way; page and err are set when done is closed.
type flight struct {
	ctx  context.Context // that it was started under
	done chan struct{}
	page *Page
	err  error
}

func (fl *flight) landed() bool {
	select {
	case <-fl.done:
		return true
	default:
		return false
	}
}
