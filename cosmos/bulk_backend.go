package cosmos

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/bulk"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// bulkBackend is what a bulk knows of its container: see [bulk.Backend].
type bulkBackend struct {
	container *Container
	set       *option.Set
	err       error // why no operation can be executed

	// What is known of the container; other goroutines of the client may forget it meanwhile.
	definition atomic.Pointer[definition]
	routing    atomic.Pointer[partition.RoutingMap]
	recreated  atomic.Bool // the container was deleted and created again since the bulk began
}

// newBulkBackend reads what all operations need: options, definition and routing map.
func (c *Container) newBulkBackend(ctx context.Context, op *option.Operation, opts []Option) *bulkBackend {
	b := &bulkBackend{container: c, set: &option.Set{}}
	set, err := c.client().resolve(ctx, op, opts)
	if err == nil {
		b.set = set
		if set.ContentResponse == nil {
			set.ContentResponse = new(bool)
		}
		err = b.learn(ctx)
	}
	b.err = err
	return b
}

// learn reads what the client does not know of the container.
func (b *bulkBackend) learn(ctx context.Context) error {
	d, err := b.container.definition(ctx, nil)
	if err != nil {
		return err
	}
	m, err := b.container.routingMap(ctx, nil)
	if err != nil {
		return err
	}
	b.definition.Store(d)
	b.routing.Store(m)
	return nil
}

// run executes operations and yields their results.
func (b *bulkBackend) run(ctx context.Context, ops iter.Seq[Operation], yield func(BulkResult) bool) {
	config := bulk.Config{
		Backend: b, Support: new(bulk.Support), Requests: b.set.MaxConcurrency,
		RepeatWrites: b.set.RepeatWrites, Progress: b.set.Progress,
	}
	if b.err == nil {
		client := b.container.client()
		config.Support, config.Attempts = &client.bulk, client.rest.Attempts
		config.RetryThrottled, config.LongestPause = client.rest.Throttling()
	}
	in := func(yield func(*bulk.Operation) bool) {
		for o := range ops {
			op := &bulkOperation{key: o.key, renamed: o.renamed}
			op.Operation = bulk.Operation{Operation: o.wire(), Source: op, Renames: o.renamed != "", Err: b.err}
			if b.err == nil {
				op.Err = o.Err()
			}
			if !yield(&op.Operation) {
				return
			}
		}
	}
	done := bulk.Run(ctx, config, in, func(r bulk.Result) bool {
		r.Err = b.publicError(r.Err)
		return yield(BulkResult(r))
	})
	if done.SingleOperations > 0 {
		updateStats(ctx, func(u *Usage) { u.SingleOperations += done.SingleOperations })
	}
}

// bulkOperation is an [Operation] in a bulk, with what is known of its place. Many of them wait at a time, so that what
// the wire form has is not kept twice.
type bulkOperation struct {
	bulk.Operation
	key        partition.Key // as in Operation
	renamed    string        // likewise
	definition *definition   // by which its partition key was determined; nil if it has not been
	routing    *partition.RoutingMap
	rangeID    string // of the partition, by routing
}

func sourceOf(o *bulk.Operation) *bulkOperation { return o.Source.(*bulkOperation) }

// source is the operation that o was made of.
func (o *bulkOperation) source() Operation {
	return Operation{
		kind: OperationKind(o.Kind), id: o.ID, body: o.Body, composed: true, key: o.key, renamed: o.renamed,
		match: o.IfMatch, none: o.IfNoneMatch,
	}
}

// Place implements [bulk.Backend].
func (b *bulkBackend) Place(op *bulk.Operation) (string, error) {
	o, routing := sourceOf(op), b.routing.Load()
	if o.definition != nil && o.routing == routing {
		return o.rangeID, nil
	}
	if o.definition == nil {
		o.definition = b.definition.Load()
	}
	source := o.source()
	key, err := source.keyFor(b.container, o.definition, b.set)
	if err != nil {
		return "", err
	}
	r, _ := routing.Find(o.definition.key.EPK(key)) // a hash is below the end of the last range
	o.PartitionKey, o.routing, o.rangeID = key.Header(), routing, r.ID
	return r.ID, nil
}

// recreation is the result of an operation that was meant for a container that is gone.
var recreation = batch.Result{
	StatusCode: http.StatusGone, SubStatus: 1000, Message: "the container was deleted and created again meanwhile",
}

// Send implements [bulk.Backend].
func (b *bulkBackend) Send(ctx context.Context, rangeID string, ops []*bulk.Operation) bulk.Answer {
	d := b.definition.Load()
	if !b.recreated.Load() {
		return b.send(ctx, rangeID, d, ops)
	}
	live := make([]*bulk.Operation, 0, len(ops))
	results := make([]batch.Result, len(ops))
	at := make([]int, 0, len(ops)) // where the results of live go
	for i, o := range ops {
		if sourceOf(o).definition.rid == d.rid {
			live, at = append(live, o), append(at, i)
		} else {
			results[i] = recreation
		}
	}
	if len(live) == 0 {
		return bulk.Answer{Results: results}
	}
	a := b.send(ctx, rangeID, d, live)
	if a.Results != nil {
		for k, i := range at {
			results[i] = a.Results[k]
		}
		a.Results = results
	}
	return a
}

// send sends operations on the container that d defines.
func (b *bulkBackend) send(ctx context.Context, rangeID string, d *definition, ops []*bulk.Operation) bulk.Answer {
	size := 2
	for _, o := range ops {
		size += o.Size() + 1
	}
	body := append(make([]byte, 0, size), '[')
	for i, o := range ops {
		if i > 0 {
			body = append(body, ',')
		}
		body = o.Append(body)
	}
	c := b.container
	req := c.request(c.docs, http.MethodPost, rest.Repeatable)
	req.Body, req.Once, req.Ranged, req.Finish = append(body, ']'), true, true, true
	// what is not a list of results tells of a server without bulk requests
	req.Accept = func([]byte) error { return nil }
	req.Header = append(make([]rest.Field, 0, 8),
		rest.Field{Name: rest.HeaderIsBatch, Value: "True"},
		rest.Field{Name: rest.HeaderBatchAtomic, Value: "False"},
		rest.Field{Name: rest.HeaderBatchContinue, Value: "True"},
		rest.Field{Name: rest.HeaderRangeID, Value: rangeID})
	d.intend(req)
	writeOptions(b.set, req)
	requestOptions(b.set, req)
	resp, err := c.client().rest.Do(ctx, req)
	record(ctx, resp)
	a := answer(resp, err)
	if err != nil {
		return a
	}
	if a.Results, a.Err = batch.Results(resp.Body, len(ops)); a.Err != nil {
		a.Sent, a.Foreign = true, rawjson.Kind(resp.Body) != '['
		return a
	}
	if c.elsewhere(ctx, d, publicResponse(resp)) {
		b.recreated.Store(true)
		for i, o := range ops {
			if source := sourceOf(o).source(); a.Results[i].Succeeded() &&
				(source.kind == KindRead || !source.repeatable()) {
				a.Results[i] = recreation
			}
		}
	}
	return a
}

// SendSingly implements [bulk.Backend].
func (b *bulkBackend) SendSingly(ctx context.Context, o *bulk.Operation) bulk.Answer {
	source := sourceOf(o).source()
	return b.execute(ctx, &source, b.set)
}

// ReadBack implements [bulk.Backend].
func (b *bulkBackend) ReadBack(ctx context.Context, o *bulk.Operation, id string) bulk.Answer {
	key, err := partition.ParseKey(o.PartitionKey)
	if err != nil {
		return bulk.Answer{Err: err}
	}
	set := *b.set
	set.PartitionKey = nil
	return b.execute(ctx, &Operation{kind: KindRead, id: id, key: key}, &set)
}

// execute executes an operation in a request of its own.
func (b *bulkBackend) execute(ctx context.Context, o *Operation, set *option.Set) bulk.Answer {
	resp, err := b.container.execute(ctx, o, set)
	a := bulk.Answer{Sent: errors.Is(err, rest.ErrUnknownOutcome)}
	if resp != nil {
		a.Charge, a.SessionToken, a.ActivityID, a.Retries = resp.RequestCharge, resp.SessionToken,
			resp.ActivityID, resp.Retries
	}
	switch failure, ok := err.(*Error); {
	case err == nil:
		a.Results = []batch.Result{{
			StatusCode: resp.StatusCode, SubStatus: resp.SubStatus, RequestCharge: resp.RequestCharge,
			ETag: resp.ETag, Body: resp.Body,
		}}
	case ok:
		a.Failure = failure.failure()
	default:
		a.Err, a.Closed = err, errors.Is(err, rest.ErrClosed)
	}
	return a
}

// answer says what a request came to but for the results of an answer that is a success.
func answer(resp *rest.Response, err error) bulk.Answer {
	a := bulk.Answer{
		Charge: resp.Charge, SessionToken: resp.Header.Get(rest.HeaderSessionToken), ActivityID: resp.ActivityID,
		Sent: errors.Is(err, rest.ErrUnknownOutcome),
	}
	if failure, ok := err.(*rest.Failure); ok {
		a.Failure = failure
	} else {
		a.Err, a.Closed = err, errors.Is(err, rest.ErrClosed)
	}
	return a
}

// PartitionGone implements [bulk.Backend].
func (b *bulkBackend) PartitionGone(ctx context.Context, rangeID string) {
	old := b.routing.Load()
	if _, there := old.ByID(rangeID); !there {
		return // another request has found it, too
	}
	if m, err := b.container.routingMap(ctx, old); err == nil {
		b.routing.Store(m)
	} // else the next answer will say again that it is gone
}

// DefinitionStale implements [bulk.Backend].
func (b *bulkBackend) DefinitionStale(ctx context.Context, op *bulk.Operation) bool {
	o := sourceOf(op)
	old := o.definition
	fresh, err := b.container.definition(ctx, old)
	if err != nil || fresh.rid == old.rid || b.learn(ctx) != nil {
		return false
	}
	b.recreated.Store(true)
	if source := o.source(); !source.repeatable() {
		return false
	}
	o.definition = nil
	return true
}

// publicError is the error of an operation as the caller sees it.
func (b *bulkBackend) publicError(err error) error {
	failure, ok := err.(*rest.Failure)
	if ok && b.recreated.Load() && outdatedAnswer(failure.StatusCode, failure.SubStatus) {
		return fmt.Errorf("%w: %w", errRecreated, publicError(err))
	}
	return publicError(err)
}
