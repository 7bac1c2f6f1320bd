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
		{"literals", `INSERT INTO t (a, b, c, d, e) VALUES (1, -2.5, 'x', true, NULL)`, nil, []string{`{"a":1,"b":-2.5,"c":"x","d":true,"e":null}`}},
		{"numbers", `INSERT INTO t (a) VALUES ([.5, 12., 1.E3, 1E-3, 0x1F, 007, 1.50, +3, 9223372036854775807])`, nil,
			[]string{`{"a":[0.5,12,1e3,1e-3,31,7,1.50,3,9223372036854775807]}`}},
		{"strings", `INSERT INTO t (a, b) VALUES ('it''s "it"', "say ""x""\n")`, nil, []string{`{"a":"it's \"it\"","b":"say \"x\"\n"}`}},
		{"parameters", `INSERT INTO t (a, b) VALUES (?, ?)`, positional(`{"x":[1]}`, `"v"`), []string{`{"a":{"x":[1]},"b":"v"}`}},
		{"parameter twice", `INSERT INTO t (a, b) VALUES ($1, :1)`, positional(`1`), []string{`{"a":1,"b":1}`}},
		{"named parameters", `INSERT INTO t (a) VALUES (@name)`, named("name"), []string{`{"a":"name"}`}},
		{"objects and arrays", `INSERT INTO t (a) VALUES ({x: [@p1, {'y z': 2}], "u": undefined})`, positional(`1`), []string{`{"a":{"x":[1,{"y z":2}]}}`}},
		{"nested columns", `INSERT INTO t (id, a.b, c, a.d.e, a["f g"]) VALUES ('1', 2, 3, 4, 5)`, nil, []string{`{"id":"1","a":{"b":2,"d":{"e":4},"f g":5},"c":3}`}},
		{"quoted and reserved columns", `INSERT INTO t ("a.b", order, value, "it's") VALUES (1, 2, 3, 4)`, nil, []string{`{"a.b":1,"order":2,"value":3,"it's":4}`}},
		{"undefined leaves out", `INSERT INTO t (a, b, c) VALUES (undefined, 1, [undefined, 2])`, nil, []string{`{"b":1,"c":[2]}`}},
		{"rows", `INSERT INTO t (a) VALUES (?), (?), (3);`, positional(`1`, `2`), []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		{"whole documents", `INSERT INTO t VALUES (?), ({id: '2', a: [?]})`, positional(`{"id":"1"}`, `5`), []string{`{"id":"1"}`, `{"id":"2","a":[5]}`}},
		{"gocosmos's literals", `INSERT INTO t (a, b, c, d) VALUES ("\"text\"", "{\"k\":[1,null]}", "[1,true]", "plain") WITH pk=/id`, nil,
			[]string{`{"a":"text","b":{"k":[1,null]},"c":[1,true],"d":"plain"}`}},
		{"single quotes are never JSON", `INSERT INTO t (a, b) VALUES ('123', '{"k":1}')`, nil, []string{`{"a":"123","b":"{\"k\":1}"}`}},
		{"hostile values", `INSERT INTO t ("a\"b") VALUES (?)`, positional(`"'); DROP TABLE t --"`), []string{`{"a\"b":"'); DROP TABLE t --"}`}},
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
		{"INSERT INTO t (a) VALUES (1)", "INSERT", Target{"", "t"}, nil},
		{"upsert into db-1.my-t (a) values (1) with PK=/a/b, /c", "UPSERT", Target{"db-1", "my-t"}, []string{"/a/b", "/c"}},
		{`REPLACE INTO "a b"."c.d" VALUES (@p1) RETURNING *`, "REPLACE", Target{"a b", "c.d"}, nil},
		{"INSERT INTO order (a) VALUES (1) WITH singlePK", "INSERT", Target{"", "order"}, nil},
		{"INSERT INTO db.table (a) VALUES (1) WITH SINGLE_PK=true;", "INSERT", Target{"db", "table"}, nil},
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
		{"no container", "INSERT INTO (a) VALUES (1)", "incorrect syntax near '('"},
		{"nothing after the dot", "INSERT INTO db. (a) VALUES (1)", "incorrect syntax near '('"},
		{"no values", "INSERT INTO t (a, b)", "unexpected end-of-file"},
		{"no columns", "INSERT INTO t VALUES (1, 2)", "row 1 of VALUES has 2 values and no columns: name the columns, or give one whole document"},
		{"too many values", "INSERT INTO t (a, b) VALUES (1, 2), (1, 2, 3)", "row 2 of VALUES has 3 values for 2 columns"},
		{"no rows", "INSERT INTO t (a) VALUES ()", "incorrect syntax near ')'"},
		{"column twice", "INSERT INTO t (a, b, a) VALUES (1, 2, 3)", "column a is given twice, or both it and a part of it"},
		{"column and its part", "INSERT INTO t (a, a.b) VALUES (1, 2)", "column a.b is given twice, or both it and a part of it"},
		{"part and its column", "INSERT INTO t (a.b, a) VALUES (1, 2)", "column a is given twice, or both it and a part of it"},
		{"a column's value", "INSERT INTO t (a) VALUES (b)", "b must be computed before and given as a parameter"},
		{"arithmetic", "INSERT INTO t (a) VALUES (1 + 1)", "1 + 1 must be computed before"},
		{"not a number", "INSERT INTO t (a) VALUES (NaN)", "NaN must be computed before"},
		{"JSON scalar in double quotes", `INSERT INTO t (a) VALUES ("true")`, `"true" may mean a text or the JSON in it: write 'true' for the text, true for the other.`},
		{"insert from a query", "INSERT INTO t (a) SELECT c.a FROM c", "incorrect syntax near 'SELECT'"},
		{"open string", "INSERT INTO t (a) VALUES ('x)", "incorrect syntax near ''x)'"},
		{"unknown option", "INSERT INTO t (a) VALUES (1) WITH a=1", "There is no option a here, only PK, SINGLE_PK."},
		{"PK that is no path", "INSERT INTO t (a) VALUES (1) WITH pk=id", `The option pk takes paths, as in /tenant or /tenant,/user, not "id".`},
		{"SINGLE_PK=false", "INSERT INTO t (a) VALUES (1) WITH SINGLE_PK=false", "The option SINGLE_PK takes true, or nothing at all"},
		{"? and names", "INSERT INTO t (a, b) VALUES (?, @b)", "write either ? for all parameters or a name for each"},
		{"element of an array", "INSERT INTO t (a[0]) VALUES (1)", "A step of a path is a name here; give the whole array as a value."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, database)
			require.ErrorContains(t, err, c.message)
		})
	}
	for value, shown := range map[string]string{`[1]`: `[1]`, `"a"`: `"a"`, `null`: `null`, `"0123456789012345678901234567890123456789"`: `"012345678901234567890123456789012345678…`} {
		s, err := Parse("INSERT INTO t VALUES (?)", database)
		require.NoError(t, err)
		_, err = s.(*Insert).Documents(positional(value))
		require.EqualError(t, err, "cosmos: INSERT: row 1 of VALUES is one value without columns, so it must be a whole document, a JSON object; it is "+shown)
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
		{"*", nil, string(document)},
		{"id, n", []string{"id", "n"}, `{"id":"1","n":3}`},
		{`t.n AS m, "x y", a.b[1].c, a.b[0] AS first`, []string{"m", "x y", "c", "first"}, `{"m":3,"x y":null,"c":20,"first":10}`},
		{"nope, a.nope, n.nope, a.b[9], a.b.c, id", []string{"nope", "nope", "nope", "9", "c", "id"}, `{"id":"1"}`},
	} {
		s, err := Parse("DELETE FROM t WHERE id = '1' RETURNING "+c.clause, database)
		require.NoError(t, err)
		r := s.(*Delete).Returning
		require.Equal(t, c.columns, r.Columns)
		require.Equal(t, c.columns == nil, r.Star)
		require.Equal(t, c.want, string(r.Row(document)), c.clause)
	}
}
