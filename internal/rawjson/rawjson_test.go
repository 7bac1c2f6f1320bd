package rawjson_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

func members(text string) []string {
	var out []string
	for name, value := range rawjson.Members([]byte(text)) {
		out = append(out, string(name)+"="+string(value))
	}
	return out
}

func elements(text string) []string {
	var out []string
	for value := range rawjson.Elements([]byte(text)) {
		out = append(out, string(value))
	}
	return out
}

func TestMembers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"empty", `{}`, nil},
		{"blanks", " \n{ \t} ", nil},
		{"one", `{"a":1}`, []string{"a=1"}},
		{"every kind", `{"s":"x","n":-1.5e3,"t":true,"f":false,"z":null,"a":[1,[2]],"o":{"p":{}}}`,
			[]string{`s="x"`, `n=-1.5e3`, `t=true`, `f=false`, `z=null`, `a=[1,[2]]`, `o={"p":{}}`}},
		{"blanks everywhere", "{ \"a\" : 1 ,\r\n\"b\"\t: [ 1 , 2 ] }", []string{"a=1", "b=[ 1 , 2 ]"}},
		{"brackets in strings", `{"a":"}]","b":["{","\"}"]}`, []string{`a="}]"`, `b=["{","\"}"]`}},
		{"backslashes", `{"a\\":"\\\\","b\"":"\\\""}`, []string{`a\\="\\\\"`, `b\"="\\\""`}},
		{"empty name", `{"":""}`, []string{`=""`}},
		{"twice", `{"a":1,"a":2}`, []string{"a=1", "a=2"}},
		{"array", `[1]`, nil},
		{"string", `"{"`, nil},
		{"nothing", ``, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, members(tt.text))
		})
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"empty", `[]`, nil},
		{"blanks", `[ ]`, nil},
		{"one", `[ 1 ]`, []string{"1"}},
		{"mixed", `["a,b",[1,2],{"a":[]},null , true]`, []string{`"a,b"`, `[1,2]`, `{"a":[]}`, "null", "true"}},
		{"object", `{"a":1}`, nil},
		{"number", `12`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, elements(tt.text))
		})
	}
}

// A string ends at its own quote, of whatever length it is, and whatever stands in front of the quotes in it.
func TestStringsOfEveryLength(t *testing.T) {
	t.Parallel()
	for before := range 20 {
		for _, inner := range []string{`\"`, `\\`, `\\\"`, `]`, `{`, `\u0022`, "é"} {
			for after := range 10 {
				s := `"` + strings.Repeat("a", before) + inner + strings.Repeat("b", after) + `"`
				require.Equal(t, []string{s, "1"}, elements(`[`+s+`,1]`))
				require.Equal(t, []string{s[1:len(s)-1] + "=" + s, "x=[" + s + "]"},
					members(`{`+s+`:`+s+`,"x":[`+s+`]}`))
			}
		}
	}
}

func TestStopsWhenAsked(t *testing.T) {
	t.Parallel()
	for name := range rawjson.Members([]byte(`{"a":1,"b":2}`)) {
		require.Equal(t, "a", string(name))
		break
	}
	for value := range rawjson.Elements([]byte(`[1,2]`)) {
		require.Equal(t, "1", string(value))
		break
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	const doc = `{"a":{"b":{"c":[1]},"é":2,"q\"":3},"x":1,"x":2,"esc\u0061pe":4,"o":{"k":1},"o":7,"\ud83d\ude00":5}`
	for _, tt := range []struct {
		name string
		path []string
		want string // "" means nothing is there
	}{
		{"itself", nil, doc},
		{"nested", []string{"a", "b", "c"}, "[1]"},
		{"not ASCII", []string{"a", "é"}, "2"},
		{"quote in the name", []string{"a", `q"`}, "3"},
		{"last duplicate", []string{"x"}, "2"},
		{"last duplicate is not an object", []string{"o", "k"}, ""},
		{"escaped name", []string{"escape"}, "4"},
		{"escaped name is longer", []string{"escap"}, ""},
		{"escaped name is shorter", []string{"escapes"}, ""},
		{"surrogate pair", []string{"😀"}, "5"},
		{"missing", []string{"y"}, ""},
		{"missing below", []string{"a", "y"}, ""},
		{"below a number", []string{"x", "y"}, ""},
		{"below an array", []string{"a", "b", "c", "0"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := rawjson.Get([]byte(doc), tt.path...)
			require.Equal(t, tt.want, string(got))
			require.Equal(t, tt.want != "", ok)
		})
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]byte{
		` {}`: '{', `[1]`: '[', "\n\"a\"": '"', `true`: 't', `false`: 'f', `null`: 'n',
		`0`: '0', `-1`: '0', `9e3`: '0', ``: 0, ` `: 0, `x`: 0,
	} {
		require.Equal(t, want, rawjson.Kind([]byte(text)), "%q", text)
	}
}

func TestUnquote(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `plain`, `é😀`, `\"\\\/\b\f\n\r\t`, `\u0041\u00e9\u20AC`, `\ud83d\ude00`, `\ud83d`, `\ud83dx`,
		`\ud83d\u0041`, `\ude00\ud83d`, `a\ud83d\ud83d\ude00z`, `\u0000`,
	} {
		var want string
		require.NoError(t, json.Unmarshal([]byte(`"`+text+`"`), &want))
		require.Equal(t, want, rawjson.Unquote([]byte(text)), "%s", text)
		require.True(t, rawjson.NameIs([]byte(text), want), "%s", text)
		require.False(t, rawjson.NameIs([]byte(text), want+"x"), "%s", text)
		got, ok := rawjson.String([]byte(` "` + text + `"`))
		require.True(t, ok)
		require.Equal(t, want, got)
	}
	_, ok := rawjson.String([]byte(`1`))
	require.False(t, ok)
}

// TestBroken shows that text that is not valid ends the walk and nothing worse.
func TestBroken(t *testing.T) {
	t.Parallel()
	const whole = `{"a":{"b":[1,"x\u0041"]},"c":null}`
	for i := range whole {
		for name, value := range rawjson.Members([]byte(whole[:i])) {
			_ = rawjson.Unquote(name)
			for e := range rawjson.Elements(value) {
				_, _ = rawjson.String(e)
			}
		}
	}
	require.Empty(t, members(`{a:1}`))
	require.Empty(t, members(`{"a"1}`))
	require.Empty(t, elements(`[,]`))
	require.Equal(t, "", rawjson.Unquote([]byte(`\u12`)))
	require.Equal(t, `\`, rawjson.Unquote([]byte(`\`)))
}

func FuzzAgainstEncodingJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `{"a":1,"b":[true,null,{"c":"\"}"}]}`, `["\\",{"\u0061":-1.5E+3}]`, `{"a":1,"a":{"b":2}}`,
		` [ 1 , { } ] `, `"x"`, `12`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			for name, value := range rawjson.Members(text) {
				_, _ = rawjson.Unquote(name), rawjson.Kind(value)
			}
			for range rawjson.Elements(text) {
				continue
			}
			return
		}
		var object map[string]json.RawMessage
		if rawjson.Kind(text) == '{' && json.Unmarshal(text, &object) == nil && utf8.Valid(text) {
			got := map[string]json.RawMessage{}
			for name, value := range rawjson.Members(text) {
				got[rawjson.Unquote(name)] = json.RawMessage(value)
			}
			require.Equal(t, fmt.Sprintf("%q", object), fmt.Sprintf("%q", got))
			for name, want := range object {
				value, ok := rawjson.Get(text, name)
				require.True(t, ok, name)
				require.Equal(t, string(want), string(value))
			}
		}
		var array []json.RawMessage
		if rawjson.Kind(text) == '[' && json.Unmarshal(text, &array) == nil {
			got := slices.Collect(rawjson.Elements(text))
			require.Len(t, got, len(array))
			for i := range got {
				require.Equal(t, string(array[i]), string(got[i]))
			}
		}
		var s string
		if rawjson.Kind(text) == '"' && json.Unmarshal(text, &s) == nil && utf8.Valid(text) {
			got, ok := rawjson.String(text)
			require.True(t, ok)
			require.Equal(t, s, got)
		}
	})
}

func TestNoAllocations(t *testing.T) {
	doc := []byte(`{"id":"1","a":{"b":[1,2,3],"c\u0041":"x"},"z":null}`)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for name, value := range rawjson.Members(doc) {
			if rawjson.NameIs(name, "z") && rawjson.Kind(value) != 'n' {
				t.Error("z")
			}
		}
		if v, ok := rawjson.Get(doc, "a", "b"); !ok || len(v) != 7 {
			t.Error("a.b")
		}
	}))
}

func BenchmarkGet(b *testing.B) {
	doc := []byte(`{"id":"1","name":"` + strings.Repeat("n", 200) +
		`","tags":["a","b","c"],"address":{"city":"Bern","zip":3000},"last":true}`)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := rawjson.Get(doc, "address", "zip"); !ok {
			b.Fatal("not found")
		}
	}
}
