package store

import "slices"

// Database is a named set of containers and users.
type Database struct {
	*Resource
	account    *Account
	ridBytes   []byte
	offer      string // rid, or "" without shared throughput
	containers catalog[*Container]
	users      catalog[*User]
	keys       catalog[*Resource] // of client encryption
}

// Containers lists the containers, oldest first.
func (d *Database) Containers() []*Container {
	return list(d.account, &d.containers)
}

// Container finds a container by id or rid.
func (d *Database) Container(name string) (*Container, error) {
	return find(d.account, &d.containers, name)
}

// CreateContainer adds a container from its JSON. Throughput may be zero: the container then shares the database's,
// or gets the service's 400 RU/s.
func (d *Database) CreateContainer(body []byte, t Throughput) (*Container, error) {
	c, err := d.addContainer(body, t, nil, false)
	if err != nil {
		return nil, err
	}
	c.fill()
	return c, nil
}

// addContainer adds a container; one that is restored keeps the rid, etag and time of its JSON. Without ranges it gets
// as many partitions as it needs.
func (d *Database) addContainer(body []byte, t Throughput, ranges []savedRange, restore bool) (*Container, error) {
	def, err := d.account.parseDefinition(body)
	if err != nil {
		return nil, err
	}
	if len(ranges) > 0 {
		if err := checkRanges(ranges); err != nil {
			return nil, err
		}
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	a := d.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.databases.has(d) {
		return nil, notFound() // deleted since the caller found it
	}
	if d.containers.taken(def.ID) {
		return nil, free(taken())
	}
	source, err := d.sourceOf(def)
	if err != nil {
		return nil, err
	}
	raw := newContainerRID(d.ridBytes)
	if restore {
		raw = savedRID(def.source, d.ridBytes, 8, raw)
	}
	for d.containers.taken(ridText(raw)) {
		raw = newContainerRID(d.ridBytes)
	}
	c := newContainer(d, raw, def)
	if restore {
		c.state.Store(&containerState{c.Resource().restored(a, def.source), def})
	}
	if t == (Throughput{}) && d.offer == "" {
		t.Manual = 400
	}
	if t != (Throughput{}) {
		c.offer = a.addOffer(c.Resource(), t)
	}
	if len(ranges) > 0 {
		c.restorePartitions(ranges)
	} else {
		c.place(max(a.opts.Partitions, a.throughput(c).partitions(), t.initial()))
	}
	d.containers.add(c)
	if source != nil {
		source.setIndexes(append(slices.Clone(source.indexes()), c))
	}
	return c, nil
}

// Shares reports whether the database has throughput that its containers share.
func (d *Database) Shares() bool { return d.offer != "" }

// DeleteContainer removes a container with its documents.
func (d *Database) DeleteContainer(c *Container) error {
	d.account.mu.Lock()
	defer d.account.mu.Unlock()
	if err := c.there(); err != nil {
		return err
	}
	c = d.kept(c)
	if n := len(c.indexes()); n > 0 {
		return Errorf(400, 0,
			"The container '%s' is the source of %d global secondary indexes, which have to be deleted before it.",
			c.id, n)
	}
	d.containers.remove(c)
	if x := c.Definition().secondary; x != nil {
		if source, ok := d.containers.byID[x.source]; ok {
			source.setIndexes(slices.DeleteFunc(slices.Clone(source.indexes()),
				func(o *Container) bool { return o == c }))
		}
	}
	d.account.dropOffer(c.offer)
	return nil
}

// kept is the container as the database keeps it, whichever region has found it; nil if it is there no longer. The
// account's lock is held.
func (d *Database) kept(c *Container) *Container {
	if x, ok := d.containers.byID[c.id]; ok && x.shared == c.shared {
		return x
	}
	return nil
}
