package engine

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

func TestMain(m *testing.M) {
	// The package of patterns has one clock, a goroutine that ends when nobody has needed it for a while. A test in a
	// bubble of synctest must not be the one that begins it again: by the time in there it would never end.
	clock := regexp2.MustCompile("x", regexp2.None)
	clock.MatchTimeout = time.Hour
	if _, err := clock.MatchString("x"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

func parse(t testing.TB, text string) value.Value {
	t.Helper()
	v, err := value.Parse([]byte(text))
	require.NoError(t, err)
	return v
}

// show is a value as JSON, "" for undefined.
func show(v value.Value) string {
	if !v.IsDefined() {
		return ""
	}
	return string(value.AppendJSON(nil, v))
}

// calm is an engine that no test meets the bounds of time and memory of, however busy the machine is.
func calm() *Engine { return New(Options{Timeout: time.Minute, Memory: 1 << 30}) }

// apply calls a user-defined function with the elements of a JSON array.
func apply(t testing.TB, body, args string) (string, error) {
	t.Helper()
	f, err := calm().Function(script.Source{ID: "f", Body: body}, time.Now)
	if err != nil {
		return "", err
	}
	var in []value.Value
	for a := range parse(t, args).Elems() {
		in = append(in, a)
	}
	v, err := f(t.Context(), in)
	return show(v), err
}

func TestFunction(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, args, want string }{
		{"named", "function tax(x) { return x * 2 }", `[21]`, "42"},
		{"anonymous", "function (x) { return x }", `["a"]`, `"a"`},
		{"arrow", "(x) => x + 1", `[1]`, "2"},
		{"comment at the end", "function (x) { return x } // that is all", `[1]`, "1"},
		{"semicolon at the end", "function f(x) { return x };", `[1]`, "1"},
		{"helper behind", "function f(x) { return g(x) }\nfunction g(x) { return x * 3 }", `[2]`, "6"},
		{"variable before", "var rate = 0.5;\nfunction f(x) { return x * rate }", `[2]`, "1"},
		{"undefined", "function () {}", `[]`, ""},
		{"null", "function () { return null }", `[]`, "null"},
		{"null comes in", "function (x) { return x === null }", `[null]`, "true"},
		{"object", "x => ({a: x.b[1].c, __proto__: null})", `[{"b":[1,{"c":true}]}]`, `{"a":true}`},
		{"a member __proto__", "x => x", `[{"__proto__":{"a":1}}]`, `{"__proto__":{"a":1}}`},
		{"undefined members and elements", "() => ({a: undefined, b: [undefined, () => 1], c() {}})", `[]`,
			`{"b":[null,null]}`},
		{"NaN", "() => [NaN, 1/0, -1/0, 0.1, -0]", `[]`, `[null,null,null,0.1,0]`},
		{"date", "() => new Date(0)", `[]`, `"1970-01-01T00:00:00.000Z"`},
		{"wrappers", "() => [new String('a'), new Number(1.5), new Boolean(false)]", `[]`, `["a",1.5,false]`},
		{"unicode", "x => x + x.length", `["é😀"]`, `"é😀3"`},
		{"half a surrogate pair", "() => '\\ud800'", `[]`, "\"\uFFFD\""},
		{"big numbers", "x => x", `[9007199254740993]`, "9007199254740992"},
		{"text", "s => s.replace(/a/g, 'b').split('').reverse().join('-')", `["abac"]`, `"c-b-b-b"`},
		{"iterators", "xs => { const [a, ...rest] = xs; return [a, [...rest, 9].map((x, i) => x * i), " +
			"[...xs.entries()], Math.max(...xs)] }", `[[1,2,3]]`,
			`[1,[0,3,18],[[0,1],[1,2],[2,3]],3]`},
		{"arguments", "function () { return Array.prototype.slice.call(arguments, 1) }", `[1,2,3]`, `[2,3]`},
		{"like an array", "s => Array.prototype.map.call(s, c => c + '!')", `["ab"]`, `["a!","b!"]`},
		{"apply", "xs => Math.max.apply(null, xs)", `[[3,7,5]]`, "7"},
		{"flat", "xs => [xs.flat(), xs.flat(9), xs.flatMap(x => [x, 0])]", `[[1,[2,[3]]]]`,
			`[[1,2,[3]],[1,2,3],[1,0,[2,[3]],0]]`},
		{"map and set", "xs => [...new Set(xs), ...new Map([['k', 1]]).keys(), Array.from({length: 2}, (x, i) => i)]",
			`[[1,1,2]]`, `[1,2,"k",[0,1]]`},
		{"spread", "xs => [[...'aé', ...xs, ...new Set(xs), ...new Map([[1, 2]])], {...xs, ...{k: 1}}," +
			" Math.max(...xs, 9), new Date(...[0]).getTime(), Object.fromEntries([['a', 1]])]", `[[3,4]]`,
			`[["a","é",3,4,3,4,[1,2]],{"0":3,"1":4,"k":1},9,0,{"a":1}]`},
		{"subclasses", "() => { class S extends Set { sum() { let n = 0; for (const x of this) n += x; return n } " +
			"}; const m = new Map(); return [new S([1, 2]).sum(), m.constructor === Map, m instanceof Map, Set.name] }",
			`[]`,
			`[3,true,true,"Set"]`},
		{"spread of what cannot be", "() => { try { return [...5] } catch (e) { return e.name } }", `[]`,
			`"TypeError"`},
		{"JSON", `x => [JSON.stringify(x), JSON.stringify(x, null, 1), JSON.stringify(x, ['a']), JSON.stringify(x, ` +
			`(k, v) => k === 'a' ? 7 : v), JSON.parse('{"a":[1]}').a]`,
			`[{"a":"q\"\n","b":[1,null]}]`,
			`["{\"a\":\"q\\\"\\n\",\"b\":[1,null]}","{\n \"a\": \"q\\\"\\n\",\n \"b\": [\n  1,\n  null\n ]\n}",` +
				`"{\"a\":\"q\\\"\\n\"}","{\"a\":7,\"b\":[1,null]}",[1]]`},
		{"errors", "() => { class E extends Error {}; try { throw new E('x') } catch (e) { return [e instanceof E, e " +
			"instanceof Error, e.message, String(new Error('m'))] } }", `[]`,
			`[true,true,"x","Error: m"]`},
		{"nothing from outside", "() => [typeof require, typeof setTimeout, typeof fetch, typeof process, typeof " +
			"getContext, typeof eval, typeof Proxy]", `[]`,
			`["undefined","undefined","undefined","undefined","undefined","undefined","undefined"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := apply(t, test.body, test.args)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestFunctionFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body, want string
		number           int
	}{
		{"syntax", "function (", "Encountered exception while compiling Javascript. Exception = SyntaxError: ",
			compileError},
		{"not a function", "42", "the script is not a function", 0},
		{"thrown error", "function f() {\n throw new Error('boom') }",
			"Exception = Error: boom\r\nStack trace: Error: boom\n   at f (f.js:2:", 0},
		{"numbered error", "() => { throw new Error(404, 'none') }", "Exception = Error: none\r\n", 404},
		{"thrown text", "() => { throw 'boom' }", "Exception = boom\r\n", 0},
		{"thrown undefined", "() => { throw undefined }", "Exception = undefined\r\n", 0},
		{"what cannot be shown", "() => { throw {get name() { throw 1 }, message: 'x'} }", "cannot be read", 0},
		{"thrown object", "() => { throw {name: 'N', message: 'm', number: 7} }", "Exception = N: m\r\n", 7},
		{"thrown object without a message", "() => { throw {name: 'N', number: 7} }", "Exception = [object Object]", 7},
		{"unknown name", "() => nope", "ReferenceError: nope is not defined", 0},
		{"circle", "() => { const a = {}; a.a = a; return a }", "contains itself", 0},
		{"recursion", "function f() { return f() }", "Maximum call stack size exceeded", 0},
		{"code of text", "() => Function('return 1')()", "Code generation from strings", 0},
		{"code of text, hidden", "() => (() => 1).constructor('return 1')()", "Code generation from strings", 0},
		{"code of text, async", "() => (async () => 1).constructor('return 1')()", "Code generation from strings", 0},
		{"BigInt", "() => 2n ** 100n", "BigInt is not supported", compileError},
		{"source map", "() => 1 //# sourceMappingURL=/etc/passwd\n +", "SyntaxError", compileError},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := apply(t, test.body, "[]")
			var e *script.Error
			require.ErrorAs(t, err, &e)
			require.Contains(t, e.Message, test.want)
			require.Equal(t, test.number, e.Number)
		})
	}
}

func TestCancelledContextEndsAFunction(t *testing.T) {
	t.Parallel()
	f, err := New(Options{}).Function(script.Source{ID: "f", Body: "() => { while (true); }"}, time.Now)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = f(ctx, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// slow is a collection whose operations take their time.
type slow struct {
	none
	asked *int
}

func (s slow) Read(string) (value.Value, error) {
	*s.asked++
	time.Sleep(100 * time.Millisecond)
	return value.Null, nil
}

// When most of its time is used up a script's operations are no longer accepted, so that it can end by itself.
func TestOperationsEndInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		body := `() => { const f = () => { if (!__.readDocument(__.getAltLink() + "/docs/a", f)) ` +
			`__.response.setBody("told to stop") }; f() }`
		began := time.Now()
		res, err := New(Options{}).Run(t.Context(), script.Invocation{
			Source: script.Source{ID: "s", Body: body}, Now: time.Now, Collection: slow{asked: &asked},
			Operation: "Execute",
		})
		require.NoError(t, err)
		require.Equal(t, `"told to stop"`, show(res.Response))
		require.Equal(t, 40, asked)
		require.Equal(t, 4*time.Second, time.Since(began))
		time.Sleep(time.Second) // in which the engine finds nothing left to watch
	})
}

// All calls in a query share one bound of time.
func TestFunctionsShareTheirTime(t *testing.T) {
	t.Parallel()
	f, err := New(Options{Timeout: 60 * time.Millisecond}).Function(script.Source{ID: "f",
		Body: "() => { const end = Date.now() + 25; while (Date.now() < end); return 1 }"}, time.Now)
	require.NoError(t, err)
	calls := 0
	for ; err == nil; calls++ {
		require.Less(t, calls, 10)
		_, err = f(t.Context(), nil)
	}
	require.ErrorContains(t, err, "ran longer")
	_, err = f(t.Context(), nil)
	require.ErrorContains(t, err, "ran longer")
}

func BenchmarkFunction(b *testing.B) {
	f, err := New(Options{}).Function(script.Source{ID: "f", Body: "x => x * 2"}, time.Now)
	require.NoError(b, err)
	args := []value.Value{value.Int(1)}
	for b.Loop() {
		if _, err := f(b.Context(), args); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		newMachine(time.Now, nil)
	}
}
