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
	lane     *lane // the lane whose page gave the row; nil for a position of a token that no lane has reached
	page     int   // number of that page within the lane
	count    int   // rows of the document that were handed out or dropped from that page: a JOIN gives several
	given    int   // for a position of a token: rows of the document that were handed out before
	left     int   // how many of those are still to be dropped
}

// note moves the position behind the head of l.
func (p *position) note(l *lane) {
	switch {
	case p.lane == l && p.page == l.pages && bytes.Equal(l.head.rid, p.rid):
		p.count++
	case l.droppedHead():
		p.count = l.dropped.count + 1
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
		if !l.droppedHead() {
			l.dropped = droppedRows{rid: l.head.rid, page: l.pages}
		}
		l.dropped.count++
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

// save notes the position, and for every lane the page that holds its next row. After a resume that page is asked for
// again and its rows before the position are dropped, so that the token stays right when documents are written meanwhile.
func (m *merge) save(t *token) bool {
	for _, l := range m.heap {
		t.addShare(l.cursor, l.origin)
	}
	for _, l := range m.idle {
		next := l.next
		if l.gathered != nil {
			next = l.start
		}
		t.addShare(l.cursor, next)
	}
	t.sort()
	for _, p := range m.from {
		if m.matters(p) {
			t.addPosition(p, m.counted(p))
		}
	}
	t.addPosition(&m.last, m.counted(&m.last))
	return true
}

// matters reports whether a position that the query resumed from is still needed beside the last one. It is needed among
// rows with equal keys if the partition was split meanwhile: the last position speaks for one part of it only.
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
