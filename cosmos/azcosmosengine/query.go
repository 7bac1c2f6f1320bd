package azcosmosengine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos/queryengine"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/pipeline"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// query turns the pipeline, which asks for pages and waits for them, into what azcosmos drives: turns that give rows or
// requests. The pipeline runs in a goroutine of its own from Run to Run, and stands still between them.
type query struct {
	*turns
}

// turns is the state of a query. The goroutine of the pipeline holds it, but not the query: so a query that azcosmos
// drops without Close is collected, and ends the goroutine.
type turns struct {
	text    string // what a request without a query of its own sends
	backend *backend
	next    chan struct{} // asks the pipeline's goroutine for a page
	pages   chan page

	mu      sync.Mutex // guards what follows, for callers that run and close at once
	waiting bool       // a page was asked for and has not come
	done    bool
}

type page struct {
	rows []json.RawMessage
	err  error
}

func newQuery(text string, tree *nosql.Query, plan *queryplan.Plan, routing *partition.RoutingMap) *query {
	b := &backend{plan: plan, routing: routing, arrived: make(chan *request), pending: map[uint64]*request{}}
	b.closing, b.cancel = context.WithCancel(context.Background())
	t := &turns{text: text, backend: b, next: make(chan struct{}), pages: make(chan page, 1)}
	if plan.Info != nil && plan.Info.RewrittenQuery != "" {
		t.text = plan.Info.RewrittenQuery
	}
	rows := pipeline.Open(b, pipeline.Options{
		Query:          text,
		Tree:           tree,
		Access:         queryplan.AccessPath{Kind: queryplan.Planned},
		ReadAhead:      pipeline.AheadAtOnce,
		NoContinuation: true,
		MaxConcurrency: max(pipeline.DefaultConcurrency, 2*len(routing.Ranges())),
	})
	go t.run(rows)
	q := &query{t}
	runtime.AddCleanup(q, func(b *backend) { b.cancel() }, b)
	return q
}

// run reads a page of the merged result whenever it is asked to.
func (t *turns) run(rows *pipeline.Rows) {
	defer rows.Close()
	for {
		select {
		case <-t.next:
		case <-t.backend.closing.Done():
			return
		}
		batch, err := rows.Next(t.backend.closing)
		if err != nil {
			t.pages <- page{err: err}
			return
		}
		t.pages <- page{rows: batch.Docs}
	}
}

// Query returns the text that a request sends if it has none of its own.
func (t *turns) Query() string { return t.text }

// IsComplete reports whether all rows were handed out, or the query failed or was closed.
func (t *turns) IsComplete() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done
}

// Run returns the next rows or, where answers are missing for that, the requests that are to be made.
func (t *turns) Run() (*queryengine.PipelineResult, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return &queryengine.PipelineResult{IsCompleted: true}, nil
	}
	if !t.waiting {
		t.waiting = true
		t.next <- struct{}{}
	}
	// settle is how long the pipeline, having asked for one page, may take to ask for those of other partitions. What
	// comes later goes with the next turn: the rows are the same, in one round trip more.
	const settle = 200 * time.Microsecond
	var quiet <-chan time.Time
	if len(t.backend.pending) > 0 {
		quiet = time.After(settle)
	}
	for {
		select {
		case p := <-t.pages:
			t.waiting = false
			return t.hand(p)
		case r := <-t.backend.arrived:
			t.backend.add(r)
			quiet = time.After(settle)
		case <-quiet:
			return &queryengine.PipelineResult{Requests: t.backend.requests(t.text)}, nil
		}
	}
}

// hand makes the result of a turn of a page of the merged result.
func (t *turns) hand(p page) (*queryengine.PipelineResult, error) {
	if p.err != nil {
		t.end()
		if p.err == io.EOF {
			return &queryengine.PipelineResult{IsCompleted: true}, nil
		}
		return nil, p.err
	}
	result := &queryengine.PipelineResult{Items: make([][]byte, len(p.rows))}
	for i, row := range p.rows {
		result.Items[i] = row
	}
	return result, nil
}

// ProvideData hands the answers to requests to the pipeline. An answer that nobody asked for, or that is not a page of
// a query, is an error.
func (t *turns) ProvideData(data []queryengine.QueryResult) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return fmt.Errorf("azcosmosengine: the query has ended and takes no more answers")
	}
	for _, d := range data {
		if err := t.backend.provide(d); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the query. Closing twice is fine.
func (t *turns) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end()
}

func (t *turns) end() {
	t.done = true
	t.backend.cancel()
}
