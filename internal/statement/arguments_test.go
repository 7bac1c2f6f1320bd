package statement

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// writing is what a statement that writes, or a query, comes to with args: the documents, the operations and the
// condition, or the parameters as they are sent.
func writing(t *testing.T, parsed Statement, args []Arg) (string, error) {
	t.Helper()
	var parts []string
	add := func(x any, err error) error {
		if err != nil {
			return err
		}
		text, ok := x.(string)
		if !ok {
			encoded, err := json.Marshal(x)
			require.NoError(t, err)
			text = string(encoded)
		}
		parts = append(parts, text)
		return nil
	}
	var err error
	switch s := parsed.(type) {
	case *Insert:
		err = add(s.Documents(args))
	case *Update:
		if err = add(s.Operations(args)); err == nil {
			err = add(s.Condition(args))
		}
	case *Delete:
		err = add(s.Condition(args))
	default:
		bound, failed := parsed.Bind(args)
		err = failed
		for _, a := range bound {
			parts = append(parts, a.Name+"="+string(a.Value))
		}
	}
	return strings.Join(parts, " "), err
}

// TestArguments: an argument for each parameter, wherever it stands in whichever kind of statement. One too few and
// one too many are errors that name the culprit.
func TestArguments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text   string
		values []string
		want   string
	}{
		{"SELECT ?", []string{`1`}, `@p1=1`},
		{"SELECT VALUE c.a + ? FROM c WHERE c.b = ?", []string{`1`, `"x"`}, `@p1=1 @p2="x"`},
		{"SELECT TOP ? id FROM c WHERE a IN (?, ?) AND b LIKE ? LIMIT ? OFFSET ?",
			[]string{`1`, `2`, `3`, `"%"`, `5`, `6`}, `@p1=1 @p2=2 @p3=3 @p4="%" @p5=5 @p6=6`},
		{"SELECT id FROM c WHERE a BETWEEN ? AND ? ORDER BY id", []string{`1`, `2`}, `@p1=1 @p2=2`},
		{"SELECT c.a[?] AS x, {a: ?, b: [?]} AS y FROM c LIMIT 1", []string{`0`, `1`, `2`}, `@p1=0 @p2=1 @p3=2`},
		{"SELECT id FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = ?) AND d = ?",
			[]string{`"a"`, `"b"`}, `@p1="a" @p2="b"`},
		{"SELECT id FROM c WHERE (a, b) IN ((?, ?), (?, ?))", []string{`1`, `2`, `3`, `4`},
			`@p1=1 @p2=2 @p3=3 @p4=4`},
		{"SELECT c.a ? ? : ? FROM c LIMIT 1", []string{`1`, `2`}, `@p1=1 @p2=2`},
		{"SELECT c.a ?? ? FROM c LIMIT 1", []string{`1`}, `@p1=1`},
		{"EXPLAIN SELECT c.id FROM c WHERE c.a = ?", []string{`1`}, `@p1=1`},
		{"EXPLAIN ANALYZE SELECT id FROM c WHERE a = @p1 OR b = @p1", []string{`1`}, `@p1=1`},
		{"INSERT INTO t (id, a.b, c) VALUES (?, ?, [?, {d: ?}])", []string{`"1"`, `2`, `3`, `4`},
			`[{"id":"1","a":{"b":2},"c":[3,{"d":4}]}]`},
		{"INSERT INTO t VALUES (?), (?)", []string{`{"id":"1"}`, `{"id":"2"}`}, `[{"id":"1"},{"id":"2"}]`},
		{"UPSERT INTO t (id, n) VALUES (@p2, @p1)", []string{`5`, `"1"`}, `[{"id":"1","n":5}]`},
		{"REPLACE INTO t (id, n) VALUES ($1, $1)", []string{`"1"`}, `[{"id":"1","n":"1"}]`},
		{"UPDATE t SET a = ?, n = n - ?, l = ARRAY_CONCAT(l, [?]) WHERE id = ? AND pk = ?",
			[]string{`null`, `2`, `"x"`, `"1"`, `true`},
			`[{"op":"set","path":"/a","value":null},{"op":"incr","path":"/n","value":-2},` +
				`{"op":"add","path":"/l/-","value":"x"}] FROM root AS t WHERE t.id = "1" AND t.pk = true`},
		{"UPDATE t SET o = {a: ?} WHERE b IS NULL OR b > ? RETURNING id", []string{`[1]`, `-1.5`},
			`[{"op":"set","path":"/o","value":{"a":[1]}}] FROM root AS t ` +
				`WHERE NOT IS_DEFINED(t.b) OR IS_NULL(t.b) OR t.b > -1.5`},
		{"DELETE FROM t WHERE a = :2 AND b = :1", []string{`"one"`, `"two"`},
			`FROM root AS t WHERE t.a = "two" AND t.b = "one"`},
		{"DELETE FROM t WHERE ? IN (a, b) OR CONTAINS(c, ?)", []string{`1`, `"x"`},
			`FROM root AS t WHERE 1 IN (t.a, t.b) OR CONTAINS(t.c, "x")`},
	} {
		s, err := Parse(tt.text, database)
		require.NoError(t, err, tt.text)
		got, err := writing(t, s, positional(tt.values...))
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.want, got, tt.text)

		n := len(tt.values)
		_, err = writing(t, s, positional(tt.values[:n-1]...))
		require.ErrorContains(t, err, "cosmos: parameter @p"+strconv.Itoa(n)+" has no argument: argument "+
			strconv.Itoa(n)+" is missing", tt.text)
		_, err = writing(t, s, positional(append(tt.values[:n:n], `0`)...))
		require.ErrorContains(t, err, "cosmos: argument "+strconv.Itoa(n+1)+" is not used: the statement has no "+
			"parameter @p"+strconv.Itoa(n+1)+", only @p", tt.text)
	}
}

// TestNamedArguments: by name, an argument may stand for several places and be of no use to a text; one that is missing
// is named.
func TestNamedArguments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT id FROM c WHERE a = @a AND b = @b OR c = @a":  `@a="a" @b="b"`,
		"SELECT TOP @a c.id FROM c OFFSET @b LIMIT @a":        `@a="a" @b="b"`,
		"INSERT INTO t (id, x) VALUES (@a, {y: @b, z: @a})":   `[{"id":"a","x":{"y":"b","z":"a"}}]`,
		"DELETE FROM t WHERE id = @a AND x IN (@b, @a)":       `FROM root AS t WHERE t.id = "a" AND t.x IN ("b", "a")`,
		"UPSERT INTO t (id, x, y) VALUES (@b, @a, undefined)": `[{"id":"b","x":"a"}]`,
		"UPDATE t SET x = @b WHERE id = @a": `[{"op":"set","path":"/x","value":"b"}] ` +
			`FROM root AS t WHERE t.id = "a"`,
		"UPDATE t SET x = @a, z = [@a, @b] WHERE true": `[{"op":"set","path":"/x","value":"a"},` +
			`{"op":"set","path":"/z","value":["a","b"]}] FROM root AS t WHERE true`,
	} {
		s, err := Parse(text, database)
		require.NoError(t, err, text)
		got, err := writing(t, s, named("unused", "b", "a"))
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		_, err = writing(t, s, named("a"))
		require.EqualError(t, err, `cosmos: parameter @b has no argument: pass sql.Named("b", value)`, text)
		_, err = writing(t, s, positional(`1`, `2`))
		require.ErrorContains(t, err, "has no argument: the arguments are given by position, which reaches only @p1",
			text)
		_, err = writing(t, s, named("a", "b", "a"))
		require.EqualError(t, err, "cosmos: an argument for parameter @a is given twice", text)
		_, err = writing(t, s, append(named("a"), Arg{Ordinal: 2, Value: json.RawMessage(`1`)}))
		require.ErrorContains(t, err, "cosmos: named and positional arguments are mixed (argument 2)", text)
	}
}

// TestNamesLikeOrdinals: arguments with the names p1, p2 are taken by name, in whatever order they are given.
func TestNamesLikeOrdinals(t *testing.T) {
	t.Parallel()
	s, err := Parse("INSERT INTO t (id, a) VALUES (@p1, @p2)", database)
	require.NoError(t, err)
	got, err := writing(t, s, named("p2", "p1"))
	require.NoError(t, err)
	require.Equal(t, `[{"id":"p1","a":"p2"}]`, got)
}

// TestSharedStatement: binding leaves the statement, its tree and the caller's arguments as they were.
func TestSharedStatement(t *testing.T) {
	t.Parallel()
	s, err := Parse("UPDATE t SET a = ?, n = n - ? WHERE id = ? AND c IS NULL", database)
	require.NoError(t, err)
	args := positional(`{"x":1}`, `2`, `"i"`)
	first, err := writing(t, s, args)
	require.NoError(t, err)
	_, err = writing(t, s, positional(`[]`, `-9`, `"other"`))
	require.NoError(t, err)
	again, err := writing(t, s, args)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Equal(t, positional(`{"x":1}`, `2`, `"i"`), args)
}
