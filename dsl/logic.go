package dsl

// IsDefined is true where x is present, be it null. Here and below x is the text of an expression, or a [Sqlizer].
func IsDefined(x any) Sqlizer { return Call("IS_DEFINED", x) }

// IsNull is true where x is present and null. To find what is null or missing, compare with nil: Eq{"c.x": nil}.
func IsNull(x any) Sqlizer { return Call("IS_NULL", x) }

// HasValue is true where x is present and not null.
func HasValue(x any) Sqlizer {
	return orFailed(join([]Sqlizer{IsDefined(x), Not(IsNull(x))}, "AND", ""))
}

// Not is true where cond is false. Where cond is undefined, because something in it is missing, so is Not.
func Not(cond any, args ...any) Sqlizer {
	e, err := scalar(cond, args...)
	return orFailed(parse("NOT ?", []any{orFailed(e, err)}))
}

// Between is true where low <= x and x <= high, each of them a value or a [Sqlizer].
func Between(x, low, high any) Sqlizer {
	return orFailed(parse("(? BETWEEN ? AND ?)", operands(x, valueOf(low), valueOf(high))))
}

// Coalesce is x where x is present, else otherwise, a value or a [Sqlizer]. A null is present.
func Coalesce(x, otherwise any) Sqlizer {
	return orFailed(parse("(? ?? ?)", operands(x, valueOf(otherwise))))
}

// If is then where cond is true, and otherwise where it is anything else.
func If(cond, then, otherwise any) Sqlizer {
	return Call("IIF", cond, valueOf(then), valueOf(otherwise))
}
