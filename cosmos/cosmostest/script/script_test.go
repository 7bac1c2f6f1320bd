package script_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// world is a container whose scripts run.
type world struct {
	*cosmos.Container
	t *testing.T
}

func start(t *testing.T, opts ...script.Option) world {
	t.Helper()
	made := cosmostest.RunT(t, script.JavaScript(opts...)).Container("/pk")
	client, err := cosmos.NewClientFromConnectionString(made.Server().ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	return world{client.Database(made.Database).Container(made.ID), t}
}

func (w world) procedure(id, body string) {
	w.t.Helper()
	_, err := w.StoredProcedures().Create(w.t.Context(), cosmos.StoredProcedure{ID: id, Body: body})
	require.NoError(w.t, err)
}

func (w world) trigger(id string, kind cosmos.TriggerType, operation cosmos.TriggerOperation, body string) {
	w.t.Helper()
	_, err := w.Triggers().Create(w.t.Context(), cosmos.Trigger{ID: id, Type: kind, Operation: operation, Body: body})
	require.NoError(w.t, err)
}

func (w world) function(id, body string) {
	w.t.Helper()
	_, err := w.UserDefinedFunctions().Create(w.t.Context(), cosmos.UserDefinedFunction{ID: id, Body: body})
	require.NoError(w.t, err)
}

// run executes a procedure in partition p; what it answers is the body, or the error.
func (w world) run(id string, args ...any) (string, error) {
	w.t.Helper()
	res, err := w.ExecuteStoredProcedure(w.t.Context(), id, args, cosmos.PartitionKey("p"))
	if err != nil {
		return "", err
	}
	return string(res.Body), nil
}

// once creates a procedure, runs it and deletes it.
func (w world) once(body string, args ...any) (string, error) {
	w.t.Helper()
	w.procedure("once", body)
	defer func() {
		_, err := w.StoredProcedures().Delete(context.WithoutCancel(w.t.Context()), "once")
		require.NoError(w.t, err)
	}()
	return w.run("once", args...)
}

func (w world) create(doc string) {
	w.t.Helper()
	_, err := w.CreateItem(w.t.Context(), json.RawMessage(doc))
	require.NoError(w.t, err)
}

// all are the rows of a query as JSON.
func (w world) all(query string, args ...any) []string {
	w.t.Helper()
	var out []string
	for row, err := range cosmos.Query[json.RawMessage](w.t.Context(), w.Container, query, args...) {
		require.NoError(w.t, err)
		out = append(out, string(row))
	}
	return out
}

const importBody = `function importAll(documents) {
	const container = getContext().getCollection(), answer = getContext().getResponse();
	if (!documents) throw new Error("There are no documents.");
	let done = 0;
	answer.setBody(0);
	next();
	function next() {
		if (done === documents.length) return;
		const accepted = container.createDocument(container.getSelfLink(), documents[done], (error) => {
			if (error) throw error;
			answer.setBody(++done);
			next();
		});
		if (!accepted) answer.setBody(done);
	}
}`

func documents(n int) []any {
	var docs []any
	for i := range n {
		docs = append(docs, map[string]any{"id": fmt.Sprint("d", i), "pk": "p", "n": i})
	}
	return docs
}

func TestBulkImport(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.procedure("import", importBody)
	got, err := w.run("import", documents(250))
	require.NoError(t, err)
	require.Equal(t, "250", got)
	require.Equal(t, []string{"250"}, w.all("SELECT VALUE COUNT(1) FROM c"))

	_, err = w.run("import", append([]any{map[string]any{"id": "new", "pk": "p"}}, documents(1)...))
	require.ErrorIs(t, err, cosmos.ErrBadRequest)
	require.ErrorContains(t, err, "already exists")
	require.Equal(t, []string{"250"}, w.all("SELECT VALUE COUNT(1) FROM c"), "what failed is undone as a whole")
}

// A client calls the procedure with what is left, until nothing is.
func TestBulkImportInParts(t *testing.T) {
	t.Parallel()
	w := start(t, script.Operations(30))
	w.procedure("import", importBody)
	left, calls := documents(100), 0
	for ; len(left) > 0; calls++ {
		got, err := w.run("import", left)
		require.NoError(t, err)
		var n int
		require.NoError(t, json.Unmarshal([]byte(got), &n))
		require.Positive(t, n)
		left = left[n:]
	}
	require.Equal(t, 4, calls)
	require.Equal(t, []string{"100"}, w.all("SELECT VALUE COUNT(1) FROM c"))
}

func TestBulkDeleteWithContinuation(t *testing.T) {
	t.Parallel()
	w := start(t, script.Operations(40))
	for i := range 100 {
		w.create(fmt.Sprintf(`{"id":"d%d","pk":"p","old":%t}`, i, i%10 != 0))
	}
	w.create(`{"id":"other","pk":"q","old":true}`)
	w.procedure("delete", `function deleteAll(query) {
		const c = getContext().getCollection(), answer = {deleted: 0, continuation: true};
		more();
		function more(token) {
			const page = {continuation: token, pageSize: 10};
			const accepted = c.queryDocuments(c.getSelfLink(), query, page, (error, found, options) => {
				if (error) throw error;
				if (found.length > 0) remove(found);
				else if (options.continuation) more(options.continuation);
				else { answer.continuation = false; tell(); }
			});
			if (!accepted) tell();
		}
		function remove(found) {
			if (found.length === 0) return more();
			const accepted = c.deleteDocument(found[0]._self, {}, (error) => {
				if (error) throw error;
				answer.deleted++;
				found.shift();
				remove(found);
			});
			if (!accepted) tell();
		}
		function tell() { getContext().getResponse().setBody(answer); }
	}`)
	total, calls := 0, 0
	for more := true; more; calls++ {
		require.Less(t, calls, 10)
		got, err := w.run("delete", "SELECT * FROM c WHERE c.old")
		require.NoError(t, err)
		var answer struct {
			Deleted      int
			Continuation bool
		}
		require.NoError(t, json.Unmarshal([]byte(got), &answer))
		total, more = total+answer.Deleted, answer.Continuation
	}
	require.Equal(t, 90, total)
	require.Equal(t, 3, calls)
	require.Equal(t, []string{"11"}, w.all("SELECT VALUE COUNT(1) FROM c"), "the other partition is as it was")
}

func TestTransactionalSwap(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.create(`{"id":"ann","pk":"p","item":"sword"}`)
	w.create(`{"id":"bob","pk":"p","item":"shield"}`)
	w.procedure("swap", `function swap(one, other, fail) {
		const c = getContext().getCollection();
		find(one, (a) => find(other, (b) => {
			[a.item, b.item] = [b.item, a.item];
			put(a, () => {
				if (fail) throw new Error("No deal.");
				put(b, () => getContext().getResponse().setBody([a.item, b.item]));
			});
		}));
		function find(id, then) {
			const q = {query: "SELECT * FROM c WHERE c.id = @id", parameters: [{name: "@id", value: id}]};
			if (!c.queryDocuments(c.getSelfLink(), q, {}, (error, docs) => {
				if (error) throw error;
				if (docs.length !== 1) throw new Error(404, "There is no " + id + ".");
				then(docs[0]);
			})) throw new Error("Not accepted.");
		}
		function put(doc, then) {
			if (!c.replaceDocument(doc._self, doc, {etag: doc._etag}, (error) => {
				if (error) throw error;
				then();
			})) throw new Error("Not accepted.");
		}
	}`)
	got, err := w.run("swap", "ann", "bob")
	require.NoError(t, err)
	require.JSONEq(t, `["shield","sword"]`, got)
	_, err = w.run("swap", "ann", "bob", true)
	require.ErrorContains(t, err, "Exception = Error: No deal.")
	require.ElementsMatch(t, []string{`"shield"`, `"sword"`}, w.all("SELECT VALUE c.item FROM c"))
	require.Equal(t, []string{`"shield"`}, w.all("SELECT VALUE c.item FROM c WHERE c.id = 'ann'"),
		"the first replace is undone")
	_, err = w.run("swap", "ann", "nobody")
	require.ErrorContains(t, err, "There is no nobody.")
	var e *cosmos.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, [2]int{400, 404}, [2]int{e.StatusCode, e.SubStatus}, "the number of the error is the substatus")
}

func TestPreTrigger(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.trigger("stamp", "Pre", "Create", `function stamp() {
		const request = getContext().getRequest(), doc = request.getBody();
		if (!("at" in doc)) doc.at = new Date(0).toISOString();
		if (!doc.id) doc.id = "made";
		doc.by = request.getOperationType();
		request.setBody(doc);
	}`)
	res, err := w.CreateItem(t.Context(), json.RawMessage(`{"id":"1","pk":"p"}`), cosmos.PreTriggers("stamp"))
	require.NoError(t, err)
	require.Contains(t, string(res.Body), `"at":"1970-01-01T00:00:00.000Z","by":"Create"`)
	require.Equal(t, []string{`"1970-01-01T00:00:00.000Z"`}, w.all("SELECT VALUE c.at FROM c"))
	w.create(`{"id":"2","pk":"p"}`)
	require.Len(t, w.all("SELECT VALUE c.at FROM c"), 1, "a trigger that is not named does not run")

	_, err = w.ReplaceItem(t.Context(), "1", json.RawMessage(`{"id":"1","pk":"p"}`), cosmos.PreTriggers("stamp"))
	require.ErrorContains(t, err, `The trigger "stamp" is for the operation Create, not for Replace.`)
	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"3","pk":"p"}`), cosmos.PostTriggers("stamp"))
	require.ErrorContains(t, err, "is not a post-trigger")
	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"3","pk":"p"}`), cosmos.PreTriggers("none"))
	require.ErrorContains(t, err, `The trigger "none" does not exist.`)
	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"3","pk":"p"}`), cosmos.PreTriggers("stamp", "none"))
	require.ErrorContains(t, err, "Only one trigger")

	w.trigger("moves", "Pre", "All",
		`function () { const r = getContext().getRequest(), d = r.getBody(); d.pk = "q"; r.setBody(d); }`)
	_, err = w.UpsertItem(t.Context(), json.RawMessage(`{"id":"3","pk":"p"}`), cosmos.PreTriggers("moves"))
	require.ErrorIs(t, err, cosmos.ErrBadRequest, "a document cannot leave its partition")
	w.trigger("refuses", "Pre", "Delete", `function () { throw new Error(403, "Nothing is deleted here."); }`)
	_, err = w.DeleteItem(t.Context(), "1", cosmos.PartitionKey("p"), cosmos.PreTriggers("refuses"))
	require.ErrorContains(t, err, "Nothing is deleted here.")
	require.Equal(t, []string{"2"}, w.all("SELECT VALUE COUNT(1) FROM c"))
}

func TestPostTrigger(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.create(`{"id":"meta","pk":"p","count":0,"names":[]}`)
	w.trigger("count", "Post", "All", `function () {
		const c = getContext().getCollection(), made = getContext().getResponse().getBody();
		const accepted = c.filter((d) => d.id === "meta", (error, found) => {
			if (error) throw error;
			if (found.length !== 1) throw new Error("There is no metadata.");
			found[0].count++;
			found[0].names.push(made ? made.id : null);
			if (!c.replaceDocument(found[0]._self, found[0], (error) => {
				if (error) throw error;
			})) throw new Error("Not accepted.");
		});
		if (!accepted.isAccepted) throw new Error("Not accepted.");
	}`)
	_, err := w.CreateItem(t.Context(), json.RawMessage(`{"id":"1","pk":"p"}`), cosmos.PostTriggers("count"))
	require.NoError(t, err)
	_, err = w.DeleteItem(t.Context(), "1", cosmos.PartitionKey("p"), cosmos.PostTriggers("count"))
	require.NoError(t, err)
	require.JSONEq(t, `[2,["1",null]]`, w.all("SELECT VALUE [c.count, c.names] FROM c WHERE c.id = 'meta'")[0])

	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"1","pk":"q"}`), cosmos.PostTriggers("count"))
	require.ErrorContains(t, err, "There is no metadata.")
	require.Equal(t, []string{"1"}, w.all("SELECT VALUE COUNT(1) FROM c"), "the write is undone with its trigger")
}

// A post-trigger sees what was sent, as the pre-trigger left it, beside what was written.
func TestPostTriggerSeesTheRequest(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.trigger("mark", "Pre", "All", `function () {
		const r = getContext().getRequest(), doc = r.getBody();
		doc.mark = 1;
		r.setBody(doc);
	}`)
	w.trigger("check", "Post", "All", `function () {
		const sent = getContext().getRequest().getBody(), r = getContext().getResponse(), written = r.getBody();
		if (sent ? sent.mark !== 1 || sent._ts || written._ts === undefined : written) throw new Error("mismatch");
		if (sent) r.setBody({ sent: sent, id: written.id });
	}`)
	both := []cosmos.Option{cosmos.PreTriggers("mark"), cosmos.PostTriggers("check")}
	doc := json.RawMessage(`{"id":"1","pk":"p"}`)
	for name, write := range map[string]func() (*cosmos.Response, error){
		"create":  func() (*cosmos.Response, error) { return w.CreateItem(t.Context(), doc, both...) },
		"replace": func() (*cosmos.Response, error) { return w.ReplaceItem(t.Context(), "1", doc, both...) },
		"upsert":  func() (*cosmos.Response, error) { return w.UpsertItem(t.Context(), doc, both...) },
	} {
		if name == "replace" {
			_, err := w.UpsertItem(t.Context(), doc)
			require.NoError(t, err)
		}
		res, err := write()
		require.NoError(t, err, name)
		require.JSONEq(t, `{"sent":{"id":"1","pk":"p","mark":1},"id":"1"}`, string(res.Body), name)
		_, err = w.DeleteItem(t.Context(), "1", cosmos.PartitionKey("p"), cosmos.PostTriggers("check"))
		require.NoError(t, err, name)
	}
}

func TestUserDefinedFunction(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.function("tax", `function tax(income) {
		if (income === undefined) throw "no input";
		return income < 1000 ? income * 0.1 : income < 10000 ? income * 0.2 : income * 0.4;
	}`)
	w.function("kind", `x => typeof x + (x === null ? " null" : "")`)
	w.function("nothing", `() => undefined`)
	w.create(`{"id":"a","pk":"p","income":500,"x":null}`)
	w.create(`{"id":"b","pk":"q","income":20000}`)
	require.ElementsMatch(t, []string{`{"id":"b","tax":8000}`},
		w.all("SELECT c.id, udf.tax(c.income) AS tax FROM c WHERE udf.tax(c.income) > 100"))
	require.Equal(t, []string{"8000", "50"}, w.all("SELECT VALUE udf.tax(c.income) FROM c ORDER BY c.income DESC"))
	require.Equal(t, []string{`"object null"`}, w.all("SELECT VALUE udf.kind(c.x) FROM c"),
		"it is not called with undefined")
	require.Equal(t, []string{"{}", "{}"}, w.all("SELECT udf.nothing() AS v FROM c"))
	require.Equal(t, []string{`4025`}, w.all("SELECT VALUE AVG(udf.tax(c.income)) FROM c"))

	var st cosmos.Stats
	for _, err := range cosmos.Query[any](cosmos.WithStats(t.Context(), &st), w.Container, "SELECT VALUE udf.tax(1)",
		cosmos.PartitionKey("p")) {
		require.NoError(t, err)
	}
	require.InDelta(t, 2.56, st.Snapshot().RequestCharge, 0.1, "as recorded")

	w.function("broken", `function broken(x) { return x.y.z }`)
	for _, err := range cosmos.Query[any](t.Context(), w.Container, "SELECT VALUE udf.broken(c) FROM c") {
		require.ErrorIs(t, err, cosmos.ErrBadRequest)
		require.ErrorContains(t, err, "TypeError: Cannot read property")
	}
	for _, err := range cosmos.Query[any](t.Context(), w.Container, "SELECT VALUE udf.none(c) FROM c",
		cosmos.PartitionKey("p")) {
		require.ErrorContains(t, err, "udf.none' cannot be called: it does not exist")
	}
}

func TestProcedure(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.create(`{"id":"a","pk":"p","n":2,"tags":["x","y"]}`)
	w.create(`{"id":"b","pk":"p","n":1,"tags":["z"]}`)
	w.create(`{"id":"c","pk":"q","n":3}`)
	for _, test := range []struct {
		name, body string
		args       []any
		want       string
	}{
		{"nothing", `function () {}`, nil, ""},
		{"what it returns does not count", `() => 5`, nil, ""},
		{"arguments", `function (a, b, c) { getContext().getResponse().setBody([a, b, typeof c]) }`,
			[]any{"x", map[string]any{"y": nil}}, `["x",{"y":null},"undefined"]`},
		{"body in parts",
			`() => { const r = getContext().getResponse(); r.setBody("a"); r.appendBody("b"); r.appendBody({c: 1}) }`,
			nil, `"ab{\"c\":1}"`},
		{"links", `() => __.response.setBody([__.getAltLink(), __.getSelfLink().split("/").length])`, nil,
			`["dbs/test/colls/items",5]`},
		{"read by name", `() => __.readDocument(__.getAltLink() + "/docs/a", (e, d) => __.response.setBody(d.n))`, nil,
			`2`},
		{"read what is not there", `() => __.readDocument(__.getAltLink() + "/docs/none", (e, d) => ` +
			`__.response.setBody([e.number, e.number === ErrorCodes.NotFound, d]))`, nil, `[404,true,null]`},
		{"read of another partition",
			`() => __.readDocument(__.getAltLink() + "/docs/c", (e) => __.response.setBody(e.number))`, nil, `404`},
		{"read of another container",
			`() => __.readDocument("dbs/test/colls/other/docs/a", (e) => __.response.setBody(e.number))`, nil, `400`},
		{"readDocuments in pages", `() => __.readDocuments(__.getSelfLink(), {pageSize: 1}, (e, d, o) =>
			__.readDocuments(__.getSelfLink(), {pageSize: 1, continuation: o.continuation}, (e, f, o) =>
				__.response.setBody([d[0].id, f[0].id, o])))`,
			nil, `["a","b",{}]`},
		{"query in pages",
			`(query = "SELECT VALUE t FROM c JOIN t IN c.tags") =>
				__.queryDocuments(__.getSelfLink(), query, {pageSize: 1}, (e, d, o) =>
				__.queryDocuments(__.getSelfLink(), query, {pageSize: 2, continuation: o.continuation}, (e, f, o) =>
				__.response.setBody([d, f, o])))`,
			nil, `[["x"],["y","z"],{}]`},
		{"sorted in pages",
			`(query = "SELECT VALUE c.n FROM c ORDER BY c.n") =>
				__.queryDocuments(__.getSelfLink(), query, {pageSize: 1}, (e, d, o) =>
				__.queryDocuments(__.getSelfLink(), query, {continuation: o.continuation}, (e, f, o) =>
				__.response.setBody([d, f, o])))`,
			nil, `[[1],[2],{}]`},
		{"a wrong query", `() => __.queryDocuments(__.getSelfLink(), "SELECT", (e) => __.response.setBody(e.number))`,
			nil, `400`},
		{"filter", `() => __.filter((d) => d.n > 1)`, nil, `[{"id":"a"`},
		{"map", `() => __.map((d) => ({n: d.n}))`, nil, `[{"n":2},{"n":1}]`},
		{"pluck", `() => __.pluck("id")`, nil, `["a","b"]`},
		{"sortBy", `() => __.chain().sortBy((d) => d.n).pluck("n").value()`, nil, `[1,2]`},
		{"sortByDescending",
			`() => __.chain().sortByDescending((d) => d.id).map((d) => d.id).value((e, d) => __.response.setBody(d))`,
			nil, `["b","a"]`},
		{"flatten", `() => __.chain().pluck("tags").flatten().value()`, nil, `["x","y","z"]`},
		{"unwind", `() => __.chain().unwind((d) => d.tags, (d, t) => d.id + t).value()`, nil, `["ax","ay","bz"]`},
		{"unwind in pairs",
			`() => __.chain().filter((d) => d.id === "b").unwind((d) => d.tags).map((x) => [x[0].id, x[1]]).value()`,
			nil, `[["b","z"]]`},
		{"operations are told when the function has returned", `() => {
			const seen = [];
			__.readDocument(__.getAltLink() + "/docs/a", () => { seen.push("told"); __.response.setBody(seen) });
			seen.push("asked");
		}`, nil, `["asked","told"]`},
		{"promises",
			`() => {
				const link = __.getAltLink() + "/docs/";
				const read = (id) => new Promise((ok) => __.readDocument(link + id, (e, d) => ok(d)));
				(async () => {
					const [a, b] = await Promise.all([read("a"), read("b")]);
					__.response.setBody(a.n + b.n);
				})();
			}`, nil, `3`},
		{"a promise that is rejected is not told of",
			`() => { (async () => { throw new Error("x") })(); __.response.setBody(1) }`, nil, `1`},
		{"an id is made", `() => __.createDocument(__.getSelfLink(), {pk: "p", made: true},` +
			` (e, d) => __.deleteDocument(d._self, () => __.response.setBody(d.id.length)))`, nil, `36`},
		{"upsert and etag",
			`() => __.upsertDocument(__.getSelfLink(), {id: "u", pk: "p"}, (e, d) =>
				__.replaceDocument(d._self, {id: "u", pk: "p", v: 2}, {etag: "no"}, (e) =>
				__.deleteDocument(d._self, {etag: d._etag}, (f) => __.response.setBody([e.number, f === undefined]))))`,
			nil, `[412,true]`},
		{"a conflict that is caught", `() => __.createDocument(__.getSelfLink(), {id: "a", pk: "p"},` +
			` (e) => __.response.setBody([e.number, JSON.parse(e.body).Errors.length]))`, nil, `[409,1]`},
		{"another partition",
			`() => __.createDocument(__.getSelfLink(), {id: "a", pk: "q"}, (e) => __.response.setBody(e.message))`, nil,
			`partition keys other than the one`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := world{w.Container, t}.once(test.body, test.args...)
			require.NoError(t, err)
			require.Contains(t, got, test.want)
		})
	}
	require.Equal(t, []string{"3"}, w.all("SELECT VALUE COUNT(1) FROM c"))
}

func TestProcedureFails(t *testing.T) {
	t.Parallel()
	patient, hasty, strict := start(t), start(t, script.Timeout(300*time.Millisecond)), start(t, script.Operations(100))
	const made = `__.createDocument(__.getSelfLink(), {id: "x", pk: "p"}); `
	for _, test := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"thrown", `() => { ` + made + ` throw new Error("boom") }`, 400, "Exception = Error: boom"},
		{"thrown in a callback",
			`() => { __.createDocument(__.getSelfLink(), {id: "x", pk: "p"}, () => { throw new Error("late") }) }`, 400,
			"Exception = Error: late"},
		{"aborted", `() => { ` + made + ` getContext().abort("enough") }`, 400, "Exception = Error: enough"},
		{"an operation that nobody looks after", `() => { ` + made + made + ` }`, 400, "already exists"},
		{"syntax", `function ( {`, 400, "SyntaxError"},
		{"not a function", `1`, 400, "not a function"},
		{"endless", `() => { ` + made + ` while (true); }`, 408, "ran longer"},
		{"endless operations",
			`() => { const f = () => __.readDocument(__.getAltLink() + "/docs/a", () => f()); f() }`, 200, ""},
		{"an answer that is not JSON", `() => { ` + made + ` const a = []; a.push(a); __.response.setBody(a) }`, 400,
			"contains itself"},
		{"another link", `() => __.createDocument("dbs/x/colls/y", {id: "x"})`, 400,
			"is not that of the script's collection"},
		{"no link", `() => __.readDocument(undefined)`, 400, "must be a link"},
		{"no document", `() => __.createDocument(__.getSelfLink(), 5)`, 400, "must be an object"},
		{"no query", `() => __.queryDocuments(__.getSelfLink(), 5)`, 400, "The query must be"},
		{"no callback", `() => __.readDocument(__.getAltLink() + "/docs/a", {}, 5)`, 400, "callback is not a function"},
		{"a document that is too large",
			`() => __.createDocument(__.getSelfLink(), {id: "x", pk: "p", s: "x".repeat(3e6)})`, 400, "too large"},
		{"a token that is none", `() => __.readDocuments(__.getSelfLink(), {continuation: "x"})`, 400,
			"Invalid Continuation Token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := patient
			switch test.name {
			case "endless":
				w = hasty
			case "endless operations":
				w = strict
			}
			_, err := world{w.Container, t}.once(test.body)
			if test.status == 200 {
				require.NoError(t, err)
			} else {
				var e *cosmos.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, test.status, e.StatusCode)
				require.ErrorContains(t, err, test.want)
				require.Equal(t, []string{"0"}, w.all("SELECT VALUE COUNT(1) FROM c"), "nothing is left of it")
			}
		})
	}
}

// A script holds its partition; what it asks for meanwhile must not wait for one who waits for the partition.
func TestProceduresWhileTheContainerChanges(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.create(`{"id":"a","pk":"p","n":2}`)
	w.function("twice", "x => 2 * x")
	w.procedure("ask", `() => __.queryDocuments(__.getSelfLink(), "SELECT VALUE udf.twice(c.n) `+
		`FROM c", (e, rows) => { if (e) throw e; __.response.setBody(rows) })`)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 30 {
				res, err := w.ExecuteStoredProcedure(ctx, "ask", nil, cosmos.PartitionKey("p"))
				if !assert.NoError(t, err) || !assert.Equal(t, "[4]", string(res.Body)) {
					return
				}
			}
		})
		wg.Go(func() {
			for range 30 {
				props := cosmos.ContainerProperties{ID: "items", PartitionKey: cosmos.PartitionKeyPaths("/pk")}
				if _, err := w.Replace(ctx, props); !assert.NoError(t, err) {
					return
				}
			}
		})
	}
	wg.Wait()
}

// The clock of scripts is the server's.
func TestScriptsSeeTheServersClock(t *testing.T) {
	t.Parallel()
	made := cosmostest.RunT(t, script.JavaScript(), cosmostest.Clock(func() time.Time { return time.Unix(1000, 0) })).
		Container("/pk")
	client, err := cosmos.NewClientFromConnectionString(made.Server().ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	w := world{client.Database(made.Database).Container(made.ID), t}
	got, err := w.once(`() => __.response.setBody([new Date().toISOString(), Date.now()])`)
	require.NoError(t, err)
	require.JSONEq(t, `["1970-01-01T00:16:40.000Z",1000000]`, got)
	made.Server().Advance(time.Minute)
	w.function("now", "() => Date.now()")
	require.Equal(t, []string{"1060000"}, w.all("SELECT VALUE udf.now()", cosmos.PartitionKey("p")))
}

func TestScriptLog(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.procedure("log",
		`function (x) { console.log("é", 1, {a: [x]}); console.error(new Error("e")); if (x) throw new Error("boom") }`)
	res, err := w.ExecuteStoredProcedure(t.Context(), "log", []any{nil}, cosmos.PartitionKey("p"),
		cosmos.ScriptLogging(true))
	require.NoError(t, err)
	require.Equal(t, "é 1 {\"a\":[null]}\nError: e", cosmos.ScriptLog(res))
	res, err = w.ExecuteStoredProcedure(t.Context(), "log", []any{true}, cosmos.PartitionKey("p"),
		cosmos.ScriptLogging(true))
	require.Error(t, err)
	require.Contains(t, cosmos.ScriptLog(res), "Error: e")
	res, err = w.ExecuteStoredProcedure(t.Context(), "log", []any{nil}, cosmos.PartitionKey("p"))
	require.NoError(t, err)
	require.Empty(t, cosmos.ScriptLog(res))
}

// Azure's Python SDK asks for the first of these.
func TestScriptLogFormats(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i, c := range []struct{ arguments, want string }{
		{`'The value of %s is %s.', 'x', 1`, "The value of x is 1."},
		{`'%s and %s', 'x'`, "x and %s"},
		{`'%d %i %f %d', '7', 7.9, '7.5', 'x'`, "7 7 7.5 NaN"},
		{`'%j %o %O%c', [1], {a: 1}, {b: [2]}, 'color: red'`, `[1] {"a":1} {"b":[2]}`},
		{`'100 %% of %s', 1, 'and', [2]`, "100 % of 1 and [2]"},
		{`1, '%s', 2`, "1 %s 2"},
		{``, ""},
	} {
		name := fmt.Sprint("log", i)
		w.procedure(name, `function () { console.log(`+c.arguments+`) }`)
		res, err := w.ExecuteStoredProcedure(t.Context(), name, nil, cosmos.PartitionKey("p"),
			cosmos.ScriptLogging(true))
		require.NoError(t, err)
		require.Equal(t, c.want, cosmos.ScriptLog(res), c.arguments)
	}
}

// The body is a value of the response as others are.
func TestValuesOfAResponse(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i, c := range []struct{ body, want string }{
		{`for (var i = 0; i < 10; i++) r.appendValue('Body', i)`, `"0123456789"`},
		{`r.setValue('Body', {a: 1}); r.appendBody('!')`, `"{\"a\":1}!"`},
		{`r.setBody(7); r.setValue('x', r.getValue('Body') + 1); r.setBody(r.getValue('x'))`, `8`},
		{`r.appendValue('x', 'a'); r.appendValue('x', 'b'); r.setBody([r.getValue('x'), r.getValue('y') === ` +
			`undefined])`,
			`["ab",true]`},
	} {
		name := fmt.Sprint("p", i)
		w.procedure(name, `function () { var r = getContext().getResponse(); `+c.body+` }`)
		got, err := w.run(name)
		require.NoError(t, err)
		require.JSONEq(t, c.want, got, c.body)
	}
}

func TestWithoutEngine(t *testing.T) {
	t.Parallel()
	made := cosmostest.RunT(t).Container("/pk")
	client, err := cosmos.NewClientFromConnectionString(made.Server().ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	w := world{client.Database(made.Database).Container(made.ID), t}
	w.procedure("p", "() => 1")
	_, err = w.run("p")
	require.ErrorContains(t, err, "no JavaScript engine. Import cosmos/cosmostest/script")
	w.trigger("t", "Pre", "All", "() => 1")
	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"1","pk":"p"}`), cosmos.PreTriggers("t"))
	require.ErrorContains(t, err, "no JavaScript engine")
}
