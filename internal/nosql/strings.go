package nosql

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escapeLen is how many bytes the escape at the front of s takes, or 0 if it is none. Uncertain in the service: any
// other character after a backslash; the published grammar makes it a syntax error.
func escapeLen(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\'', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) >= 6 && isHex(s[2]) && isHex(s[3]) && isHex(s[4]) && isHex(s[5]) {
			return 6
		}
	}
	return 0
}

// Unquote is what a string token of text stands for: its quotes gone, escapes and doubled quotes replaced. Half of a
// surrogate pair becomes U+FFFD.
func Unquote(text string) string {
	if len(text) < 2 {
		return ""
	}
	quote, s := text[0], text[1:len(text)-1]
	if strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s, quote) < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for s != "" {
		n := 1
		switch {
		case s[0] == quote && len(s) > 1:
			b, n = append(b, quote), 2
		case s[0] != '\\':
			b = append(b, s[0])
		default:
			b, n = appendEscape(b, s)
		}
		s = s[n:]
	}
	return string(b)
}

// appendEscape appends what the escape at the front of s stands for and says how long the escape is.
func appendEscape(b []byte, s string) ([]byte, int) {
	switch escapeLen(s) {
	case 0:
		return append(b, s[0]), 1
	case 2:
		return append(b, unescape(s[1])), 2
	}
	r := hex4(s[2:6])
	if utf16.IsSurrogate(r) {
		if escapeLen(s[6:]) == 6 {
			if pair := utf16.DecodeRune(r, hex4(s[8:12])); pair != utf8.RuneError {
				return utf8.AppendRune(b, pair), 12
			}
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(b, r), 6
}

// unescape is the character that the letter c means after a backslash.
func unescape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

func hex4(s string) rune {
	var r rune
	for i := range 4 {
		c := rune(s[i])
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c | 0x20 - 'a' + 10
		}
		r = r<<4 | c
	}
	return r
}

// markPrefix begins the marks that a client replaces in the texts of a query plan.
const markPrefix = "{documentdb-"

// SingleQuoted is s as a string literal in single quotes.
func SingleQuoted(s string) string {
	inner := string(AppendString(nil, s))
	inner = strings.ReplaceAll(inner[1:len(inner)-1], `\"`, `"`)
	return "'" + strings.ReplaceAll(inner, "'", `\'`) + "'"
}

// AppendString appends s as a string literal in double quotes.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c == '{' && strings.HasPrefix(s[i:], markPrefix):
			// A user's string must not be mistaken for the mark of a query plan.
			dst = append(dst, `\u007b`...)
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}
