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
