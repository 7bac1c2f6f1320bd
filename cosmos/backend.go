package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/pipeline"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// backend sends the requests of one query for the pipeline.
type backend struct {
	container  *Container
	set        *option.Set
	query      *prepared
	definition *definition                          // of the container when the query began
	single     bool                                 // the query asks one logical partition only
	routing    atomic.Pointer[partition.RoutingMap] // the last one that Ranges used
	size       atomic.Int64                         // bytes of the last page, a hint for the next
	rowSize    atomic.Int64                         // bytes of a row of it
	pages      pageStore

	analysis *analysis // of ExplainAnalyze, else nil
	progress sync.Map  // of the partitions, by the id of the range: *progress

	mu          sync.Mutex
	correlation string            // activity id that all requests of the query share; empty before the first
	bodies      map[string][]byte // by query text: the query's own, and a few rewritten ones
	usage       *Response         // sum of the answers since takeUsage was last called; nil if there were none
}

var _ pipeline.Backend = (*backend)(nil)

func newBackend(c *Container, set *option.Set, q *prepared, d *definition) *backend {
	return &backend{container: c, set: set, query: q, definition: d}
}

// Plan returns the plan of the query, from the cache or from the service.
func (b *backend) Plan(ctx context.Context) (*queryplan.Plan, error) {
	key := b.query.planKey()
	if b.single {
		// The parameters decide whether the query asks one partition, and the plan for one partition is a different
		// one.
		key += "\x00one"
	}
	if plan, known := b.definition.plans.Get(key); known {
		return plan, nil
	}
	req, err := b.request(b.query.text)
	if err != nil {
		return nil, err
	}
	req.Set(rest.HeaderIsPlan, "True")
	req.Set(rest.HeaderQueryVersion, "1.4")
	req.Set(rest.HeaderQueryFeatures, queryplan.Features)
	resp, err := b.do(ctx, req)
	if err != nil {
		return nil, err
	}
	plan := &queryplan.Plan{}
	if err := json.Unmarshal(resp.Body, plan); err != nil {
		return nil, fmt.Errorf("cosmos: decoding the query plan: %w", err)
	}
	if plan.Version > 0 { // What is not a plan may be the mistake of a moment.
		b.definition.plans.Put(key, plan)
	}
	return plan, nil
}

// Ranges returns the ranges of the routing map that overlap [lo, hi). refresh says that the last ones were outdated.
func (b *backend) Ranges(ctx context.Context, lo, hi string, refresh bool) ([]partition.Range, error) {
	var stale *partition.RoutingMap
	if refresh {
		stale = b.routing.Load()
	}
	m, err := b.container.routingMap(ctx, stale)
	if err != nil {
		return nil, err
	}
	b.routing.Store(m)
	return m.Overlapping(lo, hi), nil
}

// Fetch asks for a page of the query, or of a rewritten one.
func (b *backend) Fetch(ctx context.Context, f pipeline.Fetch) (*pipeline.Page, error) {
	req, err := b.request(f.Query)
	if err != nil {
		return nil, err
	}
	if b.query != everyDocument {
		req.Set(rest.HeaderIsQuery, "True")
		askForMetrics(b.set, req)
		if b.set.ContinuationLimit > 0 {
			req.Set(rest.HeaderContinuationLimit, strconv.Itoa(b.set.ContinuationLimit))
		}
	}
	switch {
	case f.Key == nil:
		req.Ranged = true
		req.Set(rest.HeaderRangeID, f.RangeID)
		if f.Min != "" || f.Max != "" {
			req.Set(rest.HeaderStartEPK, f.Min)
			req.Set(rest.HeaderEndEPK, f.Max)
			req.Set(rest.HeaderReadKeyType, "EffectivePartitionKeyRange")
		}
	case b.set.PartitionKey != nil:
		err = b.container.partition(ctx, b.set, req)
	default:
		req.Set(rest.HeaderPartitionKey, f.Key.Header())
	}
	if err != nil {
		return nil, err
	}
	if f.PageSize <= 0 {
		f.PageSize = -1 // as many as the service likes
	}
	req.Set(rest.HeaderMaxItemCount, strconv.Itoa(f.PageSize))
	if f.Continuation != "" {
		req.Set(rest.HeaderContinuation, f.Continuation)
	}
	req.Finish = f.Ahead
	req.Hint = b.expected(f.PageSize)
	start := time.Now()
	page, resp, err := b.page(ctx, req, b.progressOf(f.RangeID), f.Query != b.query.text)
	if b.analysis != nil && resp != nil {
		b.analysis.add(targetOf(f), page, resp, time.Since(start))
	}
	return page, err
}

// progressOf is how far the pages of a range have got. Partitions that have nothing do not slow the others down.
func (b *backend) progressOf(rangeID string) *progress {
	p, known := b.progress.Load(rangeID)
	if !known {
		p, _ = b.progress.LoadOrStore(rangeID, &progress{})
	}
	return p.(*progress)
}

// expected is about how many bytes a page of so many rows will have, by what the last one had.
func (b *backend) expected(rows int) int {
	size := b.size.Load()
	if known := b.rowSize.Load(); rows > 0 && known > 0 {
		size = min(int64(rows)*known, maxKept)
	}
	return int(size + size/8)
}

// page executes a request for a page and splits the answer into rows. The answer to a rewritten query may say that its
// rows are not sorted.
func (b *backend) page(ctx context.Context, req *rest.Request, seen *progress,
	rewritten bool) (*pipeline.Page, *Response, error) {
	if err := seen.pause(ctx); err != nil {
		return nil, nil, err
	}
	m := b.pages.get()
	var items []json.RawMessage
	unsorted := false
	req.Buffer, req.Accept = m.buffer, func(body []byte) (err error) {
		items, unsorted, err = decodeQuery(m.items[:0], body, "Documents")
		return err
	}
	resp, err := b.do(ctx, req)
	if err != nil {
		if req.Ranged && errors.Is(err, ErrGone) {
			err = goneError{err}
		}
		return nil, resp, err
	}
	if err := seen.note(req.Value(rest.HeaderContinuation), resp, len(items)); err != nil {
		return nil, resp, err
	}
	b.size.Store(int64(len(resp.Body)))
	if len(items) > 0 {
		b.rowSize.Store(int64(len(resp.Body) / len(items)))
	}
	m.buffer = resp.Body
	page := &pipeline.Page{
		Docs: items, Continuation: resp.Continuation, ExecutionInfo: resp.Header.Get(rest.HeaderExecutionInfo),
		Unsorted: rewritten && unsorted, Release: func() { b.pages.put(m, items) },
	}
	return page, resp, nil
}

// Read reads one document by id and key instead of querying for it. A document that does not exist is an empty page.
func (b *backend) Read(ctx context.Context, id string, key partition.Key) (*pipeline.Page, error) {
	req := b.container.request(b.container.address.child(rest.Documents, id), http.MethodGet, rest.Read)
	b.definition.intend(req)
	req.Set(rest.HeaderPartitionKey, key.Header())
	req.Stale = b
	resp, err := b.do(ctx, req)
	var e *Error
	if errors.As(err, &e) && errors.Is(e, ErrNotFound) {
		return &pipeline.Page{}, nil
	}
	if err != nil {
		return nil, err
	}
	if b.analysis != nil && resp != nil {
		b.analysis.add(ExplainTarget{PartitionKey: key.Header()}, &pipeline.Page{Docs: make([]json.RawMessage, 1)},
			resp, 0)
	}
	if resp.StatusCode == http.StatusNotModified {
		return &pipeline.Page{}, nil // IfNoneMatch: there is nothing new
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("cosmos: the answer to reading document %q is not a document", id)
	}
	return &pipeline.Page{Docs: []json.RawMessage{resp.Body}}, nil
}

// request starts a request with a query text, or one for the feed of documents.
func (b *backend) request(text string) (*rest.Request, error) {
	if b.query == everyDocument {
		req := b.container.request(b.container.docs, http.MethodGet, rest.Read)
		b.definition.intend(req)
		req.Stale = b
		return req, nil
	}
	body, correlation, err := b.body(text)
	if err != nil {
		return nil, err
	}
	req := b.container.request(b.container.docs, http.MethodPost, rest.Read)
	b.definition.intend(req)
	req.Body, req.Stale = body, b
	req.Header = append(req.Header,
		rest.Field{Name: rest.HeaderContentType, Value: rest.ContentQuery},
		rest.Field{Name: rest.HeaderCorrelatedID, Value: correlation})
	if b.set.PartitionKey == nil {
		req.Set(rest.HeaderCrossPartition, "True")
	}
	return req, nil
}

// body is the JSON of a query request, made once for each text, and the activity id that all of them share.
func (b *backend) body(text string) (body []byte, correlation string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bodies == nil {
		b.bodies, b.correlation = map[string][]byte{}, rest.NewActivityID()
	}
	if body = b.bodies[text]; body == nil {
		if body, err = b.query.body(text); err != nil {
			return nil, "", err
		}
		b.bodies[text] = body
	}
	return body, b.correlation, nil
}

// Renew reads the definition again. A query on a container that was created again begins again as a whole.
func (b *backend) Renew(ctx context.Context, _ *rest.Request) bool {
	_, _ = b.container.definition(ctx, b.definition) // for elsewhere
	return false
}

// do executes a request and adds its cost to usage.
func (b *backend) do(ctx context.Context, req *rest.Request) (*Response, error) {
	resp, err := b.container.client().do(ctx, b.set, req)
	if resp == nil {
		return resp, err
	}
	if b.container.elsewhere(ctx, b.definition, resp) {
		err = errRecreated
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := *resp
	sum.Body, sum.Continuation = nil, ""
	if b.usage != nil {
		sum.RequestCharge += b.usage.RequestCharge
		sum.Retries += b.usage.Retries
	}
	b.usage = &sum
	return resp, err
}

// takeUsage returns the sum of the answers since the last call, with the headers of the newest one.
func (b *backend) takeUsage() *Response {
	b.mu.Lock()
	defer b.mu.Unlock()
	usage := b.usage
	b.usage = nil
	if usage == nil {
		// All of this page was read ahead, and its cost belongs to an earlier page.
		usage = &Response{StatusCode: http.StatusOK, Header: http.Header{}}
	}
	return usage
}

// goneError is the error of a request to a partition that was split or merged.
type goneError struct{ error }

func (e goneError) Unwrap() []error { return []error{e.error, pipeline.ErrGone} }
