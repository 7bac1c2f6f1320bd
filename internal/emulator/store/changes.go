package store

import (
	"math"
	"slices"
	"sort"
)

// Change is one write of one document.
type Change struct {
	Item     *Item // nil for a delete
	Previous *Item // nil for a create
	LSN, TS  int64 // of the transaction, and its time
	Expired  bool  // deleted because its time was over

	from   uint16 // the region that made it
	behind uint32 // its number among that region's writes of the partition is so much less than LSN
}

// number is that of the transaction among its region's writes of the partition.
func (ch Change) number() int64 { return ch.LSN - int64(ch.behind) }

// size is that of the documents in the change, in bytes.
func (ch Change) size() (n int) {
	for _, it := range []*Item{ch.Item, ch.Previous} {
		if it != nil {
			n += len(it.JSON)
		}
	}
	return n
}

// any is the version that there is after the change, or was before a delete.
func (ch Change) any() *Item {
	if ch.Item != nil {
		return ch.Item
	}
	return ch.Previous
}

// version names what the change has made: the etag, or that of what it has deleted.
func (ch Change) version() string {
	if ch.Item == nil {
		return "without " + ch.Previous.ETag
	}
	return ch.Item.ETag
}

func (ch Change) epk() string { return ch.any().EPK }

// record writes to the replica's log the changes of a transaction that a region has made. The present version of a
// document stays in it for ever, others and deletes for as long as the container's policy retains them.
func (r *replica) record(def *Definition, changes []Change, now int64, from int, number int64) {
	oldest := def.oldest(now)
	for _, ch := range changes {
		ch.LSN, ch.TS, ch.from, ch.behind = r.lsn, now, uint16(from), uint32(r.lsn-number)
		r.log = append(r.log, ch)
	}
	if len(r.log) < r.logLimit {
		return
	}
	if len(r.log) > len(r.docs) { // else every document has one change, which stays
		r.log = slices.DeleteFunc(r.log, func(ch Change) bool { return ch.TS < oldest && !r.current(ch.Item) })
	}
	// Twice what is left: clearing then costs each write a constant share.
	r.logLimit = 2*len(r.log) + 64
}

// oldest is the time of the oldest change that the feed of all versions still shows.
func (d *Definition) oldest(now int64) int64 {
	if minutes := d.Retention(); minutes > 0 {
		return now - int64(minutes)*60
	}
	return math.MaxInt64
}

// Feed says what a reader of changes wants.
type Feed struct {
	After Position // only what was written after it
	Since int64    // and not before this time, in seconds
	Limit int      // changes to read; 0 is no limit
	Bytes int      // size of the documents to read; 0 is no limit
	All   bool     // every version and delete, not just each document's present one
}

// Changes reads the slice's changes in the order in which its region has them, and the position to go on after. The
// changes of one transaction come together, even if that exceeds the limits.
func (s *Slice) Changes(f Feed) (changes []Change, next Position) {
	s.p.mu.RLock()
	defer s.p.mu.RUnlock()
	s.mark = s.p.mark()
	after, from := s.p.place(f.After)
	log, bytes := s.p.log, 0
	log = log[sort.Search(len(log), func(i int) bool { return log[i].LSN > after }):]
	for i, ch := range log {
		full := f.Limit > 0 && len(changes) >= f.Limit || f.Bytes > 0 && bytes >= f.Bytes
		if full && ch.LSN != after {
			return changes, s.p.position(from, log[:i], after, false)
		}
		after = ch.LSN
		if s.shows(ch, f) && !from.covers(ch) {
			changes = append(changes, ch)
			bytes += ch.size()
		}
	}
	return changes, s.p.position(from, log, max(after, s.p.lsn), true)
}

// shows reports whether the feed has the change in it.
func (s *Slice) shows(ch Change, f Feed) bool {
	if ch.TS < f.Since {
		return false
	}
	it := ch.Item
	if !f.All {
		if !s.p.current(it) || it.LSN != ch.LSN || it.expired(s.def.DefaultTTL, s.now) {
			return false
		}
	} else if ch.TS < s.def.oldest(s.now) {
		return false
	} else if it == nil {
		it = ch.Previous
	}
	if s.scope.HasKey {
		return it.EPK == s.scope.Key
	}
	return s.holds(it)
}

// End is the position that a feed which starts now goes on after.
func (s *Slice) End() Position {
	s.p.mu.RLock()
	defer s.p.mu.RUnlock()
	return s.p.position(Position{}, nil, s.p.lsn, true)
}
