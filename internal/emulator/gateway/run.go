package gateway

import (
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// run makes one page of a query. Three ways: a query whose rows come document by document streams; one that sorts by
// an indexed path reads the index; all else is made as a whole and remembered.
func (c *call) run(x *store.Container, q *query, s search, token *continuation) (*page, error) {
	var p *page
	err := x.View(s.Scope, func(slices []*store.Slice) (err error) {
		switch order, ordered := c.order(x, q, slices, token, s.size); {
		case q.program.Streaming() && q.program.NeedsDocuments():
			p, err = c.runStream(x, q, slices, token, s.size)
		case ordered:
			p, err = c.runOrdered(x, q, slices[0], order, token, s.size)
		default:
			p, err = c.runWhole(x, q, s, slices, token)
		}
		if err != nil && len(slices) > 0 {
			// A query that fails where its rows are has the replica's headers (recorded exchange 169).
			c.answered(slices[0].Mark())
		}
		return err
	})
	return p, err
}

// runStream makes a page of a query that gives rows document by document.
func (c *call) runStream(
	x *store.Container, q *query, slices []*store.Slice, token *continuation, size int,
) (*page, error) {
	segments, err := token.segments()
	if err != nil {
		return nil, err
	}
	rows := func(docs iter.Seq[value.Value]) iter.Seq2[eval.Row, error] {
		return q.program.Rows(c.r.Context(), docs)
	}
	s := &streamer{call: c, size: size, rows: rows, whole: q.program.SelectsWhole(), ids: q.ids(),
		lookups: q.lookups(x)}
	p, err := s.read(slices, segments)
	return p, asQueryError(q.text, err)
}

// lookups are what the container's indexes, as its policy keeps them, can say about the documents of the result. A
// path that the policy excludes has no index here either: the answer is the same, the time is not.
func (q *query) lookups(x *store.Container) (lookups []store.Lookup) {
	policy := x.Definition().IndexingPolicy
	for _, r := range q.program.Requirements() {
		if policy.Covers(r.Path) {
			lookups = append(lookups, store.Lookup(r))
		}
	}
	return lookups
}

// ids are the only ids that documents of the result can have; nil if the filter does not say. Within one partition
// key documents are kept by id, whatever the policy indexes. An id that is not a text finds nothing.
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

// runWhole makes a page of a query whose rows depend on all documents: sorted, grouped, counted. A page after the
// first goes on behind the place of the last row given, wherever that row is now, and gives what TOP or LIMIT have
// left. The place and not a count is what a token holds, since documents before it may come and go between pages.
func (c *call) runWhole(x *store.Container, q *query, s search, slices []*store.Slice,
	token *continuation) (*page, error) {
	marks := make([]store.Mark, len(slices))
	for i, slice := range slices {
		marks[i] = slice.Mark()
		if err := c.checkSession(marks[i]); err != nil {
			return nil, err
		}
	}
	// All that makes a request the one that a cursor was kept for; the container by its resource id, as another may
	// take its name.
	id := func(token string) string { return fmt.Sprint(x.RID(), s.Scope, string(c.body), token) }
	at := state(x, slices)
	var cur *cursor
	if token != nil {
		// A token of a stream, sent with a query that sorts.
		if token.Last == nil {
			return nil, invalidToken()
		}
		if cur = c.g.cursors.take(id(c.header(headerContinuation)), at); cur != nil {
			// What the cursor's rows take is counted on in this call.
			c.share = cur.share // which held nothing yet
		}
	}
	var looked page
	if cur == nil {
		var rows []result
		var err error
		// Without a look at the documents.
		if q.program.Counts() && token == nil {
			rows, err = evaluate(q.tree, q.program.Counted(c.r.Context(), count(slices)), &c.share)
		} else {
			rows, err = c.resume(x, q, c.all(slices, q.lookups(x), &looked), token)
		}
		if err != nil {
			return nil, asQueryError(q.text, err)
		}
		looked.found = found(q.tree, rows)
		cur = &cursor{query: string(c.body), scope: fmt.Sprint(s.Scope), rows: rows, state: at}
	}
	given := 0
	if token != nil {
		given = token.Last.Count
	}
	p := paginate(cur.rows, cur.next, given, s.size)
	// A page from a cursor has looked at nothing, and is charged so.
	p.marks, p.read, p.load, p.found = marks, looked.read, looked.load, looked.found
	if p.next != nil {
		cur.next += len(p.rows)
		// Two pages are what a client that reads ahead asks for although its user may want one.
		cur.goes = given >= 2*len(p.rows)
		// Kept under the token that the client will send with the next request.
		cur.id = id(c.tokenAfter(x, s, token, p))
		cur.share, c.share = c.share, c.g.memory.Share()
		c.g.cursors.keep(cur)
	}
	return p, c.hold(pageCopies * p.bytes)
}

// resume makes the rows that are left behind a token's place; without a token, all of them. Only where a cursor is
// gone: the result is made again, which costs as much as the first page did.
func (c *call) resume(x *store.Container, q *query, docs iter.Seq[value.Value], token *continuation) ([]result, error) {
	if token == nil {
		rows, err := evaluate(q.tree, q.program.Rows(c.r.Context(), docs), &c.share)
		return q.resumed(rows), err
	}
	limit, limited := q.limit()
	tree, program := q.tree, q.program
	last := token.Last
	// With TOP applied from the beginning, rows written before the place meanwhile would push those out that are
	// still wanted.
	if limited && len(last.Keys) == len(tree.OrderBy) && ordered(tree) {
		var err error
		if tree, program, err = c.unlimited(x, q); err != nil {
			return nil, err
		}
	}
	rows, err := evaluate(tree, program.Rows(c.r.Context(), docs), &c.share)
	if err != nil {
		return nil, err
	}
	rows = rows[after(tree, rows, last):]
	if limited {
		rows = rows[:min(len(rows), max(0, limit-last.Count))]
	}
	return rows, nil
}

// unlimited is the query without TOP, OFFSET and LIMIT, which count rows from the beginning: whoever goes on at a place
// applies them himself.
func (c *call) unlimited(x *store.Container, q *query) (*nosql.Query, *eval.Program, error) {
	tree := *q.tree
	tree.Top, tree.Offset, tree.Limit = nil, nil, nil
	program, err := eval.Compile(&tree, c.evalOptions(x, q.params))
	return &tree, program, err
}

// found is how many documents gave rows; -1 where rows are of no document.
func found(q *nosql.Query, rows []result) int {
	if !joins(q) && !slices.ContainsFunc(rows, func(r result) bool { return !r.doc.IsDefined() }) {
		return len(rows)
	}
	numbers := map[uint64]bool{}
	for _, r := range rows {
		if !r.doc.IsDefined() {
			return -1
		}
		numbers[r.number()] = true
	}
	return len(numbers)
}

// limit is how many rows TOP or LIMIT allow. With both, the smaller one, as the evaluator has it.
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

// count is how many documents the slices have.
func count(slices []*store.Slice) (n int) {
	for _, s := range slices {
		n += s.Count()
	}
	return n
}

// all yields the documents of all slices that the lookups want, in the order of their numbers, and counts them in the
// page. In the order of their numbers over all partitions: ties then come as from one partition.
func (c *call) all(slices []*store.Slice, lookups []store.Lookup, p *page) iter.Seq[value.Value] {
	return func(yield func(value.Value) bool) {
		for it := range store.Merged(slices, lookups) {
			p.read++
			p.load += len(it.JSON)
			c.share.Document(it.Parsed())
			if !yield(it.Value()) {
				return
			}
		}
	}
}
