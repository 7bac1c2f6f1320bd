package cosmos

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/pipeline"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Query runs a query and yields its rows as values of T: a struct, a map, a scalar for SELECT VALUE, or json.RawMessage
// for the row as it is.
//
// args are, in any order: request options such as [PartitionKey]; values with a name, sql.Named("name", v), [Parameter]
// or []Parameter, to which the query refers as @name; or values without, which are @p1, @p2, … in the order given. A
// value with a name that the query does not use is sent all the same. The sequence ends after the first error.
//
//	for order, err := range cosmos.Query[Order](ctx, orders, `SELECT * FROM o WHERE o.total > @p1`, 100) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(order.ID, order.Total)
//	}
func Query[T any](ctx context.Context, c *Container, query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		c.NewPager(query, append(slices.Clone(args), any(option.ReadsOn))...).all(ctx,
			func(page *Page, err error) bool {
				if err != nil {
					return yield(zero, err)
				}
				return yieldPage(page, yield)
			})
	}
}

// yieldPage decodes and yields the rows of a page. It releases the page unless T is json.RawMessage, which aliases it.
func yieldPage[T any](page *Page, yield func(T, error) bool) bool {
	for _, item := range page.Items {
		var v T
		if raw, ok := any(&v).(*json.RawMessage); ok {
			*raw = item
		} else if err := decodeRow(item, &v); err != nil {
			yield(v, fmt.Errorf("cosmos: decoding a row into %T: %w", v, err))
			return false
		}
		if !yield(v, nil) {
			return false
		}
	}
	if _, raw := any((*T)(nil)).(*json.RawMessage); !raw {
		page.Release()
	}
	return true
}

// NewPager prepares a query (POST docs), with arguments as for [Query]; nothing is sent before the first Next, which
// also returns the error of an invalid argument. The caller must call [Pager.Close]. [Query] is simpler if pages do not
// matter.
//
// The query is sent only to the document or the partitions that can have rows. If the answers of several partitions
// have to be merged, the service's query plan is requested first. [Container.Explain] shows this. Without ORDER BY the
// rows of different partitions come in no particular order.
//
// [Continuation] resumes after a page that has a token, also in another process and after splits. Pages of sorted and
// of plain results have one; those of DISTINCT without an order, GROUP BY, aggregates and ORDER BY RANK have none, and
// [Pager.Token] says what to write instead. [Pager.More] tells the last page of any query. [InFeedRange] limits the
// query to a part of the container.
func (c *Container) NewPager(query string, args ...any) *Pager {
	if err := c.check(); err != nil {
		return failedPager(err)
	}
	list, err := c.client().format.Read(args)
	if err != nil {
		return failedPager(err)
	}
	p, err := c.client().prepareQuery(query, list)
	if err != nil {
		return failedPager(err)
	}
	return (&Pager{source: &querySource{container: c, query: p, opts: list.Options}}).traced(c, "query_items")
}

// querySource opens its rows with the context of the first Next, which may carry options.
type querySource struct {
	container *Container
	query     *prepared
	opts      []Option
	rows      *pipeline.Rows
	backend   *backend
	begun     bool // a page was returned, or the query was restarted on a recreated container
}

func (q *querySource) next(ctx context.Context) (*Page, error) {
	if q.rows == nil {
		var err error
		op := option.Query
		if q.query == everyDocument {
			op = option.Items
		}
		if q.rows, q.backend, err = q.container.open(ctx, op, q.query, q.opts); err != nil {
			return nil, err
		}
	}
	batch, err := q.rows.Next(ctx)
	if errors.Is(err, errRecreated) && !q.begun {
		q.close()
		q.rows, q.begun = nil, true
		return q.next(ctx)
	}
	if err != nil {
		return nil, q.query.explained(continuationError(err))
	}
	q.begun = true
	return &Page{Items: batch.Docs, Continuation: batch.Continuation, Response: q.backend.takeUsage(),
		release: batch.Release}, nil
}

func (q *querySource) more() bool { return q.rows == nil || q.rows.More() }

func (q *querySource) resumable() error {
	if q.rows == nil {
		return nil
	}
	return q.rows.Resumable()
}

func (q *querySource) close() {
	if q.rows != nil {
		q.rows.Close()
		q.backend.pages.empty()
	}
}

// open chooses how a query is executed, and prepares that.
func (c *Container) open(ctx context.Context, op *option.Operation, q *prepared,
	opts []Option) (*pipeline.Rows, *backend, error) {
	set, err := c.client().resolve(ctx, op, opts)
	if err != nil {
		return nil, nil, err
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		if set.PartitionKey == nil || !refused(err) {
			return nil, nil, err
		}
		// A token for a single partition cannot read the container. The service checks the key.
		d = &definition{key: partition.Definition{Paths: make([]string, len(set.PartitionKey))}}
	}
	if set.DefaultKey && set.FeedRange != nil {
		set.PartitionKey = nil
	}
	if set.PartitionKey, err = q.partition(d, set); err != nil {
		return nil, nil, err
	}
	if key := set.PartitionKey; key != nil && !(d.key.Hierarchical() && 0 < len(key) && len(key) < len(d.key.Paths)) {
		if err := d.key.Check(key); err != nil {
			return nil, nil, err
		}
	}
	feed, err := feedRange(set)
	if err != nil {
		return nil, nil, err
	}
	access := d.prepare(q).Choose(q.values, set.PartitionKey, feed)
	if set.Continuation != "" && access.Kind == queryplan.PointRead {
		access.Kind = queryplan.SinglePartition // which says whether the token is one of this query
	}
	if set.IfNoneMatch != "" && access.Kind != queryplan.PointRead {
		return nil, nil, errtext.Refusef("cosmos: IfNoneMatch is for a query of one whole document by its id and " +
			"partition key (SELECT * FROM c WHERE c.id = … AND the key), which is a read; others cannot say that " +
			"nothing has changed")
	}
	b := newBackend(c, set, q, d)
	b.single = access.Key != nil
	return pipeline.Open(b, pipeline.Options{
		Query: q.text, Tree: q.tree, Access: access, Identity: cmp.Or(d.rid, c.address.link) + "\x00" +
			string(q.encoded),
		PageSize: set.PageSize, ReadAhead: readAhead(set), MaxConcurrency: set.MaxConcurrency,
		MaxBuffer:    set.MaxQueryMemory,
		Continuation: set.Continuation, NoContinuation: set.ReadsOn, LocalScores: set.LocalScores,
	}), b, nil
}

// feedRange is the part of the container that the options limit a query or feed to; nil for all of it.
func feedRange(set *option.Set) (*queryplan.Range, error) {
	if set.FeedRange == nil {
		return nil, nil
	}
	r := &queryplan.Range{Min: set.FeedRange[0], Max: set.FeedRange[1], MinInclusive: true}
	switch {
	case set.PartitionKey != nil:
		return nil, errtext.Refusef("cosmos: a query or feed is limited by PartitionKey or InFeedRange, not both")
	case partition.Compare(r.Min, r.Max) >= 0:
		return nil, errtext.Refusef("cosmos: the feed range from %q to %q is empty", r.Min, r.Max)
	}
	return r, nil
}

// readAhead is when pages are fetched ahead.
func readAhead(set *option.Set) pipeline.ReadAhead {
	switch {
	case set.ReadAhead != nil && !*set.ReadAhead:
		return pipeline.AheadNever
	case set.ReadAhead != nil || set.ReadsOn:
		return pipeline.AheadAtOnce
	}
	return pipeline.AheadOnSecond
}
