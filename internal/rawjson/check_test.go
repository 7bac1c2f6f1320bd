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
	`{"a":"\\ud800"}`, `{"a":"\\\ud800"}`, `{"\ud800":1}`, `{"\ud83d\uDE00":1,"id":"\uD83D"}`, `{"":0,"id":{"id":1}}`,
	`{"a":1,"a":"\ud83d\ude00"}`,
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
	for _, n := range []int{100, maxDepth - 2, maxDepth - 1, maxDepth, maxDepth + 1} {
		for _, inner := range []string{"", "1", `{"a":"b"}`} {
			check(t, []byte(`{"id":`+strings.Repeat("[", n)+inner+strings.Repeat("]", n)+`}`))
		}
	}
	value, valid := CheckObject([]byte(` {"x":1,"id":"a","\u0069d": "b" } `), "id")
	require.True(t, valid)
	require.Equal(t, `"b"`, string(value), "the last one")
}

// What is found is the text itself, without the blanks around it, not a copy: the document is not read twice.
func TestCheckObjectHandsOutTheText(t *testing.T) {
	t.Parallel()
	text := []byte(`{"a":[{"id":0}], "id" : {"x":1} ,"b":{"id":2}}`)
	value, valid := CheckObject(text, "id")
	require.True(t, valid)
	require.Equal(t, `{"x":1}`, string(value))
	require.Same(t, &text[bytes.Index(text, []byte(`{"x"`))], &value[0])

	for text, want := range map[string]string{
		`{"id":null}`: "null", `{"id":""}`: `""`, `{"":7}`: "", `{"ID":1,"idx":2,"i":3,"xid":4}`: "",
		`{"id":"a","id":null}`: "null", `{"id":-0.5e1}`: "-0.5e1", `{"\u0069\u0064":[]}`: "[]",
	} {
		value, valid := CheckObject([]byte(text), "id")
		require.True(t, valid, text)
		require.Equal(t, want, string(value), text)
		require.Equal(t, want == "", value == nil, "%s: nil says that there is none", text)
	}
}

// Of two texts that differ in one byte the check takes no other than the decoder takes.
func TestCheckObjectOfDamagedTexts(t *testing.T) {
	t.Parallel()
	for _, text := range objects {
		for i := range len(text) {
			for _, c := range []byte("{}[]\",:0eu \x00\x80\\") {
				damaged := []byte(text)
				damaged[i] = c
				check(t, damaged)
			}
		}
	}
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
