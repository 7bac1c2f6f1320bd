package gateway

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// run makes one page of a query.
func (c *call) run(x *store.Container, q *query, s search, token *continuation) (*page, error) {
	var p *page
	err := x.View(s.Scope, func(slices []*store.Slice) (err error) {
		if q.program.Streaming() && q.program.NeedsDocuments() {
			p, err = c.runStream(q, slices, token, s.size)
		} else {
			p, err = c.runWhole(x, q, s, slices, token)
		}
		if err != nil && len(slices) > 0 {
			c.answered(slices[0].Mark())
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

// runWhole makes a page of a query whose rows depend on all documents: sorted, grouped, counted. A page after the first
// goes on behind the place of the last row given, wherever that row is now, and gives what TOP or LIMIT have left.
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
		rows, err := c.resume(x, q, all(slices, &looked), token)
		if err != nil {
			return nil, asQueryError(q.text, err)
		}
		cur = &cursor{query: string(c.body), scope: fmt.Sprint(s.Scope), rows: rows, state: at}
	}
	given := 0
	if token != nil {
		given = token.Last.Count
	}
	p := paginate(cur.rows, cur.next, given, s.size)
	p.marks, p.read, p.load, p.found = marks, looked.read, looked.load, found(cur.rows)
	if p.next != nil {
		cur.next += len(p.rows)
		cur.goes = given >= 2*len(p.rows)
		cur.id = id(c.tokenAfter(x, s, token, p))
		c.g.cursors.keep(cur)
	}
	return p, nil
}

// resume makes the rows that are left behind a token's place; without a token, all of them.
func (c *call) resume(x *store.Container, q *query, docs iter.Seq[value.Value], token *continuation) ([]result, error) {
	if token == nil {
		rows, err := evaluate(q.tree, q.program.Rows(c.r.Context(), docs))
		return q.resumed(rows), err
	}
	limit, limited := q.limit()
	tree, program := q.tree, q.program
	last := token.Last
	if limited && len(last.Keys) == len(tree.OrderBy) && ordered(tree) {
		// TOP, OFFSET and LIMIT count rows from the beginning, of which only the place is known: they are applied here.
		unlimited := *tree
		unlimited.Top, unlimited.Offset, unlimited.Limit = nil, nil, nil
		var err error
		if program, err = eval.Compile(&unlimited, c.evalOptions(x, q.params)); err != nil {
			return nil, err
		}
		tree = &unlimited
	}
	rows, err := evaluate(tree, program.Rows(c.r.Context(), docs))
	if err != nil {
		return nil, err
	}
	rows = rows[after(tree, rows, last):]
	if limited {
		rows = rows[:min(len(rows), max(0, limit-last.Count))]
	}
	return rows, nil
}

// found is how many documents gave rows; -1 where rows are of no document.
func found(rows []result) int {
	numbers := map[uint64]bool{}
	for _, r := range rows {
		if r.number == 0 {
			return -1
		}
		numbers[r.number] = true
	}
	return len(numbers)
}

// limit is how many rows TOP or LIMIT allow.
func (q *query) limit() (n int, ok bool) {
	for _, x := range []nosql.Expr{q.tree.Top, q.tree.Limit} {
		count := -1
		switch x := x.(type) {
		case *nosql.Literal:
			if i, err := strconv.Atoi(x.Text); err == nil {
				count = i
			}
		case *nosql.Param:
			if i, exact := q.params[x.Name].AsInt(); exact {
				count = int(i)
			}
		}
		if count >= 0 && (!ok || count < n) {
			n, ok = count, true
		}
	}
	return n, ok
}

// all yields the documents of all slices in the order of their numbers and counts them in the page.
func all(slices []*store.Slice, p *page) iter.Seq[value.Value] {
	return func(yield func(value.Value) bool) {
		for it := range store.Merged(slices) {
			p.read++
			p.load += len(it.JSON)
			if !yield(it.Value()) {
				return
			}
		}
	}
}
