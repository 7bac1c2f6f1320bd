package rawjson

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// check holds CheckObject against the decoder and the search that it replaces.
func check(t *testing.T, text []byte) {
	t.Helper()
	want := Kind(text) == '{' && jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true))
	value, valid := CheckObject(text, "id")
	if valid != want {
		t.Fatalf("%q: valid is %t", text, valid)
	}
	if found, ok := Get(text, "id"); valid && (ok != (value != nil) || !bytes.Equal(found, value)) {
		t.Fatalf("%q: id is %q, not %q", text, value, found)
	}
}

var objects = []string{
	`{}`, ` { } `, `{"id":"1"}`, `{"id":"1","id":2}`, `{"\u0069d":"escaped"}`, `{"a":{"id":"inner"},"id":null}`,
	`{"a":[{"id":1},[]],"b":{}}`, `{"a":0,"b":-0.5e+10,"c":1E5,"d":10.25}`,
	`{"a":"é😀\n\"\\\/\b\f\r\t\u00e9\ud83d\ude00"}`, "{\"a\"\t:\r\n1 , \"b\" : true}", ``, `[]`, `"x"`, `1`, `{`, `}`,
	`{"a"}`, `{"a":}`, `{"a":1,}`, `{,"a":1}`, `{"a":1}}`, `{"a":1} x`, `{"a":1 "b":2}`, `{a:1}`, `{"a":tru}`,
	`{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":+1}`, `{"a":0x1}`, `{"a":NaN}`, `{"a":"`,
	`{"a":"\`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\ud800"}`, `{"a":"\udc00"}`, `{"a":"\ud800\u0041"}`,
	`{"a":"\ud800x"}`, "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}", `{"a":[1,]}`, `{"a":[}`,
	`{"a":[1 2]}`, `{"a":"b" 1}`, "\ufeff{}", `{"a":truefalse}`, `{"a":1e400}`, `{"a":nul`,
}

func TestCheckObject(t *testing.T) {
	t.Parallel()
	for _, text := range objects {
		check(t, []byte(text))
		for i := range text {
			check(t, []byte(text[:i]))
		}
	}
	deep := func(n int) []byte {
		return []byte(`{"id":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`)
	}
	for _, n := range []int{100, maxDepth - 1, maxDepth, maxDepth + 1} {
		check(t, deep(n))
	}
	value, valid := CheckObject([]byte(` {"x":1,"id":"a","\u0069d": "b" } `), "id")
	require.True(t, valid)
	require.Equal(t, `"b"`, string(value), "the last one")
}

func FuzzCheckObject(f *testing.F) {
	for _, text := range objects {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { check(t, text) })
}

func BenchmarkCheckObject(b *testing.B) {
	doc := []byte(`{"id":"0a8b2b7e-8a3c-4bd7-9d3c-111111111111","pk":"tenant-00001","seq":9007199254740994,` +
		`"total":1234.56,"paid":false,"note":null,` +
		`"tags":["a","b","caf\u00e9"],"address":{"street":"1 alpha street","geo":[-122.123456,47.654321]},"lines":[` +
		strings.Repeat(`{"sku":"SKU-0001","qty":1,"price":1.25},`, 5) + `{}],"description":"` +
		strings.Repeat("alpha bravo charlie ", 18) + `"}`)
	b.Run("one pass", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			CheckObject(doc, "id")
		}
	})
	b.Run("jsontext and a search", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			jsontext.Value(doc).IsValid(jsontext.AllowDuplicateNames(true))
			Get(doc, "id")
		}
	})
}
