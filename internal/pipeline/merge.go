package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// lane is a partition's place in the merge: its cursor, the page at hand and the row at its head.
type lane struct {
	*cursor
	docs     []json.RawMessage // what is left of the page behind the head
	head     sorted
	pages    int               // read so far
	reversed bool              // rows with the same keys come in falling order of _rid
	gathered []json.RawMessage // rows so far of a partition that cannot sort
	start    string            // continuation that the first of them came with
	resumed  bool              // the rows up to the token's positions are still to be dropped
	dropped  droppedRows
}

// droppedRows counts the rows that a resumed lane has dropped because they stood right at a position of the token.
type droppedRows struct {
	rid   []byte // document that they belong to
	page  int    // of the lane, that they stood on
	count int
}

// droppedHead reports whether the rows dropped last are of the head's document and page.
func (l *lane) droppedHead() bool {
	return l.dropped.page == l.pages && bytes.Equal(l.dropped.rid, l.head.rid)
}

// merge hands out the rows of sorted answers in one order: by their keys, then by partition, then as the partition has
// them. It holds a page of every partition, and asks for the next one when the first row of a page is taken.
type merge struct {
	order ordering
	size  int         // rows of a batch
	full  bool        // batches are filled up, even if that takes waiting
	idle  []*lane     // have no head and need their next page
	heap  []*lane     // have a head, the least at the root
	from  []*position // where a resumed query stood
	last  position    // of the row handed out last
}

// mergeBatch is how many rows a batch has at most where the caller does not say.
const mergeBatch = 1000

func newMerge(cursors []*cursor, info *queryplan.Info, pageSize int, from []*position) *merge {
	m := &merge{order: newOrdering(info.OrderBy), size: pageSize, full: pageSize > 0, from: from}
	if !m.full {
		m.size = mergeBatch
	}
	for _, c := range cursors {
		m.idle = append(m.idle, &lane{cursor: c, resumed: len(from) > 0})
	}
	return m
}

func (m *merge) next(ctx context.Context) (rows, error) {
	var out []json.RawMessage
	for len(out) < m.size {
		if len(out) > 0 && !m.full && !m.idleReady() {
			break // hand out what is there rather than wait
		}
		if err := m.fill(ctx); err != nil {
			if len(out) > 0 {
				break // the next call meets the error again
			}
			return rows{}, err
		}
		if len(m.heap) == 0 {
			break
		}
		l := m.heap[0]
		m.last.note(l)
		if l.head.payload != nil {
			out = append(out, l.head.payload)
		}
		l.prefetch(ctx)
		if err := m.advance(l); err != nil {
			return rows{}, err
		}
	}
	if len(out) == 0 && len(m.heap) == 0 && len(m.idle) == 0 {
		return rows{}, io.EOF
	}
	return rows{docs: out}, nil
}

// idleReady reports whether the pages that are needed have all come.
func (m *merge) idleReady() bool {
	for _, l := range m.idle {
		if !l.ready() {
			return false
		}
	}
	return true
}

// fill gives every lane a head, or drops it.
func (m *merge) fill(ctx context.Context) error {
	for _, l := range m.idle {
		l.prefetch(ctx)
	}
	for len(m.idle) > 0 {
		l := m.idle[0]
		page, err := l.page(ctx)
		if gone(err) {
			heirs, err := l.moved(ctx, err)
			if err != nil {
				return err
			}
			lanes := make([]*lane, len(heirs))
			for i, c := range heirs {
				if l.gathered != nil {
					c.next = l.start // a part must gather its rows from the start
				}
				c.prefetch(ctx)
				lanes[i] = &lane{cursor: c, resumed: l.resumed}
			}
			m.idle = append(lanes, m.idle[1:]...)
			continue
		}
		if err != nil {
			return err
		}
		l.reversed = ridsReversed(m.order[0], page.ExecutionInfo)
		if page.Unsorted || l.gathered != nil {
			if err := m.gather(l, page); err != nil {
				return err
			}
			if !l.last {
				continue
			}
			l.docs, l.gathered, l.origin = l.gathered, nil, l.start
		} else {
			l.docs = page.Docs
		}
		l.pages++
		m.idle = m.idle[1:]
		if err := m.place(l); err != nil {
			return err
		}
	}
	return nil
}

// advance moves the lane at the root of the heap to its next row.
func (m *merge) advance(l *lane) error {
	if len(l.docs) > 0 {
		doc := l.docs[0]
		l.docs = l.docs[1:]
		if err := l.head.read(doc); err != nil {
			return err
		}
		siftDown(m.heap, 0, m.before)
		return nil
	}
	last := len(m.heap) - 1
	m.heap[0] = m.heap[last]
	m.heap = m.heap[:last]
	siftDown(m.heap, 0, m.before)
	if !l.last {
		m.idle = append(m.idle, l)
	}
	return nil
}

// place puts a lane with a new page into the heap, behind the rows that were handed out before the query was resumed.
func (m *merge) place(l *lane) error {
	for len(l.docs) > 0 {
		doc := l.docs[0]
		l.docs = l.docs[1:]
		if err := l.head.read(doc); err != nil {
			return err
		}
		if l.resumed && m.passed(l) {
			continue
		}
		l.resumed = false
		m.heap = append(m.heap, l)
		siftUp(m.heap, len(m.heap)-1, m.before)
		return nil
	}
	if !l.last {
		m.idle = append(m.idle, l)
	}
	return nil
}

// before is the order of the merge.
func (m *merge) before(a, b *lane) bool {
	if c := m.order.compare(a.head.keys, b.head.keys); c != 0 {
		return c < 0
	}
	return partition.Compare(a.min, b.min) < 0
}
