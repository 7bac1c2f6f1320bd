package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// One step of goja makes no more than a server has room for, whatever a script passes to a built-in function: what
// would be too much is a RangeError at once, as JavaScript has it for texts and arrays that are too long.
func TestNoStepMakesTooMuch(t *testing.T) {
	t.Parallel()
	const (
		long  = "RangeError: the text is too long"
		wide  = "RangeError: the text would become too long"
		many  = "RangeError: the array has too many elements"
		size  = "RangeError: Invalid string length"
		deep  = "RangeError: Maximum call stack size exceeded"
		parse = "RangeError: the JSON text is too long or nested too deeply"
	)
	// X is a text of four million characters, N an array of a million elements, M one whose length is four billion.
	const given = "const X = 'x'.repeat(4e6), N = new Array(1e6), M = new Array(4294967295); "
	for _, test := range []struct{ body, want string }{
		{"'x'.repeat(4194305)", size},
		{"'xy'.repeat(2097153)", size},
		{"'x'.repeat(Infinity)", size},
		{"''.padStart(4194305)", size},
		{"''.padEnd(1e9, 'ab')", size},
		{"(X + X).split('')", long},
		{"(X + X).match(/x/)", long},
		{"(X + X).normalize()", long},
		{"(X + X).replace('x', 'y')", long},
		{"/x/[Symbol.match](X + X)", long},
		{"/x/[Symbol.split](X + X)", long},
		{"/x/[Symbol.replace]({toString: () => X + X}, 'y')", long},
		{"X.replaceAll(X.slice(0, 5e5), X)", wide},
		{"X.replaceAll({toString: () => X.slice(0, 5e5)}, X)", wide},
		{"'x'.repeat(6e3).replace(/x/g, X)", wide},
		{"/x/g[Symbol.replace]('x'.repeat(1e4), X)", wide},
		{"'x'.repeat(6e3).replace(/x/g, '$`')", wide},
		{"'x'.repeat(6e3).replace(/x/g, \"$'\")", wide},
		{"'x'.repeat(6e3).replace(/(?=(x*))/g, '$1')", wide},
		{"'x'.repeat(6e3).replace(/(?=(?<a>x*))/g, '$<a>')", wide},
		{"X.replace('x', '$&$`'.repeat(10) + \"$'\".repeat(10))", wide},
		{"N.join(X)", wide},
		{"N.fill(X).join('')", wide},
		{"String(N.fill(X))", wide},
		{"N.fill(X).toLocaleString()", wide},
		{"N.fill(new Array(4).fill(X)).toString()", wide},
		{"''.concat.apply('', new Array(100).fill(X))", wide},
		{"X.concat(X, X, X, X, 'y')", wide},
		{"String.raw({raw: N.fill(X)})", wide},
		{"JSON.stringify(new Array(3e3).fill(1).concat(new Array(8).fill(X)))", wide},
		{"M.join()", many},
		{"M.fill(0)", many},
		{"M.map(x => x)", many},
		{"M.indexOf(1)", many},
		{"[].concat(M)", many},
		{"N.concat(N)", many},
		{"[].concat(1, {}, N, 'x', N)", many},
		{"[].concat.apply([], new Array(100).fill(N))", many},
		{"[].concat({length: 1e9, [Symbol.isConcatSpreadable]: true})", many},
		{"Array.prototype.slice.call({length: 1e9})", many},
		{"Array.prototype.join.call({length: 1e9})", many},
		{"Object.keys(M)", many},
		{"Object.assign({}, M)", many},
		{"Object.values(X)", "RangeError: the text is too long"},
		{"Object.entries(new String(X))", many},
		{"JSON.stringify(M)", many},
		{"Math.max.apply(null, {length: 65537})", "RangeError: too many arguments"},
		{"JSON.parse('1'.repeat(2e6) + '1'.repeat(2e6) + '1'.repeat(2e5))", parse},
		{"JSON.parse('['.repeat(257) + ']'.repeat(257))", parse},
		{"JSON.stringify({toJSON(k) { let o = 1; for (let i = 0; i < 300; i++) o = [o]; return o }})", deep},
		{"({toString: ''.trim}) + ''", deep},
	} {
		_, err := apply(t, "() => { "+given+"return "+test.body+" }", "[]")
		require.ErrorContains(t, err, "Exception = "+test.want, test.body)
	}
}

// The bounds are above what a script of the service has to do: documents have two megabytes.
func TestStepsWithinTheBounds(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"'x'.repeat(4194304).length":                                                                "4194304",
		"'xy'.repeat(2097152).padEnd(4194304).length":                                               "4194304",
		"'x'.repeat(4e6).split(',', 1e9).length":                                                    "1",
		"'x'.repeat(4e6).replace('y', 'z'.repeat(1e6)).length":                                      "4000000",
		"'x'.repeat(2e6).replace(/x$/, 'z'.repeat(1e6)).length":                                     "2999999",
		"'x,'.repeat(1e4).replace(/,/g, '$&' + ' '.repeat(1000)).length":                            "10020000",
		"new Array(1048576).join().length":                                                          "1048575",
		"new Array(1e4).fill('x'.repeat(1000)).join('').length":                                     "10000000",
		"[].concat(new Array(5e5), new Array(5e5)).length":                                          "1000000",
		"(function () { return arguments.length }).apply(null, {length: 65536})":                    "65536",
		"JSON.parse('['.repeat(256) + ']'.repeat(256)).length":                                      "1",
		"JSON.parse(JSON.stringify('x'.repeat(4e6))).length":                                        "4000000",
		"Object.keys(new Array(1e5).fill(0)).length":                                                "100000",
		"(() => { let f = () => 1; for (let i = 0; i < 400; i++) f = f.bind(null); return f() })()": "1",
	} {
		got, err := apply(t, "() => "+body, "[]")
		require.NoError(t, err, body)
		require.Equal(t, want, got, body)
	}
}

// What goes deeper and deeper into itself ends in an error that a script can catch; it goes on afterwards.
func TestDepthIsCountedBack(t *testing.T) {
	t.Parallel()
	got, err := apply(t, `() => {
		const endless = {toString: "".trim}, seen = [];
		for (let i = 0; i < 3; i++) {
			try { String(endless) } catch (e) { seen.push(e.name) }
			seen.push(" x ".trim(), [1, 2].map((x) => String(x)).join(""));
		}
		return seen;
	}`, "[]")
	require.NoError(t, err)
	require.Equal(t, `["RangeError","x","12","RangeError","x","12","RangeError","x","12"]`, got)
}

// A built-in function that finds itself where it looks for one to call has an end, too. No instruction of the script
// lies in between, and a stack of Go that is used up ends the process.
func TestBuiltinsThatFindThemselves(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"const o = []; Object.defineProperty(o, Symbol.isConcatSpreadable, {get: o.concat}); o.concat()",
		"const o = []; o.join = o.toString; o.toString()",
		"const o = {then: Promise.prototype.catch}; o.then()",
		"const o = {constructor: Promise, then: Promise.prototype.finally}; o.then()",
		"const o = new Map(); o.set(o, o.forEach); o.forEach(o.forEach, o)",
	} {
		got, err := apply(t, "() => { try { "+body+" } catch (e) { return e.name + ': ' + e.message } }", "[]")
		require.NoError(t, err, body)
		require.Equal(t, `"RangeError: Maximum call stack size exceeded"`, got, body)
	}
}

// An object that is like an array is looked at once: what it says the next time does not count.
func TestObjectsLikeArraysAreReadOnce(t *testing.T) {
	t.Parallel()
	const grows = "let n = 0; const grows = {get length() { return n++ > 2 ? 1e9 : 2 }, 0: 'a', 1: 'b', " +
		"[Symbol.isConcatSpreadable]: true}; "
	for body, want := range map[string]string{
		"Array.prototype.map.call(grows, (x) => x + '!')":                   `["a!","b!"]`,
		"Array.prototype.slice.call(grows)":                                 `["a","b"]`,
		"[0].concat(grows)":                                                 `[0,"a","b"]`,
		"(function () { return [...arguments] }).apply(null, grows)":        `["a","b"]`,
		"Array.prototype.join.call(grows, '-')":                             `"a-b"`,
		"Array.prototype.every.call('ab', (x, i, all) => all.length === 2)": "true",
		"Array.prototype.map.call((a, b) => 1, (x) => x)":                   "[]",
	} {
		got, err := apply(t, "() => { "+grows+"return "+body+" }", "[]")
		require.NoError(t, err, body)
		require.Equal(t, want, got, body)
	}
}

// What cannot be bounded is not there, and no script gets it back.
func TestWhatIsTakenAway(t *testing.T) {
	t.Parallel()
	for _, name := range removed {
		got, err := apply(t, "() => typeof "+name+" + (0, globalThis['"+name+"'])", "[]")
		require.NoError(t, err, name)
		require.Equal(t, `"undefinedundefined"`, got, name)
	}
	got, err := apply(t, "() => [Object.getOwnPropertyNames(globalThis).includes('Uint8Array'), "+
		"Object.keys(globalThis).length, (() => { try { __walk = 1 } catch (e) {} return typeof __walk })()]", "[]")
	require.NoError(t, err)
	require.Equal(t, `[false,0,"function"]`, got, "and nothing of ours is in the way of a script's names")
}
