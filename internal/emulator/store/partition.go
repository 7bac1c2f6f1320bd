package store

import (
	"iter"
	"slices"
	"sync"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// docKey names a document within a partition. The effective key stands for the logical partition.
type docKey struct{ epk, id string }

// Partition is one physical partition: the documents whose effective keys lie in its range.
type Partition struct {
	partition.Range
	born int64 // the epoch of the container in which it came to be

	mu         sync.RWMutex
	docs       map[docKey]*Item
	all        run             // every document
	keys       map[string]*run // those of one logical partition, by effective key
	unique     map[string]*Item
	lsn        int64 // of the last transaction
	log        []Change
	logLimit   int // the length at which the log is cleared of what no reader can see any more
	nextExpiry int64
	bytes      int64
	bucket     bucket
}

// run keeps documents in the order of their numbers. A deleted one leaves a marker behind, so that neither deleting nor
// putting one back moves the others.
type run struct {
	items []*Item
	gone  int
}

// find returns where the document with the number, or the next higher one, stands.
func (r *run) find(number uint64) int {
	if n := len(r.items); n == 0 || r.items[n-1].number < number {
		return n // new documents come last
	}
	i, _ := slices.BinarySearchFunc(r.items, number, func(it *Item, n uint64) int {
		switch {
		case it.number < n:
			return -1
		case it.number > n:
			return 1
		}
		return 0
	})
	return i
}

// put makes it the document of its number: of a new, highest number, or of one that is or was there.
func (r *run) put(it *Item) {
	i := r.find(it.number)
	if i == len(r.items) {
		r.items = append(r.items, it)
		return
	}
	if r.items[i].gone {
		r.gone--
	}
	r.items[i] = it
}

// drop marks the document of a number as deleted.
func (r *run) drop(number uint64) {
	r.items[r.find(number)] = &Item{number: number, gone: true}
	r.gone++
}

// compact removes the markers once they are the greater part.
func (r *run) compact() {
	if r.gone > len(r.items)/2 {
		r.items = slices.DeleteFunc(r.items, func(it *Item) bool { return it.gone })
		r.gone = 0
	}
}

// from yields the documents whose numbers are at least number.
func (r *run) from(number uint64) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		for _, it := range r.items[r.find(number):] {
			if !it.gone && !yield(it) {
				return
			}
		}
	}
}

// set puts item in the place of old; either may be nil. It does not look at unique keys: the transaction has.
func (p *Partition) set(old, item *Item) {
	if old != nil {
		for _, u := range old.unique {
			delete(p.unique, u)
		}
		p.bytes -= int64(len(old.JSON))
	}
	if item == nil {
		delete(p.docs, docKey{old.EPK, old.ID})
		p.all.drop(old.number)
		p.keys[old.EPK].drop(old.number)
		return
	}
	p.bytes += int64(len(item.JSON))
	p.docs[docKey{item.EPK, item.ID}] = item
	p.all.put(item)
	logical := p.keys[item.EPK]
	if logical == nil {
		logical = &run{}
		p.keys[item.EPK] = logical
	}
	logical.put(item)
	for _, u := range item.unique {
		p.unique[u] = item
	}
}

// compact frees what deleted documents have left; p.mu is held for writing.
func (p *Partition) compact(epk string) {
	p.all.compact()
	if logical := p.keys[epk]; logical != nil {
		logical.compact()
		if len(logical.items) == 0 {
			delete(p.keys, epk)
		}
	}
}

// current reports whether it is the present version of its document.
func (p *Partition) current(it *Item) bool { return it != nil && p.docs[docKey{it.EPK, it.ID}] == it }

func (p *Partition) mark() Mark { return Mark{p.ID, p.Parents, p.lsn} }
