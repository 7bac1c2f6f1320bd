// Command sqlx keeps Go structs in a container with jmoiron/sqlx, which needs nothing but the driver: named statements
// from structs, rows into structs, nested ones too. It runs against a server inside the program, or the database shop
// of the account that COSMOS_DSN names:
//
//	go run .
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/jmoiron/sqlx"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Getenv("COSMOS_DSN")); err != nil {
		fmt.Fprintln(os.Stderr, "sqlx:", err)
		os.Exit(1)
	}
}

// Person is a document. Columns have the names of its tags.
type Person struct {
	ID      string                `db:"id"`
	City    string                `db:"city"` // the partition key
	Age     *int                  `db:"age"`  // nil where it is null or missing
	Address Address               `db:"address"`
	Hobbies cosmos.JSON[[]string] `db:"hobbies"` // an array or object as one column
}

// Address is an object within a Person.
type Address struct {
	Street string `db:"street" json:"street"`
	Zip    string `db:"zip" json:"zip"`
}

// columns are those of a Person. Cosmos DB has no fixed columns: name what a struct has, since SELECT * brings whatever
// is in the documents. A column with a dot goes into the nested struct.
const columns = `p.id, p.city, p.age, p.hobbies, p.address.street AS "address.street", p.address.zip AS "address.zip"`

func run(ctx context.Context, out io.Writer, dsn string) error {
	if dsn == "" {
		srv := cosmostest.NewServer()
		defer srv.Close()
		dsn = srv.DSN("shop")
	}
	db, err := sqlx.ConnectContext(ctx, "cosmos", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, text := range []string{
		"CREATE DATABASE IF NOT EXISTS shop",
		"CREATE CONTAINER IF NOT EXISTS people PARTITION KEY (/city)",
	} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	if err := store(ctx, db); err != nil {
		return err
	}
	return errors.Join(one(ctx, db, out), several(ctx, db, out), change(ctx, db, out))
}

// store writes documents from structs. UPSERT, unlike INSERT, replaces one that is there.
func store(ctx context.Context, db *sqlx.DB) error {
	for _, p := range []Person{
		{"1", "Oslo", new(36), Address{"Karl Johans gate 1", "0154"},
			cosmos.JSON[[]string]{V: []string{"chess", "skiing"}}},
		{"2", "Oslo", nil, Address{"Torggata 2", "0181"}, cosmos.JSON[[]string]{}},
		{"3", "Rome", new(41), Address{"Via Appia 3", "00179"}, cosmos.JSON[[]string]{V: []string{"cooking"}}},
	} {
		_, err := db.NamedExecContext(ctx,
			"UPSERT INTO people (id, city, age, hobbies, address) VALUES (:id, :city, :age, :hobbies, :address)", p)
		if err != nil {
			return err
		}
	}
	return nil
}

// one reads a document by id and partition key, which is one request and no query.
func one(ctx context.Context, db *sqlx.DB, out io.Writer) error {
	var p Person
	err := db.GetContext(ctx, &p, "SELECT "+columns+" FROM people p WHERE p.id = ? AND p.city = ?", "1", "Oslo")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, p.ID, p.City, *p.Age, p.Address.Zip, p.Hobbies.V)
	return nil
}

// several reads many, over all partitions, with a list as an argument.
func several(ctx context.Context, db *sqlx.DB, out io.Writer) error {
	query, args, err := sqlx.In("SELECT "+columns+" FROM people p WHERE p.address.zip IN (?) ORDER BY p.id",
		[]string{"0181", "00179"})
	if err != nil {
		return err
	}
	var people []Person
	if err := db.SelectContext(ctx, &people, query, args...); err != nil {
		return err
	}
	for _, p := range people {
		fmt.Fprintln(out, p.ID, p.City, p.Age != nil, p.Address.Street)
	}
	// An option rides the context where sqlx has no room for it.
	var n int
	oslo := cosmos.WithOptions(ctx, cosmos.PartitionKey("Oslo"))
	if err := db.GetContext(oslo, &n, "SELECT VALUE COUNT(1) FROM people p"); err != nil {
		return err
	}
	fmt.Fprintln(out, n, "in Oslo")
	return nil
}

// change changes one document, and gets it back from the same statement.
func change(ctx context.Context, db *sqlx.DB, out io.Writer) error {
	rows, err := db.NamedQueryContext(ctx,
		`UPDATE people SET age = :age, address.street = :street WHERE id = :id AND city = :city RETURNING age, address`,
		map[string]any{"id": "2", "city": "Oslo", "age": 18, "street": "Torggata 20"})
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var changed struct {
			Age     int                  `db:"age"`
			Address cosmos.JSON[Address] `db:"address"`
		}
		if err := rows.StructScan(&changed); err != nil {
			return err
		}
		fmt.Fprintln(out, changed.Age, changed.Address.V.Street)
	}
	return rows.Err()
}
