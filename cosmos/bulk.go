package cosmos

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"slices"

	"github.com/cosmossql/cosmossql/internal/option"
)

// BulkResult is what became of one operation of [Container.Bulk] and its siblings.
type BulkResult struct {
	Index         int             // the operation's place in the input, from 0
	ID            string          // the document's id
	StatusCode    int             // HTTP status of the operation, such as 201; 0 if there was no answer
	ETag          string          // of the document as it is now
	SessionToken  string          // of the answer, for [SessionToken]
	RequestCharge float64         // RU, those of repeated attempts included
	Retries       int             // how often the operation was sent again
	Body          json.RawMessage // the document, of reads and with [ContentResponse]
	Err           error           // nil when the operation succeeded
}

// Bulk executes many operations that succeed or fail independently. It sends up to 100 of them in one request to a
// physical partition, and as many requests at a time as the partition accepts without throttling. Throttled
// operations are sent again until ctx ends, or the service asks for a longer pause than
// [ClientOptions].MaxThrottleWait; other failures are repeated like those of single operations. It yields one
// [BulkResult] for each operation, as it completes, also if the options or the container are wrong; [Collect]
// restores the order of ops.
//
// Nothing is sent before the sequence is ranged over. Memory is bounded by the operations in flight, not by their
// number: ops may read a file of any size. ops runs on a goroutine of its own; nil has no operations. Leaving the loop
// early, or the end of ctx, stops the work, even while ops waits for something; its goroutine then ends when it next
// yields. Operations that were taken from ops and not finished may have been executed or not: when ctx ends, their
// results say which, and a last result stands for all that were not taken.
//
// The order in which operations are executed is not that of ops, not even for one document: the last writer wins.
//
// If an answer is lost, it is not known which operations were executed. Bulk then sends creates, upserts, replaces
// and deletes again, so that a write of another may be undone that came in between. Patches and upserts under
// [IfMatch] are not sent again unless [RepeatWrites] allows it; a patch under the [IfMatch] of an ETag is. A result
// is a success only if the operation was executed: if such a create answers 409 or an operation under an ETag 412,
// the document is read, and if it is what was to be written the operation has succeeded. A delete whose document is
// gone then has succeeded, whoever deleted it. Where nothing proves that the operation was executed or not, the
// error is also [ErrUnknownOutcome].
//
// [MaxConcurrency] bounds the requests in flight, 64 by default. [OnProgress] reports progress. The service does not
// send written documents back unless [ContentResponse] asks for them.
func (c *Container) Bulk(ctx context.Context, ops iter.Seq[Operation], opts ...Option) iter.Seq[BulkResult] {
	return c.bulk(ctx, option.Bulk, ops, opts)
}

// bulk is Bulk for the method op.
func (c *Container) bulk(
	ctx context.Context, op *option.Operation, ops iter.Seq[Operation], opts []Option,
) iter.Seq[BulkResult] {
	return func(yield func(BulkResult) bool) {
		if ops == nil {
			return
		}
		if err := c.check(); err != nil {
			(&bulkBackend{set: &option.Set{}, err: err}).run(ctx, ops, yield)
			return
		}
		name := "execute_bulk"
		if op == option.ReadMany {
			name = "read_many_items"
		}
		ctx, traced := c.client().begin(ctx, name, c.address.link, 0)
		c.newBulkBackend(ctx, op, opts).run(ctx, ops, yield)
		traced.ends(0, nil)
	}
}

// CreateMany creates documents by [Container.Bulk]. The items are documents as for [Container.CreateItem].
//
//	for _, r := range cosmos.Collect(orders.CreateMany(ctx, cosmos.Each(batch))) {
//		if r.Err != nil {
//			log.Printf("order %d: %v", r.Index, r.Err)
//		}
//	}
func (c *Container) CreateMany(ctx context.Context, items iter.Seq[any], opts ...Option) iter.Seq[BulkResult] {
	return c.bulk(ctx, option.CreateMany, operationsOf(items, func(item any) Operation { return OpCreate(item) }), opts)
}

// UpsertMany creates or replaces documents by [Container.Bulk]. The items are documents as for [Container.UpsertItem].
func (c *Container) UpsertMany(ctx context.Context, items iter.Seq[any], opts ...Option) iter.Seq[BulkResult] {
	return c.bulk(ctx, option.UpsertMany, operationsOf(items, func(item any) Operation { return OpUpsert(item) }), opts)
}

// ReplaceMany replaces documents, found by their own ids, by [Container.Bulk].
func (c *Container) ReplaceMany(ctx context.Context, items iter.Seq[any], opts ...Option) iter.Seq[BulkResult] {
	return c.bulk(ctx, option.ReplaceMany, operationsOf(items, func(item any) Operation { return replaceByID(item) }),
		opts)
}

// DeleteMany deletes documents by [Container.Bulk]. The result of one that does not exist is an [ErrNotFound].
//
//	keys := []cosmos.ItemKey{cosmos.At("41", "ada"), cosmos.At("42", "bob")}
//	done := cosmos.Collect(orders.DeleteMany(ctx, slices.Values(keys)))
func (c *Container) DeleteMany(ctx context.Context, keys iter.Seq[ItemKey], opts ...Option) iter.Seq[BulkResult] {
	ops := operationsOf(keys, func(k ItemKey) Operation { return OpDelete(k.ID, k.option()) })
	return c.bulk(ctx, option.DeleteMany, ops, opts)
}

// PatchMany makes the same changes to many documents by [Container.Bulk]. A [PatchCondition] among opts applies to
// each.
func (c *Container) PatchMany(
	ctx context.Context, keys iter.Seq[ItemKey], operations []PatchOperation, opts ...Option,
) iter.Seq[BulkResult] {
	own := []Option{{}} // of each operation
	if set, err := option.Resolve(ctx, option.PatchMany, nil, opts); err == nil && set.Condition != "" {
		own = append(own, PatchCondition(set.Condition))
	}
	return c.bulk(ctx, option.PatchMany, operationsOf(keys, func(k ItemKey) Operation {
		return OpPatch(k.ID, operations, append(own[1:len(own):len(own)], k.option())...)
	}), opts)
}

// ReadMany reads documents by their ids and partition keys by [Container.Bulk]. It yields one [BulkResult] for each
// key, with the document in Body; the Err of one that does not exist is [ErrNotFound].
//
//	for _, r := range cosmos.Collect(orders.ReadMany(ctx, slices.Values(keys))) {
func (c *Container) ReadMany(ctx context.Context, keys iter.Seq[ItemKey], opts ...Option) iter.Seq[BulkResult] {
	ops := operationsOf(keys, func(k ItemKey) Operation { return OpRead(k.ID, k.option()) })
	return c.bulk(ctx, option.ReadMany, ops, opts)
}

// CreateMany is [Container.CreateMany] for a sequence of documents of any one type, such as slices.Values(orders).
func CreateMany[T any](ctx context.Context, c *Container, items iter.Seq[T], opts ...Option) iter.Seq[BulkResult] {
	return c.CreateMany(ctx, anyOf(items), opts...)
}

// UpsertMany is [Container.UpsertMany] for a sequence of documents of any one type.
func UpsertMany[T any](ctx context.Context, c *Container, items iter.Seq[T], opts ...Option) iter.Seq[BulkResult] {
	return c.UpsertMany(ctx, anyOf(items), opts...)
}

// ReplaceMany is [Container.ReplaceMany] for a sequence of documents of any one type.
func ReplaceMany[T any](ctx context.Context, c *Container, items iter.Seq[T], opts ...Option) iter.Seq[BulkResult] {
	return c.ReplaceMany(ctx, anyOf(items), opts...)
}

// anyOf is a sequence of values of one type as one of any; nil for nil.
func anyOf[T any](items iter.Seq[T]) iter.Seq[any] {
	if items == nil {
		return nil
	}
	return func(yield func(any) bool) {
		for item := range items {
			if !yield(item) {
				return
			}
		}
	}
}

// ItemKey names a document of a container.
type ItemKey struct {
	ID           string
	PartitionKey []any // as for [PartitionKey]; empty where the partition key is /id
}

// At names the document with an id and a partition key, whose values may be left out where it is /id.
func At(id string, partitionKey ...any) ItemKey { return ItemKey{id, slices.Clone(partitionKey)} }

// option is the PartitionKey of k; the zero Option if it has none.
func (k ItemKey) option() Option {
	if len(k.PartitionKey) == 0 {
		return Option{}
	}
	return PartitionKey(k.PartitionKey...)
}

// Each makes the documents in a slice the input of [Container.CreateMany] and its siblings.
func Each[T any](items []T) iter.Seq[any] { return anyOf(slices.Values(items)) }

// operationsOf makes one operation of each element of in; none when in is nil.
func operationsOf[T any](in iter.Seq[T], operation func(T) Operation) iter.Seq[Operation] {
	if in == nil {
		return nil
	}
	return func(yield func(Operation) bool) {
		for item := range in {
			if !yield(operation(item)) {
				return
			}
		}
	}
}

// Collect runs a sequence of results to its end and returns them in the order of the input, by their Index. All results
// are in memory then. A nil sequence has none.
func Collect(results iter.Seq[BulkResult]) []BulkResult {
	if results == nil {
		return nil
	}
	return slices.SortedFunc(results, func(a, b BulkResult) int { return cmp.Compare(a.Index, b.Index) })
}
