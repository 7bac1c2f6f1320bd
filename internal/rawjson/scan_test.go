package rawjson_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

var scanned = []string{
	`{}`, `[]`, `{"a":[1,{"b":"]}"}],"c":"\"\\\/\b\f\n\r\t\u00e9"}`, `"long string without anything in it at all"`,
	`"0123456\"89"`, ` 1`, `-0`, `0.5e+10`, `1E-7`, `true`, `false`, `null`, ``, ` `, `{`, `[`, `"`, `"a`, `"\`, `"\x"`,
	`"\u12"`, `"\u12g4"`, `-`, `01`, `1.`, `.5`, `1e`, `1e+`, `+1`, `tru`, `nulll`, `{"a"}`, `{"a":}`, `{"a":1,}`,
	`{a:1}`, `[1,]`, `[1 2]`, `[,]`, "\"a\nb\"", "\"1234567\n\"", `{"a":1}}`, `[1]]`, `1 2`, "\t[ 1 , 2 ]\r\n",
	strings.Repeat("[", 11000) + strings.Repeat("]", 11000), strings.Repeat("[", 9999) + strings.Repeat("]", 9999),
	`"é` + strings.Repeat("ü", 20) + `"`, "\"\xff\"", "\"\x7f\"", "\"1234567\x1f\"",
}

func TestValid(t *testing.T) {
	t.Parallel()
	for _, text := range scanned {
		require.Equal(t, json.Valid([]byte(text)), rawjson.Valid([]byte(text)), "%.60q", text)
	}
}

func FuzzValid(f *testing.F) {
	for _, text := range scanned {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.ValidString(text) {
			require.Equal(t, json.Valid([]byte(text)), rawjson.Valid([]byte(text)))
		}
	})
}

func BenchmarkScan(b *testing.B) {
	doc := []byte(`{"id":"order-000007","customer":"customer-0007","total":7.25,"items":7,"paid":true,"note":null,` +
		`"created":"2026-03-04T05:06:07.89Z","lines":[` +
		strings.TrimSuffix(strings.Repeat(`{"sku":"A-1","qty":2,"price":9.99},`, 5), ",") + `],"text":"` +
		strings.Repeat("lorem ipsum ", 40) + `","_etag":"\"0000d826-0000\"","_ts":1772600767}`)
	b.Run("scan", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			if _, ok := rawjson.Scan(doc, 0); !ok {
				b.Fatal("invalid")
			}
		}
	})
	b.Run("jsontext", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		r := bytes.NewReader(doc)
		d := jsontext.NewDecoder(r, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
		for b.Loop() {
			r.Reset(doc)
			d.Reset(r, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
			if _, err := d.ReadValue(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
