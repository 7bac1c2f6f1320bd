package pipeline

import (
	"bytes"
	"slices"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// position is a place in the merged rows: right behind a row of the document rid with these keys, which the partition
// that held [min, max) gave. Every row before it has been handed out. It names a row by its keys and document and not
// by a count, so that documents which are written or deleted before it do not move it.
type position struct {
	keys     []value.Value
	rid      []byte
	min, max string
	input    *input // whose page gave the row; nil for a position of a token that no input has reached
	page     int    // number of that page within the input
	count    int    // rows of the document that were handed out or dropped from that page: a JOIN gives several
	given    int    // for a position of a token: rows of the document that were handed out before
	left     int    // how many of those are still to be dropped
}

// note moves the position behind the head of in.
func (p *position) note(in *input) {
	switch {
	case p.input == in && p.page == in.pages && bytes.Equal(in.head.rid, p.rid):
		p.count++
	case in.droppedHead():
		p.count = in.dropped.count + 1
	default:
		p.count = 1
	}
	p.rid, p.min, p.max, p.input, p.page = in.head.rid, in.min, in.max, in, in.pages
	p.keys = append(p.keys[:0], in.head.keys...)
}

// own copies what the position remembers of a row of in, whose page is about to be given back.
func (p *position) own(in *input) {
	if p.input != in {
		return
	}
	p.rid = bytes.Clone(p.rid)
	for i, key := range p.keys {
		p.keys[i] = clone(key)
	}
}

// clone returns a copy of a value that does not refer to the text that it was read from. By way of text: it happens
// once a page, not once a row.
func clone(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindString, value.KindArray, value.KindObject:
		if c, err := value.Parse(value.AppendJSON(nil, v)); err == nil {
			return c
		}
	}
	return v
}

// passed reports whether the head of in stands at or before one of the positions that the query resumes from.
func (m *merge) passed(in *input) bool {
	passed, same := false, false
	for _, p := range m.from {
		before, at := m.passes(p, in)
		passed, same = passed || before || at, same || at
	}
	if same {
		if !in.droppedHead() {
			in.dropped = droppedRows{rid: in.head.rid, page: in.pages}
		}
		in.dropped.count++
	}
	return passed
}

// passes reports whether the head of in stands before p, or is one of the rows right at it. Keys decide first, then
// the partition, then the document: the order in which the rows were handed out.
func (m *merge) passes(p *position, in *input) (before, at bool) {
	if c := m.order.compare(in.head.keys, p.keys); c != 0 {
		return c < 0, false
	}
	switch {
	case partition.Compare(in.max, p.min) <= 0:
		return true, false // ties: the partition to the left came first
	case partition.Compare(in.min, p.max) >= 0:
		return false, false
	}
	c := compareRIDs(in.head.rid, p.rid)
	if in.reversed {
		c = -c
	}
	if c != 0 || p.left == 0 {
		return c < 0, false
	}
	p.left--
	if p.input != in || p.page != in.pages {
		p.input, p.page, p.count = in, in.pages, 0
	}
	p.count++
	return false, true
}

// save notes the position, and for every input the page that holds its next row. After a resume that page is asked for
// again and its rows before the position are dropped, so that the token stays right when documents are written
// meanwhile.
func (m *merge) save(t *token) bool {
	for _, in := range m.heap {
		t.addRange(in.cursor, in.origin, in.rows-len(in.docs)-1)
	}
	for _, in := range m.idle {
		next := in.next
		if in.gathered != nil {
			next = in.start
		}
		t.addRange(in.cursor, next, in.taken)
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

// matters reports whether a position that the query resumed from is still needed beside the last one. It is needed
// among rows with equal keys if the partition was split meanwhile: the last position speaks for one part of it only.
func (m *merge) matters(p *position) bool {
	if m.order.compare(p.keys, m.last.keys) != 0 || p.min == m.last.min && p.max == m.last.max {
		return false
	}
	return partition.Compare(p.max, m.last.min) > 0
}

// counted is how many rows of the position's document are on the page that will be asked for again.
func (m *merge) counted(p *position) int {
	switch {
	case p.input == nil:
		return p.given
	case p.input.pages != p.page || !slices.Contains(m.heap, p.input):
		return 0
	}
	return p.count
}
