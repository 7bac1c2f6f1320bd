package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSmoke(t *testing.T) {
	for _, q := range []string{
		"SELECT id, age FROM users WHERE age > ? AND city IS NULL LIMIT 10",
		`SELECT COUNT(*) FROM "my-orders" WHERE total <> ? AND NOT paid = true`,
		`SELECT "my-orders".id FROM "my-orders"`,
		`SELECT u.name AS n FROM shop.users u ORDER BY n LIMIT 5 OFFSET 2;`,
		`SELECT id FROM users WHERE EXISTS(SELECT VALUE t FROM t IN tags WHERE t = 'it''s')`,
		`SELECT COUNT(*) AS n FROM (SELECT DISTINCT city FROM users) t`,
		`SELECT c.id FROM c AS r`,
		`SELECT addr.city FROM users`,
		`SELECT id FROM users WHERE a = $1 AND b = :2 AND c = @3`,
		`SELECT c.order, c.value FROM c`,
		`SELECT a, b FROM`,
		`SELECT * FROM users WHERE x = ? AND y = @p1`,
	} {
		for _, o := range []Options{{}, {Database: true}, {Database: true, Container: true}} {
			s, err := Parse(q, o)
			if err != nil {
				t.Log(q, "=>", err)
				continue
			}
			sel := s.(*Select)
			t.Log(q, "=>", sel.Text, "|", sel.Database, sel.Container, sel.Columns, sel.Parameters)
		}
	}
	require.True(t, true)
}
