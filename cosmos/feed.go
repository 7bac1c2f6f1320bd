package cosmos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// feed is a source of pages that are linked by continuation tokens.
type feed struct {
	client  *Client
	set     *option.Set
	array   string // the member of the answer that holds the elements
	request func(ctx context.Context) (*rest.Request, error)

	continuation string
	done         bool
	size         int // bytes of the last page, a hint for the next
	progress     progress
}

func (f *feed) next(ctx context.Context) (*Page, error) {
	if f.done {
		return nil, io.EOF
	}
	req, err := f.request(ctx)
	if err != nil {
		return nil, err
	}
	size := -1 // as many as the service likes
	if f.set.PageSize > 0 {
		size = f.set.PageSize
	}
	req.Set(rest.HeaderMaxItemCount, strconv.Itoa(size))
	if f.continuation != "" {
		req.Set(rest.HeaderContinuation, f.continuation)
	}
	if err := f.progress.pause(ctx); err != nil {
		return nil, err
	}
	m := pageMemories.Get().(*pageMemory)
	req.Hint = f.size + f.size/8
	var items []json.RawMessage
	req.Buffer, req.Accept = m.buffer, func(body []byte) (err error) {
		items, err = decodeFeed(m.items[:0], body, f.array)
		return err
	}
	resp, err := f.client.do(ctx, f.set, req)
	if err != nil {
		return nil, err
	}
	if err := f.progress.note(f.continuation, resp, len(items)); err != nil {
		return nil, err
	}
	m.buffer, f.size = resp.Body, len(resp.Body)
	resp.Body = nil
	f.continuation = resp.Continuation
	f.done = f.continuation == ""
	return &Page{Items: items, Continuation: resp.Continuation, Response: resp, memory: m}, nil
}

func (f *feed) more() bool { return !f.done }

func (f *feed) resumable() error { return nil }

func (f *feed) close() { f.done = true }

// list iterates over a feed of databases, containers and the like. fault is the error of an invalid handle, or nil.
func list[T any](ctx context.Context, c *Client, op *option.Operation, opts []Option, fault error,
	request func() *rest.Request, array string) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if fault != nil {
			yield(nil, fault)
			return
		}
		set, err := c.resolve(ctx, op, opts)
		if err != nil {
			yield(nil, err)
			return
		}
		p := &Pager{source: &feed{
			client: c, set: set, array: array, continuation: set.Continuation,
			request: func(context.Context) (*rest.Request, error) { return request(), nil },
		}}
		for page, err := range allItems(ctx, p) {
			if err != nil {
				yield(nil, err)
				return
			}
			v := new(T)
			if err := json.Unmarshal(page, v); err != nil {
				yield(nil, fmt.Errorf("cosmos: decoding an element of %s: %w", array, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// allItems iterates over the items of all pages and closes the pager.
func allItems(ctx context.Context, p *Pager) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) { p.all(ctx, eachItem(yield)) }
}

// Items reads every document of the container, or of the partition that [PartitionKey] or the part that [InFeedRange]
// names, as JSON (GET docs), in no particular order and page by page. The sequence ends after the first error.
// [Container.NewItemsPager] gives the pages with their tokens.
func (c *Container) Items(ctx context.Context, opts ...Option) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		allItems(ctx, c.NewItemsPager(append(slices.Clone(opts), option.ReadsOn)...))(yield)
	}
}

// NewItemsPager prepares to read every document of the container (GET docs) as [Container.Items] does, in pages, as
// [Container.NewPager] does with the rows of a query: [PageSize] bounds a page, [Continuation] resumes after one.
// Nothing is sent before the first Next, which also returns the error of an invalid argument. The caller must call
// [Pager.Close].
func (c *Container) NewItemsPager(opts ...Option) *Pager {
	if err := c.check(); err != nil {
		return failedPager(err)
	}
	return (&Pager{source: &querySource{container: c, query: everyDocument, opts: slices.Clone(opts)}}).traced(c,
		"read_all_items")
}

// everyDocument stands for the feed of documents, which is read as the pages of this query are, by requests of its own.
var everyDocument = func() *prepared {
	tree, _ := nosql.Parse("SELECT * FROM c", nosql.Cosmos)
	return &prepared{parsedQuery: &parsedQuery{tree: tree}}
}()

// partition limits a feed or query to the logical partition of the options, if they name one.
func (c *Container) partition(ctx context.Context, set *option.Set, req *rest.Request) error {
	if set.PartitionKey == nil {
		return nil
	}
	return c.routeNamed(ctx, req, set, true)
}
