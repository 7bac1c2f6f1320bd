package eval

import (
	"fmt"
	"time"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// node is a compiled expression. When known is set, eval gives val in every environment.
type node struct {
	eval  expr
	known bool
	val   value.Value
}

// It stands for an expression that was reported as wrong, too: compiling goes on, and nothing is ever run.
func constant(v value.Value) node {
	return node{eval: func(*env) value.Value { return v }, known: true, val: v}
}

// compiler turns one query into a program. It goes on after a finding, so that all of them are reported together. One
// compiler serves one query and all its subqueries, whose slots and blocks it numbers through.
type compiler struct {
	opts   *Options
	errs   nosql.ErrorList
	slots  int
	blocks int
	places int
	// Counted over subqueries too: the service's bound is one of the whole text.
	udfCalls int
	scratch  *env      // to evaluate constants in
	bound    time.Time // see bindTime

	// Nil while a computed property is compiled: none may refer to another.
	computed map[string]string // queries of the computed properties, by name
	// Kept apart from a block's own streams: a block between others can spoil the order for all.
	streams  bool // every block so far between the documents and the result does
	readsDoc bool
}

func (c *compiler) newSlot() int {
	c.slots++
	return c.slots - 1
}

// maxFindings is how many findings are worth reporting. The text may be 512 KB long (recorded exchange 33), nearly
// all of it faults, and the client reads the answer as one message.
const maxFindings = 100

// fail notes a finding and returns a node to go on with.
func (c *compiler) fail(code string, at nosql.Span, format string, args ...any) node {
	if len(c.errs) == maxFindings {
		return constant(value.Undefined)
	}
	c.errs = append(c.errs, &nosql.Error{
		Code: code, Message: fmt.Sprintf(format, args...), Start: at.Start, End: at.End,
	})
	return constant(value.Undefined)
}

// pure makes a node of an expression that depends on nothing but parts, and evaluates it at once when those are
// known. Most of a filter is often constant (parameters are, too), and is then evaluated once a program instead of
// once a document.
func (c *compiler) pure(eval expr, parts ...node) node {
	for _, p := range parts {
		if !p.known {
			return node{eval: eval}
		}
	}
	// Constants live as long as the program, which a cursor may keep between pages, and no run counts them: a few
	// hundred columns of REPLICATE would be held by nobody's bound.
	if c.scratch.built > maxValue { // enough memory for constants
		return node{eval: eval}
	}
	v := eval(c.scratch)
	// It may stand in a branch that no document ever takes.
	if c.scratch.err != nil { // let it happen again when the query runs
		c.scratch.err = nil
		return node{eval: eval}
	}
	return constant(v)
}

// expr compiles x.
func (c *compiler) expr(s *scope, x nosql.Expr) node {
	switch x := x.(type) {
	case *nosql.Literal:
		return constant(literal(x))
	case *nosql.Param:
		return c.param(x)
	case *nosql.Ident, *nosql.Member, *nosql.Index:
		return c.path(s, x)
	case *nosql.Array:
		return c.array(s, x)
	case *nosql.Object:
		return c.object(s, x)
	case *nosql.Unary:
		return c.unary(s, x)
	case *nosql.Binary:
		return c.binary(s, x)
	case *nosql.Cond:
		return c.cond(s, x)
	case *nosql.In:
		return c.in(s, x)
	case *nosql.Like:
		return c.like(s, x)
	case *nosql.Between:
		return c.between(s, x)
	case *nosql.IsNull:
		return c.isNull(s, x)
	case *nosql.Call:
		return c.call(s, x)
	case *nosql.Let:
		return c.let(s, x)
	case *nosql.Subquery:
		return c.subquery(s, x)
	default:
		return c.fail("", x.Pos(), "The expression is not supported.")
	}
}

// From left to right, which is the order in which findings are reported.
func (c *compiler) exprs(s *scope, xs []nosql.Expr) []node {
	nodes := make([]node, len(xs))
	for i, x := range xs {
		nodes[i] = c.expr(s, x)
	}
	return nodes
}

// param is the parameter's value; one that is not passed is undefined. The service takes it so, and answers [{}] to
// SELECT @p AS v (recorded exchange 84); clients of this project refuse it before they send. A parameter is a
// constant because the body of a request is compiled whole, values and all.
func (c *compiler) param(x *nosql.Param) node { return constant(c.opts.Params[x.Name]) }

// let binds a value to a name that only the body sees. The scope within passes on what aggregates mean outside: LET t
// = 1 IN COUNT(t) is an aggregate of the query around it. It is not folded, as the body reads a slot.
func (c *compiler) let(s *scope, x *nosql.Let) node {
	v, slot := c.expr(s, x.Value).eval, c.newSlot()
	inner := &scope{parent: s, names: []binding{{name: x.Name, slot: slot}}}
	if s != nil {
		inner.aggregates, inner.block = s.aggregates, s.block
	}
	body := c.expr(inner, x.Body).eval
	return node{eval: func(e *env) value.Value {
		e.slots[slot] = v(e)
		return body(e)
	}}
}

// Undefined elements are skipped, later ones move up: [c.alpha, c.nope, c.nu] is [2,null] (recorded exchange 212).
func (c *compiler) array(s *scope, x *nosql.Array) node {
	items := c.exprs(s, x.Items)
	return c.pure(func(e *env) value.Value {
		elems := make([]value.Value, 0, len(items))
		for _, it := range items {
			if v := it.eval(e); v.IsDefined() {
				elems = append(elems, v.Rounded())
			}
		}
		return e.array(elems)
	}, items...)
}

// The place of a repeated name is that of its first occurrence. In a select list the service refuses it (SC2022,
// recorded exchange 53), within an object literal it is not known to.
func (c *compiler) object(s *scope, x *nosql.Object) node {
	names := make([]string, 0, len(x.Fields))
	nodes := make([]node, 0, len(x.Fields))
	at := make(map[string]int, len(x.Fields))
	for _, f := range x.Fields {
		n := c.expr(s, f.Value)
		if i, repeated := at[f.Name]; repeated { // the last one counts, as in a document
			nodes[i] = n
			continue
		}
		at[f.Name] = len(names)
		names, nodes = append(names, f.Name), append(nodes, n)
	}
	return c.pure(record(names, nodes), nodes...)
}

// record builds an object of what nodes give, leaving out what is undefined. A select list and an object literal are
// the same thing: a row is {} where nothing is defined, not missing (COSMOS_SQL.md 4.2).
func record(names []string, nodes []node) expr {
	return func(e *env) value.Value {
		members := make([]value.Member, 0, len(nodes))
		for i := range nodes {
			if v := nodes[i].eval(e); v.IsDefined() {
				members = append(members, value.Member{Name: names[i], Value: v.Rounded()})
			}
		}
		return e.object(members)
	}
}
