package eval

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// checkSubquery reports the clauses that no subquery may have, and returns q without them to go on with. Each has its
// own code, and the place is that of the whole clause (published baselines). Going on without them finds what else is
// wrong.
func (c *compiler) checkSubquery(q *nosql.Query) *nosql.Query {
	switch {
	case q.Rank:
		c.fail(codeSubRank, q.OrderBySpan, "The ORDER BY RANK clause is not supported in subqueries.")
	case len(q.OrderBy) > 0:
		c.fail(codeSubOrderBy, q.OrderBySpan, "'ORDER BY' is not supported in subqueries.")
	}
	if q.Top != nil {
		c.fail(codeSubTop, q.TopSpan, "'TOP' is not supported in subqueries.")
	}
	if q.Offset != nil || q.Limit != nil {
		c.fail(codeSubOffset, q.PageSpan, "'OFFSET LIMIT' clause is not supported in subqueries.")
	}
	plain := *q
	plain.OrderBy, plain.Rank, plain.Top, plain.Offset, plain.Limit = nil, false, nil, nil, nil
	return &plain
}

// subquery compiles a query in scalar position. What it finds is collected in its block's state. Within the argument
// of an aggregate it is SC2101 (published baselines).
func (c *compiler) subquery(s *scope, x *nosql.Subquery) node {
	if s.inAggregate() {
		return c.fail(codeNested, x.Span, nestedAggregate)
	}
	q := c.checkSubquery(x.Query)
	if x.Kind == nosql.AllQuery {
		// ALL holds unless some row breaks the filter.
		if q.Where == nil {
			return constant(value.True)
		}
		negated := *q
		// A row whose filter is undefined does not break it, for NOT undefined selects nothing (Microsoft's model,
		// COSMOS_SQL.md 5.5).
		negated.Where = &nosql.Unary{Span: q.Where.Pos(), Op: "NOT", X: q.Where}
		q = &negated
	}
	id := c.blocks // which the block is about to get
	// Only a subquery outside of all aliases reads the container: SELECT VALUE (SELECT VALUE COUNT(1) FROM c).
	documents := s.empty()
	if documents && len(q.From) > 0 {
		c.streams = false
	}
	b := c.block(q, s, documents, collectors[x.Kind](id))
	return node{eval: results[x.Kind](b)}
}

// collectors make the sink for each kind of subquery. Made by id, since a block is compiled with its sink and its
// state exists only in a run.
var collectors = map[nosql.SubqueryKind]func(id int) sink{
	nosql.ScalarQuery: collectOne,
	nosql.ExistsQuery: collectAny,
	nosql.AllQuery:    collectAny,
	nosql.FirstQuery:  collectAny,
	nosql.LastQuery:   collectLast,
	nosql.ArrayQuery:  collectAll,
}

// collectOne is for a scalar subquery. Uncertain in the service: the error for a second row.
func collectOne(id int) sink {
	return func(e *env, v value.Value) bool {
		st := &e.states[id]
		if st.rows++; st.rows > 1 {
			e.fail("The cardinality of a scalar subquery result set cannot be greater than one.")
			return false
		}
		st.result = v
		return true
	}
}

// One row is enough for EXISTS, ALL and FIRST: the block stops there.
func collectAny(id int) sink {
	return func(e *env, v value.Value) bool {
		st := &e.states[id]
		st.rows, st.result = 1, v
		return false
	}
}

func collectLast(id int) sink {
	return func(e *env, v value.Value) bool {
		e.states[id].result = v
		return true
	}
}

func collectAll(id int) sink {
	return func(e *env, v value.Value) bool {
		st := &e.states[id]
		// Before the array is made, as the list would hold the memory until then.
		if len(st.list) >= maxElems {
			e.fail(valueTooLarge)
			return false
		}
		st.list = append(st.list, v)
		return true
	}
}

// results make the value of a subquery from what its sink has collected.
var results = map[nosql.SubqueryKind]func(b *block) expr{
	nosql.ScalarQuery: func(b *block) expr { return b.row },
	nosql.FirstQuery:  func(b *block) expr { return b.row },
	nosql.LastQuery:   func(b *block) expr { return b.row },
	nosql.ExistsQuery: func(b *block) expr { return b.found(true) },
	nosql.AllQuery:    func(b *block) expr { return b.found(false) },
	nosql.ArrayQuery:  func(b *block) expr { return b.rows },
}

// Undefined without a row, which is what a block's state begins with.
func (b *block) row(e *env) value.Value {
	b.run(e)
	return e.states[b.id].result
}

// A row that is {} counts too: EXISTS(SELECT undefined) is true, EXISTS(SELECT VALUE undefined) false
// (documentation).
func (b *block) found(want bool) expr {
	return func(e *env) value.Value {
		b.run(e)
		return value.Bool((e.states[b.id].rows > 0) == want)
	}
}

func (b *block) rows(e *env) value.Value {
	b.run(e)
	return e.array(e.states[b.id].list)
}
