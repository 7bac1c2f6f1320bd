package cosmos

import (
	"context"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// CreateItem creates a document (POST docs). item is anything encoding/json encodes as an object with a string "id";
// raw JSON ([]byte, json.RawMessage) is sent as it is. The partition key is taken from the document. It fails with
// [ErrConflict] when there is a document with the id in the logical partition already.
func (c *Container) CreateItem(ctx context.Context, item any, opts ...Option) (*Response, error) {
	return c.Do(ctx, OpCreate(item), opts...)
}

// UpsertItem creates a document or replaces the one with its id and partition key (POST docs). item is as for
// [Container.CreateItem]. The response's status is 201 if the document was created, 200 if it was replaced. Under
// [IfMatch] it still creates a document that does not exist: use [Container.ReplaceItem] where a deleted one must not
// come back.
func (c *Container) UpsertItem(ctx context.Context, item any, opts ...Option) (*Response, error) {
	return c.Do(ctx, OpUpsert(item), opts...)
}

// ReplaceItem replaces the document id by item (PUT docs/{id}), which must have the same partition key. If item has
// another id the document is renamed: [ErrConflict] says that there is one with the new id. It fails with [ErrNotFound]
// when there is no document id.
func (c *Container) ReplaceItem(ctx context.Context, id string, item any, opts ...Option) (*Response, error) {
	return c.Do(ctx, OpReplace(id, item), opts...)
}

// ReadItem reads one document by its id and [PartitionKey] (GET docs/{id}), for [Response.Decode]; the option may be
// left out where the partition key is /id. It fails with [ErrNotFound] when there is none. With [IfNoneMatch] the
// status is 304 and the body empty when the document has not changed.
func (c *Container) ReadItem(ctx context.Context, id string, opts ...Option) (*Response, error) {
	return c.Do(ctx, OpRead(id), opts...)
}

// ReadItem reads one document, as [Container.ReadItem] does, and decodes it into a T. The response has its ETag. With
// [IfNoneMatch] and status 304 the value is zero.
//
//	order, resp, err := cosmos.ReadItem[Order](ctx, orders, "42", cosmos.PartitionKey("ada"))
func ReadItem[T any](ctx context.Context, c *Container, id string, opts ...Option) (T, *Response, error) {
	var v T
	resp, err := c.ReadItem(ctx, id, opts...)
	if err == nil && len(resp.Body) > 0 {
		err = resp.Decode(&v)
	}
	return v, resp, err
}

// PatchItem changes parts of the document id (PATCH docs/{id}), whose [PartitionKey] is needed unless it is /id: at
// most 10 operations, of which all are applied or none. It fails with [ErrNotFound] if there is no such document.
//
//	_, err := orders.PatchItem(ctx, "42", []cosmos.PatchOperation{
//		cosmos.PatchSet("/status", "paid"),
//		cosmos.PatchIncrement("/revision", 1),
//	}, cosmos.PartitionKey("ada"), cosmos.PatchCondition("from o where o.status = 'open'"))
func (c *Container) PatchItem(ctx context.Context, id string, operations []PatchOperation,
	opts ...Option) (*Response, error) {
	return c.Do(ctx, OpPatch(id, operations), opts...)
}

// DeleteItem deletes one document by its id and [PartitionKey] (DELETE docs/{id}). It fails with [ErrNotFound] if there
// is none.
func (c *Container) DeleteItem(ctx context.Context, id string, opts ...Option) (*Response, error) {
	return c.Do(ctx, OpDelete(id), opts...)
}

// writeOptions adds the headers of those options that concern only writes of documents.
func writeOptions(set *option.Set, req *rest.Request) {
	if set.ContentResponse != nil {
		prefer := "return=minimal"
		if *set.ContentResponse {
			prefer = "return=representation"
		}
		req.Set(rest.HeaderPrefer, prefer)
	}
	if set.IndexingDirective != "" {
		req.Set(rest.HeaderIndexing, set.IndexingDirective)
	}
	if set.PreTriggers != "" {
		req.Set(rest.HeaderPreTriggers, set.PreTriggers)
	}
	if set.PostTriggers != "" {
		req.Set(rest.HeaderPostTriggers, set.PostTriggers)
	}
}
