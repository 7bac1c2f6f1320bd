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
		{
			name: "none",
			want: []string{},
		},
		{
			name: "by position",
			ps:   Parameters{"@p2", "@p1"},
			args: positional("1", "2"),
			want: []string{"@p2=2", "@p1=1"},
		},
		{
			name: "by name",
			ps:   Parameters{"@a", "@b"},
			args: named("b", "a"),
			want: []string{`@a="a"`, `@b="b"`},
		},
		{
			name: "by a name with its @",
			ps:   Parameters{"@a"},
			args: named("@a"),
			want: []string{`@a="@a"`},
		},
		{
			name: "numbers may be named",
			ps:   Parameters{"@p1"},
			args: named("p1"),
			want: []string{`@p1="p1"`},
		},
		{
			name: "missing by position",
			ps:   Parameters{"@p1", "@p2"},
			args: positional("1"),
			err:  "cosmos: parameter @p2 has no argument: argument 2 is missing, only 1 was given",
		},
		{
			name: "nothing given",
			ps:   Parameters{"@p1"},
			err:  "cosmos: parameter @p1 has no argument: argument 1 is missing, none was given",
		},
		{
			name: "several missing",
			ps:   Parameters{"@p1", "@p2", "@p3"},
			args: positional("1", "2"),
			err:  "cosmos: parameter @p3 has no argument: argument 3 is missing, only 2 were given",
		},
		{
			name: "missing by name",
			ps:   Parameters{"@a", "@b"},
			args: named("a"),
			err:  `cosmos: parameter @b has no argument: pass sql.Named("b", value)`,
		},
		{
			name: "nothing given for a name",
			ps:   Parameters{"@a"},
			err:  `cosmos: parameter @a has no argument: pass sql.Named("a", value)`,
		},
		{
			name: "position for a name",
			ps:   Parameters{"@id"},
			args: positional("1"),
			err: `cosmos: parameter @id has no argument: the arguments are given by position, which reaches only ` +
				`@p1, @p2, …; pass sql.Named("id", value)`,
		},
		{
			name: "a name of another case",
			ps:   Parameters{"@a"},
			args: named("A"),
			err:  `cosmos: parameter @a has no argument: pass sql.Named("a", value)`,
		},
		{
			name: "unused by position",
			ps:   Parameters{"@p1"},
			args: positional("1", "2"),
			err:  "cosmos: argument 2 is not used: the statement has no parameter @p2, only @p1",
		},
		{
			name: "a gap",
			ps:   Parameters{"@p1", "@p3"},
			args: positional("1", "2", "3"),
			err:  "cosmos: argument 2 is not used: the statement has no parameter @p2, only @p1, @p3",
		},
		{
			name: "a list of names for several texts",
			ps:   Parameters{"@a"},
			args: named("b", "a", "c"),
			want: []string{`@a="a"`},
		},
		{
			name: "no parameters",
			args: positional("1"),
			err: "cosmos: argument 1 is not used: the statement has no parameters; ? and @p1 are some, but " +
				"not in quotes",
		},
		{
			name: "given twice",
			ps:   Parameters{"@a"},
			args: named("a", "@a"),
			err:  "cosmos: an argument for parameter @a is given twice",
		},
		{
			name: "mixed",
			ps:   Parameters{"@p1", "@a"},
			args: append(positional("1"), Arg{Name: "a", Ordinal: 2}),
			err: "cosmos: named and positional arguments are mixed (argument 2): give all of them by sql.Named or " +
				"all of them by position",
		},
		{
			name: "@p01 is a name",
			ps:   Parameters{"@p01"},
			args: positional("1"),
			err: `cosmos: parameter @p01 has no argument: the arguments are given by position, which reaches only ` +
				`@p1, @p2, …; pass sql.Named("p01", value)`,
		},
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

// IN over one array finds nothing, and nobody means it.
func TestInOneArray(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"SELECT * FROM c WHERE c.n IN (?)",
		"SELECT c.id FROM c WHERE c.n IN (@p1)",
		"SELECT id FROM c WHERE c.n NOT IN ($1)",
		"UPDATE c SET a = 1 WHERE n IN (?)",
		"DELETE FROM c WHERE n IN (?)",
	} {
		s, err := Parse(text, database)
		require.NoError(t, err)
		_, err = s.Bind(positional(`[1,2]`))
		require.ErrorContains(t, err, "write ARRAY_CONTAINS(@p1, c.n), or IN with a placeholder for each element", text)
		_, err = s.Bind(positional(`1`))
		require.NoError(t, err)
	}
	s, err := Parse("SELECT * FROM c WHERE c.n IN (?, ?)", database)
	require.NoError(t, err)
	_, err = s.Bind(positional(`[1]`, `[2]`))
	require.NoError(t, err, "two arrays may be meant")
}

// gocosmos gives the value of the partition key behind the arguments of numbered placeholders.
func TestSplitKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text      string
		args, key string // args is how many are given
	}{
		{"INSERT INTO t (id, a) VALUES (:1, :2)", "123", "3"},
		{"UPSERT INTO t (id, a) VALUES ($1, $2)", "123", "3"},
		{"UPDATE t SET a = @1 WHERE id = @2", "123", "3"},
		{"DELETE FROM t WHERE id = :1", "12", "2"},
		{"DELETE FROM t WHERE id = :2 AND a = :1 AND b = :2", "123", "3"},
		{"DELETE FROM t WHERE id = :1", "1", ""},
		{"DELETE FROM t WHERE id = :1", "123", ""},
		{"DELETE FROM t WHERE id = ?", "12", ""},
		{"INSERT INTO t (id, a) VALUES (?, ?)", "123", ""},
		{"DELETE FROM t WHERE id = @p1", "12", ""},
		{"DELETE FROM t WHERE id = 'x'", "1", ""},
	} {
		s, err := Parse(c.text, database)
		require.NoError(t, err)
		var values []string
		for _, v := range c.args {
			values = append(values, `"`+string(v)+`"`)
		}
		rest, key := s.(interface {
			SplitKey([]Arg) ([]Arg, json.RawMessage)
		}).SplitKey(positional(values...))
		if c.key == "" {
			require.Len(t, rest, len(c.args), c.text)
			require.Nil(t, key)
			continue
		}
		require.Len(t, rest, len(c.args)-1, c.text)
		require.Equal(t, `"`+c.key+`"`, string(key))
	}
}
