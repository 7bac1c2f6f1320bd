package cosmos

import (
	"context"
	"iter"
)

// Database is a handle on a database of an account. It is safe for concurrent use.
type Database struct {
	client *Client
	id     string
}

// ID returns the database's name.
func (d *Database) ID() string { return d.id }

// Read reads the database's properties.
func (d *Database) Read(ctx context.Context, opts ...Option) (*DatabaseProperties, error) {
	return nil, errUnbuilt
}

// Delete deletes the database and all it holds.
func (d *Database) Delete(ctx context.Context, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}

// Container returns a handle on a container. It sends nothing.
func (d *Database) Container(id string) *Container { return nil }

// Containers lists the database's containers.
func (d *Database) Containers(ctx context.Context, opts ...Option) iter.Seq2[*ContainerProperties, error] {
	return nil
}

// CreateContainer creates a container as p describes it.
func (d *Database) CreateContainer(ctx context.Context, p ContainerProperties, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}
