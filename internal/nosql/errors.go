package nosql

import (
	"errors"
	"fmt"
	"strings"
)

// The codes of the errors this package reports; the service uses the same.
const (
	CodeSyntax     = "SC1001"
	CodeEnd        = "SC1002" // the text ends too early
	CodeToken      = "SC1010" // a semicolon
	CodeUnresolved = "SC2001"
	CodeDuplicate  = "SC2022" // a name that the select list has twice
)

// IsSyntax reports whether code is that of a syntax error.
func IsSyntax(code string) bool { return code == CodeSyntax || code == CodeEnd || code == CodeToken }

// Error is one finding in a query text. Start and End are byte offsets, End exclusive. Line and Column, counted from 1
// and Column in characters, are set where the text was at hand; see [Locate].
type Error struct {
	Code         string
	Message      string
	Start, End   int
	Line, Column int
}

// Error is the message, the code, and the place if it is known.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	switch {
	case e.Code != "" && e.Line > 0:
		fmt.Fprintf(&b, " (%s, line %d, column %d)", e.Code, e.Line, e.Column)
	case e.Code != "":
		fmt.Fprintf(&b, " (%s)", e.Code)
	case e.Line > 0:
		fmt.Fprintf(&b, " (line %d, column %d)", e.Line, e.Column)
	}
	return b.String()
}

// ErrorList is several findings about one text, in the order of the text.
type ErrorList []*Error

// Error is the findings, one after the other.
func (l ErrorList) Error() string {
	texts := make([]string, len(l))
	for i, e := range l {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap gives the findings to errors.Is and errors.As.
func (l ErrorList) Unwrap() []error {
	all := make([]error, len(l))
	for i, e := range l {
		all[i] = e
	}
	return all
}

// Err is the list as an error: nil when it is empty, the finding itself when there is only one.
func (l ErrorList) Err() error {
	switch len(l) {
	case 0:
		return nil
	case 1:
		return l[0]
	}
	return l
}

// Locate sets Line and Column of every [*Error] in err, which is about text, and gives err back.
func Locate(text string, err error) error {
	var list ErrorList
	var one *Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = ErrorList{one}
	}
	for _, e := range list {
		before := text[:min(max(e.Start, 0), len(text))]
		e.Line = 1 + strings.Count(before, "\n")
		e.Column = 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
	}
	return err
}
