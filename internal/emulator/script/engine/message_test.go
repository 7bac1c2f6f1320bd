package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

// trigger runs a trigger: what it leaves of the request, and of the response.
func trigger(t *testing.T, body, operation string, request, response value.Value) (string, string) {
	t.Helper()
	res, err := calm().Run(t.Context(), script.Invocation{
		Source: script.Source{ID: "t", Body: body}, Now: time.Now, Operation: operation, Request: request,
		Response: response, Collection: newShelf(t),
	})
	require.NoError(t, err, body)
	return show(res.Request), show(res.Response)
}

// A pre-trigger changes what was sent, a post-trigger what is answered; one that does neither leaves both as they are.
func TestTriggersChangeWhatTheySee(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, request, response string }{
		{`() => 1`, `{"id":"a"}`, `{"id":"a","_ts":1}`},
		{`() => { const q = getContext().getRequest(), d = q.getBody(); d.n = 1; q.setBody(d) }`,
			`{"id":"a","n":1}`, `{"id":"a","_ts":1}`},
		{`() => { getContext().getRequest().getBody().n = 1 }`, `{"id":"a","n":1}`, `{"id":"a","_ts":1}`},
		{`() => { __.request.body = {id: "b"} }`, `{"id":"b"}`, `{"id":"a","_ts":1}`},
		{`() => { __.response.setBody([__.request.body.id, __.response.body._ts]) }`, `{"id":"a"}`, `["a",1]`},
		{`() => { const q = __.getRequest(); q.setValue("Body", {id: q.getValue("Body").id + "!"}) }`,
			`{"id":"a!"}`, `{"id":"a","_ts":1}`},
		{`() => { __.request.setBody(undefined); __.getResponse().setBody(null) }`, ``, `null`},
	} {
		request, response := trigger(t, test.body, "Create", parse(t, `{"id":"a"}`), parse(t, `{"id":"a","_ts":1}`))
		require.Equal(t, test.request, request, test.body)
		require.Equal(t, test.response, response, test.body)
	}
}

// A delete sends no document and has none in its answer.
func TestTriggersWithoutDocuments(t *testing.T) {
	t.Parallel()
	_, response := trigger(t, `() => { const q = getContext().getRequest(), r = getContext().getResponse();
		r.setBody([q.getBody() === undefined, r.getBody() === undefined, q.getOperationType(), r.getOperationType(),
			r.getStatusCode(), typeof r.getMaxResourceQuota(), typeof r.getResourceQuotaCurrentUsage()]) }`,
		"Delete", value.Undefined, value.Undefined)
	require.Equal(t, `[true,true,"Delete","Delete",200,"string","string"]`, response)
}

// The body is a value of the response as others are, and grows as a text.
func TestValuesOfAResponse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{`for (var i = 0; i < 10; i++) r.appendValue('Body', i)`, `"0123456789"`},
		{`r.setValue('Body', {a: 1}); r.appendBody('!')`, `"{\"a\":1}!"`},
		{`r.setBody("a"); r.appendBody("b"); r.appendBody({c: 1})`, `"ab{\"c\":1}"`},
		{`r.setBody(7); r.setValue('x', r.getValue('Body') + 1); r.setBody(r.getValue('x'))`, `8`},
		{`r.appendValue('x', 'a'); r.appendValue('x', 'b'); r.setBody([r.getValue('x'), r.getValue('y') === ` +
			`undefined])`,
			`["ab",true]`},
		{`r.setBody(1); r.setBody(undefined)`, ``},
		{`return 5`, ``},
		{`r.setBody(args)`, `["x",{"y":null},7]`},
		{`r.setBody([typeof args[3], args.length])`, `["undefined",3]`},
	} {
		got, err := newShelf(t).run(t, test.body, value.String("x"), parse(t, `{"y":null}`), value.Int(7))
		require.NoError(t, err, test.body)
		require.Equal(t, test.want, got, test.body)
	}
}

// abort throws what it is given, wherever it is called.
func TestAbort(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body, want string
		number     int
	}{
		{`getContext().abort("enough")`, "Error: enough", 0},
		{`getContext().abort(new Error(403, "no"))`, "Error: no", 403},
		{`getContext().abort(new TypeError("t"))`, "TypeError: t", 0},
		{`getContext().abort({a: 1})`, `Error: {"a":1}`, 0},
		{`getContext().abort()`, "Error: undefined", 0},
		{`c.readDocument(doc, () => getContext().abort("late"))`, "Error: late", 0},
	} {
		_, err := newShelf(t).run(t, "r.setBody(1); "+test.body+"; c.createDocument(link, {})")
		var e *script.Error
		require.ErrorAs(t, err, &e, test.body)
		require.Contains(t, e.Message, "Exception = "+test.want+"\r\n", test.body)
		require.Equal(t, test.number, e.Number, test.body)
	}
}

// What a script leaves has to be JSON.
func TestBodiesThatAreNotJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"const a = []; a.push(a); r.setBody(a)",
		"getContext().getRequest().setBody({a: new Array(1e9)})",
		"r.setBody({toJSON() { throw new Error('the value contains itself, or has too many') }})"} {
		_, err := newShelf(t).run(t, body)
		require.ErrorContains(t, err, "Error: the", body)
	}
	got, err := newShelf(t).run(t, "r.setBody(() => 1)")
	require.NoError(t, err)
	require.Empty(t, got)
}

// console.log is a line for each call, in the result of a script as in its error.
func TestLog(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{`console.log("a"); console.error("b"); console.warn(1); console.info(null); console.debug(undefined)`,
			"a\nb\n1\nnull\nundefined"},
		{`console.log(); console.log("a"); console.log(""); console.log()`, "\na\n\n"},
		{`console.log("é", 1, {a: [null]}, [true], new Error("e"), () => 1)`,
			`é 1 {"a":[null]} [true] Error: e () => 1`},
		{`console.log("half \ud800 of a pair")`, "half \uFFFD of a pair"},
		{`console.log('The value of %s is %s.', 'x', 1)`, "The value of x is 1."},
		{`console.log('%s and %s', 'x')`, "x and %s"},
		{`console.log('%d %i %f %d', '7', 7.9, '7.5', 'x')`, "7 7 7.5 NaN"},
		{`console.log('%j %o %O%c', [1], {a: 1}, {b: [2]}, 'color: red')`, `[1] {"a":1} {"b":[2]}`},
		{`console.log('100 %% of %s', 1, 'and', [2])`, "100 % of 1 and [2]"},
		{`console.log(1, '%s', 2)`, "1 %s 2"},
		{`1`, ""},
	} {
		in := script.Invocation{Now: time.Now, Operation: "Execute", Collection: newShelf(t)}
		in.Source = script.Source{ID: "p", Body: "() => { " + test.body + " }"}
		res, err := calm().Run(t.Context(), in)
		require.NoError(t, err, test.body)
		require.Equal(t, test.want, res.Log, test.body)

		in.Body = "() => { " + test.body + "; throw new Error('x') }"
		_, err = calm().Run(t.Context(), in)
		var e *script.Error
		require.ErrorAs(t, err, &e, test.body)
		require.Equal(t, test.want, e.Log, test.body)
	}
}

// A log that is too long ends at a whole character.
func TestLongLog(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`console.log("x" + "é".repeat(5e4))`,
		`for (let i = 0; i < 1e4; i++) console.log("éé€é" + i)`} {
		res, err := calm().Run(t.Context(), script.Invocation{
			Source: script.Source{ID: "p", Body: "() => { " + body + " }"}, Now: time.Now, Collection: newShelf(t),
		})
		require.NoError(t, err, body)
		require.LessOrEqual(t, len(res.Log), maxLog, body)
		require.Greater(t, len(res.Log), maxLog-4, body)
		require.NotContains(t, res.Log, "\uFFFD", body)
		require.Contains(t, "0123456789é€\n", string([]rune(res.Log)[len([]rune(res.Log))-1:]), body)
	}
}
