package compat

import (
	"database/sql"
	"testing"

	"github.com/XSAM/otelsql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

func TestOtelsql(t *testing.T) {
	srv, plain := open(t)
	fill(t, plain)
	db, err := otelsql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.PingContext(t.Context()))

	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	r, err := client.Database("shop").Container("people").ReadItem(t.Context(), "1", cosmos.PartitionKey("London"))
	require.NoError(t, err)
	var doc struct{ Name string }
	require.NoError(t, r.Decode(&doc))
	require.Equal(t, "Ada", doc.Name)

	var p person
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT p.name, p.addr FROM people p WHERE ARRAY_CONTAINS(@p1, p.id)",
		[]string{"1"}, cosmos.PartitionKey("London")).Scan(&p.Name, &p.Addr))
	require.Equal(t, "W1", p.Addr.V.Zip)

	_, err = db.ExecContext(t.Context(), insert, "4", "Rome", "Di", 7, address{Zip: "00100"}, map[string]any{"a": 1})
	require.NoError(t, err, "structs and maps reach the driver")

	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	stmt, err := tx.PrepareContext(t.Context(), "UPDATE people SET age = ? WHERE id = ? AND city = 'Rome'")
	require.NoError(t, err)
	_, err = stmt.ExecContext(t.Context(), 8, "4")
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	var age sql.Null[int]
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT VALUE p.age FROM people p WHERE p.id = '4'").Scan(&age))
	require.Equal(t, 8, age.V)
}
