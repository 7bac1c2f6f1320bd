package console_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/test/programs/console"
)

type shell struct {
	t *testing.T
	console.Runner
}

func open(t *testing.T) shell {
	srv := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop"}))
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	s := shell{t, console.New(db, 3)}
	s.run("CREATE CONTAINER goods PARTITION KEY (/kind)")
	s.run(`-- three at once
		INSERT INTO goods (id, kind, price, tags)
		VALUES ('1', 'bolt', 0.5, ['a']), ('2', 'bolt', 2, ['RETURNING']), ('3', 'bolt', null, [])`)
	s.run("INSERT INTO goods VALUES (@doc)", sql.Named("doc",
		map[string]any{"id": "4", "kind": "nut", "note": "two\nlines", "ok": true}))
	return s
}

func (s shell) run(statement string, parameters ...any) *console.Result {
	s.t.Helper()
	r := s.Run(s.t.Context(), statement, parameters...)
	require.NoError(s.t, r.Err, statement)
	return r
}

// column is one column of a result as text.
func column(r *console.Result, name string) (values []any) {
	for i, c := range r.Columns {
		for _, row := range r.Rows {
			if c.Name == name {
				values = append(values, row[i])
			}
		}
	}
	return values
}

func TestSelect(t *testing.T) {
	s := open(t)
	r := s.run("/* all of\nthem */ SELECT id, price, tags, note, ok FROM goods WHERE kind = @kind ORDER BY id",
		sql.Named("kind", "bolt"))
	require.Equal(t, []console.Column{
		{"id", "STRING"}, {"price", "NUMBER"}, {"tags", "ARRAY"}, {"note", "ANY"}, {"ok", "ANY"}}, r.Columns)
	require.Equal(t, []any{"1", 0.5, []byte(`["a"]`), nil, nil}, r.Rows[0])
	require.Positive(t, r.Charge)
	require.False(t, r.More)

	r = s.run("SELECT * FROM goods")
	require.Len(t, r.Rows, 3)
	require.True(t, r.More)
	require.Equal(t, []any{int64(4)}, s.run("SELECT VALUE COUNT(1) FROM goods").Rows[0])
	r = s.run("SELECT g.kind, COUNT(1) AS n FROM goods g GROUP BY g.kind ORDER BY g.kind")
	require.Equal(t, []any{"bolt", "nut"}, column(r, "kind"))
	empty := s.run("SELECT id, price FROM goods WHERE price > 100")
	require.Empty(t, empty.Rows)
	require.Len(t, empty.Columns, 2)
}

func TestWrite(t *testing.T) {
	s := open(t)
	for _, test := range []struct {
		statement string
		affected  int64
		rows      int
	}{
		{"UPDATE goods SET price = 3 WHERE kind = 'bolt'", 3, 0},
		{"UPDATE goods SET note = 'RETURNING' WHERE id = '1' AND kind = 'bolt'", 1, 0},
		{"UPDATE goods SET price = price + 1 WHERE id = '1' AND kind = 'bolt' RETURNING price, _etag", 0, 1},
		{"UPSERT INTO goods (id, kind) VALUES ('9', 'nail') returning *", 0, 1},
		{"DELETE FROM goods WHERE id = 'none' AND kind = 'bolt'", 0, 0},
		{"DELETE FROM goods WHERE true", 5, 0},
		{"ALTER CONTAINER goods WITH (ttl = 60)", 1, 0},
		{"DROP CONTAINER goods", 1, 0},
		{"CREATE DATABASE IF NOT EXISTS shop", 0, 0},
	} {
		r := s.run(test.statement)
		require.Equal(t, test.affected, r.Affected, test.statement)
		require.Len(t, r.Rows, test.rows, test.statement)
		require.Positive(t, r.Requests, test.statement)
	}
}

func TestLookAround(t *testing.T) {
	s := open(t)
	require.Equal(t, []any{"shop"}, column(s.run("LIST DATABASES"), "id"))
	require.Equal(t, []any{"goods"}, column(s.run("SHOW CONTAINERS FROM shop"), "id"))
	require.Equal(t, []any{"goods"}, column(s.run("LIST CONTAINERS"), "id"))
	described := s.run("DESCRIBE goods")
	require.Contains(t, printed(t, described), "partitionKey")
	require.Contains(t, printed(t, described), `["/kind"]`)
	require.Contains(t, printed(t, s.run("DESCRIBE DATABASE shop")), "shop")
	plan := printed(t, s.run("EXPLAIN SELECT id FROM goods WHERE price > ? ORDER BY price", 1))
	require.Contains(t, plan, "planned")
	plan = printed(t, s.run("EXPLAIN ANALYZE SELECT id FROM goods WHERE kind = 'bolt'"))
	require.Contains(t, plan, "one partition")
	require.Contains(t, plan, "3 rows")
}

func TestErrors(t *testing.T) {
	s := open(t)
	for statement, says := range map[string]string{
		"":                                  "unexpected end-of-file",
		"SELEC 1":                           "SELEC",
		"SELECT id FROM goods WHERE":        "end-of-file",
		"SELECT id FROM nothere":            "nothere",
		"DELETE FROM goods":                 "WHERE true",
		"SELECT id FROM goods WHERE a = @b": "@b",
		"INSERT INTO goods (id, kind) VALUES ('1', 'bolt')": "409",
		"DESCRIBE nothere": "nothere",
		"UPDATE goods SET kind = 'x' WHERE id = '1' AND kind = 'bolt'": "partition key",
	} {
		r := s.Run(t.Context(), statement)
		require.ErrorContains(t, r.Err, says, statement)
		require.Contains(t, printed(t, r), "error: "+r.Err.Error())
	}
	r := s.Run(t.Context(), "INSERT INTO goods (id, kind) VALUES ('1', 'bolt')")
	require.ErrorIs(t, r.Err, cosmos.ErrConflict)
	require.Positive(t, r.Charge, "what fails costs, too")
}

func printed(t *testing.T, r *console.Result) string {
	t.Helper()
	var text strings.Builder
	require.NoError(t, r.Print(&text))
	return text.String()
}

func TestPrint(t *testing.T) {
	s := open(t)
	require.Regexp(t, `(?s)^id +price +tags +note +ok
string +any +any +string +boolean
4 +null +null +"two\\nlines" +true
1 rows \(\d+\.\d\d RU, \d+ requests\)
$`, printed(t, s.run("SELECT id, price, tags, note, ok FROM goods WHERE kind = 'nut'")))
	deleted := s.run("DELETE FROM goods WHERE id = '4' AND kind = 'nut'")
	require.Regexp(t, `^1 affected \(\d+\.\d\d RU, \d+ requests\)\n$`, printed(t, deleted))
	require.Contains(t, printed(t, s.run("SELECT * FROM c", cosmos.InContainer("goods"))), "3 rows")
}
