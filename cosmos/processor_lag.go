package cosmos

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/cosmossql/cosmossql/internal/session"
)

// LeaseLag is how far the handling of a lease is behind.
type LeaseLag struct {
	Lease     string    // its token
	FeedRange FeedRange // what it covers
	Owner     string    // the process that has it; empty if it is free
	// Remaining is about how many changes wait to be handled: the difference of the log sequence numbers of the
	// partition and of the first change that waits, as the official SDKs estimate it. A batch of several documents
	// counts once.
	Remaining int64
}

// EstimateLag asks for each lease how much is waiting, at the cost of one small read of the change feed each. It takes
// no lease and disturbs nobody. It fails with [ErrNotFound] where the processor has not made its leases yet.
func (p *ChangeFeedProcessor) EstimateLag(ctx context.Context) ([]LeaseLag, error) {
	run := &ChangeFeedProcessor{p.container, p.leases, p.handle, p.opts}
	if err := run.check(); err != nil {
		return nil, err
	}
	store, err := newLeaseStore(ctx, run)
	if err != nil {
		return nil, err
	}
	info := store.marker(".info")
	if _, err := store.leases.ReadItem(ctx, info.ID, PartitionKey(info.ID)); err != nil {
		return nil, err
	}
	all, err := store.list(ctx)
	if err != nil {
		return nil, err
	}
	lags := make([]LeaseLag, len(all))
	for i, l := range all {
		lags[i] = LeaseLag{Lease: l.Token, Owner: l.Owner}
		if lags[i].FeedRange, err = run.rangeOf(ctx, l); err == nil {
			lags[i].Remaining, err = run.waiting(ctx, l, lags[i].FeedRange)
		}
		if err != nil {
			return nil, within("lease "+l.Token, err)
		}
	}
	return lags, nil
}

// waiting estimates how many changes of a range come behind the position of its lease.
func (p *ChangeFeedProcessor) waiting(ctx context.Context, l *lease, r FeedRange) (int64, error) {
	opts := p.feedOptions(PageSize(1))
	if !p.opts.StartTime.IsZero() {
		opts = append(opts, Since(p.opts.StartTime))
	}
	feed := p.container.changesAt(r, l.Continuation, append(opts, PageSize(1))...)
	var sum int64
	read := map[string]bool{}
	for {
		page, err := feed.Next(ctx)
		if err == io.EOF {
			return sum, nil
		}
		if err != nil {
			return 0, err
		}
		id := page.Response.Header.Get(rest.HeaderRangeID)
		first, token := int64(-1), page.Response.SessionToken
		var doc struct {
			LSN      int64 `json:"_lsn"`
			Metadata struct {
				LSN int64 `json:"lsn"`
			} `json:"metadata"`
		}
		if json.Unmarshal(page.Items[0], &doc) == nil {
			first = max(doc.LSN, doc.Metadata.LSN)
		}
		page.Release()
		if read[id] {
			return sum, nil // the ranges take turns: each was asked once
		}
		read[id] = true
		for _, part := range strings.Split(token, ",") {
			_, text, _ := strings.Cut(part, ":")
			if t, err := session.Parse(text); err == nil && first >= 0 {
				sum += max(t.LSN()-first+1, 0)
			}
		}
		if len(feed.positions()) <= len(read) {
			return sum, nil
		}
	}
}
