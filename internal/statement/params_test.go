package statement

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// positional and named make arguments whose values are their names.
func positional(values ...string) []Arg {
	args := make([]Arg, len(values))
	for i, v := range values {
		args[i] = Arg{Ordinal: i + 1, Value: json.RawMessage(v)}
	}
	return args
}

func named(names ...string) []Arg {
	args := make([]Arg, len(names))
	for i, n := range names {
		args[i] = Arg{Name: n, Ordinal: i + 1, Value: json.RawMessage(`"` + n + `"`)}
	}
	return args
}

func TestBind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ps   Parameters
		args []Arg
		want []string // name=value
		err  string
	}{
		{"none", nil, nil, []string{}, ""},
		{"by position", Parameters{"@p2", "@p1"}, positional("1", "2"), []string{"@p2=2", "@p1=1"}, ""},
		{"by name", Parameters{"@a", "@b"}, named("b", "a"), []string{`@a="a"`, `@b="b"`}, ""},
		{"by a name with its @", Parameters{"@a"}, named("@a"), []string{`@a="@a"`}, ""},
		{"numbers may be named", Parameters{"@p1"}, named("p1"), []string{`@p1="p1"`}, ""},
		{"missing by position", Parameters{"@p1", "@p2"}, positional("1"), nil,
			"cosmos: parameter @p2 has no argument: argument 2 is missing, only 1 was given"},
		{"nothing given", Parameters{"@p1"}, nil, nil, "cosmos: parameter @p1 has no argument: argument 1 is missing, none was given"},
		{"several missing", Parameters{"@p1", "@p2", "@p3"}, positional("1", "2"), nil,
			"cosmos: parameter @p3 has no argument: argument 3 is missing, only 2 were given"},
		{"missing by name", Parameters{"@a", "@b"}, named("a"), nil, `cosmos: parameter @b has no argument: pass sql.Named("b", value)`},
		{"nothing given for a name", Parameters{"@a"}, nil, nil, `cosmos: parameter @a has no argument: pass sql.Named("a", value)`},
		{"position for a name", Parameters{"@id"}, positional("1"), nil,
			`cosmos: parameter @id has no argument: the arguments are given by position, which reaches only @p1, @p2, …; pass sql.Named("id", value)`},
		{"a name of another case", Parameters{"@a"}, named("A"), nil, `cosmos: parameter @a has no argument: pass sql.Named("a", value)`},
		{"unused by position", Parameters{"@p1"}, positional("1", "2"), nil,
			"cosmos: argument 2 is not used: the statement has no parameter @p2, only @p1"},
		{"a gap", Parameters{"@p1", "@p3"}, positional("1", "2", "3"), nil,
			"cosmos: argument 2 is not used: the statement has no parameter @p2, only @p1, @p3"},
		{"unused by name", Parameters{"@a"}, named("a", "b"), nil, `cosmos: argument "b" is not used: the statement has no parameter @b, only @a`},
		{"no parameters", nil, positional("1"), nil, "cosmos: argument 1 is not used: the statement has no parameters"},
		{"given twice", Parameters{"@a"}, named("a", "@a"), nil, "cosmos: an argument for parameter @a is given twice"},
		{"mixed", Parameters{"@p1", "@a"}, append(positional("1"), Arg{Name: "a", Ordinal: 2}), nil,
			"cosmos: named and positional arguments are mixed (argument 2): give all of them by sql.Named or all of them by position"},
		{"@p01 is a name", Parameters{"@p01"}, positional("1"), nil,
			`cosmos: parameter @p01 has no argument: the arguments are given by position, which reaches only @p1, @p2, …; pass sql.Named("p01", value)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bound, err := c.ps.Bind(c.args)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			got := []string{}
			for _, a := range bound {
				got = append(got, a.Name+"="+string(a.Value))
			}
			require.Equal(t, c.want, got)
		})
	}
}
