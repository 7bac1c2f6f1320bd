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
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// ChangeFeed reads the documents of a container as they change: each as it is now, once after any number of changes, in
// the order of their last changes within a logical partition. Deleted documents are not in it, unless [AllVersions] asks
// for every version and delete. It is not safe for concurrent use; several readers share the work by [Container.FeedRanges].
type ChangeFeed struct {
	container *Container
	opts      []Option
	set       *option.Set
	token     changeToken
	ready     bool
	began     *definition // of the container whose changes these are
	routing   *partition.RoutingMap
	quiet     int // shares in a row that had nothing new
}

// changeToken is where a feed stands. It is what [ChangeFeed.Token] writes.
type changeToken struct {
	Version      int           `json:"version"`
	RID          string        `json:"resourceId"`
	PartitionKey string        `json:"partitionKey,omitempty"`
	All          bool          `json:"allVersions,omitempty"`
	Since        string        `json:"since,omitempty"` // for shares that have not been read yet
	Shares       []changeShare `json:"continuation"`
}

// changeShare is a part of the container: the effective partition keys [Min, Max), and the position in its changes.
type changeShare struct {
	Min  string `json:"minInclusive"`
	Max  string `json:"maxExclusive"`
	ETag string `json:"continuationToken,omitempty"` // "*" is now; empty is the beginning
}

const changeTokenVersion = 1

// FromNow starts a change feed with the changes that are made from now on: to be precise, from its first Next.
func FromNow() Option { return func(s *option.Set) { s.ChangesFromNow = true } }

// Since starts a change feed with the changes made after t, to within a few seconds.
func Since(t time.Time) Option { return func(s *option.Set) { s.ChangesSince = t } }

// AllVersions makes a change feed tell of every change, deletes and the end of a document's time included, with what the
// document was before where the container keeps that. It needs a container with a [ChangeFeedPolicy] and starts [FromNow]
// or at a [Continuation].
func AllVersions() Option { return func(s *option.Set) { s.AllVersions = true } }

// InFeedRange limits a change feed to a part of the container.
func InFeedRange(r FeedRange) Option {
	return func(s *option.Set) { s.FeedRange = &[2]string{r.Min, r.Max} }
}

// FeedRange is a part of a container: the documents with effective partition keys from Min to below Max.
type FeedRange struct {
	Min string `json:"min"`
	Max string `json:"max"`
}

// FeedRanges divides the container into parts that can be read side by side: one for each physical partition there is now.
// They stay valid when partitions are split or merged.
func (c *Container) FeedRanges(ctx context.Context) ([]FeedRange, error) {
	if c.err != nil {
		return nil, c.err
	}
	m, err := c.routingMap(ctx, c.meta.routing.Load())
	if err != nil {
		return nil, err
	}
	var list []FeedRange
	for _, r := range m.Ranges() {
		list = append(list, FeedRange{r.Min, r.Max})
	}
	return list, nil
}

// ChangeFeed prepares to read the changes of the container, of the logical partition that [PartitionKey] names, or of a
// part of the container ([InFeedRange]). It starts at the beginning, [FromNow], [Since] a time, or where a feed with the
// token given to [Continuation] stood. Nothing is sent before the first Next.
func (c *Container) ChangeFeed(opts ...Option) *ChangeFeed {
	return &ChangeFeed{container: c, opts: opts}
}

// Next returns the next changes. When there are none it returns io.EOF; changes may come later, so it may be called
// again then. After any other error it may be called again, too, and goes on where it stood.
func (f *ChangeFeed) Next(ctx context.Context) (*Page, error) {
	if err := f.prepare(ctx); err != nil {
		return nil, err
	}
	for moves := 0; f.quiet < len(f.token.Shares); {
		page, err := f.read(ctx, &f.token.Shares[0])
		if isStatus(err, http.StatusGone) && f.token.PartitionKey == "" && moves < maxMoves {
			// The partition was split or merged. Its children know the position in it.
			moves++
			if err := awaitSplit(ctx, moves); err != nil {
				return nil, err
			}
			if f.routing, err = f.container.routingMap(ctx, f.routing); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		f.rotate()
		if len(page.Items) > 0 {
			f.quiet = 0
			page.Continuation, err = f.Token()
			recordPage(ctx)
			return page, err
		}
		page.Release()
		f.quiet++
	}
	f.quiet = 0
	return nil, io.EOF
}

// maxMoves bounds how often a page is looked for in partitions that move.
const maxMoves = 20

// Items iterates over the changes that there are. The sequence ends when there are no more; range over it again for those
// that have come meanwhile.
func (f *ChangeFeed) Items(ctx context.Context) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) { eachPage(ctx, f, eachItem(yield)) }
}

// Watch iterates over changes for ever, looking for new ones after a pause when there are none. The sequence ends with an
// error, which is that of ctx when that ends.
func (f *ChangeFeed) Watch(ctx context.Context, pause time.Duration) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
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

// Token returns where the feed stands: behind the last page that Next returned. A feed that is given the token as
// [Continuation], also in another process, goes on from there. Save it when the page's work is done, and every change is
// seen at least once. Before the first Next there is none.
func (f *ChangeFeed) Token() (string, error) {
	if !f.ready {
		return "", errors.New("cosmos: the change feed has not been started: call Next first")
	}
	text, err := json.Marshal(f.token)
	return string(text), err
}

// rotate moves the share in front to the end, so that all get their turn.
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
	set, err := c.client().resolve(ctx, f.opts)
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

// begin makes the token of a feed that starts.
func (f *ChangeFeed) begin(d *definition) error {
	set := f.set
	whole := changeShare{Min: partition.Min, Max: partition.Max}
	f.token = changeToken{Version: changeTokenVersion, RID: d.rid, All: set.AllVersions}
	switch {
	case set.FeedRange != nil && set.PartitionKey != nil:
		return errors.New("cosmos: a change feed is limited by PartitionKey or InFeedRange, not both")
	case set.FeedRange != nil:
		whole.Min, whole.Max = set.FeedRange[0], set.FeedRange[1]
		if partition.Compare(whole.Min, whole.Max) >= 0 {
			return fmt.Errorf("cosmos: the feed range from %q to %q is empty", whole.Min, whole.Max)
		}
	case set.PartitionKey != nil && d.key.Hierarchical() && len(set.PartitionKey) < len(d.key.Paths):
		whole.Min, whole.Max = d.key.PrefixRange(set.PartitionKey)
	case set.PartitionKey != nil:
		if err := d.key.Check(set.PartitionKey); err != nil {
			return err
		}
		f.token.PartitionKey = set.PartitionKey.Header()
	}
	switch {
	case set.ChangesFromNow && !set.ChangesSince.IsZero():
		return errors.New("cosmos: a change feed starts FromNow or Since a time, not both")
	case set.ChangesFromNow:
		whole.ETag = "*"
	case set.AllVersions:
		return errors.New("cosmos: a change feed of AllVersions starts FromNow or at a Continuation")
	case !set.ChangesSince.IsZero():
		f.token.Since = set.ChangesSince.UTC().Format(http.TimeFormat)
	}
	f.token.Shares = []changeShare{whole}
	return nil
}

// resume reads the token of a feed that goes on.
func (f *ChangeFeed) resume(d *definition) error {
	var t changeToken
	err := json.Unmarshal([]byte(f.set.Continuation), &t)
	if err != nil || t.Version != changeTokenVersion || len(t.Shares) == 0 {
		return errors.New("cosmos: the continuation is not the token of a change feed: pass what ChangeFeed.Token returned")
	}
	for _, s := range t.Shares {
		if t.PartitionKey == "" && partition.Compare(s.Min, s.Max) >= 0 {
			return fmt.Errorf("cosmos: the change feed's token is damaged: it names the empty range from %q to %q", s.Min, s.Max)
		}
	}
	if t.RID != d.rid {
		return fmt.Errorf("cosmos: the change feed's token belongs to another container than %q, perhaps an older one of the same name", f.container.id)
	}
	f.token = t
	return nil
}

// read asks for the next page of a share and moves the share behind it.
func (f *ChangeFeed) read(ctx context.Context, s *changeShare) (*Page, error) {
	c := f.container
	req := c.docs.request(http.MethodGet, rest.Documents, rest.Read)
	req.Scope = c.address.link
	req.Header = make([]rest.Field, 0, 10)
	if f.token.PartitionKey != "" {
		req.Set(rest.HeaderPartitionKey, f.token.PartitionKey)
	} else {
		f.aim(s, req)
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
	set := *f.set
	set.IfNoneMatch = ""
	m := memories.Get().(*memory)
	req.Buffer = m.buffer
	resp, err := c.client().do(ctx, &set, req)
	if resp != nil && c.foreign(ctx, f.began, resp) {
		err = fmt.Errorf("%w: its changes begin anew, too", errMadeAnew)
	}
	if err != nil {
		return nil, err
	}
	page := &Page{Response: resp, memory: m}
	if resp.StatusCode != http.StatusNotModified {
		m.buffer = resp.Body
		if page.Items, err = decodeFeed(m.items, resp.Body, "Documents"); err != nil {
			return nil, err
		}
	}
	resp.Body = nil
	if resp.ETag != "" {
		s.ETag = resp.ETag
	} else if len(page.Items) > 0 {
		return nil, errors.New("cosmos: the server gives documents and no position among changes (no etag): it knows no change feeds")
	}
	return page, nil
}

// aim addresses the physical partition that has a share now. A share that several have is divided first: each part goes
// on from the share's position.
func (f *ChangeFeed) aim(s *changeShare, req *rest.Request) {
	now := f.routing.Overlapping(s.Min, s.Max)
	if len(now) > 1 {
		parts := make([]changeShare, len(now))
		for i, r := range now {
			parts[i] = changeShare{Min: higher(s.Min, r.Min), Max: lower(s.Max, r.Max), ETag: s.ETag}
		}
		f.token.Shares = slices.Replace(f.token.Shares, 0, 1, parts...)
		f.quiet = 0
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

func higher(a, b string) string {
	if partition.Compare(a, b) < 0 {
		return b
	}
	return a
}

func lower(a, b string) string {
	if partition.Compare(a, b) > 0 {
		return b
	}
	return a
}

// String names the range as its bounds.
func (r FeedRange) String() string {
	return "[" + strings.Join([]string{r.Min, r.Max}, ", ") + ")"
}
