package eval

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// logical compiles a whole chain of ANDs, or of ORs, at once. The two differ only in which operand decides: false for
// AND, true for OR. Operands that are not booleans count as undefined. A chain of thousands, as builders write them
// for lists of keys, would otherwise nest as deep as it is long. Evaluation stops at the operand that decides, which
// must not be skipped for an undefined one before it: undefined OR true is true.
func (c *compiler) logical(s *scope, x *nosql.Binary) node {
	terms := c.exprs(s, chain(x.Op, x))
	decides := x.Op == "OR"
	return c.pure(func(e *env) value.Value {
		result := value.Bool(!decides)
		for i := range terms {
			v := terms[i].eval(e)
			switch {
			case v.Kind() != value.KindBool:
				result = value.Undefined
			case v.IsTrue() == decides:
				return v
			}
		}
		return result
	}, terms...)
}

// chain lists the operands of a chain of one operator, from left to right. It walks the long side in a loop, so that
// its depth is that of the parentheses a user wrote.
func chain(op string, x nosql.Expr) []nosql.Expr {
	var terms []nosql.Expr
	var collect func(x nosql.Expr)
	collect = func(x nosql.Expr) {
		// The parser leans chains to the left, so this side is the long one.
		var rights []nosql.Expr
		b, ok := x.(*nosql.Binary)
		for ok && b.Op == op {
			rights = append(rights, b.R)
			x = b.L
			b, ok = x.(*nosql.Binary)
		}
		terms = append(terms, x)
		for i := len(rights) - 1; i >= 0; i-- {
			if r, ok := rights[i].(*nosql.Binary); ok && r.Op == op {
				collect(r)
				continue
			}
			terms = append(terms, rights[i])
		}
	}
	collect(x)
	return terms
}

// Only undefined is passed over: null ?? 5 is null (COSMOS_SQL.md 4.2), which SQL's COALESCE would not say.
func (c *compiler) coalesce(s *scope, x *nosql.Binary) node {
	terms := c.exprs(s, chain(x.Op, x))
	return c.pure(func(e *env) value.Value {
		for i := range terms {
			if v := terms[i].eval(e); v.IsDefined() {
				return v
			}
		}
		return value.Undefined
	}, terms...)
}

// Anything but true takes the second branch, undefined too: the documentation's prose says otherwise, its examples of
// IIF and Microsoft's model of the service agree on this (COSMOS_SQL.md, X3).
func (c *compiler) cond(s *scope, x *nosql.Cond) node {
	test, then, other := c.expr(s, x.If), c.expr(s, x.Then), c.expr(s, x.Else)
	return c.pure(func(e *env) value.Value {
		if test.eval(e).IsTrue() {
			return then.eval(e)
		}
		return other.eval(e)
	}, test, then, other)
}

// It is x >= low AND x <= high with three values: 0 BETWEEN 1 AND "z" is false, for the first half settles it, 5
// BETWEEN 1 AND "z" undefined. x is evaluated once.
func (c *compiler) between(s *scope, x *nosql.Between) node {
	v, low, high := c.expr(s, x.X), c.expr(s, x.Low), c.expr(s, x.High)
	return c.pure(func(e *env) value.Value {
		at := v.eval(e)
		result := both(
			compare(at, low.eval(e), func(c int) bool { return c >= 0 }),
			compare(at, high.eval(e), func(c int) bool { return c <= 0 }),
		)
		if x.Not {
			return not(result)
		}
		return result
	}, v, low, high)
}

// both is AND for two values that are booleans or undefined.
func both(a, b value.Value) value.Value {
	switch {
	case a.Kind() == value.KindBool && !a.IsTrue():
		return a
	case b.Kind() == value.KindBool && !b.IsTrue():
		return b
	case a.IsDefined():
		return b
	default:
		return a
	}
}

// Missing counts as null, as whoever writes IS NULL means it; the service's own grammar has no such predicate, the
// parser's SQL dialect has.
func (c *compiler) isNull(s *scope, x *nosql.IsNull) node {
	n := c.expr(s, x.X)
	return c.pure(func(e *env) value.Value {
		return value.Bool((n.eval(e).Kind() <= value.KindNull) != x.Not)
	}, n)
}

// manyValues is from where a set is quicker to ask than a list. A key is made for each value that is tested, which
// costs as much as a few comparisons.
const manyValues = 8

// An undefined operand stays undefined, so that NOT IN does not select documents without the property; elements that
// are undefined just never match (COSMOS_SQL.md 4.7).
func (c *compiler) in(s *scope, x *nosql.In) node {
	operand := c.expr(s, x.X)
	parts := append([]node{operand}, c.exprs(s, x.List)...)
	var list []value.Value // constants
	var rest []expr
	for _, n := range parts[1:] {
		switch {
		case !n.known:
			rest = append(rest, n.eval)
		case equal(n.val, n.val).IsTrue(): // neither undefined nor NaN, which never match
			list = append(list, n.val)
		}
	}
	matches := member(list)
	return c.pure(func(e *env) value.Value {
		v := operand.eval(e)
		if !v.IsDefined() {
			return v
		}
		found := matches(e, v)
		for i := 0; i < len(rest) && !found; i++ {
			found = equal(v, rest[i](e)).IsTrue()
		}
		return value.Bool(found != x.Not)
	}, parts...)
}

// member tells whether a value is among constants.
func member(list []value.Value) func(e *env, v value.Value) bool {
	if len(list) < manyValues {
		return func(_ *env, v value.Value) bool {
			for i := range list {
				if value.Equal(v, list[i]) {
					return true
				}
			}
			return false
		}
	}
	set := make(map[string]struct{}, len(list))
	for _, v := range list {
		set[string(value.AppendKey(nil, v))] = struct{}{}
	}
	return func(e *env, v value.Value) bool {
		e.buf = value.AppendKey(e.buf[:0], v)
		_, found := set[string(e.buf)]
		return found
	}
}
