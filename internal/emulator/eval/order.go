package eval

import (
	"cmp"
	"math"
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// sorted is a row that waits for its place.
type sorted struct {
	rank     uint64 // of the first key, see [value.Rank]; turned round if it descends
	row, doc value.Value
	keys     []value.Value
	seq      int
	bytes    int // what it holds beside the documents
}

// sorter gathers the rows of one run. Rows are sorted when the last has come. Where only few are wanted they are cut
// back on the way, which makes TOP 10 of a million documents hold dozens of rows.
type sorter struct {
	rows  []entry
	slab  []sorted // where rows that all stay are taken from
	bytes int      // of all rows
	seq   int
	next  sorted // the row at hand; it is only copied to the heap if it stays
	// worst is the last of the rows that were kept when the sorter last cut back; later rows must come before it.
	worst *sorted
}

// entry is a row with what tells most pairs apart, at hand. Comparing ranks that lie side by side spares most
// comparisons a look at the row, which is elsewhere in memory.
type entry struct {
	rank uint64
	row  *sorted
}

// Rows by the slab: one allocation in 256, and none of the copying that a growing slice does.
const slabRows = 256

// sortOrder says of each key whether it descends.
type sortOrder []bool

// maxHeld is the largest number of wanted rows for which a sorter drops the others as it goes. So many rows take some
// ten megabytes; of more, all are kept, as without a limit.
const maxHeld = 1 << 16

// everyRow is what a sorter holds of rows that are all wanted.
const everyRow = -1

// compare orders rows by their keys. Equal rows stay in the order of the documents, or in reverse when the first key
// descends, because the service then reads its index backwards. With ranks equal the values may still differ: a rank
// holds a value's first bytes.
func (o sortOrder) compare(a, b *sorted) int {
	if a.rank != b.rank {
		return cmp.Compare(a.rank, b.rank)
	}
	for i, desc := range o {
		if c := value.Compare(a.keys[i], b.keys[i]); c != 0 {
			if desc {
				return -c
			}
			return c
		}
	}
	if o[0] {
		return cmp.Compare(b.seq, a.seq)
	}
	return cmp.Compare(a.seq, b.seq)
}

// rank is that of a row with these keys.
func (o sortOrder) rank(keys []value.Value) uint64 {
	rank := value.Rank(keys[0])
	if o[0] {
		return ^rank
	}
	return rank
}

// orderBy is the terminal of a block with ORDER BY.
func (c *compiler) orderBy(b *block, s *scope, q *nosql.Query, pg page, out sink) stage {
	keys := make([]expr, len(q.OrderBy))
	order := make(sortOrder, len(q.OrderBy))
	for i := range q.OrderBy {
		keys[i], order[i] = c.sortKey(s, q, &q.OrderBy[i])
	}
	held := everyRow
	// DISTINCT takes rows away after sorting, and how many cannot be known before.
	if !q.Distinct && pg.skip+pg.take <= maxHeld {
		held = int(pg.skip + pg.take)
	}
	dropMissing := c.opts.DropMissing && len(keys) == 1
	b.finish = b.emitSorted(order, out)
	return func(e *env) bool {
		if !e.tick() {
			return false
		}
		if !b.admits(e) {
			return e.err == nil
		}
		st := &e.states[b.id].sorted
		st.seq++
		row := &st.next
		row.seq, row.doc, row.keys = st.seq, e.doc, row.keys[:0]
		for i := range keys {
			row.keys = append(row.keys, keys[i](e))
		}
		row.rank = order.rank(row.keys)
		if dropMissing && !row.keys[0].IsDefined() {
			return true
		}
		// Before the select list is evaluated, which is the larger part of the work for rows that are not wanted.
		if st.worst != nil && order.compare(row, st.worst) > 0 {
			return true
		}
		row.row = b.project(e)
		if !row.row.IsDefined() || e.err != nil {
			return e.err == nil
		}
		// Documents come from an index in the order that is asked for: nothing has to wait.
		if e.inOrder {
			e.keys = row.keys
			return out(e, row.row)
		}
		return st.add(e, held, order)
	}
}

// add takes in the row at hand. Once twice as many rows are there as are wanted, the worse half goes. Cutting at
// twice the number makes the sorting cost a constant per row; the 64 keep it so for TOP 1.
func (st *sorter) add(e *env, held int, order sortOrder) bool {
	row := st.next // whose keys are for the next row again
	row.keys = e.newKeys(row.keys)
	if held == everyRow {
		if len(st.slab) == cap(st.slab) {
			st.slab = make([]sorted, 0, slabRows)
		}
		st.slab = append(st.slab, row)
		st.rows = append(st.rows, entry{row.rank, &st.slab[len(st.slab)-1]})
		return e.keep()
	}
	row.bytes, e.built = e.built+bytesPerRow, 0
	if !e.share(row.bytes) {
		return false
	}
	// A copy of its own on the heap, as rows that are cut must not keep a slab of others alive.
	kept := row
	st.rows = append(st.rows, entry{row.rank, &kept})
	if st.bytes += row.bytes; len(st.rows) >= 2*held+64 || st.bytes > e.opts.MaxBytes {
		before := st.bytes
		st.cut(held, order)
		e.share(st.bytes - before)
	}
	if st.bytes > e.opts.MaxBytes {
		e.fail(rowsTooMany)
		return false
	}
	return true
}

// cut keeps the rows that come first.
func (st *sorter) cut(held int, order sortOrder) {
	st.sort(order)
	if held = min(held, len(st.rows)); held > 0 {
		st.worst = st.rows[held-1].row
	}
	for _, row := range st.rows[held:] {
		st.bytes -= row.row.bytes
	}
	clear(st.rows[held:])
	st.rows = st.rows[:held]
}

func (st *sorter) sort(order sortOrder) {
	slices.SortFunc(st.rows, func(a, b entry) int {
		if a.rank != b.rank {
			return cmp.Compare(a.rank, b.rank)
		}
		return order.compare(a.row, b.row)
	})
}

func (b *block) emitSorted(order sortOrder, out sink) stage {
	return func(e *env) bool {
		st := &e.states[b.id].sorted
		st.sort(order)
		for i := range st.rows {
			row := st.rows[i].row
			e.doc, e.keys = row.doc, row.keys
			if !e.tick() || !out(e, row.row) {
				return false
			}
		}
		return true
	}
}

// sortKey compiles one key of ORDER BY: a path that the service could have indexed, or a score. LOWER(c.x),
// arithmetic and constants are 2206, without a location, as published baselines have it; the document itself is too.
func (c *compiler) sortKey(s *scope, q *nosql.Query, key *nosql.Sort) (expr, bool) {
	if call, ok := key.X.(*nosql.Call); ok && !call.UDF {
		if f := lookup(call.Name); f != nil && f.scores {
			return c.scoreKey(s, q, key, call)
		}
	}
	base, steps := unwind(key.X)
	if id, ok := base.(*nosql.Ident); ok && s.owns(id.Name) {
		switch b, _ := s.find(id.Name); {
		case b.derived:
			return c.fail("", nosql.Span{}, "Order-by over correlated collections is not supported.").eval, false
		case b.sortable && (len(steps) > 0 || !b.whole):
			return c.expr(s, key.X).eval, key.Desc
		}
	} else if ok {
		return c.expr(s, key.X).eval, false // reports the unknown name
	}
	return c.fail(codeOrderBy, nosql.Span{},
		"Unsupported ORDER BY clause. ORDER BY item expression could not be mapped "+
			"to a document path.").eval, false
}

// scoreKey compiles ORDER BY VectorDistance(…), which has no direction: the best comes first. The scores of rewritten
// queries may have one. Uncertain in the service: documents without a vector, which come last here. A plan says
// Descending for cosine and dotproduct and Ascending for euclidean distance (COSMOS_SQL.md 10.2).
func (c *compiler) scoreKey(s *scope, q *nosql.Query, key *nosql.Sort, call *nosql.Call) (expr, bool) {
	if len(q.OrderBy) > 1 {
		return c.fail("", key.Span, "A score must be the only item of the ORDER BY clause.").eval, false
	}
	score := c.expr(s, call).eval
	desc := !c.smallerIsCloser(call)
	if key.Dir != "" {
		if f := lookup(call.Name); !f.internal {
			return c.fail("", key.Span, "Specifying a sorting order (ASC or DESC) with %s function is not supported.",
				f.name).eval, false
		}
		desc = key.Desc
	}
	if desc {
		return score, true
	}
	// Undefined sorts first, which would put documents without a vector before the nearest ones.
	last := value.Float(math.Inf(1))
	return func(e *env) value.Value {
		if v := score(e); v.IsDefined() {
			return v
		}
		return last
	}, false
}
