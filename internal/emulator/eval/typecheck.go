package eval

import (
	"math"

	"github.com/cosmossql/cosmossql/internal/value"
)

// typeFunctions never give undefined: a missing value is of no type. IS_DEFINED(c.x) = false must be something a
// filter can select.
func typeFunctions() []function {
	all := []function{
		{name: "IS_ARRAY", eval: isKind(isArray), example: "IS_ARRAY([])", doc: "Whether the value is an array."},
		{name: "IS_BOOL", eval: isKind(isBool), example: "IS_BOOL(false)",
			doc: "Whether the value is a boolean."},
		// The calendar counts, not only the form: 2024-02-30 is not a date here; inferred for the service.
		{name: "IS_DATETIME", eval: isDateTime, example: `IS_DATETIME("2024-02-30")`,
			doc: "Whether the value is a string that the date and time functions accept."},
		{name: "IS_DEFINED", eval: isKind(isDefined), example: "IS_DEFINED(null)",
			doc: "Whether the value is anything but undefined."},
		{name: "IS_FINITE_NUMBER", eval: isFinite, example: "IS_FINITE_NUMBER(1/0)",
			doc: "Whether the value is a number and neither infinite nor NaN."},
		// 18446744073709551615 is not one, 9223372036854775807 is (published examples).
		{name: "IS_INTEGER", eval: isKind(isInteger), example: "IS_INTEGER(3.0)",
			doc: "Whether the value is a number without fraction, within 64 bits."},
		{name: "IS_NULL", eval: isKind(isNull), example: "IS_NULL(undefined)", doc: "Whether the value is null."},
		{name: "IS_NUMBER", eval: isKind(isNumber), example: `IS_NUMBER("1")`, doc: "Whether the value is a number."},
		{name: "IS_OBJECT", eval: isKind(isObject), example: "IS_OBJECT({})", doc: "Whether the value is an object."},
		{name: "IS_PRIMITIVE", eval: isKind(isNull | isBool | isNumber | isString), example: "IS_PRIMITIVE([])",
			doc: "Whether the value is null, a boolean, a number or a string."},
		{name: "IS_STRING", eval: isKind(isString), example: `IS_STRING("")`, doc: "Whether the value is a string."},
	}
	for i := range all {
		all[i].arity, all[i].args = exactly(1), signature{isAny}
	}
	return all
}

func isKind(k kinds) body {
	return func(_ *env, a []value.Value) value.Value { return value.Bool(k.admit(a[0])) }
}

func isFinite(_ *env, a []value.Value) value.Value {
	f := a[0].AsFloat()
	return value.Bool(a[0].Kind() == value.KindNumber && !math.IsNaN(f) && !math.IsInf(f, 0))
}

func isDateTime(_ *env, a []value.Value) value.Value {
	_, ok := parseDateTime(a[0].AsString())
	return value.Bool(ok)
}
