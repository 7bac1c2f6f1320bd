package cosmos

import "context"

// Container is a handle on a container of documents. It is safe for concurrent use.
type Container struct {
	database *Database
	id       string
}

// ID returns the container's name.
func (c *Container) ID() string { return c.id }

// Database returns the database that the container belongs to.
func (c *Container) Database() *Database { return c.database }

// ReadProperties reads the container's definition.
func (c *Container) ReadProperties(ctx context.Context, opts ...Option) (*ContainerProperties, error) {
	return nil, errUnbuilt
}

// ReplaceProperties replaces the container's definition. Read it first, change what is to change, and hand it back.
func (c *Container) ReplaceProperties(ctx context.Context, p ContainerProperties, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}

// DeleteContainer deletes the container and its documents.
func (c *Container) DeleteContainer(ctx context.Context, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}
