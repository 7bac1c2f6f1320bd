package gateway

import (
	"iter"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Limits of a page.
const (
	maxPageBytes    = 4 << 20
	defaultPageSize = 1000    // rows
	maxPageSize     = 1 << 30 // where the caller leaves it to the server: the bytes bound it
	pageCopies      = 2       // of a row are there while a page is sent: its own, and that in the answer
)

// page is what one request of a feed or query gives.
type page struct {
	rows       [][]byte
	bytes      int
	next       *continuation // nil at the end
	marks      []store.Mark
	read       int     // documents looked at
	load       int     // their size in bytes
	found      int     // documents that gave rows; -1 where that is not known
	extra, row float64 // what a query costs beside its rows, and each of them
}

// full reports whether no further row fits.
func (p *page) full(size int) bool {
	return len(p.rows) >= size || p.bytes >= maxPageBytes
}

func (p *page) add(row []byte) {
	p.rows = append(p.rows, row)
	p.bytes += len(row)
}

// charge is what the page costs.
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

// read makes a page that goes on where the segments say. Like the service's, a page ends with its partition, so that it
// can be short, or empty, with more to come; and a full page has a continuation even if nothing follows it.
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

// reach reports whether there is a part of the slices in the segments.
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

// part reads one slice into the page. If there is more in it than the page holds it returns where to go on.
func (s *streamer) part(p *page, slice *store.Slice, seg segment) (more *segment, err error) {
	if err := s.call.checkSession(slice.Mark()); err != nil {
		return nil, err
	}
	items := slice.Where(seg.From, s.lookups, s.size)
	if s.ids != nil {
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
		if number == seg.From && index <= seg.Skip {
			continue
		}
		if p.full(s.size) {
			return &last, nil
		}
		if s.whole {
			p.add(current.JSON)
		} else {
			p.add(value.AppendJSON(nil, row.Value))
		}
		if err := s.call.hold(pageCopies * len(p.rows[len(p.rows)-1])); err != nil {
			return nil, err
		}
		last.From, last.Skip = number, index
	}
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
