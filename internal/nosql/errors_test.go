package nosql

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrorList(t *testing.T) {
	t.Parallel()
	text := "SELECT x,\ny FROM c"
	q, err := Parse(text, Cosmos)
	require.NoError(t, err)
	err = Locate(text, Resolve(q))
	require.EqualError(t, err, "Identifier 'x' could not be resolved. (SC2001, line 1, column 8); Identifier 'y' "+
		"could not be resolved. (SC2001, line 2, column 1)")
	var one *Error
	require.ErrorAs(t, err, &one)
	require.Equal(t, "x", text[one.Start:one.End])
	require.NoError(t, Locate(text, nil))
	require.EqualError(t, &Error{Message: "M."}, "M.")
	require.EqualError(t, &Error{Message: "M.", Code: "SC1"}, "M. (SC1)", "of a place that is not known")
	require.EqualError(t, &Error{Message: "M.", Line: 1, Column: 2}, "M. (line 1, column 2)")
}

func TestErrorSaysWhere(t *testing.T) {
	t.Parallel()
	_, err := Parse("SELECT *\nFROM c WHERE c.ä = 1", Cosmos)
	require.EqualError(t, err, "Syntax error, incorrect syntax near 'ä'. (SC1001, line 2, column 16)")
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, Span{24, 26}, Span{e.Start, e.End})
}

// Lines end in LF, with a CR in front or none; columns are counted in characters; a place beyond the text is its end.
func TestLocate(t *testing.T) {
	t.Parallel()
	const text = "a\r\nb\u00e9\U0001F600c\n\n\td"
	for start, want := range map[int][2]int{
		0: {1, 1}, 1: {1, 2}, 3: {2, 1}, strings.Index(text, "c"): {2, 4}, strings.Index(text, "\n\n"): {2, 5},
		strings.Index(text, "\t"): {4, 1}, strings.Index(text, "d"): {4, 2}, len(text): {4, 3}, len(text) + 9: {4, 3},
		-1: {1, 1},
	} {
		e := &Error{Message: "M.", Code: "SC1", Start: start}
		wrapped := fmt.Errorf("outside: %w", e)
		require.Same(t, wrapped, Locate(text, wrapped), "the error stays what it is")
		require.Equal(t, want, [2]int{e.Line, e.Column}, "%d", start)
	}
	other := errors.New("of something else")
	require.Same(t, other, Locate(text, other))
}

// A list of findings is each of them to who asks; one alone is no list, and none is no error.
func TestErrorListAsAnError(t *testing.T) {
	t.Parallel()
	first, second := &Error{Code: CodeUnresolved, Message: "A."}, &Error{Code: CodeDuplicate, Message: "B."}
	require.NoError(t, ErrorList{}.Err())
	require.NoError(t, ErrorList(nil).Err())
	require.Same(t, first, ErrorList{first}.Err())
	err := fmt.Errorf("query: %w", ErrorList{first, second}.Err())
	require.EqualError(t, err, "query: A. (SC2001); B. (SC2022)")
	require.ErrorIs(t, err, first)
	require.ErrorIs(t, err, second)
	require.NotErrorIs(t, err, &Error{Code: CodeUnresolved, Message: "A."})
	for code, syntax := range map[string]bool{CodeSyntax: true, CodeEnd: true, CodeToken: true, CodeUnresolved: false,
		CodeDuplicate: false, "": false, "SC2204": false} {
		require.Equal(t, syntax, IsSyntax(code), code)
	}
}
