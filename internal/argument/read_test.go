package argument_test

import (
	"database/sql"
	"testing"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	t.Parallel()
	encoded, err := argument.Encode("b")
	require.NoError(t, err)
	size, token := option.New(option.PageSize, 7), option.New(option.Continuation, "x")
	for _, tt := range []struct {
		name string
		args []any
		want argument.List
	}{
		{"nothing", nil, argument.List{}},
		{
			"by position", []any{size, 1, token, encoded, nil},
			argument.List{Positional: true, Options: []option.Option{size, token}, Parameters: []argument.Parameter{
				{Name: "@p1", Value: argument.JSON(`1`)}, {Name: "@p2", Value: argument.JSON(`"b"`)},
				{Name: "@p3", Value: argument.JSON(`null`)},
			}},
		},
		{
			"by name, with and without @",
			[]any{
				sql.Named("a", 1), sql.Named("@b", 2), argument.Parameter{Name: "@__c_0__", Value: 3},
				[]argument.Parameter{{Name: "d", Value: 4}, {Name: "@0e", Value: 5}}, size,
			},
			argument.List{Options: []option.Option{size}, Parameters: []argument.Parameter{
				{Name: "@a", Value: argument.JSON(`1`)}, {Name: "@b", Value: argument.JSON(`2`)},
				{Name: "@__c_0__", Value: argument.JSON(`3`)}, {Name: "@d", Value: argument.JSON(`4`)},
				{Name: "@0e", Value: argument.JSON(`5`)},
			}},
		},
		{"an empty list beside positions is a list", []any{[]argument.Parameter{}}, argument.List{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := argument.Read(tt.args)
			require.NoError(t, err)
			require.Equal(t, &tt.want, got)
		})
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]any{
		"a value of type func(*option.Set) cannot be sent": {func(*option.Set) {}},
		"named and positional arguments are mixed":         {[]argument.Parameter{}, 1},
		"parameter @a is given twice": {sql.Named("a", 1),
			argument.Parameter{Name: "@a", Value: 1}},
		`parameter name "@a b" has a character`:           {sql.Named("a b", 1)},
		"a parameter has an empty name":                   {argument.Parameter{}},
		"cosmos: parameter @p2: a value of type chan int": {1, make(chan int)},
		"pass an Option as an argument of its own":        {[]option.Option{{}}},
		"pass a Parameter or []Parameter as an argument":  {[]*argument.Parameter{{}}},
	} {
		_, err := argument.Read(args)
		require.ErrorContains(t, err, want)
	}
}
