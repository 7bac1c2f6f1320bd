package driver_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
)

func ExampleParseDSN() {
	cfg, err := driver.ParseDSN(
		"AccountEndpoint=https://shop.documents.azure.com:443/;AccountKey=c2VjcmV0;Database=orders;PageSize=500")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cfg.Endpoint, cfg.Database, cfg.PageSize)
	fmt.Println(cfg)
	_, err = driver.ParseDSN("cosmos://shop.documents.azure.com/orders?pagesize=all")
	fmt.Println(err)
	// Output:
	// https://shop.documents.azure.com:443/ orders 500
	// cosmos://xxxxx@shop.documents.azure.com:443/orders?page_size=500
	// cosmos: DSN: option "pagesize": "all" is not a whole number from 1 up
}

// A Config put together in code needs no DSN.
func ExampleOpenConnector() {
	srv := cosmostest.NewServer()
	defer srv.Close()

	c, err := driver.OpenConnector(driver.Config{Endpoint: srv.Endpoint(), Key: srv.Key(), Database: "shop"})
	if err != nil {
		log.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	fmt.Println(db.Ping())
	// Output: <nil>
}

// A client made first and the statements share connections and sessions.
func ExampleNewConnector() {
	srv := cosmostest.NewServer()
	defer srv.Close()
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := client.CreateDatabase(context.Background(), "shop"); err != nil {
		log.Fatal(err)
	}

	db := sql.OpenDB(driver.NewConnector(client, driver.Config{Database: "shop"}))
	defer db.Close()
	if _, err := db.Exec("CREATE CONTAINER people PARTITION KEY (/id)"); err != nil {
		log.Fatal(err)
	}
	var id string
	if err := db.QueryRow("INSERT INTO people (id, name) VALUES (?, ?) RETURNING id", "1", "Ada").
		Scan(&id); err != nil {
		log.Fatal(err)
	}
	r, err := client.Database("shop").Container("people").ReadItem(context.Background(), id)
	if err != nil {
		log.Fatal(err)
	}
	var person struct{ Name string }
	if err := r.Decode(&person); err != nil {
		log.Fatal(err)
	}
	fmt.Println(person.Name)
	// Output: Ada
}
