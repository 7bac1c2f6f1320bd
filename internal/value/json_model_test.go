package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// jsonParts are pieces that texts of JSON are made of, and pieces that spoil them.
var jsonParts = []string{
	"{", "}", "[", "]", ",", ":", " ", "\n", "\t", "\r", `"a"`, `"b"`, `"\u00aA"`, `"\ud83d\ude00"`, `"\ud83d"`,
	`"\\\""`, `"\/\b\f\n\r\t"`, "0", "-0", "1", "-12", "0.5", "1e3", "1E-2",
	"9007199254740993", "18446744073709551615", "true",
	"false", "null", `"`, `\`, `\u00e`, "01", "1.", ".5", "+1", "-", "1e", "nul", "\x00", "\x1f", "\x7f", "é", "\u2028",
	"\f", "\v", "\u00a0", "/**/", "'a'", "NaN", "Infinity",
}

// randomText is a text that is mostly one of JSON, with one piece put in, taken out or changed now and then.
func randomText(r *rand.Rand) string {
	var write func(depth int) string
	write = func(depth int) string {
		space := []string{"", "", " ", "\r\n\t"}[r.IntN(4)]
		switch kind := r.IntN(8); {
		case kind < 2 && depth > 0:
			items := make([]string, r.IntN(4))
			for i := range items {
				items[i] = space + write(depth-1) + space
			}
			return "[" + strings.Join(items, ",") + "]"
		case kind < 5 && depth > 0:
			members := make([]string, r.IntN(4))
			for i := range members {
				name := []string{`"a"`, `"b"`, `"\u0061"`, `""`, `"é"`}[r.IntN(5)]
				members[i] = space + name + ":" + space + write(depth-1)
			}
			return "{" + strings.Join(members, ",") + space + "}"
		}
		return jsonParts[10+r.IntN(19)]
	}
	text := write(3)
	for range r.IntN(3) {
		from := r.IntN(len(text) + 1)
		to := min(len(text), from+r.IntN(3))
		part := ""
		if r.IntN(3) > 0 {
			part = jsonParts[r.IntN(len(jsonParts))]
		}
		text = text[:from] + part + text[to:]
	}
	return text
}

// TestTextsAgainstEncodingJSON: what the standard library takes is taken and means the same, and what it refuses is
// refused, with a place within the text.
func TestTextsAgainstEncodingJSON(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 22))
	taken := 0
	for range 20_000 {
		text := randomText(r)
		if !utf8.ValidString(text) {
			_, err := Parse([]byte(text))
			require.ErrorContains(t, err, "invalid UTF-8", "%q", text)
			continue
		}
		v, err := Parse([]byte(text))
		var theirs any
		theirErr := json.Unmarshal([]byte(text), &theirs)
		if theirErr != nil {
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax, "%q: %v", text, theirErr)
			require.True(t, 0 <= syntax.Offset && syntax.Offset <= len(text), "%q: %v", text, err)
			continue
		}
		taken++
		require.NoError(t, err, "%q", text)
		require.True(t, sameAs(v, theirs), "%q is %s", text, AppendJSON(nil, v))
		for name, write := range map[string]func([]byte, Value) []byte{
			"AppendJSON": AppendJSON, "AppendDocument": AppendDocument,
		} {
			written := write(nil, v)
			var back any
			require.NoError(t, json.Unmarshal(written, &back), "%s of %q: %s", name, text, written)
			require.True(t, sameAs(v, back), "%s of %q: %s", name, text, written)
			require.NotContains(t, string(bytes.ReplaceAll(written, []byte(`\"`), nil)), "\n", "no space is written")
		}
		require.Equal(t, string(AppendDocument(nil, v)), string(AppendDocument(nil, rebuilt(v))),
			"a document is stored alike, read or put together: %q", text)
	}
	require.Greater(t, taken, 7_000, "most texts should be right")
}

// rebuilt is v put together of parts, none of which has a text.
func rebuilt(v Value) Value {
	switch v.Kind() {
	case KindArray:
		elems := []Value{}
		for e := range v.Elems() {
			elems = append(elems, rebuilt(e))
		}
		return Array(elems)
	case KindObject:
		members := []Member{}
		for m := range v.Members() {
			members = append(members, Member{m.Name, rebuilt(m.Value)})
		}
		return Object(members)
	case KindString:
		return String(v.AsString())
	}
	return v
}

// TestEveryCharacter goes through a string and through an escape unharmed, as a value and as a name.
func TestEveryCharacter(t *testing.T) {
	t.Parallel()
	for c := rune(0); c < 0x3000; c++ {
		s := "x" + string(c) + "y"
		var back string
		for _, v := range []Value{String(s), Object([]Member{{s, Null}})} {
			written := AppendJSON(nil, v)
			again, err := Parse(written)
			require.NoError(t, err, "%q: %s", s, written)
			require.True(t, Equal(v, again), "%q: %s", s, written)
		}
		require.NoError(t, json.Unmarshal(AppendJSON(nil, String(s)), &back))
		require.Equal(t, s, back)
		for _, digits := range []string{"%04x", "%04X"} {
			text := fmt.Sprintf(`"x\u`+digits+`y"`, c)
			require.Equal(t, s, mustParse(t, text).AsString(), text)
			stored := AppendDocument(nil, mustParse(t, "["+text+"]"))
			require.Equal(t, string(AppendJSON(nil, Array([]Value{String(s)}))), string(stored), text)
		}
	}
}

// TestErrorsOfUnfinishedTexts: a text that breaks off is refused wherever it does, for what is missing at that place.
func TestErrorsOfUnfinishedTexts(t *testing.T) {
	t.Parallel()
	const whole = `{"a":[1.5e+3,"x\u00e9\\",{"b":null,"c":[true,false]}],"d":-0.25}`
	for n := range len(whole) {
		_, err := Parse([]byte(whole[:n]))
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax, "%q", whole[:n])
		require.LessOrEqual(t, syntax.Offset, n)
		require.ErrorContains(t, err, fmt.Sprintf("invalid JSON at offset %d: ", syntax.Offset))
	}
	for text, want := range map[string]string{
		`"\u0041`: "invalid JSON at offset 7: string without end", `"\u004`: "unknown escape",
		`"x`:  "string without end",
		`[1,`: "unexpected end of text", `{"a":`: "unexpected end of text", `{"a"`: "expected ':'",
		`{`: "property name",
		`[`: "unexpected end of text", `-`: "expected a digit", `1e`: "expected a digit", `tru`: "expected true",
	} {
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}
