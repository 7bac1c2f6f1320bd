package partition

import (
	"encoding/json"
	"testing"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/stretchr/testify/require"
)

func TestExtract(t *testing.T) {
	t.Parallel()
	const doc = `{"id":"1","a":{"b":5,"c d":"x","q\"":true,"x/y":1},` +
		`"n":null,"list":[1],"twice":1,"twice":"last","e":"\u00e9","o":{"k":1,"k":2},"p":{"k":1},"p":3,` +
		`"\u0065sc":"x","":0}`
	for _, tt := range []struct {
		name  string
		paths []string
		want  string
	}{
		{"string", []string{"/id"}, `["1"]`},
		{"nested", []string{"/a/b"}, `[5]`},
		{"quoted name", []string{`/a/"c d"`}, `["x"]`},
		{"escaped quote", []string{`/"a"/"q\""`}, `[true]`},
		{"slash in the name", []string{`/a/"x/y"`}, `[1]`},
		{"null", []string{"/n"}, `[null]`},
		{"missing", []string{"/m"}, `[{}]`},
		{"missing below a scalar", []string{"/id/x"}, `[{}]`},
		{"array", []string{"/list"}, `[{}]`},
		{"object", []string{"/a"}, `[{}]`},
		{"last duplicate", []string{"/twice"}, `["last"]`},
		{"escapes decoded", []string{"/e"}, `["\u00e9"]`},
		{"nested duplicate", []string{"/o/k"}, `[2]`},
		{"a later duplicate that is a scalar", []string{"/p/k"}, `[{}]`},
		{"below null", []string{"/n/x"}, `[{}]`},
		{"below an array", []string{"/list/0"}, `[{}]`},
		{"escaped name in the document", []string{"/esc"}, `["x"]`},
		{"escaped name in the path", []string{`/"\u0065sc"`}, `["x"]`},
		{"empty name", []string{`/""`}, `[0]`},
		{"the same path twice", []string{"/id", "/id"}, `["1","1"]`},
		{"hierarchical", []string{"/id", "/m", "/a/b"}, `["1",{},5]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k, err := Definition{Paths: tt.paths}.Extract([]byte(doc))
			require.NoError(t, err)
			require.Equal(t, tt.want, k.Header())
		})
	}
}

func TestSystemKey(t *testing.T) {
	t.Parallel()
	d := Definition{Paths: []string{"/_partitionKey"}, SystemKey: true}
	k, err := d.Extract([]byte(`{"id":"1"}`))
	require.NoError(t, err)
	require.Equal(t, "[]", k.Header())
	require.NoError(t, d.Check(k))
	k, err = d.Extract([]byte(`{"_partitionKey":"p"}`))
	require.NoError(t, err)
	require.Equal(t, `["p"]`, k.Header())
}

func TestPaths(t *testing.T) {
	t.Parallel()
	d := Definition{Paths: []string{`/a/"b-c"/d`, "/x", `/'my "key"'/"it's"`}}
	segments, err := d.PathSegments(0)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b-c", "d"}, segments)
	segments, err = d.PathSegments(1)
	require.NoError(t, err)
	require.Equal(t, []string{"x"}, segments)
	segments, err = d.PathSegments(2)
	require.NoError(t, err)
	require.Equal(t, []string{`my "key"`, "it's"}, segments)
	for _, i := range []int{-1, 3} {
		_, err = d.PathSegments(i)
		require.Error(t, err)
	}
	for _, bad := range []string{"", "/", "a", "/a/", "//a", `/"a`, `/"a\"`, `/'a`, `/'a"`, `/"a"b`} {
		d := Definition{Paths: []string{bad}}
		_, err := d.PathSegments(0)
		require.Error(t, err, "%q", bad)
		if bad != "" {
			_, err = d.Extract([]byte(`{"a":1}`))
			require.Error(t, err, "%q", bad)
		}
	}
}

// A path that is not one says which, and what is wrong with it.
func TestPathErrors(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"":        `"" is not a partition key path: it must look like /name or /name/name`,
		"pk":      `"pk" is not a partition key path: it must look like /name or /name/name`,
		"/a/":     `"/" is not a partition key path: it must look like /name or /name/name`,
		"/a//b":   `partition key path has an empty name before "/b"`,
		`/"a`:     `partition key path has no closing quote in "\"a"`,
		`/a/'b\'`: `partition key path has no closing quote in "'b\\'"`,
		`/"a"b`:   `"b" is not a partition key path: it must look like /name or /name/name`,
	} {
		_, err := Definition{Paths: []string{"/fine", path}}.PathSegments(1)
		require.EqualError(t, err, "cosmos: "+want)
		_, err = Definition{Paths: []string{"/fine", path}}.Extract([]byte(`{"fine":1,"a":{"":1}}`))
		if path != "" {
			require.EqualError(t, err, "cosmos: "+want, "also where the document has no such property")
		}
	}
	_, err := v2.PathSegments(1)
	require.EqualError(t, err, "cosmos: the partition key has no path 1")
}

// A definition is read and written as the service has it, which leaves out what is not said.
func TestDefinitionJSON(t *testing.T) {
	t.Parallel()
	for text, hierarchical := range map[string]bool{
		`{"paths":["/pk"],"kind":"Hash","version":2}`:                 false,
		`{"paths":["/a","/b"],"kind":"MultiHash","version":2}`:        true,
		`{"paths":["/a"],"kind":"multihash","version":2}`:             true,
		`{"paths":["/_partitionKey"],"kind":"Hash","systemKey":true}`: false,
		`{"paths":["/old"]}`: false,
	} {
		var d Definition
		require.NoError(t, json.Unmarshal([]byte(text), &d))
		require.Equal(t, hierarchical, d.Hierarchical(), text)
		again, err := json.Marshal(d)
		require.NoError(t, err)
		require.JSONEq(t, text, string(again))
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	require.NoError(t, multi.Check(key(t, 1, 2)))
	require.ErrorContains(t, multi.Check(key(t, 1)), "fewer")
	require.ErrorContains(t, multi.Check(key(t, 1, 2, 3)), "more")
	require.ErrorContains(t, v2.Check(nil), "/pk")
	for _, k := range []Key{nil, key(t, 1), key(t, 1, 2, 3)} {
		err := multi.Check(k)
		require.ErrorIs(t, err, errtext.ErrBadRequest)
		require.ErrorContains(t, err, "partition key "+k.Header())
		require.ErrorContains(t, err, "(/a, /b)", "which key is wanted")
	}
	system := Definition{Paths: []string{"/_partitionKey"}, SystemKey: true}
	require.NoError(t, system.Check(key(t, "p")))
	require.ErrorContains(t, system.Check(key(t, "p", "q")), "more values")
	require.True(t, multi.Hierarchical())
	require.False(t, v2.Hierarchical())
}

func FuzzExtract(f *testing.F) {
	f.Add("/a", []byte(`{"a":1}`))
	f.Add(`/"a\"b"/c`, []byte(`{"a\"b":{"c":[]}}`))
	f.Add(`/a//`, []byte(`{`))
	f.Fuzz(func(t *testing.T, path string, doc []byte) {
		d := Definition{Paths: []string{path}, Version: 2}
		k, err := d.Extract(doc)
		if err != nil {
			return
		}
		require.Len(t, k, 1)
		require.NotEmpty(t, d.EPK(k))
	})
}
