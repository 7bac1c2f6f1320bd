package argument_test

import (
	"database/sql/driver"
	"encoding/json"
	"io"
	"testing"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

type setting func(*option.Set)

func pageSize(n int) setting { return func(s *option.Set) { s.PageSize = n } }

func continuation(c string) setting { return func(s *option.Set) { s.Continuation = c } }

func TestReadTakesOptionsOut(t *testing.T) {
	t.Parallel()
	encoded, err := argument.Encode("b")
	require.NoError(t, err)
	r, err := argument.Read[setting](t.Context(), nil, []driver.NamedValue{
		{Ordinal: 1, Value: pageSize(7)},
		{Ordinal: 2, Value: 1},
		{Ordinal: 3, Value: continuation("x")},
		{Ordinal: 4, Value: encoded},
		{Ordinal: 5, Name: "n", Value: nil},
	})
	require.NoError(t, err)
	require.Equal(t, []statement.Arg{
		{Ordinal: 1, Value: json.RawMessage(`1`)},
		{Ordinal: 2, Value: json.RawMessage(`"b"`)},
		{Ordinal: 3, Name: "n", Value: json.RawMessage(`null`)},
	}, r.Values, "the options do not count")
	require.Equal(t, &option.Set{PageSize: 7, Continuation: "x"}, r.Set)
	require.Len(t, r.Options, 2)
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	_, err := argument.Read[setting](t.Context(), nil, []driver.NamedValue{{Value: func(*option.Set) {}}})
	require.ErrorContains(t, err, "func(*option.Set)", "a function of no option type is a value, which JSON cannot carry")
	_, err = argument.Read[setting](t.Context(), nil, []driver.NamedValue{{Value: setting(func(s *option.Set) { s.Fail(io.EOF) })}})
	require.ErrorIs(t, err, io.EOF)
}

// TestReadRanksOptions is the whole order of precedence: the client's own options, the defaults of the connection, the
// context, the arguments.
func TestReadRanksOptions(t *testing.T) {
	t.Parallel()
	client := option.Set{PageSize: 1, MaxConcurrency: 1, Consistency: "Eventual", Continuation: "client"}
	own := partition.Key{partition.String("default")}
	defaults := []setting{pageSize(2), func(s *option.Set) { s.MaxConcurrency, s.PartitionKey = 2, own }}
	ctx := option.With(t.Context(), []setting{pageSize(3), continuation("context")})
	for _, tt := range []struct {
		name string
		read func() (*argument.Request[setting], error)
		want option.Set
	}{
		{
			"defaults", func() (*argument.Request[setting], error) { return argument.Read(t.Context(), defaults, nil) },
			option.Set{PageSize: 2, MaxConcurrency: 2, Consistency: "Eventual", Continuation: "client", PartitionKey: own},
		},
		{
			"context", func() (*argument.Request[setting], error) { return argument.Read(ctx, defaults, nil) },
			option.Set{PageSize: 3, MaxConcurrency: 2, Consistency: "Eventual", Continuation: "client", PartitionKey: own},
		},
		{
			"argument", func() (*argument.Request[setting], error) {
				return argument.Read(ctx, defaults, []driver.NamedValue{{Value: pageSize(4)}, {Value: continuation("argument")}})
			},
			option.Set{PageSize: 4, MaxConcurrency: 2, Consistency: "Eventual", Continuation: "argument", PartitionKey: own},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := tt.read()
			require.NoError(t, err)
			got := client
			for _, o := range r.Options {
				o(&got)
			}
			require.Equal(t, tt.want, got)
		})
	}
}
