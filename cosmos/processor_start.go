package cosmos

import (
	"context"
	"errors"
	"io"
	"strings"
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
		since := time.Now()
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
		// When the lock has ended another may make leases, perhaps of ranges that have been split meanwhile.
		locked, cancel := context.WithDeadline(ctx, since.Add(leaseLockTTL*time.Second))
		if err = p.createLeases(locked, s); err == nil {
			_, err = s.leases.UpsertItem(locked, info, ContentResponse(false))
		}
		late := locked.Err() != nil && ctx.Err() == nil
		cancel()
		// Left behind, the lock only makes others wait; it may have ended by itself, or be another's by now.
		_, _ = s.leases.DeleteItem(context.WithoutCancel(ctx), lock.ID, PartitionKey(lock.ID), IfMatch(mine.ETag))
		if err != nil && !late {
			return nil, err
		}
	}
}

// awaitLock pauses while another process makes the leases.
func (s *leaseStore) awaitLock(ctx context.Context, lock leaseMarker) error {
	pause := time.Second
	held, resp, err := ReadItem[leaseMarker](ctx, s.leases, lock.ID, PartitionKey(lock.ID))
	switch {
	case errors.Is(err, ErrNotFound):
		pause = 50 * time.Millisecond // what has expired may still be in the way of a new one for a while
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
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// createLeases makes a lease for each physical partition, but for what is covered by leases that exist: those of a
// process that has died while it made them, perhaps before a split. A processor that starts now fixes what that means
// in every range before anything is handled.
func (p *ChangeFeedProcessor) createLeases(ctx context.Context, s *leaseStore) error {
	existing, err := s.list(ctx)
	if err != nil {
		return err
	}
	var covered []FeedRange
	for _, l := range existing {
		r, err := p.rangeOf(ctx, l)
		if err != nil {
			return err
		}
		covered = append(covered, r)
	}
	m, err := p.container.routingMap(ctx, p.container.metadata().routing.Load())
	if err != nil {
		return err
	}
	for _, whole := range m.Ranges() {
		for _, r := range without(FeedRange{whole.Min, whole.Max}, covered) {
			made := leasesOf(m.Overlapping(r.Min, r.Max), r, false)
			if !p.opts.FromBeginning && p.opts.StartTime.IsZero() {
				if made, err = p.now(ctx, r); err != nil {
					return err
				}
			}
			for _, l := range made {
				if err := s.create(ctx, l); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// without returns the parts of a range that no other covers.
func without(r FeedRange, others []FeedRange) []FeedRange {
	parts := []FeedRange{r}
	for _, o := range others {
		var left []FeedRange
		for _, part := range parts {
			if !part.Overlaps(o) {
				left = append(left, part)
				continue
			}
			if partition.Compare(part.Min, o.Min) < 0 {
				left = append(left, FeedRange{part.Min, o.Min})
			}
			if partition.Compare(o.Max, part.Max) < 0 {
				left = append(left, FeedRange{o.Max, part.Max})
			}
		}
		parts = left
	}
	return parts
}

// leasesOf returns a lease for each physical partition that holds a part of a range.
func leasesOf(partitions []partition.Range, r FeedRange, byKeys bool) []*lease {
	var leases []*lease
	for _, part := range partitions {
		bounds := FeedRange{maxEPK(r.Min, part.Min), minEPK(r.Max, part.Max)}
		l := &lease{Token: part.ID, FeedRange: &bounds}
		if byKeys || part.Min != bounds.Min || part.Max != bounds.Max {
			// The partition's id would stand for more than this lease covers: it was merged.
			l.ByKeys, l.Token = true, strings.ToUpper(bounds.Min+"-"+bounds.Max)
		}
		leases = append(leases, l)
	}
	return leases
}

// now returns leases of a range that stand behind all changes that there are; several where it is split meanwhile.
func (p *ChangeFeedProcessor) now(ctx context.Context, r FeedRange) ([]*lease, error) {
	feed := p.container.changesAt(r, "", p.feedOptions(FromNow())...)
	for {
		page, err := feed.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		page.Release()
	}
	var leases []*lease
	for _, at := range feed.positions() {
		for _, l := range leasesOf(feed.routing.Overlapping(at.Min, at.Max), FeedRange{at.Min, at.Max}, false) {
			l.Continuation = at.ETag
			leases = append(leases, l)
		}
	}
	return leases, nil
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
		return FeedRange{}, errors.New("cosmos: the lease " + l.ID +
			" names a partition key range that neither exists nor was split into one that does; delete the lease and " +
			"its .info document to have it made anew")
	}
	return r, nil
}
