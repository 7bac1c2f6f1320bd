package dsl

import (
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	sq "github.com/Masterminds/squirrel"
)

// condition writes squirrel's own conditions. Squirrel would write them for SQL databases: NULL tests that Cosmos DB
// does not know, keys pasted as they are, raw JSON taken for a list of bytes.
func condition(x sq.Sqlizer) (e expression, ok bool, err error) {
	switch x := x.(type) {
	case sq.Eq:
		e, err = comparisons(x, "=")
	case sq.NotEq:
		e, err = comparisons(x, "!=")
	case sq.Lt:
		e, err = comparisons(x, "<")
	case sq.LtOrEq:
		e, err = comparisons(x, "<=")
	case sq.Gt:
		e, err = comparisons(x, ">")
	case sq.GtOrEq:
		e, err = comparisons(x, ">=")
	case sq.Like:
		e, err = comparisons(x, "LIKE")
	case sq.NotLike:
		e, err = comparisons(x, "NOT LIKE")
	case sq.ILike, sq.NotILike:
		err = fmt.Errorf(
			"cosmos: dsl: there is no ILIKE; use Contains, StartsWith or RegexMatch, which can ignore case")
	case sq.And:
		e, err = join(x, "AND", "true")
	case sq.Or:
		e, err = join(x, "OR", "false")
	default:
		return e, false, nil
	}
	return e, err == nil, err
}

// join combines conditions by op; without any the result is empty, a constant, as in squirrel.
func join(conds []sq.Sqlizer, op, empty string) (expression, error) {
	if len(conds) == 0 {
		return parse(empty, nil)
	}
	var text []string
	var args []any
	for _, c := range conds {
		e, err := conjunct(c)
		if err != nil {
			return expression{}, err
		}
		text = append(text, e.text)
		args = append(args, e.args...)
	}
	return parse("("+strings.Join(text, " "+op+" ")+")", args)
}

func comparisons(values map[string]any, op string) (expression, error) {
	var conds []sq.Sqlizer
	for _, key := range slices.Sorted(maps.Keys(values)) {
		e, err := comparison(key, op, values[key])
		if err != nil {
			return expression{}, err
		}
		conds = append(conds, e)
	}
	if len(conds) == 1 {
		return conds[0].(expression), nil
	}
	return join(conds, "AND", "true")
}

// saysNothing reports whether cond was never filled, so that a statement that writes would change every document.
func saysNothing(cond any) bool {
	switch all := cond.(type) {
	case nil:
		return true
	case sq.And:
		return !slices.ContainsFunc(all, func(c sq.Sqlizer) bool { return !saysNothing(c) })
	case string:
		return all == ""
	}
	v := reflect.ValueOf(cond)
	return v.Kind() == reflect.Map && v.Len() == 0
}

// comparison is key op value, with SQL's meaning of a nil and squirrel's of a list.
func comparison(key, op string, value any) (expression, error) {
	x, err := operand(key)
	if err != nil {
		return expression{}, err
	}
	if inner, ok := value.(sq.Sqlizer); ok {
		y, err := operand(inner)
		if err != nil {
			return expression{}, err
		}
		return parse(x.text+" "+op+" "+y.text, append(slices.Clip(x.args), y.args...))
	}
	value, err = plain(value)
	if err != nil {
		return expression{}, fmt.Errorf("cosmos: dsl: value of %q: %w", key, err)
	}
	list := isList(value)
	equality := op == "=" || op == "!="
	switch {
	case value == nil && op == "=":
		return parse(fmt.Sprintf("(NOT IS_DEFINED(%[1]s) OR IS_NULL(%[1]s))", x.text), nil)
	case value == nil && op == "!=":
		return parse(fmt.Sprintf("(IS_DEFINED(%[1]s) AND NOT IS_NULL(%[1]s))", x.text), nil)
	case value == nil || list && !equality:
		return expression{}, fmt.Errorf("cosmos: dsl: %s %s %T: only = and != take nil or a list", key, op, value)
	case list:
		return membership(x, op == "=", reflect.ValueOf(value))
	}
	return parse(x.text+" "+op+" ?", []any{value})
}

// membership is x IN (list), or x NOT IN (list). Nothing is in an empty list, which Cosmos SQL cannot write.
func membership(x expression, in bool, list reflect.Value) (expression, error) {
	if list.Len() == 0 {
		return parse(strconv.FormatBool(!in), nil)
	}
	args := make([]any, list.Len())
	for i := range args {
		args[i] = list.Index(i).Interface()
	}
	op := "NOT IN"
	if in {
		op = "IN"
	}
	return parse(fmt.Sprintf("%s %s (%s)", x.text, op, sq.Placeholders(len(args))), args)
}

// maxPointers is how many pointers may lead to a value: they could go in a circle.
const maxPointers = 100

// plain follows pointers and driver.Valuer, so that a nil behind them is found.
func plain(value any) (any, error) {
	for range maxPointers {
		v := reflect.ValueOf(value)
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, nil
		}
		if held, ok := null(v); ok {
			value = held
			continue
		}
		switch value := value.(type) {
		case driver.Valuer:
			return value.Value()
		case json.Marshaler, encoding.TextMarshaler: // perhaps by its pointer alone
			return value, nil
		}
		if v.Kind() != reflect.Pointer {
			return value, nil
		}
		value = v.Elem().Interface()
	}
	return nil, errors.New("its pointers go in a circle")
}

// null is what a sql.Null[T] holds: its own Value refuses slices, maps and structs.
func null(v reflect.Value) (held any, ok bool) {
	if v = reflect.Indirect(v); v.Kind() != reflect.Struct || v.Type().PkgPath() != "database/sql" {
		return nil, false
	}
	inner, valid := v.FieldByName("V"), v.FieldByName("Valid")
	if !inner.IsValid() || !valid.IsValid() || !valid.Bool() {
		return nil, inner.IsValid() && valid.IsValid()
	}
	return inner.Interface(), true
}

// isList reports whether value stands for several values: a slice or array that JSON would write as an array. Bytes are
// one value, whatever their type is called.
func isList(value any) bool {
	switch value.(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return false
	}
	t := reflect.TypeOf(value)
	if t == nil || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return false
	}
	return t.Kind() == reflect.Slice || t.Kind() == reflect.Array
}
