package cosmos

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// CreateItem creates a document (POST docs). item is anything encoding/json encodes as an object with a string "id"; raw
// JSON ([]byte, json.RawMessage) is sent as it is. The partition key is taken from the document. It fails with
// [ErrConflict] when there is a document with the id in the logical partition already.
func (c *Container) CreateItem(ctx context.Context, item any, opts ...Option) (*Response, error) {
	doc, id, err := encodeItem(item)
	if err != nil {
		return nil, err
	}
	return c.write(ctx, opts, c.docs.request(http.MethodPost, rest.Documents, rest.Write), id, doc)
}

// UpsertItem creates a document or replaces the one with its id and partition key (POST docs). item is as for
// [Container.CreateItem]. The response's status is 201 if the document was created, 200 if it was replaced.
func (c *Container) UpsertItem(ctx context.Context, item any, opts ...Option) (*Response, error) {
	doc, id, err := encodeItem(item)
	if err != nil {
		return nil, err
	}
	req := c.docs.request(http.MethodPost, rest.Documents, rest.Write)
	req.Set(rest.HeaderIsUpsert, "True")
	return c.write(ctx, opts, req, id, doc)
}

// ReplaceItem replaces the document id by item (PUT docs/{id}), which must have the same id and partition key. It fails
// with [ErrNotFound] when there is no such document.
func (c *Container) ReplaceItem(ctx context.Context, id string, item any, opts ...Option) (*Response, error) {
	doc, own, err := encodeItem(item)
	if err != nil {
		return nil, err
	}
	if err := checkItemID(id); err != nil {
		return nil, err
	}
	if own != id {
		return nil, errChangedID(id, own)
	}
	return c.write(ctx, opts, c.item(id, http.MethodPut, rest.Write), id, doc)
}

// ReadItem reads one document by its id and [PartitionKey] (GET docs/{id}), for [Response.Decode]; the option may be left
// out where the partition key is /id. It fails with [ErrNotFound] when there is none. With [IfNoneMatch] the status is
// 304 and the body empty when the document has not changed.
func (c *Container) ReadItem(ctx context.Context, id string, opts ...Option) (*Response, error) {
	set, req, err := c.point(ctx, id, opts, http.MethodGet, rest.Read)
	if err != nil {
		return nil, err
	}
	return c.client().do(ctx, set, req)
}

// DeleteItem deletes one document by its id and [PartitionKey] (DELETE docs/{id}). It fails with [ErrNotFound] if there is
// none.
func (c *Container) DeleteItem(ctx context.Context, id string, opts ...Option) (*Response, error) {
	set, req, err := c.point(ctx, id, opts, http.MethodDelete, rest.Write)
	if err != nil {
		return nil, err
	}
	writeOptions(set, req)
	return c.client().do(ctx, set, req)
}

// point starts an operation on the document id, whose partition key the options name.
func (c *Container) point(ctx context.Context, id string, opts []Option, verb string, effect rest.Effect) (*option.Set, *rest.Request, error) {
	if c.err != nil {
		return nil, nil, c.err
	}
	if err := checkItemID(id); err != nil {
		return nil, nil, err
	}
	set, err := c.client().resolve(ctx, opts)
	if err != nil {
		return nil, nil, err
	}
	req := c.item(id, verb, effect)
	return set, req, c.route(ctx, set, req, id, nil)
}

// item starts a request on one document.
func (c *Container) item(id, verb string, effect rest.Effect) *rest.Request {
	req := c.address.child(rest.Documents, id).request(verb, rest.Documents, effect)
	req.Scope = c.address.link
	req.Header = make([]rest.Field, 0, usualFields)
	return req
}

// usualFields is how many header fields an operation on a document usually has.
const usualFields = 4

// write sends a document.
func (c *Container) write(ctx context.Context, opts []Option, req *rest.Request, id string, doc json.RawMessage) (*Response, error) {
	if c.err != nil {
		return nil, c.err
	}
	set, err := c.client().resolve(ctx, opts)
	if err != nil {
		return nil, err
	}
	req.Body, req.Scope = doc, c.address.link
	writeOptions(set, req)
	if err := c.route(ctx, set, req, id, doc); err != nil {
		return nil, err
	}
	return c.client().do(ctx, set, req)
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
