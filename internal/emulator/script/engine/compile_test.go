package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
)

// A text is a program whose first function is the script, or one function without a name.
func TestTexts(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"// what it does\nfunction (x) { return x } // that is all":                        "7",
		"/* ( */ function f(x) { return x };":                                              "7",
		"'use strict'; function f(x) { return x }":                                         "7",
		"function f(x) { return x }\nfunction g() { return 0 }":                            "7",
		"function f(x) { return g(x) }\n(function () { g = (x) => -x })()":                 "-7",
		"function f(x) { return x }\n[1, 2].forEach((x) => x)":                             "7",
		"class A { twice(x) { return 2 * x } }\nfunction f(x) { return new A().twice(x) }": "14",
		"f = (x) => x":                                   "7",
		"var f = function (x) { return x }; f":           "7",
		"async (x) => x":                                 "{}",
		"x => { label: for (;;) break label; return x }": "7",
		"x => x ? {a: x ? {b: x ? 1 : 2} : 3} : 4":       `{"a":{"b":1}}`,
		"\uFEFFx => x":                                   "7",
	} {
		got, err := apply(t, body, "[7]")
		require.NoError(t, err, body)
		require.Equal(t, want, got, body)
	}
}

// The error of a text that cannot be read tells the place in the text as it was written.
func TestTextsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"function (x) { return x + }":                       "f.js: Line 1:27 Unexpected token }",
		"function f(x) { return x + }":                      "f.js: Line 1:28 Unexpected token }",
		"function (x) {\n var y = 1;\n return x y }":        "f.js: Line 3:11 Unexpected identifier",
		"function (x) {\n return x }\n}":                    "f.js: Line 3:1 Unexpected token }",
		"function (x) {\n return x":                         "f.js: Line 2:10 Unexpected end of input",
		"(x) => x +":                                        "f.js: Line 1:11 Unexpected end of input",
		"x => { let a = 1; let a = 2 }":                     "Identifier 'a' has already been declared at f.js:1:23",
		"() => { return [1n] }":                             "BigInt is not supported",
		"() => `${[-1n]}`":                                  "BigInt is not supported",
		"function f() { return {*g() { yield* [1] }} }":     "yield* is not supported",
		strings.Repeat("a:", 8) + "() => 1":                 "too many labels of one statement",
		strings.Repeat("(", 201) + strings.Repeat(")", 201): "brackets are nested more than 200 deep",
		strings.Repeat("a=>", 101) + "a":                    "arrow functions are nested more than 100 deep",
		"() => 1 //" + strings.Repeat("x", maxBody):         "the script has 524298 bytes, more than 524288",
	} {
		_, err := apply(t, body, "[]")
		var e *script.Error
		require.ErrorAs(t, err, &e, "%.80s", body)
		require.Equal(t, "Encountered exception while compiling Javascript. Exception = SyntaxError: "+
			""+want+"\r\n   at f.js",
			e.Message, "%.80s", body)
		require.Equal(t, compileError, e.Number, "%.80s", body)
	}
}

// What is as long, deep or often as may be is read.
func TestTextsAtTheBounds(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"() => 1 //" + strings.Repeat("x", maxBody-10),
		"() => " + strings.Repeat("(", 199) + "1" + strings.Repeat(")", 199),
		"a:b:c:d:e:f:g:() => 1",
		"() => (() => 1)(" + strings.Repeat("a=>", 90) + "a)",
		"() => [" + strings.Repeat("a=>{},\n", 500) + "1][500]",
	} {
		got, err := apply(t, body, "[]")
		require.NoError(t, err, "%.80s", body)
		require.Equal(t, "1", got, "%.80s", body)
	}
}

// Texts are compiled once, and by what they say: a script that is replaced under its name is another one.
func TestTextsAreKept(t *testing.T) {
	t.Parallel()
	var p programs
	source := func(n int) script.Source { return script.Source{ID: "f", Body: fmt.Sprintf("() => %d", n)} }
	first, err := p.get(source(0))
	require.NoError(t, err)
	again, err := p.get(source(0))
	require.NoError(t, err)
	require.Same(t, first, again)
	named, err := p.get(script.Source{ID: "g", Body: source(0).Body})
	require.NoError(t, err)
	require.NotSame(t, first, named, "its name stands in its errors")
	for n := range maxPrograms * 3 {
		_, err := p.get(source(n))
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.kept), maxPrograms)
	}
	_, err = p.get(script.Source{ID: "f", Body: "function ("})
	require.Error(t, err)
	_, err = p.get(script.Source{ID: "f", Body: "function ("})
	require.Error(t, err, "also the second time")
}

// A function whose text fails when it is loaded fails so for each document.
func TestEachCallTellsWhyATextCannotBeLoaded(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"42":                              "Exception = Error: the script is not a function",
		"":                                "Exception = Error: the script is not a function",
		"var f = function (x) {}":         "Exception = Error: the script is not a function",
		"const a = none; function f() {}": "Exception = ReferenceError: none is not defined",
	} {
		f, err := calm().Function(script.Source{ID: "f", Body: body}, time.Now)
		require.NoError(t, err)
		for range 3 {
			_, err := f(t.Context(), nil)
			require.ErrorContains(t, err, want, body)
		}
	}
}
