package store

import (
	"cmp"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/session"
)

// docKey names a document within a partition. The effective key stands for the logical partition.
type docKey struct{ epk, id string }

func (k docKey) compare(o docKey) int {
	return cmp.Or(cmp.Compare(k.epk, o.epk), cmp.Compare(k.id, o.id))
}

// Partition is one physical partition: the documents whose effective keys lie in its range, as each region has them.
type Partition struct {
	partition.Range
	c       *shared
	changed int64        // the epoch of the container in which the list of partitions last showed it otherwise
	change  *RangeChange // that it takes part in; nil for none
	merged  int64        // the version of session tokens that its last merge began
	writer  int          // the region that writes this partition alone, by a failover of its own; -1 for the account's

	mu       sync.RWMutex
	replicas []*replica // by the ids of the regions; nil for those that were removed
	next     atomic.Int64
	mixed    bool            // several regions write it, or did: each has an order of changes of its own
	told     bool            // a region has told the others of versions that met, and that is on its way
	disputed map[docKey]bool // documents whose versions of several regions met

	// what met other versions in the write region and waits for the conflict procedure, oldest first
	undecided []*Change
}

// replica is what one region has of a partition.
type replica struct {
	*Partition
	region     int
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

	progress []int64      // how many writes of each region it has, its own included; nil where there is one region
	inbox    [][]delivery // what is on its way to it, by the region that it comes from
	history  history

	conflicts []*Conflict       // its feed of conflicts, oldest first
	displaced map[uint64]bool   // documents, by number, that it has not or no longer because another was chosen
	refused   map[string]Change // what it did not take of other regions and the hub has yet to decide on, by version
}

func (p *Partition) newReplica(region int) *replica {
	r := &replica{Partition: p, region: region, docs: map[docKey]*Item{}, keys: map[string]*run{},
		unique: map[string]*Item{}}
	if n := len(p.c.topology.Regions); n > 1 {
		r.progress, r.inbox = make([]int64, n), make([][]delivery, n)
		r.history.logs = []uint32{p.c.logs.Add(1)}
	}
	return r
}

// live yields the partition's replicas.
func (p *Partition) live() iter.Seq[*replica] {
	return func(yield func(*replica) bool) {
		for _, r := range p.replicas {
			if r != nil && !yield(r) {
				return
			}
		}
	}
}

// hub is the region that writes the partition, or, where several do, has the last word.
func (p *Partition) hub() int {
	if p.writer >= 0 {
		return p.writer
	}
	return p.c.topology.Write
}

// set puts item in the place of old; either may be nil. It does not look at unique keys: the transaction has.
func (r *replica) set(old, item *Item) {
	r.indexes.set(old, item)
	if old != nil {
		for _, u := range old.unique {
			if r.unique[u] == old {
				delete(r.unique, u)
			}
		}
		r.bytes -= int64(len(old.JSON))
	}
	if item == nil {
		delete(r.docs, docKey{old.EPK, old.ID})
		r.all.drop(old.number)
		r.keys[old.EPK].drop(old.number)
		return
	}
	if old != nil && old.ID != item.ID {
		delete(r.docs, docKey{old.EPK, old.ID})
	}
	r.bytes += int64(len(item.JSON))
	r.docs[docKey{item.EPK, item.ID}] = item
	r.all.put(item)
	logical := r.keys[item.EPK]
	if logical == nil {
		logical = &run{}
		r.keys[item.EPK] = logical
	}
	logical.put(item)
	for _, u := range item.unique {
		r.unique[u] = item
	}
}

// compact frees what deleted documents have left; p.mu is held for writing.
func (r *replica) compact(epk string) {
	r.all.compact()
	if logical := r.keys[epk]; logical != nil {
		logical.compact()
		if len(logical.items) == 0 {
			delete(r.keys, epk)
		}
	}
}

// current reports whether it is the present version of its document.
func (r *replica) current(it *Item) bool { return it != nil && r.docs[docKey{it.EPK, it.ID}] == it }

// mark is how far the replica is; r.mu is held.
func (r *replica) mark() Mark {
	t := r.c.topology
	m := Mark{
		Range: r.ID, Parents: r.Parents, LSN: r.lsn, Count: len(r.docs), Keys: len(r.keys), Bytes: r.bytes,
		Hub: true, version: max(t.Version, r.merged),
	}
	if len(t.Regions) > 1 {
		m.Hub = r.region == r.hub()
		for _, region := range t.Regions {
			if region.State != Removed {
				m.regions = append(m.regions, session.Region{ID: region.token(), LSN: r.progress[region.ID]})
			}
		}
	}
	return m
}

// read is how far the replica is now.
func (r *replica) read() Mark {
	r.letArrive()
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.mark()
}
