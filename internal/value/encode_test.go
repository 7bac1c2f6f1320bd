package value

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		v    Value
		want string
	}{
		{"undefined", Undefined, ``},
		{"null", Null, `null`},
		{"bool", True, `true`},
		{"integer", Int(math.MinInt64), `-9223372036854775808`},
		{"whole float", Float(4), `4`},
		{"fraction", Float(0.1), `0.1`},
		{"negative zero", Float(math.Copysign(0, -1)), `0`},
		{"large", Float(1e20), `1e+20`},
		{"larger", Float(1e21), `1e+21`},
		{"small", Float(0.000001), `1e-06`},
		{"smaller", Float(1.5e-7), `1.5e-07`},
		{"smallest", Float(5e-324), `4.94065645841247e-324`},
		{"NaN", Float(math.NaN()), `"NaN"`},
		{"infinite", Float(math.Inf(1)), `"Infinity"`},
		{"negative infinite", Float(math.Inf(-1)), `"-Infinity"`},
		{"string", String(`a"b\c/d`), `"a\"b\\c/d"`},
		{"control characters", String("\b\f\n\r\t\x00\x1f"), `"\b\f\n\r\t\u0000\u001f"`},
		{"not for HTML", String("<&>\u2028"), "\"<&>\u2028\""},
		{"other alphabets", String("é€\U0001F600"), `"é€` + "\U0001F600" + `"`},
		{"invalid UTF-8", String("a\xffb"), "\"a\ufffdb\""},
		{"empty array", Array(nil), `[]`},
		{"array", Array([]Value{Int(1), Array([]Value{String("a")})}), `[1,["a"]]`},
		{"undefined elements", Array([]Value{Undefined, Int(1), Undefined}), `[1]`},
		{"empty object", Object(nil), `{}`},
		{"object", Object([]Member{{`a"`, Int(1)}, {"b", Object(nil)}}), `{"a\"":1,"b":{}}`},
		{"undefined members", Object([]Member{{"a", Undefined}, {"b", Null}, {"c", Undefined}}), `{"b":null}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, "before "+tc.want, string(AppendJSON([]byte("before "), tc.v)))
		})
	}
}

func TestAppendJSONOfAText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"is copied", `{"a":1.0,"b":"\u0041","c":[1e2]}`, `{"a":1.0,"b":"\u0041","c":[1e2]}`},
		{"loses its white space", "{ \"a\" : [1,\n2] }", `{"a":[1,2]}`},
		{"keeps white space in strings", `{"a": " b "}`, `{"a":" b "}`},
		{"says a name once", `[{"a":1,"a":2},{"b":3}]`, `[{"a":2},{"b":3}]`},
		{"says a name once inside", `{"x":{"a":1,"a":2}}`, `{"x":{"a":2}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, string(AppendJSON(nil, mustParse(t, tc.text))))
		})
	}
}

func TestAppendJSONCopiesParts(t *testing.T) {
	t.Parallel()
	v := mustParse(t, `{"outer": {"n":1.50}, "list": [ 1 ]}`)
	require.Equal(t, `{"n":1.50}`, string(AppendJSON(nil, v.Get("outer"))),
		"the part is compact though the whole is not")
	require.Equal(t, `[1]`, string(AppendJSON(nil, v.Get("list"))))
}
