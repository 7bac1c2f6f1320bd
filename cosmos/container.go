package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Container is a handle on a container of documents. It is safe for concurrent use.
type Container struct {
	database *Database
	id       string
	address  address
	docs     address // of the feed of documents
	// what is known of the container, while no handle is known to be of one that exists
	own atomic.Pointer[metadata]
	err error // of an invalid id; every method returns it
}

// ID returns the container's name.
func (c *Container) ID() string {
	if c == nil {
		return ""
	}
	return c.id
}

// Link is the container's name in the account, such as dbs/shop/colls/orders: what a [Permission] needs.
func (c *Container) Link() string {
	if c == nil {
		return ""
	}
	return c.address.link
}

// Database returns the database that the container belongs to.
func (c *Container) Database() *Database {
	if c == nil {
		return nil
	}
	return c.database
}

func (c *Container) client() *Client { return c.Database().Client() }

// where is the address of the handle, also of one that cannot be used.
func (c *Container) where() address {
	if c == nil {
		return address{}
	}
	return c.address
}

// check returns the error of a handle that cannot be used.
func (c *Container) check() error {
	if c == nil {
		return errors.New("cosmos: the *Container is nil: get one from Database.Container")
	}
	return c.err
}

// Read reads the container's definition (GET colls/{id}). It fails with [ErrNotFound] if there is none.
func (c *Container) Read(ctx context.Context, opts ...Option) (*ContainerProperties, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	set, err := c.client().resolve(ctx, option.ReadContainer, opts)
	if err != nil {
		return nil, err
	}
	r := &ContainerProperties{}
	resp, err := c.client().read(ctx, set, c.address.request(http.MethodGet, rest.Containers, rest.Read), r)
	if r.Response = resp; err == nil {
		c.learn(r)
	}
	return r, err
}

// PartitionKeyDefinition returns how the container is partitioned, from the client's cache if it is known.
func (c *Container) PartitionKeyDefinition(ctx context.Context) (PartitionKeyDefinition, error) {
	if err := c.check(); err != nil {
		return PartitionKeyDefinition{}, err
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		return PartitionKeyDefinition{}, err
	}
	return PartitionKeyDefinition(d.key), nil
}

// Replace replaces the container's definition (PUT colls/{id}): pass what [Container.Read] returned, with the
// changes, and [IfMatch] with its ETag where others may change it too. The id and the partition key cannot change.
func (c *Container) Replace(ctx context.Context, p ContainerProperties, opts ...Option) (*ContainerProperties, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if p.ID != c.id {
		return nil, errtext.Refusef("cosmos: container %q cannot become %q: ids do not change", c.id, p.ID)
	}
	set, err := c.client().resolve(ctx, option.ReplaceContainer, opts)
	if err != nil {
		return nil, err
	}
	req := c.address.request(http.MethodPut, rest.Containers, rest.Write)
	if req.Body, err = json.Marshal(p); err != nil {
		return nil, errtext.Refusef("cosmos: encoding the definition: %w", err)
	}
	r := &ContainerProperties{}
	resp, err := c.client().read(ctx, set, req, r)
	if r.Response = resp; err == nil {
		c.metadata().known.Store(nil) // query plans depend on policies
	}
	return r, err
}

// Delete deletes the container and its documents (DELETE colls/{id}).
func (c *Container) Delete(ctx context.Context, opts ...Option) (*Response, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return c.client().remove(ctx, option.DeleteContainer, c.address, rest.Containers, opts)
}

// DeletePartition deletes all documents of the logical partition that the option [PartitionKey] names (POST
// operations/partitionkeydelete). Reads do not find them any more; the service deletes them in the background. The
// account has to enable this.
func (c *Container) DeletePartition(ctx context.Context, opts ...Option) (*Response, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	set, err := c.client().resolve(ctx, option.DeletePartition, opts)
	if err != nil {
		return nil, err
	}
	if set.PartitionKey == nil {
		return nil, errtext.Refusef("cosmos: DeletePartition needs the option PartitionKey")
	}
	at := c.address
	at.path += "/operations/partitionkeydelete"
	if at.raw != "" {
		at.raw += "/operations/partitionkeydelete"
	}
	req := at.request(http.MethodPost, rest.Containers, rest.Repeatable)
	req.Scope = c.address.link
	if err := c.routeNamed(ctx, req, set, false); err != nil {
		return nil, err
	}
	return c.client().do(ctx, set, req)
}
