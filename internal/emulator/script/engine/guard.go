package engine

import (
	"strings"

	"github.com/dop251/goja"
)

// goja looks whether it is to stop between two instructions of a script. Many built-in functions do more than a little
// in one: [].join over an array whose length is four billion, "x".repeat(1e9). Here they are bounded, or taken away.

// removed are globals that a script of the service has no use for and that cannot be bounded.
var removed = []string{
	"ArrayBuffer", "SharedArrayBuffer", "DataView", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array",
	"Uint16Array", "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array",
	"BigInt", "Proxy", "Reflect", "WeakRef", "FinalizationRegistry", "Atomics", "eval",
}

// guarded are the functions of arrays that walk through all of one. The value says whether it changes the array.
var guarded = map[string]bool{
	"at":             false,
	"concat":         false,
	"copyWithin":     true,
	"every":          false,
	"fill":           true,
	"filter":         false,
	"find":           false,
	"findIndex":      false,
	"findLast":       false,
	"findLastIndex":  false,
	"forEach":        false,
	"includes":       false,
	"indexOf":        false,
	"join":           false,
	"lastIndexOf":    false,
	"map":            false,
	"pop":            true,
	"push":           true,
	"reduce":         false,
	"reduceRight":    false,
	"reverse":        true,
	"shift":          true,
	"slice":          false,
	"some":           false,
	"sort":           true,
	"splice":         true,
	"toReversed":     false,
	"toSorted":       false,
	"toSpliced":      false,
	"toString":       false,
	"toLocaleString": false,
	"unshift":        true,
	"with":           false,
}

// guard puts the bounds in place and returns the tools that api.js needs to put in the rest.
func (m *machine) guard() *goja.Object {
	global := m.GlobalObject()
	for _, name := range removed {
		global.Delete(name)
	}
	array := global.Get("Array").ToObject(m.Runtime).Get("prototype").ToObject(m.Runtime)
	for name, changes := range guarded {
		if f, ok := goja.AssertFunction(array.Get(name)); ok {
			m.define(array, name, m.ToValue(m.guardArray(f, changes)))
		}
	}
	text := global.Get("String").ToObject(m.Runtime).Get("prototype").ToObject(m.Runtime)
	for _, name := range []string{"split", "match", "matchAll", "replace", "replaceAll", "normalize", "search"} {
		if f, ok := goja.AssertFunction(text.Get(name)); ok {
			m.define(text, name, m.ToValue(m.guardText(f)))
		}
	}
	for _, name := range []string{"repeat", "padStart", "padEnd"} {
		if f, ok := goja.AssertFunction(text.Get(name)); ok {
			m.define(text, name, m.ToValue(m.guardLength(f, name == "repeat")))
		}
	}
	object := global.Get("Object").ToObject(m.Runtime)
	for _, name := range []string{"assign", "entries", "getOwnPropertyDescriptors", "getOwnPropertyNames",
		"keys", "values"} {
		if f, ok := goja.AssertFunction(object.Get(name)); ok {
			m.define(object, name, m.ToValue(m.guardArguments(f)))
		}
	}
	function := global.Get("Function").ToObject(m.Runtime).Get("prototype").ToObject(m.Runtime)
	if f, ok := goja.AssertFunction(function.Get("apply")); ok {
		m.define(function, "apply", m.ToValue(m.guardApply(f)))
	}
	json := global.Get("JSON").ToObject(m.Runtime)
	if f, ok := goja.AssertFunction(json.Get("parse")); ok {
		m.define(json, "parse", m.ToValue(m.guardParse(f)))
	}
	tools := m.NewObject()
	tools.Set("guard", m.guardDepth)
	tools.Set("log", m.writeLog)
	tools.Set("plain", func(v goja.Value) goja.Value { // a value as JSON has it, and a copy
		out, err := m.fromJS(v)
		if err != nil {
			panic(err)
		}
		return m.toJS(out)
	})
	return tools
}

func (m *machine) define(o *goja.Object, name string, v goja.Value) {
	v.ToObject(m.Runtime).DefineDataProperty("name", m.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

type native = func(goja.FunctionCall) goja.Value

// rangeError throws a RangeError.
func (m *machine) rangeError(text string) {
	o, err := m.New(m.Get("RangeError"), m.ToValue(text))
	if err != nil {
		panic(err)
	}
	panic(m.ToValue(o))
}

// pass calls what is guarded.
func pass(f goja.Callable, this goja.Value, args []goja.Value) goja.Value {
	v, err := f(this, args...)
	if err != nil {
		panic(err)
	}
	return v
}

// guardDepth bounds how deep a function gets into itself: {toString: "".trim} has no end and no call of the script's.
func (m *machine) guardDepth(fn goja.Value, name string) goja.Value {
	f, ok := goja.AssertFunction(fn)
	if !ok {
		return fn
	}
	guarded := m.ToValue(func(call goja.FunctionCall) goja.Value {
		defer m.deeper()()
		return pass(f, call.This, call.Arguments)
	})
	guarded.ToObject(m.Runtime).
		DefineDataProperty("name", m.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return guarded
}

// deeper counts a call of a guarded function until what it returns is called.
func (m *machine) deeper() func() {
	if m.inside++; m.inside > maxInside {
		m.inside--
		m.rangeError("Maximum call stack size exceeded")
	}
	return m.shallower
}

func (m *machine) shallower() { m.inside-- }

// guardArray bounds a function of arrays: the length, of arguments that are arrays too, and how deep it calls itself.
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
		for _, a := range call.Arguments {
			if o, ok := a.(*goja.Object); ok && o.ClassName() == "Array" {
				m.checkLength(o)
			}
		}
		return pass(f, this, call.Arguments)
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

// guardText bounds a function of texts, and what replacements make of one.
func (m *machine) guardText(f goja.Callable) native {
	return func(call goja.FunctionCall) goja.Value {
		this, text := m.text(call.This)
		if len(text) > maxText {
			m.rangeError("the text is too long")
		}
		if with := call.Argument(1); !goja.IsUndefined(with) {
			// As int64: the product of two lengths is more than an int of 32 bits holds.
			if _, ok := goja.AssertFunction(with); !ok && int64(len(text)+1)*int64(len(with.String())+1) > maxText*4 {
				m.rangeError("the text would become too long")
			}
		}
		return pass(f, this, call.Arguments)
	}
}

// text reads a text once: an object may say another the next time.
func (m *machine) text(v goja.Value) (goja.Value, string) {
	text := v.String()
	if _, ok := v.(*goja.Object); ok {
		v = m.ToValue(text)
	}
	return v, text
}

// guardLength bounds the length that repeat and padding make.
func (m *machine) guardLength(f goja.Callable, times bool) native {
	return func(call goja.FunctionCall) goja.Value {
		this, text := m.text(call.This)
		n := call.Argument(0).ToInteger()
		if n > maxText || times && len(text) > 0 && n > maxText/int64(len(text)) {
			m.rangeError("Invalid string length")
		}
		return pass(f, this, append([]goja.Value{m.ToValue(n)}, call.Arguments[min(1, len(call.Arguments)):]...))
	}
}

// guardArguments bounds texts and arrays whose characters and elements become properties one by one.
func (m *machine) guardArguments(f goja.Callable) native {
	return func(call goja.FunctionCall) goja.Value {
		for _, a := range call.Arguments {
			if o, ok := a.(*goja.Object); ok {
				if c := o.ClassName(); c == "Array" || c == "String" {
					m.checkLength(o)
				}
			} else if len(a.String()) > maxLength {
				m.rangeError("the text is too long")
			}
		}
		return pass(f, call.This, call.Arguments)
	}
}

// guardApply bounds how many arguments apply makes of what is like an array.
func (m *machine) guardApply(f goja.Callable) native {
	return func(call goja.FunctionCall) goja.Value {
		args := call.Arguments
		if o, ok := call.Argument(1).(*goja.Object); ok {
			const most = 1 << 16
			if v := o.Get("length"); v != nil && v.ToInteger() > most {
				m.rangeError("too many arguments")
			}
			args = []goja.Value{args[0], m.snapshot(o)}
		}
		return pass(f, call.This, args)
	}
}

// guardParse bounds the texts that JSON.parse reads: it calls itself for each level.
func (m *machine) guardParse(f goja.Callable) native {
	return func(call goja.FunctionCall) goja.Value {
		text := call.Argument(0).String()
		if len(text) > maxText || nesting(text) > maxDepth*2 {
			m.rangeError("the JSON text is too long or nested too deeply")
		}
		return pass(f, call.This,
			append([]goja.Value{m.ToValue(text)}, call.Arguments[min(1, len(call.Arguments)):]...))
	}
}

// writeLog is console.log: a line between what two calls wrote, none behind the last.
func (m *machine) writeLog(call goja.FunctionCall) goja.Value {
	if m.log.Len() < maxLog {
		text := strings.ToValidUTF8(call.Argument(0).String(), "\uFFFD")
		if m.log.Len() > 0 {
			text = "\n" + text
		}
		m.log.WriteString(text[:min(len(text), maxLog-m.log.Len())])
	}
	return goja.Undefined()
}
