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
	count    int   // rows of the document handed out from the page at hand: joins give several
	left     int   // of count: rows still to be dropped after a resume
	lane     *lane // that has the document, where that is known
	page     int   // of the lane
}

// note moves the position behind the head of l.
func (p *position) note(l *lane) {
	switch {
	case p.lane == l && p.page == l.pages && bytes.Equal(l.head.rid, p.rid):
		p.count++
	case l.pages == 1 && bytes.Equal(l.head.rid, l.dropped):
		p.count = l.drops + 1
	default:
		p.count = 1
	}
	p.rid, p.min, p.max, p.lane, p.page = l.head.rid, l.min, l.max, l, l.pages
	p.keys = append(p.keys[:0], l.head.keys...)
}

// passed reports whether the head of l stands at or before one of the positions that the query resumes from.
func (m *merge) passed(l *lane) bool {
	dropped := false
	for _, p := range m.from {
		if m.passes(p, l) {
			dropped = true
		}
	}
	return dropped
}

func (m *merge) passes(p *position, l *lane) bool {
	if c := m.order.compare(l.head.keys, p.keys); c != 0 {
		return c < 0
	}
	switch {
	case partition.Compare(l.max, p.min) <= 0:
		return true // ties: the partition to the left came first
	case partition.Compare(l.min, p.max) >= 0:
		return false
	}
	c := compareRIDs(l.head.rid, p.rid)
	if l.reversed {
		c = -c
	}
	if c == 0 && p.left > 0 {
		p.left--
		p.lane, p.page = l, l.pages
		l.dropped, l.drops = l.head.rid, max(p.count-p.left, l.drops)
		return true
	}
	return c < 0
}

// save notes the position, and for every lane the page that holds its next row: after a resume that page is asked for
// again, and what it has before the position is dropped. So the token is right even if documents were written between.
func (m *merge) save(t *token) bool {
	for _, l := range m.heap {
		t.add(l.cursor, l.origin)
	}
	for _, l := range m.idle {
		t.add(l.cursor, l.next)
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
	if p.lane != nil && (p.lane.pages != p.page || !slices.Contains(m.heap, p.lane)) {
		return 0
	}
	return p.count
}
