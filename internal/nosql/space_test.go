package nosql

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// apart is the tokens of text with between in front of each that has a token before it.
func apart(text string, d Dialect, between func(before, after string) string) string {
	var b strings.Builder
	last := ""
	l := NewLexer(text, d)
	for token := l.Next(); token.Kind != EOF; token = l.Next() {
		word := text[token.Start:token.End]
		if last != "" {
			b.WriteString(between(last, word))
		}
		b.WriteString(word)
		last = word
	}
	return b.String()
}

// numberedMark reports whether :1 or $1 begins, which is one placeholder in the SQL dialect only without a blank.
func numberedMark(before, after string) bool {
	return (before == ":" || before == "$") && isDigit(after[0])
}

// What stands between two tokens, white space of any kind or a comment, changes nothing.
func TestAnyWhiteSpaceIsTheSame(t *testing.T) {
	t.Parallel()
	texts(t, func(text string, d Dialect, q *Query) {
		want := shape(q)
		for _, space := range []string{" ", "\t\r\n", "\u00a0", "\ufeff\u2003", " -- it's \"a\" note /* \n",
			"\n--\n--\n\v"} {
			spaced := apart(text, d, func(before, after string) string {
				if numberedMark(before, after) {
					return ""
				}
				return space
			})
			again, err := Parse(space+spaced+space, d)
			require.NoError(t, err, spaced)
			require.Equal(t, want, shape(again), spaced)
		}
	})
}

// Tokens that cannot be taken for one need no white space between them.
func TestNoWhiteSpaceIsTheSame(t *testing.T) {
	t.Parallel()
	const merging = "<>=!|?-"
	texts(t, func(text string, d Dialect, q *Query) {
		dense := apart(text, d, func(before, after string) string {
			last, first := before[len(before)-1], after[0]
			switch {
			case isNamePart(last) && (isNamePart(first) || first == '.'), last == '.' && isDigit(first):
			case strings.IndexByte(merging, last) >= 0 && strings.IndexByte(merging, first) >= 0:
			case d == SQL && (last == '\'' || last == '"') && last == first:
			case strings.IndexByte("@:$", last) >= 0 && isNamePart(first) && !numberedMark(before, after):
			default:
				return ""
			}
			return " "
		})
		again, err := Parse(dense, d)
		require.NoError(t, err, dense)
		require.Equal(t, shape(q), shape(again), dense)
	})
}

// Words of the grammar are read in any case; names, texts and the literal words are what they are.
func TestAnyCaseOfWordsIsTheSame(t *testing.T) {
	t.Parallel()
	toggled := func(word string) string {
		b := []byte(word)
		for i := range b {
			if i%2 == 0 {
				b[i] ^= 0x20
			}
		}
		return string(b)
	}
	changed := 0
	texts(t, func(text string, d Dialect, q *Query) {
		want := Print(q)
		for _, recase := range []func(string) string{strings.ToLower, strings.ToUpper, toggled} {
			b := []byte(text)
			l := NewLexer(text, d)
			for token, last := l.Next(), byte(0); token.Kind != EOF; token = l.Next() {
				// A word behind a dot, in front of a colon or in the place of a column is a name in the SQL dialect.
				if word := text[token.Start:token.End]; token.word != noWord && (d == Cosmos || last != '.' &&
					strings.Contains(" SELECT FROM WHERE AND OR NOT IN LIKE BETWEEN EXISTS IS JOIN DISTINCT ESCAPE ",
						" "+word+" ")) {
					copy(b[token.Start:], recase(word))
					changed++
				}
				last = text[token.End-1]
			}
			again, err := Parse(string(b), d)
			require.NoError(t, err, string(b))
			require.Equal(t, want, Print(again), string(b))
		}
	})
	require.Greater(t, changed, 3000)
}

// The tokens of any text follow each other to its end, and what lies between them is white space and comments.
func FuzzLexer(f *testing.F) {
	for _, text := range append(sqlTexts, everything, "'", `"\u12`, "12a..5e+x", "a--\n--b", "\xff\u00e9\u2028@1 $:",
		"''''") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []Dialect{Cosmos, SQL} {
			l := NewLexer(text, d)
			end := 0
			for {
				token := l.Next()
				between := text[end:token.Start]
				for between != "" {
					if rest, comment := strings.CutPrefix(between, "--"); comment {
						_, between, _ = strings.Cut(rest, "\n")
						continue
					}
					before := len(between)
					between = strings.TrimLeftFunc(strings.TrimPrefix(between, "\ufeff"), unicode.IsSpace)
					require.Less(t, len(between), before, "%q is passed over", between)
				}
				if token.Kind == EOF {
					require.Equal(t, Span{len(text), len(text)}, token.Span)
					break
				}
				require.Less(t, token.Start, token.End)
				end = token.End
			}
		}
	})
}
