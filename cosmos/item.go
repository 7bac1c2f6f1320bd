package cosmos

import (
	"context"
	"encoding/json"
	"iter"
)

// Create creates a document. item is anything encoding/json can encode as an object with a string "id"; raw JSON
// ([]byte, json.RawMessage) is sent as it is. The partition key is taken from the document.
func (c *Container) Create(ctx context.Context, item any, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}

// Upsert creates a document or replaces the one with its id and partition key.
func (c *Container) Upsert(ctx context.Context, item any, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}

// Read reads one document by its id and [PartitionKey].
func (c *Container) Read(ctx context.Context, id string, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}

// Replace replaces the document id by item. The partition key is taken from item and cannot change.
func (c *Container) Replace(ctx context.Context, id string, item any, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}

// Delete deletes one document by its id and [PartitionKey].
func (c *Container) Delete(ctx context.Context, id string, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}

// Items reads every document of the container, or of the partition that [PartitionKey] names.
func (c *Container) Items(ctx context.Context, opts ...Option) iter.Seq2[json.RawMessage, error] {
	return nil
}
