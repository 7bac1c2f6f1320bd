package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/pipeline"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// changesAhead bounds the bytes of pages of a change feed that have been fetched and not handed out.
const changesAhead = 8 << 20

// changeFetch is a request for the next page of a range; page and err are set when done is closed.
type changeFetch struct {
	ctx    context.Context
	cancel context.CancelFunc
	next   int // number of the Next that it was begun in
	done   chan struct{}
	page   *changePage
	err    error
}

// changePage is a page with the position behind it.
type changePage struct {
	*Page
	etag      string
	size      int // bytes
	unchanged bool
	until     string // ETag behind the newest change, if it was asked for
}

func (p *changeFetch) isDone() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// full reports whether a page of n changes is likely to have others behind it, which may be asked for ahead. Without a
// page size the service has 100 or more in a full one.
func (r *changeRange) full(pageSize, n int) bool {
	if pageSize <= 0 {
		pageSize = 100
	}
	return n >= pageSize
}

// take returns what has come of a range, and moves its position behind it. over tells that an error is that of a
// context.
func (r *changeRange) take() (*changePage, error) {
	p := r.pending
	r.over = p.ctx.Err() != nil
	p.cancel()
	r.pending = nil
	if p.err != nil {
		return nil, p.err
	}
	moved := p.page.etag != "" && p.page.etag != r.ETag
	if moved {
		r.ETag = p.page.etag
	}
	if r.splits = 0; len(p.page.Items) == 0 && (p.page.unchanged || !moved) {
		r.idle, r.idleSince = true, p.next
	}
	return p.page, nil
}

// ask sends the requests for the pages that are needed, as far as memory allows and one at any rate. It reports whether
// there is anything to wait for: false if all ranges have said since the call of Next that there is nothing. While a
// range has no position yet, only such ranges are read: no page is handed out, and no token made, before all have one.
func (f *ChangeFeed) ask(ctx context.Context) bool {
	if !slices.ContainsFunc(f.token.Ranges, func(r *changeRange) bool { return !r.idle }) {
		for _, r := range f.token.Ranges {
			r.idle = r.done || r.idleSince == f.calls
		}
	}
	f.divide()
	waiting, held, most := 0, 0, f.set.MaxConcurrency
	if most <= 0 {
		most = pipeline.DefaultConcurrency
	}
	for _, r := range f.token.Ranges {
		if p := r.pending; p != nil && p.isDone() {
			return true // that one first
		} else if p != nil {
			waiting, held = waiting+1, held+f.guess
		}
	}
	starting := slices.ContainsFunc(f.token.Ranges, func(r *changeRange) bool { return r.ETag == atNow && !r.idle })
	for _, r := range f.token.Ranges {
		if r.idle || r.pending != nil || starting && r.ETag != atNow {
			continue
		}
		if waiting > 0 && (waiting == most || held+f.guess > changesAhead) {
			break
		}
		f.begin(ctx, r)
		waiting, held = waiting+1, held+f.guess
	}
	return waiting > 0
}

// wait returns a range whose page has come.
func (f *ChangeFeed) wait(ctx context.Context) (*changeRange, error) {
	for {
		for _, r := range f.token.Ranges {
			if r.pending != nil && r.pending.isDone() {
				return r, nil
			}
		}
		select {
		case <-f.arrived:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// rotate moves a range to the end, so that all are read in turn.
func (f *ChangeFeed) rotate(r *changeRange) {
	i := slices.Index(f.token.Ranges, r)
	f.token.Ranges = append(slices.Delete(f.token.Ranges, i, i+1), r)
}

// settle ends the requests under way. What they would have brought is asked for again.
func (f *ChangeFeed) settle() {
	for _, r := range f.token.Ranges {
		r.settle()
	}
}

// settle ends the request under way, if there is one. An answer that has come stays.
func (r *changeRange) settle() {
	if p := r.pending; p != nil && !p.isDone() {
		p.cancel()
		if <-p.done; p.err != nil {
			r.pending = nil
		}
	}
}

// divide puts several ranges in the place of one that several partitions hold now; all of them start at its position.
func (f *ChangeFeed) divide() {
	if f.token.PartitionKey != "" {
		return
	}
	for i := 0; i < len(f.token.Ranges); i++ {
		r := f.token.Ranges[i]
		if r.pending != nil || r.routing == f.routing {
			continue
		}
		r.routing = f.routing
		now := f.routing.Overlapping(r.Min, r.Max)
		if len(now) < 2 {
			continue
		}
		parts := make([]*changeRange, len(now))
		for k, part := range now {
			parts[k] = &changeRange{
				Min: maxEPK(r.Min, part.Min), Max: minEPK(r.Max, part.Max), ETag: r.ETag, splits: r.splits,
				until: r.until, routing: f.routing,
			}
		}
		f.token.Ranges = slices.Replace(f.token.Ranges, i, i+1, parts...)
		i += len(parts) - 1
	}
}

// begin sends the request for the next page of a range.
func (f *ChangeFeed) begin(ctx context.Context, r *changeRange) {
	p := &changeFetch{next: f.calls, done: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(ctx)
	r.pending = p
	req := f.request(r)
	var newest *rest.Request
	if f.set.UntilNow && r.until == "" {
		newest = f.request(&changeRange{Min: r.Min, Max: r.Max, ETag: atNow})
	}
	m := pageMemories.Get().(*pageMemory)
	req.Hint = f.guess
	arrived := f.arrived
	go func() {
		p.page, p.err = f.fetchUntil(p.ctx, newest, req, m)
		close(p.done)
		select {
		case arrived <- struct{}{}:
		default:
		}
	}()
}

// request addresses the partition that holds a range, and says where in its changes to go on.
func (f *ChangeFeed) request(r *changeRange) *rest.Request {
	c := f.container
	req := c.request(c.docs, http.MethodGet, rest.Read)
	req.Finish = true
	f.began.intend(req)
	req.Stale = restarting{f}
	if f.token.PartitionKey != "" {
		req.Set(rest.HeaderPartitionKey, f.token.PartitionKey)
	} else {
		at := f.routing.Overlapping(r.Min, r.Max)[0]
		req.Ranged = true
		req.Set(rest.HeaderRangeID, at.ID)
		if partition.Compare(r.Min, at.Min) > 0 || partition.Compare(r.Max, at.Max) < 0 {
			req.Set(rest.HeaderReadKeyType, "EffectivePartitionKeyRange")
			req.Set(rest.HeaderStartEPK, r.Min)
			req.Set(rest.HeaderEndEPK, r.Max)
		}
	}
	mode := "Incremental Feed"
	if f.token.All {
		mode = "Full-Fidelity Feed"
		req.Set(rest.HeaderWireFormat, "2021-09-15")
	}
	req.Set(rest.HeaderAIM, mode)
	if r.ETag != "" {
		req.Set(rest.HeaderIfNoneMatch, r.ETag)
	} else if f.token.Since != "" {
		req.Set(rest.HeaderIfModifiedSince, f.token.Since)
	}
	if f.set.PageSize > 0 {
		req.Set(rest.HeaderMaxItemCount, strconv.Itoa(f.set.PageSize))
	}
	return req
}

// restarting has the definition read again. A feed on a container that was created again begins again as a whole.
type restarting struct{ *ChangeFeed }

func (f restarting) Renew(ctx context.Context, _ *rest.Request) bool {
	_, _ = f.container.definition(ctx, f.began) // for elsewhere
	return false
}

// fetch executes a request for a page.
func (f *ChangeFeed) fetch(ctx context.Context, req *rest.Request, m *pageMemory) (*changePage, error) {
	c := f.container
	var items []json.RawMessage
	req.Buffer, req.Accept = m.buffer, func(body []byte) (err error) {
		items, err = decodeFeed(m.items[:0], body, "Documents")
		return err
	}
	resp, err := c.client().do(ctx, f.set, req)
	f.start.see(resp)
	if c.elsewhere(ctx, f.began, resp) {
		err = fmt.Errorf("%w, with a change feed that has no old Continuation", errRecreated)
	}
	if err != nil {
		return nil, err
	}
	page := &changePage{Page: &Page{Response: resp, memory: m, Items: items}, etag: resp.ETag, size: len(resp.Body)}
	page.unchanged = resp.StatusCode == http.StatusNotModified
	if !page.unchanged {
		m.buffer = resp.Body
	}
	resp.Body = nil
	if resp.ETag == "" && (len(page.Items) > 0 || f.token.All) {
		return nil, errors.New("cosmos: the server gives no position among changes (no etag): it knows no change feeds")
	}
	return page, nil
}

// moment is when a feed from now began, by the service's clock if that has been seen.
type moment struct {
	mu     sync.Mutex
	local  time.Time // of the first attempt
	served time.Time // of the first answer, less what it took
}

// begin reports whether this is the first attempt.
func (m *moment) begin() bool {
	first := m.local.IsZero()
	if first {
		m.local = time.Now()
	}
	return first
}

// see notes the service's clock.
func (m *moment) see(resp *Response) {
	if resp == nil || m.local.IsZero() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil && m.served.IsZero() {
		m.served = at.Add(-time.Since(m.local))
	}
}

// keepMoment makes the ranges of a feed from now that have no position yet begin at the moment of the first attempt,
// not at that of the next one: their changes in between would be lost. So would they by a first read that is still
// under way, which the service may carry out after Next has returned; it is ended. The second that is taken off may
// bring a change too many. A feed of all versions cannot begin at a time: it has not begun until all its ranges have.
func (f *ChangeFeed) keepMoment() {
	m := &f.start
	if m.local.IsZero() || f.token.All {
		return
	}
	for _, r := range f.token.Ranges {
		if r.ETag != atNow {
			continue
		}
		if r.settle(); r.pending != nil {
			if page, err := r.take(); err == nil {
				page.Release()
			}
		}
		if r.ETag == atNow {
			r.ETag, r.idle, f.token.Since = "", false, m.since()
		}
	}
}

// since is the moment as an HTTP date.
func (m *moment) since() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.local
	if !m.served.IsZero() {
		at = m.served
	}
	return at.Add(-time.Second).UTC().Format(http.TimeFormat)
}
