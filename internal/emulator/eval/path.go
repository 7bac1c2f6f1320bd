package eval

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// step is one .name or [index] of a path.
type step struct {
	name    string
	index   int
	isIndex bool
}

// Whatever v is not gives undefined, a missing step and a wrong type alike (COSMOS_SQL.md 4.9).
func (st *step) of(v value.Value) value.Value {
	if st.isIndex {
		return v.At(st.index)
	}
	return v.Get(st.name)
}

// path compiles an alias and the steps that follow it, or steps from any other expression. A computed property wins
// over a stored one of its name (documentation).
func (c *compiler) path(s *scope, x nosql.Expr) node {
	base, xs := unwind(x)
	steps := make([]step, len(xs))
	for i, x := range xs {
		steps[i] = c.step(s, x)
	}
	id, isAlias := base.(*nosql.Ident)
	if !isAlias {
		return c.stepsFrom(c.expr(s, base), steps)
	}
	b, ok := s.find(id.Name)
	if !ok {
		return c.fail(nosql.CodeUnresolved, id.Span, "Identifier '%s' could not be resolved.", id.Name)
	}
	if len(steps) > 0 && b.whole && steps[0].name != "" {
		if q, ok := c.computed[steps[0].name]; ok {
			return c.stepsFrom(c.computedProperty(steps[0].name, q, b), steps[1:])
		}
	}
	return node{eval: c.slotPath(b.slot, steps)}
}

// unwind splits a path into what it begins with and its Member and Index nodes, outermost last.
func unwind(x nosql.Expr) (base nosql.Expr, steps []nosql.Expr) {
	for {
		switch n := x.(type) {
		case *nosql.Member:
			steps, x = append(steps, n), n.X
			continue
		case *nosql.Index:
			steps, x = append(steps, n), n.X
			continue
		}
		break
	}
	slices.Reverse(steps)
	return x, steps
}

// step is one .name or [index]. An index that is not known before a document is read is refused, as the service does.
// What can be no index and no name becomes an index that no array has, so that the result is undefined. Uncertain in
// the service: a negative or fractional index, which one source makes an error.
func (c *compiler) step(s *scope, x nosql.Expr) step {
	if m, ok := x.(*nosql.Member); ok {
		return step{name: m.Name}
	}
	n := c.expr(s, x.(*nosql.Index).I)
	if !n.known {
		c.fail(codeIndexer, x.Pos(), "The specified query includes 'member indexer' which is currently not supported.")
	}
	v := n.val
	switch v.Kind() {
	case value.KindString:
		return step{name: v.AsString()}
	case value.KindNumber:
		// The bound keeps it an int where those have 32 bits; no array is longer.
		if i, ok := v.AsInt(); ok && i >= 0 && i <= maxElems {
			return step{index: int(i), isIndex: true}
		}
	}
	return step{index: -1, isIndex: true}
}

// slotPath reads known steps from a slot. Almost every path is made of names, and gets code of its own, which
// remembers for the run where documents have them. Documents of a container mostly have the same members in the same
// order, so the place of the last one is the first guess.
func (c *compiler) slotPath(slot int, steps []step) expr {
	names := make([]string, 0, len(steps))
	for i := range steps {
		if steps[i].isIndex {
			return func(e *env) value.Value {
				v := e.slots[slot]
				for i := range steps {
					v = steps[i].of(v)
				}
				return v
			}
		}
		names = append(names, steps[i].name)
	}
	at := c.places
	c.places += len(names)
	switch len(names) {
	case 0:
		return func(e *env) value.Value { return e.slots[slot] }
	case 1:
		name := names[0]
		return func(e *env) value.Value { return e.slots[slot].GetNear(name, &e.places[at]) }
	default:
		return func(e *env) value.Value {
			v := e.slots[slot]
			places := e.places[at : at+len(names)]
			for i, name := range names {
				v = v.GetNear(name, &places[i])
			}
			return v
		}
	}
}

// stepsFrom applies steps to what base gives.
func (c *compiler) stepsFrom(base node, steps []step) node {
	if len(steps) == 0 {
		return base
	}
	return c.pure(func(e *env) value.Value {
		v := base.eval(e)
		for i := range steps {
			v = steps[i].of(v)
		}
		return v
	}, base)
}
