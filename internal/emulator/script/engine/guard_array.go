package engine

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// reading and changing are the functions of arrays that walk through all of one.
var (
	reading = strings.Fields("at every filter find findIndex findLast findLastIndex forEach includes indexOf " +
		"lastIndexOf map reduce reduceRight slice some toReversed toSorted toSpliced with")
	changing = strings.Fields("copyWithin fill pop push reverse shift sort splice unshift")
)

// guardArrays bounds the functions of the prototype of arrays.
func (m *machine) guardArrays(array *goja.Object) {
	m.wrap(array, func(f goja.Callable) native { return m.guardArray(f, false) }, reading...)
	m.wrap(array, func(f goja.Callable) native { return m.guardArray(f, true) }, changing...)
	m.wrap(array, m.guardConcat, "concat")
	m.define(array, "join", m.ToValue(m.join))
	m.define(array, "toLocaleString", m.ToValue(m.joinLocal))
}

// guardArray bounds a function of arrays: the length of the one it is called on, and how deep it calls itself.
func (m *machine) guardArray(f goja.Callable, changes bool) native {
	return func(call goja.FunctionCall) goja.Value {
		defer m.deeper()()
		this := call.This
		if o, ok := this.(*goja.Object); ok {
			m.checkLength(o)
			if o.ClassName() != "Array" {
				if changes {
					panic(m.NewTypeError("this function changes arrays only"))
				}
				this = m.snapshot(o)
			}
		}
		return pass(f, this, call.Arguments)
	}
}

// guardConcat bounds what concat puts together, arrays and objects that say that they are spread like them, and how
// deep it calls itself.
func (m *machine) guardConcat(f goja.Callable) native {
	return func(call goja.FunctionCall) goja.Value {
		defer m.deeper()()
		all := append([]goja.Value{call.This}, call.Arguments...)
		n := int64(0)
		for i, a := range all {
			o, ok := a.(*goja.Object)
			if !ok {
				continue
			}
			if v := o.GetSymbol(goja.SymIsConcatSpreadable); v != nil && v.ToBoolean() {
				all[i] = m.snapshot(o)
			} else if o.ClassName() != "Array" {
				continue
			}
			if n += m.checkLength(all[i].(*goja.Object)); n > maxLength {
				m.rangeError("the array has too many elements")
			}
		}
		return pass(f, all[0], all[1:])
	}
}

// join is join of arrays. goja's own would make any text, however long, in one step.
func (m *machine) join(call goja.FunctionCall) goja.Value {
	by := m.ToValue(",")
	if x := call.Argument(0); !goja.IsUndefined(x) {
		by = x
	}
	return m.joined(call.This.ToObject(m.Runtime), m.textOf(by), m.textOf)
}

// joinLocal is toLocaleString of arrays.
func (m *machine) joinLocal(call goja.FunctionCall) goja.Value {
	return m.joined(call.This.ToObject(m.Runtime), m.textOf(m.ToValue(",")), func(x goja.Value) goja.String {
		f, ok := goja.AssertFunction(x.ToObject(m.Runtime).Get("toLocaleString"))
		if !ok {
			panic(m.NewTypeError("toLocaleString is not a function"))
		}
		return m.textOf(pass(f, x, nil))
	})
}

func (m *machine) joined(o *goja.Object, by goja.String, show func(goja.Value) goja.String) goja.Value {
	defer m.deeper()()
	if slices.Contains(m.joining, o) {
		return m.ToValue("") // it contains itself
	}
	m.joining = append(m.joining, o)
	defer func() { m.joining = m.joining[:len(m.joining)-1] }()
	var text goja.StringBuilder
	made := 0
	write := func(s goja.String) {
		if made += s.Length(); made > 4*maxText {
			m.rangeError("the text would become too long")
		}
		text.WriteString(s)
	}
	for i := range m.checkLength(o) {
		if i > 0 {
			write(by)
		}
		if x := o.Get(itoa(i)); x != nil && !goja.IsUndefined(x) && !goja.IsNull(x) {
			write(show(x))
		}
	}
	return text.String()
}

// textOf is what JavaScript's ToString makes of a value.
func (m *machine) textOf(x goja.Value) goja.String {
	switch s := x.ToString().(type) {
	case goja.String:
		return s
	case *goja.Symbol:
		panic(m.NewTypeError("Cannot convert a Symbol value to a string"))
	default: // null and undefined
		return m.ToValue(s.String()).(goja.String)
	}
}

func (m *machine) checkLength(o *goja.Object) int64 {
	n := int64(0)
	if v := o.Get("length"); v != nil {
		n = v.ToInteger()
	}
	if n > maxLength {
		m.rangeError("the array has too many elements")
	}
	return n
}

// snapshot is an array of what an object like one holds: its length is read once.
func (m *machine) snapshot(o *goja.Object) goja.Value {
	if o.ClassName() == "Function" {
		return m.NewArray()
	}
	n := m.checkLength(o)
	a := m.NewArray()
	a.Set("length", n)
	for i := range n {
		if v := o.Get(itoa(i)); v != nil {
			a.Set(itoa(i), v)
		}
	}
	return a
}
