package store

import (
	"cmp"
	"iter"
	"slices"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Lookup says that a query wants only documents whose value at Path lies in one of the intervals, which are in order
// and have nothing in common.
type Lookup struct {
	Path []string
	In   []value.Interval
}

// fewDocuments are read faster than an index of them is made.
const fewDocuments = 16

// Where yields the documents among Items that all lookups want, and possibly others. It finds them in an index where
// that is less work than looking at all until so many are found as are wanted, 0 being all.
func (s *Slice) Where(from uint64, lookups []Lookup, wanted int) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		s.p.mu.RLock()
		defer s.p.mu.RUnlock()
		s.mark = s.p.mark()
		for it := range s.candidates(from, lookups, wanted) {
			if s.holds(it) && !it.expired(s.def.DefaultTTL, s.now) && !yield(it) {
				return
			}
		}
	}
}

// source is where the slice's documents stand: those of its logical partition, or all; the partition's lock is held.
func (s *Slice) source() *run {
	if !s.scope.HasKey {
		return &s.p.all
	}
	if logical := s.p.keys[s.scope.Key]; logical != nil {
		return logical
	}
	return &run{}
}

// candidates yields documents of the partition in the order of their numbers; those that the slice holds and the
// lookups want are among them.
func (s *Slice) candidates(from uint64, lookups []Lookup, wanted int) iter.Seq[*Item] {
	source := s.source()
	total := len(source.items) - source.gone
	if total <= fewDocuments {
		return source.from(from)
	}
	var best *index
	var in []value.Interval
	fewest := total + 1
	for _, l := range lookups {
		if fewest <= fewDocuments {
			break
		}
		x := s.p.indexes.at(l.Path, &s.p.all)
		n := 0
		for _, i := range l.In {
			n += x.distance(x.between(i))
		}
		if n < fewest {
			best, in, fewest = x, l.In, n
		}
	}
	scanned := total
	if wanted > 0 && fewest > 0 {
		scanned = min(total, wanted*(total/fewest))
	}
	const gathered = 2 // documents scanned cost as much as one that is found and put in its place
	if best == nil || gathered*fewest > scanned {
		return source.from(from)
	}
	return best.inNumbers(from, in, fewest)
}

// inNumbers yields the documents whose keys lie in the intervals, in the order of their numbers, from one on.
func (x *index) inNumbers(from uint64, in []value.Interval, n int) iter.Seq[*Item] {
	if len(in) == 1 && in[0].Low.IsDefined() && value.Equal(in[0].Low, in[0].High) { // they are in that order
		first := entry{in[0].Low, &Item{number: from}}
		_, to := x.between(in[0])
		return x.items(x.find(func(e entry) bool { return e.compare(first) >= 0 }), to)
	}
	found := make([]*Item, 0, n)
	for _, i := range in {
		for it := range x.items(x.between(i)) {
			if it.number >= from {
				found = append(found, it)
			}
		}
	}
	slices.SortFunc(found, func(a, b *Item) int { return cmp.Compare(a.number, b.number) })
	return slices.Values(found)
}

// Few reports whether the lookups leave so few of the slice's documents that they are found and sorted with less work
// than is needed to read all in another order until so many are found as are wanted.
func (s *Slice) Few(lookups []Lookup, wanted int) bool {
	s.p.mu.RLock()
	defer s.p.mu.RUnlock()
	source := s.source()
	total := len(source.items) - source.gone
	for _, l := range lookups {
		x := s.p.indexes.at(l.Path, &s.p.all)
		n := 0
		for _, i := range l.In {
			n += x.distance(x.between(i))
		}
		if int64(n)*int64(n) <= int64(wanted)*int64(total) {
			return true
		}
	}
	return false
}

// Order is a way to read documents: by what they have at a path, those with the same value by their numbers.
type Order struct {
	Path  []string
	Desc  bool   // both backwards
	After *Place // read what follows this place; nil reads all
}

// Place is one in an order, whether a document is there or not.
type Place struct {
	Key    value.Value
	Number uint64
	With   bool // what is at the place follows it
}

// Indexed reports whether an index of the partition has the slice's documents for the greater part.
func (s *Slice) Indexed() bool {
	s.p.mu.RLock()
	defer s.p.mu.RUnlock()
	n := len(s.source().items)
	return n > fewDocuments && 2*n > len(s.p.all.items)
}

// Ordered yields the slice's live documents in an order, by an index.
func (s *Slice) Ordered(o Order) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		s.p.mu.RLock()
		defer s.p.mu.RUnlock()
		s.mark = s.p.mark()
		x := s.p.indexes.at(o.Path, &s.p.all)
		for it := range x.ordered(o) {
			if s.holds(it) && !it.expired(s.def.DefaultTTL, s.now) && !yield(it) {
				return
			}
		}
	}
}

func (x *index) ordered(o Order) iter.Seq[*Item] {
	end := spot{len(x.blocks), 0}
	if o.After == nil {
		if o.Desc {
			return x.backwards(end)
		}
		return x.items(spot{}, end)
	}
	place := entry{o.After.Key, &Item{number: o.After.Number}}
	from := x.find(func(e entry) bool {
		c := e.compare(place)
		return c > 0 || c == 0 && o.After.With != o.Desc
	})
	if o.Desc {
		return x.backwards(from)
	}
	return x.items(from, end)
}

// Count is how many live documents the slice has.
func (s *Slice) Count() (n int) {
	s.p.mu.RLock()
	defer s.p.mu.RUnlock()
	s.mark = s.p.mark()
	source := s.source()
	if s.def.DefaultTTL == nil && s.holdsAll() {
		return len(source.items) - source.gone
	}
	for it := range source.from(0) {
		if s.holds(it) && !it.expired(s.def.DefaultTTL, s.now) {
			n++
		}
	}
	return n
}
