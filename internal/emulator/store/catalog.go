package store

import (
	"slices"
)

// named is what a [catalog] keeps.
type named interface {
	comparable
	ID() string
	RID() string
}

// catalog keeps resources in the order they came, found by id or rid. The zero catalog is empty.
type catalog[T named] struct {
	list []T
	byID map[string]T
}

func (c *catalog[T]) all() []T { return slices.Clone(c.list) }

func (c *catalog[T]) has(x T) bool { return slices.Contains(c.list, x) }

func (c *catalog[T]) find(name string) (T, bool) {
	if x, ok := c.byID[name]; ok {
		return x, true
	}
	for _, x := range c.list {
		if x.RID() == name {
			return x, true
		}
	}
	var none T
	return none, false
}

func (c *catalog[T]) taken(name string) bool {
	_, ok := c.find(name)
	return ok
}

func (c *catalog[T]) add(x T) {
	if c.byID == nil {
		c.byID = map[string]T{}
	}
	c.list = append(c.list, x)
	c.byID[x.ID()] = x
}

func (c *catalog[T]) remove(x T) bool {
	i := slices.Index(c.list, x)
	if i < 0 {
		return false
	}
	c.list = slices.Delete(c.list, i, i+1)
	delete(c.byID, x.ID())
	return true
}

// replace puts y, which may have another id, in the place of x, which is there.
func (c *catalog[T]) replace(x, y T) {
	c.list[slices.Index(c.list, x)] = y
	delete(c.byID, x.ID())
	c.byID[y.ID()] = y
}

// list returns the resources of a catalog of the account.
func list[T named](a *Account, c *catalog[T]) []T {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return c.all()
}

// find returns the resource of a catalog of the account that has the id or rid.
func find[T named](a *Account, c *catalog[T], name string) (T, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	x, ok := c.find(name)
	if !ok {
		return x, notFound()
	}
	return x, nil
}

// present is what a catalog has now of a resource that may have been replaced since the caller found it. The account's
// lock is held.
func present[T named](c *catalog[T], x T) (T, error) {
	now, ok := c.find(x.RID())
	if !ok {
		return now, notFound()
	}
	return now, nil
}

// drop removes a resource from a catalog of the account. A non-empty ifMatch must be its present etag.
func drop[T interface {
	named
	ETag() string
}](a *Account, c *catalog[T], x T, ifMatch string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	x, err := present(c, x)
	if err != nil {
		return err
	}
	if err := Match(ifMatch, x.ETag()); err != nil {
		return err
	}
	c.remove(x)
	return nil
}
