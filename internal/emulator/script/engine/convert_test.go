package engine

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

// What goes into a script and comes out again is as it was.
func TestValuesGoThrough(t *testing.T) {
	t.Parallel()
	f, err := calm().Function(script.Source{ID: "f", Body: "(x) => x"}, time.Now)
	require.NoError(t, err)
	for _, text := range []string{
		`null`, `true`, `false`, `0`, `-1`, `9007199254740991`, `-9007199254740991`, `1e300`, `0.1`, `-2.5e-8`,
		`""`, `"a\u0000b"`, `"é😀\u2028"`, `[]`, `[[],[null],{}]`, `{}`, `{"b":1,"a":{"":[1.5]}}`,
		`{"__proto__":null,"constructor":1,"toString":"x","toJSON":2,"length":-1}`,
	} {
		v := parse(t, text)
		got, err := f(t.Context(), []value.Value{v})
		require.NoError(t, err, text)
		require.Equal(t, show(v), show(got), text)
		require.Equal(t, v.Kind(), got.Kind(), text)
	}
	got, err := f(t.Context(), []value.Value{value.Undefined})
	require.NoError(t, err)
	require.False(t, got.IsDefined())
	got, err = f(t.Context(), nil)
	require.NoError(t, err)
	require.False(t, got.IsDefined(), "an argument that is not there")
}

// A script counts with doubles: integers are exact up to 2^53, as in JavaScript.
func TestNumbersOfScripts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, args, want string }{
		{"(x) => x + 1", `[9007199254740991]`, "9007199254740992"},
		{"(x) => x + 1", `[9007199254740992]`, "9007199254740992"},
		{"(x) => x", `[-9007199254740993]`, "-9007199254740992"},
		{"(x) => x === 2 ** 53", `[9007199254740993]`, "true"},
		{"(x) => [x, typeof x, Number.isInteger(x)]", `[1.0]`, `[1,"number",true]`},
		{"() => [2 ** 31, -(2 ** 31), 2 ** 53 - 1, 2 ** 64, 1e21]", `[]`,
			`[2147483648,-2147483648,9007199254740991,1.8446744073709552e+19,1e+21]`},
		{"() => [-0, 0 / 0, 1 / 0, -1 / 0, 1e-7]", `[]`, `[0,null,null,null,1e-07]`},
		{"() => NaN", `[]`, `null`},
	} {
		got, err := apply(t, test.body, test.args)
		require.NoError(t, err, test.body)
		require.Equal(t, test.want, got, test.body)
	}
	got, err := apply(t, "() => Number.MAX_VALUE", "[]")
	require.NoError(t, err)
	require.Equal(t, math.MaxFloat64, parse(t, got).AsFloat())
}

// What a script gives is taken as JSON.stringify would write it.
func TestValuesAreTakenAsJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"[new Date(0), {toJSON: (k) => 'key ' + k}, {a: {toJSON: (k) => [k]}}]",
		"({toJSON() { return {toJSON: () => 1, a: 2} }})",
		"({toJSON() { return undefined }, a: 1})",
		"[{toJSON() { return () => 1 }}, {toJSON() { return Symbol('x') }}, Symbol('x')]",
		"Object.assign(() => 1, {toJSON: () => 'f'})",
		"[new Map([[1, 2]]), new Set([1]), /x/g, new Error('x'), Math, new (class A { b = 1; get c() { return 2 " +
			"} })()]",
		"Object.create({a: 1}, {b: {value: 2, enumerable: true}, c: {value: 3}})",
		"({[Symbol('x')]: 1, a: undefined, get b() { return 'B' }})",
		"[new String('a'), Object(1.5), Object(false), Object(true), new Number(NaN)]",
		"Object.assign([1, , 3], {a: 1})",
		"(function () { return arguments })(1, 2)",
		"['\\ud83d\\ude00', '']",
	} {
		got, err := apply(t, "() => "+body, "[]")
		require.NoError(t, err, body)
		want, err := apply(t, "() => JSON.parse(JSON.stringify("+body+"))", "[]")
		if strings.Contains(body, "return undefined") {
			want, err = "", nil // no JSON at all
		}
		require.NoError(t, err, body)
		require.Equal(t, want, got, body)
	}
	got, err := apply(t, "(x) => ({[x]: x})", `["a"]`)
	require.NoError(t, err)
	require.Equal(t, `{"a":"a"}`, got)
}

// What is taken out of a script has bounds: depth, elements of an array, and parts of all of it.
func TestValuesThatAreTooLarge(t *testing.T) {
	t.Parallel()
	nest := func(n int) string {
		return fmt.Sprintf("() => { let a = 1; for (let i = 0; i < %d; i++) a = i %% 2 ? [a] : {a}; return a }", n)
	}
	for _, test := range []struct{ body, want string }{
		{nest(maxDepth), ""},
		{nest(maxDepth + 1), "TypeError: the value contains itself, or is nested too deeply"},
		{"() => { const o = {a: [1]}; return [o, o, [o, o.a]] }", ""},
		{"() => { const o = {}; o.o = {o}; return o }", "TypeError: the value contains itself, or is nested too " +
			"deeply"},
		{"() => { const o = {toJSON: () => [o]}; return o }",
			"TypeError: the value contains itself, or is nested too deeply"},
		{"() => new Array(1048577)", "TypeError: the array has too many elements"},
		{"() => new Array(1048576)", "TypeError: the value has too many parts"},
		{"() => { const a = new Array(1024).fill(0); return new Array(1025).fill(a) }",
			"TypeError: the value has too many parts"},
		{"() => { const a = new Array(100).fill(0); return new Array(100).fill(a) }", ""},
		{"() => ({get a() { throw new RangeError('mine') }})", "RangeError: mine"},
		{"() => ({toJSON() { throw 'mine' }})", "mine"},
	} {
		_, err := apply(t, test.body, "[]")
		if test.want == "" {
			require.NoError(t, err, test.body)
			continue
		}
		require.ErrorContains(t, err, "Exception = "+test.want, test.body)
	}
}
