package gateway

import (
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// order is how to read a page of a sorted query from the index of its key, if there is one and it is not more work
// than to sort what the filter leaves. Only a single partition: several would have to be merged here, which is what
// making the result as a whole does.
func (c *call) order(
	x *store.Container, q *query, slices []*store.Slice, token *continuation, size int,
) (o store.Order, ok bool) {
	key, ok := q.program.Index()
	if !ok || len(slices) != 1 || !slices[0].Indexed() || !x.Definition().IndexingPolicy.Covers(key.Path) {
		return o, false
	}
	o = store.Order{Path: key.Path, Desc: key.Desc}
	switch {
	case token != nil:
		// Keys too long for a token are missing in it; the result is then made as a whole.
		if token.Last == nil || len(token.Last.Keys) != 1 {
			return o, false
		}
		o.After = &store.Place{Key: token.Last.keys()[0], Number: token.Last.Number}
	case q.resume != nil:
		o.After = &store.Place{Key: q.resume.keys()[0], Number: q.resume.Number, With: !q.exclude}
	}
	wanted := size
	if limit, limited := q.limit(); limited {
		wanted = min(wanted, limit)
	}
	return o, !slices[0].Few(q.lookups(x), wanted)
}

// runOrdered makes a page of a sorted query from documents that come in its order: no row is read that the page does
// not have, but one that tells whether there are more. A first page of ten rows of a million documents then costs ten
// documents.
func (c *call) runOrdered(
	x *store.Container, q *query, slice *store.Slice, o store.Order, token *continuation, size int,
) (*page, error) {
	if err := c.checkSession(slice.Mark()); err != nil {
		return nil, err
	}
	program, given, left := q.program, 0, maxPageSize
	if token != nil {
		given = token.Last.Count
		// What TOP has left; the program is compiled without it, as it would count from this page's first row.
		if limit, limited := q.limit(); limited {
			left = max(0, limit-given)
			var err error
			if _, program, err = c.unlimited(x, q); err != nil {
				return nil, asQueryError(q.text, err)
			}
		}
	}
	p := &page{}
	var number uint64 // of the document at hand
	docs := func(yield func(value.Value) bool) {
		for it := range slice.Ordered(o) {
			p.read++
			p.load += len(it.JSON)
			number = it.Number()
			if !yield(it.Value()) {
				return
			}
		}
	}
	var lastKey value.Value
	var lastNumber uint64
	for row, err := range program.Sorted(c.r.Context(), docs) {
		if err != nil {
			return nil, asQueryError(q.text, err)
		}
		if len(p.rows) == left {
			break
		}
		if p.full(size) {
			p.next = &continuation{Last: &place{
				Keys: keysOf([]value.Value{lastKey}), Number: lastNumber, Count: given + len(p.rows),
			}}
			break
		}
		if err := c.hold(pageCopies * p.print(row.Value)); err != nil {
			return nil, err
		}
		lastKey, lastNumber = row.Keys[0], number
	}
	p.found = len(p.rows)
	p.marks = []store.Mark{slice.Mark()}
	return p, nil
}
