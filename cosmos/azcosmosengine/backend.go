package azcosmosengine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos/queryengine"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/pipeline"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// backend answers the pipeline with what azcosmos fetches.
type backend struct {
	plan    *queryplan.Plan
	routing *partition.RoutingMap
	closing context.Context // of the whole query: azcosmos gives an engine no context
	cancel  context.CancelFunc
	arrived chan *request

	pending map[uint64]*request // without an answer, by id; used under the lock of turns
	last    uint64              // id
}

// request is a page that the pipeline waits for.
type request struct {
	pipeline.Fetch
	id     uint64
	answer chan *pipeline.Page // has room for it
}

func (b *backend) Plan(context.Context) (*queryplan.Plan, error) { return b.plan, nil }

func (b *backend) Ranges(_ context.Context, lo, hi string, refresh bool) ([]partition.Range, error) {
	if refresh {
		return nil, errors.New("azcosmosengine: the partitions have moved; begin the query again")
	}
	return b.routing.Overlapping(lo, hi), nil
}

// Fetch has azcosmos make a request and waits for the answer.
func (b *backend) Fetch(ctx context.Context, f pipeline.Fetch) (*pipeline.Page, error) {
	r := &request{Fetch: f, answer: make(chan *pipeline.Page, 1)}
	select {
	case b.arrived <- r:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case page := <-r.answer:
		return page, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Read is for queries whose keys are known; azcosmos does not tell an engine.
func (b *backend) Read(context.Context, string, partition.Key) (*pipeline.Page, error) {
	return nil, errors.New("azcosmosengine: an engine cannot read a document by its id")
}

func (b *backend) add(r *request) {
	b.last++
	r.id = b.last
	b.pending[r.id] = r
}

// requests are those without an answer, in the order in which they were made.
func (b *backend) requests(text string) []queryengine.QueryRequest {
	all := make([]queryengine.QueryRequest, 0, len(b.pending))
	for _, r := range slices.SortedFunc(maps.Values(b.pending),
		func(x, y *request) int { return cmp.Compare(x.id, y.id) }) {
		q := queryengine.QueryRequest{PartitionKeyRangeID: r.RangeID, Id: r.id, Continuation: r.Continuation}
		if r.Query != text {
			q.Query, q.IncludeParameters = r.Query, true
		}
		all = append(all, q)
	}
	return all
}

// provide gives an answer to whom it belongs.
func (b *backend) provide(d queryengine.QueryResult) error {
	r := b.pending[d.RequestId]
	if r == nil || r.RangeID != d.PartitionKeyRangeID {
		return fmt.Errorf("azcosmosengine: nothing was asked of partition key range %q by a request %d",
			d.PartitionKeyRangeID, d.RequestId)
	}
	page, err := decodePage(d.Data)
	if err != nil {
		return err
	}
	page.Continuation = d.NextContinuation
	delete(b.pending, r.id)
	r.answer <- page
	return nil
}

// decodePage reads the answer to a query.
func decodePage(data []byte) (*pipeline.Page, error) {
	var feed struct {
		Documents *[]json.RawMessage
		Streaming *bool `json:"_streaming"`
	}
	if err := json.Unmarshal(data, &feed); err != nil {
		return nil, fmt.Errorf("azcosmosengine: the answer is not a page of a query: %w", err)
	}
	if feed.Documents == nil {
		return nil, errors.New("azcosmosengine: the answer is not a page of a query: it has no member Documents")
	}
	return &pipeline.Page{Docs: *feed.Documents, Unsorted: feed.Streaming != nil && !*feed.Streaming}, nil
}
