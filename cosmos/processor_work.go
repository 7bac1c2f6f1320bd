package cosmos

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"
)

// leaseWorker handles the changes of a lease for as long as this process has it.
type leaseWorker struct {
	*leaseHolder
	token string     // of the lease
	mu    sync.Mutex // guards lease: it is renewed beside its use
	lease *lease
}

// run handles changes until the lease is lost, gone or given back.
func (w *leaseWorker) run(parent context.Context) {
	ctx, end := context.WithCancelCause(parent)
	var renewing sync.WaitGroup
	renewing.Go(func() { w.renew(ctx, end) })
	err := w.work(ctx)
	end(err)
	renewing.Wait()
	switch {
	case errors.Is(err, ErrLeaseLost):
		return
	case err == errLeaseGone:
		select {
		case w.look <- struct{}{}:
		default:
		}
		return
	case parent.Err() == nil:
		w.failed(parent, ProcessorFailure{Err: err, Lease: w.token})
	}
	// Given back, it need not expire first. The end of the process must not cut that off; that another has taken it is as
	// good.
	_ = w.save(context.WithoutCancel(parent), func(l *lease) { l.Owner = "" })
}

// errLeaseGone ends the worker of a lease whose range was split or merged: others have taken its place.
var errLeaseGone = errors.New("cosmos: the range of the lease is gone")

// renew keeps the lease.
func (w *leaseWorker) renew(ctx context.Context, end context.CancelCauseFunc) {
	for {
		select {
		case <-time.After(w.processor.opts.RenewInterval):
		case <-ctx.Done():
			return
		}
		if err := w.save(ctx, func(*lease) {}); errors.Is(err, ErrLeaseLost) {
			end(err)
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
	return w.store.update(ctx, w.lease, w.processor.opts.Instance, change)
}

// work reads and handles changes. It returns nil never.
func (w *leaseWorker) work(ctx context.Context) error {
	p := w.processor
	r, err := p.rangeOf(ctx, w.lease)
	if err != nil {
		return err
	}
	start := p.feedOptions()
	if !p.opts.StartTime.IsZero() {
		start = append(start, Since(p.opts.StartTime))
	}
	feed := p.container.changesAt(r, w.lease.Continuation, start...)
	for failures := 0; ; {
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
			if err := w.pause(ctx, p.opts.PollInterval); err != nil {
				return err
			}
		case err != nil:
			failures++
			w.failed(ctx, ProcessorFailure{Err: err, Lease: w.token})
			if err := w.pause(ctx, growing(failures)); err != nil {
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
func (w *leaseWorker) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
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
		err := w.processor.handle(ctx, changes)
		if err == nil && w.processor.opts.ManualCheckpoint {
			return nil
		}
		if err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil && !w.failed(ctx, ProcessorFailure{Err: err, Lease: w.token, Changes: changes}) {
			if err := w.pause(ctx, growing(changes.Attempt)); err != nil {
				return err
			}
			continue
		}
		for failures := 1; ; failures++ {
			// What was handled while the process was told to stop need not come again.
			err := changes.checkpoint(context.WithoutCancel(ctx))
			if err == nil || errors.Is(err, ErrLeaseLost) {
				return err
			}
			w.failed(ctx, ProcessorFailure{Err: err, Lease: w.token})
			if err := w.pause(ctx, growing(failures)); err != nil {
				return err
			}
		}
	}
}

// moved puts others in the place of the lease if its range was split or merged, all of them at the position that was
// saved last. It is nil if the range is as it was.
func (w *leaseWorker) moved(ctx context.Context, feed *ChangeFeed, r FeedRange) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.lease
	now := feed.routing.Overlapping(r.Min, r.Max)
	whole := len(now) == 1 && now[0].Min == r.Min && now[0].Max == r.Max
	if len(now) == 1 && (l.ByKeys || whole && now[0].ID == l.Token) {
		return nil
	}
	for _, part := range now {
		bounds := FeedRange{maxEPK(r.Min, part.Min), minEPK(r.Max, part.Max)}
		next := &lease{Token: part.ID, Continuation: l.Continuation, FeedRange: &bounds}
		if l.ByKeys || part.Min != bounds.Min || part.Max != bounds.Max {
			// The range's id would stand for more than this lease covers: it was merged.
			next.ByKeys, next.Token = true, strings.ToUpper(bounds.Min+"-"+bounds.Max)
		}
		if err := w.store.create(ctx, next); err != nil {
			return err
		}
	}
	if err := w.store.remove(ctx, l); err != nil && !errors.Is(err, ErrPreconditionFailed) {
		return err
	}
	return errLeaseGone
}
