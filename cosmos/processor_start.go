package cosmos

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// leaseLockTTL is for how long, in seconds, a process that makes the leases may keep others waiting; it is that of the
// official SDKs. The lock ends by itself only in a container with a time to live; without one it is deleted by whoever
// finds it too old.
const leaseLockTTL = 30

// leaseMarker is a document beside the leases: the one that says that all of them exist, or the lock of who makes them.
type leaseMarker struct {
	ID           string `json:"id"`
	PartitionKey string `json:"partitionKey,omitempty"`
	TTL          int    `json:"ttl,omitempty"`
	TS           int64  `json:"_ts,omitempty"`
}

func (s *leaseStore) marker(name string) leaseMarker {
	m := leaseMarker{ID: s.prefix + name}
	if s.keyed {
		m.PartitionKey = m.ID
	}
	return m
}

// prepare makes the leases, unless they exist.
func (p *ChangeFeedProcessor) prepare(ctx context.Context) (*leaseStore, error) {
	s, err := newLeaseStore(ctx, p)
	if err != nil {
		return nil, err
	}
	info, lock := s.marker(".info"), s.marker(".lock")
	lock.TTL = leaseLockTTL
	for {
		_, err := s.leases.ReadItem(ctx, info.ID, PartitionKey(info.ID))
		if err == nil {
			return s, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		mine, err := s.leases.CreateItem(ctx, lock, ContentResponse(false))
		if errors.Is(err, ErrConflict) {
			if err := s.awaitLock(ctx, lock); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if err = p.createLeases(ctx, s); err == nil {
			_, err = s.leases.UpsertItem(ctx, info, ContentResponse(false))
		}
		// Left behind, the lock only makes others wait; it may have ended by itself, or be another's by now.
		_, _ = s.leases.DeleteItem(context.WithoutCancel(ctx), lock.ID, PartitionKey(lock.ID), IfMatch(mine.ETag))
		if err != nil {
			return nil, err
		}
	}
}

// awaitLock pauses while another process makes the leases.
func (s *leaseStore) awaitLock(ctx context.Context, lock leaseMarker) error {
	held, resp, err := ReadItem[leaseMarker](ctx, s.leases, lock.ID, PartitionKey(lock.ID))
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case time.Since(time.Unix(held.TS, 0)) > 2*leaseLockTTL*time.Second:
		_, err := s.leases.DeleteItem(ctx, lock.ID, PartitionKey(lock.ID), IfMatch(resp.ETag))
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrPreconditionFailed) {
			return nil
		}
		return err
	}
	select {
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// createLeases makes a lease for each physical partition. A processor that starts now fixes what that means in every
// range before anything is handled.
func (p *ChangeFeedProcessor) createLeases(ctx context.Context, s *leaseStore) error {
	existing, err := s.list(ctx)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, l := range existing {
		have[l.Token] = true
	}
	m, err := p.container.routingMap(ctx, p.container.metadata().routing.Load())
	if err != nil {
		return err
	}
	for _, r := range m.Ranges() {
		if have[r.ID] {
			continue
		}
		l := &lease{Token: r.ID, FeedRange: &FeedRange{r.Min, r.Max}}
		if !p.opts.FromBeginning && p.opts.StartTime.IsZero() {
			if l.Continuation, err = p.now(ctx, *l.FeedRange); err != nil {
				return err
			}
		}
		if err := s.create(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// now is the position of a range behind all changes that there are.
func (p *ChangeFeedProcessor) now(ctx context.Context, r FeedRange) (string, error) {
	feed := p.container.changesAt(r, "", p.feedOptions(FromNow())...)
	for {
		page, err := feed.Next(ctx)
		if err == io.EOF {
			return feed.positions()[0].ETag, nil
		}
		if err != nil {
			return "", err
		}
		page.Release()
	}
}

// feedOptions are the options of the change feed of a lease, and more.
func (p *ChangeFeedProcessor) feedOptions(more ...Option) []Option {
	opts := append(more, PageSize(p.opts.PageSize))
	if p.opts.AllVersions {
		opts = append(opts, AllVersions())
	}
	return opts
}

// rangeOf finds what a lease covers, also one that says only which range it was made for.
func (p *ChangeFeedProcessor) rangeOf(ctx context.Context, l *lease) (FeedRange, error) {
	if l.FeedRange != nil {
		return *l.FeedRange, nil
	}
	m, err := p.container.routingMap(ctx, nil)
	if err != nil {
		return FeedRange{}, err
	}
	find := func(m *partition.RoutingMap) (found FeedRange, ok bool) {
		for _, r := range m.Ranges() {
			own := r.ID == l.Token
			for _, parent := range r.Parents {
				own = own || parent == l.Token
			}
			if own && !ok {
				found, ok = FeedRange{r.Min, r.Max}, true
			} else if own {
				found.Max = r.Max
			}
		}
		return found, ok
	}
	r, ok := find(m)
	if !ok {
		if m, err = p.container.routingMap(ctx, m); err != nil {
			return FeedRange{}, err
		}
		r, ok = find(m)
	}
	if !ok {
		return FeedRange{}, errors.New("cosmos: the lease " + l.ID + " names a partition key range that neither exists nor was split into one that does; " +
			"delete the lease and its .info document to have it made anew")
	}
	return r, nil
}
