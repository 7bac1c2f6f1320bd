package partition

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExtract(t *testing.T) {
	t.Parallel()
	const doc = `{"id":"1","a":{"b":5,"c d":"x","q\"":true,"x/y":1},` +
		`"n":null,"list":[1],"twice":1,"twice":"last","e":"\u00e9"}`
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

func TestCheck(t *testing.T) {
	t.Parallel()
	require.NoError(t, multi.Check(key(t, 1, 2)))
	require.ErrorContains(t, multi.Check(key(t, 1)), "fewer")
	require.ErrorContains(t, multi.Check(key(t, 1, 2, 3)), "more")
	require.ErrorContains(t, v2.Check(nil), "/pk")
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
