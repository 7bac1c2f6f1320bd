package pipeline

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// aheadBytes bounds what is fetched ahead, over all partitions of a query. It covers the bandwidth of a fast line
// times the time of a request (80 MB/s at 100 ms), whatever the number of partitions. Bytes and not pages, as a page
// may hold a single row or four megabytes.
const aheadBytes = 8 << 20

// fetcher runs the requests of one query: never more than most side by side, none after close.
type fetcher struct {
	backend Backend
	// A slot is held for the length of a request, and not while its page waits to be read.
	most   int
	ahead  bool // pages may be fetched before they are needed; changes only between two pages of the result
	budget budget
	held   atomic.Int64 // bytes of pages that were fetched ahead and not taken yet; of those under way an estimate
	// Requests under way must count as something, or all partitions would be asked before the first answer shows how
	// large answers are.
	guess atomic.Int64 // bytes of the page that is asked for next

	slots   chan struct{}
	fetches sync.WaitGroup
	opening sync.Once
	// Requests made ahead outlive the call that made them, and the context of that call may never end.
	closing context.Context // ends every request when the query is closed, whatever context it was started under
	cancel  context.CancelFunc
}

// init makes f ready for the requests of a query.
func (f *fetcher) init(b Backend, o Options) {
	f.backend, f.most = b, o.MaxConcurrency
	if f.most <= 0 {
		f.most = DefaultConcurrency
	}
	// Before anything has come: eight requests at once.
	f.guess.Store(aheadBytes / 8)
	if n := int64(o.PageSize) << 10; n > 0 { // rows of 1 KB, say
		f.guess.Store(min(n, aheadBytes/8))
	}
	f.budget.limit = o.MaxBuffer
	if f.budget.limit <= 0 {
		f.budget.limit = DefaultBuffer
	}
	if o.Access.Kind != queryplan.PointRead { // which is one request
		f.slots = make(chan struct{}, f.most)
	}
}

// close ends all requests and waits until their goroutines are gone. Waiting for them is what keeps a closed query
// from leaving goroutines behind.
func (f *fetcher) close() {
	if f.cancel != nil {
		f.cancel()
	}
	f.fetches.Wait()
}

// room reports whether memory allows to fetch another page ahead. Two that ask at the same time may both find room;
// the bound is for memory in the large, not to the byte.
func (f *fetcher) room() bool { return f.held.Load()+f.guess.Load() <= aheadBytes }

// pendingFetch is a request under way; page and err are set when done is closed. Whoever waits may give up, and the
// next call then finds it still under way or done.
type pendingFetch struct {
	ctx    context.Context // that it is made under
	cancel context.CancelFunc
	done   chan struct{}
	page   *Page
	err    error
	held   int64 // bytes that the fetcher counts for it
}

// closed is the done of fetches that were never under way.
var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// now sends a request and waits for the answer.
func (f *fetcher) now(ctx context.Context, request Fetch) *pendingFetch {
	p := &pendingFetch{ctx: ctx, cancel: func() {}, done: closed}
	p.page, p.err = f.fetch(ctx, request)
	return p
}

// start sends a request in the background, with the values and the deadline of ctx. It puts an element into arrived,
// if that has room, when the answer is there. A channel with room for one element is enough: whoever is told looks at
// all cursors.
func (f *fetcher) start(ctx context.Context, request Fetch, arrived chan<- struct{}) *pendingFetch {
	f.opening.Do(func() { f.closing, f.cancel = context.WithCancel(context.Background()) })
	request.Ahead = true
	p := &pendingFetch{done: make(chan struct{}), held: f.guess.Load()}
	p.ctx, p.cancel = context.WithCancel(ctx)
	f.held.Add(p.held)
	f.fetches.Go(func() {
		// The request's context is that of its caller; closing must end it as well.
		defer context.AfterFunc(f.closing, p.cancel)()
		p.page, p.err = f.fetch(p.ctx, request)
		if p.err == nil {
			size := p.page.size()
			f.held.Add(size - p.held)
			p.held = size
		}
		close(p.done)
		select {
		case arrived <- struct{}{}:
		default:
		}
	})
	return p
}

// fetch sends a request as soon as there are not too many.
func (f *fetcher) fetch(ctx context.Context, request Fetch) (*Page, error) {
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	page, err := f.backend.Fetch(ctx, request)
	if err == nil {
		// The next page is as large as this one, or, lest a small one lets all the others in, nearly as large as
		// expected.
		size := page.size()
		f.guess.Store(max(size, (f.guess.Load()+size)/2))
	}
	return page, err
}

func (p *pendingFetch) isDone() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// size is the number of bytes of a page's rows.
func (p *Page) size() int64 {
	n := 0
	for _, doc := range p.Docs {
		n += len(doc)
	}
	return int64(n)
}
