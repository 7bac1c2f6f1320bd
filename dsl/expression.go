package dsl

import (
	"fmt"

	sq "github.com/Masterminds/squirrel"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// expression is a scalar expression in Cosmos SQL, with a ? for each of its arguments.
type expression struct {
	text string
	args []any
	node nosql.Expr
}

// ToSql implements [Sqlizer].
func (e expression) ToSql() (string, []any, error) { return e.text, e.args, nil }

// parse reads text as one expression. Printing what was parsed is what keeps a piece of text from reaching beyond its
// place: parentheses are balanced, comments are gone, names are quoted.
func parse(text string, args []any) (expression, error) {
	node, args, err := bind("", text, args)
	if err != nil {
		return expression{}, err
	}
	return expression{text: nosql.PrintKeepingQuotes(node), args: args, node: node.(nosql.Expr)}, nil
}

// scalar makes an expression of what callers may give for one: text, a builder, or any Sqlizer.
func scalar(x any, args ...any) (expression, error) {
	if text, ok := x.(string); ok {
		return parse(text, args)
	}
	if err := noArguments(x, args); err != nil {
		return expression{}, err
	}
	switch x := x.(type) {
	case expression:
		return x, nil
	case failed:
		return expression{}, x.err
	case SelectBuilder:
		return subquery("", x)
	case alias:
		return expression{}, fmt.Errorf("cosmos: dsl: %q is named outside a list of columns", x.name)
	case sq.Sqlizer:
		if e, ok, err := condition(x); ok || err != nil {
			return e, err
		}
		text, args, err := x.ToSql()
		if err != nil {
			return expression{}, err
		}
		return parse(text, args)
	}
	return expression{}, fmt.Errorf("cosmos: dsl: %T is neither text nor an expression", x)
}

// noArguments refuses arguments beside what is not a text with places for them.
func noArguments(x any, args []any) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("cosmos: dsl: arguments beside a %T; they belong inside it", x)
}

// operand is an expression that may stand beside an operator.
func operand(x any) (expression, error) {
	e, err := scalar(x)
	if err != nil {
		return e, err
	}
	switch e.node.(type) {
	case *nosql.Ident, *nosql.Member, *nosql.Index, *nosql.Call, *nosql.Subquery, *nosql.Literal, *nosql.Param:
		return e, nil
	}
	e.text = "(" + e.text + ")"
	return e, nil
}

// conjunct is an expression that may stand beside AND.
func conjunct(x any, args ...any) (expression, error) {
	e, err := scalar(x, args...)
	if err != nil {
		return e, err
	}
	switch node := e.node.(type) {
	case *nosql.Cond, *nosql.Between, *nosql.IsNull:
		e.text = "(" + e.text + ")"
	case *nosql.Binary:
		if node.Op == "OR" || node.Op == "??" {
			e.text = "(" + e.text + ")"
		}
	}
	return e, nil
}

// failed is the expression that a function of this package returns when its operands are wrong: functions have no error
// result, so that they can be nested.
type failed struct{ err error }

// ToSql implements [Sqlizer].
func (f failed) ToSql() (string, []any, error) { return "", nil, f.err }

func orFailed(e expression, err error) Sqlizer {
	if err != nil {
		return failed{err}
	}
	return e
}

// operands makes each of xs fit to stand beside an operator.
func operands(xs ...any) []any {
	out := make([]any, len(xs))
	for i, x := range xs {
		out[i] = orFailed(operand(x))
	}
	return out
}
