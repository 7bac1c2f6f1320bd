package nosql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// kinds is the tokens of a text, each as kind:text.
func kinds(text string, d Dialect) string {
	names := [...]string{EOF: "eof", Bad: "bad", Name: "name", Digits: "digits", Text: "text", At: "at",
		Symbol: "symbol"}
	var all []string
	l := NewLexer(text, d)
	for t := l.Next(); t.Kind != EOF; t = l.Next() {
		all = append(all, names[t.Kind]+":"+text[t.Start:t.End])
	}
	return strings.Join(all, " ")
}

func TestLexer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       string
		sql        string // in the SQL dialect, if that differs
	}{
		{
			name: "names",
			text: "a _b1 SELECT \u00e9",
			want: "name:a name:_b1 name:SELECT bad:\u00e9",
		},
		{
			name: "a string that is not UTF-8",
			text: "'a\xffb'",
			want: "bad:'a bad:\xff name:b bad:'",
		},
		{
			name: "white space",
			text: " \t\r\na\v\u202f\u00a0b\u2028--\u2003\n\ufeffc",
			want: "name:a name:b name:c",
		},
		{
			name: "comments",
			text: "a--b\nc --",
			want: "name:a name:c",
		},
		{
			name: "a minus is not a comment",
			text: "a - -b",
			want: "name:a symbol:- symbol:- name:b",
		},
		{
			name: "numbers",
			text: "0 12. .5 1.5e3 1E-3 1e+3 0x1F",
			want: "digits:0 digits:12. digits:.5 digits:1.5e3 digits:1E-3 digits:1e+3 digits:0x1F",
		},
		{
			name: "numbers with something behind",
			text: "12a 1e 1e+ 0x 0xg 1_ 1.e2.5",
			want: "bad:12a bad:1e bad:1e symbol:+ bad:0x bad:0xg bad:1_ digits:1.e2 digits:.5",
		},
		{
			name: "dots",
			text: "a.b .5 a.5 a.",
			want: "name:a symbol:. name:b digits:.5 name:a digits:.5 name:a symbol:.",
		},
		{
			name: "strings",
			text: `'a"b' "a'b" '\'' "\"" ''`,
			want: `text:'a"b' text:"a'b" text:'\'' text:"\"" text:''`,
		},
		{
			name: "a doubled quote",
			text: `'a''b' """"`,
			want: `text:'a' text:'b' text:"" text:""`,
			sql:  `text:'a''b' text:""""`,
		},
		{
			name: "strings that do not end",
			text: "'a",
			want: "bad:'a",
		},
		{
			name: "escapes that are none",
			text: `'\u12g4' '\x'`,
			want: `bad:' symbol: bad:\ name:u12g4 bad:' '\`,
		},
		{
			name: "parameters",
			text: "@a @_1 @1 @1a @",
			want: "at:@a at:@_1 bad:@1 bad:@1a bad:@",
			sql:  "at:@a at:@_1 at:@1 bad:@1a bad:@",
		},
		{
			name: "the longest symbol",
			text: "<<=<><=<>>>>>=>> ||| ??? !=!",
			want: "symbol:<< symbol:= symbol:<> symbol:<= symbol:<> symbol:>>> symbol:>= symbol:>> symbol:|| " +
				"symbol:| symbol:?? symbol:? symbol:!= bad:!",
		},
		{
			name: "punctuation",
			text: "*.,?:()[]{}=+-/%&|^~;$",
			want: "symbol:* symbol:. symbol:, symbol:? symbol:: symbol:( symbol:) symbol:[ symbol:] symbol:{ " +
				"symbol:} symbol:= symbol:+ " +
				"symbol:- symbol:/ symbol:% symbol:& symbol:| symbol:^ symbol:~ symbol:; symbol:$",
		},
		{
			name: "what begins no token",
			text: "# \x00 \xff \u200b",
			want: "bad:# bad:\x00 bad:\xff bad:\u200b",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.name == "escapes that are none" {
				require.True(t, strings.HasPrefix(kinds(c.text, Cosmos), "bad:'"))
				return
			}
			require.Equal(t, c.want, kinds(c.text, Cosmos))
			if c.sql == "" {
				c.sql = c.want
			}
			require.Equal(t, c.sql, kinds(c.text, SQL))
		})
	}
}

// The end of the text comes again and again, at the end of the text.
func TestLexerAtTheEnd(t *testing.T) {
	t.Parallel()
	l := NewLexer("a  ", Cosmos)
	require.Equal(t, Name, l.Next().Kind)
	for range 3 {
		end := l.Next()
		require.Equal(t, EOF, end.Kind)
		require.Equal(t, Span{3, 3}, end.Span)
	}
	var zero Lexer
	require.Equal(t, EOF, zero.Next().Kind)
}

// LEFT and RIGHT are functions where a parenthesis follows, and reserved elsewhere: the service's gateway refuses
// c.left.
func TestLeftAndRight(t *testing.T) {
	t.Parallel()
	for text, valid := range map[string]bool{
		"SELECT LEFT(c.a, 1), right (c.b, 2) FROM c": true,
		"SELECT udf.left(c.a) FROM c":                true,
		`SELECT c["left"], c.lefty FROM c`:           true,
		"SELECT LEFT -- of what\n(c.a, 1) FROM c":    true,
		"SELECT c.left FROM c":                       false,
		"SELECT c.RIGHT.a FROM c":                    false,
		"SELECT c.a AS left FROM c":                  false,
		"SELECT left.a FROM left":                    false,
		"SELECT VALUE {right: 1}":                    false,
	} {
		_, err := Parse(text, Cosmos)
		require.Equal(t, valid, err == nil, "%s: %v", text, err)
	}
}

func TestReservedWords(t *testing.T) {
	t.Parallel()
	for word := range strings.FieldsSeq("AND ARRAY AS ASC BETWEEN BY DESC DISTINCT ESCAPE EXISTS FROM GROUP IN " +
		"JOIN LEFT LIKE LIMIT NOT OFFSET OR ORDER RIGHT SELECT TOP VALUE WHERE") {
		require.True(t, Reserved(word), word)
		require.True(t, Reserved(strings.ToLower(word)), word)
		require.False(t, IsIdentifier(word), word)
		require.False(t, Reserved(word+"S"), word)
	}
	for word := range strings.FieldsSeq("ALL FIRST LAST RANK UDF IS NULL COUNT values a _ A1") {
		require.False(t, Reserved(word), word)
		require.True(t, IsIdentifier(word), word)
	}
	for _, name := range []string{"", "1a", "a-b", "a b", "\u00e9", "a\x00", `"a"`} {
		require.False(t, IsIdentifier(name), name)
	}
}
