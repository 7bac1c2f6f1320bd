package nosql

import (
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
