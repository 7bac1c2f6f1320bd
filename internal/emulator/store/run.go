package store

import (
	"iter"
	"slices"
)

// run keeps documents in the order of their numbers. A deleted one leaves a marker behind, so that neither deleting nor
// putting one back moves the others.
type run struct {
	items []*Item
	gone  int
}

// find returns where the document with the number, or the next higher one, stands.
func (r *run) find(number uint64) int {
	if n := len(r.items); n == 0 || r.items[n-1].number < number {
		return n // new documents come last
	}
	i, _ := slices.BinarySearchFunc(r.items, number, func(it *Item, n uint64) int {
		switch {
		case it.number < n:
			return -1
		case it.number > n:
			return 1
		}
		return 0
	})
	return i
}

// at is the document of a number; nil without one.
func (r *run) at(number uint64) *Item {
	if i := r.find(number); i < len(r.items) && r.items[i].number == number && !r.items[i].gone {
		return r.items[i]
	}
	return nil
}

// put makes it the document of its number: of a new, highest number, or of one that is or was there.
func (r *run) put(it *Item) {
	i := r.find(it.number)
	if i == len(r.items) {
		r.items = append(r.items, it)
		return
	}
	if r.items[i].number != it.number { // a saved one, older than others that are here already
		r.items = slices.Insert(r.items, i, it)
		return
	}
	if r.items[i].gone {
		r.gone--
	}
	r.items[i] = it
}

// drop marks the document of a number as deleted.
func (r *run) drop(number uint64) {
	r.items[r.find(number)] = &Item{number: number, gone: true}
	r.gone++
}

// compact removes the markers once they are the greater part.
func (r *run) compact() {
	if r.gone > len(r.items)/2 {
		r.items = slices.DeleteFunc(r.items, func(it *Item) bool { return it.gone })
		r.gone = 0
	}
}

// from yields the documents whose numbers are at least number.
func (r *run) from(number uint64) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		for _, it := range r.items[r.find(number):] {
			if !it.gone && !yield(it) {
				return
			}
		}
	}
}
