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

type setting func(*option.Set)

func TestSplit(t *testing.T) {
	t.Parallel()
	encoded, err := argument.Encode("b")
	require.NoError(t, err)
	options, values, err := argument.Split[setting]([]driver.NamedValue{
		{Ordinal: 1, Value: setting(func(s *option.Set) { s.PageSize = 7 })},
		{Ordinal: 2, Value: 1},
		{Ordinal: 3, Value: setting(func(s *option.Set) { s.Continuation = "x" })},
		{Ordinal: 4, Value: encoded},
		{Ordinal: 5, Name: "n", Value: nil},
	})
	require.NoError(t, err)
	require.Equal(t, []statement.Arg{
		{Ordinal: 1, Value: json.RawMessage(`1`)},
		{Ordinal: 2, Value: json.RawMessage(`"b"`)},
		{Ordinal: 3, Name: "n", Value: json.RawMessage(`null`)},
	}, values, "the options do not count")
	require.Len(t, options, 2)
	var s option.Set
	for _, o := range options {
		o(&s)
	}
	require.Equal(t, option.Set{PageSize: 7, Continuation: "x"}, s)

	_, _, err = argument.Split[setting]([]driver.NamedValue{{Value: func(*option.Set) {}}})
	require.Error(t, err, "a function of no option type is a value, which JSON cannot carry")
}
