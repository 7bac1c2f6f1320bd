package cosmos

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Resources manages resources of one kind that belong to a database or container: users and their permissions, stored
// procedures, triggers and functions. It is safe for concurrent use.
type Resources[T resource] struct {
	client *Client
	owner  address
	kind   rest.Kind
	array  string // the member of a list's JSON that holds the resources
	what   string // names one resource in errors
	err    error  // of the owner's id
}

// resource is what a [Resources] holds.
type resource interface{ resourceID() string }

// List lists the resources (GET on the feed), page by page. The sequence ends after the first error.
func (c *Resources[T]) List(ctx context.Context, opts ...Option) iter.Seq2[*T, error] {
	return list[T](ctx, c.client, option.ListResources, opts, c.err, func() *rest.Request {
		return c.owner.feed(c.kind).request(http.MethodGet, c.kind, rest.Read)
	}, c.array)
}

// Create creates a resource (POST) and returns it with the properties that the service adds and the response. It fails
// with [ErrConflict] if there is one with its id.
func (c *Resources[T]) Create(ctx context.Context, v T, opts ...Option) (*T, error) {
	if err := c.check(v.resourceID()); err != nil {
		return nil, err
	}
	return c.send(ctx, c.owner.feed(c.kind).request(http.MethodPost, c.kind, rest.Write), &v, option.CreateResource,
		opts)
}

// Read reads one resource (GET). It fails with [ErrNotFound] if there is none.
func (c *Resources[T]) Read(ctx context.Context, id string, opts ...Option) (*T, error) {
	if err := c.check(id); err != nil {
		return nil, err
	}
	return c.send(ctx, c.owner.child(c.kind, id).request(http.MethodGet, c.kind, rest.Read), nil, option.ReadResource,
		opts)
}

// Replace replaces the resource that has the id of v (PUT).
func (c *Resources[T]) Replace(ctx context.Context, v T, opts ...Option) (*T, error) {
	if err := c.check(v.resourceID()); err != nil {
		return nil, err
	}
	return c.send(ctx, c.owner.child(c.kind, v.resourceID()).request(http.MethodPut, c.kind, rest.Write), &v,
		option.ReplaceResource, opts)
}

// Delete deletes one resource (DELETE).
func (c *Resources[T]) Delete(ctx context.Context, id string, opts ...Option) (*Response, error) {
	if err := c.check(id); err != nil {
		return nil, err
	}
	set, err := c.client.resolve(ctx, option.DeleteResource, opts)
	if err != nil {
		return nil, err
	}
	return c.client.do(ctx, set, c.owner.child(c.kind, id).request(http.MethodDelete, c.kind, rest.Write))
}

func (c *Resources[T]) check(id string) error {
	if c.err != nil {
		return c.err
	}
	return naming.CheckID(c.what, id)
}

// permission are the operations on permissions, whose tokens have a life.
var permission = map[*option.Operation]*option.Operation{
	option.CreateResource: option.CreatePermission, option.ReadResource: option.ReadPermission,
	option.ReplaceResource: option.ReplacePermission,
}

// send sends v, if there is one, and decodes the answer.
func (c *Resources[T]) send(ctx context.Context, req *rest.Request, v *T, op *option.Operation,
	opts []Option) (*T, error) {
	if c.kind == rest.Permissions {
		op = permission[op]
	}
	set, err := c.client.resolve(ctx, op, opts)
	if err != nil {
		return nil, err
	}
	if v != nil {
		if req.Body, err = json.Marshal(v); err != nil {
			return nil, errtext.Refusef("cosmos: encoding the %s: %w", c.what, err)
		}
	}
	if set.TokenLife > 0 {
		req.Set(rest.HeaderExpiry, fmt.Sprint(set.TokenLife))
	}
	got := new(T)
	resp, err := c.client.read(ctx, set, req, got)
	any(got).(interface{ setResponse(*Response) }).setResponse(resp)
	return got, err
}
