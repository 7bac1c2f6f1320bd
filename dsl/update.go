package dsl

import (
	"errors"
	"maps"
	"slices"
)

// UpdateBuilder builds a statement that changes documents in place, as patches do.
type UpdateBuilder struct {
	statement
	sets []assignment
}

// assignment is path = value.
type assignment struct {
	path  string
	value Sqlizer
}

// Update starts a statement that changes the documents of a container, which may have an alias: "orders o".
func Update(container string) UpdateBuilder { return UpdateBuilder{statement: on(container)} }

// Set gives a property a value; it need not be there before, but what holds it does.
func (b UpdateBuilder) Set(path string, value any) UpdateBuilder {
	return b.assign(path, func(string) Sqlizer { return valueOf(value) })
}

// SetMap is [UpdateBuilder.Set] for each property of values.
func (b UpdateBuilder) SetMap(values map[string]any) UpdateBuilder {
	for _, path := range slices.Sorted(maps.Keys(values)) {
		b = b.Set(path, values[path])
	}
	return b
}

// Increment adds by, which may be negative, to a number.
func (b UpdateBuilder) Increment(path string, by any) UpdateBuilder {
	return b.assign(path, func(p string) Sqlizer { return Expr(p+" + ?", by) })
}

// Append adds a value at the end of an array.
func (b UpdateBuilder) Append(path string, value any) UpdateBuilder {
	return b.assign(path, func(p string) Sqlizer { return Expr("ARRAY_CONCAT("+p+", [?])", value) })
}

// Remove takes properties out of the document.
func (b UpdateBuilder) Remove(paths ...string) UpdateBuilder {
	for _, path := range paths {
		b = b.assign(path, func(string) Sqlizer { return Expr("undefined") })
	}
	return b
}

// assign sets a property to what value makes of its path.
func (b UpdateBuilder) assign(text string, value func(path string) Sqlizer) UpdateBuilder {
	path, err := property(text)
	if err != nil {
		b.statement = b.fail(err)
		return b
	}
	b.sets = append(slices.Clip(b.sets), assignment{path, value(path)})
	return b
}

// Where adds a condition; a document has to meet all of them. One that fixes the id and the partition key is a single
// request, any other a search first. An empty map or [And] is not a condition: without any the statement is refused.
func (b UpdateBuilder) Where(cond any, args ...any) UpdateBuilder {
	b.statement = b.filter(cond, args)
	return b
}

// Returning makes the statement a query of the documents as they are stored: "*", or properties.
func (b UpdateBuilder) Returning(columns ...string) UpdateBuilder {
	b.statement = b.returns(columns)
	return b
}

// With adds arguments that have no place in the text, such as request options of the driver.
func (b UpdateBuilder) With(args ...any) UpdateBuilder {
	b.options = append(slices.Clip(b.options), args...)
	return b
}

// errNoWhere keeps a condition that was forgotten, or that nothing was put into, from changing every document.
var errNoWhere = errors.New(`cosmos: dsl: a statement without a condition; Where("true") is every document`)

// ToSql returns the statement and its arguments. It implements [Sqlizer].
func (b UpdateBuilder) ToSql() (string, []any, error) {
	switch {
	case b.err != nil:
	case len(b.sets) == 0:
		b.err = errors.New("cosmos: dsl: update without anything to set")
	case len(b.where) == 0:
		b.err = errNoWhere
	}
	t := &text{}
	t.WriteString("UPDATE " + b.container + " SET ")
	for i, set := range b.sets {
		if i > 0 {
			t.WriteString(", ")
		}
		t.WriteString(set.path + " = ")
		t.value(set.value)
	}
	return b.finish(t)
}
