package eval

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/cosmossql/cosmossql/internal/value"
)

func mathFunctions() []function {
	return append(floatFunctions(), integerFunctions()...)
}

// floatFunctions compute with doubles: what has no result is NaN or infinite, never undefined. SQRT(-1) is a number
// to IS_NUMBER and none to IS_FINITE_NUMBER (published examples).
func floatFunctions() []function {
	unary := func(name, example, doc string, f func(float64) float64) function {
		return function{name: name, arity: exactly(1), args: numbers, example: example, doc: doc,
			eval: func(_ *env, a []value.Value) value.Value { return value.Float(f(a[0].AsFloat())) }}
	}
	// whole is for functions that leave an exact integer as it is. As a double, an integer above 2^53 would come back
	// as another one.
	whole := func(name, example, doc string, f func(float64) float64) function {
		row := unary(name, example, doc, f)
		row.eval = func(_ *env, a []value.Value) value.Value {
			if _, ok := a[0].AsInt(); ok {
				return a[0]
			}
			return value.Float(f(a[0].AsFloat()))
		}
		return row
	}
	return []function{
		{name: "ABS", arity: exactly(1), args: numbers, eval: absolute, example: "ABS(-3)", doc: "Absolute value."},
		unary("ACOS", "ACOS(1)", "Arc cosine, in radians.", math.Acos),
		unary("ASIN", "ASIN(1)", "Arc sine, in radians.", math.Asin),
		unary("ATAN", "ATAN(1)", "Arc tangent, in radians.", math.Atan),
		{name: "ATN2", arity: exactly(2), args: numbers, example: "ATN2(1, 1)", eval: float2(math.Atan2),
			doc: "Angle of the point whose y is the first argument and whose x is the second."},
		whole("CEILING", "CEILING(1.2)", "Smallest integer that is not less.", math.Ceil),
		unary("COS", "COS(0)", "Cosine of an angle in radians.", math.Cos),
		unary("COT", "COT(1)", "Cotangent of an angle in radians.", cotangent),
		unary("DEGREES", "DEGREES(PI())", "Radians as degrees.",
			func(x float64) float64 { return x * (180 / math.Pi) }),
		unary("EXP", "EXP(0)", "e to the power.", math.Exp),
		whole("FLOOR", "FLOOR(-1.2)", "Largest integer that is not greater.", math.Floor),
		{name: "LOG", arity: between(1, 2), args: numbers, eval: logarithm, example: "LOG(8, 2)",
			doc: "Logarithm, natural unless a base is given."},
		unary("LOG10", "LOG10(1000)", "Decimal logarithm.", math.Log10),
		{name: "NumberBin", arity: between(1, 2), args: numbers, eval: numberBin, example: "NumberBin(37.7, 10)",
			doc: "The number rounded down to a multiple of the size, 1 unless given; undefined if the size is 0."},
		{name: "PI", arity: exactly(0), example: "PI()", doc: "The constant pi.",
			eval: func(*env, []value.Value) value.Value { return value.Float(math.Pi) }},
		{name: "POWER", arity: exactly(2), args: numbers, example: "POWER(2, 10)", eval: float2(math.Pow),
			doc: "The first number to the power of the second."},
		unary("RADIANS", "RADIANS(180)", "Degrees as radians.", func(x float64) float64 { return x * (math.Pi / 180) }),
		{name: "RAND", arity: exactly(0), volatile: true, doc: "A random number from 0 up to but not including 1.",
			eval: func(*env, []value.Value) value.Value { return value.Float(rand.Float64()) }},
		// The documentation's ROUND has one argument; math.Round rounds as Microsoft's model does, ROUND(2.5) to 3
		// and not to the even 2.
		whole("ROUND", "ROUND(-0.5)", "The nearest integer, halves away from zero.", math.Round),
		unary("SIGN", "SIGN(-9)", "-1, 0 or 1.", sign),
		unary("SIN", "SIN(0)", "Sine of an angle in radians.", math.Sin),
		unary("SQRT", "SQRT(9)", "Square root.", math.Sqrt),
		unary("SQUARE", "SQUARE(-3)", "Square.", func(x float64) float64 { return x * x }),
		unary("TAN", "TAN(0)", "Tangent of an angle in radians.", math.Tan),
		whole("TRUNC", "TRUNC(-1.9)", "The number without its fraction.", math.Trunc),
	}
}

// integerFunctions compute with 64-bit integers, wrapping around (COSMOS_SQL.md 7.7). They exist because most
// operators compute with doubles, or with 32 bits.
func integerFunctions() []function {
	binary := func(name, example, doc string, f func(a, b int64) int64) function {
		return function{name: name, arity: exactly(2), args: integers, example: example, doc: doc,
			eval: func(_ *env, a []value.Value) value.Value {
				x, _ := a[0].AsInt()
				y, _ := a[1].AsInt()
				return value.Int(f(x, y))
			}}
	}
	// partial is for functions without a result for some second arguments.
	partial := func(row function, fits func(b int64) bool) function {
		unchecked := row.eval
		row.eval = func(e *env, a []value.Value) value.Value {
			if n, _ := a[1].AsInt(); !fits(n) {
				return value.Undefined
			}
			return unchecked(e, a)
		}
		return row
	}
	// The documentation has IntDiv by 0 undefined, and Go would panic.
	notZero := func(n int64) bool { return n != 0 }
	// Uncertain in the service: shifts by less than 0 or more than 63 places.
	isShift := func(n int64) bool { return n >= 0 && n < 64 }
	all := []function{
		binary("IntAdd", "IntAdd(20, 10)", "Sum of two integers.", func(a, b int64) int64 { return a + b }),
		binary("IntBitAnd", "IntBitAnd(6, 3)", "Bits set in both integers.", func(a, b int64) int64 { return a & b }),
		partial(binary("IntBitLeftShift", "IntBitLeftShift(1, 40)", "Bits shifted to the left, by 0 to 63 places.",
			func(a, b int64) int64 { return a << b }), isShift),
		{name: "IntBitNot", arity: exactly(1), args: integers, example: "IntBitNot(0)", doc: "All bits inverted.",
			eval: func(_ *env, a []value.Value) value.Value {
				n, _ := a[0].AsInt()
				return value.Int(^n)
			}},
		binary("IntBitOr", "IntBitOr(6, 3)", "Bits set in either integer.", func(a, b int64) int64 { return a | b }),
		partial(binary("IntBitRightShift", "IntBitRightShift(-16, 2)",
			"Bits shifted to the right, by 0 to 63 places, keeping the sign.",
			func(a, b int64) int64 { return a >> b }), isShift),
		binary("IntBitXor", "IntBitXor(6, 3)", "Bits set in one integer only.",
			func(a, b int64) int64 { return a ^ b }),
		partial(binary("IntDiv", "IntDiv(-7, 2)", "Quotient without its fraction; undefined for 0.",
			func(a, b int64) int64 { return a / b }), notZero),
		partial(binary("IntMod", "IntMod(-7, 3)", "Remainder, with the sign of the dividend; undefined for 0.",
			func(a, b int64) int64 { return a % b }), notZero),
		binary("IntMul", "IntMul(20, 10)", "Product of two integers.", func(a, b int64) int64 { return a * b }),
		binary("IntSub", "IntSub(20, 10)", "Difference of two integers.", func(a, b int64) int64 { return a - b }),
	}
	for i, f := range all {
		// The client libraries know the bit functions by a longer name.
		if rest, ok := strings.CutPrefix(f.name, "IntBit"); ok {
			all[i].aliases = []string{"IntBitwise" + rest}
		}
	}
	return all
}

func float2(f func(a, b float64) float64) body {
	return func(_ *env, a []value.Value) value.Value { return value.Float(f(a[0].AsFloat(), a[1].AsFloat())) }
}

func cotangent(x float64) float64 {
	sin, cos := math.Sincos(x)
	return cos / sin
}

// The smallest integer has no opposite among integers; its magnitude is exact as a double.
func absolute(_ *env, a []value.Value) value.Value {
	if n, ok := a[0].AsInt(); ok && n != math.MinInt64 {
		return value.Int(max(n, -n))
	}
	return value.Float(math.Abs(a[0].AsFloat()))
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	default:
		return x // 0 or NaN
	}
}

func logarithm(_ *env, a []value.Value) value.Value {
	x := a[0].AsFloat()
	if len(a) == 1 {
		return value.Float(math.Log(x))
	}
	switch base := a[1].AsFloat(); base {
	case 2: // exact where the quotient of logarithms is not
		return value.Float(math.Log2(x))
	case 10:
		return value.Float(math.Log10(x))
	default:
		return value.Float(math.Log(x) / math.Log(base))
	}
}

// A negative size rounds up: NumberBin(37.752, -100) is 100 (published example).
func numberBin(_ *env, a []value.Value) value.Value {
	size := 1.0
	if len(a) == 2 {
		size = a[1].AsFloat()
	}
	if size == 0 {
		return value.Undefined
	}
	return value.Float(math.Floor(a[0].AsFloat()/size) * size)
}
