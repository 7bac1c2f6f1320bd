package store

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
	return d.addContainer(body, t, nil, false)
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
		c.place(max(a.opts.Partitions, a.throughput(c).partitions()))
	}
	d.containers.add(c)
	return c, nil
}

// Shares reports whether the database has throughput that its containers share.
func (d *Database) Shares() bool { return d.offer != "" }

// DeleteContainer removes a container with its documents.
func (d *Database) DeleteContainer(c *Container) error {
	d.account.mu.Lock()
	defer d.account.mu.Unlock()
	if !d.containers.remove(c) {
		return notFound()
	}
	d.account.dropOffer(c.offer)
	return nil
}
