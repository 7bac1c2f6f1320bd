package compat

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// open starts a server with the container people, partitioned by /city, in the database shop.
func open(t *testing.T) (*cosmostest.Server, *sql.DB) {
	t.Helper()
	srv := cosmostest.RunT(t)
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	for _, text := range []string{"CREATE DATABASE shop", "CREATE CONTAINER people PARTITION KEY (/city)"} {
		_, err := db.ExecContext(t.Context(), text)
		require.NoError(t, err)
	}
	return srv, db
}

const insert = "INSERT INTO people (id, city, name, age, addr, tags) VALUES (@p1, @p2, @p3, @p4, @p5, @p6)"

// address is nested in a person. On Go before 1.27 it needs cosmos.JSON around it to be scanned.
type address struct {
	Zip  string `json:"zip"`
	Line string `json:"line"`
}

// person has what scans on every supported Go release.
type person struct {
	ID   string                `db:"id"`
	City string                `db:"city"`
	Name string                `db:"name"`
	Age  *int                  `db:"age"`
	Addr cosmos.JSON[address]  `db:"addr"`
	Tags cosmos.JSON[[]string] `db:"tags"`
}

func fill(t *testing.T, db *sql.DB) {
	t.Helper()
	for _, args := range [][]any{
		{"1", "London", "Ada", 36, address{"W1", "St James's"}, []string{"math", "engines"}},
		{"2", "Oslo", "Bo", 41, nil, nil},
		{"3", "Oslo", "Cy", nil, address{Zip: "0150"}, []string{}},
	} {
		_, err := db.ExecContext(t.Context(), insert, args...)
		require.NoError(t, err)
	}
}

// rows is the rows of a query, each with its values as text and blanks between them.
func rows(t *testing.T, db *sql.DB, text string, args ...any) (all []any) {
	t.Helper()
	rs, err := db.QueryContext(t.Context(), text, args...)
	require.NoError(t, err, text)
	defer rs.Close()
	names, err := rs.Columns()
	require.NoError(t, err)
	for rs.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		require.NoError(t, rs.Scan(values...))
		var row []string
		for _, v := range values {
			row = append(row, fmt.Sprint(*v.(*any)))
		}
		all = append(all, strings.Join(row, " "))
	}
	require.NoError(t, rs.Err())
	return all
}
