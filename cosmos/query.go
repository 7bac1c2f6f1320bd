package cosmos

import (
	"context"
	"encoding/json"
	"iter"
)

// Query runs a query and yields its rows as values of T: a struct, a map, a scalar for SELECT VALUE, or json.RawMessage.
//
// args are, in any order: values with a name (sql.Named), values without, which are @p1, @p2, … in the order given, and
// request options such as [PartitionKey].
func Query[T any](ctx context.Context, c *Container, query string, args ...any) iter.Seq2[T, error] {
	return nil
}

// Parameter is a value that a query refers to by @name.
type Parameter struct {
	Name  string `json:"name"` // with its @
	Value any    `json:"value"`
}

// Pager reads the result of a query page by page. It is not safe for concurrent use.
type Pager struct{}

// Page is one page of a result. Items are the rows' JSON.
type Page struct {
	Items        []json.RawMessage
	Continuation string // resumes after this page; empty on the last one
	Response     *Response
}

// Release gives the page's memory back for the next page. Items and everything cut from them are invalid afterwards.
// Calling it is optional.
func (p *Page) Release() {}

// NewPager prepares a query; nothing is sent before the first Next. Close must be called.
func (c *Container) NewPager(query string, params []Parameter, opts ...Option) *Pager { return nil }

// Next returns the next page, io.EOF after the last. Empty pages are skipped. After an error that passes, such as a
// cancelled context, Next may be called again and goes on where it stood.
func (p *Pager) Next(ctx context.Context) (*Page, error) { return nil, errUnbuilt }

// Close ends the query and the request in flight, if any. It never fails.
func (p *Pager) Close() error { return nil }
