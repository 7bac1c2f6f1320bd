package cosmos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/pipeline"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// features is what the pipeline can merge, as a query plan request says it.
const features = "Aggregate, CompositeAggregate, CountIf, DCount, Distinct, GroupBy, HybridSearch, ListAndSetAggregate, MultipleAggregates, " +
	"MultipleOrderBy, NonStreamingOrderBy, NonValueAggregate, OffsetAndLimit, OrderBy, Top, WeightedRankFusion"

// backend sends the requests of one query for the pipeline.
type backend struct {
	container   *Container
	set         *option.Set
	query       *prepared
	definition  *definition // that the way of the query was chosen by
	single      bool        // one logical partition is asked
	correlation string
	routing     atomic.Pointer[partition.RoutingMap] // that the query uses
	size        atomic.Int64                         // of the last page, a hint for the next

	mu     sync.Mutex
	bodies map[string][]byte // by query text: the query's own, and a few rewritten ones
	spent  *Response         // what the answers since the last page add up to
}

var _ pipeline.Backend = (*backend)(nil)

func newBackend(c *Container, set *option.Set, q *prepared, d *definition) *backend {
	return &backend{container: c, set: set, query: q, definition: d, correlation: rest.NewActivityID(), bodies: map[string][]byte{}}
}

// Plan returns the plan of the query, remembered or asked for.
func (b *backend) Plan(ctx context.Context) (*queryplan.Plan, error) {
	key := b.query.planKey()
	if b.single {
		// Parameters decide how many partitions keys name, and what one can do by itself the plan leaves to it.
		key += "\x00one"
	}
	if plan, known := b.definition.plans.get(key); known {
		return plan, nil
	}
	req, err := b.request(b.query.text)
	if err != nil {
		return nil, err
	}
	req.Set(rest.HeaderIsPlan, "True")
	req.Set(rest.HeaderQueryVersion, "1.4")
	req.Set(rest.HeaderQueryFeatures, features)
	resp, err := b.do(ctx, req)
	if err != nil {
		return nil, err
	}
	plan := &queryplan.Plan{}
	if err := json.Unmarshal(resp.Body, plan); err != nil {
		return nil, fmt.Errorf("cosmos: decoding the query plan: %w", err)
	}
	b.definition.plans.put(key, plan)
	return plan, nil
}

// Ranges looks into the container's routing map.
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
	req.Set(rest.HeaderIsQuery, "True")
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
	return b.page(ctx, req, f.Query != b.query.text)
}

// page executes a request for a page and cuts the answer into rows. Where the query is a rewritten one the service may say
// that it has not sorted them.
func (b *backend) page(ctx context.Context, req *rest.Request, rewritten bool) (*pipeline.Page, error) {
	m := pageMemories.Get().(*pageMemory)
	if size := b.size.Load(); cap(m.buffer) == 0 && size > 0 {
		m.buffer = make([]byte, 0, size+size/8)
	}
	req.Buffer = m.buffer
	resp, err := b.do(ctx, req)
	if err != nil {
		if req.Ranged && errors.Is(err, ErrGone) {
			err = goneError{err}
		}
		return nil, err
	}
	b.size.Store(int64(len(resp.Body)))
	m.buffer = resp.Body
	items, err := decodeFeed(m.items, resp.Body, "Documents")
	if err != nil {
		return nil, err
	}
	page := &pipeline.Page{
		Docs: items, Continuation: resp.Continuation, ExecutionInfo: resp.Header.Get(rest.HeaderExecutionInfo),
		Release: func() { m.free(items) },
	}
	// Hardly any page says so, and looking for a member reads the whole page once more.
	if rewritten && bytes.Contains(resp.Body, []byte(`"_streaming"`)) {
		streaming, said := rawjson.Get(resp.Body, "_streaming")
		page.Unsorted = said && rawjson.Kind(streaming) == 'f'
	}
	return page, nil
}

// Read reads one document instead of searching for it. The caller's conditions are about documents, too.
func (b *backend) Read(ctx context.Context, id string, key partition.Key) (*pipeline.Page, error) {
	req := b.container.item(id, http.MethodGet, rest.Read)
	req.Set(rest.HeaderPartitionKey, key.Header())
	req.Stale = b.stale
	resp, err := b.do(ctx, req)
	var e *Error
	if errors.As(err, &e) && e.StatusCode == http.StatusNotFound && e.SubStatus == 0 {
		return &pipeline.Page{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &pipeline.Page{Docs: []json.RawMessage{resp.Body}}, nil
}

// request starts a request with a query text.
func (b *backend) request(text string) (*rest.Request, error) {
	body, err := b.body(text)
	if err != nil {
		return nil, err
	}
	req := b.container.docs.request(http.MethodPost, rest.Documents, rest.Read)
	req.Body, req.Scope, req.Stale = body, b.container.address.link, b.stale
	req.Header = append(make([]rest.Field, 0, 10),
		rest.Field{Name: rest.HeaderContentType, Value: rest.ContentQuery},
		rest.Field{Name: rest.HeaderCorrelatedID, Value: b.correlation})
	if b.set.PartitionKey == nil {
		req.Set(rest.HeaderCrossPartition, "True")
	}
	return req, nil
}

func (b *backend) body(text string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if body := b.bodies[text]; body != nil {
		return body, nil
	}
	body, err := b.query.body(text)
	if err == nil {
		b.bodies[text] = body
	}
	return body, err
}

// stale reports whether the container is another one than the query was begun on.
func (b *backend) stale(ctx context.Context, _ *rest.Request) bool {
	fresh, err := b.container.definition(ctx, b.definition)
	return err == nil && fresh.rid != b.definition.rid
}

// do executes a request and notes what it cost.
func (b *backend) do(ctx context.Context, req *rest.Request) (*Response, error) {
	resp, err := b.container.client().do(ctx, b.set, req)
	if resp == nil {
		return resp, err
	}
	if b.container.recreated(ctx, b.definition, resp) {
		err = errRecreated
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := *resp
	sum.Body, sum.Continuation = nil, ""
	if b.spent != nil {
		sum.RequestCharge += b.spent.RequestCharge
		sum.Retries += b.spent.Retries
	}
	b.spent = &sum
	return resp, err
}

// take returns what was spent since it was called last, with the headers of the newest answer.
func (b *backend) takeSpent() *Response {
	b.mu.Lock()
	defer b.mu.Unlock()
	spent := b.spent
	b.spent = nil
	if spent == nil {
		// Everything on this page was read ahead and accounted for with an earlier one.
		spent = &Response{StatusCode: http.StatusOK, Header: http.Header{}}
	}
	return spent
}

// moved is the answer of a partition that is somewhere else now.
type goneError struct{ error }

func (e goneError) Unwrap() []error { return []error{e.error, pipeline.ErrGone} }
