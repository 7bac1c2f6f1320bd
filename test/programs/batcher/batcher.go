// Package batcher is the output of a stream processor: messages go into a container as transactional batches, one for
// the messages of a partition key.
package batcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Message is one thing to do with one document.
type Message struct {
	Kind      cosmos.OperationKind // all but a read
	Key       []any                // of the partition, each value with its type; hierarchical ones have several
	ID        string               // of replace, patch and delete
	Document  json.RawMessage      // of create, upsert and replace
	Changes   []cosmos.PatchOperation
	Condition string // of a patch, such as "from c where c.stock > 0"
	ETag      string // the version that is replaced, patched or deleted; empty: whichever is there
}

// Result is what became of the message with the same index.
type Result struct {
	Status   int
	ETag     string
	Document json.RawMessage
	Charge   float64 // RU
	Err      error
}

// ErrNotDone is the error of a message that was not at fault: another one of its partition was.
var ErrNotDone = errors.New("batcher: not done, as another message of the partition failed")

// Batcher is what a pipeline writes to. The messages of a partition are executed in their order, and up to
// cosmos.MaxBatchOperations of them all or none.
type Batcher interface {
	Write(ctx context.Context, messages []Message) []Result
}

type batcher struct {
	container *cosmos.Container
	parallel  int
}

// New writes to a container, to so many partitions at once.
func New(container *cosmos.Container, parallel int) Batcher {
	return &batcher{container: container, parallel: parallel}
}

// partition is what a call has for one partition key.
type partition struct {
	key      cosmos.Option
	messages []int // their indexes
	ops      []cosmos.Operation
}

func (b *batcher) Write(ctx context.Context, messages []Message) []Result {
	results := make([]Result, len(messages))
	var wait sync.WaitGroup
	slots := make(chan struct{}, b.parallel)
	for _, p := range split(messages) {
		slots <- struct{}{}
		wait.Go(func() {
			b.write(ctx, p, results)
			<-slots
		})
	}
	wait.Wait()
	return results
}

// write sends the messages of a partition in as few batches as the service takes; the first failure ends it.
func (b *batcher) write(ctx context.Context, p *partition, results []Result) {
	for from := 0; from < len(p.ops); {
		to, size := from, 0
		for to < len(p.ops) && to-from < cosmos.MaxBatchOperations {
			if size += p.ops[to].Size(); size > cosmos.MaxBatchSize && to > from {
				break
			}
			to++
		}
		resp, err := b.container.TransactionalBatch(ctx, p.ops[from:to], p.key)
		if resp != nil {
			for i, r := range resp.Results {
				results[p.messages[from+i]] = Result{Status: r.StatusCode, ETag: r.ETag, Document: r.Body,
					Charge: r.RequestCharge}
			}
		}
		if err != nil {
			p.fail(from, to, err, results)
			return
		}
		from = to
	}
}

// fail tells each message from a failed batch on what happened: the culprit is known by its index, if there is one.
func (p *partition) fail(from, to int, err error, results []Result) {
	culprit := -1
	var batch *cosmos.BatchError
	if errors.As(err, &batch) {
		culprit = from + batch.Index
	}
	for i := from; i < len(p.messages); i++ {
		r := &results[p.messages[i]]
		switch {
		case i == culprit:
			r.Status, r.Err = batch.Err.StatusCode, fmt.Errorf("message %d: %w", p.messages[i], err)
		case culprit >= 0 || i >= to:
			r.Err = ErrNotDone
		default: // the batch as a whole: a broken connection, say
			r.Err = err
		}
	}
}

// split puts messages with their partitions, in the order in which these come.
func split(messages []Message) []*partition {
	var all []*partition
	by := map[string]*partition{}
	for i, m := range messages {
		key := cosmos.PartitionKey(m.Key...)
		p := by[key.String()]
		if p == nil {
			p = &partition{key: key}
			by[key.String()] = p
			all = append(all, p)
		}
		p.messages, p.ops = append(p.messages, i), append(p.ops, m.operation())
	}
	return all
}

func (m Message) operation() cosmos.Operation {
	var guards []cosmos.Option
	if m.ETag != "" {
		guards = append(guards, cosmos.IfMatch(m.ETag))
	}
	if m.Condition != "" {
		guards = append(guards, cosmos.PatchCondition(m.Condition))
	}
	switch m.Kind {
	case cosmos.KindCreate:
		return cosmos.OpCreate(m.Document, guards...)
	case cosmos.KindUpsert:
		return cosmos.OpUpsert(m.Document, guards...)
	case cosmos.KindReplace:
		return cosmos.OpReplace(m.ID, m.Document, guards...)
	case cosmos.KindPatch:
		return cosmos.OpPatch(m.ID, m.Changes, guards...)
	case cosmos.KindDelete:
		return cosmos.OpDelete(m.ID, guards...)
	}
	return cosmos.Operation{} // which a batch refuses
}
