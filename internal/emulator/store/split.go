package store

import (
	"cmp"
	"maps"
	"slices"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// Split cuts a partition in two halves and returns their ids. Requests for the old id are refused with 410/1002.
func (c *Container) Split(id string) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := c.index(id)
	if i < 0 {
		return nil, c.rangeGone(id)
	}
	return c.split(i)
}

// grow splits partitions until there are at least n, each time one with the fewest splits behind it.
func (c *Container) grow(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.partitions) < n {
		least := 0
		for i, p := range c.partitions {
			if len(p.Parents) < len(c.partitions[least].Parents) {
				least = i
			}
		}
		if _, err := c.split(least); err != nil {
			return // nothing is left to split
		}
	}
}

// split cuts the partition at an index; c.mu is held for writing.
func (c *Container) split(i int) ([]string, error) {
	old := c.partitions[i]
	mid := old.replicas[old.hub()].middle(c.Definition().PartitionKey)
	if mid == "" {
		return nil, Errorf(400, 0, "Partition %s holds a single effective key and cannot be split.", old.ID)
	}
	c.epoch++
	parents := append(slices.Clone(old.Parents), old.ID)
	left, right := c.newPartition(old.Min, mid, parents), c.newPartition(mid, old.Max, parents)
	for _, p := range []*Partition{left, right} {
		p.inherit(old)
	}
	c.partitions = slices.Replace(c.partitions, i, i+1, left, right)
	return []string{left.ID, right.ID}, nil
}

// middle is where to cut p: half way between the hashes it may hold. Where all of its documents have the same first
// value of a hierarchical key, one half would stay empty; the cut then goes through the keys below that value.
func (r *replica) middle(d partition.Definition) string {
	if keys := slices.Sorted(maps.Keys(r.keys)); d.Hierarchical() && len(keys) > 1 {
		const level = 32 // hex digits of one value's hash
		if first, last := keys[0], keys[len(keys)-1]; first[:level] == last[:level] {
			return keys[len(keys)/2]
		}
	}
	return partition.Midpoint(r.Min, r.Max, d)
}

// Merge joins two neighbouring partitions, in either order, and returns the id of what they became.
func (c *Container) Merge(a, b string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i, j := c.index(a), c.index(b)
	if i > j {
		i, j = j, i
	}
	if i < 0 || j != i+1 {
		return "", Errorf(400, 0, "Partitions %s and %s are not neighbours.", a, b)
	}
	left, right := c.partitions[i], c.partitions[j]
	for _, p := range []*Partition{left, right} {
		if err := p.level(); err != nil {
			return "", err
		}
	}
	c.epoch++
	parents := slices.Compact(slices.Sorted(slices.Values(slices.Concat(left.Parents, right.Parents, []string{left.ID, right.ID}))))
	p := c.newPartition(left.Min, right.Max, parents)
	p.inherit(left, right)
	c.partitions = slices.Replace(c.partitions, i, j+1, p)
	return p.ID, nil
}

// level brings every region's replica of the partition to the same point: only then can two become one.
func (p *Partition) level() error {
	for r := range p.live() {
		if err := p.stuck(p.c.account.Topology(), r.region); err != nil {
			return err
		}
	}
	p.flush(func(int, int) bool { return true })
	return nil
}

func (c *Container) index(id string) int {
	return slices.IndexFunc(c.partitions, func(p *Partition) bool { return p.ID == id })
}

// inherit takes over the part of old partitions that is p's, region by region. Nobody else can see any of them.
func (p *Partition) inherit(olds ...*Partition) {
	for _, old := range olds {
		p.merges, p.writer = max(p.merges, old.merges), old.writer
	}
	if len(olds) > 1 {
		p.merges++
	}
	for r := range p.live() {
		parts := make([]*replica, len(olds))
		for i, old := range olds {
			parts[i] = old.replicas[r.region]
		}
		r.inherit(parts...)
	}
	for _, old := range olds {
		for key := range old.disputed {
			if p.Contains(key.epk) {
				p.dispute(key)
			}
		}
	}
	p.settle()
	p.schedule()
}

// inherit takes over the part of old replicas that is p's. Log sequence numbers go on from the highest, so that old
// session tokens and change feed positions hold.
func (r *replica) inherit(olds ...*replica) {
	var items []*Item
	for _, old := range olds {
		r.lsn = max(r.lsn, old.lsn)
		for region, n := range old.progress {
			r.progress[region] = max(r.progress[region], n)
			for _, d := range old.inbox[region] {
				r.inbox[region] = append(r.inbox[region], d.within(r.Range))
			}
		}
		for it := range old.all.from(0) {
			if r.Contains(it.EPK) {
				items = append(items, it)
			}
		}
		for _, ch := range old.log {
			if r.Contains(ch.epk()) {
				r.log = append(r.log, ch)
			}
		}
	}
	slices.SortFunc(items, func(a, b *Item) int { return cmp.Compare(a.number, b.number) })
	for _, it := range items {
		r.set(nil, it)
	}
	slices.SortStableFunc(r.log, func(a, b Change) int { return cmp.Compare(a.LSN, b.LSN) })
}
