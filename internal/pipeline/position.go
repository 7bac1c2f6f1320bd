package pipeline

import (
	"bytes"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// position is a place in the merged rows: right behind a row of the document rid with these keys, which the partition
// that holds [min, max) gave.
type position struct {
	keys     []value.Value
	rid      []byte
	min, max string
	count    int // rows of the document handed out from the page at hand: joins give several
	lane     *lane
	page     int // of the lane
}

// note moves the position behind the head of l.
func (p *position) note(l *lane) {
	if p.lane == l && p.page == l.pages && bytes.Equal(l.head.rid, p.rid) {
		p.count++
	} else {
		p.count = 1
	}
	p.rid, p.min, p.max, p.lane, p.page = l.head.rid, l.min, l.max, l, l.pages
	p.keys = append(p.keys[:0], l.head.keys...)
}

// passed reports whether the head of l stands at or before the position that the query resumes from.
func (m *merge) passed(l *lane) bool {
	p := m.from
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
	if c == 0 && p.count > 0 {
		p.count--
		return true
	}
	return c < 0
}

// save notes the position, and for every lane the page that holds its next row: after a resume that page is asked for
// again, and what it has before the position is dropped. So the token is right even if documents were written between.
func (m *merge) save(t *token) bool {
	count := 0
	for _, l := range m.heap {
		t.add(l.cursor, l.origin)
		if l == m.last.lane && l.pages == m.last.page {
			count = m.last.count
		}
	}
	for _, l := range m.idle {
		t.add(l.cursor, l.next)
	}
	t.sort()
	t.position(&m.last, count)
	return true
}
