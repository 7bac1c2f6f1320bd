package eval

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// block is one compiled SELECT: the query itself or a subquery. Rows are pushed: each source calls the next for every
// binding, the last calls the block's terminal, and rows that survive it reach the sink. Pushing rather than pulling
// keeps the state of a join on the goroutine's stack: a pulled row would need every source to remember where it was.
type block struct {
	id      int
	slots   [2]int // the slots of its own aliases: from, to
	run     stage
	where   expr // nil without
	keys    []node
	aggs    []aggregate
	project expr
	streams bool // rows are handed on one by one, none waits for the end
	// Nil where rows leave as they come; else it runs when the sources have ended, for what had to wait: groups,
	// sorted and ranked rows.
	finish stage
}

// stage is one step of the evaluation: it does its part, calls those that follow, and reports whether to go on. False
// means that nothing more is wanted, for whatever reason; whether that is an error stands in the env.
type stage = func(e *env) bool

// sink takes the rows of a block and reports whether it wants more.
type sink func(e *env, v value.Value) bool

// block compiles q, whose rows go to out. outer is what q sees of the query around it; documents says that its first
// source reads the container. The order of the steps is that of scopes: FROM binds aliases, WHERE and GROUP BY see
// them and no aggregates, the select list sees both. DISTINCT wraps paging, so that TOP and OFFSET count rows that
// differ (COSMOS_SQL.md 5.9).
func (c *compiler) block(q *nosql.Query, outer *scope, documents bool, out sink) *block {
	b := &block{id: c.blocks, streams: true}
	c.blocks++
	b.slots[0] = c.slots
	s := &scope{parent: outer, aggregates: refused}
	sources := c.from(s, q, documents)
	b.slots[1] = c.slots
	if q.Where != nil {
		// A filter that is true whatever comes is none, so that WHERE true counts and streams as the query without it
		// does: clients put the word true in place of the filter that a plan for ORDER BY leaves open (COSMOS_SQL.md
		// 13.3).
		if n := c.expr(s, q.Where); !n.known || !n.val.IsTrue() {
			b.where = n.eval
		}
	}
	for _, x := range q.GroupBy {
		b.keys = append(b.keys, c.expr(s, x))
	}
	grouped := len(q.GroupBy) > 0 || hasAggregate(q)
	if grouped {
		c.checkGrouped(s, q)
		s = &scope{parent: s, aggregates: accumulated, block: b}
	}
	b.project = c.selection(s, q)
	pg := c.page(q)
	out = c.distinct(b, q, c.paging(b, pg, out))

	var terminal stage
	switch {
	// Grouping comes before ranking and sorting: ORDER BY of groups sorts groups, not rows (recorded exchange 115
	// plans the two together), and of a lone aggregate it has no effect.
	case grouped:
		b.streams = false
		keys, order := c.groupOrder(s, q)
		terminal = b.group(len(q.GroupBy) > 0, keys, order, out)
	case q.Rank:
		b.streams = false
		terminal = c.rank(b, s, q, out)
	case len(q.OrderBy) > 0:
		b.streams = false
		terminal = c.orderBy(b, s, q, pg, out)
	default:
		terminal = b.emit(out)
	}
	// From the innermost source outwards, since each is given what follows it.
	chain := terminal
	for i := len(sources) - 1; i >= 0; i-- {
		chain = sources[i](chain)
	}
	b.run = b.from(chain)
	return b
}

// from runs the sources and then whatever waits for their end. State is emptied at the beginning of a run, not at its
// end: a run that a sink breaks off has no end. What finish emits is not wanted after an error.
func (b *block) from(chain stage) stage {
	id := b.id
	return func(e *env) bool {
		st := &e.states[id]
		*st = state{seen: reuse(st.seen), groups: st.groups.reuse()}
		more := chain(e)
		if e.err != nil {
			return false
		}
		if b.finish != nil {
			return b.finish(e)
		}
		return more
	}
}

// reuse empties a set, so that a subquery that runs for every document need not make one each time.
func reuse(set map[string]struct{}) map[string]struct{} {
	clear(set)
	return set
}

// admits evaluates the filter. Only true passes; undefined, null and 1 do not (COSMOS_SQL.md 5.4).
func (b *block) admits(e *env) bool {
	return b.where == nil || b.where(e).IsTrue()
}

// emit is the terminal of a block whose rows leave as they come. SELECT VALUE of something undefined gives no row
// (recorded exchange 56); only that form can be undefined, a list of columns is an object at least.
func (b *block) emit(out sink) stage {
	return func(e *env) bool {
		if !e.tick() {
			return false
		}
		if !b.admits(e) {
			return e.err == nil
		}
		v := b.project(e)
		if e.err != nil {
			return false
		}
		return !v.IsDefined() || out(e, v)
	}
}

// selection compiles what stands after SELECT.
func (c *compiler) selection(s *scope, q *nosql.Query) expr {
	if q.Select.Star {
		return c.star(s, q)
	}
	nodes := make([]node, len(q.Select.Items))
	for i, it := range q.Select.Items {
		nodes[i] = c.expr(s, it.X)
	}
	if q.Select.Value {
		return nodes[0].eval
	}
	// The names of columns without one are $1, $2 and so on, counted from left to right whether or not they are
	// defined (recorded exchanges 52 and 131). Two of one name have been refused with SC2022 by then.
	names, _ := q.Columns()
	return c.pure(record(names, nodes), nodes...).eval
}

// It gives the value of the one source, untouched: computed properties are not among its members (COSMOS_SQL.md 5.2).
// The messages but for the first come from tests of another implementation and have no known code.
func (c *compiler) star(s *scope, q *nosql.Query) expr {
	switch {
	case len(q.GroupBy) > 0:
		return c.fail(codeStarGroup, q.Select.Span, "'SELECT *' is not allowed with GROUP BY.").eval
	case len(q.From) == 0:
		return c.fail("", q.Select.Span, "'SELECT *' is not valid if FROM clause is omitted.").eval
	case len(q.From) > 1:
		return c.fail("", q.Select.Span, "'SELECT *' is only valid with a single input set.").eval
	}
	slot := s.names[0].slot
	return func(e *env) value.Value { return e.slots[slot] }
}

// distinct lets only the first of equal rows through. Rows are compared by their keys, which make 1 and 1.0 the same,
// and objects whatever the order of their members (COSMOS_SQL.md 5.7). They can no longer stream: a page that goes on
// elsewhere would have to know what all before it have seen.
func (c *compiler) distinct(b *block, q *nosql.Query, out sink) sink {
	if !q.Distinct {
		return out
	}
	b.streams = false
	id := b.id
	return func(e *env, v value.Value) bool {
		st := &e.states[id]
		e.buf = value.AppendKey(e.buf[:0], v)
		if _, again := st.seen[string(e.buf)]; again {
			return true
		}
		if e.built += len(e.buf); !e.keep() {
			return false
		}
		if st.seen == nil {
			st.seen = make(map[string]struct{})
		}
		st.seen[string(e.buf)] = struct{}{}
		return out(e, v)
	}
}
