package cosmossql_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStandardSQL is what standard SQL means, on documents of which some have a property, some have null, and some lack
// it. docs/standard-sql.md says what each text is rewritten to.
func TestStandardSQL(t *testing.T) {
	t.Parallel()
	s := open(t, "",
		`{"id":"1","city":"London","name":"Ada","age":36,"nick":null,"tags":["math","x"],`+
			`"addr":{"zip":"W1"},"order":1}`,
		`{"id":"2","city":"Oslo","name":"Bo","age":41,"nick":"B","tags":[],"addr":{"zip":"0150"},"order":2}`,
		`{"id":"3","city":"Oslo","name":"Cy","age":null,"addr":null,"order":3}`,
		`{"id":"4","city":"Rome","name":"it's","tags":["x"],"order":4}`)
	s.create(t, "my-orders", "/id")
	s.exec(t, `INSERT INTO "my-orders" (id, "first name", total) VALUES ('a', 'Ada', 5)`)
	s.exec(t, `INSERT INTO my-orders (id, "first name", total) VALUES ('b', 'Bo', 7)`)
	for _, tt := range []struct {
		text string
		args []any
		want []string
	}{
		{text: "SELECT id, name FROM people WHERE age > 40", want: []string{"2 Bo"}},
		{text: "SELECT id AS key FROM people AS p WHERE age = ? OR age = ?", args: []any{36, 41},
			want: []string{"1", "2"}},
		{text: "SELECT p.id FROM people p WHERE nick IS NULL", want: []string{"1", "3", "4"}},
		{text: "SELECT id FROM people WHERE nick IS NOT NULL", want: []string{"2"}},
		{text: "SELECT id FROM people WHERE NOT nick IS NULL AND age > 0", want: []string{"2"}},
		{text: "SELECT id FROM people WHERE NOT (age IS NULL OR age < 40)", want: []string{"2"}},
		{text: "SELECT id FROM people p WHERE p.addr IS NULL", want: []string{"3", "4"}},
		{text: "SELECT id FROM people WHERE NOT age = 36", want: []string{"2", "3"}},
		{text: "SELECT id FROM people WHERE age <> 36", want: []string{"2", "3"}},
		{text: "SELECT COUNT(*) FROM people", want: []string{"4"}},
		{text: "SELECT COUNT(*) AS n, MIN(age) AS low, MAX(p.name) AS high FROM people p",
			want: []string{"4 <nil> it's"}},
		{text: "SELECT COUNT(*) FROM people WHERE age IS NULL", want: []string{"2"}},
		{text: "SELECT city, COUNT(*) AS n FROM people GROUP BY city", want: []string{"London 1", "Oslo 2", "Rome 1"}},
		{text: "SELECT DISTINCT city FROM people WHERE age IS NOT NULL", want: []string{"London", "Oslo"}},
		{text: "SELECT id FROM people ORDER BY name LIMIT 2", want: []string{"1", "2"}},
		{text: "SELECT id FROM people ORDER BY name DESC LIMIT 2 OFFSET 1", want: []string{"3", "2"}},
		{text: "SELECT id FROM people ORDER BY id LIMIT ? OFFSET ?", args: []any{1, 2}, want: []string{"3"}},
		{text: "SELECT name n FROM people ORDER BY n DESC LIMIT 1", want: []string{"it's"}},
		{text: `SELECT name AS "the name" FROM people ORDER BY "the name" LIMIT 1`, want: []string{"Ada"}},
		{text: "SELECT id FROM people WHERE name = 'it''s'", want: []string{"4"}},
		{text: "SELECT id FROM people WHERE name || '!' = 'Bo!'", want: []string{"2"}},
		{text: "SELECT id FROM people WHERE name LIKE 'A%' OR name IN ('Bo', 'x')", want: []string{"1", "2"}},
		{text: "SELECT id FROM people WHERE age BETWEEN ? AND ?", args: []any{30, 40}, want: []string{"1"}},
		{text: "SELECT id FROM people WHERE TRUE AND name = 'Ada'", want: []string{"1"}},
		{text: "SELECT id FROM people WHERE nick = NULL", want: []string{"1"}},
		{text: "SELECT people.order FROM people WHERE people.order >= 3", want: []string{"3", "4"}},
		{text: "SELECT p.id, t FROM people p JOIN t IN tags WHERE t <> 'x'", want: []string{"1 math"}},
		{text: "SELECT id FROM people WHERE EXISTS(SELECT VALUE t FROM t IN tags WHERE t = 'x')",
			want: []string{"1", "4"}},
		{text: "SELECT id, (SELECT COUNT(1) FROM t IN people.tags) AS n FROM people WHERE id = '1'",
			want: []string{`1 {"$1":2}`}},
		{text: `SELECT o.id, o["first name"] FROM "my-orders" o WHERE o.total > 5`, want: []string{"b Bo"}},
		{text: `SELECT "my-orders".id FROM "my-orders" WHERE total < ?`, args: []any{6}, want: []string{"a"}},
		{text: "SELECT CROSS PARTITION * FROM c WHERE c.id = :1 WITH db=shop WITH table=my-orders", args: []any{"a"},
			want: []string{"a Ada 5"}},
		{text: "SELECT id FROM people -- the rest is a comment: WHERE false\nWHERE id = '2'", want: []string{"2"}},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got := s.query(t, tt.text, tt.args...)
			require.ElementsMatch(t, tt.want, got)
			stmt, err := s.db.PrepareContext(t.Context(), tt.text)
			require.NoError(t, err)
			defer stmt.Close()
			rows, err := stmt.QueryContext(t.Context(), tt.args...)
			require.NoError(t, err)
			again, err := read(rows)
			require.NoError(t, err)
			require.ElementsMatch(t, tt.want, again)
		})
	}
	require.Equal(t, []string{"3", "2"}, s.query(t, "SELECT id FROM people ORDER BY name DESC LIMIT 2 OFFSET 1"),
		"in this order")
}
