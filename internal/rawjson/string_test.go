package rawjson_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// decoded is what encoding/json makes of the inside of a string literal.
func decoded(t *testing.T, raw string) (s string) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(`"`+raw+`"`), &s), raw)
	return s
}

// Every escape of a UTF-16 unit, in either case of its digits, is what encoding/json makes of it.
func TestUnquoteEveryUnit(t *testing.T) {
	t.Parallel()
	for high := range 0x100 {
		var raw []byte
		for low := range 0x100 {
			raw = fmt.Appendf(raw, `\u%02x%02x,\u%02X%02X`, high, low, high, low)
		}
		if want := decoded(t, string(raw)); want != rawjson.Unquote(raw) {
			t.Fatalf("%s: %q", raw, rawjson.Unquote(raw))
		}
	}
}

// Units at the bounds of the surrogates make a pair, or a replacement character each, as encoding/json has it.
func TestUnquotePairs(t *testing.T) {
	t.Parallel()
	units := []string{`\ud7ff`, `\ud800`, `\udbff`, `\udc00`, `\udfff`, `\ue000`, `\n`, `u`, `\\`, ``}
	for _, first := range units {
		for _, second := range units {
			for _, third := range units {
				raw := first + second + third
				want := decoded(t, raw)
				require.Equal(t, want, rawjson.Unquote([]byte(raw)), raw)
				require.True(t, rawjson.NameIs([]byte(raw), want), raw)
				require.Equal(t, "> "+want, string(rawjson.AppendString([]byte("> "), []byte(`"`+raw+`"`))))
			}
		}
	}
}

// A hexadecimal digit is one of 22 characters, in each of the four places; their neighbours are none.
func TestHexadecimalDigits(t *testing.T) {
	t.Parallel()
	for place := range 4 {
		for c := byte(' '); c < 0x7F; c++ {
			if c == '"' || c == '\\' {
				continue
			}
			digits := []byte("0a0A")
			digits[place] = c
			text := []byte(`"\u` + string(digits) + `"`)
			require.Equal(t, strings.IndexByte("0123456789abcdefABCDEF", c) >= 0, rawjson.Valid(text), "%s", text)
		}
	}
}

// A name is compared as it decodes, however it is written: with each spelling it is itself and none of the others.
func TestNameIs(t *testing.T) {
	t.Parallel()
	spellings := map[string][]string{
		"id":   {`id`, `\u0069d`, `i\u0064`, `\u0069\u0064`},
		"i":    {`i`, `\u0069`},
		"idx":  {`idx`, `\u0069dx`, `id\u0078`},
		"":     {``},
		"a/b":  {`a/b`, `a\/b`, `a\u002fb`, `a\u002Fb`},
		"a\tb": {`a\tb`, `a\u0009b`},
		"é":    {`é`, `\u00e9`, `\u00E9`},
		"😀":    {`😀`, `\ud83d\ude00`, `\uD83D\uDE00`},
		`\`:    {`\\`, `\u005c`},
		`"`:    {`\"`, `\u0022`},
	}
	for want, raws := range spellings {
		for _, raw := range raws {
			for name := range spellings {
				require.Equal(t, name == want, rawjson.NameIs([]byte(raw), name), "%s is %q", raw, name)
			}
		}
	}
}

// Strings are added behind what is there; of another value, or of none, nothing is.
func TestAppendString(t *testing.T) {
	t.Parallel()
	out := []byte("> ")
	for _, value := range []string{`"a"`, ` "\u00e9\n" `, `""`, `"\\"`, `"plain and longer than a word"`} {
		out = rawjson.AppendString(out, []byte(value))
	}
	require.Equal(t, "> aé\n\\plain and longer than a word", string(out))
	for _, other := range []string{``, ` `, `12`, `null`, `["a"]`, `{"a":"b"}`, `a"b"`} {
		require.Equal(t, "> ", string(rawjson.AppendString([]byte("> "), []byte(other))), "%q", other)
		_, ok := rawjson.String([]byte(other))
		require.False(t, ok, "%q", other)
	}
}

// A string is its reader's own: it stays what it was when the page that it was read from is used again.
func TestStringsOutliveTheirText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`"plain"`, `"esc\u0061ped"`, `"\ud83d\ude00"`, `"tail\n"`} {
		page := []byte(text)
		want := decoded(t, strings.Trim(text, `"`))
		s, ok := rawjson.String(page)
		require.True(t, ok)
		name := rawjson.Unquote(page[1 : len(page)-1])
		for i := range page {
			page[i] = '#'
		}
		require.Equal(t, want, s)
		require.Equal(t, want, name)
	}
}
