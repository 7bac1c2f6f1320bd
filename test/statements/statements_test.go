// Package statements tests SQL as people and libraries type it: what it selects, what it changes, and which advice it
// gets. internal/statement/testdata/foreign.txt has the part that Cosmos DB does not understand.
package statements

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

var documents = []string{
	`{"id":"1","city":"London","name":"Ada","age":36,"nick":null,"tags":["math","x"],"addr":{"zip":"W1","city":"L"},` +
		`"active":true}`,
	`{"id":"2","city":"Oslo","name":"Bo","age":41,"nick":"B","tags":[],"addr":{"zip":"0150"},"active":false}`,
	`{"id":"3","city":"Oslo","name":"Cy","age":null,"addr":null}`,
	`{"id":"4","city":"Rome","name":"it's","tags":["x"],"order":4,"value":5}`,
	`{"id":"5","city":"Rome","name":"50%","age":20.5}`,
	`{"id":"6","city":"Oslo","name":"active"}`,
}

// open is a server with the documents in shop.people, partitioned by /city, and two in shop.my-orders, by /id.
func open(t *testing.T) *sql.DB {
	t.Helper()
	srv := cosmostest.RunT(t, cosmostest.Partitions(3), cosmostest.WithoutCompositeIndexes())
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	for _, text := range []string{
		"CREATE DATABASE shop", "CREATE CONTAINER people PARTITION KEY (/city)",
		"CREATE CONTAINER my-orders PARTITION KEY (/id)",
		`INSERT INTO "my-orders" (id, "first name", total) VALUES ('a', 'Ada', 5)`,
		`INSERT INTO my-orders (id, "first name", total) VALUES ('b', 'Bo', 7)`,
	} {
		_, err := db.Exec(text)
		require.NoError(t, err, text)
	}
	for _, d := range documents {
		_, err := db.Exec("INSERT INTO people VALUES (?)", []byte(d))
		require.NoError(t, err)
	}
	return db
}

// query is the rows of a text, with blanks between their values.
func query(t *testing.T, db *sql.DB, text string, args ...any) ([]string, error) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []string
	for rows.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return nil, err
		}
		var row []string
		for _, v := range values {
			v = *v.(*any)
			if text, ok := v.([]byte); ok {
				v = string(text)
			}
			row = append(row, fmt.Sprint(v))
		}
		all = append(all, strings.Join(row, " "))
	}
	return all, rows.Err()
}
