package statement

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUpdateOperations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, set string
		args      []Arg
		want      string
	}{
		{
			name: "values",
			set:  "a = 1, b = 'x', c = ?, d = {e: [?]}",
			args: positional(`true`, `2`),
			want: `[{"op":"set","path":"/a","value":1},{"op":"set","path":"/b","value":"x"},` +
				`{"op":"set","path":"/c","value":true},{"op":"set","path":"/d","value":{"e":[2]}}]`,
		},
		{
			name: "paths",
			set:  `a.b = 1, t.c = 2, d["x/y"] = 3, e[0] = 4, "f~" = 5, order = 6`,
			want: `[{"op":"set","path":"/a/b","value":1},{"op":"set","path":"/c","value":2},` +
				`{"op":"set","path":"/d/x~1y","value":3},` +
				`{"op":"set","path":"/e/0","value":4},{"op":"set","path":"/f~0","value":5},` +
				`{"op":"set","path":"/order","value":6}]`,
		},
		{
			name: "null and undefined",
			set:  "a = NULL, b = undefined",
			want: `[{"op":"set","path":"/a","value":null},{"op":"set","path":"/b","value":null},` +
				`{"op":"remove","path":"/b"}]`,
		},
		{
			name: "increments",
			set:  "a[0] = t.a[0] + 1, n = COALESCE(t.n, 0) + 1, m.k = t.m.k - ?, o = -2.5 + o, q = q - -1",
			args: positional(`3`),
			want: `[{"op":"incr","path":"/a/0","value":1},{"op":"incr","path":"/n","value":1},{"op":"incr",` +
				`"path":"/m/k","value":-3},{"op":"incr","path":"/o","value":-2.5},{"op":"incr","path":"/q","value":1}]`,
		},
		{
			name: "appends",
			set:  "a.b = ARRAY_CONCAT(t.a.b, [1, {x: ?}, undefined]), c = array_concat(c, ['y'])",
			args: positional(`2`),
			want: `[{"op":"add","path":"/a/b/-","value":1},{"op":"add","path":"/a/b/-","value":{"x":2}},` +
				`{"op":"add","path":"/c/-","value":"y"}]`,
		},
		{
			name: "gocosmos's literals",
			set:  `a=1, b="\"a string\"", c=true, d="[1,true,null,\"string\"]", e=:1`,
			args: positional(`{"key":"value"}`),
			want: `[{"op":"set","path":"/a","value":1},{"op":"set","path":"/b","value":"a string"},` +
				`{"op":"set","path":"/c","value":true},` +
				`{"op":"set","path":"/d","value":[1,true,null,"string"]},` +
				`{"op":"set","path":"/e","value":{"key":"value"}}]`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := Parse("UPDATE t SET "+c.set+" WHERE true", database)
			require.NoError(t, err)
			require.True(t, s.(*Update).Everywhere())
			operations, err := s.(*Update).Operations(c.args)
			require.NoError(t, err)
			got, err := json.Marshal(operations)
			require.NoError(t, err)
			require.Equal(t, c.want, string(got))
		})
	}
}

func TestUpdateErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, message string }{
		{
			name:    "no SET",
			text:    "UPDATE t WHERE id = '1'",
			message: "incorrect syntax near 'WHERE'",
		},
		{
			name:    "no WHERE",
			text:    "UPDATE t SET a = 1",
			message: "UPDATE needs a WHERE clause; write WHERE true for every document.",
		},
		{
			name:    "system property",
			text:    "UPDATE t SET a = 1, t._etag = 'x' WHERE id = '1'",
			message: "The property _etag cannot be set: the service writes it.",
		},
		{
			name:    "twice",
			text:    "UPDATE t SET a = 1, a = 2 WHERE id = '1'",
			message: "UPDATE sets a and a: one is the other or a part of it",
		},
		{
			name:    "part of another",
			text:    "UPDATE t SET a.b = 1, a = 2 WHERE id = '1'",
			message: "UPDATE sets a.b and a: one is the other or a part of it",
		},
		{
			name:    "computed",
			text:    "UPDATE t SET a = b + 1 WHERE id = '1'",
			message: "SET takes literals and parameters; b + 1 must be computed before and given as a parameter.",
		},
		{
			name:    "computed increment",
			text:    "UPDATE t SET a = a + b WHERE id = '1'",
			message: "b must be computed before",
		},
		{
			name:    "an increment of what is not there by something else than 0",
			text:    "UPDATE t SET a = COALESCE(a, 1) + 1 WHERE id = '1'",
			message: "COALESCE(a, 1) + 1 must be computed before",
		},
		{
			name:    "an increment of another element",
			text:    "UPDATE t SET a[0] = a[1.5] + 1 WHERE id = '1'",
			message: "a[1.5] + 1 must be computed before",
		},
		{
			name:    "an increment of an element that is computed",
			text:    "UPDATE t SET a[0] = a[b] + 1 WHERE id = '1'",
			message: "a[b] + 1 must be computed before",
		},
		{
			name:    "computed array",
			text:    "UPDATE t SET a = ARRAY_CONCAT(b, [1]) WHERE id = '1'",
			message: "ARRAY_CONCAT(b, [1]) must be computed before",
		},
		{
			name:    "concatenated arrays",
			text:    "UPDATE t SET a = ARRAY_CONCAT(a, b) WHERE id = '1'",
			message: "ARRAY_CONCAT(a, b) must be computed before",
		},
		{
			name:    "unknown alias in WHERE",
			text:    "UPDATE t SET a = 1 WHERE x.id = '1'",
			message: "Identifier 'x' could not be resolved. For a property of the documents write t.x.",
		},
		{
			name:    "a step that is neither",
			text:    "UPDATE t SET a[?] = 1 WHERE true",
			message: "A step of a path is a name or a number.",
		},
		{
			name:    "unknown option",
			text:    "UPDATE t SET a = 1 WHERE true WITH pk=/a",
			message: "There is no option pk here, only SINGLE_PK.",
		},
		{
			name:    "after the end",
			text:    "UPDATE t SET a = 1 WHERE true ORDER BY a",
			message: "incorrect syntax near 'ORDER'",
		},
		{
			name:    "JSON scalar in double quotes",
			text:    `UPDATE t SET a = "1" WHERE true`,
			message: "write '1' for the text, 1 for the other",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, database)
			require.ErrorContains(t, err, c.message)
		})
	}
	s, err := Parse("UPDATE t SET n = n + ? WHERE id = '1'", database)
	require.NoError(t, err)
	_, err = s.(*Update).Operations(nil)
	require.ErrorContains(t, err, "@p1 has no argument")
	_, err = s.(*Update).Identity(nil, []string{"/pk"})
	require.ErrorContains(t, err, "@p1 has no argument")
	for _, value := range []string{`"1"`, `null`, `[1]`} {
		_, err = s.(*Update).Operations(positional(value))
		require.EqualError(t, err, "cosmos: UPDATE: n can only be increased by a number, not by "+value)
	}
	s, err = Parse("UPDATE t SET n = n + undefined WHERE id = '1'", database)
	require.NoError(t, err)
	_, err = s.(*Update).Operations(nil)
	require.ErrorContains(t, err, "not by undefined")
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	s, err := Parse("UPDATE t SET a.b = 1, id = 'x', c = @p1, pk = undefined WHERE id = '1'", database)
	require.NoError(t, err)
	u := s.(*Update)
	args := positional(`"v"`)
	found, err := u.Identity(args, []string{"/pk", "/a/x", "/c"})
	require.NoError(t, err)
	require.Equal(t, Identity{ID: json.RawMessage(`"x"`),
		Key: []json.RawMessage{json.RawMessage(`{}`), nil, json.RawMessage(`"v"`)}}, found)
	operations, err := u.Others([]string{"/pk", "/c"}).Operations(args)
	require.NoError(t, err)
	require.Equal(t, []Operation{{Op: "set", Path: "/a/b", Value: json.RawMessage(`1`)}}, operations)
	for _, paths := range [][]string{{"/a"}, {"/x", `/"a"/b/d`}} {
		_, err = u.Identity(args, paths)
		require.ErrorContains(t, err, "belongs to the partition key "+strings.Join(paths, ","))
	}
	for _, set := range []string{"id = 5", "id = undefined", "id = id + 1", "id.a = 'x'",
		"id = ARRAY_CONCAT(id, [1])"} {
		s, err := Parse("UPDATE t SET "+set+" WHERE id = '1'", database)
		require.NoError(t, err)
		_, err = s.(*Update).Identity(nil, []string{"/pk"})
		require.ErrorContains(t, err, "an id is a string", set)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s, err := Parse("UPDATE shop.people AS p SET a = ? WHERE p.n > ? OR city IS NULL RETURNING *", database)
	require.NoError(t, err)
	u := s.(*Update)
	require.Equal(t, Target{"shop", "people"}, u.Target)
	require.True(t, u.Returning.Star)
	args := positional(`1`, `2`)

	text, params, err := u.Search(args, []string{"/pk", `/a/"b c"`}, "", false)
	require.NoError(t, err)
	require.Equal(t,
		`SELECT VALUE {"id": p.id, "etag": p._etag, "key": {"k0": p.pk, "k1": p.a["b c"]}} FROM root AS p `+
			`WHERE p.n > @p2 OR (NOT IS_DEFINED(p.city) OR IS_NULL(p.city))`, text)
	require.Equal(t, []Arg{{Name: "@p2", Ordinal: 2, Value: json.RawMessage(`2`)}}, params)

	text, params, err = u.Search(args, []string{"/pk"}, `x"y`, true)
	require.NoError(t, err)
	require.Equal(t, `SELECT VALUE {"id": p.id, "etag": p._etag, "key": {"k0": p.pk}, "doc": p} FROM root AS p `+
		`WHERE (p.n > @p2 OR (NOT IS_DEFINED(p.city) OR IS_NULL(p.city))) AND p.id = @id`, text)
	require.Equal(t, Arg{Name: "@id", Value: json.RawMessage(`"x\"y"`)}, params[1])

	_, _, err = u.Search(nil, nil, "", false)
	require.ErrorContains(t, err, "@p1 has no argument")

	s, err = Parse("DELETE FROM people WHERE name = @id", database)
	require.NoError(t, err)
	text, params, err = s.(*Delete).Search(named("id"), nil, "7", false)
	require.NoError(t, err)
	require.Contains(t, text, "WHERE people.name = @id AND people.id = @id_", "the name of ours is another")
	require.Len(t, params, 2)
}

func TestCondition(t *testing.T) {
	t.Parallel()
	s, err := Parse("DELETE FROM t WHERE a IN (@x, @y) AND b LIKE @z", database)
	require.NoError(t, err)
	args := []Arg{{Name: "x", Value: json.RawMessage(`{"a":[1,-2e3,null,"q\u0000'"]}`)},
		{Name: "y", Value: json.RawMessage(`true`)}, {Name: "z", Value: json.RawMessage(`"%"`)}}
	text, err := s.(*Delete).Condition(args)
	require.NoError(t, err)
	require.Equal(t, `FROM root AS t WHERE t.a IN ({"a": [1, -2e3, null, "q\u0000'"]}, true) AND t.b LIKE "%"`, text)
	_, err = s.(*Delete).Condition(args[:2])
	require.ErrorContains(t, err, "@z has no argument")
	args[1].Value = json.RawMessage(`{broken`)
	_, err = s.(*Delete).Condition(args)
	require.ErrorContains(t, err, "the argument for @y cannot be written out")
}

func TestDeleteErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, message string }{
		{
			name:    "no WHERE",
			text:    "DELETE FROM t",
			message: "DELETE needs a WHERE clause; write WHERE true for every document.",
		},
		{
			name:    "no condition",
			text:    "DELETE FROM t WHERE id=",
			message: "unexpected end-of-file",
		},
		{
			name:    "no FROM",
			text:    "DELETE t WHERE id = '1'",
			message: "incorrect syntax near 't'",
		},
		{
			name:    "open string",
			text:    `DELETE FROM t WHERE id="1`,
			message: `incorrect syntax near '"1'`,
		},
		{
			name:    "junk",
			text:    "DELETE FROM t WHERE id=@1 a",
			message: "incorrect syntax near 'a'",
		},
		{
			name:    "unknown option",
			text:    "DELETE FROM t WHERE id='1' WITH a",
			message: "There is no option a here",
		},
		{
			name:    "an option that only gocosmos's yes can be",
			text:    "DELETE FROM t WHERE id='1' WITH SINGLE_PK=false",
			message: "SINGLE_PK",
		},
		{
			name:    "subquery of its own",
			text:    "DELETE FROM t WHERE EXISTS(SELECT VALUE x FROM x IN tags WHERE y = 1)",
			message: "as in t.y",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, database)
			require.ErrorContains(t, err, c.message)
		})
	}
}

// TestIDsAreStrings: the id of a document is compared with a string, or nothing is found and nobody means it. The id of
// something else may be anything.
func TestIDsAreStrings(t *testing.T) {
	t.Parallel()
	const isString = "an id is a string; WHERE compares it with 5"
	for text, message := range map[string]string{
		"DELETE FROM t WHERE id = ?":                                                 isString + "; write '5'",
		"DELETE FROM t WHERE id IN ('a', ?)":                                         isString,
		"DELETE FROM t WHERE EXISTS(SELECT VALUE x FROM x IN t.list WHERE x.id = ?)": "",
		"DELETE FROM t WHERE EXISTS(SELECT VALUE t FROM t IN t.list WHERE t.id = ?)": "",
		"DELETE FROM t WHERE t.owner.id = ?":                                         "",
	} {
		s, err := Parse(text, database)
		require.NoError(t, err, text)
		_, err = s.Bind(positional("5"))
		if message == "" {
			require.NoError(t, err, text)
		} else {
			require.ErrorContains(t, err, message, text)
		}
	}
}
