package value

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

const sizeOfValue = unsafe.Sizeof(Value{})

func mustParse(t testing.TB, text string) Value {
	t.Helper()
	v, err := Parse([]byte(text))
	require.NoError(t, err, text)
	return v
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		want       Value
	}{
		{"null", `null`, Null},
		{"true", ` true `, True},
		{"false", "\tfalse\r\n", False},
		{"zero", `0`, Int(0)},
		{"integer", `-12`, Int(-12)},
		{"largest integer", `9223372036854775807`, Int(math.MaxInt64)},
		{"smallest integer", `-9223372036854775808`, Int(math.MinInt64)},
		{"beyond doubles", `9007199254740993`, Int(9007199254740993)},
		{"too large for an integer", `9223372036854775808`, Float(1 << 63)},
		{"fraction", `1.5`, Float(1.5)},
		{"exponent", `-1e-3`, Float(-0.001)},
		{"largest double", `1.7976931348623157e308`, Float(math.MaxFloat64)},
		{"too small for a double", `1e-400`, Float(0)},
		{"string", `"abc"`, String("abc")},
		{"escapes", `"\"\\\/\b\f\n\r\t"`, String("\"\\/\b\f\n\r\t")},
		{"unicode escape", `"\u00e9\u20AC"`, String("é€")},
		{"surrogate pair", `"\ud83d\ude00"`, String("\U0001F600")},
		{"half a pair", `"\ud83d"`, String("\uFFFD")},
		{"half a pair and more", `"\ud83d\u0041"`, String("\uFFFDA")},
		{"low half first", `"\ude00\ud83d"`, String("\uFFFD\uFFFD")},
		{"empty array", `[ ]`, Array(nil)},
		{"array", `[1, "a",null]`, Array([]Value{Int(1), String("a"), Null})},
		{"empty object", `{}`, Object(nil)},
		{"object", `{"a":1,"b":{"c":[]}}`, Object([]Member{{"a", Int(1)}, {"b", Object([]Member{{"c", Array(nil)}})}})},
		{"siblings after nesting", `[[1],{"a":[2]},3]`, Array([]Value{
			Array([]Value{Int(1)}), Object([]Member{{"a", Array([]Value{Int(2)})}}), Int(3)})},
		{"last of a repeated name", `{"a":1,"b":2,"a":3}`, Object([]Member{{"a", Int(3)}, {"b", Int(2)}})},
		{"repeated by escape", `{"a":1,"\u0061":2}`, Object([]Member{{"a", Int(2)}})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := mustParse(t, tc.text)
			require.True(t, Equal(tc.want, got), "got %s", AppendJSON(nil, got))
		})
	}
}

func TestParseKeepsIntegersExact(t *testing.T) {
	t.Parallel()
	v := mustParse(t, `[9007199254740993, 9007199254740992]`)
	require.False(t, Equal(v.At(0), v.At(1)), "they are the same double, but not the same number")
	n, exact := v.At(0).AsInt()
	require.True(t, exact)
	require.Equal(t, int64(9007199254740993), n)
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		offset     int
		reason     string
	}{
		{"empty", ``, 0, "unexpected end"},
		{"blank", `  `, 2, "unexpected end"},
		{"two values", `1 2`, 2, "after the value"},
		{"word", `nul`, 0, "expected null"},
		{"upper case", `True`, 0, "unexpected 'T'"},
		{"single quotes", `'a'`, 0, `unexpected '\''`},
		{"leading zero", `01`, 1, "after the value"},
		{"leading plus", `+1`, 0, "unexpected '+'"},
		{"no digits", `-`, 1, "expected a digit"},
		{"no fraction", `1.`, 2, "expected a digit"},
		{"no exponent", `1e+`, 3, "expected a digit"},
		{"too large for a double", `[1, 1e400]`, 4, "not a finite double"},
		{"too large and negative", `-1E309`, 0, "not a finite double"},
		{"too large without an exponent", "1" + strings.Repeat("0", 309), 0, "not a finite double"},
		{"open string", `"abc`, 4, "without end"},
		{"control character", "\"a\nb\"", 2, "control character"},
		{"bad escape", `"\x"`, 1, "unknown escape"},
		{"short escape", `"\u12"`, 1, "unknown escape"},
		{"escape at the end", `"\`, 1, "unknown escape"},
		{"escape of other digits", `"\u12g4"`, 1, "unknown escape"},
		{"bad escape in a name", `{"a\x":1}`, 3, "unknown escape"},
		{"invalid UTF-8 behind U+FFFD", "\"\ufffd\xff\"", 4, "invalid UTF-8"},
		{"open array", `[1`, 2, "expected ',' or ']'"},
		{"trailing comma", `[1,]`, 3, "unexpected ']'"},
		{"leading comma", `[,1]`, 1, "unexpected ','"},
		{"open object", `{"a":1`, 6, "expected ',' or '}'"},
		{"no colon", `{"a" 1}`, 5, "expected ':'"},
		{"no value", `{"a":}`, 5, "unexpected '}'"},
		{"name without quotes", `{a:1}`, 1, "expected a property name"},
		{"trailing comma in an object", `{"a":1,}`, 7, "expected a property name"},
		{"invalid UTF-8", "\"a\xffb\"", 2, "invalid UTF-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(tc.text))
			var syntax *SyntaxError
			require.True(t, errors.As(err, &syntax), "got %v", err)
			require.Equal(t, tc.offset, syntax.Offset, err)
			require.Contains(t, err.Error(), tc.reason)
		})
	}
}

func TestParseDepth(t *testing.T) {
	t.Parallel()
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	_, err := Parse(nested(MaxDepth))
	require.NoError(t, err)
	_, err = Parse(nested(MaxDepth + 1))
	require.ErrorContains(t, err, "nested too deeply")
	_, err = ParseDepth([]byte(`{"a":{"b":1}}`), 1)
	require.ErrorContains(t, err, "nested too deeply")
	_, err = ParseDepth([]byte(`[[],[],[]]`), 2)
	require.NoError(t, err, "what is closed does not count")
	_, err = ParseDepth([]byte(`1`), 0)
	require.NoError(t, err)
}

func TestParseSharesTheText(t *testing.T) {
	t.Parallel()
	text := []byte(`{"name":"plain","esc":"a\nb"}`)
	v, err := Parse(text)
	require.NoError(t, err)
	require.Same(t, &text[9], unsafe.StringData(v.Get("name").AsString()), "no copy of a string without escapes")
}

func TestParseManyMembers(t *testing.T) {
	t.Parallel()
	// Beyond fewMembers names are looked up in a map.
	var text strings.Builder
	text.WriteString(`{`)
	for range 3 {
		for c := 'a'; c <= 'z'; c++ {
			text.WriteString(`"` + string(c) + `":"` + string(c) + `",`)
		}
	}
	text.WriteString(`"z":"last"}`)
	v := mustParse(t, text.String())
	require.Equal(t, 26, v.Len())
	require.Equal(t, "last", v.Get("z").AsString())
	require.Equal(t, "a", v.Get("a").AsString())
}

func TestNameCache(t *testing.T) {
	t.Parallel()
	var cache nameCache
	text := []byte("customer")
	first := cache.get(string(text))
	require.Equal(t, "customer", first)
	require.Same(t, unsafe.StringData(first), unsafe.StringData(cache.get(string(text))), "one copy for all documents")

	long := strings.Repeat("x", maxCachedName+1)
	require.Same(t, unsafe.StringData(long), unsafe.StringData(cache.get(long)), "not worth a copy")
	require.Equal(t, "", cache.get(""))
	for i := range 10_000 { // more than there is room for, and many in each place
		name := strconv.Itoa(i)
		require.Equal(t, name, cache.get(name))
	}
	require.Same(t, unsafe.StringData(first), unsafe.StringData(cache.get(string(text))), "who comes first stays")
}

func TestParseIsReentrant(t *testing.T) {
	t.Parallel()
	first := mustParse(t, `{"a":[1,{"b":2}]}`)
	second := mustParse(t, `["other"]`) // takes the same scanner from the pool
	require.Equal(t, `{"a":[1,{"b":2}]}`, string(AppendJSON(nil, first)))
	require.Equal(t, `["other"]`, string(AppendJSON(nil, second)))
}
