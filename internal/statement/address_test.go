package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSelectAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text      string
		known           Options
		db, coll, wants string // wants "" for the text itself
	}{
		{
			name:  "container known",
			text:  "SELECT * FROM orders o",
			known: container,
		},
		{
			name:  "container known: a path",
			text:  "SELECT * FROM orders.items",
			known: container,
		},
		{
			name:  "container known: quoted",
			text:  `SELECT o.id FROM "my-orders" o`,
			known: container,
			wants: "SELECT o.id FROM root AS o",
		},
		{
			name:  "database known",
			text:  "SELECT * FROM orders o",
			known: database,
			coll:  "orders",
		},
		{
			name:  "database known: a path",
			text:  "SELECT * FROM orders.items",
			known: database,
			coll:  "orders",
		},
		{
			name:  "database known: elements",
			text:  "SELECT VALUE i FROM i IN orders.items",
			known: database,
			coll:  "orders",
		},
		{
			name:  "database known: quoted",
			text:  `SELECT * FROM "my-orders"`,
			known: database,
			coll:  "my-orders",
			wants: "SELECT * FROM root AS c",
		},
		{
			name:  "database known: derived table",
			text:  "SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE o.a FROM orders o)",
			known: database,
			coll:  "orders",
		},
		{
			name:  "database known: no alias outside",
			text:  "SELECT VALUE ARRAY(SELECT VALUE o.id FROM o)",
			known: database,
			coll:  "o",
		},
		{
			name:  "the new alias is new",
			text:  `SELECT c, "my-c".a FROM "my-c" JOIN c IN "my-c".cs`,
			known: database,
			coll:  "my-c",
			wants: "SELECT c, c1.a FROM root AS c1 JOIN c IN c1.cs",
		},
		{
			name:  "nothing known",
			text:  "SELECT orders.id FROM shop.orders",
			known: nothing,
			db:    "shop",
			coll:  "orders",
			wants: "SELECT orders.id FROM orders",
		},
		{
			name:  "nothing known: alias",
			text:  "SELECT o.id FROM shop.orders o",
			known: nothing,
			db:    "shop",
			coll:  "orders",
			wants: "SELECT o.id FROM orders AS o",
		},
		{
			name:  "nothing known: a path",
			text:  "SELECT items FROM shop.orders.items",
			known: nothing,
			db:    "shop",
			coll:  "orders",
			wants: "SELECT items FROM orders.items",
		},
		{
			name:  "nothing known: quoted",
			text:  `SELECT o.id FROM shop."my-orders" o`,
			known: nothing,
			db:    "shop",
			coll:  "my-orders",
			wants: "SELECT o.id FROM root AS o",
		},
		{
			name:  "nothing known: quoted, as the printer has it",
			text:  `SELECT o.id FROM "shop"["my-orders"] AS o`,
			known: nothing,
			db:    "shop",
			coll:  "my-orders",
			wants: "SELECT o.id FROM root AS o",
		},
		{
			name:  "nothing known: elements",
			text:  `SELECT VALUE i FROM i IN shop.orders.items`,
			known: nothing,
			db:    "shop",
			coll:  "orders",
			wants: "SELECT VALUE i FROM i IN orders.items",
		},
		{
			name:  "nothing known: no database",
			text:  "SELECT * FROM orders",
			known: nothing,
			coll:  "orders",
		},
		{
			name:  "no FROM",
			text:  "SELECT 1",
			known: database,
		},
		{
			name:  "gocosmos names both",
			text:  "SELECT * FROM c WITH database=my-db, WITH collection=t1",
			known: nothing,
			db:    "my-db",
			coll:  "t1",
			wants: "SELECT * FROM c",
		},
		{
			name:  "gocosmos names both, and wins",
			text:  "SELECT * FROM c WITH db=d WITH table=t",
			known: container,
			db:    "d",
			coll:  "t",
			wants: "SELECT * FROM c",
		},
		{
			name:  "gocosmos names the container",
			text:  "SELECT * FROM c WITH table=t",
			known: database,
			coll:  "t",
			wants: "SELECT * FROM c",
		},
		{
			name:  "gocosmos names the database",
			text:  "SELECT u.id FROM users u WHERE u.id=\"1\" WITH db=d WITH CrossPartition",
			known: container,
			db:    "d",
			coll:  "users",
			wants: `SELECT u.id FROM users u WHERE u.id="1"`,
		},
		{
			name:  "gocosmos names only that it crosses",
			text:  "SELECT  CROSS  PARTITION\n* FROM shop.t;",
			known: nothing,
			db:    "shop",
			coll:  "t",
			wants: "SELECT * FROM t",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parsed, err := Parse(c.text, c.known)
			require.NoError(t, err)
			s := parsed.(*Select)
			require.Equal(t, c.db, s.Database)
			require.Equal(t, c.coll, s.Container)
			if c.wants == "" {
				c.wants = c.text
			}
			require.Equal(t, c.wants, s.Text)
		})
	}
}
