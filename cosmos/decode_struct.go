package cosmos

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// decodeInto decodes data into v, which is zero. It reports false for what it leaves to encoding/json, whether that is
// an error or not; v may have been changed by then.
func decodeInto(data []byte, v reflect.Value, t *decodeType) bool {
	d := decoder{data: data}
	d.arena.Grow(int(t.texts.Load()))
	i, ok := d.decode(rawjson.Space(data, 0), maxDecodeDepth, v, t)
	if ok && d.texts != t.texts.Load() {
		t.texts.Store(d.texts)
	}
	return ok && rawjson.Space(data, i) == len(data)
}

// decode decodes what stands at i into v and returns the index behind it.
func (d *decoder) decode(i, depth int, v reflect.Value, t *decodeType) (int, bool) {
	if i >= len(d.data) || depth == 0 {
		return i, false
	}
	if d.data[i] == 'n' && t.kind != byMethod {
		end, ok := rawjson.Scan(d.data, i)
		switch t.of {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
			v.SetZero()
		}
		return end, ok && t.kind != byText
	}
	switch t.kind {
	case byMethod:
		end, ok := rawjson.Scan(d.data, i)
		return end, ok && v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(d.data[i:end]) == nil
	case byText:
		end, ok := d.literal(i)
		if !ok {
			return end, false
		}
		text := d.data[i+1 : end-1]
		if bytes.IndexByte(text, '\\') >= 0 {
			text = []byte(rawjson.Unquote(text))
		}
		return end, v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(text) == nil
	case asBytes:
		end, ok := d.literal(i)
		if !ok {
			return end, false
		}
		decoded, err := base64.StdEncoding.DecodeString(rawjson.Unquote(d.data[i+1 : end-1]))
		v.SetBytes(decoded)
		return end, err == nil
	case asNumber:
		end, ok := rawjson.ScanNumber(d.data, i)
		v.SetString(string(d.data[i:end]))
		return end, ok
	}
	switch t.of {
	case reflect.String:
		s, end, ok := d.string(i)
		v.SetString(s)
		return end, ok
	case reflect.Struct:
		return d.structure(i, depth-1, v, t)
	case reflect.Slice:
		return d.slice(i, depth-1, v, t)
	case reflect.Array:
		return d.fixed(i, depth-1, v, t)
	case reflect.Map:
		return d.mapping(i, depth-1, v, t)
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(t.elem.typ))
		}
		return d.decode(i, depth-1, v.Elem(), t.elem)
	case reflect.Interface:
		found, end, ok := d.value(i, depth)
		if ok && found != nil {
			v.Set(reflect.ValueOf(found))
		}
		return end, ok
	case reflect.Bool:
		end, ok := rawjson.Scan(d.data, i)
		v.SetBool(d.data[i] == 't')
		return end, ok && (d.data[i] == 't' || d.data[i] == 'f')
	}
	return d.number(i, v)
}

// literal finds the end of the string at i, which is valid UTF-8.
func (d *decoder) literal(i int) (int, bool) {
	if d.data[i] != '"' {
		return i, false
	}
	end, ok := rawjson.ScanString(d.data, i)
	return end, ok && utf8.Valid(d.data[i:end])
}

func (d *decoder) number(i int, v reflect.Value) (int, bool) {
	end, ok := rawjson.ScanNumber(d.data, i)
	if !ok {
		return end, false
	}
	text := d.data[i:end]
	switch {
	case v.CanInt():
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil || v.OverflowInt(n) {
			return end, false
		}
		v.SetInt(n)
	case v.CanUint():
		n, err := strconv.ParseUint(string(text), 10, 64)
		if err != nil || v.OverflowUint(n) {
			return end, false
		}
		v.SetUint(n)
	default:
		f, err := strconv.ParseFloat(string(text), v.Type().Bits())
		if err != nil || v.OverflowFloat(f) {
			return end, false
		}
		v.SetFloat(f)
	}
	return end, true
}

func (d *decoder) structure(i, depth int, v reflect.Value, t *decodeType) (int, bool) {
	next := 0
	return rawjson.ScanObject(d.data, i, func(begin, end, i int) (int, bool) {
		name := d.data[begin:end]
		if bytes.IndexByte(name, '\\') >= 0 {
			name = []byte(rawjson.Unquote(name))
		}
		at := t.field(name, next)
		if at < 0 {
			end, ok := rawjson.Scan(d.data, i)
			return end, ok && utf8.Valid(d.data[i:end]) && utf8.Valid(name)
		}
		next = at + 1
		f := &t.fields[at]
		if len(f.index) == 1 {
			return d.decode(i, depth, v.Field(f.index[0]), f.typ)
		}
		return d.decode(i, depth, v.FieldByIndex(f.index), f.typ)
	})
}

func (d *decoder) mapping(i, depth int, v reflect.Value, t *decodeType) (int, bool) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(t.typ))
	}
	elem := reflect.New(t.elem.typ).Elem()
	key := reflect.New(t.typ.Key()).Elem()
	return rawjson.ScanObject(d.data, i, func(begin, end, i int) (int, bool) {
		s, ok := d.text(begin, end)
		if !ok {
			return i, false
		}
		key.SetString(s)
		elem.SetZero()
		i, ok = d.decode(i, depth, elem, t.elem)
		v.SetMapIndex(key, elem)
		return i, ok
	})
}

func (d *decoder) slice(i, depth int, v reflect.Value, t *decodeType) (int, bool) {
	if !v.IsNil() {
		return i, false // a name that comes twice: encoding/json decodes into the elements that are there
	}
	n := 0
	end, ok := rawjson.ScanArray(d.data, i, func(i int) (int, bool) {
		if n == v.Cap() {
			v.Grow(max(n, 4))
		}
		n++
		v.SetLen(n)
		return d.decode(i, depth, v.Index(n-1), t.elem)
	})
	if ok && n == 0 {
		v.Set(reflect.MakeSlice(t.typ, 0, 0))
	}
	return end, ok
}

func (d *decoder) fixed(i, depth int, v reflect.Value, t *decodeType) (int, bool) {
	n := 0
	end, ok := rawjson.ScanArray(d.data, i, func(i int) (int, bool) {
		if n++; n > v.Len() {
			end, ok := rawjson.Scan(d.data, i)
			return end, ok && utf8.Valid(d.data[i:end])
		}
		return d.decode(i, depth, v.Index(n-1), t.elem)
	})
	for ; n < v.Len(); n++ {
		v.Index(n).SetZero()
	}
	return end, ok
}
