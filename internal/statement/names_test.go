package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What rows call their members and what the program sees differ only where an alias is in quotes.
func TestQuotedAliases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, sent string
		columns, names   []string
	}{
		{
			name:    "none",
			text:    "SELECT c.a AS x, c.b, 1 FROM c",
			sent:    "SELECT c.a AS x, c.b, 1 FROM c",
			columns: []string{"x", "b", "$1"},
			names:   []string{"x", "b", "$1"},
		},
		{
			name:    "one that could be bare",
			text:    `SELECT c.a AS "x" FROM c`,
			sent:    `SELECT c.a AS "x" FROM c`,
			columns: []string{"x"},
			names:   []string{"x"},
		},
		{
			name:    "a path, without AS, a reserved word",
			text:    `SELECT c.a.b AS "a.b", c.a.d AS "a.d", c.o AS "order" FROM c`,
			sent:    `SELECT c.a.b AS "a.b", c.a.d AS "a.d", c.o AS "order" FROM c`,
			columns: []string{"a.b", "a.d", "order"},
			names:   []string{"a.b", "a.d", "order"},
		},
		{
			name:    "the name is taken",
			text:    `SELECT c.a AS "a b", c.column1, c.x AS column1_ FROM c`,
			sent:    `SELECT c.a AS "a b", c.column1, c.x AS column1_ FROM c`,
			columns: []string{"a b", "column1", "column1_"},
			names:   []string{"a b", "column1", "column1_"},
		},
		{
			name:    "sorted by",
			text:    `SELECT c.a AS "the a" FROM c ORDER BY "the a" DESC`,
			sent:    `SELECT c.a AS "the a" FROM c ORDER BY c.a DESC`,
			columns: []string{"the a"},
			names:   []string{"the a"},
		},
		{
			name:    "with what is rewritten elsewhere",
			text:    `SELECT COUNT(*) AS "how many", id FROM c WHERE x IS NULL`,
			sent:    "SELECT COUNT(1) AS \"how many\", c.id FROM c WHERE NOT IS_DEFINED(c.x) OR IS_NULL(c.x)",
			columns: []string{"how many", "id"},
			names:   []string{"how many", "id"},
		},
		{
			name:    "hostile",
			text:    `SELECT c.a AS "x\" FROM d -- '\u0000" FROM c`,
			sent:    `SELECT c.a AS "x\" FROM d -- '\u0000" FROM c`,
			columns: []string{"x\" FROM d -- '\x00"},
			names:   []string{"x\" FROM d -- '\x00"},
		},
		{
			name: "a value has no name",
			text: "SELECT VALUE c.a FROM c",
			sent: "SELECT VALUE c.a FROM c",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parsed, err := Parse(c.text, database)
			require.NoError(t, err)
			s := parsed.(*Select)
			require.Equal(t, c.sent, s.Text)
			require.Equal(t, c.columns, s.Columns)
			require.Equal(t, c.names, s.Names)
		})
	}
}

func TestQuotedAliasesRefused(t *testing.T) {
	t.Parallel()
	_, err := Parse(`SELECT c.a AS "x y", c.b AS "x y" FROM c`, database)
	require.ErrorContains(t, err, "property name 'x y' specified more than once")
}

// An empty name would stand for what the connection knows: DROP CONTAINER "" for its database.
func TestEmptyNamesRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`SELECT * FROM ""`,
		`SELECT * FROM ""."t"`,
		`SELECT * FROM t ""`,
		`SELECT t.a AS "" FROM t`,
		`INSERT INTO "" (id) VALUES ('1')`,
		`INSERT INTO shop."" (id) VALUES ('1')`,
		`UPDATE "" SET a = 1 WHERE true`,
		`DELETE FROM "" WHERE true`,
		`DELETE FROM ""."t" WHERE true`,
		`CREATE DATABASE ""`,
		`CREATE CONTAINER "" PARTITION KEY (/a)`,
		`ALTER DATABASE "" WITH ru=400`,
		`ALTER CONTAINER "" WITH ru=400`,
		`DROP DATABASE ""`,
		`DROP CONTAINER ""`,
		`DROP CONTAINER IF EXISTS shop.""`,
		`DESCRIBE ""`,
		`SHOW CONTAINERS FROM ""`,
	} {
		for _, known := range []Options{nothing, database, container} {
			_, err := Parse(text, known)
			require.ErrorContains(t, err, "A name is not empty.", text)
		}
	}
	s, err := Parse(`INSERT INTO t ("", a."") VALUES (1, 2)`, database)
	require.NoError(t, err, "a property may have no name")
	documents, err := s.(*Insert).Documents(nil)
	require.NoError(t, err)
	require.Equal(t, `{"":1,"a":{"":2}}`, string(documents[0]))
}

// A source may have any name in quotes, and the last step of its path may be any word: it gets a plain one.
func TestSourcesWithOddNames(t *testing.T) {
	t.Parallel()
	for text, sent := range map[string]string{
		`SELECT "my-docs".id FROM "my-docs"`: `SELECT c.id FROM root AS c`,
		`SELECT "o p".id FROM orders "o p"`:  `SELECT c.id FROM orders AS c`,
		`SELECT "o p".id FROM "my orders" AS "o p" ` +
			`WHERE "o p".c = 1`: `SELECT c.id FROM root AS c WHERE c.c = 1`,
		`SELECT sku FROM orders.in`:                           `SELECT c.sku FROM orders["in"] AS c`,
		`SELECT sku FROM orders["order lines"]`:               `SELECT c.sku FROM orders["order lines"] AS c`,
		`SELECT c, "t t" FROM "my-docs" c JOIN "t t" IN c.ts`: `SELECT c, c1 FROM root AS c JOIN c1 IN c.ts`,
		`SELECT "t t".x FROM c JOIN "t t" IN c.ts`:            `SELECT c1.x FROM c JOIN c1 IN c.ts`,
		`SELECT "a b".x FROM (SELECT c.x FROM c) "a b"`:       `SELECT c1.x FROM (SELECT c.x FROM c) AS c1`,
		`SELECT id FROM "my-docs" WHERE EXISTS(SELECT 1 FROM t IN "my-docs".t)`: `SELECT c.id FROM root AS c ` +
			`WHERE EXISTS(SELECT 1 FROM t IN c.t)`,
	} {
		parsed, err := Parse(text, database)
		require.NoError(t, err, text)
		require.Equal(t, sent, parsed.(*Select).Text)
	}
}
