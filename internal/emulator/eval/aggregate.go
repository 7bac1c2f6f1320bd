package eval

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// aggregate is one aggregate call of a block.
type aggregate struct {
	arg    expr
	fold   *fold
	counts bool // rows, whatever is in them
}

// accumulator is what one aggregate has gathered for one group. The zero value has seen nothing. One type for all
// aggregates: a group then holds one slice of them, whatever its select list asks for.
type accumulator struct {
	count int64
	// A double even for integers: the service's SUM is one, and partial sums of partitions are added as such by its
	// clients.
	sum  float64
	best value.Value
	list []value.Value
	seen map[string]struct{}
	bad  bool // a value came that makes the result undefined
}

// fold is how an aggregate takes in defined values and what it makes of them. Undefined never comes here: every
// aggregate passes it over (COSMOS_SQL.md 6).
type fold struct {
	add    func(e *env, a *accumulator, v value.Value)
	result func(e *env, a *accumulator) value.Value
}

// counts reports whether all that b makes of the documents is how many there are. Every aggregate must be a count of
// rows: SUM needs the documents all the same, and then counting them costs nothing.
func (b *block) counts(q *nosql.Query) bool {
	other := func(a aggregate) bool { return !a.counts }
	return b.where == nil && len(q.GroupBy) == 0 && len(b.aggs) > 0 && !slices.ContainsFunc(b.aggs, other)
}

// SC2101, the service's text.
const nestedAggregate = "Cannot perform an aggregate function on an expression containing an aggregate or a subquery."

// aggregateCall compiles a call of f, which has a fold. It may stand inside another expression: the plan of a query
// across partitions refuses that; uncertain for the service's single partitions. The scopes are searched outwards: an
// aggregate in a LET or a scalar subquery without aliases of its own belongs to the nearest select list around it. It
// accumulates while rows come and is only read when the group is emitted, which is what the node evaluates to.
func (c *compiler) aggregateCall(s *scope, x *nosql.Call, f *function) node {
	arg := constant(value.Int(1)) // COUNT(*)
	for around := s; ; around = around.parent {
		switch {
		// A scope without names is that of a query without FROM, SELECT VALUE COUNT(1): the service takes it.
		case around == nil || around.aggregates == refused && len(around.names) > 0:
			return c.fail("", x.Span, "Aggregate functions are only allowed in the SELECT clause.")
		case around.aggregates == nested:
			return c.fail(codeNested, x.Span, nestedAggregate)
		case around.aggregates != accumulated:
			continue
		}
		if !x.Star {
			arg = c.expr(&scope{parent: s, aggregates: nested}, x.Args[0])
		}
		b := around.block
		i := len(b.aggs)
		b.aggs = append(b.aggs,
			// COUNT of a constant counts rows, of undefined none at all.
			aggregate{arg: arg.eval, fold: f.fold, counts: f.name == "COUNT" && arg.known && arg.val.IsDefined()})
		id, result := b.id, f.fold.result
		return node{eval: func(e *env) value.Value { return result(e, &e.states[id].groups.current.accs[i]) }}
	}
}

func aggregateFunctions() []function {
	return []function{
		{name: "AVG", arity: exactly(1), args: anything, fold: &fold{add: addNumber, result: mean},
			example: "(SELECT VALUE AVG(n) FROM n IN (SELECT VALUE [1,2,6]))",
			doc:     "Mean of the numbers; undefined without any, or if a value is not a number."},
		{name: "COUNT", arity: exactly(1), args: anything, fold: &fold{add: addOne, result: count},
			example: "(SELECT VALUE COUNT(n) FROM n IN (SELECT VALUE [1,null,undefined]))",
			doc:     "Number of rows for which the expression is defined."},
		{name: "COUNTIF", arity: exactly(1), args: anything, fold: &fold{add: addTrue, result: count},
			example: "(SELECT VALUE COUNTIF(n > 1) FROM n IN (SELECT VALUE [1,2,3]))",
			doc:     "Number of rows for which the expression is true."},
		{name: "MAKELIST", arity: exactly(1), args: anything, fold: &fold{add: addToList, result: list},
			example: "(SELECT VALUE MAKELIST(n) FROM n IN (SELECT VALUE [1,2,1]))",
			doc:     "Array of the defined values."},
		{name: "MAKESET", arity: exactly(1), args: anything, fold: &fold{add: addToSet, result: list},
			example: "(SELECT VALUE MAKESET(n) FROM n IN (SELECT VALUE [1,2,1]))",
			doc:     "Array of the different defined values."},
		{name: "MAX", arity: exactly(1), args: anything, fold: &fold{add: addExtreme(1), result: best},
			example: "(SELECT VALUE MAX(n) FROM n IN (SELECT VALUE [1,\"a\",null]))",
			doc:     "Largest value in sort order; undefined if there is an array or an object."},
		{name: "MIN", arity: exactly(1), args: anything, fold: &fold{add: addExtreme(-1), result: best},
			example: "(SELECT VALUE MIN(n) FROM n IN (SELECT VALUE [1,\"a\",null]))",
			doc:     "Smallest value in sort order; undefined if there is an array or an object."},
		{name: "SUM", arity: exactly(1), args: anything, fold: &fold{add: addNumber, result: sum},
			example: "(SELECT VALUE SUM(n) FROM n IN (SELECT VALUE [1,2,6]))",
			doc:     "Sum of the numbers; undefined if a value is not a number."},
	}
}

func addOne(_ *env, a *accumulator, _ value.Value) { a.count++ }

// Values that are not booleans are not counted and do no harm; uncertain in the service, which does not document
// COUNTIF.
func addTrue(_ *env, a *accumulator, v value.Value) {
	if v.IsTrue() {
		a.count++
	}
}

// One string or null spoils the whole sum and mean: the service gives undefined, not the sum of the rest.
func addNumber(_ *env, a *accumulator, v value.Value) {
	if v.Kind() != value.KindNumber {
		a.bad = true
		return
	}
	a.count++
	a.sum += v.AsFloat()
}

// addExtreme keeps the largest value for sign 1, the smallest for -1. Null, booleans, numbers and strings compare
// across types; arrays and objects have no order a user could rely on, so one of them makes the result undefined.
func addExtreme(sign int) func(*env, *accumulator, value.Value) {
	return func(_ *env, a *accumulator, v value.Value) {
		if v.Kind() > value.KindString {
			a.bad = true
			return
		}
		// Strictly better only: of equals the first stays, 1 rather than 1.0.
		if !a.best.IsDefined() || sign*value.Compare(v, a.best) > 0 {
			a.best = v
		}
	}
}

// Every value counts as a row that is kept, for the list is what holds the memory here.
func addToList(e *env, a *accumulator, v value.Value) {
	if e.keep() {
		a.list = append(a.list, v)
	}
}

// In the order of first occurrence. The service promises none; its clients unite the sets of partitions, so a test
// must not rely on one.
func addToSet(e *env, a *accumulator, v value.Value) {
	e.buf = value.AppendKey(e.buf[:0], v)
	if _, again := a.seen[string(e.buf)]; again {
		return
	}
	if e.built += len(e.buf); !e.keep() {
		return
	}
	if a.seen == nil {
		a.seen = make(map[string]struct{})
	}
	a.seen[string(e.buf)] = struct{}{}
	a.list = append(a.list, v)
}

func count(_ *env, a *accumulator) value.Value { return value.Int(a.count) }

func list(e *env, a *accumulator) value.Value { return e.array(a.list) }

// Of nothing it is 0, where the mean and the extremes of nothing are undefined (COSMOS_SQL.md 6).
func sum(_ *env, a *accumulator) value.Value {
	if a.bad {
		return value.Undefined
	}
	return value.Float(a.sum)
}

func mean(_ *env, a *accumulator) value.Value {
	if a.bad || a.count == 0 {
		return value.Undefined
	}
	return value.Float(a.sum / float64(a.count))
}

// Of nothing it is the zero value, which is undefined.
func best(_ *env, a *accumulator) value.Value {
	if a.bad {
		return value.Undefined
	}
	return a.best
}
