package dsl

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	sq "github.com/Masterminds/squirrel"
)

// Filter turns what a caller from outside asks of a list endpoint, a JSON condition ([Filter.JSON]) or a URL query
// ([Filter.Query]), into a condition for Where. Only the fields, operators and sizes that it allows get through; names
// come from it and never from the caller, and values are parameters. It is safe for concurrent use.
type Filter struct {
	// Fields are what may be asked for, by the names that callers use; not and, or, not.
	Fields map[string]Field
	// Ignore are parameters of a URL query that are something else, such as page and sort. All others that are not in
	// Fields are errors.
	Ignore []string

	MaxConditions int // comparisons in one filter; 0: 20
	MaxDepth      int // and, or, not within each other; 0: 4
	MaxList       int // values of in and notin; 0: 100
	MaxLength     int // bytes of a text; 0: 1000
}

// Field is a field of a [Filter].
type Field struct {
	Path      string     // in the documents, such as c.address.city; "" is the field's own name behind c
	Type      FieldType  // of the values that it is compared with
	Operators []Operator // that it allows; nil: eq, ne, in, notin, and for numbers lt, lte, gt, gte, too
}

// FieldType is the type of the values that a [Field] is compared with.
type FieldType string

// The types. A time is text to Cosmos DB: compare it as [TextField].
const (
	TextField    FieldType = "text" // the default
	NumberField  FieldType = "number"
	BooleanField FieldType = "boolean"
)

// Operator is how a field may be compared, as callers write it.
type Operator string

// The operators. Those on a part of a text look at more than an index has at once: allow them where that is wanted.
const (
	Equals         Operator = "eq" // with null: null or missing
	NotEquals      Operator = "ne" // with null: neither
	Less           Operator = "lt"
	LessOrEqual    Operator = "lte"
	Greater        Operator = "gt"
	GreaterOrEqual Operator = "gte"
	IsIn           Operator = "in"
	IsNotIn        Operator = "notin"
	HasPrefix      Operator = "startswith"
	HasSuffix      Operator = "endswith"
	HasPart        Operator = "contains"      // of a text
	HasElement     Operator = "arraycontains" // of an array, whose elements have the type of the field
)

// FilterError is what is wrong with a filter: its text is fit for the caller, who sent it.
type FilterError struct {
	Field string // as the caller wrote it; "" if it is not about one
	Text  string
}

// Error implements error.
func (e *FilterError) Error() string {
	if e.Field == "" {
		return "filter: " + e.Text
	}
	return fmt.Sprintf("filter: field %q: %s", e.Field, e.Text)
}

// logical are the words that join conditions, and cannot be names of fields.
var logical = []string{"and", "or", "not"}

func (f *Filter) check() error {
	for name, field := range f.Fields {
		switch {
		case name == "" || slices.Contains(logical, name) || strings.ContainsAny(name, "[]"):
			return fmt.Errorf("cosmos: dsl: a filter cannot have a field named %q", name)
		case !slices.Contains([]FieldType{"", TextField, NumberField, BooleanField}, field.Type):
			return fmt.Errorf("cosmos: dsl: the field %s of a filter has the unknown type %q", name, field.Type)
		}
		for _, op := range field.Operators {
			if _, known := operators[op]; !known {
				return fmt.Errorf("cosmos: dsl: the field %s of a filter allows the unknown operator %q", name, op)
			}
		}
	}
	return nil
}

// filtering is one reading of a filter.
type filtering struct {
	*Filter
	conditions int
}

// bound is a limit or its default.
func bound(limit, otherwise int) int {
	if limit == 0 {
		return otherwise
	}
	return limit
}

// operators make the condition of a path and a value, which has been checked.
var operators = map[Operator]func(path string, value any) Sqlizer{
	Equals:         func(path string, v any) Sqlizer { return sq.Eq{path: v} },
	NotEquals:      func(path string, v any) Sqlizer { return sq.NotEq{path: v} },
	Less:           func(path string, v any) Sqlizer { return sq.Lt{path: v} },
	LessOrEqual:    func(path string, v any) Sqlizer { return sq.LtOrEq{path: v} },
	Greater:        func(path string, v any) Sqlizer { return sq.Gt{path: v} },
	GreaterOrEqual: func(path string, v any) Sqlizer { return sq.GtOrEq{path: v} },
	IsIn:           func(path string, v any) Sqlizer { return sq.Eq{path: v} },
	IsNotIn:        func(path string, v any) Sqlizer { return sq.NotEq{path: v} },
	HasPrefix:      func(path string, v any) Sqlizer { return StartsWith(path, Value(v)) },
	HasSuffix:      func(path string, v any) Sqlizer { return EndsWith(path, Value(v)) },
	HasPart:        func(path string, v any) Sqlizer { return Contains(path, Value(v)) },
	HasElement:     func(path string, v any) Sqlizer { return ArrayContains(path, Value(v)) },
}

// comparison is the condition of a field, an operator and a value as JSON or a URL has it.
func (f *filtering) comparison(name string, op Operator, value any) (Sqlizer, error) {
	bad := func(format string, args ...any) (Sqlizer, error) {
		return nil, &FilterError{name, fmt.Sprintf(format, args...)}
	}
	field, known := f.Fields[name]
	if !known {
		return bad("is not one to filter by; these are: %s", strings.Join(slices.Sorted(maps.Keys(f.Fields)), ", "))
	}
	allowed := field.operators()
	if !slices.Contains(allowed, op) {
		return bad("cannot be compared by %q; by these: %s", op, words(allowed))
	}
	if f.conditions++; f.conditions > bound(f.MaxConditions, 20) {
		return nil, &FilterError{Text: fmt.Sprintf("more than %d conditions", bound(f.MaxConditions, 20))}
	}
	list, isList := value.([]any)
	switch in := op == IsIn || op == IsNotIn; {
	case in && !isList:
		return bad("%s takes a list of values", op)
	case !in && isList:
		return bad("%s takes one value, not a list", op)
	case in && (len(list) == 0 || len(list) > bound(f.MaxList, 100)):
		return bad("%s takes from 1 to %d values, not %d", op, bound(f.MaxList, 100), len(list))
	case value == nil && op != Equals && op != NotEquals:
		return bad("%s takes no null", op)
	case in:
		for i, v := range list {
			checked, err := f.value(field.Type, v)
			if err != "" {
				return bad("%s", err)
			}
			list[i] = checked
		}
	case value != nil:
		checked, err := f.value(field.Type, value)
		if err != "" {
			return bad("%s", err)
		}
		value = checked
	}
	path := field.Path
	if path == "" {
		path = Path("c", name)
	}
	return operators[op](path, value), nil
}

func (f Field) operators() []Operator {
	if f.Operators != nil {
		return f.Operators
	}
	list := []Operator{Equals, NotEquals, IsIn, IsNotIn}
	if f.Type == NumberField {
		list = append(list, Less, LessOrEqual, Greater, GreaterOrEqual)
	}
	return list
}

// value checks a value, or says what is wrong with it.
func (f *filtering) value(t FieldType, v any) (checked any, wrong string) {
	switch v := v.(type) {
	case string:
		switch {
		case t != TextField && t != "":
			return nil, fmt.Sprintf("a text where a %s belongs", t)
		case len(v) > bound(f.MaxLength, 1000):
			return nil, fmt.Sprintf("a text of more than %d bytes", bound(f.MaxLength, 1000))
		case !utf8.ValidString(v): // as a URL can have it
			return nil, "a text that is not valid UTF-8"
		}
		return v, ""
	case numeral:
		if t != NumberField {
			return nil, fmt.Sprintf("a number where a %s belongs", typeWord(t))
		}
		n, err := strconv.ParseFloat(string(v), 64)
		if whole, err := strconv.ParseInt(string(v), 10, 64); err == nil && json.Valid([]byte(v)) {
			return whole, ""
		}
		if err != nil || !json.Valid([]byte(v)) {
			return nil, fmt.Sprintf("%.40q is not a number", string(v))
		}
		return n, ""
	case bool:
		if t != BooleanField {
			return nil, fmt.Sprintf("a boolean where a %s belongs", typeWord(t))
		}
		return v, ""
	case nil:
		return nil, "null in a list"
	}
	return nil, "an object or a list where a value belongs"
}

func typeWord(t FieldType) FieldType {
	if t == "" {
		return TextField
	}
	return t
}

func words(ops []Operator) string {
	list := make([]string, len(ops))
	for i, op := range ops {
		list[i] = string(op)
	}
	return strings.Join(list, ", ")
}
