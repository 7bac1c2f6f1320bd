package nosql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnquote(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"plain", `'abc'`, "abc"},
		{"empty", `""`, ""},
		{"no string at all", `'`, ""},
		{"the other quote", `"it's"`, "it's"},
		{"named escapes", `'\b\f\n\r\t\\\/\"\''`, "\b\f\n\r\t\\/\"'"},
		{"unicode", `'\u0041\u00e9\u20ac'`, "A\u00e9\u20ac"},
		{"a surrogate pair", `'\uD83D\uDE00!'`, "\U0001F600!"},
		{"half a pair", `'\uD83D!'`, "\uFFFD!"},
		{"half a pair and a letter", `'\uD83D\u0041'`, "\uFFFDA"},
		{"the wrong way round", `'\uDE00\uD83D'`, "\uFFFD\uFFFD"},
		{"doubled quotes", `'it''s'`, "it's"},
		{"doubled double quotes", `"a""b"`, `a"b`},
		{"a quote alone in quotes", `'a''`, "a'"},
		{"an escape that is none stays", `'a\qb'`, `a\qb`},
		{"text beyond ASCII", "'\u00e9\U0001F600'", "\u00e9\U0001F600"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, Unquote(c.in))
		})
	}
}

func TestAppendString(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"plain", "abc", `"abc"`},
		{"quotes and backslashes", `a"b\c'd`, `"a\"b\\c'd"`},
		{"control characters", "\x00\n\r\t\x1f\x7f", `"\u0000\n\r\t\u001f` + "\x7f" + `"`},
		{"beyond ASCII", "\u00e9\u2028\U0001F600", "\"\u00e9\u2028\U0001F600\""},
		{"not UTF-8", "a\xffb", "\"a\uFFFDb\""},
		{"a mark of the planner", "x{documentdb-y}", `"x\u007bdocumentdb-y}"`},
		{"a brace alone", "{}", `"{}"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, "> "+c.want, string(AppendString([]byte("> "), c.in)))
		})
	}
}
