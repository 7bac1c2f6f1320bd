package store

import (
	"cmp"
	"iter"
	"slices"
	"sort"
	"sync"

	"github.com/cosmossql/cosmossql/internal/value"
)

// index keeps the documents of a partition in the order of what they have at one path, those with the same value in the
// order of their numbers; documents without the path come first. The first query that wants it makes it, writes keep it
// up. It is a list of short sorted blocks: a write moves a part of one of them.
type index struct {
	path   []string
	blocks [][]entry // none is empty
	count  int
	used   uint64 // when a query last did; see indexes
}

type entry struct {
	key  value.Value // it aliases the item
	item *Item
}

// spot is a place in an index: before the entry at i of a block.
type spot struct{ block, i int }

const (
	indexBlock = 512 // the most entries of a block
	maxIndexes = 8   // of a partition; the one that was not used for longest gives way
)

// indexes are those of a partition. The list is guarded by mu, what is in an index by the partition's lock.
type indexes struct {
	mu   sync.Mutex
	list []*index
	uses uint64
}

// at gives the index of a path, which it makes if it is not there. The partition's lock is held.
func (xs *indexes) at(path []string, all *run) *index {
	xs.mu.Lock()
	defer xs.mu.Unlock()
	xs.uses++
	i := slices.IndexFunc(xs.list, func(x *index) bool { return slices.Equal(x.path, path) })
	if i < 0 {
		if len(xs.list) == maxIndexes {
			oldest := slices.MinFunc(xs.list, func(a, b *index) int { return cmp.Compare(a.used, b.used) })
			xs.list = slices.DeleteFunc(xs.list, func(x *index) bool { return x == oldest })
		}
		i = len(xs.list)
		xs.list = append(xs.list, newIndex(path, all))
	}
	xs.list[i].used = xs.uses
	return xs.list[i]
}

// set keeps the indexes up with a write; the partition's lock is held for writing.
func (xs *indexes) set(old, item *Item) {
	for _, x := range xs.list {
		x.set(old, item)
	}
}

func newIndex(path []string, all *run) *index {
	x := &index{path: slices.Clone(path), count: len(all.items) - all.gone}
	entries := make([]entry, 0, x.count)
	for it := range all.from(0) {
		entries = append(entries, entry{follow(it.Value(), path), it})
	}
	slices.SortFunc(entries, entry.compare)
	for block := range slices.Chunk(entries, indexBlock) {
		x.blocks = append(x.blocks, slices.Clone(block))
	}
	return x
}

func (e entry) compare(o entry) int {
	if c := value.Compare(e.key, o.key); c != 0 {
		return c
	}
	return cmp.Compare(e.item.number, o.item.number)
}

// find gives the place before the first entry for which after is true, as it is then for all that follow.
func (x *index) find(after func(entry) bool) spot {
	b := sort.Search(len(x.blocks), func(b int) bool { return after(x.blocks[b][len(x.blocks[b])-1]) })
	if b == len(x.blocks) {
		return spot{b, 0}
	}
	return spot{b, sort.Search(len(x.blocks[b]), func(i int) bool { return after(x.blocks[b][i]) })}
}

func (x *index) set(old, item *Item) {
	switch {
	case old == nil:
		x.insert(entry{follow(item.Value(), x.path), item})
		return
	case item == nil:
		x.remove(entry{follow(old.Value(), x.path), old})
		return
	}
	before, after := entry{follow(old.Value(), x.path), old}, entry{follow(item.Value(), x.path), item}
	if before.compare(after) != 0 {
		x.remove(before)
		x.insert(after)
		return
	}
	at := x.find(func(e entry) bool { return e.compare(before) >= 0 })
	x.blocks[at.block][at.i] = after
}

func (x *index) insert(e entry) {
	x.count++
	at := x.find(func(o entry) bool { return o.compare(e) > 0 })
	if at.block == len(x.blocks) { // it is the last of all
		if at.block == 0 || len(x.blocks[at.block-1]) >= indexBlock {
			x.blocks = append(x.blocks, []entry{e})
			return
		}
		x.blocks[at.block-1] = append(x.blocks[at.block-1], e)
		return
	}
	block := slices.Insert(x.blocks[at.block], at.i, e)
	x.blocks[at.block] = block
	if half := len(block) / 2; len(block) > indexBlock {
		x.blocks = slices.Insert(x.blocks, at.block+1, slices.Clone(block[half:]))
		x.blocks[at.block] = slices.Clone(block[:half])
	}
}

func (x *index) remove(e entry) {
	x.count--
	at := x.find(func(o entry) bool { return o.compare(e) >= 0 })
	if x.blocks[at.block] = slices.Delete(x.blocks[at.block], at.i, at.i+1); len(x.blocks[at.block]) == 0 {
		x.blocks = slices.Delete(x.blocks, at.block, at.block+1)
	}
}

// between are the places of the entries whose keys lie in the interval.
func (x *index) between(in value.Interval) (from, to spot) {
	from = x.find(func(e entry) bool { return !in.Before(e.key) })
	to = x.find(func(e entry) bool { return in.Behind(e.key) })
	return from, to
}

// distance is how many entries there are between two places; none where the second is not behind the first.
func (x *index) distance(from, to spot) (n int) {
	for b := from.block; b < to.block; b++ {
		n += len(x.blocks[b])
	}
	return max(0, n-from.i+to.i)
}

// items yields the documents between two places.
func (x *index) items(from, to spot) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		for b := from.block; b < len(x.blocks) && b <= to.block; b++ {
			block := x.blocks[b]
			if b == to.block {
				block = block[:to.i]
			}
			if b == from.block {
				block = block[min(from.i, len(block)):]
			}
			for _, e := range block {
				if !yield(e.item) {
					return
				}
			}
		}
	}
}

// backwards yields all documents before a place, the last first.
func (x *index) backwards(from spot) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		for b := min(from.block, len(x.blocks)-1); b >= 0; b-- {
			block := x.blocks[b]
			if b == from.block {
				block = block[:from.i]
			}
			for _, e := range slices.Backward(block) {
				if !yield(e.item) {
					return
				}
			}
		}
	}
}
