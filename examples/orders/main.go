// Command orders takes an order and its goods from the stock in one transaction, over two containers and as many
// partition keys as it takes, through database/sql and sqlx. With no arguments it runs on the in-process server;
// COSMOS_DSN names an account that is enabled for the preview of distributed transactions.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/jmoiron/sqlx"
)

func main() {
	log.SetFlags(0)
	dsn := os.Getenv("COSMOS_DSN")
	if dsn == "" {
		srv := cosmostest.NewServer(cosmostest.DistributedTransactions())
		defer srv.Close()
		dsn = srv.DSN("shop")
	}
	db, err := sqlx.Open("cosmos", dsn+";transactions=distributed")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := run(context.Background(), db); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, db *sqlx.DB) error {
	for _, text := range []string{
		"CREATE DATABASE IF NOT EXISTS shop",
		"CREATE CONTAINER IF NOT EXISTS shop.orders PARTITION KEY (/customer)",
		"CREATE CONTAINER IF NOT EXISTS shop.stock PARTITION KEY (/warehouse)",
		"UPSERT INTO shop.stock (id, warehouse, count) VALUES ('bolt', 'north', 5)",
		"UPSERT INTO shop.stock (id, warehouse, count) VALUES ('nut', 'south', 5)",
	} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	for i, count := range []int{3, 3} { // the second one is too much
		o := Order{ID: fmt.Sprint("order-", i+1), Customer: "ada", Count: count}
		err := Place(ctx, db, o)
		switch {
		case errors.Is(err, ErrSoldOut):
			fmt.Println(o.ID, "refused:", err)
		case err != nil:
			return err
		default:
			fmt.Println(o.ID, "placed")
		}
	}
	var left []struct {
		ID    string `db:"id"`
		Count int    `db:"count"`
	}
	if err := db.SelectContext(ctx, &left, "SELECT s.id, s.count FROM stock s ORDER BY s.id"); err != nil {
		return err
	}
	for _, l := range left {
		fmt.Println(l.ID, "left:", l.Count)
	}
	return nil
}

// Order is a set of bolts and nuts.
type Order struct {
	ID       string `db:"id"`
	Customer string `db:"customer"`
	Count    int    `db:"count"`
}

// ErrSoldOut is the error of an order for more than there is.
var ErrSoldOut = errors.New("sold out")

// Place takes the goods from both warehouses and stores the order: all of it, or nothing.
func Place(ctx context.Context, db *sqlx.DB, o Order) error {
	var err error
	for range 10 {
		// If somebody else took from the same stock meanwhile, nothing was done: look again.
		if err = tryPlace(ctx, db, o); !errors.Is(err, cosmos.ErrPreconditionFailed) {
			break
		}
	}
	return err
}

func tryPlace(ctx context.Context, db *sqlx.DB, o Order) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, at := range [][2]string{{"bolt", "north"}, {"nut", "south"}} {
		var count int
		// What is read here is a condition of what is written below: no update is lost.
		err := tx.GetContext(ctx, &count,
			"SELECT s.count FROM stock s WHERE s.id = ? AND s.warehouse = ?", at[0], at[1])
		if err != nil {
			return err
		}
		if count < o.Count {
			return fmt.Errorf("%w: %d of %d %s are left", ErrSoldOut, count, o.Count, at[0])
		}
		_, err = tx.ExecContext(ctx, "UPDATE stock SET count = ? WHERE id = ? AND warehouse = ?",
			count-o.Count, at[0], at[1])
		if err != nil {
			return err
		}
	}
	_, err = tx.NamedExecContext(ctx, "INSERT INTO orders (id, customer, count) VALUES (:id, :customer, :count)", o)
	if err != nil {
		return err
	}
	return tx.Commit()
}
