package value

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAccess asks every accessor of a value of every kind: what a value is not gives the zero of the answer, and never
// a panic, since documents hold anything anywhere.
func TestAccess(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v       Value
		kind    string
		defined bool
		isTrue  bool
		float   float64
		integer int64
		exact   bool
		text    string
		length  int
	}{
		{v: Undefined, kind: "undefined"},
		{v: Null, kind: "null", defined: true},
		{v: False, kind: "boolean", defined: true},
		{v: True, kind: "boolean", defined: true, isTrue: true},
		{v: Int(0), kind: "number", defined: true, exact: true},
		{v: Int(-5), kind: "number", defined: true, float: -5, integer: -5, exact: true},
		{v: Float(5), kind: "number", defined: true, float: 5, integer: 5, exact: true},
		{v: Float(2.5), kind: "number", defined: true, float: 2.5},
		{v: Float(1 << 62), kind: "number", defined: true, float: 1 << 62, integer: 1 << 62, exact: true},
		{v: Float(1 << 63), kind: "number", defined: true, float: 1 << 63},
		{v: Float(-1 << 63), kind: "number", defined: true, float: -1 << 63, integer: math.MinInt64, exact: true},
		{v: Int(math.MaxInt64), kind: "number", defined: true, float: 1 << 63, integer: math.MaxInt64, exact: true},
		{v: mustParse(t, "18446744073709551615"), kind: "number", defined: true, float: 1 << 64},
		{v: mustParse(t, "9223372036854775807"), kind: "number", defined: true, float: 1 << 63, integer: math.MaxInt64,
			exact: true},
		{v: String(""), kind: "string", defined: true},
		{v: String("日x"), kind: "string", defined: true, text: "日x", length: 4},
		{v: mustParse(t, `"\u0041\ud834\udd1e"`), kind: "string", defined: true, text: "A𝄞", length: 5},
		{v: Array(nil), kind: "array", defined: true},
		{v: mustParse(t, `[1,[2],"x"]`), kind: "array", defined: true, length: 3},
		{v: Object(nil), kind: "object", defined: true},
		{v: mustParse(t, `{"a":1,"b":{}}`), kind: "object", defined: true, length: 2},
	} {
		name := fmt.Sprintf("%s %s", tt.kind, AppendJSON(nil, tt.v))
		require.Equal(t, tt.kind, tt.v.Kind().String(), name)
		require.Equal(t, tt.defined, tt.v.IsDefined(), name)
		require.Equal(t, tt.isTrue, tt.v.IsTrue(), name)
		require.Equal(t, tt.float, tt.v.AsFloat(), name)
		n, exact := tt.v.AsInt()
		require.Equal(t, tt.exact, exact, name)
		if exact {
			require.Equal(t, tt.integer, n, name)
		}
		require.Equal(t, tt.text, tt.v.AsString(), name)
		require.Equal(t, tt.length, tt.v.Len(), name)

		for _, at := range []int{-1, tt.length, tt.length + 5, math.MaxInt32} {
			if tt.kind == "array" {
				require.False(t, tt.v.At(at).IsDefined(), "%s at %d", name, at)
			} else {
				require.False(t, tt.v.At(0).IsDefined(), name)
			}
		}
		place := 3
		require.False(t, tt.v.Get("none").IsDefined(), name)
		require.False(t, tt.v.GetNear("none", &place).IsDefined(), name)
		elements, members := 0, 0
		for range tt.v.Elems() {
			elements++
		}
		for range tt.v.Members() {
			members++
		}
		wantElements, wantMembers := 0, 0
		switch tt.kind {
		case "array":
			wantElements = tt.length
		case "object":
			wantMembers = tt.length
		}
		require.Equal(t, wantElements, elements, name)
		require.Equal(t, wantMembers, members, name)
	}
}

// TestMembersNearWhereTheyWere: GetNear finds what Get finds, whatever place it is told to look at first.
func TestMembersNearWhereTheyWere(t *testing.T) {
	t.Parallel()
	docs := []Value{
		mustParse(t, `{"id":"1","a":1,"b":2,"c":3}`),
		mustParse(t, `{"id":"2","b":2,"a":1}`),
		mustParse(t, `{"c":1}`),
		mustParse(t, `{}`),
		mustParse(t, `{"a":{"a":{"a":7}},"\u0062":"escaped"}`),
		Object([]Member{{"a", Null}, {"b", Int(5)}}),
		Undefined, Null, Array([]Value{Int(1)}),
	}
	for _, name := range []string{"id", "a", "b", "c", "", "d"} {
		for first := range 7 {
			place := first
			for _, d := range docs {
				require.Equal(t, AppendJSON(nil, d.Get(name)), AppendJSON(nil, d.GetNear(name, &place)),
					"%q after place %d", name,
					first)
			}
		}
	}
}

// TestRepeatedNames: of a name that stands twice the last one counts, as encoding/json has it; the others go.
func TestRepeatedNames(t *testing.T) {
	t.Parallel()
	many := `{"n0":0`
	for i := range 40 {
		many += fmt.Sprintf(`,"n%d":%d`, i%20, i)
	}
	for text, want := range map[string]string{
		`{"a":1,"a":2}`:                 `{"a":2}`,
		`{"a":1,"b":2,"a":3}`:           `{"b":2,"a":3}`,
		`{"a":1,"\u0061":2}`:            `{"a":2}`,
		`{"":1,"":2}`:                   `{"":2}`,
		`{"a":{"x":1,"x":2},"a":{}}`:    `{"a":{}}`,
		`[{"a":1,"a":[{"b":1,"b":2}]}]`: `[{"a":[{"b":2}]}]`,
		`{"a":1,"A":2}`:                 `{"a":1,"A":2}`,
	} {
		require.Equal(t, want, string(AppendJSON(nil, mustParse(t, text))), text)
	}
	v := mustParse(t, many+"}")
	require.Equal(t, 20, v.Len())
	for i := range 20 {
		require.Equal(t, float64(20+i), v.Get(fmt.Sprintf("n%d", i)).AsFloat())
	}
}

// TestSizes: the size of a value is about that of its text, and counting stops soon after the limit.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`null`, `true`, `"abc"`, `""`, `[]`, `{}`, `[null,true,"x"]`, `{"a":"b","cd":["e"]}`,
		`[[[["deep"]]],{"a":{"b":{"c":"d"}}}]`,
	} {
		v := mustParse(t, text)
		size := Size(v, 1<<20)
		require.InDelta(t, len(text), size, 4+0.3*float64(len(text)), text)
		parts := Array([]Value{v, v, v})
		require.GreaterOrEqual(t, Size(parts, 1<<20), 3*size, text)
	}
	require.Zero(t, Size(Undefined, 100))
	long := String(strings.Repeat("x", 1000))
	v := long
	for range 40 { // stands for 2^40 texts
		v = Array([]Value{v, v})
	}
	require.Greater(t, Size(v, 1<<20), 1<<20)
	require.Less(t, Size(v, 1<<20), 1<<22)
}

// TestRounded: a projection writes what is beyond int64 as a double, and leaves everything else alone (recorded
// exchange 63).
func TestRounded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"18446744073709551615": "1.8446744073709552e+19", "9223372036854775808": "9.2233720368547758e+18",
		"9223372036854775807": "9223372036854775807", "-9223372036854775808": "-9223372036854775808",
		"9007199254740993": "9007199254740993", "0.1": "0.1", "null": "null",
		`"18446744073709551615"`: `"18446744073709551615"`,
	} {
		require.Equal(t, want, string(AppendJSON(nil, mustParse(t, text).Rounded())), text)
	}
}

// TestNumbersAtTheBounds of their forms: where C's %g changes from digits to an exponent, and where 15 digits no longer
// say which double it is.
func TestNumbersAtTheBounds(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		1e-4:                    "0.0001",
		9.9999e-5:               "9.9999e-05",
		1.5e-4:                  "0.00015",
		1e-5:                    "1e-05",
		1e15:                    "1000000000000000",
		123456789012345.6:       "123456789012345.59",
		999999999999999.5:       "999999999999999.5",
		1e16:                    "1e+16",
		1.5e16:                  "1.5e+16",
		9007199254740992:        "9007199254740992",
		9007199254740994:        "9007199254740994",
		1e22:                    "1e+22",
		0x1p-1022:               "2.2250738585072014e-308",
		0x0.fffffffffffffp-1022: "2.2250738585072009e-308",
		-1e-4:                   "-0.0001",
		-2.5:                    "-2.5",
		100:                     "100",
		1e100:                   "1e+100",
		1.7e-310:                "1.70000000000001e-310",
	} {
		got := string(AppendFloat(nil, f))
		require.Equal(t, f, mustParse(t, got).AsFloat(), "reads back")
		require.Equal(t, want, got)
	}
}
