package cosmos

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// plain is decoded here.
type plain struct {
	base
	ID       string `json:"id"`
	Customer string
	Total    float64         `json:"total"`
	Count    int8            `json:"count,omitempty"`
	Large    uint16          `json:"large"`
	Single   float32         `json:"single"`
	Flag     *bool           `json:"flag"`
	When     time.Time       `json:"when"`
	Then     *time.Time      `json:"then"`
	Key      uuid.UUID       `json:"key"`
	Raw      json.RawMessage `json:"raw"`
	Any      any             `json:"any"`
	Tags     []string        `json:"tags"`
	Fixed    [2]int          `json:"fixed"`
	Map      map[string]int  `json:"map"`
	Bytes    []byte          `json:"bytes"`
	Number   json.Number     `json:"number"`
	Kind     word            `json:"kind"`
	Lines    []struct {
		SKU string
		Qty *int
	} `json:"lines"`
	Parts map[word]*plain `json:"parts"`
	Next  *plain          `json:"next"`
	Deep  [][]map[string][]any
	Inner struct{ A, B any }
	Skip  int `json:"-"`
	É     int
}

// quoted is left to encoding/json, for its number in quotes.
type quoted struct {
	plain
	Quoted int `json:"quoted,string"`
}

type word string

type base struct {
	ID    int // gives way
	Owner string
	Count struct{ Unused int } `json:"more"`
}

// sameAsJSON decodes a text here and by encoding/json.
func sameAsJSON[T any](t *testing.T, text string) {
	t.Helper()
	var got, want T
	gotErr, wantErr := decodeJSON([]byte(text), &got), json.Unmarshal([]byte(text), &want)
	require.Equal(t, wantErr, gotErr, text)
	require.Equal(t, want, got, text)
}

// TestDecodesAsEncodingJSON holds values, errors and their types.
func TestDecodesAsEncodingJSON(t *testing.T) {
	t.Parallel()
	require.Nil(t, decodeTypeOf(reflect.TypeFor[quoted]()))
	require.NotNil(t, decodeTypeOf(reflect.TypeFor[plain]()))
	texts := []string{
		`{}`, `null`, `{"id":"a","customer":"b","TOTAL":1.5,"count":7,"flag":true,"when":"2026-01-02T03:04:05Z"}`,
		`{"id":"a","id":"b"}`, `{"key":"11111111-2222-3333-4444-555555555555"}`,
		`{"raw":{"a": [1,  2]},"any":{"a":[1,"x",null,true]}}`,
		`{"tags":["a","b"],"fixed":[1,2,3],"map":{"a":1,"b":2},"bytes":"aGk=","quoted":"12","inner":{"a":1,"B":"x"}}`,
		`{"tags":null,"map":null,"flag":null,"any":null,"raw":null}`, `{"id":1}`, `{"total":"x"}`, `{"count":1.5}`,
		`{"count":1e300}`, `{"when":"yesterday"}`, `{"key":"x"}`, `{"fixed":[1]}`, `{"any":9007199254740993}`,
		`{"id":"\ud800 \u00e9"}`, `{"id":"a`, `x`, ``, `{"any":1e400}`, `{"bytes":"%"}`, `{"quoted":12}`,
		`{"quoted":"x"}`, "{\"id\":\"\xff\"}", `{"hidden":1}`, `[]`,
		`[1,"a\nb\u00e9\ud83d\ude00\ud800",{"a":{}},[[]],-0,1e5]`, `[1,]`, `{"a":1,}`, `{"a":1 "b":2}`, `[1 2]`,
		` {"a" : [ ] } `, `{"a":1}x`, `"é"`, "\"\xff\"", "[\"a\xffb\"]",
		strings.Repeat("[", 2000) + strings.Repeat("]", 2000), `tru`, `{"a":nul}`, `{"":""}`, `{"a":1,"a":2}`,
		`{"owner":"o","ID":"x","Id":"y","more":{"unused":3},` +
			`"count":127,"large":65535,"single":1.25,"then":"2026-01-02T03:04:05.5+02:00","number":1e3,"kind":"k"}`,
		`{"count":128}`, `{"large":-1}`, `{"single":1e39}`, `{"number":"12"}`, `{"number":"x"}`,
		`{"number":"12","number":null}`, `{"kind":3}`, `{"then":null,"when":null}`,
		`{"lines":[{"sku":"a","QTY":3},{},null,{"sku":null,"qty":null}],"lines":[{"qty":1}]}`, `{"lines":{}}`,
		`{"lines":[]}`, `{"tags":["a"],"tags":["b","c"]}`, `{"tags":["a"],"tags":null,"tags":[]}`,
		`{"parts":{"a":{"id":"b","parts":{"c":null}},"a":{"customer":"d"},"\u0062":{}}}`,
		`{"next":{"next":{"id":"z"}},"next":{"customer":"q"}}`, `{"deep":[[{"a":[1,"x",null,{"b":[]}]}],[]]}`,
		`{"any":"x","any":null}`, `{"any":1,"any":{"a":"b"}}`, `{"flag":true,"flag":false}`, `{"flag":"x"}`,
		`{"flag":trux}`, `{"key":null}`, `{"key":7}`, `{"key":"11111111-2222-3333-4444-55555555555\u0035"}`,
		`{"raw":null}`, `{"bytes":null}`, `{"bytes":[104,105]}`, `{"bytes":"aG\u006b="}`,
		`{"İ":1,"ID":"dotless","ıd":2}`, `{"inner":{"a":1},"skip":4,"Skip":5,"-":6}`, `{"fixed":[]}`, `{"fixed":null}`,
		`{"fixed":[1,2,3,"x"]}`, `{"fixed":["x"]}`, `{"map":{"a":1,"a":2,"é":3}}`, `{"map":{"a":"x"}}`, `{"map":[]}`,
		`{"É":1}`, `{"é":2}`, `{"\u00e9":3,"CUſTOMER":"long s"}`, "{\"\xff\":1}", `{"unknown":"\ud800"}`,
		`{"id":null,"total":null,"count":null,"number":null,"kind":null,"next":null,"parts":null,"deep":null,` +
			`"inner":null}`,
		`{"unknown":01}`, `{"id":"a",}`, `{"id":"a"}}`, `{"id" "a"}`,
		`{"next":` + strings.Repeat(`{"next":`, 1200) + `null` + strings.Repeat(`}`, 1200) + `}`,
		`{"unknown":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`,
		`{"id":"` + strings.Repeat("long ", 100) + `","customer":"b","owner":"c"}`,
		` { "id" : "a" , "lines" : [ { } , { "sku" : "x" } ] , "map" : { "k" : 1 } } `,
		`{"é\n":"é\\\"é\t","Any":"\u2028 \\\"*/\\","id":"é\\"}`,
	}
	for _, text := range texts {
		sameAsJSON[quoted](t, text)
		sameAsJSON[plain](t, text)
		sameAsJSON[any](t, text)
		sameAsJSON[map[string]any](t, text)
	}
	kept := map[string]any{"old": 1}
	require.NoError(t, decodeJSON([]byte(`{"new":2}`), &kept))
	require.Len(t, kept, 2, "into a map that is there")
	preset, want := plain{ID: "a", Total: 1}, plain{ID: "a", Total: 1}
	require.Equal(t, json.Unmarshal([]byte(`{"count":2,"id":3}`), &want),
		decodeJSON([]byte(`{"count":2,"id":3}`), &preset))
	require.Equal(t, want, preset, "into a struct that has values")
	var number struct{ N json.Number }
	require.NoError(t, decodeJSON([]byte(`{"n":9007199254740993}`), &number))
	require.Equal(t, "9007199254740993", number.N.String())
	require.Error(t, decodeJSON([]byte(`{"n":"x"}`), &number))
	require.Error(t, decodeJSON([]byte(`1`), nil))
	require.Error(t, decodeJSON([]byte(`1`), 5))
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"id":"a","Inner":{"A":1}}`)
	f.Add(`{"owner":"o","lines":[{"sku":"a"}],"parts":{"a":{"id":"b"}},"next":{"fixed":[1,2]},` +
		`"deep":[[{"a":[1]}]],"number":1,"when":"2026-01-02T03:04:05Z"}`)
	f.Add(`{"é\n":["é\\\"é\t"]}`)
	f.Fuzz(func(t *testing.T, text string) {
		sameAsJSON[quoted](t, text)
		sameAsJSON[plain](t, text)
		sameAsJSON[any](t, text)
	})
}

// sample is a document of about 1 KB with 19 fields, two of them nested.
func sample(i int) string {
	return fmt.Sprintf(`{"id":"order-%06d","customer":"customer-%04d","status":"shipped","total":%d.25,`+
		`"currency":"EUR","items":%d,"paid":true,"note":null,`+
		`"created":"2026-03-04T05:06:07.89Z","updated":"2026-03-05T05:06:07.89Z","address":{"street":"%s",`+
		`"city":"Lyon","zip":"69001","country":"FR"},`+
		`"lines":[{"sku":"A-1","qty":2,"price":9.99},{"sku":"B-2","qty":1,"price":19.5},`+
		`{"sku":"C-3","qty":4,"price":1.25}],`+
		`"text":"%s","_rid":"DPZtAKyOj5gBAAAAAAAAAA==",`+
		`"_self":"dbs/DPZtAA==/colls/DPZtAKyOj5g=/docs/DPZtAKyOj5gBAAAAAAAAAA==/",`+
		`"_etag":"\"0000d826-0000-0700-0000-5f6f9c5d0000\"","_attachments":"attachments/","_ts":1772600767}`, i, i%1000,
		i%500, i%7, strings.Repeat("s", 40), strings.Repeat("lorem ipsum ", 30))
}

type sampleOrder struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer"`
	Status   string    `json:"status"`
	Total    float64   `json:"total"`
	Currency string    `json:"currency"`
	Items    int       `json:"items"`
	Paid     bool      `json:"paid"`
	Note     *string   `json:"note"`
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
	Address  struct {
		Street  string `json:"street"`
		City    string `json:"city"`
		Zip     string `json:"zip"`
		Country string `json:"country"`
	} `json:"address"`
	Lines []struct {
		SKU   string  `json:"sku"`
		Qty   int     `json:"qty"`
		Price float64 `json:"price"`
	} `json:"lines"`
	Text string `json:"text"`
	RID  string `json:"_rid"`
	Self string `json:"_self"`
	ETag string `json:"_etag"`
	Att  string `json:"_attachments"`
	TS   int64  `json:"_ts"`
}

func BenchmarkDecode(b *testing.B) {
	doc := []byte(sample(7))
	bench := func(name string, f func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	bench("struct", func() error { var v sampleOrder; return decodeJSON(doc, &v) })
	bench("struct, encoding/json", func() error { var v sampleOrder; return json.Unmarshal(doc, &v) })
	bench("map", func() error { var v map[string]any; return decodeJSON(doc, &v) })
	bench("map, encoding/json", func() error { var v map[string]any; return json.Unmarshal(doc, &v) })
}
