package cosmos

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Database is a handle on a database of an account. It is safe for concurrent use.
type Database struct {
	client  *Client
	id      string
	address address
	err     error // of an invalid id; every method returns it
}

// where is the address of the handle, also of one that cannot be used.
func (d *Database) where() address {
	if d == nil {
		return address{}
	}
	return d.address
}

// check returns the error of a handle that cannot be used.
func (d *Database) check() error {
	if d == nil {
		return errors.New("cosmos: the *Database is nil: get one from Client.Database")
	}
	return d.err
}

// ID returns the database's name.
func (d *Database) ID() string {
	if d == nil {
		return ""
	}
	return d.id
}

// Client returns the client that the database belongs to.
func (d *Database) Client() *Client {
	if d == nil {
		return nil
	}
	return d.client
}

// Databases lists the account's databases (GET dbs), page by page. The sequence ends after the first error.
func (c *Client) Databases(ctx context.Context, opts ...Option) iter.Seq2[*DatabaseProperties, error] {
	return list[DatabaseProperties](ctx, c, option.Databases, opts, c.check(), func() *rest.Request {
		return address{path: "/dbs"}.request(http.MethodGet, rest.Databases, rest.Read)
	}, "Databases")
}

// CreateDatabase creates a database (POST dbs), with shared throughput where [Throughput] or [AutoscaleThroughput] is
// given. It fails with [ErrConflict] if there is one with the id.
func (c *Client) CreateDatabase(ctx context.Context, id string, opts ...Option) (*DatabaseProperties, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := naming.CheckID("database", id); err != nil {
		return nil, err
	}
	r := &DatabaseProperties{}
	resp, err := c.create(ctx, option.CreateDatabase, address{path: "/dbs"}, rest.Databases, DatabaseProperties{ID: id},
		r, opts)
	r.Response = resp
	return r, err
}

// CreateDatabaseIfNotExists creates a database unless there is one with the id, whose properties it then reads. The
// status of the response is 201 if it was created, else 200. The options are those of [Client.CreateDatabase] and have
// no effect on a database that exists.
func (c *Client) CreateDatabaseIfNotExists(
	ctx context.Context, id string, opts ...Option,
) (r *DatabaseProperties, err error) {
	ctx, ended := c.traced(ctx, "create_database_if_not_exists", c.Database(id).where().link)
	defer func() { ended(err) }()
	r, err = c.Database(id).Read(ctx)
	if !errors.Is(err, ErrNotFound) {
		return r, err
	}
	if r, err = c.CreateDatabase(ctx, id, opts...); errors.Is(err, ErrConflict) {
		return c.Database(id).Read(ctx) // another program was faster
	}
	return r, err
}

// Read reads the database's properties (GET dbs/{id}). It fails with [ErrNotFound] if there is none.
func (d *Database) Read(ctx context.Context, opts ...Option) (*DatabaseProperties, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	set, err := d.client.resolve(ctx, option.ReadDatabase, opts)
	if err != nil {
		return nil, err
	}
	r := &DatabaseProperties{}
	resp, err := d.client.read(ctx, set, d.address.request(http.MethodGet, rest.Databases, rest.Read), r)
	r.Response = resp
	return r, err
}

// Delete deletes the database and all its containers (DELETE dbs/{id}).
func (d *Database) Delete(ctx context.Context, opts ...Option) (*Response, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return d.client.remove(ctx, option.DeleteDatabase, d.address, rest.Databases, opts)
}

// Container returns a handle on a container. It sends nothing.
func (d *Database) Container(id string) *Container {
	c := &Container{database: d, id: id, err: d.check()}
	if d == nil {
		return c
	}
	c.address = d.address.child(rest.Containers, id)
	if c.err == nil {
		c.err = naming.CheckID("container", id)
	}
	c.docs = c.address.feed(rest.Documents)
	return c
}

// Containers lists the database's containers (GET colls), page by page. The sequence ends after the first error.
func (d *Database) Containers(ctx context.Context, opts ...Option) iter.Seq2[*ContainerProperties, error] {
	return list[ContainerProperties](ctx, d.Client(), option.Containers, opts, d.check(), func() *rest.Request {
		return d.address.feed(rest.Containers).request(http.MethodGet, rest.Containers, rest.Read)
	}, "DocumentCollections")
}

// CreateContainer creates a container as p describes it (POST colls), with throughput of its own where [Throughput] or
// [AutoscaleThroughput] is given. It fails with [ErrConflict] if there is one with the id.
func (d *Database) CreateContainer(ctx context.Context, p ContainerProperties,
	opts ...Option) (*ContainerProperties, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if err := naming.CheckID("container", p.ID); err != nil {
		return nil, err
	}
	if len(p.PartitionKey.Paths) == 0 {
		return nil, errtext.Refusef(
			`cosmos: container %q has no partition key: set PartitionKey: cosmos.PartitionKeyPaths("/property")`, p.ID)
	}
	r := &ContainerProperties{}
	resp, err := d.client.create(ctx, option.CreateContainer, d.address.feed(rest.Containers), rest.Containers, p, r,
		opts)
	r.Response = resp
	if err == nil {
		// The name may have belonged to another container before.
		d.client.forget(d.address.child(rest.Containers, p.ID).link)
	}
	return r, err
}

// CreateContainerIfNotExists creates a container unless there is one with the id, whose definition it then reads. The
// status of the response is 201 if it was created, else 200. A container that exists is not changed, but one with
// another partition key than p says is an error. The options are those of [Database.CreateContainer].
func (d *Database) CreateContainerIfNotExists(
	ctx context.Context, p ContainerProperties, opts ...Option,
) (r *ContainerProperties, err error) {
	ctx, ended := d.Client().traced(ctx, "create_container_if_not_exists", d.Container(p.ID).where().link)
	defer func() { ended(err) }()
	c := d.Container(p.ID)
	r, err = c.Read(ctx)
	if errors.Is(err, ErrNotFound) {
		if r, err = d.CreateContainer(ctx, p, opts...); errors.Is(err, ErrConflict) {
			r, err = c.Read(ctx) // another program was faster
		}
	}
	if err == nil && !slices.Equal(r.PartitionKey.Paths, p.PartitionKey.Paths) {
		err = errtext.Refusef("cosmos: container %q exists and is partitioned by %s, not by %s: a container keeps its "+
			"partition key, so take another id, or delete it and create it anew", p.ID,
			strings.Join(r.PartitionKey.Paths, ", "), strings.Join(p.PartitionKey.Paths, ", "))
	}
	return r, err
}
