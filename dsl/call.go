package dsl

import (
	"fmt"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Value is v as a parameter, for places that would take a string for the text of an expression.
func Value(v any) Sqlizer { return sq.Expr("?", v) }

// Call calls a function by its name; udf.name is a user-defined one. Each argument is the text of an expression or a
// [Sqlizer]; values go in by [Value].
//
//	Call("ROUND", "c.price")                        // ROUND(c.price)
//	Call("LEFT", "c.name", Value(3))                // LEFT(c.name, @p1)
//	Call("udf.tax", "c.price", Value("NO"))         // udf.tax(c.price, @p1)
func Call(name string, args ...any) Sqlizer {
	var texts []string
	var values []any
	for _, arg := range args {
		e, err := scalar(arg)
		if err != nil {
			return failed{err}
		}
		texts = append(texts, e.text)
		values = append(values, e.args...)
	}
	e, err := parse(name+"("+strings.Join(texts, ", ")+")", values)
	if call, ok := e.node.(*nosql.Call); err == nil && (!ok || len(call.Args) != len(args)) {
		err = fmt.Errorf("cosmos: dsl: %q is not the name of a function", name)
	}
	return orFailed(e, err)
}

// callValues calls a function of an expression and values.
func callValues(name string, x any, values ...any) Sqlizer {
	args := []any{x}
	for _, v := range values {
		args = append(args, valueOf(v))
	}
	return Call(name, args...)
}

// valueOf is v as a parameter, unless it is an expression already.
func valueOf(v any) Sqlizer {
	if s, ok := v.(sq.Sqlizer); ok {
		return s
	}
	return Value(v)
}
