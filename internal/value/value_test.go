package value

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// one of each kind, made by hand and in sort order.
func samples() []Value {
	return []Value{
		Undefined,
		Null,
		False,
		True,
		Float(math.NaN()),
		Float(math.Inf(-1)),
		Int(math.MinInt64),
		Float(-1.5),
		Int(-1),
		Int(0),
		Float(0.5),
		Int(1),
		Int(1<<53 - 1),
		Int(1 << 53),
		Int(1<<53 + 1),
		Int(math.MaxInt64),
		Float(1 << 63),
		Float(1e300),
		Float(math.Inf(1)),
		String(""),
		String("A"),
		String("B"),
		String("a"),
		String("ab"),
		String("é"),
		String("\U0001F600"),
		Array(nil),
		Array([]Value{Null}),
		Array([]Value{Int(1)}),
		Array([]Value{Int(1), Int(0)}),
		Array([]Value{Int(2)}),
		Object(nil),
		Object([]Member{{"a", Int(1)}}),
		Object([]Member{{"a", Int(1)}, {"b", Int(2)}}),
		Object([]Member{{"a", Int(2)}}),
		Object([]Member{{"b", Int(1)}}),
	}
}

func TestZeroValueIsUndefined(t *testing.T) {
	t.Parallel()
	var v Value
	require.Equal(t, KindUndefined, v.Kind())
	require.False(t, v.IsDefined())
	require.True(t, Equal(v, Undefined))
}

func TestKindNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, "undefined", KindUndefined.String())
	require.Equal(t, "object", KindObject.String())
	require.Equal(t, "unknown", Kind(200).String())
}

func TestAccessors(t *testing.T) {
	t.Parallel()
	list := Array([]Value{Int(1), String("x")})
	record := Object([]Member{{"n", Int(7)}, {"s", String("x")}})
	for _, tc := range []struct {
		name string
		got  any
		want any
	}{
		{"true is true", True.IsTrue(), true},
		{"false is not", False.IsTrue(), false},
		{"a number is not", Int(1).IsTrue(), false},
		{"a string is not", String("true").IsTrue(), false},
		{"float of an int", Int(3).AsFloat(), 3.0},
		{"float", Float(2.5).AsFloat(), 2.5},
		{"float of a string", String("2.5").AsFloat(), 0.0},
		{"string", String("abc").AsString(), "abc"},
		{"string of a number", Int(1).AsString(), ""},
		{"length of a string", String("é").Len(), 2},
		{"length of an array", list.Len(), 2},
		{"length of an object", record.Len(), 2},
		{"length of a number", Int(5).Len(), 0},
		{"element", list.At(1).AsString(), "x"},
		{"element out of range", list.At(2).Kind(), KindUndefined},
		{"negative element", list.At(-1).Kind(), KindUndefined},
		{"element of an object", record.At(0).Kind(), KindUndefined},
		{"member", record.Get("n").AsFloat(), 7.0},
		{"missing member", record.Get("N").Kind(), KindUndefined},
		{"member of an array", list.Get("length").Kind(), KindUndefined},
		{"member by position", record.MemberAt(1).Name, "s"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, tc.got)
		})
	}
}

// TestGetNear remembers where a property was, and finds it where the next object has it.
func TestGetNear(t *testing.T) {
	t.Parallel()
	at := 0
	for _, tc := range []struct {
		object string
		want   Value
		at     int
	}{
		{`{"x":1,"n":2}`, Int(2), 1},
		{`{"x":3,"n":4}`, Int(4), 1},
		{`{"n":5}`, Int(5), 0},
		{`{"x":6,"y":7}`, Undefined, 0},
		{`["n"]`, Undefined, 0},
		{`{"n":8,"x":9}`, Int(8), 0},
	} {
		require.Equal(t, tc.want, mustParse(t, tc.object).GetNear("n", &at), tc.object)
		require.Equal(t, tc.at, at, tc.object)
	}
}

// TestFinite finds a number that JSON cannot say wherever it is.
func TestFinite(t *testing.T) {
	t.Parallel()
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		bad := Float(f)
		for _, v := range []Value{bad, Array([]Value{Int(1), bad}),
			Object([]Member{{"a", Int(1)}, {"b", Array([]Value{bad})}})} {
			require.False(t, Finite(v), "%s", AppendJSON(nil, v))
		}
	}
	for _, v := range []Value{
		Int(1), Float(math.MaxFloat64), String("NaN"), Null, Undefined, Array(nil), Array([]Value{Float(0.5), Int(1)}),
		Object([]Member{{"a", Array([]Value{Int(1)})}}), mustParse(t, `{"a":[1e308]}`), mustParse(t, `[1e308]`),
	} {
		require.True(t, Finite(v), "%s", AppendJSON(nil, v))
	}
}

func TestAsInt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		v     Value
		want  int64
		exact bool
	}{
		{"int", Int(math.MaxInt64), math.MaxInt64, true},
		{"whole float", Float(3), 3, true},
		{"negative zero", Float(math.Copysign(0, -1)), 0, true},
		{"smallest", Float(math.MinInt64), math.MinInt64, true},
		{"just too large", Float(1 << 63), 0, false},
		{"fraction", Float(3.5), 0, false},
		{"NaN", Float(math.NaN()), 0, false},
		{"infinite", Float(math.Inf(-1)), 0, false},
		{"string", String("3"), 0, false},
		{"undefined", Undefined, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			n, exact := tc.v.AsInt()
			require.Equal(t, tc.want, n)
			require.Equal(t, tc.exact, exact)
		})
	}
}

func TestIterators(t *testing.T) {
	t.Parallel()
	list := Array([]Value{Int(1), Int(2), Int(3)})
	sum := 0.0
	for v := range list.Elems() {
		if sum += v.AsFloat(); sum == 3 {
			break
		}
	}
	require.Equal(t, 3.0, sum, "stops when asked to")

	var names []string
	for m := range Object([]Member{{"b", Null}, {"a", True}}).Members() {
		names = append(names, m.Name)
	}
	require.Equal(t, []string{"b", "a"}, names, "in the order of the object")
	for m := range Object([]Member{{"b", Null}, {"a", True}}).Members() {
		require.Equal(t, "b", m.Name, "stops when asked to")
		break
	}

	for range Int(1).Elems() {
		t.Fatal("a number has no elements")
	}
	for range list.Members() {
		t.Fatal("an array has no members")
	}
}

func TestValueIsSmall(t *testing.T) {
	t.Parallel()
	// Three words travel in registers; a fourth would cost every closure of the evaluator.
	require.LessOrEqual(t, sizeOfValue, uintptr(24))
}
