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

// guard puts the bounds in place and returns the tools that api.js needs to put in the rest.
func (m *machine) guard() *goja.Object {
	global := m.GlobalObject()
	for _, name := range removed {
		global.Delete(name)
	}
	m.guardArrays(global.Get("Array").ToObject(m.Runtime).Get("prototype").ToObject(m.Runtime))
	text := global.Get("String").ToObject(m.Runtime).Get("prototype").ToObject(m.Runtime)
	m.wrap(text, m.guardText, "split", "match", "matchAll", "replace", "replaceAll", "normalize", "search")
	m.wrap(text, func(f goja.Callable) native { return m.guardLength(f, true) }, "repeat")
	m.wrap(text, func(f goja.Callable) native { return m.guardLength(f, false) }, "padStart", "padEnd")
	m.wrap(global.Get("Object").ToObject(m.Runtime), m.guardArguments,
		"assign", "entries", "getOwnPropertyDescriptors", "getOwnPropertyNames", "keys", "values")
	m.wrap(global.Get("Function").ToObject(m.Runtime).Get("prototype").ToObject(m.Runtime), m.guardApply, "apply")
	m.wrap(global.Get("JSON").ToObject(m.Runtime), m.guardParse, "parse")
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

// wrap puts bounds around functions of an object.
func (m *machine) wrap(o *goja.Object, bound func(goja.Callable) native, names ...string) {
	for _, name := range names {
		if f, ok := goja.AssertFunction(o.Get(name)); ok {
			m.define(o, name, m.ToValue(bound(f)))
		}
	}
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

// guardText bounds a function of texts.
func (m *machine) guardText(f goja.Callable) native {
	return func(call goja.FunctionCall) goja.Value {
		this, text := m.text(call.This)
		if len(text) > maxText {
			m.rangeError("the text is too long")
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
		if m.logged {
			text = "\n" + text
		}
		m.logged = true
		if room := maxLog - m.log.Len(); len(text) > room {
			text = strings.ToValidUTF8(text[:room], "") // the cut may be within a character
		}
		m.log.WriteString(text)
	}
	return goja.Undefined()
}
