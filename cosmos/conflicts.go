package cosmos

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Conflict is a write that lost against one of another region, in a container whose policy leaves it to its users to
// resolve that. Compare it with the document that won, write what should be, and delete the conflict.
type Conflict struct {
	ID            string `json:"id"`
	OperationType string `json:"operationType"` // create, replace or delete
	ResourceType  string `json:"resourceType"`  // document
	ResourceID    string `json:"resourceId"`    // of the document that won
	Content       string `json:"content"`       // the document that lost, as JSON; empty for a delete
	ETag          string `json:"_etag"`
	Timestamp     int64  `json:"_ts"` // seconds since 1970, UTC
}

// Decode decodes the document that lost into v.
func (c *Conflict) Decode(v any) error {
	if c.Content == "" {
		return fmt.Errorf("cosmos: conflict %s has no document: what lost is a %s", c.ID, c.OperationType)
	}
	if err := json.Unmarshal([]byte(c.Content), v); err != nil {
		return fmt.Errorf("cosmos: decoding the document of conflict %s: %w", c.ID, err)
	}
	return nil
}

// Conflicts lists the container's conflicts (GET conflicts), page by page. The sequence ends after the first error.
func (c *Container) Conflicts(ctx context.Context, opts ...Option) iter.Seq2[*Conflict, error] {
	if err := c.check(); err != nil {
		return func(yield func(*Conflict, error) bool) { yield(nil, err) }
	}
	return list[Conflict](ctx, c.client(), option.Conflicts, opts, nil, func() *rest.Request {
		return c.address.feed(rest.Conflicts).request(http.MethodGet, rest.Conflicts, rest.Read)
	}, "Conflicts")
}

// DeleteConflict deletes a conflict that is resolved (DELETE conflicts/{id}). [PartitionKey] names its document's.
func (c *Container) DeleteConflict(ctx context.Context, id string, opts ...Option) (*Response, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := naming.CheckID("conflict", id); err != nil {
		return nil, err
	}
	set, err := c.client().resolve(ctx, option.DeleteConflict, opts)
	if err != nil {
		return nil, err
	}
	req := c.address.child(rest.Conflicts, id).request(http.MethodDelete, rest.Conflicts, rest.Write)
	if set.PartitionKey != nil {
		req.Set(rest.HeaderPartitionKey, set.PartitionKey.Header())
	}
	return c.client().do(ctx, set, req)
}
