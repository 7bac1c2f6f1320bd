package statement

import (
	"encoding/json"
	"testing"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/stretchr/testify/require"
)

// Whatever the text, Parse gives a statement or an error. What it makes of a SELECT is Cosmos SQL that it sends
// unchanged from then on; the documents of an INSERT, the operations of an UPDATE and their searches are valid.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"SELECT id, COUNT(*) FROM \"a b\" WHERE a IS NULL AND NOT b = ? LIMIT 3 OFFSET 4;",
		"SELECT CROSS PARTITION * FROM c WITH db=a-b, WITH table=c",
		"SELECT a.b FROM x.y.z a JOIN t IN tags ORDER BY a",
		"INSERT INTO d.t (a, b.c, \"d\"[0]) VALUES (1, ?, {x: [\"{}\"]}) WITH pk=/a,/b RETURNING *",
		"UPDATE t AS u SET a.b = a.b + 1, c = undefined WHERE u.id = '1' AND (d = 2 OR e IS NOT NULL) " +
			"RETURNING u.x AS y, z",
		"DELETE FROM t WHERE id = $1 AND pk = :2",
		"CREATE TABLE IF NOT EXISTS a.b PARTITION KEY (/a, /b) UNIQUE KEY (/c) " +
			"WITH (ttl = -1, indexing = {a: 'b'})",
		"ALTER DATABASE d WITH ru=400", "DROP CONTAINER IF EXISTS c", "SHOW TABLES FROM d",
		"DESCRIBE d.c", "EXPLAIN SELECT a FROM c", "INSERT INTO t VALUES (@doc)", "SELECT a FROM b.in",
		`SELECT a AS "b c" FROM "d" "e f" ORDER BY "b c"`,
		`DELETE FROM "q" WHERE "s" <> 'x' AND NOT ("a"."b" = "c") /* d ' */;`,
		`SELECT value, order FROM t WHERE (a, b) NOT IN ((1, ?), ("c", 2)) -- e`,
		`UPDATE "t" SET id = "\"1\"", n = COALESCE(n, 0) + 1, a[0].b = undefined WHERE id = :1`,
		`INSERT INTO t AS x (a) VALUES (DEFAULT), ("[1]")`, "SELECT 1", "SELECT E'a', DATE '2026-01-02'",
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, known bool) {
		parsed, err := Parse(text, Options{Database: known})
		if err != nil {
			return
		}
		switch s := parsed.(type) {
		case *Select:
			checkSelect(t, s)
		case *Explain:
			checkSelect(t, s.Select)
		case *Insert:
			documents, err := s.Documents(someArgs(s.Parameters))
			for _, d := range documents {
				require.True(t, err != nil || json.Valid(d), "%s gives %s", text, d)
			}
		case *Update:
			checkMatching(t, &s.matching)
			operations, err := s.Operations(someArgs(s.Parameters))
			for _, o := range operations {
				require.True(t, err != nil || o.Op == "remove" || json.Valid(o.Value), "%s gives %s", text, o.Value)
			}
		case *Delete:
			checkMatching(t, &s.matching)
		case *CreateContainer:
			require.True(t, json.Valid(s.Properties), string(s.Properties))
		}
	})
}

func someArgs(ps Parameters) []Arg {
	args := make([]Arg, len(ps))
	for i, name := range ps {
		args[i] = Arg{Name: name[1:], Ordinal: i + 1, Value: json.RawMessage(`"7"`)}
	}
	return args
}

func checkSelect(t *testing.T, s *Select) {
	_, err := s.Bind(someArgs(s.Parameters))
	require.NoError(t, err)
	again, err := Parse(s.Text, Options{Database: true, Container: true})
	require.NoError(t, err, s.Text)
	require.Equal(t, s.Text, again.(*Select).Text)
	require.Equal(t, s.Columns, again.(*Select).Columns)
	require.ElementsMatch(t, s.Parameters, again.(*Select).Parameters)
}

func checkMatching(t *testing.T, m *matching) {
	args := someArgs(m.Parameters)
	if _, err := m.Bind(args); err != nil {
		require.ErrorContains(t, err, "an id is a string")
		return
	}
	text, _, err := m.Search(args, []string{"/pk"}, "x", true)
	require.NoError(t, err)
	checkValid(t, text, nosql.Parse)
	condition, err := m.Condition(args)
	require.NoError(t, err)
	_, err = nosql.ParseCondition(condition)
	require.NoError(t, err, condition)
	_, _, _, _ = m.Point(args, []string{"/pk"})
	if m.Returning != nil {
		require.True(t, json.Valid(m.Returning.Row(json.RawMessage(`{"id":"1","a":[1,{"b":2}]}`))))
	}
}

func checkValid(t *testing.T, text string, parse func(string, nosql.Dialect) (*nosql.Query, error)) {
	q, err := parse(text, nosql.Cosmos)
	require.NoError(t, err, text)
	require.NoError(t, nosql.Resolve(q), text)
}
