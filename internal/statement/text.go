package statement

import (
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// plain takes out of a text what SQL ignores and Cosmos DB refuses: comments /* */ and the semicolon at the end. Each
// character becomes a blank, so that the places of errors, the service's too, stay those of the text as it was written.
func plain(text string) (string, error) {
	blanked, err := blankComments(text)
	if err != nil {
		return text, err
	}
	blanked = blankSemicolons(blanked)
	if blanked == text {
		return text, nil
	}
	return strings.TrimRight(blanked, " \t\r\n"), nil
}

// blankComments puts blanks for comments /* */, hints among them. What looks like one in a string, in a quoted name or
// in a comment to the end of the line is none.
func blankComments(text string) (string, error) {
	if !strings.Contains(text, "/*") {
		return text, nil
	}
	var b strings.Builder
	kept := 0 // what is before it is in b
	for i := 0; i < len(text); {
		switch rest := text[i:]; {
		case rest[0] == '\'' || rest[0] == '"':
			i += quotedLen(rest)
		case strings.HasPrefix(rest, "--"):
			i = lineEnd(text, i)
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return text, &nosql.Error{
					Code:    nosql.CodeSyntax,
					Message: "Syntax error, a comment that begins with /* has no */.",
					Start:   i, End: len(text),
				}
			}
			b.WriteString(text[kept:i])
			kept = i + 2 + n + 2
			b.WriteString(blanks(text[i:kept]))
			i = kept
		default:
			i++
		}
	}
	b.WriteString(text[kept:])
	return b.String(), nil
}

// quotedLen is the length of the string that s begins with. A doubled quote makes two of it, which comes to the same.
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return len(s)
}

func lineEnd(text string, from int) int {
	if n := strings.IndexByte(text[from:], '\n'); n >= 0 {
		return from + n
	}
	return len(text)
}

// blanks is s with a blank for each character but the ends of lines.
func blanks(s string) string {
	b := make([]byte, 0, utf8.RuneCountInString(s))
	for _, r := range s {
		if r == '\n' || r == '\r' {
			b = append(b, byte(r))
			continue
		}
		b = append(b, ' ')
	}
	return string(b)
}

// blankSemicolons puts blanks for the semicolons at the end.
func blankSemicolons(text string) string {
	if !strings.Contains(text, ";") {
		return text
	}
	var last []nosql.Token
	for l := nosql.NewLexer(text, nosql.SQL); ; {
		t := l.Next()
		if t.Kind == nosql.EOF {
			break
		}
		if t.Kind == nosql.Symbol && text[t.Start:t.End] == ";" {
			last = append(last, t)
			continue
		}
		last = last[:0]
	}
	b := []byte(text)
	for _, t := range last {
		b[t.Start] = ' '
	}
	return string(b)
}
