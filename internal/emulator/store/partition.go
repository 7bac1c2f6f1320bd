package store

import (
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
	indexes    indexes
	lsn        int64 // of the last transaction
	log        []Change
	logLimit   int // the length at which changes that no reader can see any more are removed from the log
	nextExpiry int64
	bytes      int64
	bucket     bucket
}

// set puts item in the place of old; either may be nil. It does not look at unique keys: the transaction has.
func (p *Partition) set(old, item *Item) {
	p.indexes.set(old, item)
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
	if old != nil && old.ID != item.ID {
		delete(p.docs, docKey{old.EPK, old.ID})
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

func (p *Partition) mark() Mark {
	return Mark{p.ID, p.Parents, p.lsn, len(p.docs), len(p.keys), p.bytes}
}
