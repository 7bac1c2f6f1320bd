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

// Every text of up to five of the characters that JSON is made of is valid where encoding/json says so, and no reader
// panics of it.
func TestShortTexts(t *testing.T) {
	t.Parallel()
	var try func(text []byte, more int)
	try = func(text []byte, more int) {
		if want := json.Valid(text); want != rawjson.Valid(text) {
			t.Errorf("%q: json.Valid is %t", text, want)
		}
		for name, value := range rawjson.Members(text) {
			rawjson.NameIs(name, "1")
			rawjson.Unquote(name)
			rawjson.Kind(value)
		}
		for element := range rawjson.Elements(text) {
			rawjson.AppendString(nil, element)
		}
		rawjson.Get(text, "1", "")
		rawjson.String(text)
		rawjson.AppendString(nil, text)
		rawjson.CheckObject(text, "1")
		if more > 0 {
			for _, c := range []byte(`{}[]:,"\1-e `) {
				try(append(text, c), more-1)
			}
		}
	}
	try(make([]byte, 0, 5), 5)
}

// The index that a scan returns is the one behind the value, wherever it begins and whatever follows it.
func TestScanEnds(t *testing.T) {
	t.Parallel()
	for _, text := range scanned {
		value := strings.TrimSpace(text)
		if !json.Valid([]byte(value)) {
			continue
		}
		for _, behind := range []string{"", " ", ",", "]", "}", ":", "\n1", ` "x"`} {
			for _, before := range []string{"", "x", `{"a":`} {
				end, ok := rawjson.Scan([]byte(before+value+behind), len(before))
				require.True(t, ok, "%s%.60s%s", before, value, behind)
				require.Equal(t, len(before)+len(value), end, "%s%.60s%s", before, value, behind)
			}
		}
	}
	for _, i := range []int{0, 1, 7} {
		_, ok := rawjson.Scan(nil, i)
		require.False(t, ok, "there is no value behind the end")
	}
}

// Values are as deep as encoding/json lets them be, of arrays, of objects, and of both in turn.
func TestDepth(t *testing.T) {
	t.Parallel()
	for open, shut := range map[string]string{"[": "]", `{"a":`: "}", `[{"a":`: "}]"} {
		for levels := 9990; levels < 10010; levels++ {
			n := levels / len(shut)
			text := []byte(strings.Repeat(open, n) + "1" + strings.Repeat(shut, n))
			require.Equal(t, json.Valid(text), rawjson.Valid(text), "%d levels of %s", n*len(shut), open)
		}
	}
}

// The scans of objects and arrays say where each name and value stands, and go on behind the value.
func TestScanObjectAndArray(t *testing.T) {
	t.Parallel()
	text := []byte(` { "a" : 1 , "b\"" : [ 2,"}" ] ,"":{"x":null}, "d":"" } ,`)
	var got []string
	end, ok := rawjson.ScanObject(text, 1, func(begin, end, i int) (int, bool) {
		behind, ok := rawjson.Scan(text, i)
		got = append(got, string(text[begin:end])+"="+string(text[i:behind]))
		return behind, ok
	})
	require.True(t, ok)
	require.Equal(t, " ,", string(text[end:]))
	require.Equal(t, []string{"a=1", `b\"=[ 2,"}" ]`, `={"x":null}`, `d=""`}, got)

	text, got = []byte("[[] , {\"a\":[1]}\t,\"]\",-1e5\n]]"), nil
	end, ok = rawjson.ScanArray(text, 0, func(i int) (int, bool) {
		behind, ok := rawjson.Scan(text, i)
		got = append(got, string(text[i:behind]))
		return behind, ok
	})
	require.True(t, ok)
	require.Equal(t, len(text)-1, end)
	require.Equal(t, []string{"[]", `{"a":[1]}`, `"]"`, "-1e5"}, got)
}

// What the caller refuses is refused, where the caller says, and nothing behind it is looked at; so is what is no
// object or array, without the caller being asked.
func TestScanIsRefused(t *testing.T) {
	t.Parallel()
	asked := 0
	refuse := func(i int) (int, bool) { asked++; return i + 1, asked == 1 }
	end, ok := rawjson.ScanArray([]byte("[1,2,3]"), 0, refuse)
	require.False(t, ok)
	require.Equal(t, [2]int{2, 4}, [2]int{asked, end})
	asked = 0
	end, ok = rawjson.ScanObject([]byte(`{"a":1,"b":2,"c":3}`), 0, func(_, _, i int) (int, bool) { return refuse(i) })
	require.False(t, ok)
	require.Equal(t, [2]int{2, 12}, [2]int{asked, end})

	for _, text := range []string{``, `1`, `"[1]"`, `null`, ` [1]`, ` {"a":1}`} {
		asked = 0
		_, ok = rawjson.ScanArray([]byte(text), 0, refuse)
		require.False(t, ok, "%q", text)
		_, ok = rawjson.ScanObject([]byte(text), 0, func(_, _, i int) (int, bool) { return refuse(i) })
		require.False(t, ok, "%q", text)
		require.Zero(t, asked, "%q", text)
	}
	_, ok = rawjson.ScanArray([]byte(`{"a":1}`), 0, refuse)
	require.False(t, ok, "an object is not an array")
	_, ok = rawjson.ScanObject([]byte(`[1]`), 0, func(_, _, i int) (int, bool) { return refuse(i) })
	require.False(t, ok, "nor the other way round")
}

// A number goes on as long as it can, and no longer: what stands behind it is the caller's.
func TestScanNumber(t *testing.T) {
	t.Parallel()
	for text, number := range map[string]string{
		"0": "0", "-0": "-0", "01": "0", "10": "10", "-12]": "-12", "1.5,": "1.5", "0.50 ": "0.50", "1.2.3": "1.2",
		"1e5}": "1e5", "1E+05:": "1E+05", "2e-7e": "2e-7", "3.25E1x": "3.25E1", "7-8": "7", "9a": "9",
		"": "", "-": "", "+1": "", ".5": "", "1.": "", "1.e5": "", "1e": "", "1e+": "", "-.5": "", "-a": "", "e5": "",
	} {
		end, ok := rawjson.ScanNumber([]byte("12"+text), 2)
		require.Equal(t, number != "", ok, text)
		if ok {
			require.Equal(t, number, text[:end-2], text)
		}
	}
}

// A string ends at its quote, wherever in a word of eight bytes that stands; a byte below the blank ends it as well,
// without success, and every other one belongs to it.
func TestScanStringSeesEveryByte(t *testing.T) {
	t.Parallel()
	for length := range 20 {
		for at := range length {
			for c := range 256 {
				text := []byte(`"` + strings.Repeat("\x7f", length) + `"`)
				text[1+at] = byte(c)
				end, ok := rawjson.ScanString(text, 0)
				switch {
				case c == '"':
					require.True(t, ok)
					require.Equal(t, at+2, end, "a quote at %d of %d", at, length)
				case c == '\\':
					require.False(t, ok, "an escape of \\x7f at %d of %d", at, length)
				case c < ' ':
					require.False(t, ok, "byte %#x at %d of %d", c, at, length)
				default:
					require.True(t, ok, "byte %#x at %d of %d", c, at, length)
					require.Equal(t, len(text), end)
				}
			}
		}
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
