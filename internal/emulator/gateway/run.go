package gateway

import (
	"fmt"
	"iter"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// run makes one page of a query.
func (c *call) run(x *store.Container, q *query, s search) (*page, error) {
	token, err := c.continuation()
	if err != nil {
		return nil, err
	}
	var p *page
	err = x.View(s.Scope, func(slices []*store.Slice) (err error) {
		if q.program.Streaming() && q.program.NeedsDocuments() {
			p, err = c.runStream(q, slices, token, s.size)
		} else {
			p, err = c.runWhole(x, q, s, slices, token)
		}
		return err
	})
	return p, err
}

// runStream makes a page of a query that gives rows document by document.
func (c *call) runStream(q *query, slices []*store.Slice, token *continuation, size int) (*page, error) {
	segments, err := token.segments()
	if err != nil {
		return nil, err
	}
	rows := func(docs iter.Seq[value.Value]) iter.Seq2[eval.Row, error] {
		return q.program.Rows(c.r.Context(), docs)
	}
	s := &streamer{call: c, size: size, rows: rows, whole: q.program.SelectsWhole(), ids: q.ids()}
	p, err := s.read(slices, segments)
	return p, asQueryError(q.text, err)
}

// ids are the only ids that documents of the result can have; nil if the filter does not say.
func (q *query) ids() []string {
	for _, e := range q.program.Equalities() {
		if len(e.Path) == 1 && e.Path[0] == "id" {
			ids := []string{}
			for _, v := range e.Values {
				if v.Kind() == value.KindString {
					ids = append(ids, v.AsString())
				}
			}
			return ids
		}
	}
	return nil
}

// runWhole makes a page of a query whose rows depend on all documents: sorted, grouped, counted.
func (c *call) runWhole(x *store.Container, q *query, s search, slices []*store.Slice, token *continuation) (*page, error) {
	marks := make([]store.Mark, len(slices))
	for i, slice := range slices {
		marks[i] = slice.Mark()
		if err := c.checkSession(marks[i]); err != nil {
			return nil, err
		}
	}
	id := func(token string) string { return fmt.Sprint(x.RID(), s.Scope, string(c.body), token) }
	at := state(x, slices)
	var cur *cursor
	if token != nil {
		if token.Last == nil {
			return nil, invalidToken()
		}
		cur = c.g.cursors.take(id(c.header(headerContinuation)), at)
	}
	var looked page
	if cur == nil {
		rows, err := evaluate(q.tree, q.program.Rows(c.r.Context(), all(slices, &looked)))
		if err != nil {
			return nil, asQueryError(q.text, err)
		}
		cur = &cursor{rows: rows, state: at}
		if token != nil {
			cur.next = after(q.tree, rows, token.Last)
		}
	}
	p := paginate(cur.rows, cur.next, s.size)
	p.marks, p.read, p.load = marks, looked.read, looked.load
	if p.next != nil {
		cur.next = p.next.Last.Count
		cur.id = id(p.next.encode())
		c.g.cursors.keep(cur)
	}
	return p, nil
}

// all yields the documents of all slices and counts them in the page.
func all(slices []*store.Slice, p *page) iter.Seq[value.Value] {
	return func(yield func(value.Value) bool) {
		for _, s := range slices {
			for it := range s.Items(0) {
				p.read++
				p.load += len(it.JSON)
				if !yield(it.Value) {
					return
				}
			}
		}
	}
}
