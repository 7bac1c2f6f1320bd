package gocosmos_test

import (
	"database/sql"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/microsoft/gocosmos"
	"github.com/stretchr/testify/require"
)

// forms are texts of every shape that gocosmos's grammar has.
var forms = []string{
	"CREATE DATABASE shop",
	"create database if not exists my-shop_1",
	"CREATE DATABASE shop WITH ru=400",
	"CREATE DATABASE IF\nNOT\tEXISTS shop\r\nWITH MAXRU=4000",
	"ALTER DATABASE my-shop_1 WITH ru=500",
	"ALTER DATABASE shop\twith maxRU=4000",
	"DROP DATABASE shop",
	"drop database IF EXISTS my-shop_1",
	"LIST DATABASES",
	"list database",

	"CREATE COLLECTION shop.orders WITH pk=/customer",
	"CREATE TABLE my-orders WITH PK=/address/city",
	"CREATE COLLECTION IF NOT EXISTS shop.my-orders WITH pk=/tenant,/user,/session",
	"CREATE COLLECTION orders WITH largepk=/customer",
	"CREATE COLLECTION orders WITH pk=/id WITH ru=400",
	"CREATE TABLE orders WITH pk=/id, WITH maxru=4000",
	"CREATE COLLECTION orders WITH pk=/id , WITH uk=/number",
	"CREATE COLLECTION orders WITH uk=/number:/a/b,/c;/d WITH pk=/id WITH ru=400",
	"ALTER COLLECTION shop.orders WITH ru=500",
	"ALTER TABLE orders WITH maxru=4000",
	"DROP COLLECTION shop.orders",
	"DROP TABLE IF EXISTS my-orders",
	"LIST COLLECTIONS",
	"LIST COLLECTION FROM my-shop_1",
	"list tables from shop",
	"LIST TABLE",

	`INSERT INTO shop.orders (id, n) VALUES (:1, 2)`,
	`INSERT INTO my-orders (a,b,c,d,e,f) VALUES ($1, @2, :3, null, true, false)`,
	`INSERT INTO orders(a,b,c) VALUES(-1.5e3,0.25,NULL)`,
	`INSERT INTO orders (a, b) VALUES ("\"a text, with commas and 'quotes'\"", "\"a \\\"quoted\\\" text\"")`,
	`INSERT INTO orders (a, b) VALUES ("{\"k\": {\"l\": [1, null]}}", "[true, \"x\", {\"y\": -1}]")`,
	`INSERT INTO orders (a, b) VALUES (:2, :2) WITH pk=/a`,
	`INSERT INTO orders (a, b) VALUES (:1, :2) WITH PK=/a,/b`,
	`INSERT INTO orders (a, b) VALUES (:1, :2) WITH singlePK`,
	`INSERT INTO orders (a, b) VALUES (:1, :2) WITH SINGLE_PK=true`,
	`INSERT INTO table (my-field, other_1) VALUES (1, 2)`,
	`UPSERT INTO shop.orders (id, a) VALUES (:1, @2)`,
	`upsert into orders (id) values ($1) with pk=/id`,

	`UPDATE shop.orders SET a=1 WHERE id=:1`,
	`UPDATE orders SET a=:1, b = "\"text\"", c="[1]", d=null,e=true WHERE id=@2 AND customer=$3`,
	`update orders set my-field=:1 where id="\"x\"" and tenant=1 and user=true`,
	`UPDATE orders SET a=:1 WHERE id=:2 WITH singlepk`,
	`DELETE FROM shop.orders WHERE id=:1`,
	`DELETE FROM my-orders WHERE id=@1 AND customer=$2`,
	`delete from orders where id="\"x\"" and tenant="\"y\"" and n=1.5`,
	`DELETE FROM orders WHERE id=:1 WITH SINGLE_PK`,

	`SELECT * FROM orders`,
	`SELECT * FROM c WITH database=shop WITH collection=my-orders`,
	`SELECT * FROM c WITH db=shop, WITH table=orders`,
	`SELECT CROSS PARTITION * FROM orders o WHERE o.n>@1`,
	"select cross\npartition c.a, c.b from c where c.a=:1 and c.b in ($2, @3) with table=orders",
	`SELECT c.id FROM orders c WITH cross_partition=true`,
	`SELECT c.id FROM orders c WITH CrossPartition WITH db=shop`,
	`SELECT DISTINCT VALUE o.city FROM orders o WITH db=my-shop_1`,
	`SELECT CROSS PARTITION o.city, COUNT(1) AS n FROM orders o GROUP BY o.city`,
	`SELECT TOP 3 o.id FROM orders o WHERE o.customer="ann" ORDER BY o.n DESC`,
	`SELECT CROSS PARTITION o.id FROM orders o ORDER BY o.n OFFSET 5 LIMIT 3`,
}

// TestForms parses each form by gocosmos and prepares it by our driver.
func TestForms(t *testing.T) {
	db := open(t)
	for _, text := range forms {
		_, err := gocosmos.ParseQueryWithDefaultDb(nil, "shop", text)
		require.NoError(t, err, "gocosmos: %s", text)
		stmt, err := db.PrepareContext(t.Context(), text)
		require.NoError(t, err, text)
		require.NoError(t, stmt.Close())
	}
}

// TestRefused is what gocosmos takes and we do not: the error says what to write instead.
func TestRefused(t *testing.T) {
	db := open(t)
	for _, tt := range []struct {
		name, text string
		args       []any
		want       string
	}{
		{"a number in quotes", `INSERT INTO orders (a) VALUES ("123")`, nil,
			`write '123' for the text, 123 for the other`},
		{"a text without quotes", `INSERT INTO orders (a) VALUES (abc)`, nil, `or written 'abc' for a text`},
		{"a text without quotes to set", `UPDATE orders SET a=abc WHERE id=:1`, []any{"1"},
			`or written 'abc' for a text`},
		{"an id that is a number", `DELETE FROM orders WHERE id=1 AND customer=:1`, []any{"x"}, `write '1'`},
		{"two too many arguments", `DELETE FROM orders WHERE id=:1`, []any{"1", "x", "y"}, "argument 2 is not used"},
		{"another partition key behind the arguments", `DELETE FROM orders WHERE id=:1 AND customer=:2`,
			[]any{"1", "x", "y"}, `the partition key is ["x"], but`},
		{"another partition key than the document's", `INSERT INTO orders (id, customer) VALUES (:1, :2)`,
			[]any{"1", "x", "y"}, `is ["x"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := gocosmos.ParseQueryWithDefaultDb(nil, "shop", tt.text)
			require.NoError(t, err)
			_, err = db.ExecContext(t.Context(), tt.text, tt.args...)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// TestKeyBehindTheArguments: the value of the partition key is one argument more than there are placeholders.
func TestKeyBehindTheArguments(t *testing.T) {
	db := open(t)
	for _, tt := range []struct {
		text string
		args []any
		want int64
	}{
		{`INSERT INTO orders (id, customer, n) VALUES (:1, :2, :3)`, []any{"1", "ann", 1, "ann"}, 1},
		{`UPSERT INTO orders (id, customer, n) VALUES ($1, $2, $3)`, []any{"2", "ann", 1, "ann"}, 1},
		{`INSERT INTO orders (id, customer, n) VALUES (@1, @2, @3)`, []any{"1", "bob", 1, "bob"}, 1},
		{`UPDATE orders SET n=:1 WHERE id=:2`, []any{2, "1", "ann"}, 1},
		{`UPDATE orders SET n=:1 WHERE id=:2 AND customer=:3`, []any{3, "1", "ann", "ann"}, 1},
		{`UPDATE orders SET id=:1, customer=:2, n=:3 WHERE id=:1`, []any{"1", "ann", 4, "ann"}, 1},
		{`DELETE FROM orders WHERE id=:1`, []any{"1", "nobody"}, 0},
		{`DELETE FROM orders WHERE id=:1`, []any{"1", "bob"}, 1},
	} {
		r, err := db.ExecContext(t.Context(), tt.text, tt.args...)
		require.NoError(t, err, tt.text)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.Equal(t, tt.want, n, tt.text)
	}
	var n int
	require.NoError(t,
		db.QueryRowContext(t.Context(), "SELECT o.n FROM orders o WHERE o.id = '1' AND o.customer = 'ann'").Scan(&n))
	require.Equal(t, 4, n, "each stayed in one partition")
}

func open(t *testing.T) *sql.DB {
	t.Helper()
	srv := cosmostest.RunT(t)
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	for _, text := range []string{"CREATE DATABASE shop", "CREATE CONTAINER orders PARTITION KEY (/customer)"} {
		_, err := db.ExecContext(t.Context(), text)
		require.NoError(t, err)
	}
	return db
}
