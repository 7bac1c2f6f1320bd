package cosmossql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

// openShop opens a database on a server inside the program; a real account has a DSN from the portal.
func openShop() (db *sql.DB, done func()) {
	srv := cosmostest.NewServer()
	db, err := sql.Open("cosmos", srv.DSN("shop")+";ScanAhead=0")
	if err != nil {
		log.Fatal(err)
	}
	for _, text := range []string{
		"CREATE DATABASE shop",
		"CREATE CONTAINER orders PARTITION KEY (/customer)",
		"INSERT INTO orders (id, customer, total, lines) VALUES ('1', 'C-7', 12.5, ['tea', 'milk'])",
		"INSERT INTO orders (id, customer, total, lines) VALUES ('2', 'C-7', 30, ['sugar'])",
		"INSERT INTO orders (id, customer, total) VALUES ('3', 'C-8', 99)",
	} {
		if _, err := db.Exec(text); err != nil {
			log.Fatal(err)
		}
	}
	return db, func() {
		db.Close()
		srv.Close()
	}
}

func Example() {
	db, done := openShop()
	defer done()

	rows, err := db.Query("SELECT o.id, o.total, o.lines FROM orders o WHERE o.customer = @p1 ORDER BY o.total DESC",
		"C-7")
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var total float64
		var lines cosmos.JSON[[]string]
		if err := rows.Scan(&id, &total, &lines); err != nil {
			log.Fatal(err)
		}
		fmt.Println(id, total, lines.V)
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 2 30 [sugar]
	// 1 12.5 [tea milk]
}

// Options stand among the arguments; what a query did is collected through its context.
func Example_options() {
	db, done := openShop()
	defer done()

	var st cosmos.Stats
	ctx := cosmos.WithStats(context.Background(), &st)
	var n int
	err := db.QueryRowContext(ctx, "SELECT VALUE COUNT(1) FROM orders o WHERE o.total > @p1",
		cosmos.PartitionKey("C-7"), 10).Scan(&n)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "orders,", st.Snapshot().Pages, "page")
	// Output: 2 orders, 1 page
}

// A transaction is a batch: nothing is sent before Commit, and then all or none is done.
func Example_transaction() {
	db, done := openShop()
	defer done()

	tx, err := db.Begin()
	if err != nil {
		log.Fatal(err)
	}
	defer tx.Rollback()
	for _, text := range []string{
		"UPDATE orders SET total = total + 5 WHERE id = '1' AND customer = 'C-7'",
		"INSERT INTO orders (id, customer) VALUES ('2', 'C-7')",
	} {
		if _, err := tx.Exec(text); err != nil {
			log.Fatal(err)
		}
	}
	err = tx.Commit()
	var batch *cosmos.BatchError
	if errors.As(err, &batch) {
		fmt.Println("operation", batch.Index, "failed:", errors.Is(err, cosmos.ErrConflict))
	}
	var total float64
	if err := db.QueryRow("SELECT VALUE o.total FROM orders o WHERE o.id = '1'").Scan(&total); err != nil {
		log.Fatal(err)
	}
	fmt.Println("total is still", total)
	// Output:
	// operation 1 failed: true
	// total is still 12.5
}

// The client beneath a *sql.DB does what SQL has no words for.
func ExampleConn_CosmosClient() {
	db, done := openShop()
	defer done()

	conn, err := db.Conn(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		orders := c.(*cosmossql.Conn).CosmosClient().Database("shop").Container("orders")
		r, err := orders.ReadItem(context.Background(), "3", cosmos.PartitionKey("C-8"))
		if err != nil {
			return err
		}
		var order struct{ Total float64 }
		if err := r.Decode(&order); err != nil {
			return err
		}
		fmt.Println(order.Total)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: 99
}

// SELECT * learns its columns from what it reads ahead, here a page of one document. A field that comes later is an
// error, not a loss.
func ExampleColumnsChangedError() {
	db, done := openShop()
	defer done()
	if _, err := db.Exec("INSERT INTO orders (id, customer, note) VALUES ('4', 'C-8', 'ring twice')"); err != nil {
		log.Fatal(err)
	}

	ctx := cosmos.WithOptions(context.Background(), cosmos.PartitionKey("C-8"), cosmos.PageSize(1))
	rows, err := db.QueryContext(ctx, "SELECT * FROM orders o")
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		fmt.Println("a row")
	}
	var changed *cosmossql.ColumnsChangedError
	if errors.As(rows.Err(), &changed) {
		fmt.Printf("document %s has a field %s\n", changed.DocumentID, changed.Field)
	}
	// Output:
	// a row
	// document 4 has a field note
}

// What is in a container: a row for each path in its documents.
func Example_describeSample() {
	srv := cosmostest.NewServer(cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{{
		ID: "orders", PartitionKey: []string{"/customer"}, Documents: []any{
			map[string]any{"id": "1", "customer": "ada", "total": 5, "tags": []string{"new"}},
			map[string]any{"id": "2", "customer": "ada", "total": nil},
		},
	}}}))
	defer srv.Close()
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("DESCRIBE orders SAMPLE 1000")
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var path, types, example string
		var documents, nulls int
		var percent float64
		if err := rows.Scan(&path, &types, &documents, &percent, &nulls, &example); err != nil {
			log.Fatal(err)
		}
		fmt.Println(path, types, documents, nulls, example)
	}
	// Output:
	// c.customer string 2 0 "ada"
	// c.id string 2 0 "1"
	// c.tags array 1 0 ["new"]
	// c.tags[] string 1 0 "new"
	// c.total number 2 1 5
}
