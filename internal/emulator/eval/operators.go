package eval

import (
	"math"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// An operand of the wrong type gives undefined and no error, like all else (COSMOS_SQL.md 4.3).
func (c *compiler) unary(s *scope, x *nosql.Unary) node {
	n := c.expr(s, x.X)
	operand := n.eval
	switch x.Op {
	case "NOT":
		return c.pure(func(e *env) value.Value { return not(operand(e)) }, n)
	case "-":
		return c.pure(func(e *env) value.Value { return negate(operand(e)) }, n)
	case "+":
		return c.pure(func(e *env) value.Value {
			if v := operand(e); v.Kind() == value.KindNumber {
				return v
			}
			return value.Undefined
		}, n)
	default: // ~
		return c.pure(func(e *env) value.Value {
			if v := operand(e); v.Kind() == value.KindNumber {
				return value.Int(int64(^int32Of(v)))
			}
			return value.Undefined
		}, n)
	}
}

func negate(v value.Value) value.Value {
	if v.Kind() != value.KindNumber {
		return value.Undefined
	}
	// A minus sign before an integer literal is part of the number to the user, who expects it to stay exact.
	switch n, ok := v.AsInt(); {
	case ok && n != 0 && n != math.MinInt64:
		return value.Int(-n)
	case v.AsFloat() == 1<<63: // the text of the smallest integer without its sign
		return value.Int(math.MinInt64)
	}
	return value.Float(-v.AsFloat())
}

// Null, 0 and "" are not false: NOT of them is undefined (COSMOS_SQL.md 4.6).
func not(v value.Value) value.Value {
	if v.Kind() != value.KindBool {
		return value.Undefined
	}
	return value.Bool(!v.IsTrue())
}

// operator is what a binary operator does with the values of its sides. Both sides are always evaluated; operators
// that need not, AND, OR and ??, are compiled apart.
type operator func(l, r value.Value) value.Value

var operators = map[string]operator{
	"|":  bitwise(func(l, r int32) int64 { return int64(l | r) }),
	"^":  bitwise(func(l, r int32) int64 { return int64(l ^ r) }),
	"&":  bitwise(func(l, r int32) int64 { return int64(l & r) }),
	"<<": bitwise(func(l, r int32) int64 { return int64(l << (r & 31)) }),
	">>": bitwise(func(l, r int32) int64 { return int64(l >> (r & 31)) }),
	// As JavaScript has it: the one whose result is unsigned, while shift counts are modulo 32 for all three.
	">>>": bitwise(func(l, r int32) int64 { return int64(uint32(l) >> (r & 31)) }),
	"=":   equal,
	"!=":  func(l, r value.Value) value.Value { return not(equal(l, r)) },
	"<":   ordering(func(c int) bool { return c < 0 }),
	"<=":  ordering(func(c int) bool { return c <= 0 }),
	">":   ordering(func(c int) bool { return c > 0 }),
	">=":  ordering(func(c int) bool { return c >= 0 }),
	"+":   arithmetic(func(l, r float64) float64 { return l + r }, addInts),
	"-":   arithmetic(func(l, r float64) float64 { return l - r }, subInts),
	"*":   arithmetic(func(l, r float64) float64 { return l * r }, mulInts),
	// Never an integer division: 7 / 2 is 3.5. By zero it is infinite, which IS_NUMBER accepts.
	"/": arithmetic(func(l, r float64) float64 { return l / r }, nil),
	"%": arithmetic(math.Mod, modInts),
}

func (c *compiler) binary(s *scope, x *nosql.Binary) node {
	switch x.Op {
	case "AND", "OR":
		return c.logical(s, x)
	case "??":
		return c.coalesce(s, x)
	case "||":
		return c.concat(s, x)
	}
	op, ok := operators[x.Op]
	if !ok {
		return c.fail(nosql.CodeSyntax, x.Span, "Syntax error, incorrect syntax near '%s'.", x.Op)
	}
	left, right := c.expr(s, x.L), c.expr(s, x.R)
	l, r := left.eval, right.eval
	// The most frequent filter of all; it spares calling for a constant that is at hand.
	if right.known && x.Op == "=" {
		want := right.val
		return c.pure(func(e *env) value.Value { return equal(l(e), want) }, left, right)
	}
	return c.pure(func(e *env) value.Value { return op(l(e), r(e)) }, left, right)
}

// concat compiles a whole chain of || at once: pair by pair, the time would grow with the square of its length. No
// operand is converted: "a" || 0 is undefined (COSMOS_SQL.md 4.3).
func (c *compiler) concat(s *scope, x *nosql.Binary) node {
	terms := c.exprs(s, chain(x.Op, x))
	takes := texts.forEach(len(terms))
	return c.pure(apply(concatAll, takes, terms), terms...)
}

// arithmetic computes with doubles, but with integers where both sides are and the result fits 64 bits:
// 9007199254740993 + 1 is 9007199254740994 (recorded exchange 64), where doubles would give …992. That -, * and % do
// so too is uncertain. Where an integer overflows the double stands, as for numbers that were doubles.
func arithmetic(f func(l, r float64) float64, ints func(l, r int64) (int64, bool)) operator {
	return func(l, r value.Value) value.Value {
		if l.Kind() != value.KindNumber || r.Kind() != value.KindNumber {
			return value.Undefined
		}
		if ints != nil && l.IsInt() && r.IsInt() {
			a, _ := l.AsInt()
			b, _ := r.AsInt()
			if n, fits := ints(a, b); fits {
				return value.Int(n)
			}
		}
		return value.Float(f(l.AsFloat(), r.AsFloat()))
	}
}

// A sum that wrapped is on the wrong side of l.
func addInts(l, r int64) (int64, bool) {
	n := l + r
	return n, (n > l) == (r > 0)
}

func subInts(l, r int64) (int64, bool) {
	n := l - r
	return n, (n < l) == (r > 0)
}

// The division finds an overflow but for the smallest integer times -1, whose quotient overflows too.
func mulInts(l, r int64) (int64, bool) {
	if l == 0 || r == 0 {
		return 0, l >= 0 && r >= 0 // a product with a sign may be -0
	}
	n := l * r
	return n, n/r == l && (l != -1 || r != math.MinInt64) && (r != -1 || l != math.MinInt64)
}

func modInts(l, r int64) (int64, bool) {
	if r == 0 || r == -1 || l < 0 {
		return 0, false // the remainder of what is below 0 may be -0
	}
	return l % r, true
}

func bitwise(f func(l, r int32) int64) operator {
	return func(l, r value.Value) value.Value {
		if l.Kind() != value.KindNumber || r.Kind() != value.KindNumber {
			return value.Undefined
		}
		return value.Int(f(int32Of(l), int32Of(r)))
	}
}

// int32Of converts as JavaScript does: toward zero, modulo 2^32; what is not finite is 0. ~130679749712577953 is
// -1022657953 (test of Microsoft's model of the service).
func int32Of(v value.Value) int32 {
	f := v.AsFloat()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	f = math.Mod(math.Trunc(f), 1<<32)
	if f < 0 {
		f += 1 << 32
	}
	return int32(uint32(f))
}

// equal is the = operator: undefined if a side is, false across types, deep, NaN unequal to itself. One page of the
// documentation has it undefined across types; the filter c.x != null, which the .NET SDK itself writes, needs it to
// be false (COSMOS_SQL.md, X1).
func equal(l, r value.Value) value.Value {
	switch {
	case !l.IsDefined() || !r.IsDefined():
		return value.Undefined
	case l.Kind() != r.Kind():
		return value.False
	case l.Kind() == value.KindNumber && math.IsNaN(l.AsFloat()):
		return value.False
	default:
		return value.Bool(value.Equal(l, r))
	}
}

// ordering compares two nulls, booleans, numbers or strings; everything else has no order.
func ordering(holds func(c int) bool) operator {
	return func(l, r value.Value) value.Value { return compare(l, r, holds) }
}

// That arrays and objects have an order in ORDER BY does not give them one here (COSMOS_SQL.md 4.5).
func compare(l, r value.Value, holds func(c int) bool) value.Value {
	switch kind := l.Kind(); {
	case kind != r.Kind(), kind == value.KindUndefined, kind > value.KindString:
		return value.Undefined
	case kind == value.KindNumber && (math.IsNaN(l.AsFloat()) || math.IsNaN(r.AsFloat())):
		return value.False
	default:
		return value.Bool(holds(value.Compare(l, r)))
	}
}
