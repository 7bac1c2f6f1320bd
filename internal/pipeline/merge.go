package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// input is a partition's place in the merge: its cursor, the page at hand and the row at its head. It is the cursor's
// reader: the cursor knows pages, this one rows.
type input struct {
	*cursor
	page     *sharedPage       // that docs and head are of; nil for rows that are not given back
	docs     []json.RawMessage // what is left of the page behind the head
	head     sorted
	rows     int               // of the page
	batch    int               // number of the last batch that has rows of the page, from 1
	pages    int               // read so far
	asked    int               // rows that the last request was for; 0 before the first
	reversed bool              // rows with the same keys come in falling order of _rid
	gathered []json.RawMessage // rows so far of a partition that cannot sort
	start    string            // continuation that the first of them came with
	// Once a row stands behind the positions all that follow do, and none is compared any more.
	resumed bool // the rows up to the token's positions are still to be dropped
	dropped droppedRows
}

// droppedRows counts the rows that a resumed input has dropped because they stood right at a position of the token.
type droppedRows struct {
	rid   []byte // document that they belong to
	page  int    // of the input, that they stood on
	count int
}

// droppedHead reports whether the rows dropped last are of the head's document and page.
func (in *input) droppedHead() bool {
	return in.dropped.page == in.pages && bytes.Equal(in.dropped.rid, in.head.rid)
}

// merge hands out the rows of sorted answers in one order: by their keys, then by partition, then as the partition
// has them. It holds a page of every partition, and a second one of those that are nearly through with theirs. Ties
// between partitions go to the one with the lower bounds, for falling keys too: so the service's clients merge
// (PROTOCOL.md 6.7.3).
type merge struct {
	fetcher  *fetcher
	order    ordering
	by       []string    // expressions that it is by
	pageSize int         // most rows of a request
	left     int64       // rows that the query may still need; negative if that is all
	idle     []*input    // have no head and need their next page
	heap     []*input    // have a head, the least at the root
	from     []*position // where a resumed query stood
	last     position    // of the row handed out last
	batch    int         // number of the batch that is being made
	// Of the last page; where rows are large, requests ask for fewer of them.
	rowBytes int64 // about what a row takes
}

const (
	// The service's own page (recorded exchange 96).
	mergeBatch = 1000 // rows of a batch, and most rows of a request, where the caller does not say
	// How fast a partition's rows go is not known before some have gone; a first page of a thousand from each of a
	// hundred partitions would be mostly wasted.
	firstPage = 100 // rows of a first page where all rows are wanted
)

// Inputs begin without a head: nothing is asked before the first row is wanted.
func (f *fetcher) newMerge(cursors []*cursor, info *queryplan.Info, pageSize int, from []*position) *merge {
	m := &merge{
		fetcher: f, order: newOrdering(info.OrderBy), by: info.OrderByExpressions, pageSize: pageSize, left: -1,
		from: from, rowBytes: 1 << 10,
	}
	if m.pageSize == 0 {
		m.pageSize = mergeBatch
	}
	for _, c := range cursors {
		m.idle = append(m.idle, &input{cursor: c, resumed: len(from) > 0})
	}
	return m
}

func (m *merge) next(ctx context.Context, want int) (rows, error) {
	size := want
	if size == 0 {
		size = mergeBatch
	}
	m.batch++
	var out rows
	var pages []*sharedPage
	for len(out.docs) < size && m.left != 0 {
		if len(out.docs) > 0 && want == 0 && !m.idleReady() {
			break // hand out what is there rather than wait
		}
		if err := m.fill(ctx, want-len(out.docs), want > 0); err != nil {
			if len(out.docs) > 0 {
				break // the next call meets the error again
			}
			return rows{}, err
		}
		if len(m.heap) == 0 {
			break
		}
		in := m.heap[0]
		m.last.note(in)
		if in.head.payload != nil {
			if out.docs == nil {
				out.docs = make([]json.RawMessage, 0, min(size, max(64, len(in.docs)*len(m.heap))))
			}
			out.docs = append(out.docs, in.head.payload)
			m.left = max(m.left-1, -1)
			// Once a batch: the page is given back when all batches with rows of it are done.
			if in.page != nil && in.batch != m.batch {
				in.batch = m.batch
				in.page.users.Add(1)
				pages = append(pages, in.page)
			}
		}
		if err := m.advance(ctx, in); err != nil {
			return rows{}, err
		}
	}
	if len(out.docs) == 0 && !m.more() {
		return rows{}, io.EOF
	}
	if len(pages) > 0 {
		out.release = func() {
			for _, p := range pages {
				p.done()
			}
		}
	}
	return out, nil
}

func (m *merge) more() bool { return len(m.heap)+len(m.idle) > 0 }

func (m *merge) explain(e *Explanation) {
	for _, in := range m.idle {
		e.target(in.cursor)
	}
	e.add("merge by %v %v", m.by, m.order.names())
}

// idleReady reports whether the pages that are needed have all come. A page of the result that has rows must not wait
// for the slowest partition, unless its size was asked for.
func (m *merge) idleReady() bool {
	for _, in := range m.idle {
		if !in.ready() {
			return false
		}
	}
	return true
}

// fill gives every input a head, or drops it. The batch has room for want more rows, if that is limited. No row can
// be handed out before every partition has shown its first one.
func (m *merge) fill(ctx context.Context, want int, limited bool) error {
	for _, in := range m.idle {
		m.size(in, want, limited)
		if len(m.idle) > 1 { // a single one is asked by peek
			in.prefetch(ctx)
		}
	}
	for len(m.idle) > 0 {
		in := m.idle[0]
		page, err := in.peek(ctx)
		if gone(err) {
			err = m.replace(ctx, in, err)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		in.take()
		in.reversed = ridsReversed(m.order[0], page.ExecutionInfo)
		if n := len(page.Docs); n > 0 {
			m.rowBytes = max(page.size()/int64(n), 1)
		}
		// It says so page by page, but rows that were gathered must be sorted together with those that follow.
		if page.Unsorted || in.gathered != nil {
			if err := m.gather(in, page); err != nil {
				return err
			}
			if !in.exhausted {
				continue
			}
			in.docs, in.gathered, in.origin = in.gathered, nil, in.start
			in.page = nil
		} else {
			in.docs = page.Docs
			in.page = &sharedPage{release: page.Release}
			in.page.users.Add(1)
		}
		in.batch = 0
		in.rows = len(in.docs)
		in.pages++
		m.idle = m.idle[1:]
		if err := m.place(in); err != nil {
			return err
		}
	}
	return nil
}

// replace puts the children of an input whose partition is gone in its place, the first of the idle ones. A part of a
// partition has only some of the rows gathered so far, so those are asked for again.
func (m *merge) replace(ctx context.Context, in *input, cause error) error {
	cursors, err := in.children(ctx, cause)
	if err != nil {
		return err
	}
	inputs := make([]*input, len(cursors))
	for i, c := range cursors {
		if in.gathered != nil {
			c.next = in.start // a part must gather its rows from the start
		}
		c.prefetch(ctx)
		inputs[i] = &input{cursor: c, resumed: in.resumed, asked: in.asked}
	}
	m.idle = append(inputs, m.idle[1:]...)
	return nil
}

// size decides how many rows the next request of an input asks for. Too few rows cost another request and its time,
// too many cost request units and memory; so a request asks for what is likely to be enough.
func (m *merge) size(in *input, want int, limited bool) {
	if in.cursor.asked() {
		return
	}
	inputs := int64(len(m.heap) + len(m.idle))
	rows, most := int64(firstPage), int64(m.pageSize)
	switch {
	case m.left >= 0:
		rows, most = likely(m.left, inputs), min(most, m.left)
	case limited && !m.fetcher.ahead:
		rows, most = likely(int64(want), inputs), min(most, int64(want))
	}
	switch {
	case in.asked > 0 && m.left < 0 && m.fetcher.ahead:
		rows = most // who reads on behind a first page wants them all, and pages of one size share their memory
	default:
		rows = max(rows, 2*int64(in.asked)) // more was wanted of it than was likely
	}
	// The pages of all partitions are in memory together.
	rows = min(rows, most, max(aheadBytes/(inputs*m.rowBytes), firstPage))
	in.asked = int(rows)
	if in.taken > 0 {
		// The page begins with rows that were handed out before, and more of them with every token made within it.
		// Before it grows for ever it is read in small pieces, and the token made next begins with a short one.
		if int64(in.taken) > 10*max(rows, 20) {
			rows = 1
		}
		rows += int64(in.taken)
	}
	in.cursor.size = int(rows)
}

// likely is how many of the n next rows of a merge one of its inputs hardly exceeds: three standard deviations above
// its share, if the rows are spread at random. Where they are not, it is asked again. About one request in a thousand
// then brings too few.
func likely(n, inputs int64) int64 {
	share := float64(n) / float64(inputs)
	return min(n, int64(math.Ceil(share+3*math.Sqrt(share)))+1)
}

// advance moves the input at the root of the heap to its next row. Sifting from the root is one comparison for most
// rows, as the same partition often has several in a row.
func (m *merge) advance(ctx context.Context, in *input) error {
	if len(in.docs) > 0 {
		doc := in.docs[0]
		in.docs = in.docs[1:]
		if err := in.head.read(doc); err != nil {
			return err
		}
		siftDown(m.heap, 0, m.before)
		if m.readsAhead(in) {
			m.size(in, 0, false)
			in.prefetch(ctx)
		}
		return nil
	}
	last := len(m.heap) - 1
	m.heap[0] = m.heap[last]
	m.heap = m.heap[:last]
	siftDown(m.heap, 0, m.before)
	m.leave(in)
	return nil
}

// readsAhead reports whether the next page of an input is to be asked for before the rest of this one is needed: when
// half of it has gone, unless few rows are wanted. Half a page is time enough for a request, and the second page is
// in memory for half of the time only.
func (m *merge) readsAhead(in *input) bool {
	return m.fetcher.ahead && !in.exhausted && !in.cursor.asked() && 2*len(in.docs) <= in.rows &&
		(m.left < 0 || m.left > mergeBatch) && m.fetcher.room()
}

// place puts an input with a new page into the heap, behind the rows that were handed out before the query was
// resumed. Rows up to the token's positions are dropped here, where each page comes in, so that the heap never holds
// one of them.
func (m *merge) place(in *input) error {
	for len(in.docs) > 0 {
		doc := in.docs[0]
		in.docs = in.docs[1:]
		if err := in.head.read(doc); err != nil {
			return err
		}
		if in.resumed && m.passed(in) {
			continue
		}
		in.resumed = false
		m.heap = append(m.heap, in)
		siftUp(m.heap, len(m.heap)-1, m.before)
		return nil
	}
	m.leave(in)
	return nil
}

// leave ends an input's page. After done the memory is somebody else's.
func (m *merge) leave(in *input) {
	if in.page != nil {
		// What is remembered of its rows must outlive it.
		in.dropped.rid = bytes.Clone(in.dropped.rid)
		m.last.own(in)
		for _, p := range m.from {
			p.own(in)
		}
		in.page.done()
		in.page = nil
	}
	if !in.exhausted {
		m.idle = append(m.idle, in)
	}
}

// before is the order of the merge. Bounds differ between inputs, so the order is total and the same on every run.
func (m *merge) before(a, b *input) bool {
	if c := m.order.compare(a.head.keys, b.head.keys); c != 0 {
		return c < 0
	}
	return partition.Compare(a.min, b.min) < 0
}
