package argument_test

import (
	"database/sql/driver"
	"encoding/json"
	"testing"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

func TestReadTakesOptionsOut(t *testing.T) {
	t.Parallel()
	encoded, err := argument.Encode("b")
	require.NoError(t, err)
	size, token := option.New(option.PageSize, 7), option.New(option.Continuation, "x")
	values, opts, err := argument.Read([]driver.NamedValue{
		{Ordinal: 1, Value: size},
		{Ordinal: 2, Value: 1},
		{Ordinal: 3, Value: token},
		{Ordinal: 4, Value: encoded},
		{Ordinal: 5, Name: "n", Value: nil},
	})
	require.NoError(t, err)
	require.Equal(t, []statement.Arg{
		{Ordinal: 1, Value: json.RawMessage(`1`)},
		{Ordinal: 2, Value: json.RawMessage(`"b"`)},
		{Ordinal: 3, Name: "n", Value: json.RawMessage(`null`)},
	}, values, "the options do not count")
	require.Equal(t, []option.Option{size, token}, opts)
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	_, _, err := argument.Read([]driver.NamedValue{{Value: func(*option.Set) {}}})
	require.ErrorContains(t, err, "func(*option.Set)", "a function is a value, which JSON cannot carry")
}
