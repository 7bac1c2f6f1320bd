package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Position is where a reader of a partition's changes stands. Its zero value is the beginning.
//
// As long as one region writes at a time, every region has the changes in the same order, and a log sequence number
// says it all. Where several write, each has an order of its own: the number is then one of a region's log, and beside
// it stands how many writes of each region the reader has seen, by which another region finds out where to go on.
type Position struct {
	LSN  int64
	log  uint32  // that the number is of; 0 for those of all regions
	seen []int64 // writes, by the region that made them; nil where log is 0
}

// String writes the position as [ParsePosition] reads it: 26, or 26@3#1=20#2=6 with the ids of a log and of regions.
func (p Position) String() string {
	b := strconv.AppendInt(nil, p.LSN, 10)
	if p.log == 0 {
		return string(b)
	}
	b = strconv.AppendUint(append(b, '@'), uint64(p.log), 10)
	for region, n := range p.seen {
		b = fmt.Appendf(b, "#%d=%d", Region{ID: region}.token(), n)
	}
	return string(b)
}

// ParsePosition reads the text of a position.
func ParsePosition(text string) (p Position, ok bool) {
	const mostRegions = 1 << 10
	number, rest, several := strings.Cut(text, "@")
	var err error
	if p.LSN, err = strconv.ParseInt(number, 10, 64); err != nil || !several {
		return p, err == nil
	}
	log, rest, more := strings.Cut(rest, "#")
	n, err := strconv.ParseUint(log, 10, 32)
	if p.log = uint32(n); err != nil || n == 0 {
		return p, false
	}
	for more {
		var part string
		part, rest, more = strings.Cut(rest, "#")
		id, count, _ := strings.Cut(part, "=")
		region, idErr := strconv.Atoi(id)
		n, countErr := strconv.ParseInt(count, 10, 64)
		if idErr != nil || countErr != nil || region < 1 || region > mostRegions {
			return p, false
		}
		p.seen = append(p.seen, make([]int64, max(0, region-len(p.seen)))...)
		p.seen[region-1] = n
	}
	return p, true
}

// covers reports whether a reader at the position has seen a change that a region has made.
func (p Position) covers(ch Change) bool {
	return int(ch.from) < len(p.seen) && ch.number() <= p.seen[ch.from]
}

// Earlier is a position that has seen nothing that one of two has not, for a partition that was merged of theirs.
func (p Position) Earlier(o Position) Position {
	if p.log == 0 && o.log == 0 {
		return Position{LSN: min(p.LSN, o.LSN)}
	}
	e := Position{log: p.log, LSN: min(p.LSN, o.LSN), seen: make([]int64, min(len(p.seen), len(o.seen)))}
	for i := range e.seen {
		e.seen[i] = min(p.seen[i], o.seen[i])
	}
	if o.log != p.log {
		e.log = foreign
	}
	return e
}

// foreign is the id of no log.
const foreign = 1<<32 - 1

// history is what a replica knows of its log where regions have logs of their own.
type history struct {
	logs []uint32 // ids: its own, and those of the logs that it was made of
	base int64    // up to here partitions with a counting of their own were merged
	seen []int64  // how far their writes had got then, by region
}

// place finds where in the replica's log a reader goes on: after a log sequence number, without what the position
// covers.
func (r *replica) place(p Position) (after int64, from Position) {
	if !r.mixed {
		return p.LSN, Position{}
	}
	switch {
	case p.log == 0:
		return p.LSN, Position{seen: r.count(p.LSN)}
	case slices.Contains(r.history.logs, p.log):
		return p.LSN, p
	}
	after = r.lsn
	for _, ch := range r.log {
		if !p.covers(ch) {
			after = ch.LSN - 1
			break
		}
	}
	return after, p
}

// count is how many writes of each region a reader has seen at least that has read the log up to a number.
func (r *replica) count(lsn int64) []int64 {
	seen := make([]int64, len(r.progress))
	if lsn < r.history.base {
		return seen
	}
	copy(seen, r.history.seen)
	for _, ch := range r.log {
		if ch.LSN > lsn {
			break
		}
		if ch.LSN > r.history.base {
			seen[ch.from] = max(seen[ch.from], ch.number())
		}
	}
	return seen
}

// position is that of a reader who stood at from and has read the changes up to a number; all says that there are no
// others.
func (r *replica) position(from Position, passed []Change, lsn int64, all bool) Position {
	if !r.mixed {
		return Position{LSN: lsn}
	}
	p := Position{LSN: lsn, log: r.history.logs[0], seen: make([]int64, len(r.progress))}
	if lsn < r.history.base {
		return p // what has not been read may have any number
	}
	known := [][]int64{from.seen, r.history.seen}
	if all {
		known = append(known, r.progress)
	}
	for _, seen := range known {
		for region, n := range seen[:min(len(seen), len(p.seen))] {
			p.seen[region] = max(p.seen[region], n)
		}
	}
	for _, ch := range passed {
		if ch.LSN > r.history.base {
			p.seen[ch.from] = max(p.seen[ch.from], ch.number())
		}
	}
	return p
}
