package cosmos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// leaseHolder has the leases of one process.
type leaseHolder struct {
	processor *ChangeFeedProcessor
	store     *leaseStore
	stop      context.CancelCauseFunc
	look      chan struct{} // has all leases looked at before it is time
	workers   sync.WaitGroup
	asked     bool // for leases of others, ever

	mu   sync.Mutex
	held map[string]*leaseWorker // by the id of the lease
}

// acquire looks at all leases, takes those that this process should have or asks for them, and passes on what others
// ask of it. soon tells that another look in a moment is likely to find more.
func (h *leaseHolder) acquire(ctx context.Context) (soon bool, err error) {
	all, err := h.store.list(ctx)
	if err != nil {
		return false, err
	}
	if len(all) == 0 {
		return false, fmt.Errorf("cosmos: the leases %s… are gone from container %q: "+
			"they were deleted while processors run", h.store.prefix, h.store.leases.id)
	}
	me, expiration, now := h.processor.opts.Instance, h.processor.opts.LeaseExpiration, time.Now()
	for _, l := range all {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		switch wanted := l.wanted(now, expiration); {
		case l.Owner == me:
			// Without a worker it was handed over, or this process's when it was started before.
			if w := h.worker(l.ID); w == nil {
				h.take(ctx, l)
			} else if wanted != "" {
				w.ask()
			}
		case wanted == me && !l.free(now, expiration):
			soon = true
			if now.Sub(l.WantedAt) > expiration/3 {
				h.want(ctx, l) // the owner must see that this process lives
			}
		}
	}
	for _, l := range choose(all, me, now, expiration) {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if l.free(now, expiration) || !l.handsOver() {
			soon = !h.take(ctx, l) || soon
		} else {
			h.want(ctx, l)
			soon = true
		}
	}
	return soon, nil
}

// worker is that of a lease, or nil.
func (h *leaseHolder) worker(id string) *leaseWorker {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held[id]
}

// take makes a lease this process's own and starts its worker. That somebody else was faster is no failure.
func (h *leaseHolder) take(ctx context.Context, read *lease) bool {
	l := read.copy() // the worker changes it while others are looked at
	// Cut off by the end of the process, the lease could be this process's without a worker that gives it back.
	err := h.store.acquire(context.WithoutCancel(ctx), l, h.processor.opts.Instance, h.processor.opts.LeaseExpiration)
	switch {
	case errors.Is(err, ErrLeaseLost):
		return false
	case err != nil:
		h.failed(ctx, ProcessorFailure{Err: err, Lease: l.Token})
		return false
	}
	h.start(ctx, l)
	return true
}

// want asks the owner of a lease to hand it over.
func (h *leaseHolder) want(ctx context.Context, read *lease) {
	h.asked = true
	err := h.store.want(ctx, read.copy(), h.processor.opts.Instance, h.processor.opts.LeaseExpiration)
	if err != nil && !errors.Is(err, ErrLeaseLost) && ctx.Err() == nil {
		h.failed(ctx, ProcessorFailure{Err: err, Lease: read.Token})
	}
}

// start runs the worker of a lease that this process has.
func (h *leaseHolder) start(ctx context.Context, l *lease) {
	w := newLeaseWorker(h, l)
	id := l.ID
	h.mu.Lock()
	h.held[id] = w
	h.mu.Unlock()
	h.workers.Go(func() {
		again := w.run(ctx)
		h.mu.Lock()
		delete(h.held, id)
		h.mu.Unlock()
		if again {
			select {
			case h.look <- struct{}{}:
			default:
			}
		}
	})
}

// end waits for the workers, and takes back what this process has asked for: what was handed over meanwhile need not
// expire first.
func (h *leaseHolder) end(ctx context.Context) {
	h.workers.Wait()
	if !h.asked {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.processor.opts.LeaseExpiration)
	defer cancel()
	all, err := h.store.list(ctx)
	for _, l := range all {
		// What fails here expires by itself.
		if err == nil && (l.Owner == h.processor.opts.Instance || l.WantedBy == h.processor.opts.Instance) {
			err = h.store.withdraw(ctx, l, h.processor.opts.Instance, h.processor.opts.LeaseExpiration)
		}
	}
}
