package dsl

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
)

// InsertBuilder builds a statement that creates documents.
type InsertBuilder struct {
	statement
	verb    string
	columns []string
	rows    [][]any
}

// Insert starts a statement that creates documents in a container; one that is there already is a conflict.
func Insert(container string) InsertBuilder {
	return InsertBuilder{statement: on(container), verb: "INSERT"}
}

// Upsert starts a statement that creates documents in a container, or replaces those that are there.
func Upsert(container string) InsertBuilder {
	return InsertBuilder{statement: on(container), verb: "UPSERT"}
}

// Columns names the properties that Values gives values: "id", "address.city". [Path] without a
// root gives the path of any names.
func (b InsertBuilder) Columns(columns ...string) InsertBuilder {
	b.columns = slices.Clip(b.columns)
	for _, column := range columns {
		path, err := property(column)
		if err != nil {
			b.statement = b.fail(err)
			return b
		}
		b.columns = append(b.columns, path)
	}
	return b
}

// Values adds a document by the values of its columns.
func (b InsertBuilder) Values(values ...any) InsertBuilder {
	b.rows = append(slices.Clip(b.rows), slices.Clone(values))
	return b
}

// Document adds a whole document: a struct, a map, or raw JSON. It goes without Columns.
func (b InsertBuilder) Document(doc any) InsertBuilder { return b.Values(doc) }

// SetMap adds a document by its columns and their values, in the place of Columns and Values.
func (b InsertBuilder) SetMap(values map[string]any) InsertBuilder {
	b.columns, b.rows = nil, nil
	names := slices.Sorted(maps.Keys(values))
	row := make([]any, len(names))
	for i, name := range names {
		row[i] = values[name]
	}
	return b.Columns(names...).Values(row...)
}

// Returning makes the statement a query of the documents as they are stored: "*", or properties.
func (b InsertBuilder) Returning(columns ...string) InsertBuilder {
	b.statement = b.returns(columns)
	return b
}

// With adds arguments that have no place in the text, such as request options of the driver.
func (b InsertBuilder) With(args ...any) InsertBuilder {
	b.options = append(slices.Clip(b.options), args...)
	return b
}

// ToSql returns the statement and its arguments. It implements [Sqlizer].
func (b InsertBuilder) ToSql() (string, []any, error) {
	if b.err == nil && b.container != "" && len(b.rows) == 0 {
		b.err = errors.New("cosmos: dsl: " + strings.ToLower(b.verb) + " without values")
	}
	t := &text{}
	t.WriteString(b.verb + " INTO " + b.container)
	if len(b.columns) > 0 {
		t.WriteString(" (" + strings.Join(b.columns, ", ") + ")")
	}
	t.WriteString(" VALUES ")
	for i, row := range b.rows {
		switch values := errtext.Count(len(row), "value"); {
		case len(b.columns) == 0 && len(row) != 1:
			b.statement = b.fail(fmt.Errorf("cosmos: dsl: row %d has %s and no columns: "+
				"name the columns, or give one whole document", i+1, values))
		case len(b.columns) > 0 && len(row) != len(b.columns):
			b.statement = b.fail(fmt.Errorf("cosmos: dsl: row %d has %s for %s", i+1, values,
				errtext.Count(len(b.columns), "column")))
		}
		if i > 0 {
			t.WriteString(", ")
		}
		t.WriteString("(")
		for j, v := range row {
			if j > 0 {
				t.WriteString(", ")
			}
			t.value(v)
		}
		t.WriteString(")")
	}
	return b.finish(t)
}
