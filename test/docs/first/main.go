package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

func main() {
	dsn := os.Getenv("COSMOS_DSN") // AccountEndpoint=https://NAME.documents.azure.com:443/;AccountKey=…;Database=shop
	if dsn == "" {
		server := cosmostest.NewServer() // no account: a server within this program
		defer server.Close()
		dsn = server.DSN("shop")
	}
	db, err := sql.Open("cosmos", dsn)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	for _, statement := range []string{
		`CREATE DATABASE IF NOT EXISTS shop`,
		`CREATE CONTAINER IF NOT EXISTS products PARTITION KEY (/category)`,
		`UPSERT INTO products (id, category, name, price) VALUES
			('1', 'lamps', 'Desk lamp', 29.9), ('2', 'lamps', 'Torch', 9.5)`,
		`UPSERT INTO products (id, category, name, price) VALUES ('3', 'chairs', 'Stool', 49)`,
	} {
		if _, err := db.Exec(statement); err != nil {
			log.Fatal(err)
		}
	}

	rows, err := db.Query(`SELECT p.name, p.price FROM products p WHERE p.price < @p1 ORDER BY p.price`, 40)
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var price float64
		if err := rows.Scan(&name, &price); err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, price)
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
}
