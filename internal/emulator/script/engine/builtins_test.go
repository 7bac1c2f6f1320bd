package engine

import (
	"testing"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/require"
)

// What api.js and the guards put in the place of built-in functions answers as goja's own do.
func TestBuiltinsAnswerAsGojasOwn(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		// What is walked through.
		"() => Array.from('aé😀', c => c + '!')",
		"() => Array.from({length: 3, 1: 'b'}, function (x, i) { return [x, i, this.k] }, {k: 1})",
		"() => [Array.from({length: -1}), Array.from(5), Array.from(new Set('aab'))]",
		"() => [...'a😀\\ud800b'].length",
		"() => { const [a, b = 2, ...c] = [1, undefined, 3]; return [a, b, c] }",
		"() => { const [a, ...[b, c]] = 'xyz'; return [a, b, c] }",
		"() => { let a, b; [a, ...b] = new Set([1, 2, 3]); return [a, b] }",
		"() => (([a, ...b]) => [a, b])([1, 2, 3])",
		"() => { for (const [k, v] of new Map([[1, 2]])) return [k, v] }",
		"() => { const it = [1, 2][Symbol.iterator](); it.next(); return [...it] }",
		"() => { const a = [1, 2]; for (const x of a) if (x < 4) a.push(x + 2); return a }",
		"() => [...[4, 5].keys(), ...[4, 5].values(), ...[4, 5].entries()]",
		"() => { function* g() { yield 1; yield 2 } return [...g(), ...new Set([1]).entries()] }",
		"() => Object.fromEntries(new Map([['a', 1], ['__proto__', 2]]))",
		"() => [new WeakSet([{}]) instanceof WeakSet, new Map([[1, 2]]).get(1), new Set().size, typeof " +
			"Map.prototype.get]",
		// Arrays.
		"() => [[1, , 2].flat(), [[1, [2]], 3].flat(0), [[1, [2]], 3].flat(NaN), [[1, [[2]]]].flat(Infinity)]",
		"() => [1, 2].flatMap(function (x, i) { return [this.k, x, i] }, {k: 9})",
		"() => [[1, null, undefined, , 'a'].join(), [1, 2].join(''), [1, 2].join(null), [].join('-')]",
		"() => [Array.prototype.join.call({length: 2, 0: 'a'}, '-'), Array.prototype.join.call('abc', '-')]",
		"() => String([1, [2, [3, {}]]])",
		"() => { const a = [1]; a.push(a, 2); return [String(a), a.join('-'), String(a)] }",
		"() => { const a = [{toString() { throw 1 }}]; try { String(a) } catch (e) {} a[0] = 2; return String(a) }",
		"() => [1234.5, new Date(0).getTime(), null, 'a'].toLocaleString()",
		"() => [].concat([1], [[2]], 3, {length: 1, 0: 'a', [Symbol.isConcatSpreadable]: true}, {length: 1})",
		"() => [Array.prototype.concat.call(1, 2).length, Array.prototype.map.call('ab', c => c + 1)]",
		"() => [[3, 1, 2].toSorted(), [1, 2, 3].with(1, 9), [1, 2, 3].at(-1), [1, 2, 3].findLast(x => x < 3)]",
		"() => [[1, 2, 3].copyWithin(0, 1), [10, 9, 1].sort(), [3, 1, 2].sort((a, b) => b - a), [1, 2, 3].splice(1)]",
		"() => { const a = [1, 2], r = []; a.forEach((x, i, all) => r.push(all === a)); return r }",
		"() => { const r = []; for (const k in [7]) r.push(k); return [r, [].map.name, ''.trim.name, [].join.name] }",
		// Texts.
		"() => ['a,b,c'.split(',', 2), 'a-b'.split(/(-)/), 'ab'.split(''), 'é'.normalize('NFD').length]",
		"() => ['abc'.search(/c/), 'abc'.match(/b/).index, 'abc'.match(/z/), [...'a1b2'.matchAll(/\\d/g)].join('|')]",
		"() => ['ab'.padStart(5, 'xy'), 'ab'.padEnd(5), 'ab'.repeat(2), 'x'.concat(1, null, [2])]",
		"() => String.raw`a\\n${1}b${2}` + String.raw({raw: ['x', 'y']}, 1, 2) + String.raw({raw: []})",
		"() => '12-3 4-'.replace(/(?<y>\\d+)-(\\d)?/, '$<y>|$1|$2|$3|$0|$$|$&|$`|$\\'|$10|$01|$<z>|$<')",
		"() => ['a'.replace(/a/, '$<x>'), '12'.replace(/(\\d)(\\d)/, '$2$1$11'), 'xay'.replace(/b?a/g, '[$&$`$\\']')]",
		"() => '12-3 4-'.replace(/(\\d)(-)(x)?/g, (...a) => JSON.stringify(a))",
		"() => '12'.replace(/(?<a>\\d)/g, (...a) => JSON.stringify(a))",
		"() => ['aba'.replaceAll('a', '[$&$`$\\'$1]'), 'aba'.replace('a', '[$&$`$\\'$1]'), 'aba'.replaceAll('', '-')]",
		"() => ['a'.replace('a'), 'a'.replace('a', null), 'a1'.replace(1, 5), 'undefined'.replace(undefined, 'x')]",
		"() => 'xay'.replace({[Symbol.replace](t, w) { return [t, w] }}, '$1')",
		"() => { const r = /a/y; return ['aab'.replace(r, 'x'), r.lastIndex, 'aab'.replace(r, 'x'), r.lastIndex] }",
		"() => { const r = /a/g; return [r.exec('ba').index, r.lastIndex, r.test('ba'), r.lastIndex] }",
		// Objects, functions and JSON.
		"() => [Object.keys('ab'), Object.entries([7]), Object.assign({}, null, {a: 1}, 'xy'), Object.keys(5)]",
		"() => (function () { return [].slice.apply(arguments) }).apply(null, {length: 2, 0: 'a'})",
		"() => [null, undefined].map(x => (function () { return arguments.length }).apply(null, x))",
		"() => { const f = function (a, b) { this.a = a; this.b = b }, g = f.bind(null, 2); return [new g(3), " +
			"new g(3) instanceof f] }",
		"() => (function (a, b) { return [this.k, a, b] }).bind({k: 1}, 2)(3)",
		"() => JSON.parse('{\"a\":[1,2]}', (k, v) => Array.isArray(v) ? v.length : v)",
		"() => [JSON.parse(5), JSON.parse(' [1] ')]",
		"() => JSON.stringify(['\\ud800', '\\udc00x', '😀', 'a\\u2028\\u007f\\u0001\\b\\f\\\"\\\\'])",
		"() => JSON.stringify({a: [undefined, () => 1, Symbol('x')], b: undefined, c: () => 1, d: -0, e: 1e21, " +
			"f: NaN})",
		"() => [JSON.stringify(undefined), JSON.stringify({a: new Date(0), b: new Date(NaN), c: new Map(), d: /x/})]",
		"() => JSON.stringify({a: 1, b: {a: 2, c: 3}, 1: 4}, ['b', 'a', 'a', 1, new String('c'), {}])",
		"() => JSON.stringify({a: 1, b: {a: 2}}, (k, v) => k === 'a' ? undefined : v, 2)",
		"() => JSON.stringify([1], (k, v) => k === '' ? [v, k] : v)",
		"() => JSON.stringify({a: Object('x'), b: Object(1), c: Object(true)}, null, new Number(1))",
		"() => [JSON.stringify({a: 1}, null, 1e9), JSON.stringify({a: 1}, null, '12345678901')]",
		"() => JSON.stringify({toJSON(k) { return ['k' + k, {toJSON: k => k}] }})",
		"() => JSON.stringify(Object.assign(() => 1, {toJSON: () => 1}))",
		// Errors.
		"() => { const e = new Error('m', {cause: 1}); return [e.cause, e.message, e.hasOwnProperty('message')] }",
		"() => [new Error().hasOwnProperty('message'), Error('x') instanceof Error, String(new " +
			"RangeError('r')), Error.name]",
		"() => { class E extends TypeError {} const e = new E('x'); return [e instanceof E, e instanceof Error, " +
			"e.name] }",
		"() => Object.prototype.toString.call([]) + Object.prototype.toString.call(null) + {}",
	} {
		want, err := goja.New().RunString("JSON.stringify((" + body + ")())")
		require.NoError(t, err, body)
		got, err := apply(t, body, "[]")
		require.NoError(t, err, body)
		require.JSONEq(t, want.String(), got, body)
	}
}

// goja's own JSON.stringify repeats an indentation of more than one character too often.
func TestIndentation(t *testing.T) {
	t.Parallel()
	got, err := apply(t, "() => JSON.stringify([[], {}, [1, {a: 2}]], null, '--')", "[]")
	require.NoError(t, err)
	require.Equal(t, `"[\n--[],\n--{},\n--[\n----1,\n----{\n------\"a\": 2\n----}\n--]\n]"`, got)
}

// What a built-in function refuses is an error of the kind that JavaScript has for it, which a script can catch.
func TestBuiltinsRefuse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{"() => Array.from(null)", "TypeError: Array.from needs something"},
		{"() => Array.from([1], 5)", "TypeError: 5 is not a function"},
		{"() => [...5]", "TypeError: object is not iterable"},
		{"() => new Set(5)", "TypeError: object is not iterable"},
		{"() => 'aba'.replaceAll(/a/, 'x')", "TypeError: replaceAll must be called with a global RegExp"},
		{"() => String.prototype.replace.call(null, /a/, 'x')", "TypeError: "},
		{"() => String.prototype.concat.call(null, 'x')", "TypeError: concat must be called on a text"},
		{"() => Array.prototype.join.call(undefined)", "TypeError: "},
		{"() => [Symbol('x')].join()", "TypeError: Cannot convert a Symbol value to a string"},
		{"() => 'a'.replace('a', Symbol('x'))", "TypeError: Cannot convert a Symbol value to a string"},
		{"() => 'ab'.repeat(-1)", "RangeError: "},
		{"() => Object.keys(null)", "TypeError: "},
		{"() => JSON.parse('[1,2')", "SyntaxError: "},
		{"() => { const o = {}; o.o = o; return JSON.stringify(o) }",
			"TypeError: Converting circular structure to JSON"},
		{"() => Function.prototype.bind.call(5)", "TypeError: bind must be called on a function"},
		{"() => Array.prototype.push.call({length: 0}, 1)", "TypeError: this function changes arrays only"},
		{"() => { throw new URIError('x', {cause: 1}) }", "URIError: x"},
		{"() => new Function('return 1')", "EvalError: Code generation from strings"},
		{"() => (function* () {}).constructor('yield 1')", "EvalError: Code generation from strings"},
		{"() => ErrorCodes.NotFound === (ErrorCodes.NotFound = 1) || no", "ReferenceError: no is not defined"},
	} {
		_, err := apply(t, test.body, "[]")
		require.ErrorContains(t, err, "Exception = "+test.want, test.body)
		got, err := apply(t, "() => { try { return ("+test.body+")() } catch (e) { return e instanceof Error } }", "[]")
		require.NoError(t, err, test.body)
		require.Equal(t, "true", got, test.body)
	}
}

// new Error(404, "text") has a number, and so has what is derived from it; one number alone is a message.
func TestErrorsHaveNumbers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{"() => { const e = new Error(404, 'none'); return [e.number, e.message, String(e)] }",
			`[404,"none","Error: none"]`},
		{"() => [Error(409, 'x').number, new Error(5).message, new Error(5).number]", `[409,"5",null]`},
		{"() => { class E extends Error { constructor() { super(412, 'x') } } const e = new E(); " +
			"return [e.number, e.message, e instanceof E, e.constructor === E] }", `[412,"x",true,true]`},
		{"() => { function E() {} E.prototype = Object.create(Error.prototype); " +
			"return [new E() instanceof Error, new Error('x').constructor === Error] }", `[true,true]`},
		{"() => [TypeError('x').number, ErrorCodes.Conflict, ErrorCodes.RETRY_WITH]", `[null,409,449]`},
	} {
		got, err := apply(t, test.body, "[]")
		require.NoError(t, err, test.body)
		require.Equal(t, test.want, got, test.body)
	}
}
