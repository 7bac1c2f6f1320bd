package engine

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

// shelf is a collection in memory, which notes what it is asked.
type shelf struct {
	docs  []value.Value
	asked []string
	left  int   // operations that are still accepted
	fail  error // what operations end in
}

func newShelf(t testing.TB, docs ...string) *shelf {
	t.Helper()
	s := &shelf{left: 1000}
	for _, d := range docs {
		s.docs = append(s.docs, parse(t, d))
	}
	return s
}

func (s *shelf) note(what string, args ...any) { s.asked = append(s.asked, fmt.Sprintf(what, args...)) }

func (s *shelf) SelfLink() string { return "dbs/AAA=/colls/BBB=/" }
func (s *shelf) AltLink() string  { return "dbs/d/colls/c" }
func (s *shelf) Accept() bool     { s.left--; return s.left >= 0 }

func (s *shelf) Create(doc value.Value) (value.Value, error) {
	s.note("create %s", show(doc))
	return doc, s.fail
}

func (s *shelf) Upsert(doc value.Value, ifMatch string) (value.Value, error) {
	s.note("upsert %s %q", show(doc), ifMatch)
	return doc, s.fail
}

func (s *shelf) Read(link string) (value.Value, error) {
	s.note("read %s", link)
	for _, d := range s.docs {
		if strings.HasSuffix(link, "/"+d.Get("id").AsString()) {
			return d, s.fail
		}
	}
	return value.Undefined, &script.Error{Number: 404, Message: "none"}
}

func (s *shelf) Replace(link string, doc value.Value, ifMatch string) (value.Value, error) {
	s.note("replace %s %s %q", link, show(doc), ifMatch)
	return doc, s.fail
}

func (s *shelf) Delete(link, ifMatch string) error {
	s.note("delete %s %q", link, ifMatch)
	return s.fail
}

// Query gives pages of all documents; the continuation is the number of the next.
func (s *shelf) Query(q script.Query) (script.Page, error) {
	s.note("query %q %d %d %q", q.Text, len(q.Params), q.PageSize, q.Continuation)
	for _, name := range []string{"@a", "@b", "@c"} {
		if v, ok := q.Params[name]; ok {
			s.note("  %s = %s", name, show(v))
		}
	}
	from, _ := strconv.Atoi(q.Continuation)
	to := len(s.docs)
	if q.PageSize > 0 {
		to = min(to, from+q.PageSize)
	}
	p := script.Page{Rows: s.docs[from:to]}
	if to < len(s.docs) {
		p.Next = strconv.Itoa(to)
	}
	return p, s.fail
}

// run runs the body of a stored procedure: what it gives as the response's body.
func (s *shelf) run(t testing.TB, body string, args ...value.Value) (string, error) {
	t.Helper()
	res, err := calm().Run(t.Context(), script.Invocation{
		Source: script.Source{ID: "p", Body: "(...args) => { const r = getContext().getResponse(), " +
			"c = getContext().getCollection(), link = c.getSelfLink(), doc = link + 'docs/x'; " + body + " }"},
		Now: time.Now, Args: args, Operation: "Execute", Collection: s,
	})
	return show(res.Response), err
}

// What a script asks for comes to the collection as it says, whatever of the forms of the API it takes.
func TestOperations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body  string
		asked []string
	}{
		{`c.createDocument(link, {id: "x", n: [1, null, undefined]})`, []string{`create {"id":"x","n":[1,null,null]}`}},
		{`c.createDocument(c.getAltLink(), '{"id":"x"}')`, []string{`create {"id":"x"}`}},
		{`c.createDocument("/" + link, {id: "x", toJSON: undefined})`, []string{`create {"id":"x"}`}},
		{`c.createDocument(link, {a: 1}, {disableAutomaticIdGeneration: true})`, []string{`create {"a":1}`}},
		{`c.createDocument(link, {id: "x"}, null, () => 1)`, []string{`create {"id":"x"}`}},
		{`c.upsertDocument(link, {id: "x"})`, []string{`upsert {"id":"x"} ""`}},
		{`c.upsertDocument(link, {id: "x"}, {etag: "e"})`, []string{`upsert {"id":"x"} "e"`}},
		{`c.replaceDocument(doc, {id: "x"})`, []string{`replace dbs/AAA=/colls/BBB=/docs/x {"id":"x"} ""`}},
		{`c.replaceDocument(doc, '{"id":"x"}', {accessCondition: {type: "IfMatch", condition: "e"}}, () => 1)`,
			[]string{`replace dbs/AAA=/colls/BBB=/docs/x {"id":"x"} "e"`}},
		{`c.replaceDocument(doc, {}, {accessCondition: {}, etag: "f"})`,
			[]string{`replace dbs/AAA=/colls/BBB=/docs/x {} "f"`}},
		{`c.deleteDocument(doc)`, []string{`delete dbs/AAA=/colls/BBB=/docs/x ""`}},
		{`c.deleteDocument(doc, {etag: "e"})`, []string{`delete dbs/AAA=/colls/BBB=/docs/x "e"`}},
		{`c.readDocument(doc)`, []string{`read dbs/AAA=/colls/BBB=/docs/x`}},
		{`c.readDocuments(link, {pageSize: 2.9, continuation: "1"})`, []string{`query "" 0 2 "1"`}},
		{`c.readDocuments(link)`, []string{`query "" 0 0 ""`}},
		{`c.queryDocuments(link, "SELECT 1", {pageSize: -1})`, []string{`query "SELECT 1" 0 0 ""`}},
		{`c.queryDocuments(link, "SELECT 1", {pageSize: "many"})`, []string{`query "SELECT 1" 0 0 ""`}},
		{`c.queryDocuments(link, {query: "SELECT 2"}, () => 1)`, []string{`query "SELECT 2" 0 0 ""`}},
		{`c.queryDocuments(link, {query: "SELECT @a", parameters: [{name: "@a", value: {b: 1}}, {name: "@b"}]})`,
			[]string{`query "SELECT @a" 2 0 ""`, `  @a = {"b":1}`, `  @b = `}},
	} {
		s := newShelf(t, `{"id":"x"}`, `{"id":"y"}`)
		_, err := s.run(t, test.body)
		require.NoError(t, err, test.body)
		require.Equal(t, test.asked, s.asked, test.body)
	}
}

// Callbacks get the document, or the rows and where they go on, or nothing for a document that is gone.
func TestAnswersOfOperations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{`c.createDocument(link, {id: "z", n: 1}, (e, d, o) => r.setBody([e === undefined, d, o]))`,
			`[true,{"id":"z","n":1},{}]`},
		{`c.createDocument(link, {n: 1}, (e, d) => r.setBody(/^[0-9a-f-]{36}$/.test(d.id)))`, `true`},
		{`const d = {n: 1}; c.upsertDocument(link, d, (e, x) => r.setBody(d.id === x.id && d !== x))`, `true`},
		{`c.readDocument(doc, (e, d) => r.setBody(d))`, `{"id":"x","n":1}`},
		{`c.readDocument(link + "docs/none", (e, d, o) => r.setBody([e.number, e.message, e.body, ` +
			`e instanceof Error, d === undefined, o]))`, `[404,"none","none",true,true,{}]`},
		{`c.deleteDocument(doc, {}, (e, d) => r.setBody([e === undefined, d]))`, `[true,{}]`},
		{`c.replaceDocument(doc, {id: "x", n: 5}, {}, (e, d) => r.setBody(d.n))`, `5`},
		{`c.readDocuments(link, {pageSize: 2}, (e, d, o) => r.setBody([d.map((x) => x.id), o]))`,
			`[["x","y"],{"continuation":"2"}]`},
		{`c.queryDocuments(link, "SELECT 1", {pageSize: 2, continuation: "2"}, (e, d, o) => r.setBody([d, o]))`,
			`[[{"id":"z","n":2}],{}]`},
		{`r.setBody([c.createDocument(link, {}), c.deleteDocument(doc), c.readDocuments(link)])`, `[true,true,true]`},
		{`r.setBody([c.getSelfLink(), __.getAltLink(), __.getContext() === getContext()])`,
			`["dbs/AAA=/colls/BBB=/","dbs/d/colls/c",true]`},
	} {
		s := newShelf(t, `{"id":"x","n":1}`, `{"id":"y"}`, `{"id":"z","n":2}`)
		got, err := s.run(t, test.body)
		require.NoError(t, err, test.body)
		require.Equal(t, test.want, got, test.body)
	}
}

// Operations are done in the order in which they are asked for, and told of in that order when the one who asked has
// returned; promises that wait for one go on before the next is told of.
func TestOrderOfOperations(t *testing.T) {
	t.Parallel()
	s := newShelf(t, `{"id":"x"}`, `{"id":"y"}`)
	got, err := s.run(t, `
		const seen = [], tell = (what) => () => seen.push(what);
		const read = (id) => new Promise((ok) =>
			c.readDocument(link + "docs/" + id, (e, d) => { seen.push("told " + id); ok(d) }));
		c.createDocument(link, {id: "a"}, () => {
			seen.push("a");
			c.createDocument(link, {id: "c"}, tell("c"));
			seen.push("asked for c");
		});
		c.createDocument(link, {id: "b"}, tell("b"));
		(async () => { const d = await read("x"); seen.push("has " + d.id); await read("y"); r.setBody(seen) })();
		seen.push("returned");`)
	require.NoError(t, err)
	require.Equal(t, `["returned","a","asked for c","b","told x","has x","c","told y"]`, got)
	require.Equal(t, []string{`create {"id":"a"}`, `create {"id":"b"}`, "read dbs/AAA=/colls/BBB=/docs/x",
		`create {"id":"c"}`, "read dbs/AAA=/colls/BBB=/docs/y"}, s.asked)
}

// An operation that is not accepted is not done, and nobody is told of it; the others are.
func TestOperationsThatAreNotAccepted(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{`c.createDocument(link, {id: "a"}, told)`,
		`c.upsertDocument(link, {id: "a"}, told)`,
		`c.replaceDocument(doc, {id: "a"}, told)`, `c.deleteDocument(doc, told)`, `c.readDocument(doc, told)`,
		`c.readDocuments(link, told)`, `c.queryDocuments(link, "SELECT 1", told)`,
		`c.filter(() => true, told).isAccepted`, `c.chain().map((d) => d).value(told).isAccepted`} {
		s := newShelf(t, `{"id":"x"}`)
		s.left = 1
		got, err := s.run(t, `let n = 0; const told = () => r.setBody([first, second, ++n]);
			const first = `+operation+`, second = `+operation)
		require.NoError(t, err, operation)
		require.Equal(t, "[true,false,1]", got, operation)
		require.Len(t, s.asked, 1, operation)
	}
}

// What an operation fails with is the callback's; without one it ends the script, with its number.
func TestOperationsThatFail(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{`c.createDocument(link, {id: "a"}, then)`,
		`c.upsertDocument(link, {id: "a"}, then)`,
		`c.replaceDocument(doc, {id: "a"}, {}, then)`, `c.deleteDocument(doc, {}, then)`,
		`c.readDocument(doc, {}, then)`,
		`c.readDocuments(link, {}, then)`, `c.queryDocuments(link, "SELECT 1", {}, then)`,
		`c.filter((d) => true, {}, then)`, `c.chain().sortBy((d) => d.id).value({}, then)`} {
		for _, fail := range []error{&script.Error{Number: 412, Message: "changed"}, errors.New("changed")} {
			number := 412
			if e := (*script.Error)(nil); !errors.As(fail, &e) {
				number = 500 // one that is not for scripts
			}
			s := newShelf(t, `{"id":"x"}`)
			s.fail = fail
			got, err := s.run(t, `const then = (e, d) => r.setBody([e.number, e.message, d === undefined]); `+operation)
			require.NoError(t, err, operation)
			require.Equal(t, fmt.Sprintf(`[%d,"changed",true]`, number), got, operation)

			_, err = s.run(t, strings.Replace(strings.Replace(operation, ", then", "", 1), "then", "", 1))
			var e *script.Error
			require.ErrorAs(t, err, &e, operation)
			require.Equal(t, number, e.Number, operation)
			require.Contains(t, e.Message, "Exception = Error: changed", operation)
		}
	}
}

// What is wrong with an operation is said before the collection is asked.
func TestOperationsThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	const (
		link   = "TypeError: The collection link must be a link, but is "
		doc    = "TypeError: The document link must be a link, but is "
		object = "TypeError: The document must be an object, but is "
	)
	for _, test := range []struct{ body, want string }{
		{`c.createDocument(undefined, {})`, link + "undefined."},
		{`c.createDocument({}, {})`, link + "{}."},
		{`c.createDocument("dbs/d/colls/other", {})`,
			"Error: The collection link dbs/d/colls/other is not that of the script's collection."},
		{`c.upsertDocument("dbs/d/colls/c/docs", {})`, "Error: The collection link dbs/d/colls/c/docs is not that"},
		{`c.readDocuments("")`, link + "."},
		{`c.queryDocuments(null, "SELECT 1")`, link + "null."},
		{`c.createDocument(link, null)`, object + "null."},
		{`c.createDocument(link, [1])`, object + "[1]."},
		{`c.upsertDocument(link, "5")`, object + "5."},
		{`c.createDocument(link, "{")`, "SyntaxError: "},
		{`const d = {}; d.d = d; c.createDocument(link, d)`, "TypeError: the value contains itself"},
		{`const d = {}; d.d = d; c.replaceDocument(doc, d)`, "TypeError: the value contains itself"},
		{`c.replaceDocument(5, {})`, doc + "5."},
		{`c.replaceDocument(doc, () => 1)`, object + "() => 1."},
		{`c.deleteDocument("")`, doc + "."},
		{`c.readDocument(null)`, doc + "null."},
		{`c.readDocument(doc, {}, {})`, "TypeError: The callback is not a function."},
		{`c.queryDocuments(link)`, "TypeError: The query must be a text, or an object with a query."},
		{`c.queryDocuments(link, {parameters: []})`, "TypeError: The query must be a text, or an object with a query."},
	} {
		s := newShelf(t, `{"id":"x"}`)
		_, err := s.run(t, test.body)
		require.ErrorContains(t, err, "Exception = "+test.want, test.body)
		require.Empty(t, s.asked, test.body)
	}
}
