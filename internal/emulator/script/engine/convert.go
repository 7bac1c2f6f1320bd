package engine

import (
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/cosmossql/cosmossql/internal/value"
)

// toJS makes a JavaScript value of JSON.
func (m *machine) toJS(v value.Value) goja.Value {
	switch v.Kind() {
	case value.KindNull:
		return goja.Null()
	case value.KindBool:
		return m.ToValue(v.IsTrue())
	case value.KindNumber:
		if n, exact := v.AsInt(); exact && n > -1<<53 && n < 1<<53 {
			return m.ToValue(n)
		}
		return m.ToValue(v.AsFloat())
	case value.KindString:
		return m.ToValue(v.AsString())
	case value.KindArray:
		elems := make([]any, 0, v.Len())
		for e := range v.Elems() {
			elems = append(elems, m.toJS(e))
		}
		return m.NewArray(elems...)
	case value.KindObject:
		o := m.NewObject()
		for x := range v.Members() {
			// Not Set: a member __proto__ is a member like others.
			o.DefineDataProperty(x.Name, m.toJS(x.Value), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
		return o
	}
	return goja.Undefined()
}

// fromJS takes a value out as JSON.stringify would write it; undefined, functions and symbols are undefined.
func (m *machine) fromJS(v goja.Value) (out value.Value, err error) {
	t := &taker{m: m}
	if x := m.Try(func() { out = t.take("", v) }); x != nil {
		return value.Undefined, x
	}
	return out, nil
}

// taker takes one value out. It panics with exceptions.
type taker struct {
	m     *machine
	depth int
	count int
}

func (t *taker) fail(text string) { panic(t.m.NewTypeError(text)) }

func (t *taker) take(key string, v goja.Value) value.Value {
	if t.count++; t.count > maxValues {
		t.fail("the value has too many parts")
	}
	switch {
	case v == nil, goja.IsUndefined(v):
		return value.Undefined
	case goja.IsNull(v):
		return value.Null
	}
	o, ok := v.(*goja.Object)
	if !ok {
		return primitive(v)
	}
	if f, ok := goja.AssertFunction(o.Get("toJSON")); ok {
		v, err := f(o, t.m.ToValue(key))
		if err != nil {
			panic(err)
		}
		if o, ok = v.(*goja.Object); !ok {
			return t.take(key, v)
		}
	}
	if _, ok := goja.AssertFunction(o); ok {
		return value.Undefined
	}
	switch o.ClassName() {
	case "String":
		return value.String(valid(o.String()))
	case "Number":
		return number(o.ToFloat())
	case "Boolean":
		return value.Bool(o.String() == "true")
	}
	if t.depth++; t.depth > maxDepth {
		t.fail("the value contains itself, or is nested too deeply")
	}
	defer func() { t.depth-- }()
	if o.ClassName() == "Array" {
		return t.array(o)
	}
	var members []value.Member
	for _, name := range o.Keys() {
		if x := t.take(name, o.Get(name)); x.IsDefined() {
			members = append(members, value.Member{Name: valid(name), Value: x})
		}
	}
	return value.Object(members)
}

func (t *taker) array(o *goja.Object) value.Value {
	n := o.Get("length").ToInteger()
	if n > maxLength {
		t.fail("the array has too many elements")
	}
	elems := make([]value.Value, n)
	for i := range elems {
		name := strconv.Itoa(i)
		if elems[i] = t.take(name, o.Get(name)); !elems[i].IsDefined() {
			elems[i] = value.Null
		}
	}
	return value.Array(elems)
}

func primitive(v goja.Value) value.Value {
	if _, ok := v.(*goja.Symbol); ok {
		return value.Undefined // its export is its description
	}
	switch x := v.Export().(type) {
	case bool:
		return value.Bool(x)
	case int64:
		return value.Int(x)
	case float64:
		return number(x)
	case string:
		return value.String(valid(x))
	}
	return value.Undefined
}

// number is a JSON number; what JSON cannot say is null, as in JSON.stringify.
func number(f float64) value.Value {
	switch {
	case math.IsNaN(f), math.IsInf(f, 0):
		return value.Null
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return value.Int(int64(f))
	}
	return value.Float(f)
}

// valid is the text with the replacement character for what is not Unicode, such as half a surrogate pair.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
