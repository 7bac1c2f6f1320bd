package cosmos

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
)

// decodeKind is how values of a type are decoded.
type decodeKind uint8

const (
	byMethod decodeKind = iota + 1 // UnmarshalJSON
	byText                         // UnmarshalText
	asNumber                       // json.Number
	asBytes                        // base64
	asKind                         // as the type's own kind asks for
)

// decodeType is what the decoder knows of a type. Recursive types make it a cycle.
type decodeType struct {
	kind   decodeKind
	of     reflect.Kind
	typ    reflect.Type
	elem   *decodeType // of a pointer, slice, array or map
	fields []decodeField
	names  map[string]int // of fields
	texts  atomic.Int64   // bytes that the short strings of the last document had
}

// decodeField is a field of a struct, by its name in JSON.
type decodeField struct {
	name  string
	index []int
	typ   *decodeType
}

var (
	decodeTypes     sync.Map // *decodeType by reflect.Type
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// decodeTypeOf returns how to decode values of a type; nil where encoding/json has to.
func decodeTypeOf(t reflect.Type) *decodeType {
	if known, ok := decodeTypes.Load(t); ok {
		return known.(*decodeType)
	}
	a := typeAnalysis{types: map[reflect.Type]*decodeType{}}
	d := a.of(t)
	if a.foreign {
		d = nil
	}
	decodeTypes.Store(t, d)
	return d
}

// typeAnalysis holds the types that a type is made of.
type typeAnalysis struct {
	types   map[reflect.Type]*decodeType
	foreign bool // some part is left to encoding/json
}

func (a *typeAnalysis) of(t reflect.Type) *decodeType {
	if known := a.types[t]; known != nil {
		return known
	}
	d := &decodeType{kind: asKind, of: t.Kind(), typ: t}
	a.types[t] = d
	method, text := reflect.PointerTo(t).Implements(unmarshaler), reflect.PointerTo(t).Implements(textUnmarshaler)
	switch {
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface:
		// The methods of what a pointer points to are looked at there.
	case (method || text) && t.Name() == "": // which has them of an embedded field
		a.foreign = true
		return d
	case method:
		d.kind = byMethod
		return d
	case text:
		d.kind = byText
		return d
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
	case reflect.String:
		if t == reflect.TypeFor[json.Number]() {
			d.kind = asNumber
		}
	case reflect.Interface:
		a.foreign = a.foreign || t.NumMethod() > 0
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			d.kind = asBytes
		}
		d.elem = a.of(t.Elem())
	case reflect.Pointer, reflect.Array:
		d.elem = a.of(t.Elem())
	case reflect.Map:
		key := t.Key()
		a.foreign = a.foreign || key.Kind() != reflect.String || reflect.PointerTo(key).Implements(textUnmarshaler)
		d.elem = a.of(t.Elem())
	case reflect.Struct:
		a.structure(d)
	default:
		a.foreign = true
	}
	return d
}

// structure finds the fields of a struct, those of embedded structs included, which give way to fields of their name
// that are less deep.
func (a *typeAnalysis) structure(d *decodeType) {
	type level struct {
		typ   reflect.Type
		index []int
	}
	d.names = map[string]int{}
	depths := map[string]int{}
	for next, depth := []level{{typ: d.typ}}, 0; len(next) > 0; depth++ {
		current := next
		next = nil
		for _, at := range current {
			for i := range at.typ.NumField() {
				f := at.typ.Field(i)
				index := append(slices.Clone(at.index), i)
				tag := f.Tag.Get("json")
				name, options, _ := strings.Cut(tag, ",")
				switch {
				case tag == "-", !f.IsExported() && !(f.Anonymous && f.Type.Kind() == reflect.Struct):
					continue
				case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
					next = append(next, level{f.Type, index})
					continue
				case f.Anonymous && name == "", !f.IsExported(), strings.Contains(options, "string"), !plainName(name):
					a.foreign = true
					return
				case name == "":
					name = f.Name
				}
				if was, taken := depths[name]; taken && was == depth {
					a.foreign = true // which of them counts is for encoding/json to say
					return
				} else if taken {
					continue
				}
				depths[name] = depth
				d.names[name] = len(d.fields)
				d.fields = append(d.fields, decodeField{name, index, a.of(f.Type)})
			}
		}
	}
}

// plainName reports whether a name of a tag is one that encoding/json takes as it is.
func plainName(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && r != '$' && r != '/' && r != ' ' && !unicode.IsLetter(r) &&
			!unicode.IsDigit(r)
	})
}

// field is the number of the field of a name, whatever its case where there is none of exactly that name; -1 for none.
// next is where a document whose members are in the order of the fields goes on.
func (d *decodeType) field(name []byte, next int) int {
	if next < len(d.fields) && string(name) == d.fields[next].name {
		return next
	}
	if i, ok := d.names[string(name)]; ok {
		return i
	}
	for i := range d.fields {
		if alike(name, d.fields[i].name) {
			return i
		}
	}
	return -1
}

// alike is [strings.EqualFold] with a look at the first bytes before.
func alike(name []byte, field string) bool {
	if len(name) == 0 || len(field) == 0 {
		return len(name) == len(field)
	}
	a, b := name[0], field[0]
	return (a|0x20 == b|0x20 || a|b >= 0x80) && strings.EqualFold(string(name), field)
}
