package store

import (
	"cmp"
	"maps"
	"slices"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// Split cuts a partition in the middle: see [Container.SplitAt].
func (c *Container) Split(id string) ([]string, error) { return c.SplitAt(id, "") }

// SplitAt cuts a partition at an effective key, which will be the first of its second half, "" being the middle, and
// returns the ids of the halves. Once it is done, requests for the old id are refused with 410/1002. Where the
// account's [Phases] take time, the clock moves it on.
func (c *Container) SplitAt(id, at string) ([]string, error) {
	c.lock()
	defer c.mu.Unlock()
	ch, err := c.beginSplitOf(id, at)
	if err != nil {
		return nil, err
	}
	return ch.New(), ch.start()
}

// BeginSplit is [Container.SplitAt] in phases that the caller moves on.
func (c *Container) BeginSplit(id, at string) (*RangeChange, error) {
	c.lock()
	defer c.mu.Unlock()
	return c.beginSplitOf(id, at)
}

func (c *Container) beginSplitOf(id, at string) (*RangeChange, error) {
	i := c.index(id)
	if i < 0 {
		return nil, c.rangeGone(id)
	}
	return c.beginSplit(i, at)
}

// grow splits partitions until there are at least n.
func (c *Container) grow(n int) {
	c.lock()
	defer c.mu.Unlock()
	c.wanted = n
	c.growOn()
}

// growOn begins the splits that the throughput still needs. Once they are there nothing is wanted: partitions that are
// merged later stay merged. c.mu is held for writing.
func (c *shared) growOn() {
	for c.coming() < c.wanted {
		if !c.growOne() {
			break
		}
	}
	if len(c.partitions) >= c.wanted || len(c.changes) == 0 { // else they go on when what is under way is done
		c.wanted = 0
	}
}

// growOne begins the split of a partition with the fewest splits behind it of those that can be split; false if there
// is none.
func (c *shared) growOne() bool {
	idle := slices.DeleteFunc(slices.Clone(c.partitions), func(p *Partition) bool { return p.change != nil })
	slices.SortStableFunc(idle, func(a, b *Partition) int { return cmp.Compare(len(a.Parents), len(b.Parents)) })
	for _, p := range idle {
		if ch, err := c.beginSplit(c.index(p.ID), ""); err == nil {
			ch.grows = true
			ch.start() // a split cannot fail
			return true
		}
	}
	return false
}

// coming is how many partitions there will be when the changes under way are done.
func (c *shared) coming() int {
	n := len(c.partitions)
	for _, ch := range c.changes {
		if ch.phase < Swapping {
			n += len(ch.ids) - len(ch.olds)
		}
	}
	return n
}

// Growing reports whether partitions are being split because the throughput needs more of them.
func (c *Container) Growing() bool {
	c.rlock()
	defer c.mu.RUnlock()
	return slices.ContainsFunc(c.changes, func(ch *RangeChange) bool { return ch.grows })
}

// relieve splits a partition that has outgrown the size that the account allows, so that either half has about half of
// its bytes. One whose documents are all of one logical partition stays as it is.
func (c *Container) relieve(m Mark) {
	if most := c.account.opts.PartitionSize; most == 0 || m.Bytes <= most {
		return
	}
	c.lock()
	defer c.mu.Unlock()
	i := c.index(m.Range)
	if i < 0 || c.partitions[i].change != nil {
		return
	}
	p := c.partitions[i]
	hub := p.replicas[p.hub()]
	if hub.bytes <= c.account.opts.PartitionSize || len(hub.keys) < 2 {
		return
	}
	if ch, err := c.beginSplit(i, hub.half()); err == nil {
		ch.start() // a split cannot fail
	}
}

// relieveAll is relieve for all partitions, and for those that come of it.
func (c *Container) relieveAll() {
	for before := 0; before < len(c.Ranges()); {
		marks := c.Statistics()
		before = len(marks)
		for _, m := range marks {
			c.relieve(m)
		}
	}
}

// half is the effective key from which on there is about half of the documents' bytes.
func (r *replica) half() string {
	keys := slices.Sorted(maps.Keys(r.keys))
	bytes, at := int64(0), 0
	for ; at < len(keys)-1 && (at == 0 || 2*bytes < r.bytes); at++ {
		for it := range r.keys[keys[at]].from(0) {
			bytes += int64(len(it.JSON))
		}
	}
	return keys[at]
}

// EffectiveKey is the effective key of a partition key of Go values.
func (c *Container) EffectiveKey(values ...any) (string, error) {
	key, err := partition.NewKey(values...)
	if err != nil {
		return "", err
	}
	d := c.Definition().PartitionKey
	if err := d.Check(key); err != nil {
		return "", err
	}
	return d.EPK(key), nil
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

// Merge joins two neighbouring partitions, in either order, and returns the id of what they become: see
// [Container.Split].
func (c *Container) Merge(a, b string) (string, error) {
	c.lock()
	defer c.mu.Unlock()
	ch, err := c.beginMerge(a, b)
	if err != nil {
		return "", err
	}
	return ch.ids[0], ch.start()
}

// BeginMerge is [Container.Merge] in phases that the caller moves on.
func (c *Container) BeginMerge(a, b string) (*RangeChange, error) {
	c.lock()
	defer c.mu.Unlock()
	return c.beginMerge(a, b)
}

func (c *shared) index(id string) int {
	return slices.IndexFunc(c.partitions, func(p *Partition) bool { return p.ID == id })
}

// inherit takes over the part of old partitions that is p's, region by region. Nobody else can see any of them.
func (p *Partition) inherit(olds ...*Partition) {
	for _, old := range olds {
		p.merged, p.writer, p.mixed = max(p.merged, old.merged), old.writer, p.mixed || old.mixed
	}
	if len(olds) > 1 {
		p.merged = p.c.account.versions.Add(1)
	}
	for r := range p.live() {
		parts := make([]*replica, len(olds))
		for i, old := range olds {
			parts[i] = old.replicas[r.region]
		}
		r.inherit(parts...)
	}
	for _, old := range olds {
		for _, x := range old.undecided {
			if p.Contains(x.epk()) {
				p.undecided = append(p.undecided, x)
			}
		}
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
	merged := len(olds) > 1 && r.progress != nil
	for _, old := range olds {
		r.lsn = max(r.lsn, old.lsn)
		r.history.base, r.history.seen = old.history.base, slices.Clone(old.history.seen)
		if merged {
			r.history.logs = append(r.history.logs, old.history.logs...)
		} else {
			r.history.logs = old.history.logs
		}
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
		for _, x := range old.conflicts {
			if r.Contains(x.epk) {
				r.conflicts = append(r.conflicts, x)
			}
		}
		for number := range old.displaced {
			r.displace(number)
		}
		for _, ch := range old.refused {
			if r.Contains(ch.epk()) {
				r.refuse(ch)
			}
		}
	}
	slices.SortFunc(items, func(a, b *Item) int { return cmp.Compare(a.number, b.number) })
	for _, it := range items {
		r.set(nil, it)
	}
	slices.SortStableFunc(r.log, func(a, b Change) int { return cmp.Compare(a.LSN, b.LSN) })
	if merged {
		r.history.base, r.history.seen = r.lsn, slices.Clone(r.progress)
	}
}
