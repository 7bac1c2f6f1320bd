package statement

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInsertDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		args       []Arg
		want       []string
	}{
		{
			name: "literals",
			text: `INSERT INTO t (a, b, c, d, e) VALUES (1, -2.5, 'x', true, NULL)`,
			want: []string{`{"a":1,"b":-2.5,"c":"x","d":true,"e":null}`},
		},
		{
			name: "numbers",
			text: `INSERT INTO t (a) VALUES ([.5, 12., 1.E3, 1E-3, 0x1F, 007, 1.50, +3, 9223372036854775807])`,
			want: []string{`{"a":[0.5,12,1e3,1e-3,31,7,1.50,3,9223372036854775807]}`},
		},
		{
			name: "strings",
			text: `INSERT INTO t (a, b) VALUES ('it''s "it"', ["say ""x""\n"])`,
			want: []string{`{"a":"it's \"it\"","b":["say \"x\"\n"]}`},
		},
		{
			name: "a value that was not set",
			text: `INSERT INTO t (id, a, b) VALUES ('1', DEFAULT, 2), ('2', 1, default)`,
			want: []string{`{"id":"1","b":2}`, `{"id":"2","a":1}`},
		},
		{
			name: "parameters",
			text: `INSERT INTO t (a, b) VALUES (?, ?)`,
			args: positional(`{"x":[1]}`, `"v"`),
			want: []string{`{"a":{"x":[1]},"b":"v"}`},
		},
		{
			name: "parameter twice",
			text: `INSERT INTO t (a, b) VALUES ($1, :1)`,
			args: positional(`1`),
			want: []string{`{"a":1,"b":1}`},
		},
		{
			name: "named parameters",
			text: `INSERT INTO t (a) VALUES (@name)`,
			args: named("name"),
			want: []string{`{"a":"name"}`},
		},
		{
			name: "objects and arrays",
			text: `INSERT INTO t (a) VALUES ({x: [@p1, {'y z': 2}], "u": undefined})`,
			args: positional(`1`),
			want: []string{`{"a":{"x":[1,{"y z":2}]}}`},
		},
		{
			name: "nested columns",
			text: `INSERT INTO t (id, a.b, c, a.d.e, a["f g"]) VALUES ('1', 2, 3, 4, 5)`,
			want: []string{`{"id":"1","a":{"b":2,"d":{"e":4},"f g":5},"c":3}`},
		},
		{
			name: "quoted and reserved columns",
			text: `INSERT INTO t ("a.b", order, value, "it's") VALUES (1, 2, 3, 4)`,
			want: []string{`{"a.b":1,"order":2,"value":3,"it's":4}`},
		},
		{
			name: "columns with dashes",
			text: `INSERT INTO t (my-id, a.b-c, d--e
				) VALUES (1, 2, 3)`,
			want: []string{`{"my-id":1,"a":{"b-c":2},"d":3}`},
		},
		{
			name: "undefined leaves out",
			text: `INSERT INTO t (a, b, c) VALUES (undefined, 1, [undefined, 2])`,
			want: []string{`{"b":1,"c":[2]}`},
		},
		{
			name: "rows",
			text: `INSERT INTO t (a) VALUES (?), (?), (3);`,
			args: positional(`1`, `2`),
			want: []string{`{"a":1}`, `{"a":2}`, `{"a":3}`},
		},
		{
			name: "whole documents",
			text: `INSERT INTO t VALUES (?), ({id: '2', a: [?]})`,
			args: positional(`{"id":"1"}`, `5`),
			want: []string{`{"id":"1"}`, `{"id":"2","a":[5]}`},
		},
		{
			name: "gocosmos's literals",
			text: `INSERT INTO t (a, b, c, d) VALUES ("\"text\"", "{\"k\":[1,null]}", "[1,true]", {"e": "plain"}) ` +
				`WITH pk=/id`,
			want: []string{`{"a":"text","b":{"k":[1,null]},"c":[1,true],"d":{"e":"plain"}}`},
		},
		{
			name: "single quotes are never JSON",
			text: `INSERT INTO t (a, b) VALUES ('123', '{"k":1}')`,
			want: []string{`{"a":"123","b":"{\"k\":1}"}`},
		},
		{
			name: "hostile values",
			text: `INSERT INTO t ("a\"b") VALUES (?)`,
			args: positional(`"'); DROP TABLE t --"`),
			want: []string{`{"a\"b":"'); DROP TABLE t --"}`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := Parse(c.text, database)
			require.NoError(t, err)
			got, err := s.(*Insert).Documents(c.args)
			require.NoError(t, err)
			require.Len(t, got, len(c.want))
			for i := range got {
				require.True(t, json.Valid(got[i]), string(got[i]))
				require.Equal(t, c.want[i], string(got[i]))
			}
		})
	}
}

func TestInsertClauses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		verb   string
		target Target
		key    []string
	}{
		{
			text:   "INSERT INTO t (a) VALUES (1)",
			verb:   "INSERT",
			target: Target{"", "t"},
		},
		{
			text:   "upsert into db-1.my-t (a) values (1) with PK=/a/b, /c",
			verb:   "UPSERT",
			target: Target{"db-1", "my-t"},
			key:    []string{"/a/b", "/c"},
		},
		{
			text:   `REPLACE INTO "a b"."c.d" VALUES (@p1) RETURNING *`,
			verb:   "REPLACE",
			target: Target{"a b", "c.d"},
		},
		{
			text:   "INSERT INTO order (a) VALUES (1) WITH singlePK",
			verb:   "INSERT",
			target: Target{"", "order"},
		},
		{
			text:   "INSERT INTO db.table (a) VALUES (1) WITH SINGLE_PK=true;",
			verb:   "INSERT",
			target: Target{"db", "table"},
		},
	} {
		parsed, err := Parse(c.text, container)
		require.NoError(t, err, c.text)
		s := parsed.(*Insert)
		require.Equal(t, c.verb, s.Verb)
		require.Equal(t, c.target, s.Target)
		require.Equal(t, c.key, s.PartitionKey)
		require.Equal(t, c.verb == "REPLACE", s.Returning != nil)
	}
}

func TestInsertErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, message string }{
		{
			name:    "no container",
			text:    "INSERT INTO (a) VALUES (1)",
			message: "incorrect syntax near '('",
		},
		{
			name:    "nothing after the dot",
			text:    "INSERT INTO db. (a) VALUES (1)",
			message: "incorrect syntax near '('",
		},
		{
			name:    "no values",
			text:    "INSERT INTO t (a, b)",
			message: "unexpected end-of-file",
		},
		{
			name:    "no columns",
			text:    "INSERT INTO t VALUES (1, 2)",
			message: "row 1 of VALUES has 2 values and no columns: name the columns, or give one whole document",
		},
		{
			name:    "too many values",
			text:    "INSERT INTO t (a, b) VALUES (1, 2), (1, 2, 3)",
			message: "row 2 of VALUES has 3 values for 2 columns",
		},
		{
			name:    "no rows",
			text:    "INSERT INTO t (a) VALUES ()",
			message: "incorrect syntax near ')'",
		},
		{
			name:    "column twice",
			text:    "INSERT INTO t (a, b, a) VALUES (1, 2, 3)",
			message: "column a is given twice, or both it and a part of it",
		},
		{
			name:    "column and its part",
			text:    "INSERT INTO t (a, a.b) VALUES (1, 2)",
			message: "column a.b is given twice, or both it and a part of it",
		},
		{
			name:    "part and its column",
			text:    "INSERT INTO t (a.b, a) VALUES (1, 2)",
			message: "column a is given twice, or both it and a part of it",
		},
		{
			name:    "a column's value",
			text:    "INSERT INTO t (a) VALUES (b)",
			message: "b must be computed before and given as a parameter",
		},
		{
			name:    "arithmetic",
			text:    "INSERT INTO t (a) VALUES (1 + 1)",
			message: "1 + 1 must be computed before",
		},
		{
			name:    "not a number",
			text:    "INSERT INTO t (a) VALUES (NaN)",
			message: "NaN must be computed before",
		},
		{
			name:    "JSON scalar in double quotes",
			text:    `INSERT INTO t (a) VALUES ("true")`,
			message: `"true" may mean a text or the JSON in it: write 'true' for the text, true for the other.`,
		},
		{
			name:    "insert from a query",
			text:    "INSERT INTO t (a) SELECT c.a FROM c",
			message: "incorrect syntax near 'SELECT'",
		},
		{
			name:    "open string",
			text:    "INSERT INTO t (a) VALUES ('x)",
			message: "incorrect syntax near ''x)'",
		},
		{
			name:    "unknown option",
			text:    "INSERT INTO t (a) VALUES (1) WITH a=1",
			message: "There is no option a here, only PK, SINGLE_PK.",
		},
		{
			name:    "PK that is not a path",
			text:    "INSERT INTO t (a) VALUES (1) WITH pk=id",
			message: `The option pk takes paths, as in /tenant or /tenant,/user, not "id".`,
		},
		{
			name:    "SINGLE_PK=false",
			text:    "INSERT INTO t (a) VALUES (1) WITH SINGLE_PK=false",
			message: "The option SINGLE_PK takes true, or nothing at all",
		},
		{
			name:    "? and names",
			text:    "INSERT INTO t (a, b) VALUES (?, @b)",
			message: "write either ? for all parameters or a name for each",
		},
		{
			name:    "element of an array",
			text:    "INSERT INTO t (a[0]) VALUES (1)",
			message: "A step of a path is a name here; give the whole array as a value.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, database)
			require.ErrorContains(t, err, c.message)
		})
	}
	for value, shown := range map[string]string{`[1]`: `[1]`, `"a"`: `"a"`, `null`: `null`,
		`"0123456789012345678901234567890123456789"`: `"012345678901234567890123456789012345678…`} {
		s, err := Parse("INSERT INTO t VALUES (?)", database)
		require.NoError(t, err)
		_, err = s.(*Insert).Documents(positional(value))
		require.EqualError(t, err, "cosmos: INSERT: row 1 of "+
			"VALUES is one value without columns, so it must be a whole document, a JSON object; it is "+shown)
		_, err = s.(*Insert).Documents(nil)
		require.ErrorContains(t, err, "@p1 has no argument")
	}
	s, err := Parse("INSERT INTO t VALUES (undefined)", database)
	require.NoError(t, err)
	_, err = s.(*Insert).Documents(nil)
	require.ErrorContains(t, err, "it is undefined")
}

func TestReturning(t *testing.T) {
	t.Parallel()
	document := json.RawMessage(`{"id":"1","a":{"b":[10,{"c":20}]},"x y":null,"n":3}`)
	for _, c := range []struct {
		clause  string
		columns []string
		want    string
	}{
		{
			clause: "*",
			want:   string(document),
		},
		{
			clause:  "id, n",
			columns: []string{"id", "n"},
			want:    `{"id":"1","n":3}`,
		},
		{
			clause:  `t.n AS m, "x y", a.b[1].c, a.b[0] AS first`,
			columns: []string{"m", "x y", "c", "first"},
			want:    `{"m":3,"x y":null,"c":20,"first":10}`,
		},
		{
			clause:  "nope, a.nope, n.nope, a.b[9], a.b.c, id",
			columns: []string{"nope", "nope", "nope", "9", "c", "id"},
			want:    `{"id":"1"}`,
		},
	} {
		s, err := Parse("DELETE FROM t WHERE id = '1' RETURNING "+c.clause, database)
		require.NoError(t, err)
		r := s.(*Delete).Returning
		require.Equal(t, c.columns, r.Columns)
		require.Equal(t, c.columns == nil, r.Star)
		require.Equal(t, c.want, string(r.Row(document)), c.clause)
	}
}

// RETURNING may name the documents by the container or its alias, as in UPDATE and DELETE.
func TestInsertReturningNames(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`INSERT INTO people (id) VALUES ('1') RETURNING id, a.b AS c`,
		`INSERT INTO "people" ("id") VALUES ('1') RETURNING "people"."id", "people"."a"."b" AS "c"`,
		`INSERT INTO people AS "p" (id) VALUES ('1') RETURNING "p"."id", p.a.b AS c`,
	} {
		s, err := Parse(text, database)
		require.NoError(t, err, text)
		r := s.(*Insert).Returning
		require.Equal(t, []string{"id", "c"}, r.Columns, text)
		require.Equal(t, `{"id":"1","c":2}`, string(r.Row(json.RawMessage(`{"id":"1","a":{"b":2}}`))), text)
	}
}
