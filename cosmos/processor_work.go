package cosmos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// leaseWorker handles the changes of a lease for as long as this process has it.
type leaseWorker struct {
	*leaseHolder
	token   string                    // of the lease
	renewed atomic.Pointer[time.Time] // when the lease was written last
	asked   chan struct{}             // another process is to have the lease
	held    context.Context           // ends when the lease is lost
	mu      sync.Mutex                // guards lease: it is renewed beside its use
	lease   *lease
}

func newLeaseWorker(h *leaseHolder, l *lease) *leaseWorker {
	w := &leaseWorker{leaseHolder: h, token: l.Token, asked: make(chan struct{}, 1), lease: l}
	at := l.Timestamp
	w.renewed.Store(&at)
	return w
}

var (
	// errLeaseGone ends the worker of a lease whose range was split or merged: others have taken its place.
	errLeaseGone = errors.New("cosmos: the range of the lease is gone")
	// errHandOver ends the worker of a lease that another process is to have.
	errHandOver = errors.New("cosmos: the lease is handed over")
	// errExpired ends the worker of a lease that could not be renewed.
	errExpired = fmt.Errorf("%w: it was not renewed in time", ErrLeaseLost)
)

// run handles changes until the lease is lost, gone or given back. again tells that the leases should be looked at.
func (w *leaseWorker) run(parent context.Context) (again bool) {
	// While a handler finishes, after the processor was stopped as well, the lease is renewed.
	held, lose := context.WithCancelCause(context.WithoutCancel(parent))
	w.held = held
	ctx, end := context.WithCancelCause(held)
	defer end(nil)
	defer context.AfterFunc(parent, func() { end(context.Cause(parent)) })()
	var keeping sync.WaitGroup
	keeping.Go(func() { w.renew(held, lose) })
	keeping.Go(func() { w.expire(held, lose) })
	err := w.work(ctx)
	lose(nil)
	keeping.Wait()
	switch {
	case err == errExpired:
		again = true // perhaps nobody has taken it since
	case errors.Is(err, ErrLeaseLost) || err == errLeaseGone:
		return true
	case err != errHandOver && parent.Err() == nil:
		w.failed(parent, ProcessorFailure{Err: err, Lease: w.token})
	}
	// Given back, it need not expire first. The end of the process must not cut that off; that another has taken it is
	// as good.
	_ = w.save(context.WithoutCancel(parent),
		func(l *lease) { l.giveBack(time.Now(), w.processor.opts.LeaseExpiration) })
	return again
}

// left is for how long the lease is this process's without being renewed. It is counted by both of the machine's
// clocks, one of which may stand still while the machine sleeps, and ends a little before others may take the lease.
func (w *leaseWorker) left() time.Duration {
	now, renewed := time.Now(), *w.renewed.Load()
	expiration := w.processor.opts.LeaseExpiration
	return expiration - expiration/10 - max(now.Sub(renewed), now.Round(0).Sub(renewed.Round(0)))
}

// expire ends what is done for the lease when it has not been renewed in time.
func (w *leaseWorker) expire(ctx context.Context, lose context.CancelCauseFunc) {
	for w.left() > 0 {
		select {
		case <-time.After(w.left()):
		case <-ctx.Done():
			return
		}
	}
	lose(errExpired)
}

// renew keeps the lease.
func (w *leaseWorker) renew(ctx context.Context, lose context.CancelCauseFunc) {
	for {
		select {
		case <-time.After(w.processor.opts.RenewInterval):
		case <-ctx.Done():
			return
		}
		if err := w.save(ctx, func(*lease) {}); errors.Is(err, ErrLeaseLost) {
			lose(err)
			return
		} else if err != nil && ctx.Err() == nil {
			w.failed(ctx, ProcessorFailure{Err: err, Lease: w.token}) // it is tried again until the lease expires
		}
	}
}

// save writes the lease.
func (w *leaseWorker) save(ctx context.Context, change func(*lease)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.store.keep(ctx, w.lease, w.processor.opts.Instance, change); err != nil {
		return err
	}
	at := w.lease.Timestamp
	w.renewed.Store(&at)
	if w.lease.wanted(at, w.processor.opts.LeaseExpiration) != "" {
		w.ask()
	}
	return nil
}

// ask has the lease handed over after the page that is being handled.
func (w *leaseWorker) ask() {
	select {
	case w.asked <- struct{}{}:
	default:
	}
}

// work reads and handles changes. It returns nil never.
func (w *leaseWorker) work(ctx context.Context) error {
	p := w.processor
	w.mu.Lock()
	l := w.lease.copy()
	w.mu.Unlock()
	r, err := p.rangeOf(ctx, l)
	if err != nil {
		return err
	}
	start := p.feedOptions()
	if !p.opts.StartTime.IsZero() {
		start = append(start, Since(p.opts.StartTime))
	}
	feed := p.container.changesAt(r, l.Continuation, start...)
	for failures := 0; ; {
		select {
		case <-w.asked:
			return errHandOver
		default:
		}
		page, err := feed.Next(ctx)
		if err == nil || err == io.EOF {
			failures = 0
			if gone := w.moved(ctx, feed, r); gone != nil {
				return gone
			}
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == io.EOF:
			if err := w.pause(ctx, p.opts.PollInterval, w.asked); err != nil {
				return err
			}
		case err != nil:
			failures++
			w.failed(ctx, ProcessorFailure{Err: err, Lease: w.token})
			if err := w.pause(ctx, growing(failures), w.asked); err != nil {
				return err
			}
		default:
			if err := w.hand(ctx, page, r, feed.positions()[0].ETag); err != nil {
				return err
			}
			page.Release()
		}
	}
}

// growing is the pause after the nth failure in a row: a second, at most a minute.
func growing(n int) time.Duration { return min(time.Second<<min(n-1, 6), time.Minute) }

// pause waits, or returns why the lease is not to be worked on any more.
func (w *leaseWorker) pause(ctx context.Context, d time.Duration, asked <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-asked:
		return errHandOver
	}
}

// hand gives a page to the handler until it has handled it, and saves the position behind it.
func (w *leaseWorker) hand(ctx context.Context, page *Page, r FeedRange, etag string) error {
	changes := &Changes{Items: page.Items, Lease: w.token, FeedRange: r, Response: page.Response}
	changes.checkpoint = func(ctx context.Context) error {
		return w.save(ctx, func(l *lease) { l.Continuation = etag })
	}
	for {
		changes.Attempt++
		if w.left() <= 0 {
			return errExpired // this process stood still for a while
		}
		err := w.processor.handle(ctx, changes)
		if err == nil && w.processor.opts.ManualCheckpoint {
			return nil
		}
		if err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil && !w.failed(ctx, ProcessorFailure{Err: err, Lease: w.token, Changes: changes}) {
			if err := w.pause(ctx, growing(changes.Attempt), w.asked); err != nil {
				return err
			}
			continue
		}
		for failures := 1; ; failures++ {
			// What was handled while the process was told to stop need not come again.
			err := changes.checkpoint(w.held)
			if err == nil || errors.Is(err, ErrLeaseLost) {
				return err
			}
			if w.held.Err() != nil {
				return context.Cause(w.held)
			}
			w.failed(w.held, ProcessorFailure{Err: err, Lease: w.token})
			if err := w.pause(ctx, growing(failures), nil); err != nil {
				return err
			}
		}
	}
}

// moved puts others in the place of the lease if its range was split or merged, all of them at the position that was
// saved last. It is nil if the range is as it was. Nothing is being handled meanwhile.
func (w *leaseWorker) moved(ctx context.Context, feed *ChangeFeed, r FeedRange) error {
	w.mu.Lock()
	l := w.lease.copy()
	w.mu.Unlock()
	now := feed.routing.Overlapping(r.Min, r.Max)
	whole := len(now) == 1 && now[0].Min == r.Min && now[0].Max == r.Max
	if len(now) == 1 && (l.ByKeys || whole && now[0].ID == l.Token) {
		return nil
	}
	for _, next := range leasesOf(now, r, l.ByKeys) {
		if w.left() <= 0 {
			return errExpired
		}
		next.Continuation = l.Continuation
		if err := w.store.create(ctx, next); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	// Somebody who wants it may have written it meanwhile; the next one to work on it comes here as well.
	if err := w.store.remove(ctx, w.lease); err != nil && !errors.Is(err, ErrPreconditionFailed) {
		return err
	}
	return errLeaseGone
}
