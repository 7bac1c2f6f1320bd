package eval

import (
	"math"
	"strings"
	"unicode"

	"github.com/cosmossql/cosmossql/internal/value"
)

func conversionFunctions() []function {
	parse := func(name, example, doc string, k kinds) function {
		return function{name: name, arity: exactly(1), args: texts, eval: parsed(k), example: example,
			doc: doc + "; undefined for any other text."}
	}
	return []function{
		parse("StringToArray", `StringToArray("[1,[2]]")`, "The array whose JSON text it is", isArray),
		parse("StringToBoolean", `StringToBoolean(" true ")`, "The boolean of the word true or false", isBool),
		parse("StringToNull", `StringToNull("null")`, "Null for the word null", isNull),
		parse("StringToNumber", `StringToNumber(" 60 ")`, "The number whose JSON text it is", isNumber),
		parse("StringToObject", `StringToObject('{"a":1}')`, "The object whose JSON text it is", isObject),
		{name: "ToString", arity: exactly(1), args: anything, eval: toString, example: `ToString([1,"a"])`,
			doc: "A string as it is, everything else as its JSON text."},
	}
}

// parsed reads a JSON text of one type. Its depth is bounded as that of a document is. White space around is allowed
// and the text must be strict JSON: the published examples have " 60 " a number and {'a':1} undefined.
func parsed(k kinds) body {
	return func(_ *env, a []value.Value) value.Value {
		text := strings.TrimFunc(a[0].AsString(), unicode.IsSpace)
		// Before the text is parsed: StringToNumber over a column of long JSON texts would otherwise read them all.
		if text == "" || !begins(k, text[0]) {
			return value.Undefined
		}
		v, err := value.ParseString(text, value.MaxDepth)
		if err != nil || !k.admit(v) {
			return value.Undefined
		}
		return v
	}
}

// begins reports whether a JSON text that starts with c can be of type k; it spares reading what cannot.
func begins(k kinds, c byte) bool {
	switch c {
	case '[':
		return k == isArray
	case '{':
		return k == isObject
	case '"':
		return false
	default:
		return k&(isArray|isObject) == 0
	}
}

// NaN and the infinities have words here, which JSON has not (published examples).
func toString(e *env, a []value.Value) value.Value {
	v := a[0]
	switch f := v.AsFloat(); {
	case v.Kind() == value.KindString:
		return v
	case v.Kind() != value.KindNumber:
		return e.str(string(value.AppendJSON(nil, v)))
	case math.IsNaN(f):
		return value.String("NaN")
	case math.IsInf(f, 1):
		return value.String("Infinity")
	case math.IsInf(f, -1):
		return value.String("-Infinity")
	default:
		return value.String(string(value.AppendJSON(nil, v)))
	}
}
