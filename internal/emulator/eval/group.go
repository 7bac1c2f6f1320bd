package eval

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// group is the rows with the same GROUP BY keys, or all rows of a query that only aggregates. slots are the aliases
// of its first row: what the select list may say about a group is the same for each of its rows. They are copied, as
// slots go on to the next row. The values of the keys alone would not do: SELECT c.a.b with GROUP BY c.a reads on
// from one.
type group struct {
	accs  []accumulator
	slots []value.Value
	keys  []value.Value // of ORDER BY
}

// groups is what a grouping block keeps while it runs.
type groups struct {
	byKey   map[string]*group
	order   []*group
	current *group // the one that the select list is evaluated for, or that rows without keys belong to
}

// reuse keeps the one group of a query without keys for the next run of the block. A subquery like (SELECT VALUE
// COUNT(1) FROM t IN c.tags) runs for every document and would otherwise allocate for each.
func (g groups) reuse() groups {
	if g.byKey != nil || g.current == nil {
		return groups{}
	}
	clear(g.current.accs)
	return groups{current: g.current}
}

// group is the terminal of a block that groups or aggregates. Arguments are evaluated as rows come and forgotten: a
// group holds its accumulators and no rows.
func (b *block) group(keyed bool, keys []expr, order sortOrder, out sink) stage {
	b.finish = b.emitGroups(keyed, keys, order, out)
	find := b.onlyGroup
	if keyed {
		find = b.groupOf
	}
	return func(e *env) bool {
		if !e.tick() {
			return false
		}
		if !b.admits(e) {
			return e.err == nil
		}
		g := find(e)
		if g == nil {
			return false
		}
		for i := range b.aggs {
			a := &b.aggs[i]
			if v := a.arg(e); v.IsDefined() {
				a.fold.add(e, &g.accs[i], v)
			}
		}
		return e.err == nil
	}
}

// It exists even without a row: SELECT COUNT(1) over nothing is one row with 0, where GROUP BY over nothing has none
// (COSMOS_SQL.md 5.6).
func (b *block) onlyGroup(e *env) *group {
	st := &e.states[b.id]
	if st.groups.current == nil {
		st.groups.current = &group{accs: make([]accumulator, len(b.aggs))}
	}
	return st.groups.current
}

// The key that undefined has differs from null's, and either makes a group of its own (tests of the service's SDK).
// All values are evaluated before the first key is written, for evaluating one may use the buffer.
func (b *block) groupOf(e *env) *group {
	base := len(e.stack)
	for i := range b.keys {
		e.stack = append(e.stack, b.keys[i].eval(e))
	}
	e.buf = e.buf[:0]
	for _, v := range e.stack[base:] {
		e.buf = value.AppendKey(e.buf, v)
	}
	e.stack = e.stack[:base]
	all := &e.states[b.id].groups
	if g := all.byKey[string(e.buf)]; g != nil {
		return g
	}
	own := e.slots[b.slots[0]:b.slots[1]]
	// What a group holds is known when it is made; only MAKELIST and MAKESET grow, and count for themselves.
	if e.built += len(e.buf) + bytesPerRow*len(b.aggs) + bytesPerMember*len(own); !e.keep() {
		return nil
	}
	g := &group{accs: make([]accumulator, len(b.aggs)), slots: append([]value.Value(nil), own...)}
	if all.byKey == nil {
		all.byKey = make(map[string]*group)
	}
	all.byKey[string(e.buf)] = g
	all.order = append(all.order, g)
	return g
}

// emitGroups gives a row for every group, in the order of keys, or without any in the order in which the groups were
// met. A group whose SELECT VALUE is undefined gives no row, like a document's.
func (b *block) emitGroups(keyed bool, keys []expr, order sortOrder, out sink) stage {
	row := func(e *env) bool {
		v := b.project(e)
		if e.err != nil {
			return false
		}
		return !v.IsDefined() || out(e, v)
	}
	return func(e *env) bool {
		// A row of several documents is none of them: a continuation cannot name it.
		e.doc = value.Undefined
		if !keyed {
			b.onlyGroup(e)
			return row(e)
		}
		all := &e.states[b.id].groups
		if len(keys) > 0 {
			b.sortGroups(e, keys, order)
		}
		for _, g := range all.order {
			b.enter(e, g)
			e.keys = g.keys
			if !e.tick() || !row(e) {
				return false
			}
		}
		return true
	}
}

// enter makes g the group that expressions are evaluated for.
func (b *block) enter(e *env, g *group) {
	e.states[b.id].groups.current = g
	copy(e.slots[b.slots[0]:b.slots[1]], g.slots)
}

// Groups with equal keys stay in the order in which they were met.
func (b *block) sortGroups(e *env, keys []expr, order sortOrder) {
	groups := e.states[b.id].groups.order
	rows := make([]*sorted, len(groups))
	at := make(map[*sorted]*group, len(groups))
	for i, g := range groups {
		b.enter(e, g)
		row := &sorted{seq: i, keys: make([]value.Value, len(keys))}
		for k, key := range keys {
			row.keys[k] = key(e)
		}
		row.rank = order.rank(row.keys)
		rows[i], at[row] = row, g
	}
	slices.SortFunc(rows, order.compare)
	for i, row := range rows {
		groups[i] = at[row]
		groups[i].keys = row.keys
	}
}

// groupOrder compiles ORDER BY of a grouping query: keys of the groups, aggregates, aliases of either, and what is
// made of them. Without GROUP BY there is one row, and nothing to sort. The service plans GROUP BY with ORDER BY and
// leaves ORDER BY in the text that it sends to partitions (recorded exchange 115); what it makes of it is not
// recorded, sorted groups are what it can only mean.
func (c *compiler) groupOrder(s *scope, q *nosql.Query) (keys []expr, order sortOrder) {
	if len(q.GroupBy) == 0 {
		return nil, nil
	}
	for _, key := range q.OrderBy {
		x := key.X
		if item := q.Aliased(x); item != nil {
			x = item
		}
		keys, order = append(keys, c.expr(s, x).eval), append(order, key.Desc)
	}
	return keys, order
}

// hasAggregate reports whether the select list of q calls an aggregate, outside of subqueries.
func hasAggregate(q *nosql.Query) bool {
	for _, it := range q.Select.Items {
		if callsAggregate(it.X) {
			return true
		}
	}
	return false
}

// An aggregate in a subquery is that subquery's, so those are not entered.
func callsAggregate(x nosql.Expr) bool {
	if call, ok := x.(*nosql.Call); ok && isAggregate(call) {
		return true
	}
	found := false
	eachChild(x, func(x nosql.Expr) { found = found || callsAggregate(x) })
	return found
}

// udf.count is a function of the user's.
func isAggregate(call *nosql.Call) bool {
	f := lookup(call.Name)
	return f != nil && !call.UDF && f.fold != nil
}

// eachChild calls f with the expressions directly under x. It does not enter subqueries.
func eachChild(x nosql.Expr, f func(nosql.Expr)) {
	nosql.Walk(x, func(n nosql.Node) bool {
		child, isExpr := n.(nosql.Expr)
		if isExpr && child != x {
			f(child)
		}
		return child == x
	})
}
