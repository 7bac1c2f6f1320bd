package cosmos

import (
	"context"
	"fmt"
	"iter"
	"net/http"

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

// ID returns the database's name.
func (d *Database) ID() string { return d.id }

// Client returns the client that the database belongs to.
func (d *Database) Client() *Client { return d.client }

// Databases lists the account's databases (GET dbs), page by page. The sequence ends after the first error.
func (c *Client) Databases(ctx context.Context, opts ...Option) iter.Seq2[*DatabaseProperties, error] {
	return list[DatabaseProperties](ctx, c, option.Databases, opts, nil, func() *rest.Request {
		return address{path: "/dbs"}.request(http.MethodGet, rest.Databases, rest.Read)
	}, "Databases")
}

// CreateDatabase creates a database (POST dbs), with shared throughput where [Throughput] or [AutoscaleThroughput] is
// given.
func (c *Client) CreateDatabase(ctx context.Context, id string, opts ...Option) (*Response, error) {
	if err := checkID("database", id); err != nil {
		return nil, err
	}
	return c.create(ctx, option.CreateDatabase, address{path: "/dbs"}, rest.Databases, DatabaseProperties{ID: id}, opts)
}

// Read reads the database's properties (GET dbs/{id}).
func (d *Database) Read(ctx context.Context, opts ...Option) (*DatabaseProperties, error) {
	if d.err != nil {
		return nil, d.err
	}
	set, err := d.client.resolve(ctx, option.ReadDatabase, opts)
	if err != nil {
		return nil, err
	}
	p := &DatabaseProperties{}
	if err := d.client.read(ctx, set, d.address.request(http.MethodGet, rest.Databases, rest.Read), p); err != nil {
		return nil, err
	}
	return p, nil
}

// Delete deletes the database and all its containers (DELETE dbs/{id}).
func (d *Database) Delete(ctx context.Context, opts ...Option) (*Response, error) {
	if d.err != nil {
		return nil, d.err
	}
	return d.client.remove(ctx, option.DeleteDatabase, d.address, rest.Databases, opts)
}

// Container returns a handle on a container. It sends nothing.
func (d *Database) Container(id string) *Container {
	c := &Container{database: d, id: id, err: d.err, address: d.address.child(rest.Containers, id)}
	if c.err == nil {
		c.err = checkID("container", id)
	}
	c.docs = c.address.feed(rest.Documents)
	return c
}

// Containers lists the database's containers (GET colls), page by page. The sequence ends after the first error.
func (d *Database) Containers(ctx context.Context, opts ...Option) iter.Seq2[*ContainerProperties, error] {
	return list[ContainerProperties](ctx, d.client, option.Containers, opts, d.err, func() *rest.Request {
		return d.address.feed(rest.Containers).request(http.MethodGet, rest.Containers, rest.Read)
	}, "DocumentCollections")
}

// CreateContainer creates a container as p describes it (POST colls), with throughput of its own where [Throughput] or
// [AutoscaleThroughput] is given.
func (d *Database) CreateContainer(ctx context.Context, p ContainerProperties, opts ...Option) (*Response, error) {
	if d.err != nil {
		return nil, d.err
	}
	if err := checkID("container", p.ID); err != nil {
		return nil, err
	}
	if len(p.PartitionKey.Paths) == 0 {
		return nil, fmt.Errorf(`cosmos: container %q has no partition key: set PartitionKey: cosmos.PartitionKeyPaths("/property")`, p.ID)
	}
	resp, err := d.client.create(ctx, option.CreateContainer, d.address.feed(rest.Containers), rest.Containers, p, opts)
	if err == nil {
		// The name may have belonged to another container before.
		d.client.forget(d.address.child(rest.Containers, p.ID).link)
	}
	return resp, err
}
