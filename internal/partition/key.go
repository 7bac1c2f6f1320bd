// Package partition knows how Cosmos DB places documents: partition key values and the header that carries them, the
// effective partition key (EPK) that a key hashes to, the ranges of EPKs that physical partitions own, and the routing
// map they form.
//
// An EPK is upper-case hexadecimal text. "" lies below every EPK and "FF" above; compare with [Compare].
package partition

import (
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

type kind uint8

const (
	kindUndefined kind = iota
	kindNull
	kindFalse
	kindTrue
	kindNumber
	kindString
)

// Component is one value of a partition key. Components are comparable with ==; the zero value is [Undefined].
type Component struct {
	kind kind
	num  float64
	str  string
}

// Undefined is the component of a document that lacks the property. Null is a value of its own.
var (
	Undefined = Component{}
	Null      = Component{kind: kindNull}
)

// Number returns the component of a number. Negative zero is zero: they are equal, so they must hash equally. Uncertain
// in the service, whose hash alone tells them apart.
func Number(f float64) Component {
	if f == 0 {
		f = 0 // drops the sign
	}
	return Component{kind: kindNumber, num: f}
}

// String returns the component of a string. A byte that is not UTF-8 is U+FFFD, as it is in the header and in the
// document, whose hash it must have.
func String(s string) Component {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	return Component{kind: kindString, str: s}
}

// Bool returns the component of a boolean.
func Bool(b bool) Component {
	if b {
		return Component{kind: kindTrue}
	}
	return Component{kind: kindFalse}
}

// Key is the value of a partition key: one component for every path of the [Definition], or fewer for a prefix of a
// hierarchical key.
type Key []Component

// NewKey makes a key of Go values: strings, booleans, integers, floating-point numbers and types derived from them,
// nil for null, [Undefined] for an absent property, pointers to those, and types whose own JSON form is one of those.
// Any other type, and NaN and infinities, are an error that names it.
func NewKey(values ...any) (Key, error) {
	key := make(Key, len(values))
	for i, v := range values {
		c, err := component(v)
		if err != nil {
			return nil, err
		}
		key[i] = c
	}
	return key, nil
}

func component(value any) (Component, error) {
	switch v := value.(type) {
	case nil:
		return Null, nil
	case Component:
		return v, nil
	case string:
		return String(v), nil
	case json.Number:
		return parseNumber(string(v))
	case json.Marshaler, encoding.TextMarshaler:
		// The key must be what the document will hold, so the type's own JSON decides.
		text, err := json.Marshal(v)
		if err != nil {
			return Component{}, errtext.Refusef("cosmos: partition key value of type %T: %w", value, err)
		}
		c, ok := fromJSON(text)
		if !ok {
			return Component{}, errtext.Refusef("cosmos: %T cannot be a partition key value: its JSON is neither a "+
				"string, a number, a boolean nor null", value)
		}
		return c, nil
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		return String(v.String()), nil
	case reflect.Bool:
		return Bool(v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Number(float64(v.Int())), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return Number(float64(v.Uint())), nil
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if v.Kind() == reflect.Float32 {
			// encoding/json writes the shortest text that reads back as the same float32; the document holds that.
			f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return Component{}, errtext.Refusef(
				"cosmos: %v cannot be a partition key value: JSON has no such number", f)
		}
		return Number(f), nil
	case reflect.Pointer:
		if v.IsNil() {
			return Null, nil
		}
		return component(v.Elem().Interface())
	}
	var several string
	if kind := reflect.ValueOf(value).Kind(); kind == reflect.Slice || kind == reflect.Array {
		several = "; the values of a hierarchical key stand side by side, PartitionKey(a, b)"
	}
	return Component{}, errtext.Refusef("cosmos: a value of type %T cannot be a partition key value: use a string, a "+
		"number, a boolean, nil or Undefined%s", value, several)
}

func parseNumber(text string) (Component, error) {
	end, ok := rawjson.ScanNumber([]byte(text), 0) // which ParseFloat's 0x1p4 and +1 are not
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !ok || end != len(text) {
		return Component{}, errtext.Refusef("cosmos: %q cannot be a partition key value: it is not a number", text)
	}
	return Number(f), nil
}

// fromJSON reads the component that a valid JSON text stands for; false for arrays and objects.
func fromJSON(text []byte) (Component, bool) {
	switch rawjson.Kind(text) {
	case 'n':
		return Null, true
	case 't':
		return Bool(true), true
	case 'f':
		return Bool(false), true
	case '0':
		c, err := parseNumber(string(text))
		return c, err == nil
	case '"':
		s, ok := rawjson.String(text)
		return String(s), ok
	}
	return Undefined, false
}

// ParseKey reads the header form of a key, for example ["p",5,null,{}].
func ParseKey(header string) (Key, error) {
	text := []byte(header)
	if !json.Valid(text) || rawjson.Kind(text) != '[' {
		return nil, errtext.Refusef("cosmos: partition key %s is not a JSON array", strconv.Quote(header))
	}
	key := Key{}
	for element := range rawjson.Elements(text) {
		c, ok := fromJSON(element)
		if !ok {
			if rawjson.Kind(element) != '{' || len(strings.TrimSpace(string(element[1:len(element)-1]))) != 0 {
				return nil, errtext.Refusef(
					"cosmos: partition key %s holds %s, which is neither a string, a number, a "+
						"boolean, null nor {}", header, element)
			}
			c = Undefined
		}
		key = append(key, c)
	}
	return key, nil
}

// Header returns the form of the key that the partition key header carries: a JSON array in ASCII.
func (k Key) Header() string {
	b := make([]byte, 0, 16*len(k)+2)
	b = append(b, '[')
	for i, c := range k {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.appendJSON(b)
	}
	return string(append(b, ']'))
}

// String returns the key as its header shows it.
func (k Key) String() string { return k.Header() }

// Value returns the component as a Go value: string, float64, bool or nil. An undefined one has none.
func (c Component) Value() (value any, defined bool) {
	switch c.kind {
	case kindNull:
		return nil, true
	case kindFalse, kindTrue:
		return c.kind == kindTrue, true
	case kindNumber:
		return c.num, true
	case kindString:
		return c.str, true
	}
	return nil, false
}

// String returns the component as JSON, and {} if it is undefined.
func (c Component) String() string { return string(c.appendJSON(nil)) }

func (c Component) appendJSON(b []byte) []byte {
	switch c.kind {
	case kindNull:
		return append(b, "null"...)
	case kindFalse:
		return append(b, "false"...)
	case kindTrue:
		return append(b, "true"...)
	case kindNumber:
		return appendNumber(b, c.num)
	case kindString:
		return appendString(b, c.str)
	}
	return append(b, "{}"...)
}

// appendNumber writes a number as JavaScript and encoding/json do.
func appendNumber(b []byte, f float64) []byte {
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r >= ' ' && r < 0x7F:
			b = append(b, byte(r))
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			b = appendEscape(appendEscape(b, high), low)
		default:
			b = appendEscape(b, r)
		}
	}
	return append(b, '"')
}

func appendEscape(b []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
