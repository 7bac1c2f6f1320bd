package cosmos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Query runs a query and yields its rows as values of T: a struct, a map, a scalar for SELECT VALUE, or json.RawMessage
// for the row as it is.
//
// args are, in any order: request options such as [PartitionKey]; values with a name, sql.Named("name", v), to which the
// query refers as @name; or values without, which are @p1, @p2, … in the order given. The sequence ends after the first
// error.
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
		params, opts, err := arguments(args)
		if err != nil {
			yield(zero, err)
			return
		}
		p := c.NewPager(query, params, opts...)
		defer p.Close()
		for {
			page, err := p.Next(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(zero, err)
				return
			}
			if !yieldPage(page, yield) {
				return
			}
		}
	}
}

// yieldPage decodes the rows of a page. Unless they are handed out as they are, its memory is used again.
func yieldPage[T any](page *Page, yield func(T, error) bool) bool {
	for _, item := range page.Items {
		var v T
		if raw, ok := any(&v).(*json.RawMessage); ok {
			*raw = item
		} else if err := json.Unmarshal(item, &v); err != nil {
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

// NewPager prepares a query; nothing is sent before the first Next. Close must be called. What is wrong with the
// arguments is the error of the first Next.
func (c *Container) NewPager(query string, params []Parameter, opts ...Option) *Pager {
	if c.err != nil {
		return failed(c.err)
	}
	body, err := queryBody(query, params)
	if err != nil {
		return failed(err)
	}
	return &Pager{eager: true, source: &querySource{container: c, opts: opts, body: body}}
}

// querySource opens its feed with the context of the first Next, which may carry options.
type querySource struct {
	container *Container
	opts      []Option
	body      []byte
	feed      *feed
}

func (q *querySource) next(ctx context.Context) (*Page, error) {
	if q.feed == nil {
		set, err := q.container.client().resolve(ctx, q.opts)
		if err != nil {
			return nil, err
		}
		q.feed = q.container.gateway(set, q.body)
	}
	return q.feed.next(ctx)
}

func (q *querySource) close() {
	if q.feed != nil {
		q.feed.close()
	}
}

// gateway sends a query as it is: to one logical partition, or to the service's gateway, which answers what it can
// across partitions.
func (c *Container) gateway(set *option.Set, body []byte) *feed {
	correlation := rest.NewActivityID()
	return &feed{
		client: c.client(), set: set, array: "Documents", continuation: set.Continuation,
		request: func(ctx context.Context) (*rest.Request, error) {
			req := c.docs.request(http.MethodPost, rest.Documents, rest.Read)
			req.Body, req.Scope = body, c.address.link
			req.Header = append(make([]rest.Field, 0, 8),
				rest.Field{Name: rest.HeaderContentType, Value: rest.ContentQuery},
				rest.Field{Name: rest.HeaderIsQuery, Value: "True"},
				rest.Field{Name: rest.HeaderCorrelatedID, Value: correlation})
			if set.PartitionKey == nil {
				req.Set(rest.HeaderCrossPartition, "True")
			}
			return req, c.partition(ctx, set, req)
		},
	}
}
