package cosmossql_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// RETURNING makes a statement a query: here for the id that the driver has given, and the ETag.
func Example_returning() {
	db, done := openShop()
	defer done()

	var id, etag string
	err := db.QueryRow("INSERT INTO orders (customer, total) VALUES (?, ?) RETURNING id, _etag", "C-9", 5).
		Scan(&id, &etag)
	if err != nil {
		log.Fatal(err)
	}
	var total int
	err = db.QueryRow("UPDATE orders SET total = total + 1 WHERE id = ? AND customer = ? RETURNING total", id, "C-9").
		Scan(&total)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(id), etag != "", total)
	// Output: 36 true 6
}

// Optimistic concurrency: an order is changed only as it was read.
func Example_etag() {
	db, done := openShop()
	defer done()

	var etag string
	if err := db.QueryRow("SELECT o._etag FROM orders o WHERE o.id = '1' AND o.customer = 'C-7'").
		Scan(&etag); err != nil {
		log.Fatal(err)
	}
	// somebody else
	if _, err := db.Exec("UPDATE orders SET total = 1 WHERE id = '1' AND customer = 'C-7'"); err != nil {
		log.Fatal(err)
	}

	// As a condition: no row is affected.
	r, err := db.Exec("UPDATE orders SET total = 2 WHERE id = '1' AND customer = 'C-7' AND _etag = ?", etag)
	if err != nil {
		log.Fatal(err)
	}
	n, _ := r.RowsAffected()
	fmt.Println(n, "rows")

	// As an option: an error.
	_, err = db.Exec("UPDATE orders SET total = 2 WHERE id = '1' AND customer = 'C-7'", cosmos.IfMatch(etag))
	fmt.Println(errors.Is(err, cosmos.ErrPreconditionFailed))
	// Output:
	// 0 rows
	// true
}

// Objects, arrays and times scan into cosmos.JSON, and are arguments as they are.
func Example_json() {
	db, done := openShop()
	defer done()

	type address struct {
		City string `json:"city"`
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	_, err := db.Exec("UPDATE orders SET ship = ?, at = ?, tags = ? WHERE id = '1' AND customer = 'C-7'",
		address{"Oslo"}, at, []string{"new"})
	if err != nil {
		log.Fatal(err)
	}
	var ship cosmos.JSON[address]
	var when cosmos.JSON[time.Time]
	var tags, none cosmos.JSON[[]string]
	err = db.QueryRow("SELECT o.ship, o.at, o.tags, o.nothing FROM orders o WHERE o.id = '1'").
		Scan(&ship, &when, &tags, &none)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ship.V.City, when.V, tags.V, none.V == nil)
	// Output: Oslo 2026-01-02 02:04:05 +0000 UTC [new] true
}

// EXPLAIN is a query whose rows say how another one is executed.
func Example_explain() {
	db, done := openShop()
	defer done()

	rows, err := db.QueryContext(
		context.Background(),
		"EXPLAIN SELECT * FROM orders o WHERE o.customer = 'C-7' AND o.total > 10",
	)
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			log.Fatal(err)
		}
		fmt.Println(line)
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// access: one partition
	// target: partition key ["C-7"]
	// stage 1: pages of one logical partition
	// query: SELECT * FROM orders o WHERE o.customer = 'C-7' AND o.total > 10
}
