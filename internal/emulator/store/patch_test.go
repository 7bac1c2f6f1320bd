package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

func TestPatchOperations(t *testing.T) {
	t.Parallel()
	def, err := parseDefinition([]byte(`{"id":"c","partitionKey":{"paths":["/key/part"]}}`))
	require.NoError(t, err)
	const doc = `{"id":"a","n":1,"f":1.5,"s":"x","nil":null,"o":{"p":1,"a/b":2,"m~n":3},` +
		`"list":[1,2,3],"deep":[{"x":[0]}]}`
	for _, test := range []struct{ name, ops, want, err string }{
		{"add a member", `{"op":"add","path":"/new","value":[1]}`, `"new":[1]`, ""},
		{"add over a member", `{"op":"add","path":"/n","value":2}`, `"n":2`, ""},
		{"add inserts", `{"op":"add","path":"/list/1","value":9}`, `"list":[1,9,2,3]`, ""},
		{"add at the end", `{"op":"add","path":"/list/3","value":9}`, `"list":[1,2,3,9]`, ""},
		{"add with -", `{"op":"add","path":"/list/-","value":9}`, `"list":[1,2,3,9]`, ""},
		{"add past the end", `{"op":"add","path":"/list/4","value":9}`, "", "not an index"},
		{"add at a name of a list", `{"op":"add","path":"/list/x","value":9}`, "", "not an index"},
		{"add at 01", `{"op":"add","path":"/list/01","value":9}`, "", "not an index"},
		{"add below nothing", `{"op":"add","path":"/no/x","value":9}`, "", "parent of this path does not exist"},
		{"add below a number", `{"op":"add","path":"/n/x","value":9}`, "", "neither an object nor an array"},
		{"add without value is null", `{"op":"add","path":"/new"}`, `"new":null`, ""},
		{"set a member", `{"op":"set","path":"/o/q","value":{"z":1}}`, `"q":{"z":1}`, ""},
		{"set an element", `{"op":"set","path":"/list/1","value":9}`, `"list":[1,9,3]`, ""},
		{"set the element after the last", `{"op":"set","path":"/list/3","value":9}`, `"list":[1,2,3,9]`, ""},
		{"set deep", `{"op":"set","path":"/deep/0/x/0","value":9}`, `"deep":[{"x":[9]}]`, ""},
		{"escapes", `{"op":"set","path":"/o/a~1b","value":9},{"op":"set","path":"/o/m~0n","value":8}`,
			`"a/b":9,"m~n":8`, ""},
		{"replace", `{"op":"replace","path":"/nil","value":1}`, `"nil":1`, ""},
		{"replace nothing", `{"op":"replace","path":"/no","value":1}`, "", "nothing at this path"},
		{"replace past the end", `{"op":"replace","path":"/list/3","value":1}`, "", "nothing at this path"},
		{"remove", `{"op":"remove","path":"/o"}`, `"nil":null,"list"`, ""},
		{"remove an element", `{"op":"remove","path":"/list/0"}`, `"list":[2,3]`, ""},
		{"remove nothing", `{"op":"remove","path":"/no"}`, "", "nothing at this path"},
		{"increment", `{"op":"incr","path":"/n","value":-3}`, `"n":-2`, ""},
		{"increment by a fraction", `{"op":"incr","path":"/n","value":0.5}`, `"n":1.5`, ""},
		{"increment a fraction", `{"op":"incr","path":"/f","value":1}`, `"f":2.5`, ""},
		{"increment nothing", `{"op":"incr","path":"/new","value":3}`, `"new":3`, ""},
		{"increment text", `{"op":"incr","path":"/s","value":3}`, "", "not a number"},
		{"increment null", `{"op":"incr","path":"/nil","value":3}`, "", "not a number"},
		{"increment by text", `{"op":"incr","path":"/n","value":"3"}`, "", "needs a number"},
		{"increment beyond 64 bits",
			`{"op":"set","path":"/n","value":9223372036854775807},{"op":"incr","path":"/n","value":1}`,
			`"n":9.2233720368547758e+18`, ""},
		{"increment beyond doubles", `{"op":"set","path":"/n","value":1e308},{"op":"incr","path":"/n","value":1e308}`,
			"", "not a finite double"},
		{"increment below doubles", `{"op":"set","path":"/n","value":-1e308},{"op":"incr","path":"/n","value":-1e308}`,
			"", "not a finite double"},
		{"move", `{"op":"move","from":"/n","path":"/o/n"}`, `"m~n":3,"n":1}`, ""},
		{"move over", `{"op":"move","from":"/n","path":"/s"}`, `"s":1`, ""},
		{"move up", `{"op":"move","from":"/deep/0/x","path":"/n"}`, `"n":[0],`, ""},
		{"move to itself", `{"op":"move","from":"/n","path":"/n"}`, `"n":1`, ""},
		{"move nothing", `{"op":"move","from":"/no","path":"/s"}`, "", "nothing at /no"},
		{"move below itself", `{"op":"move","from":"/o","path":"/o/p"}`, "", "below itself"},
		{"move without from", `{"op":"move","path":"/o/p"}`, "", "patch path"},
		{"in order", `{"op":"add","path":"/t","value":1},{"op":"incr","path":"/t","value":1},` +
			`{"op":"move","from":"/t","path":"/u"}`, `"u":2`, ""},
		{"id", `{"op":"set","path":"/id","value":"b"}`, "", "cannot be patched"},
		{"system property", `{"op":"remove","path":"/_ts"}`, "", "cannot be patched"},
		{"partition key", `{"op":"set","path":"/key/part","value":"b"}`, "", "cannot be patched"},
		{"above the partition key", `{"op":"set","path":"/key","value":"b"}`, "", "cannot be patched"},
		{"below the partition key", `{"op":"set","path":"/key/part/x","value":"b"}`, "", "cannot be patched"},
		{"beside the partition key", `{"op":"set","path":"/keys","value":"b"}`, `"keys":"b"`, ""},
		{"move away the id", `{"op":"move","from":"/id","path":"/x"}`, "", "cannot be patched"},
		{"unknown", `{"op":"test","path":"/n","value":1}`, "", `"test" is unknown`},
		{"no path", `{"op":"set","value":1}`, "", "patch path"},
		{"root", `{"op":"set","path":"/","value":1}`, "", "patch path"},
		{"eleven", strings.TrimSuffix(strings.Repeat(`{"op":"set","path":"/x","value":1},`, 11), ","), "",
			"1 to 10 operations, not 11"},
		{"none", ``, "", "not 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, _, err := ParsePatch([]byte("[" + test.ops + "]"))
			var out value.Value
			if err == nil {
				in, parseErr := value.Parse([]byte(doc))
				require.NoError(t, parseErr)
				out, err = p.apply(in, def)
			}
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				var refusal *Error
				require.ErrorAs(t, err, &refusal)
				require.Equal(t, 400, refusal.Status)
				return
			}
			require.NoError(t, err)
			require.Contains(t, string(value.AppendJSON(nil, out)), test.want)
		})
	}
}

func TestParsePatchForms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, condition, err string }{
		{"list", `[{"op":"remove","path":"/x"}]`, "", ""},
		{"object", `{"operations":[{"op":"remove","path":"/x"}],"condition":"from c where c.n = 1"}`,
			"from c where c.n = 1", ""},
		{"null condition", `{"operations":[{"op":"Remove","path":"/x"}],"condition":null}`, "", ""},
		{"condition that is not a text", `{"operations":[{"op":"remove","path":"/x"}],"condition":1}`, "",
			"must be a string"},
		{"no JSON", `{`, "", "not valid JSON"},
		{"neither", `"x"`, "", "1 to 10 operations"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, condition, err := ParsePatch([]byte(test.body))
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.condition, condition)
			require.Len(t, p, 1)
		})
	}
}

// Whatever a patch says, it is refused or leaves a document.
func FuzzPatch(f *testing.F) {
	const doc = `{"id":"a","n":1,"o":{"p":1},"list":[1,[2],{"x":3}],"key":{"part":"p"}}`
	for _, seed := range []string{
		`[{"op":"add","path":"/list/1/0","value":{"a":[]}}]`, `[{"op":"move","from":"/list/2","path":"/list/-"}]`,
		`[{"op":"remove","path":"/list/1"}]`, `[{"op":"incr","path":"/n","value":1e308}]`,
		`{"operations":[{"op":"set","path":"/o/p/q","value":1}],"condition":"x"}`,
		`[{"op":"set","path":"//","value":1}]`,
	} {
		f.Add(seed)
	}
	def, err := parseDefinition([]byte(`{"id":"c","partitionKey":{"paths":["/key/part"]}}`))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body string) {
		p, _, err := ParsePatch([]byte(body))
		if err != nil {
			return
		}
		in, err := value.Parse([]byte(doc))
		require.NoError(t, err)
		out, err := p.apply(in, def)
		if err != nil {
			return
		}
		text := value.AppendJSON(nil, out)
		_, err = value.ParseDepth(text, 1000)
		require.NoError(t, err, "%s", text)
		require.Equal(t, "a", out.Get("id").AsString())
		require.Equal(t, "p", out.Get("key").Get("part").AsString())
	})
}

// A ~ that neither 0 nor 1 follows is not a JSON pointer, whatever the operation.
func TestPatchPathsWithABareTilde(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/list/123~", "/~", "/~2", "/a~x/b", "/~~0", "/a/~0~"} {
		for _, operation := range []string{`{"op":"add","path":%q,"value":1}`, `{"op":"set","path":%q,"value":1}`,
			`{"op":"incr","path":%q,"value":1}`, `{"op":"replace","path":%q,"value":1}`, `{"op":"remove","path":%q}`,
			`{"op":"move","from":%q,"path":"/b"}`, `{"op":"move","from":"/b","path":%q}`} {
			_, _, err := ParsePatch([]byte("[" + fmt.Sprintf(operation, path) + "]"))
			require.ErrorContains(t, err, "400", path)
			require.ErrorContains(t, err, "~ must be written ~0", path)
		}
	}
}

// More of what one operation does to a document, and what a whole patch does.
func TestPatchedDocuments(t *testing.T) {
	t.Parallel()
	const uniqueMail = `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/mail"]}]},"defaultTtl":-1`
	const doc = `{"id":"a","pk":"p","n":9007199254740993,"o":{"k":{"x":1}},"list":[[1,2],{"y":2}],"mail":"a"}`
	deep := strings.Repeat(`{"x":`, 126) + "1" + strings.Repeat("}", 126)
	ten := strings.TrimSuffix(strings.Repeat(`{"op":"incr","path":"/n","value":1},`, 10), ",")
	for _, test := range []struct{ name, ops, want, err string }{
		{"as many as may be, exactly", ten, `"n":9007199254741003`, ""},
		{"as exact as integers are", `{"op":"incr","path":"/n","value":-9007199254740994}`, `"n":-1,`, ""},
		{"by a number with a point and no fraction", `{"op":"incr","path":"/n","value":1.0}`,
			`"n":9007199254740994`, ""},
		{"by nothing", `{"op":"incr","path":"/n","value":0}`, `"n":9007199254740993`, ""},
		{"below 64 bits", `{"op":"set","path":"/n","value":-9223372036854775808},{"op":"incr","path":"/n","value":-1}`,
			`"n":-9.2233720368547758e+18`, ""},
		{"an element", `{"op":"incr","path":"/list/0/1","value":1}`, `"list":[[1,3],{"y":2}]`, ""},
		{"behind the last element", `{"op":"incr","path":"/list/0/2","value":1}`, `"list":[[1,2,1],{"y":2}]`, ""},
		{"an object", `{"op":"incr","path":"/o","value":1}`,
			"", "400: Patch operation 0 (incr /o): the value is not a number."},
		{"operations in capitals", `{"op":"SET","path":"/n","value":1},{"op":"Incr","path":"/n","value":1}`,
			`"n":2,`, ""},
		{"a name that is escaped twice", `{"op":"set","path":"/~01","value":1}`, `"~1":1`, ""},
		{"a name of no letters", `{"op":"set","path":"/o/","value":1}`, `"o":{"k":{"x":1},"":1}`, ""},
		{"replaced in its place", `{"op":"replace","path":"/o/k","value":[1]}`, `"o":{"k":[1]},"list"`, ""},
		{"added, behind what the server writes", `{"op":"add","path":"/new","value":1}`,
			`"attachments/","new":1,"_ts"`, ""},
		{"moved out of what is replaced", `{"op":"move","from":"/o/k/x","path":"/o"}`, `"o":1,`, ""},
		{"moved within a list, as if it had gone first", `{"op":"move","from":"/list/0","path":"/list/1"}`,
			`"list":[{"y":2},[1,2]]`, ""},
		{"moved behind the list that it leaves", `{"op":"move","from":"/list/0","path":"/list/2"}`, "",
			`"2" is not an index`},
		{"moved from where nothing can be", `{"op":"move","from":"/n/x","path":"/y"}`,
			"", "neither an object nor an array"},
		{"moved from behind the last", `{"op":"move","from":"/list/-","path":"/y"}`, "", "nothing at /list/- to move"},
		{"moved to below what it leaves", `{"op":"move","from":"/o/k","path":"/o/k/x/y"}`,
			"", "cannot move /o/k below itself"},
		{"a name that begins alike", `{"op":"move","from":"/o","path":"/ok"}`, `"ok":{"k":{"x":1}}`, ""},
		{"removed from behind the last", `{"op":"remove","path":"/list/-"}`, "", "nothing at this path"},
		{"the first that fails is named", `{"op":"set","path":"/n","value":1},` +
			`{"op":"replace","path":"/no/x","value":1},{"op":"remove","path":"/none"}`,
			"", "Patch operation 1 (replace /no/x): the parent of this path does not exist."},
		{"a time to live that is none", `{"op":"set","path":"/ttl","value":"long"}`,
			"", `The input ttl '"long"' is invalid`},
		{"a time to live", `{"op":"set","path":"/ttl","value":5}`, `"ttl":5`, ""},
		{"a unique value that is taken", `{"op":"replace","path":"/mail","value":"b"}`, "", "already exists"},
		{"a unique value that it has", `{"op":"replace","path":"/mail","value":"a"}`, `"mail":"a"`, ""},
		{"as deep as a document may be", `{"op":"add","path":"/o/k","value":` + deep + `}`, `{"x":1}}}`, ""},
		{"too deep", `{"op":"add","path":"/o/k/x","value":` + deep + `}`, "", "400: The document is invalid"},
		{"too large", `{"op":"add","path":"/n","value":"` + strings.Repeat("x", MaxDocument-100) + `"}`, "",
			"413: Request size is too large"},
		{"beside the partition key", `{"op":"set","path":"/pkx","value":1}`, `"pkx":1`, ""},
		{"a system property of an object", `{"op":"set","path":"/o/_ts","value":1}`, `"_ts":1}`, ""},
		{"moved onto the id", `{"op":"move","from":"/n","path":"/id"}`, "", "cannot be patched"},
		{"moved away from the partition key", `{"op":"move","from":"/pk","path":"/x"}`, "", "cannot be patched"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, uniqueMail)
			old := put(t, c, doc)
			before := string(old.JSON)
			put(t, c, `{"id":"b","pk":"p","mail":"b"}`)
			p, _, err := ParsePatch([]byte("[" + test.ops + "]"))
			var it *Item
			if err == nil {
				_, err = c.Update(old.EPK, "", func(tx *Tx) (err error) {
					it, err = tx.Patch(old.EPK, "a", p, nil, old.ETag)
					return err
				})
			}
			require.Equal(t, before, string(old.JSON), "who holds the old version still has it")
			now, _, readErr := c.Read(old.EPK, "a")
			require.NoError(t, readErr)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				require.Same(t, old, now)
				return
			}
			require.NoError(t, err)
			require.Same(t, it, now)
			require.Contains(t, string(now.JSON), test.want)
			require.NotEqual(t, old.ETag, now.ETag)
			require.Equal(t, old.RID, now.RID)
			held(t, c)
		})
	}
}

// What a patch may not touch follows from the partition key: all of its levels, what is above them and below, and
// nothing beside.
func TestPatchLeavesKeysAlone(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	c, err := c.db.CreateContainer(
		[]byte(`{"id":"h","partitionKey":{"paths":["/tenant/id","/user","/\"a/b\""],"version":2}}`), Throughput{})
	require.NoError(t, err)
	it := put(t, c, `{"id":"1","tenant":{"id":"t","name":"n"},"user":"u","a/b":"c","a":{"b":1}}`)
	for path, allowed := range map[string]bool{
		"/tenant": false, "/tenant/id": false, "/tenant/id/x": false, "/user": false, "/a~1b": false, "/a~1b/x": false,
		"/_etag": false, "/_rid/x": false, "/id": false, "/id/x": false,
		"/tenant/name": true, "/tenant/id2": true, "/users": true, "/a/b": true, "/a": true, "/_mine": true,
		"/a/id": true,
	} {
		p, _, err := ParsePatch(fmt.Appendf(nil, `[{"op":"set","path":%q,"value":1}]`, path))
		require.NoError(t, err)
		_, err = c.Update(it.EPK, "", func(tx *Tx) error { _, err := tx.Patch(it.EPK, "1", p, nil, ""); return err })
		if allowed {
			require.NoError(t, err, path)
		} else {
			refused(t, err, 400, "system properties, id and partition key cannot be patched.")
		}
		put(t, c, string(it.JSON))
	}
}
