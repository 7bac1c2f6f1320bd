//go:build go1.27

package cosmossql

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

var _ driver.RowsColumnScanner = (*Rows)(nil)

// NextRow implements [driver.RowsColumnScanner].
func (r *Rows) NextRow() error { return r.advance() }

// ScanColumn implements [driver.RowsColumnScanner]. Destinations that database/sql knows what to do with (scalars, any,
// []byte, a [sql.Scanner], pointers to those) get what they would get from [Rows.Next]. All others, which it would
// refuse, are decoded from the column's JSON: structs, maps, slices, time.Time, json.RawMessage.
//
// A text that is a time is one for sql.NullTime, and whatever fits T fits sql.Null[T].
//
// An absent field zeroes the destination. A null one is NULL: nil for pointers, maps and slices, an error for a plain
// string, number or struct.
func (r *Rows) ScanColumn(ctx driver.ScanContext, i int, dest any) error {
	cell := r.cells[i]
	if d, ok := dest.(*string); ok && d != nil && rawjson.Kind(cell) == '"' {
		*d, _ = rawjson.String(cell)
		return nil
	}
	rv := reflect.ValueOf(dest)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return errors.New("cosmos: the destination is not a pointer")
	}
	if nullable(rv.Type().Elem()) {
		return r.scanNullable(ctx, i, rv.Elem())
	}
	_, scanner := dest.(sql.Scanner)
	if cell == nil && !scanner {
		rv.Elem().SetZero()
		return nil
	}
	if scanner || known(rv.Type().Elem()) {
		value, err := r.layout.Value(cell)
		if err != nil {
			return fmt.Errorf("cosmos: %w", err)
		}
		return sql.ConvertAssign(ctx, dest, value)
	}
	if columns.IsNull(cell) {
		switch rv.Elem().Kind() {
		case reflect.Map, reflect.Slice, reflect.Pointer:
			rv.Elem().SetZero()
			return nil
		}
		return sql.ConvertAssign(ctx, dest, nil)
	}
	rv.Elem().SetZero() // or maps and structs would keep what the row before left in them
	if err := json.Unmarshal(cell, dest); err != nil {
		return fmt.Errorf("cosmos: decoding into %T: %w", dest, err)
	}
	return nil
}

// nullable reports whether t is sql.NullTime or a sql.Null[T]: a value that is a time or not a scalar does not get into
// those by their own Scan.
func nullable(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" &&
		(t == reflect.TypeFor[sql.NullTime]() || strings.HasPrefix(t.Name(), "Null["))
}

// scanNullable fills a sql.NullTime or sql.Null[T]: its value, which is its first field, and Valid.
func (r *Rows) scanNullable(ctx driver.ScanContext, i int, null reflect.Value) error {
	null.SetZero()
	if cell := r.cells[i]; cell == nil || columns.IsNull(cell) {
		return nil
	}
	if err := r.ScanColumn(ctx, i, null.Field(0).Addr().Interface()); err != nil {
		return err
	}
	null.FieldByName("Valid").SetBool(true)
	return nil
}

// known reports whether database/sql has a conversion to t for some value that Next gives.
func known(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]()) {
		return true
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Interface, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Slice:
		// json.RawMessage is a slice of bytes too, but is to have the JSON of strings and numbers as well.
		return t.Elem().Kind() == reflect.Uint8 &&
			!reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
	case reflect.Pointer:
		return t.Name() == "" && known(t.Elem())
	}
	return false
}
