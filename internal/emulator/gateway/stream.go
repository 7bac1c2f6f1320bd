package gateway

import (
	"iter"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Limits of a page.
const (
	// The documented bound of a response.
	maxPageBytes = 4 << 20
	// Recorded exchanges 96 to 98. Of feeds without a query it is not recorded.
	defaultPageSize = 1000 // rows
	// -1 gave all 2500 rows (recorded exchange 103).
	maxPageSize = 1 << 30 // where the caller leaves it to the server: the bytes bound it
	pageCopies  = 2       // of a row are there while a page is sent: its own, and that in the answer
)

// page is what one request of a feed or query gives.
type page struct {
	rows  [][]byte
	text  []byte // that the rows printed last are in
	bytes int
	// A pointer, as an end is not a place.
	next       *continuation // nil at the end
	marks      []store.Mark
	read       int     // documents looked at
	load       int     // their size in bytes
	found      int     // documents that gave rows; -1 where that is not known
	extra, row float64 // what a query costs beside its rows, and each of them
}

// full reports whether no further row fits. The row that passes the bound of bytes still goes on the page: one larger
// than it could never be given otherwise.
func (p *page) full(size int) bool {
	return len(p.rows) >= size || p.bytes >= maxPageBytes
}

func (p *page) add(row []byte) {
	p.rows = append(p.rows, row)
	p.bytes += len(row)
}

// print adds a row as JSON and says how long it is. Rows share their memory piece by piece.
func (p *page) print(row value.Value) int {
	const least, most = 2 << 10, 64 << 10
	if free := cap(p.text) - len(p.text); free <= cap(p.text)/4 { // so that few rows move what is there already
		p.text = make([]byte, 0, min(most, max(least, 2*cap(p.text))))
	}
	n := len(p.text)
	p.text = value.AppendJSON(p.text, row)
	p.add(p.text[n:len(p.text):len(p.text)])
	return len(p.text) - n
}

// charge is what the page costs. By rows, or by KB where those are more: recorded rows were below 1 KB.
func (p *page) charge() float64 {
	row := p.row
	if row == 0 {
		row = rowCharge
	}
	return queryCharge + p.extra + row*max(float64(len(p.rows)), float64(p.bytes)/1024)
}

// streamer reads documents partition by partition, in the order of their numbers, and makes rows of each.
type streamer struct {
	call  *call
	size  int                                                         // of a page
	rows  func(docs iter.Seq[value.Value]) iter.Seq2[eval.Row, error] // nil: the documents themselves
	whole bool                                                        // each row is its document
	// if not nil, documents with other ids do not matter
	ids []string

	lookups []store.Lookup // what indexes can say about the documents
}

// read makes a page that goes on where the segments say. Like the service's, a page ends with its partition, so that
// it can be short, or empty, with more to come; and a full page has a continuation even if nothing follows it.
// Segments and not partitions are what a token lists: after a split two slices are found for a segment, after a merge
// one.
func (s *streamer) read(slices []*store.Slice, segments []segment) (*page, error) {
	p := &page{}
	for i, seg := range segments {
		for _, slice := range slices {
			part, ok := slice.Narrow(seg.Min, seg.Max)
			if !ok {
				continue
			}
			more, err := s.part(p, part, seg)
			if err != nil {
				return nil, err
			}
			p.marks = append(p.marks, part.Mark())
			var rest []segment
			if more != nil {
				rest = append(rest, *more)
			}
			// The rest of a segment whose partition was split since keeps its place in the documents.
			if _, hi := part.Bounds(); hi != seg.Max {
				rest = append(rest, segment{hi, seg.Max, seg.From, seg.Skip})
			}
			rest = append(rest, segments[i+1:]...)
			if more != nil || reach(slices, rest) {
				p.next = &continuation{Segments: rest}
			}
			return p, nil
		}
	}
	return p, nil
}

// reach reports whether there is a part of the slices in the segments. A query of one partition key has no other, and
// no token to look for one.
func reach(slices []*store.Slice, segments []segment) bool {
	for _, seg := range segments {
		for _, slice := range slices {
			if _, ok := slice.Narrow(seg.Min, seg.Max); ok {
				return true
			}
		}
	}
	return false
}

// part reads one slice into the page. If there is more in it than the page holds it returns where to go on. The place
// is the last row given: its document's number, and how many rows of that document, since a JOIN gives several.
func (s *streamer) part(p *page, slice *store.Slice, seg segment) (more *segment, err error) {
	if err := s.call.checkSession(slice.Mark()); err != nil {
		return nil, err
	}
	items := slice.Where(seg.From, s.lookups, s.size)
	if s.ids != nil {
		// Reading by id makes a filter on it cost the same however many documents there are.
		if named, ok := slice.Named(seg.From, s.ids); ok {
			items = named
		}
	}
	var current *store.Item
	docs := func(yield func(value.Value) bool) {
		for it := range items {
			p.read++
			p.load += len(it.JSON)
			current = it
			if !yield(it.Value()) {
				return
			}
		}
	}
	lo, hi := slice.Bounds()
	last := segment{Min: lo, Max: hi, From: seg.From, Skip: seg.Skip}
	index := 0 // of the row among those of its document
	var number uint64
	for row, err := range s.rows(docs) {
		if err != nil {
			return nil, err
		}
		if current.Number() != number {
			number, index = current.Number(), 0
			p.found++
		}
		index++
		// Given on the page before. Counting them instead of remembering the row lets a changed document go on.
		if number == seg.From && index <= seg.Skip {
			continue
		}
		if p.full(s.size) {
			return &last, nil
		}
		size := len(current.JSON)
		// The stored bytes, whose integers beyond int64 are exact (recorded exchange 202).
		if s.whole {
			p.add(current.JSON)
		} else {
			size = p.print(row.Value)
		}
		if err := s.call.hold(pageCopies * size); err != nil {
			return nil, err
		}
		last.From, last.Skip = number, index
	}
	// Whether anything follows is not looked for: a full last page has a token, and an empty one follows (recorded
	// exchanges o60 to o62).
	if len(p.rows) >= s.size {
		return &last, nil
	}
	return nil, nil
}

// documents makes a row of each document.
func documents(docs iter.Seq[value.Value]) iter.Seq2[eval.Row, error] {
	return func(yield func(eval.Row, error) bool) {
		for d := range docs {
			if !yield(eval.Row{Value: d, Doc: d}, nil) {
				return
			}
		}
	}
}
