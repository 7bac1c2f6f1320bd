package store

import (
	"maps"
	"slices"
)

// Lost is a write that a forced failover has lost.
type Lost struct {
	Database, Container, Item string
	ETag                      string // of the version that is lost; "" where it was a delete
}

// MoveWrites makes another region the write region, as a planned failover does: it has every write before it begins.
func (a *Account) MoveWrites(id int) error {
	return a.change(func(t *Topology, parts []*Partition) error {
		if err := t.promotable(id); err != nil {
			return err
		}
		if err := t.busy(); err != nil {
			return err
		}
		needs := id
		if t.Multi { // the old write region has the last word about what all have written until now
			needs = everywhere
		}
		if err := level(parts, needs); err != nil {
			return err
		}
		for _, p := range parts {
			p.settle()
			p.writer = -1
		}
		t.Write = id
		return nil
	})
}

func (t *Topology) promotable(id int) error {
	switch r := t.Regions[id]; {
	case r.State != Online:
		return precluded("%s is not one of the regions that serve.", r.Name)
	case id == t.Write:
		return precluded("%s is the write region already.", r.Name)
	}
	return nil
}

// everywhere stands for all regions.
const everywhere = -1

// level has every write of the partitions arrive in a region, or everywhere; where one cannot, nothing arrives.
func level(parts []*Partition, region int) error {
	for _, p := range parts {
		if err := p.stuck(region); err != nil {
			return err
		}
	}
	for _, p := range parts {
		p.flush(func(_, to int) bool { return region == everywhere || to == region })
	}
	return nil
}

// stuck refuses what waits for a region, or all, to have every write, while replication to it is paused.
func (p *Partition) stuck(region int) error {
	regions, way := p.c.topology.Regions, "resume it"
	if region != everywhere {
		way += ", or force the failover"
	}
	for r := range p.live() {
		if region != everywhere && r.region != region {
			continue
		}
		for from, queue := range r.inbox {
			if len(queue) > 0 && p.c.account.links.paused(from, r.region) {
				return precluded("%s has not got every write, and replication from %s to it is paused: %s.",
					regions[r.region].Name, regions[from].Name, way)
			}
		}
	}
	return nil
}

// ForceWrites makes another region the write region at once, as a forced failover does, and returns what that has lost:
// what had not arrived there. The other regions take over what it has.
func (a *Account) ForceWrites(id int) (lost []Lost, err error) {
	err = a.change(func(t *Topology, parts []*Partition) error {
		if err := t.promotable(id); err != nil {
			return err
		}
		if err := t.busy(); err != nil {
			return err
		}
		for _, p := range parts {
			lost = append(lost, p.takeOver(id)...)
			p.writer = -1
		}
		t.Write = id
		return nil
	})
	return lost, err
}

// takeOver makes what a region has of the partition what there is. Its progress becomes that of the writes that are
// lost, too: a session that has seen them would wait for ever.
func (p *Partition) takeOver(id int) (lost []Lost) {
	hub := p.replicas[id]
	lost = hub.losses()
	p.disputed, p.undecided, hub.refused, hub.displaced = nil, nil, nil, nil
	for from := range hub.inbox {
		hub.inbox[from] = nil
	}
	for r := range p.live() {
		hub.lsn = max(hub.lsn, r.lsn)
		for region, n := range r.progress {
			hub.progress[region] = max(hub.progress[region], n)
		}
	}
	for _, r := range slices.Clone(p.replicas) {
		if r != nil && r != hub {
			p.replicas[r.region] = p.copyOf(hub, r.region)
		}
	}
	p.c.unsettle()
	return lost
}

// losses are what is lost when the replica becomes what there is: what is on its way to it, and what met versions that
// it has and is not in its feed of conflicts.
func (r *replica) losses() (lost []Lost) {
	if r.c.IsSecondary() { // it has again what its source has
		return nil
	}
	var rejected []Lost
	for _, queue := range r.inbox {
		for _, d := range queue {
			for _, ch := range d.changes {
				lost = append(lost, r.loss(ch))
			}
			for _, ch := range d.conflicts {
				if !ch.deleted {
					rejected = append(rejected, ch.conflict.lost)
				}
			}
		}
	}
	for _, version := range slices.Sorted(maps.Keys(r.refused)) { // the same in every run
		rejected = append(rejected, r.loss(r.refused[version]))
	}
	for _, x := range r.undecided {
		rejected = append(rejected, r.loss(*x))
	}
	for _, l := range rejected {
		told := slices.ContainsFunc(r.conflicts, func(x *Conflict) bool { return x.lost == l })
		here := slices.ContainsFunc(r.all.items, func(it *Item) bool { return !it.gone && it.ETag == l.ETag })
		if !told && !here && !slices.Contains(lost, l) {
			lost = append(lost, l)
		}
	}
	return lost
}

func (p *Partition) loss(ch Change) Lost {
	l := Lost{Database: p.c.db.ID(), Container: p.c.id}
	if ch.Item != nil {
		l.Item, l.ETag = ch.Item.ID, ch.Item.ETag
	} else {
		l.Item = ch.Previous.ID
	}
	return l
}

// FailOverPartition makes another region write one partition of the container, as the service does where the partition
// alone is down. With force it takes over what it has; else it has every write before it begins.
func (c *Container) FailOverPartition(rangeID string, id int, force bool) (lost []Lost, err error) {
	err = c.account.change(func(t *Topology, _ []*Partition) error {
		if err := c.there(); err != nil {
			return err // and its partitions are not locked
		}
		i := c.index(rangeID)
		switch {
		case i < 0:
			return c.rangeGone(rangeID)
		case t.Multi:
			return Errorf(400, 0, "Every region writes: there is nothing to fail over.")
		case t.Regions[id].State != Online:
			return precluded("%s is not one of the regions that serve.", t.Regions[id].Name)
		}
		p := c.partitions[i]
		if err := p.idle(); err != nil {
			return err
		}
		if force {
			lost = p.takeOver(id)
		} else if err := level([]*Partition{p}, id); err != nil {
			return err
		}
		p.writer = id
		return nil
	})
	return lost, err
}
