package store

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// Scope says which documents a request is about. The zero Scope is the whole container.
type Scope struct {
	Range    string // a partition's id, or ""
	Min, Max string // bounds of effective keys; Max "" is no bound
	Key      string // one logical partition's effective key, if HasKey
	HasKey   bool
}

// Slice is the part of one partition that a scope selects.
type Slice struct {
	p      *replica
	scope  Scope
	def    *Definition
	now    int64
	mark   Mark
	lo, hi string
}

// View gives fn the slices that a scope selects, in order of their bounds, while no partition is split or merged.
// It is 410/1002 if the scope names a partition that is not there, or no longer, and 410/1007 while one of them does
// not serve: see [RangeChange].
func (c *Container) View(s Scope, fn func([]*Slice) error) error {
	c.decide()
	c.rlock()
	defer c.mu.RUnlock()
	parts, err := c.slices(s)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := part.p.closed(); err != nil {
			return err
		}
	}
	return fn(parts)
}

// Inspect gives fn the slices of all partitions, those too that a change of the partitions does not let serve.
func (c *Container) Inspect(fn func(*Slice)) {
	c.decide()
	c.rlock()
	defer c.mu.RUnlock()
	parts, _ := c.slices(Scope{}) // the whole container is always there
	for _, part := range parts {
		fn(part)
	}
}

// slices finds the slices of a scope; c.mu is held.
func (c *Container) slices(s Scope) ([]*Slice, error) {
	if s.Max == "" {
		s.Max = partition.Max
	}
	var out []*Slice
	known := s.Range == ""
	now, def := c.account.Now().Unix(), c.Definition()
	for _, p := range c.partitions {
		if s.Range != "" && p.ID != s.Range {
			continue
		}
		known = true
		if s.HasKey && !p.Contains(s.Key) {
			continue
		}
		lo, hi := p.Min, p.Max
		if partition.Compare(s.Min, lo) > 0 {
			lo = s.Min
		}
		if partition.Compare(s.Max, hi) < 0 {
			hi = s.Max
		}
		if partition.Compare(lo, hi) < 0 {
			r := c.at(p)
			r.letArrive()
			out = append(out, &Slice{p: r, scope: s, def: def, now: now, lo: lo, hi: hi})
		}
	}
	if !known {
		return nil, c.rangeGone(s.Range)
	}
	return out, nil
}

// Bounds are the effective keys that the slice can hold.
func (s *Slice) Bounds() (lo, hi string) { return s.lo, s.hi }

// Narrow is the part of the slice between two bounds; false if it is empty.
func (s *Slice) Narrow(lo, hi string) (*Slice, bool) {
	n := *s
	if partition.Compare(lo, n.lo) > 0 {
		n.lo = lo
	}
	if partition.Compare(hi, n.hi) < 0 {
		n.hi = hi
	}
	return &n, partition.Compare(n.lo, n.hi) < 0
}

// Range is the partition the slice is of.
func (s *Slice) Range() partition.Range { return s.p.Range }

// Mark is how far the partition was when the slice was last read; how far it is now, if it was not.
func (s *Slice) Mark() Mark {
	if s.mark.Range == "" {
		s.p.mu.RLock()
		defer s.p.mu.RUnlock()
		s.mark = s.p.mark()
	}
	return s.mark
}

// Items yields the slice's live documents in the order of their numbers, from one on. The partition takes no writes
// while the sequence runs: the reader sees no half of a transaction.
func (s *Slice) Items(from uint64) iter.Seq[*Item] { return s.Where(from, nil, 0) }

// Merged yields the live documents of several slices in the order of their numbers; with lookups, those that
// [Slice.Where] finds.
func Merged(parts []*Slice, lookups []Lookup) iter.Seq[*Item] {
	if len(parts) == 1 {
		return parts[0].Where(0, lookups, 0)
	}
	return func(yield func(*Item) bool) {
		var items []*Item
		for _, s := range parts {
			items = slices.AppendSeq(items, s.Where(0, lookups, 0))
		}
		slices.SortFunc(items, func(a, b *Item) int { return cmp.Compare(a.number, b.number) })
		for _, it := range items {
			if !yield(it) {
				return
			}
		}
	}
}

// Named yields the documents among Items that have one of the ids. It can do so without looking at others only where
// the scope is one logical partition: ok says whether it could.
func (s *Slice) Named(from uint64, ids []string) (items iter.Seq[*Item], ok bool) {
	if !s.scope.HasKey {
		return nil, false
	}
	return func(yield func(*Item) bool) {
		s.p.mu.RLock()
		defer s.p.mu.RUnlock()
		s.mark = s.p.mark()
		found := map[uint64]*Item{}
		for _, id := range ids {
			it := s.p.docs[docKey{s.scope.Key, id}]
			if it != nil && it.number >= from && !it.expired(s.def.DefaultTTL, s.now) {
				found[it.number] = it
			}
		}
		for _, number := range slices.Sorted(maps.Keys(found)) {
			if !yield(found[number]) {
				return
			}
		}
	}, true
}

// holds reports whether the document is within the bounds of the scope.
func (s *Slice) holds(it *Item) bool {
	if s.scope.HasKey {
		return it.EPK == s.scope.Key
	}
	return s.holdsAll() || partition.Compare(s.lo, it.EPK) <= 0 && partition.Compare(it.EPK, s.hi) < 0
}

// holdsAll reports whether the bounds of the scope leave out no document of its source.
func (s *Slice) holdsAll() bool { return s.scope.HasKey || s.lo == s.p.Min && s.hi == s.p.Max }

// Number is the document's number within the container: the order in which feeds and queries visit.
func (it *Item) Number() uint64 { return it.number }

// Read finds one document and says how far its partition is.
func (c *Container) Read(epk, id string) (*Item, Mark, error) {
	c.decide()
	c.rlock()
	defer c.mu.RUnlock()
	p := c.at(c.owner(epk))
	if err := p.closed(); err != nil {
		return nil, Mark{}, err
	}
	p.letArrive()
	p.mu.RLock()
	defer p.mu.RUnlock()
	it := p.docs[docKey{epk, id}]
	if it == nil || it.expired(c.Definition().DefaultTTL, c.account.Now().Unix()) {
		return nil, p.mark(), missingDocument()
	}
	return it, p.mark(), nil
}

// ByRID finds a live document by its rid.
func (c *Container) ByRID(rid string) (*Item, error) {
	number, ok := DocumentNumber(rid)
	if !ok {
		return nil, missingDocument()
	}
	var found *Item
	c.Inspect(func(s *Slice) {
		for it := range s.Items(number) {
			if it.number == number {
				found = it
			}
			break
		}
	})
	if found == nil || found.RID != rid {
		return nil, missingDocument()
	}
	return found, nil
}

// Now is the time by which the container's documents expire, in seconds.
func (c *Container) Now() int64 { return c.account.Now().Unix() }

// Usage is how many documents the container has and their size in bytes.
func (c *Container) Usage() (count, bytes int64) {
	for _, m := range c.Statistics() {
		count += int64(m.Count)
		bytes += m.Bytes
	}
	return count, bytes
}
