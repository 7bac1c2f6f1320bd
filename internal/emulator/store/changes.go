package store

import (
	"slices"
	"sort"
)

// Change is one write of one document.
type Change struct {
	Item     *Item // nil for a delete
	Previous *Item // nil for a create
	LSN, TS  int64 // of the transaction, and its time
	Expired  bool  // deleted because its time was over
}

func (ch Change) epk() string {
	if ch.Item != nil {
		return ch.Item.EPK
	}
	return ch.Previous.EPK
}

// record writes the transaction's changes to the partition's log. With a retention the log keeps all changes that are not
// older. Without one only the present version of a document matters, so what a write supersedes is stale, and deletes
// leave no trace.
func (tx *Tx) record() {
	retention := int64(tx.def.ChangeFeedPolicy.RetentionDuration) * 60
	keep := retention > 0
	if keep {
		old := sort.Search(len(tx.p.log), func(i int) bool { return tx.p.log[i].TS >= tx.now-retention })
		tx.p.log = slices.Delete(tx.p.log, 0, old)
	}
	for _, ch := range tx.changes {
		if ch.Previous != nil && !keep {
			tx.p.stale++
		}
		if ch.Item == nil && !keep {
			continue
		}
		ch.LSN, ch.TS = tx.p.lsn, tx.now
		tx.p.log = append(tx.p.log, ch)
	}
}

// Feed says what a reader of changes wants.
type Feed struct {
	After int64 // only what was written after this log sequence number
	Since int64 // and not before this time, in seconds
	Limit int   // changes to read; 0 is no limit
	All   bool  // every version and delete, not just each document's present one
}

// Changes reads the slice's changes in the order in which they were made, and the log sequence number to go on after.
// The changes of one transaction come together, even if that exceeds the limit.
func (s *Slice) Changes(f Feed) (changes []Change, next int64) {
	s.p.mu.RLock()
	defer s.p.mu.RUnlock()
	s.mark = s.p.mark()
	log := s.p.log
	next = f.After
	for _, ch := range log[sort.Search(len(log), func(i int) bool { return log[i].LSN > f.After }):] {
		if f.Limit > 0 && len(changes) >= f.Limit && ch.LSN != next {
			return changes, next
		}
		next = ch.LSN
		if s.shows(ch, f) {
			changes = append(changes, ch)
		}
	}
	return changes, max(next, s.p.lsn)
}

// shows reports whether the feed has the change in it.
func (s *Slice) shows(ch Change, f Feed) bool {
	if ch.TS < f.Since {
		return false
	}
	it := ch.Item
	if !f.All {
		if !s.p.current(it) || it.LSN != ch.LSN || it.expired(s.ttl, s.now) {
			return false
		}
	} else if it == nil {
		it = ch.Previous
	}
	if s.scope.HasKey {
		return it.EPK == s.scope.Key
	}
	return s.holds(it)
}

// LSN is the log sequence number that a feed which starts now goes on after.
func (s *Slice) LSN() int64 {
	s.p.mu.RLock()
	defer s.p.mu.RUnlock()
	return s.p.lsn
}
