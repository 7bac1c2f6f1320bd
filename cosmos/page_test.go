package cosmos

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecodeFeed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       []string
		fails      string
	}{
		{"usual", `{"_rid":"x","Documents":[{"a":[1,{"b":"]}"}]}, "s" ,null,1e3,[]],"_count":5}`,
			[]string{`{"a":[1,{"b":"]}"}]}`, `"s"`, "null", "1e3", "[]"}, ""},
		{"empty", `{"Documents":[],"_count":0}`, nil, ""},
		{"other members with the name inside", `{"x":{"Documents":[1]},"Documents":[2],"y":[{"Documents":3}]}`,
			[]string{"2"}, ""},
		{"white space", " {\n\"Documents\" : [ 1 , 2 ] \t} \n", []string{"1", "2"}, ""},
		{"duplicate names inside", `{"Documents":[{"a":1,"a":2}]}`, []string{`{"a":1,"a":2}`}, ""},
		{"escaped name", `{"\u0044ocuments":[1]}`, []string{"1"}, ""},
		{"truncated in an element", `{"Documents":[{"a":1`, nil, "unexpected EOF"},
		{"truncated after an element", `{"Documents":[1`, []string{"1"}, "unexpected EOF"},
		{"truncated at the end", `{"Documents":[1]`, []string{"1"}, "unexpected EOF"},
		{"nothing", ``, nil, "unexpected EOF"},
		{"no such member", `{"Offers":[]}`, nil, `no member "Documents"`},
		{"not an array", `{"Documents":{}}`, nil, "belongs"},
		{"not an object", `[1]`, nil, "belongs"},
		{"not JSON", `<html>`, nil, "not a page"},
		{"bad literal", `{"Documents":[nul]}`, nil, "not a page"},
		{"two pages", `{"Documents":[]}{}`, nil, "something follows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			items, err := decodeFeed(nil, []byte(tt.body), "Documents")
			if tt.fails != "" {
				require.ErrorContains(t, err, tt.fails)
				require.ErrorContains(t, err, "cosmos: the answer is not a page of a feed")
				return
			}
			require.NoError(t, err)
			var got []string
			for _, item := range items {
				got = append(got, string(item))
				require.Equal(t, len(item), cap(item), "appending to an item must not reach the next one")
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func FuzzDecodeFeed(f *testing.F) {
	for _, s := range []string{`{"Documents":[1,"a",{"b":[]}]}`, `{"a":{},"Documents":[]}`, `{"Documents":[`,
		`{"Documents":[1]} x`, "{\"Documents\":[\"\xff\"]}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := string(body)
		items, err := decodeFeed(nil, body, "Documents")
		require.Equal(t, before, string(body), "the body is not touched")
		var want struct{ Documents []json.RawMessage }
		if err != nil {
			return
		}
		require.NoError(t, json.Unmarshal(body, &want))
		if strings.Count(before, "ocuments") > 1 || strings.Contains(strings.ToLower(before), "\\u") {
			return // encoding/json folds case and lets the last of two members win
		}
		require.Len(t, items, len(want.Documents))
		for i := range items {
			require.Equal(t, string(want.Documents[i]), string(items[i]))
		}
	})
}

func TestReleasedMemoryIsUsedAgain(t *testing.T) {
	t.Parallel()
	p := &Page{Items: []json.RawMessage{[]byte("1")}, memory: &pageMemory{buffer: []byte("1")}}
	p.Release()
	require.Nil(t, p.Items)
	p.Release() // harmless
	(&Page{}).Release()
}

func page(documents int) []byte {
	var b strings.Builder
	b.WriteString(`{"_rid":"DPZtAKyOj5g=","Documents":[`)
	for i := range documents {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%d","customer":"customer %d","lines":[{"sku":"A-1","n":%d,"price":12.5},`+
			`{"sku":"B-2","n":1,"price":99.95}],"note":%q,"_rid":"DPZtAKyOj5gBAAAAAAAAAA==",`+
			`"_self":"dbs/DPZtAA==/colls/DPZtAKyOj5g=/docs/DPZtAKyOj5gBAAAAAAAAAA==/",`+
			`"_etag":"\"0000d826-0000-0700-0000-5f6f9c5d0000\"","_attachments":"attachments/","_ts":1700000000}`,
			i, i%10, i, strings.Repeat("text ", 100))
	}
	fmt.Fprintf(&b, `],"_count":%d}`, documents)
	return []byte(b.String())
}

func BenchmarkDecodePage(b *testing.B) {
	for _, n := range []int{100, 1000} {
		body := page(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			var items []json.RawMessage
			for b.Loop() {
				var err error
				if items, err = decodeFeed(items[:0], body, "Documents"); err != nil || len(items) != n {
					b.Fatal(len(items), err)
				}
			}
		})
	}
}
