package pipeline

import (
	"bytes"
	"slices"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// position is a place in the merged rows: right behind a row of the document rid with these keys, which the partition
// that held [min, max) gave. Every row before it has been handed out.
type position struct {
	keys     []value.Value
	rid      []byte
	min, max string
	count    int   // rows of the document that were handed out, or dropped, from the page at hand: joins give several
	lane     *lane // that has this page
	page     int   // of the lane
	given    int   // of a token: rows of the document that were handed out
	left     int   // of those: still to be dropped
}

// note moves the position behind the head of l.
func (p *position) note(l *lane) {
	switch {
	case p.lane == l && p.page == l.pages && bytes.Equal(l.head.rid, p.rid):
		p.count++
	case l.droppedOn == l.pages && bytes.Equal(l.head.rid, l.dropped):
		p.count = l.drops + 1
	default:
		p.count = 1
	}
	p.rid, p.min, p.max, p.lane, p.page = l.head.rid, l.min, l.max, l, l.pages
	p.keys = append(p.keys[:0], l.head.keys...)
}

// passed reports whether the head of l stands at or before one of the positions that the query resumes from.
func (m *merge) passed(l *lane) bool {
	passed, same := false, false
	for _, p := range m.from {
		before, at := m.passes(p, l)
		passed, same = passed || before || at, same || at
	}
	if same {
		if l.droppedOn == l.pages && bytes.Equal(l.head.rid, l.dropped) {
			l.drops++
		} else {
			l.dropped, l.droppedOn, l.drops = l.head.rid, l.pages, 1
		}
	}
	return passed
}

// passes reports whether the head of l stands before p, or is one of the rows right at it.
func (m *merge) passes(p *position, l *lane) (before, at bool) {
	if c := m.order.compare(l.head.keys, p.keys); c != 0 {
		return c < 0, false
	}
	switch {
	case partition.Compare(l.max, p.min) <= 0:
		return true, false // ties: the partition to the left came first
	case partition.Compare(l.min, p.max) >= 0:
		return false, false
	}
	c := compareRIDs(l.head.rid, p.rid)
	if l.reversed {
		c = -c
	}
	if c != 0 || p.left == 0 {
		return c < 0, false
	}
	p.left--
	if p.lane != l || p.page != l.pages {
		p.lane, p.page, p.count = l, l.pages, 0
	}
	p.count++
	return false, true
}

// save notes the position, and for every lane the page that holds its next row: after a resume that page is asked for
// again, and what it has before the position is dropped. So the token is right even if documents were written between.
func (m *merge) save(t *token) bool {
	for _, l := range m.heap {
		t.add(l.cursor, l.origin)
	}
	for _, l := range m.idle {
		next := l.next
		if l.heaped != nil {
			next = l.start
		}
		t.add(l.cursor, next)
	}
	t.sort()
	for _, p := range m.from {
		if m.matters(p) {
			t.position(p, m.counted(p))
		}
	}
	t.position(&m.last, m.counted(&m.last))
	return true
}

// matters reports whether a position that the query resumed from still says something that the last one does not.
// That is so among ties, if the partitions were split in between: what had come of the whole before does not follow
// from what came of a part.
func (m *merge) matters(p *position) bool {
	if m.order.compare(p.keys, m.last.keys) != 0 || p.min == m.last.min && p.max == m.last.max {
		return false
	}
	return partition.Compare(p.max, m.last.min) > 0
}

// counted is how many rows of the position's document are on the page that will be asked for again.
func (m *merge) counted(p *position) int {
	switch {
	case p.lane == nil:
		return p.given
	case p.lane.pages != p.page || !slices.Contains(m.heap, p.lane):
		return 0
	}
	return p.count
}
