package store

import (
	"maps"
	"slices"
)

// change replaces the topology while nothing is written or read. f may change it; where it returns an error nothing
// has changed. Each change raises the version of session tokens.
func (a *Account) change(f func(*Topology, []*Partition) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*Container
	for _, d := range a.databases.list {
		all = append(all, d.containers.list...)
	}
	slices.SortFunc(all, byRID) // as distributed transactions do
	var parts []*Partition
	for _, c := range all {
		c.lock()
		defer c.mu.Unlock()
		parts = append(parts, c.partitions...)
	}
	t := *a.topology.Load()
	t.Regions = slices.Clone(t.Regions)
	if err := f(&t, parts); err != nil {
		return err
	}
	t.Version = a.versions.Add(1)
	if a.opts.Flap > 0 {
		a.flap.Store(&flap{a.Topology(), a.Now().Add(a.opts.Flap)})
	}
	a.topology.Store(&t)
	for _, c := range all {
		c.topology = &t
	}
	for _, c := range all {
		if c.followers.stale {
			c.remake()
		}
	}
	for _, p := range parts {
		p.settle() // what the change let arrive may have met other versions
		p.schedule()
	}
	return nil
}

// busy refuses a change while another one is under way.
func (t *Topology) busy() error {
	for _, r := range t.Regions {
		if r.State == Draining {
			return precluded("Another change of the account's regions is under way: %s is being removed.", r.Name)
		}
	}
	return nil
}

// AddRegion adds a region, which has all that the write region has, and returns its id.
func (a *Account) AddRegion(name string) (id int, err error) {
	err = a.change(func(t *Topology, parts []*Partition) error {
		if err := t.busy(); err != nil {
			return err
		}
		if _, err := t.Find(name); err == nil || SameRegion(name, "") {
			return Errorf(409, 0, "The account has a region %q already, or it has no name.", name)
		}
		id = len(t.Regions)
		t.Regions = append(t.Regions, Region{ID: id, Name: name})
		for _, p := range parts {
			p.join(id)
		}
		return nil
	})
	return id, err
}

// join gives the partition a replica in a new region.
func (p *Partition) join(id int) {
	hub := p.replicas[p.hub()]
	for r := range p.live() {
		if r.progress == nil { // the only one so far: all writes are its own
			r.progress, r.inbox, r.history.logs = []int64{r.lsn}, make([][]delivery, 1), []uint32{p.c.logs.Add(1)}
		}
		r.progress = append(r.progress, make([]int64, id+1-len(r.progress))...)
		r.inbox = append(r.inbox, make([][]delivery, id+1-len(r.inbox))...)
	}
	p.replicas = append(p.replicas, p.copyOf(hub, id))
}

// copyOf is a replica that has all that another one has; what is on its way to that one is on its way to it.
func (p *Partition) copyOf(r *replica, region int) *replica {
	own := &replica{Partition: p, region: region, docs: map[docKey]*Item{}, keys: map[string]*run{},
		unique: map[string]*Item{}}
	own.progress, own.inbox = slices.Clone(r.progress), make([][]delivery, len(r.inbox))
	for from := range r.inbox {
		own.inbox[from] = slices.Clone(r.inbox[from])
	}
	for it := range r.all.from(0) {
		own.set(nil, it)
	}
	own.conflicts, own.displaced = slices.Clone(r.conflicts), maps.Clone(r.displaced)
	own.history = history{[]uint32{p.c.logs.Add(1)}, r.history.base, slices.Clone(r.history.seen)}
	own.lsn, own.log, own.logLimit, own.nextExpiry = r.lsn, slices.Clone(r.log), r.logLimit, r.nextExpiry
	return own
}

// Drain begins to remove a region: it serves nothing any more, and the account still lists it. Partitions that it alone
// wrote are the write region's again.
func (a *Account) Drain(id int) error {
	return a.change(func(t *Topology, parts []*Partition) error {
		if err := t.busy(); err != nil {
			return err
		}
		if err := t.removable(id); err != nil {
			return err
		}
		t.Regions[id].State = Draining
		for _, p := range parts {
			if p.writer == id {
				p.flush(func(_, to int) bool { return to == t.Write })
				p.writer = -1
			}
		}
		return nil
	})
}

// CancelDrain brings a region back that was to be removed.
func (a *Account) CancelDrain(id int) error {
	return a.change(func(t *Topology, _ []*Partition) error {
		if t.Regions[id].State != Draining {
			return precluded("%s is not being removed.", t.Regions[id].Name)
		}
		t.Regions[id].State = Online
		return nil
	})
}

// Remove removes a region. What it has written and the others have not seen yet they see now.
func (a *Account) Remove(id int) error {
	return a.change(func(t *Topology, parts []*Partition) error {
		if t.Regions[id].State == Online {
			if err := t.busy(); err != nil {
				return err
			}
		}
		if err := t.removable(id); err != nil {
			return err
		}
		t.Regions[id].State = Removed
		for _, p := range parts {
			p.flush(func(from, _ int) bool { return from == id || p.replicas[id].waitsFor(from) })
			p.replicas[id] = nil
			if p.writer == id {
				p.writer = -1
			}
		}
		return nil
	})
}

// waitsFor reports whether something is on its way to the replica from a region.
func (r *replica) waitsFor(from int) bool { return len(r.inbox[from]) > 0 }

func (t *Topology) removable(id int) error {
	switch r := t.Regions[id]; {
	case r.State == Removed:
		return Errorf(404, 0, "The region %s was removed.", r.Name)
	case id == t.Write:
		return precluded("%s is the write region: move that to another one first.", r.Name)
	}
	return nil
}

// flush lets arrive what is on its way between regions that are chosen, with all that has to arrive before it, whether
// its time has come or not.
func (p *Partition) flush(chosen func(from, to int) bool) {
	for moved := true; moved; {
		moved = false
		wanted := false
		for to := range p.live() {
			for from := range to.inbox {
				for to.waitsFor(from) && chosen(from, to.region) {
					wanted = true
					if !to.follows(to.inbox[from][0].transaction) {
						break
					}
					to.accept(from)
					moved = true
				}
			}
		}
		if wanted && !moved { // something else has to arrive first
			moved = p.flushAny()
		}
	}
}

// flushAny lets one entry arrive that can.
func (p *Partition) flushAny() bool {
	for to := range p.live() {
		for from := range to.inbox {
			if to.waitsFor(from) && to.follows(to.inbox[from][0].transaction) {
				to.accept(from)
				return true
			}
		}
	}
	return false
}

// SetMultiWrite lets every region write, or only one, once every region has every write.
func (a *Account) SetMultiWrite(multi bool) error {
	return a.change(func(t *Topology, parts []*Partition) error {
		switch {
		case multi && a.opts.Synchronous:
			return Errorf(400, 0, "An account of consistency level Strong has one write region.")
		case t.Multi == multi:
			return precluded("The account is in that write mode already.")
		}
		for _, p := range parts {
			if multi && p.c.IsSecondary() {
				return precluded("The container %s is a global secondary index, which this server does not fill "+
					"where several regions "+
					"write: delete it first.", p.c.id)
			}
		}
		if err := t.busy(); err != nil {
			return err
		}
		if err := level(parts, everywhere); err != nil { // from here on each region has an order of its own
			return err
		}
		for _, p := range parts {
			p.writer = -1
		}
		t.Multi = multi
		return nil
	})
}
