package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

// hostile are scripts that want more than they may have. $N stands for a large number.
var hostile = []string{
	"() => { while (true); }", "() => { for (;;) {} }", "() => { do {} while (1) }", "function f() { f() }",
	"function f() { return f() + f() }",
	"() => { let a = []; while (true) a.push(a.slice()) }", "() => { let s = 'x'; while (true) s += s }",
	"() => { let s = 'é'; for (;;) s = s + s }",
	"() => { let a = []; for (;;) a.push('x'.repeat(1e6)) }",
	"() => { const o = {}; for (let i = 0;; i++) o['k' + i] = i }",
	"() => { const m = new Map(); for (let i = 0;; i++) m.set(i, {}) }", "() => 'x'.repeat($N)",
	"() => 'xy'.padStart($N)", "() => 'xy'.padEnd($N, 'abc')",
	"() => new Array($N).fill(0)", "() => new Array($N).join('x')", "() => Array($N).toString()",
	"() => String(new Array($N))", "() => [...new Array($N)]",
	"() => Math.max(...new Array($N))", "() => Math.max.apply(null, {length: $N})",
	"() => Math.max.apply(null, new Array($N))", "() => Array.from({length: $N})",
	"() => new Array($N).concat(new Array($N))", "() => new Array($N).map(x => 1)",
	"() => new Array($N).forEach(x => 1)", "() => new Array($N).indexOf(1)",
	"() => new Array($N).includes(1)", "() => new Array($N).lastIndexOf(1)", "() => new Array($N).reverse()",
	"() => new Array($N).sort()", "() => new Array($N).slice(0)",
	"() => new Array($N).splice(0)", "() => new Array($N).reduce((a, b) => a, 0)",
	"() => new Array($N).every(x => true)", "() => new Array($N).keys().next()",
	"() => [...new Array($N).entries()]", "() => [new Array($N)].flat(9)", "() => [1].flatMap(() => new Array($N))",
	"() => new Set(new Array($N))",
	"() => JSON.stringify(new Array($N))", "() => new Array($N)", "() => ({a: new Array($N)})",
	"() => Object.keys(new Array($N).fill(1))",
	"() => { const a = []; a.length = $N; return a }", "() => { const a = []; a[$N] = 1; return a }",
	"() => { const a = []; a[4294967294] = 1; return a.join() }",
	"() => Array.prototype.join.call({get length() { return $N }}, 'x')",
	"() => Array.prototype.fill.call({length: $N}, 1)",
	"() => { let n = 0; return Array.prototype.slice.call({get length() { return n++ ? $N : 1 }}) }",
	"() => Array.prototype.push.call({length: $N}, 1)",
	"() => Array.prototype.concat.call({length: $N, [Symbol.isConcatSpreadable]: true}, [])",
	"() => { const t = 'x'.repeat(1e6); return t.replace(/x/g, t) }",
	"() => { const t = 'x'.repeat(1e6); return t.split('') }",
	"() => { let s = 'x'; for (let i = 0; i < 24; i++) s += s; return s.split('') }",
	"() => { let s = 'x'; for (let i = 0; i < 24; i++) s += s; return Object.keys(s) }",
	"() => { let s = 'x'; for (let i = 0; i < 24; i++) s += s; return s }",
	"() => { let s = 'x'; for (let i = 0; i < 24; i++) s += s; return [...s] }",
	"() => /(a+)+$/.test('a'.repeat(5000) + 'b')", "() => /^(a|a?)+$/.exec('a'.repeat(40) + 'b')",
	"() => /(?=(a+)+b)\\1/.test('a'.repeat(3000))",
	"() => /(x+x+)+y/.test('x'.repeat(3000))", "() => 'a'.repeat(3000).match(/(a*)*(a*)*(a*)*b/)",
	"() => new RegExp('('.repeat(150) + ')'.repeat(150)).test('')",
	"() => new RegExp('(a{1,1000}){1,1000}').test('b')", "() => new RegExp('a{$N}').test('a')",
	"() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a }",
	"() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return String(a) }",
	"() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a) }",
	"() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a.flat(1e9) }",
	"() => { let o = {}; for (let i = 0; i < 1e5; i++) o = Object.create(o); return o.x }",
	"() => { let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(null); return f() }",
	"() => JSON.parse('['.repeat(1e6))", "() => JSON.parse('{\"a\":'.repeat(1e5))",
	"() => { const a = []; a.push(a); return String(a) }",
	"() => { const o = {}; o.o = o; return o }", "() => { const o = {toJSON() { return o }}; return o }",
	"() => { const o = {toJSON() { return {toJSON: o.toJSON} }}; return o }",
	"() => [...{[Symbol.iterator]: () => ({next: Object})}]",
	"() => Math.max(...{[Symbol.iterator]: () => ({next: Array})})",
	"() => new Set({[Symbol.iterator]: () => ({next: Object})})",
	"() => new (class { constructor() {} })(...{[Symbol.iterator]: () => ({next: Object})})",
	"() => Object.fromEntries({[Symbol.iterator]: () => ({next: Array})})",
	"() => { Promise.all({[Symbol.iterator]: () => ({next: Object})}) }",
	"() => { const [...a] = {[Symbol.iterator]: () => ({next: Object})} }",
	"() => ({toString: ''.trim}) + ''", "() => { const e = new Error(); e.message = e; return String(e) }",
	"() => { const o = {}; o.toString = String.bind(null, o); return o + '' }",
	"() => { const o = {toString: Object.prototype.toLocaleString}; return o + '' }",
	"() => { const r = /x/; Object.defineProperty(r, 'source', {value: r}); return String(r) }",
	"() => { const o = {}; Object.defineProperty(o, 'a', {enumerable: true, get: Object.values.bind(null, o)}); " +
		"return o.a }",
	"() => { const o = {}; Object.defineProperty(o, 'global', {get: Object.getOwnPropertyDescriptor(RegExp.prototype," +
		" 'flags').get}); return o.global }",
	"() => { const o = {valueOf: Number.prototype.valueOf}; o.toString = o.toLocaleString; return +o }",
	"() => { const e = new Error('x'); e.name = e; throw e }",
	"() => ({get a() { while (true); }})", "() => ({toString() { while (true); }}) + ''",
	"() => { throw {get message() { while (true); }, name: 'x'} }",
	"() => { throw {toString() { throw 1 }} }", "() => { throw Symbol('x') }", "() => Symbol('x')",
	"() => { throw null }", "() => { throw Object.create(null) }",
	"() => ({get a() { return {get a() { throw new Error('x'.repeat(1e6)) }} }})",
	"() => { try { while (true); } catch (e) { return 1 } finally { while (true); } }",
	"() => { try { (function f() { f() })() } catch (e) { while (true); } }",
	"() => [3, 2, 1].sort(() => { while (true); })", "() => [3, 2, 1].sort(function f() { return [1].sort(f) })",
	"() => { const f = (n) => [1].forEach(() => f(n + 1)); f(0) }", "() => { const f = () => [1, 2].sort(f); f() }",
	"() => 'x'.replace(/x/, function f() { return 'x'.replace(/x/, f) })",
	"async () => { for (;;) await 0 }", "() => { const f = async () => { await 0; f() }; f() }",
	"() => { const f = () => Promise.resolve().then(f); f() }",
	"function* f() { for (;;) yield 1 }", "() => { const g = (function* () { yield* g })(); return [...g] }",
	"() => [...{[Symbol.iterator]() { return {next() { return {} }} }}]",
	"() => { const {a = a} = {}; }", "() => { const [...a] = {[Symbol.iterator]: () => ({next: () => ({value: 1})})} }",
	"() => new Proxy({}, {})", "() => Reflect", "() => new Uint8Array($N)",
	"() => new ArrayBuffer($N)", "() => eval('1')", "() => new Function('while(true);')()",
	"() => (() => {}).constructor('return this')()", "() => 2n ** 1000000n",
	"() => globalThis.constructor.constructor('return 1')()", "() => require('fs')", "() => process.exit(1)",
	"() => import('fs')", "() => this.x.y",
	"() => { globalThis.Object = null; globalThis.Array = undefined; return {} }",
	"() => { Array.prototype.push = () => { while (true); }; return [1].flat() }",
	"() => { Object.prototype.toJSON = () => { while (true); }; return {} }",
	"() => { Object.defineProperty(Object.prototype, 'a', {get() { while (true); }}); return ({}).a }",
	"() => { Object.prototype.number = {valueOf() { while (true); }}; throw new Error('x') }",
	"() => { Error.prototype.message = undefined; throw new Error() }",
	"() => { delete Error.prototype.name; throw new Error('x') }",
	"() => { Error = undefined; throw new TypeError('x') }", "() => { throw new Error($N, 'x') }",
	"() => console.log('x'.repeat(1e6))", "() => { for (;;) console.log('x') }",
	"() => console.log({toJSON() { while (true); }})", "() => { const o = {}; o.o = o; console.log(o) }",
	"() => new Date(NaN).toISOString()", "() => (1e21).toFixed(101)", "() => 'x'.normalize('NOPE')",
	"() => decodeURIComponent('%')", "() => '\\u{110000}'", "() => ''.at($N)",
	"() => String.fromCharCode(...new Array(1e5).fill(65))", "() => String.raw({raw: {length: 1e6}})",
	"() => Object.entries('x'.repeat(2e6))", "() => Object.assign({}, 'x'.repeat(2e6))",
	"() => Object.fromEntries(new Array(1e5).fill(['a', 1]))", "() => structuredClone({})",
	"() => { label: for (;;) { continue label } }", "() => { switch (1) { default: for (;;); } }",
	"() => { with ({}) { for (;;); } }", "class A { constructor() { new A() } }",
	"() => new (class A { constructor() { return new A() } })()", "() => { class A { static { for (;;); } } }",
	"() => { var a = {}; a.__proto__ = a }", "() => ({__proto__: {a: 1}}).a", "() => { 'use strict'; x = 1 }",
	"() => super.x", "() => new.target", "() => arguments.callee",
	"function () { return arguments.callee() }",
	"function () { return function () { return arguments }(...new Array(1e5)) }", "() => { debugger }",
	"() => new Array(1e6).join('x'.repeat(4e6))", "() => String(new Array(1e6).fill('x'.repeat(4e6)))",
	"() => ''.concat.apply('', new Array(6e4).fill('x'.repeat(4e6)))",
	"() => String.raw({raw: new Array(1e6).fill('x'.repeat(4e6))})",
	"() => 'x'.repeat(4e6).replace(/x/g, '$`')", "() => /x/g[Symbol.replace]('x'.repeat(4e6), 'y'.repeat(4e6))",
	"() => [].concat.apply([], new Array(6e4).fill(new Array(1e6)))",
	"() => [].concat({length: $N, [Symbol.isConcatSpreadable]: true})",
	"()=>{return", "{{{{", "((((", "\x00", "//", "/*", "`${", "'",
	"function", "() => 1; () => 2", "=> =>", "\u2028", "#!/bin/sh", "<!-- x", "() => /(?<a>x)\\k<b>/", "() => /[/",
	"() => '\\x'", "() => 08", "() => 0b2", "async", "await", "yield", "let let = 1",
}

// deep are texts that nest: the parser calls itself for each level.
var deep = []string{"(", "[", "{", "!", "- ", "~", "typeof ", "new ", "a?", "a=>", "a,", "a=", "if(a)", "()=>(",
	"`${", "a[", "f(", "{a:", "for(;;)", "a.b", "1+", "a**", "async ()=>", "function(){", "class{static{", "x:",
	"throw ", "else "}

var numbers = []string{"1e3", "1e6", "1e7", "1e9", "2**31", "2**32-1", "4294967295", "2**53", "1e300",
	"Infinity", "-1", "NaN"}

// wraps put a script's function into another.
var wraps = []string{"$", "() => ($)()", "() => { try { return ($)() } catch (e) { return ($)() } }",
	"() => [1, 2].map($)", "async () => ($)()", "() => { for (;;) ($)() }", "() => ({toJSON: $})",
	"() => ({get a() { return ($)() }})", "() => JSON.stringify({toJSON: $})", "() => String({toString: $})",
	"() => { throw {get message() { return ($)() }, name: 'E'} }", "() => 'a'.replace(/a/, $)", "() => [2, 1].sort($)",
	"() => new Promise($)", "() => Array.from({length: 3}, $)", "() => { let f = $; while (true) f() }"}

// scripts makes texts that a script could be.
func hostileScript(rng *rand.Rand) string {
	pick := func(list []string) string { return list[rng.IntN(len(list))] }
	s := pick(hostile)
	switch rng.IntN(10) {
	case 0:
		s = strings.Repeat(pick(deep), 1+rng.IntN(3_000))
	case 1: // something is missing
		if len(s) > 2 {
			i := rng.IntN(len(s) - 1)
			s = s[:i] + s[i+1:]
		}
	case 2: // two in one
		s = "() => [(" + s + ")(), (" + pick(hostile) + ")()]"
	case 3, 4, 5:
		s = strings.ReplaceAll(pick(wraps), "$", s)
	}
	for strings.Contains(s, "$N") {
		s = strings.Replace(s, "$N", pick(numbers), 1)
	}
	return s
}

// none is a collection that has nothing.
type none struct{}

func (none) SelfLink() string { return "dbs/d/colls/c/" }
func (none) AltLink() string  { return "dbs/d/colls/c" }
func (none) Accept() bool     { return true }
func (none) Create(v value.Value) (value.Value, error) {
	return v, nil
}
func (none) Upsert(v value.Value, _ string) (value.Value, error) { return v, nil }
func (none) Read(string) (value.Value, error) {
	return value.Undefined, &script.Error{Number: 404, Message: "none"}
}
func (none) Replace(_ string, v value.Value, _ string) (value.Value, error) { return v, nil }
func (none) Delete(string, string) error                                    { return nil }
func (none) Query(script.Query) (script.Page, error)                        { return script.Page{}, nil }

// hold runs a script as a function and as a procedure and holds it to the bounds: an answer or a *script.Error in time.
func hold(t testing.TB, e *Engine, text string) {
	const late = 30 * time.Second // a step of goja may outlast the bound, and the machine be busy, but not for ever
	s := script.Source{ID: "s", Body: text}
	for _, run := range []func() error{
		func() error {
			f, err := e.Function(s, time.Now)
			if err == nil {
				_, err = f(context.Background(), []value.Value{value.Int(1)})
			}
			return err
		},
		func() error {
			_, err := e.Run(context.Background(),
				script.Invocation{Source: s, Now: time.Now, Collection: none{}, Operation: "Execute"})
			return err
		},
	} {
		began := time.Now()
		err := run()
		took := time.Since(began)
		var refusal *script.Error
		assert.True(t, err == nil || errors.As(err, &refusal), "%.200q: %v", text, err)
		if refusal != nil {
			assert.NotContains(t, refusal.Message, "The JavaScript engine failed", "%.200q", text)
			assert.Less(t, len(refusal.Message), 20_000, "%.200q", text)
		}
		assert.Less(t, took, late, "%.200q", text)
	}
}

// hostileEngine gives scripts as little time as a quick test needs to see that they end, or, with COSMOS_TEST_FULL,
// enough to reach the bound of memory.
func hostileEngine() *Engine {
	timeout := 8 * time.Millisecond
	if full() {
		timeout = 60 * time.Millisecond
	}
	return New(Options{Timeout: timeout, Memory: 64 << 20})
}

func full() bool { return os.Getenv("COSMOS_TEST_FULL") != "" }

// Whatever a script does: no panic, no script that goes on after its bound, no memory that does not come back.
func TestHostileScripts(t *testing.T) {
	e := hostileEngine()
	var texts []string
	for _, s := range hostile {
		texts = append(texts, strings.ReplaceAll(s, "$N", "4294967295"))
	}
	for _, d := range deep {
		texts = append(texts, strings.Repeat(d, 3_000), "() => "+strings.Repeat(d, 3_000))
	}
	rng := rand.New(rand.NewPCG(7, 7))
	for want := len(texts) + 16; len(texts) < want || full() && len(texts) < 400; {
		texts = append(texts, hostileScript(rng))
	}
	var peak uint64
	for i, s := range texts {
		hold(t, e, s)
		if i%20 == 0 {
			runtime.GC() // what counts is held, not what waits to be collected
			heap, _ := heapBytes()
			peak = max(peak, heap)
		}
	}
	runtime.GC()
	require.Less(t, peak, uint64(512<<20), "held at any time")
	_, live := heapBytes()
	require.Less(t, live, uint64(128<<20), "what is left")
}

func FuzzScript(f *testing.F) {
	for i, s := range hostile {
		if i%8 == 0 || full() { // TestHostileScripts has them, too
			f.Add(strings.ReplaceAll(s, "$N", "1e9"))
		}
	}
	e := hostileEngine()
	f.Fuzz(func(t *testing.T, text string) { hold(t, e, text) })
}
