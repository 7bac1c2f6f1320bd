package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// ChangeFeed reads the documents of a container that were created or changed: the current version of each, in the order
// of the changes within a logical partition. It leaves out intermediate versions and deletes unless [AllVersions] asks
// for them. It is not safe for concurrent use; [Container.FeedRanges] divides a container between several readers.
type ChangeFeed struct {
	container *Container
	opts      []Option
	set       *option.Set
	token     changeToken
	ready     bool
	began     *definition // of the container when the feed was prepared
	routing   *partition.RoutingMap
	idle      int    // shares in a row that had nothing new
	at        string // ETag to begin at, of a feed for one lease
}

// FromNow starts a change feed with the changes made after its first Next.
func FromNow() Option { return option.New(option.FromNow, nil) }

// Since starts a change feed with the changes made after t, to within a few seconds.
func Since(t time.Time) Option { return option.New(option.Since, t) }

// AllVersions makes a change feed return every change, deletes and expiries included, with the previous version of the
// document if the container keeps it. It needs a container with a [ChangeFeedPolicy] and starts [FromNow]
// or at a [Continuation].
func AllVersions() Option { return option.New(option.AllVersions, nil) }

// ChangeFeed prepares to read the changes of the container, of the logical partition that [PartitionKey] names, or of a
// part of the container ([InFeedRange]). It starts at the beginning, [FromNow], [Since] a time, or where a feed with the
// token given to [Continuation] stood. Nothing is sent before the first Next.
func (c *Container) ChangeFeed(opts ...Option) *ChangeFeed {
	return &ChangeFeed{container: c, opts: opts}
}

// Next returns the next page of changes (GET docs with A-IM); each item is a document as JSON. If there are no changes
// at the moment it returns io.EOF, and may be called again later. After any other error it may be called again, too,
// and continues at the same position.
func (f *ChangeFeed) Next(ctx context.Context) (*Page, error) {
	if err := f.container.check(); err != nil {
		return nil, err
	}
	ctx, traced := f.container.client().begin(ctx, "query_change_feed", f.container.address.link, 0)
	page, err := f.next(ctx)
	traced.page(page, err)
	return page, err
}

func (f *ChangeFeed) next(ctx context.Context) (*Page, error) {
	if err := f.prepare(ctx); err != nil {
		return nil, err
	}
	for moves := 0; f.idle < len(f.token.Shares); {
		page, err := f.read(ctx, &f.token.Shares[0])
		if isStatus(err, http.StatusGone) && f.token.PartitionKey == "" && moves < maxMoves {
			// The partition was split or merged. The new ones accept its position.
			moves++
			if err := awaitSplit(ctx, moves); err != nil {
				return nil, err
			}
			routing, err := f.container.routingMap(ctx, f.routing)
			if err != nil {
				return nil, err
			}
			f.routing = routing
			continue
		}
		if err != nil {
			return nil, err
		}
		f.rotate()
		if len(page.Items) > 0 {
			f.idle = 0
			page.Continuation, err = f.Token()
			recordPage(ctx)
			return page, err
		}
		page.Release()
		f.idle++
	}
	f.idle = 0
	return nil, io.EOF
}

// maxMoves bounds how often a page is looked for in partitions that move.
const maxMoves = 20

// Items iterates over the changes that there are at the moment. Range over it again for later ones.
func (f *ChangeFeed) Items(ctx context.Context) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) { eachPage(ctx, f, eachItem(yield)) }
}

// Watch iterates over changes without end. If there are none it asks again after pause, which must be above zero: every
// question costs RU. The sequence ends with an error; if ctx ends, with that of ctx.
func (f *ChangeFeed) Watch(ctx context.Context, pause time.Duration) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if pause <= 0 {
			yield(nil, fmt.Errorf("cosmos: Watch cannot pause for %v: give it a time above zero, such as time.Second", pause))
			return
		}
		for {
			for item, err := range f.Items(ctx) {
				if !yield(item, err) || err != nil {
					return
				}
			}
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			}
		}
	}
}

// changesAt is a change feed of one range that goes on at an ETag, which is empty to start as opts say.
func (c *Container) changesAt(r FeedRange, etag string, opts ...Option) *ChangeFeed {
	return &ChangeFeed{container: c, opts: append(opts, InFeedRange(r)), at: etag}
}

// positions are the ranges that the feed reads, and where it stands in each.
func (f *ChangeFeed) positions() []changeShare { return f.token.Shares }

// rotate moves the first share to the end, so that all are read in turn.
func (f *ChangeFeed) rotate() {
	s := f.token.Shares
	f.token.Shares = append(s[1:len(s):len(s)], s[0])
}

// prepare finds the shares to read, at the first Next.
func (f *ChangeFeed) prepare(ctx context.Context) error {
	if f.ready {
		return nil
	}
	c := f.container
	if c.err != nil {
		return c.err
	}
	set, err := c.client().resolve(ctx, option.ChangeFeed, f.opts)
	if err != nil {
		return err
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		return err
	}
	f.set, f.began = set, d
	if set.Continuation != "" {
		err = f.resume(d)
	} else {
		err = f.begin(d)
	}
	if err != nil {
		return err
	}
	if f.token.PartitionKey == "" {
		if f.routing, err = c.routingMap(ctx, nil); err != nil {
			return err
		}
	}
	f.ready = true
	return nil
}

// read reads the next page of a share and advances the share's position.
func (f *ChangeFeed) read(ctx context.Context, s *changeShare) (*Page, error) {
	c := f.container
	req := c.request(c.docs, http.MethodGet, rest.Read)
	f.began.intend(req)
	req.Stale = func(ctx context.Context, _ *rest.Request) bool {
		_, _ = c.definition(ctx, f.began) // for elsewhere
		return false
	}
	if f.token.PartitionKey != "" {
		req.Set(rest.HeaderPartitionKey, f.token.PartitionKey)
	} else {
		f.target(s, req)
		s = &f.token.Shares[0] // aim may have divided it
	}
	mode := "Incremental Feed"
	if f.token.All {
		mode = "Full-Fidelity Feed"
		req.Set(rest.HeaderWireFormat, "2021-09-15")
	}
	req.Set(rest.HeaderAIM, mode)
	if s.ETag != "" {
		req.Set(rest.HeaderIfNoneMatch, s.ETag)
	} else if f.token.Since != "" {
		req.Set(rest.HeaderIfModifiedSince, f.token.Since)
	}
	if f.set.PageSize > 0 {
		req.Set(rest.HeaderMaxItemCount, strconv.Itoa(f.set.PageSize))
	}
	m := pageMemories.Get().(*pageMemory)
	var items []json.RawMessage
	req.Buffer, req.Accept = m.buffer, func(body []byte) (err error) {
		items, err = decodeFeed(m.items[:0], body, "Documents")
		return err
	}
	resp, err := c.client().do(ctx, f.set, req)
	if c.elsewhere(ctx, f.began, resp) {
		err = fmt.Errorf("%w, with a change feed that has no old Continuation", errRecreated)
	}
	if err != nil {
		return nil, err
	}
	page := &Page{Response: resp, memory: m, Items: items}
	if resp.StatusCode != http.StatusNotModified {
		m.buffer = resp.Body
	}
	resp.Body = nil
	if resp.ETag != "" {
		s.ETag = resp.ETag
	} else if len(page.Items) > 0 {
		return nil, errors.New("cosmos: the server gives documents and no position among changes (no etag): it knows no change feeds")
	}
	return page, nil
}

// target addresses req to the physical partition that holds a share now. A share that several partitions hold is first
// divided into one for each; all of them start at its position.
func (f *ChangeFeed) target(s *changeShare, req *rest.Request) {
	now := f.routing.Overlapping(s.Min, s.Max)
	if len(now) > 1 {
		parts := make([]changeShare, len(now))
		for i, r := range now {
			parts[i] = changeShare{Min: maxEPK(s.Min, r.Min), Max: minEPK(s.Max, r.Max), ETag: s.ETag}
		}
		f.token.Shares = slices.Replace(f.token.Shares, 0, 1, parts...)
		f.idle = 0
		s = &f.token.Shares[0]
	}
	r := now[0]
	req.Ranged = true
	req.Set(rest.HeaderRangeID, r.ID)
	if partition.Compare(s.Min, r.Min) > 0 || partition.Compare(s.Max, r.Max) < 0 {
		req.Set(rest.HeaderReadKeyType, "EffectivePartitionKeyRange")
		req.Set(rest.HeaderStartEPK, s.Min)
		req.Set(rest.HeaderEndEPK, s.Max)
	}
}
