package script_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

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
		{"what it returns does not count", `() => 5`, nil, ""},
		{"arguments", `function (a, b, c) { getContext().getResponse().setBody([a, b, typeof c]) }`,
			[]any{"x", map[string]any{"y": nil}}, `["x",{"y":null},"undefined"]`},
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
		{"sortByDescending",
			`() => __.chain().sortByDescending((d) => d.id).map((d) => d.id).value((e, d) => __.response.setBody(d))`,
			nil, `["b","a"]`},
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
