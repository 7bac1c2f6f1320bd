package compat

import (
	"database/sql"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/ngrok/sqlmw"
	"github.com/stretchr/testify/require"
)

// TestSqlmw: arguments, options and transactions pass through sqlmw. It hides what it wraps, so that the client must be
// shared from the other side, by driver.NewConnector.
func TestSqlmw(t *testing.T) {
	srv, plain := open(t)
	fill(t, plain)
	sql.Register("cosmos-sqlmw", sqlmw.Driver(driver.Driver{}, sqlmw.NullInterceptor{}))
	db, err := sql.Open("cosmos-sqlmw", srv.DSN("shop"))
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.PingContext(t.Context()))

	var p person
	require.NoError(t,
		db.QueryRowContext(t.Context(), "SELECT p.name, p.age, p.addr FROM people p WHERE ARRAY_CONTAINS(@p1, p.id)",
			cosmos.PartitionKey("London"), []string{"1"}).Scan(&p.Name, &p.Age, &p.Addr))
	require.Equal(t, "Ada", p.Name)
	require.Equal(t, "W1", p.Addr.V.Zip)

	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "UPDATE people SET addr = ? WHERE id = '1' AND city = 'London'",
		address{Zip: "E1"})
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	var zip string
	require.NoError(t,
		db.QueryRowContext(t.Context(), "SELECT VALUE p.addr.zip FROM people p WHERE p.id = '1'").Scan(&zip))
	require.Equal(t, "E1", zip)

	_, err = cosmos.FromDB(t.Context(), db)
	require.Error(t, err)
}
