package pipeline

import (
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
	heaped   []json.RawMessage // rows so far of a partition that cannot sort
	start    string            // continuation that the first of them came with
	resumed  bool              // the rows up to the position of the token are still to be dropped
	// The last row that was dropped for that, where it belongs to the document of the token: the document, the page, and
	// how many rows of the one on the other.
	dropped   []byte
	droppedOn int
	drops     int
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
			break // what is there goes out before anybody waits
		}
		if err := m.fill(ctx); err != nil {
			if len(out) > 0 {
				break // it will come back on the next call
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
				if l.heaped != nil {
					c.next = l.start // what was gathered of the whole is gathered again of its parts
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
		if page.Unsorted || l.heaped != nil {
			if err := m.gather(l, page); err != nil {
				return err
			}
			if !l.last {
				continue
			}
			l.docs, l.heaped, l.origin = l.heaped, nil, l.start
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
		m.down(0)
		return nil
	}
	last := len(m.heap) - 1
	m.heap[0] = m.heap[last]
	m.heap = m.heap[:last]
	m.down(0)
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
		m.up(len(m.heap) - 1)
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

func (m *merge) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !m.before(m.heap[i], m.heap[parent]) {
			return
		}
		m.heap[i], m.heap[parent] = m.heap[parent], m.heap[i]
		i = parent
	}
}

func (m *merge) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(m.heap); child++ {
			if m.before(m.heap[child], m.heap[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		m.heap[i], m.heap[least] = m.heap[least], m.heap[i]
		i = least
	}
}
