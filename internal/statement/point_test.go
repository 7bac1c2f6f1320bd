package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, where string
		paths       []string
		args        []Arg
		id          string
		key         []string // nil where documents must be searched for
	}{
		{
			name:  "plain",
			where: "id = ? AND pk = ?",
			paths: []string{"/pk"},
			args:  positional(`"1"`, `"a"`),
			id:    "1",
			key:   []string{`"a"`},
		},
		{
			name:  "any order and parentheses",
			where: "((pk = 5) AND ('1' = (t.id)))",
			paths: []string{"/pk"},
			id:    "1",
			key:   []string{`5`},
		},
		{
			name:  "nested key",
			where: "id = '1' AND t.a.b = null",
			paths: []string{"/a/b"},
			id:    "1",
			key:   []string{`null`},
		},
		{
			name:  "odd names",
			where: `id = '1' AND t["a b"].c = true`,
			paths: []string{`/"a b"/c`},
			id:    "1",
			key:   []string{`true`},
		},
		{
			name:  "key of several paths, in its order",
			where: "u = 2 AND id = '1' AND t = 1",
			paths: []string{"/t", "/u"},
			id:    "1",
			key:   []string{`1`, `2`},
		},
		{
			name:  "key is the id",
			where: "id = '1'",
			paths: []string{"/id"},
			id:    "1",
			key:   []string{`"1"`},
		},
		{
			name:  "key ends in the id",
			where: "id = '1' AND a = 2",
			paths: []string{"/a", "/id"},
			id:    "1",
			key:   []string{`2`, `"1"`},
		},
		{
			name:  "gocosmos's text",
			where: `id = "\"1\"" AND pk = "\"a\""`,
			paths: []string{"/pk"},
			id:    "1",
			key:   []string{`"a"`},
		},
		{
			name:  "a parameter that is null",
			where: "id = '1' AND ? IS NULL",
			paths: []string{"/id"},
			args:  positional(`null`),
		},
		{
			name:  "a negative number",
			where: "id = '1' AND pk = -5",
			paths: []string{"/pk"},
			id:    "1",
			key:   []string{`-5`},
		},
		{
			name:  "no key",
			where: "id = '1'",
			paths: []string{"/pk"},
		},
		{
			name:  "no id",
			where: "pk = '1'",
			paths: []string{"/pk"},
		},
		{
			name:  "half a key",
			where: "id = '1' AND a = 2",
			paths: []string{"/a", "/b"},
		},
		{
			name:  "more than the key",
			where: "id = '1' AND pk = 2 AND n = 3",
			paths: []string{"/pk"},
		},
		{
			name:  "the same twice",
			where: "id = '1' AND pk = 2 AND pk = 3",
			paths: []string{"/pk"},
		},
		{
			name:  "or",
			where: "id = '1' OR pk = 2",
			paths: []string{"/pk"},
		},
		{
			name:  "not equal",
			where: "id = '1' AND pk != 2",
			paths: []string{"/pk"},
		},
		{
			name:  "two paths",
			where: "id = '1' AND pk = n",
			paths: []string{"/pk"},
		},
		{
			name:  "an object for a key",
			where: "id = '1' AND pk = ?",
			paths: []string{"/pk"},
			args:  positional(`{}`),
		},
		{
			name:  "undefined",
			where: "id = '1' AND pk = undefined",
			paths: []string{"/pk"},
		},
		{
			name:  "another path of that name",
			where: "id = '1' AND t.x.pk = 2",
			paths: []string{"/pk"},
		},
		{
			name:  "everything",
			where: "true",
			paths: []string{"/pk"},
		},
		{
			name:  "an integer of which others have the same key",
			where: "id = '1' AND pk = 9007199254740992",
			paths: []string{"/pk"},
		},
		{
			name:  "a number that is a double everywhere",
			where: "id = '1' AND pk = 1e21",
			paths: []string{"/pk"},
			id:    "1",
			key:   []string{`1e21`},
		},
		{
			name:  "a key path in single quotes",
			where: `id = '1' AND t["my key"] = 1`,
			paths: []string{`/'my key'`},
			id:    "1",
			key:   []string{`1`},
		},
		{
			name:  "the document itself",
			where: "t = 1 AND id = '1'",
			paths: []string{"/t"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target := "t"
			if c.name == "key of several paths, in its order" {
				target = "other" // so that t is a property
			}
			s, err := Parse("DELETE FROM "+target+" WHERE "+c.where, database)
			require.NoError(t, err)
			id, key, ok, err := s.(*Delete).Point(c.args, c.paths)
			require.NoError(t, err)
			require.Equal(t, c.key != nil, ok)
			require.Equal(t, c.id, id)
			var got []string
			for _, k := range key {
				got = append(got, string(k))
			}
			if ok {
				require.Equal(t, c.key, got)
			}
		})
	}
	s, err := Parse("DELETE FROM t WHERE id = ? AND pk = 1", database)
	require.NoError(t, err)
	for value, message := range map[string]string{`1`: "1; write '1'", `null`: "null"} {
		_, _, _, err = s.(*Delete).Point(positional(value), []string{"/pk"})
		require.EqualError(t, err, "cosmos: DELETE: an id is a string; WHERE compares it with "+message)
	}
	for _, where := range []string{"id = 1", "id = 1 AND username = user", "n = 2 OR 1 = t.id", "id IN ('1', 2)",
		"NOT (id = 1)"} {
		for _, verb := range []string{"DELETE FROM t WHERE ", "UPDATE t SET a = 1 WHERE "} {
			searched, err := Parse(verb+where, database)
			require.NoError(t, err)
			_, err = searched.Bind(nil)
			require.ErrorContains(t, err, "an id is a string; WHERE compares it with", "a search too: %s", where)
		}
	}
	_, _, _, err = s.(*Delete).Point(nil, []string{"/pk"})
	require.ErrorContains(t, err, "has no argument")
}
