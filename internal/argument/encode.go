// Package argument turns the arguments of a statement into the JSON that is sent.
package argument

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/errtext"
)

// JSON is an argument that was encoded. It is a type of its own so that encoding it again gives it back.
type JSON json.RawMessage

// Encode returns the JSON text of an argument. In this order: JSON text ([]byte, json.RawMessage and their kin) is
// checked and taken as it is; a json.Marshaler encodes itself; a driver.Valuer is asked for its value; everything else
// goes through encoding/json. The result shares no memory with v.
//
// What JSON cannot carry is an error that says what to send instead.
func Encode(v any) (JSON, error) { return Format{}.Encode(v) }

// Format is how values are encoded where there is a choice.
type Format struct {
	FixedTimes bool // a time has the fixed width of 2006-01-02T15:04:05.0000000Z, so that texts sort as the times do
}

// fixedTime is the layout of times with a fixed width, as Cosmos DB's own functions write them.
const fixedTime = "2006-01-02T15:04:05.0000000Z"

// Encode is [Encode]. A time.Time is sent in UTC, so that it compares with others as an instant.
func (f Format) Encode(v any) (JSON, error) { return f.encode(v, true, 0) }

func (f Format) time(t time.Time) (JSON, error) {
	t = t.UTC()
	if year := t.Year(); !f.FixedTimes || year < 0 || year > 9999 {
		return marshal(t)
	}
	return JSON(t.AppendFormat([]byte{'"'}, fixedTime+`"`)), nil
}

// maxPointers is how many pointers may lead to a value: encoding/json does not notice on every Go release when they go
// in a circle.
const maxPointers = 100

// encode is Encode behind so many pointers; valuer says whether a Valuer is still to be asked.
func (f Format) encode(v any, valuer bool, pointers int) (JSON, error) {
	switch v := v.(type) {
	case nil:
		return JSON("null"), nil
	case JSON:
		return v, nil
	case string:
		return text(v)
	case bool:
		return strconv.AppendBool(nil, v), nil
	case int64:
		return strconv.AppendInt(nil, v, 10), nil
	case int:
		return strconv.AppendInt(nil, int64(v), 10), nil
	case []byte:
		return raw(v)
	case json.RawMessage:
		return raw(v)
	case time.Time:
		return f.time(v)
	case *time.Time:
		if v == nil {
			return JSON("null"), nil
		}
		return f.time(*v)
	case json.Marshaler, json.Number:
		return marshal(v)
	case sql.Out:
		return nil, errtext.Refusef(
			"cosmos: a statement has no output parameters; RETURNING gives back what was written")
	case driver.Valuer:
		if valuer {
			return f.value(v, pointers)
		}
	}
	rv := reflect.ValueOf(v)
	if err := refuse(rv.Type()); err != nil {
		return nil, err
	}
	switch rv.Kind() {
	case reflect.Float32, reflect.Float64:
		if f := rv.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, errtext.Refusef("cosmos: %v is not a JSON number; send nil or a string", f)
		}
	case reflect.Slice:
		if rv.Type().Elem().Kind() == reflect.Uint8 && !marshalsText(rv.Type()) {
			return raw(rv.Bytes())
		}
	case reflect.String:
		if !marshalsText(rv.Type()) {
			return text(rv.String())
		}
	case reflect.Pointer:
		if rv.IsNil() {
			return JSON("null"), nil
		}
		switch elem := rv.Elem(); {
		case pointers == maxPointers:
			return nil, errtext.Refusef("cosmos: a value of type %T cannot be sent: its pointers go in a circle", v)
		case elem.Kind() == reflect.Interface && elem.IsNil():
			return JSON("null"), nil
		case !marshalsText(rv.Type()):
			return f.encode(elem.Interface(), true, pointers+1)
		}
	}
	return marshal(v)
}

func marshalsText(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]())
}

func marshal(v any) (JSON, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, errtext.Refusef("cosmos: a value of type %T cannot be sent: %w", v, err)
	}
	return b, nil
}

// value asks a Valuer. One whose pointer is nil, but whose Value method has no pointer receiver, is null.
func (f Format) value(v driver.Valuer, pointers int) (JSON, error) {
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() &&
		rv.Type().Elem().Implements(reflect.TypeFor[driver.Valuer]()) {
		return JSON("null"), nil
	}
	if inner, ok := nullable(v); ok {
		return f.encode(inner, true, pointers)
	}
	got, err := v.Value()
	if err != nil {
		return nil, err
	}
	return f.encode(got, false, pointers)
}

// nullable looks into a sql.Null[T], whose own Value refuses slices, maps and structs.
func nullable(v driver.Valuer) (any, bool) {
	rv := reflect.Indirect(reflect.ValueOf(v))
	if rv.Kind() != reflect.Struct || rv.Type().PkgPath() != "database/sql" {
		return nil, false
	}
	inner, valid := rv.FieldByName("V"), rv.FieldByName("Valid")
	switch {
	case !inner.IsValid() || !valid.IsValid():
		return nil, false
	case !valid.Bool():
		return nil, true
	}
	return inner.Interface(), true
}

// text encodes a string. Text that is not UTF-8 would come back changed.
func text(s string) (JSON, error) {
	if plain(s) {
		return append(append(append(make(JSON, 0, len(s)+2), '"'), s...), '"'), nil
	}
	if !utf8.ValidString(s) {
		return nil,
			errtext.Refusef("cosmos: a string that is not valid UTF-8 cannot be sent; send binary data as base64 text")
	}
	return marshal(s)
}

// plain reports whether encoding/json writes a string as it is.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c >= utf8.RuneSelf, c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

// raw takes bytes as JSON text, which is what columns of type []byte hold too.
func raw(b []byte) (JSON, error) {
	if b == nil {
		return JSON("null"), nil
	}
	if !json.Valid(b) {
		return nil, errtext.Refusef(
			"cosmos: a []byte is sent as JSON text, and this one is not; send binary data as a base64 string")
	}
	return append(JSON(nil), bytes.TrimSpace(b)...), nil // readers look at the first byte
}
