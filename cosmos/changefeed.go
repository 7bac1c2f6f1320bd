package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// ChangeFeed reads the documents of a container that were created or changed: the current version of each, in the order
// of the changes within a logical partition. It leaves out intermediate versions and deletes unless [AllVersions] asks
// for them. The partitions are read side by side, each in order. It is not safe for concurrent use;
// [Container.FeedRanges] divides a container between several readers.
type ChangeFeed struct {
	container *Container
	opts      []Option
	at        string // ETag to begin at, of a feed for one lease

	set     *option.Set
	token   changeToken
	ready   bool
	begun   bool        // a page was handed out
	began   *definition // of the container when the feed was prepared
	routing *partition.RoutingMap
	start   moment
	calls   int           // number of the current Next, or of the last one
	arrived chan struct{} // told when a page has come
	guess   int           // bytes of the page that is asked for next
	left    *Page         // what a loop over Items has not had yet of the last page
	before  string        // ETag of that page's range before it
}

// FromNow starts a change feed at its first Next, also if that fails: it gives all changes made after it, and those
// made meanwhile or in the second before may be among them. A feed of [AllVersions] starts at the first Next that does
// not fail.
func FromNow() Option { return option.New(option.FromNow, nil) }

// Since starts a change feed with the changes made after t, to within a few seconds.
func Since(t time.Time) Option { return option.New(option.Since, t) }

// AllVersions makes a change feed return every change, deletes and expiries included, with the previous version of the
// document if the container has opted in to keep those. It needs a container with a [ChangeFeedPolicy] and starts
// [FromNow] or at a [Continuation].
func AllVersions() Option { return option.New(option.AllVersions, nil) }

// ChangeFeed prepares to read the changes of the container, of the logical partition that [PartitionKey] names, or of a
// part of the container ([InFeedRange]), for ever or [UntilNow]. It starts at the beginning, [FromNow], [Since] a time,
// or where a feed with the token given to [Continuation] stood. [MaxConcurrency] bounds the requests side by side.
// Nothing is sent before the first Next.
func (c *Container) ChangeFeed(opts ...Option) *ChangeFeed {
	return &ChangeFeed{container: c, opts: opts}
}

// changesAt is a change feed of one range that goes on at an ETag, which is empty to start as opts say.
func (c *Container) changesAt(r FeedRange, etag string, opts ...Option) *ChangeFeed {
	return &ChangeFeed{container: c, opts: append(opts, InFeedRange(r)), at: etag}
}

// positions are the ranges that the feed reads, and where it stands in each.
func (f *ChangeFeed) positions() []*changeRange { return f.token.Ranges }

// Next returns the next page of changes (GET docs with A-IM); each item is a document as JSON. If there are no changes
// at the moment it returns io.EOF, and may be called again later, but for one [UntilNow], which then has ended: every
// range of the container has then said so after Next was called. After any other error it may be called again, too, and
// continues at the same position. Pages of other partitions are fetched meanwhile, under the ctx of the Next that began
// it: 8 MB of them at most.
func (f *ChangeFeed) Next(ctx context.Context) (*Page, error) {
	page, err := f.read(ctx)
	if err != nil {
		return nil, err
	}
	page.Continuation, err = f.Token()
	return page, err
}

// untold is a feed in a loop, whose pages need no tokens: each would have the positions of all ranges.
type untold struct{ *ChangeFeed }

func (f untold) Next(ctx context.Context) (*Page, error) { return f.read(ctx) }

// read is Next without a token.
func (f *ChangeFeed) read(ctx context.Context) (*Page, error) {
	if err := f.container.check(); err != nil {
		return nil, err
	}
	if page := f.left; page != nil {
		f.left = nil
		return page, nil
	}
	ctx, traced := f.container.client().begin(ctx, "query_change_feed", f.container.address.link, 0)
	page, err := f.next(ctx)
	if errors.Is(err, errRecreated) && f.fromStart() {
		f.settle()
		*f = ChangeFeed{container: f.container, opts: f.opts} // nothing was handed out of the old container
		page, err = f.next(ctx)
	}
	f.begun = f.begun || page != nil
	traced.page(page, err)
	return page, err
}

// fromStart reports whether the feed has handed out nothing and stands where a feed of another container would begin as
// well.
func (f *ChangeFeed) fromStart() bool {
	return f.ready && !f.begun && f.at == "" && f.set.Continuation == "" && !f.set.ChangesFromNow
}

func (f *ChangeFeed) next(ctx context.Context) (*Page, error) {
	if err := f.prepare(ctx); err != nil {
		return nil, err
	}
	f.calls++
	page, err := f.page(ctx)
	if err != nil {
		f.keepMoment()
		return nil, err
	}
	recordPage(ctx)
	return page, nil
}

// page returns the first page with changes that comes.
func (f *ChangeFeed) page(ctx context.Context) (*Page, error) {
	for {
		if !f.ask(ctx) {
			return nil, io.EOF
		}
		r, err := f.wait(ctx)
		if err != nil {
			return nil, err
		}
		before := r.ETag
		page, err := r.take()
		switch {
		case err != nil && r.over && ctx.Err() == nil:
			continue // it was asked for under a context that has ended since; this one has not
		case isStatus(err, http.StatusGone) && f.token.PartitionKey == "":
			if err := f.follow(ctx, r, err); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		if f.guess = max(page.size, f.guess/2); f.set.UntilNow {
			r.reached(page)
		}
		if len(page.Items) == 0 {
			page.Release()
			continue
		}
		f.before = before
		f.rotate(r)
		if !r.done && r.full(f.set.PageSize, len(page.Items)) {
			f.begin(ctx, r)
		}
		return page.Page, nil
	}
}

// follow finds the partitions that hold a range now: they accept its position.
func (f *ChangeFeed) follow(ctx context.Context, r *changeRange, cause error) error {
	if r.splits++; r.splits > partition.MaxSplits {
		return cause
	}
	if err := partition.AwaitSplit(ctx, r.splits); err != nil {
		return err
	}
	routing, err := f.container.routingMap(ctx, f.routing)
	if err != nil {
		return err
	}
	f.routing = routing
	return nil
}

// Items iterates over the changes that there are at the moment. Range over it again for later ones, and after leaving
// the loop for those that it has not had. [ChangeFeed.Token] may be called within the loop.
func (f *ChangeFeed) Items(ctx context.Context) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		defer f.settle()
		eachPage(ctx, untold{f}, func(page *Page, err error) bool {
			if err != nil {
				return yield(nil, err)
			}
			for items := page.Items; len(items) > 0; {
				item := items[0]
				if items = items[1:]; len(items) > 0 {
					f.left, page.Items = page, items
				} else {
					f.left = nil
				}
				if !yield(item, nil) {
					return false
				}
			}
			return true
		})
	}
}

// Watch iterates over changes without end. If there are none it asks again after pause, which must be above zero: every
// question costs RU. An error that may pass ([ErrUnavailable], [ErrThrottled], [ErrTimeout], [ErrGone]) is yielded, and
// if the loop goes on so does Watch after the pause, at the same position. Any other error ends the sequence; so does
// the end of ctx, with its error, and the end of a feed [UntilNow], without one.
func (f *ChangeFeed) Watch(ctx context.Context, pause time.Duration) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if pause <= 0 {
			yield(nil, errtext.Refusef(
				"cosmos: Watch cannot pause for %v: give it a time above zero, such as time.Second",
				pause))
			return
		}
		for {
			for item, err := range f.Items(ctx) {
				if !yield(item, err) || err != nil && (ctx.Err() != nil || !passing(err)) {
					return
				}
			}
			if f.over() {
				return
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

// passing reports whether an error may be gone when the same is asked again.
func passing(err error) bool {
	for _, kind := range []error{ErrUnavailable, ErrThrottled, ErrTimeout, ErrGone} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// prepare finds the ranges to read, at the first Next.
func (f *ChangeFeed) prepare(ctx context.Context) error {
	if f.ready {
		return nil
	}
	c := f.container
	if err := c.check(); err != nil {
		return err
	}
	set, err := c.client().resolve(ctx, option.ChangeFeed, f.opts)
	if err != nil {
		return err
	}
	again := set.ChangesFromNow && !f.start.begin()
	d, err := c.definition(ctx, nil)
	if err != nil {
		return err
	}
	f.set, f.began = set, d
	if set.Continuation != "" {
		err = f.resume(d)
	} else {
		err = f.fresh(d)
	}
	if err != nil {
		return err
	}
	if f.token.PartitionKey == "" {
		if f.routing, err = c.routingMap(ctx, nil); err != nil {
			return err
		}
	}
	f.ready, f.arrived = true, make(chan struct{}, 1)
	if again {
		f.keepMoment()
	}
	return nil
}
