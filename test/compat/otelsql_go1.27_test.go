//go:build go1.27

package compat

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/XSAM/otelsql"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"
)

// TestOtelsqlScansColumns: otelsql hands the driver's own scanning on, sqlx above it included.
func TestOtelsqlScansColumns(t *testing.T) {
	srv, plain := open(t)
	fill(t, plain)
	db, err := otelsql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	defer db.Close()
	born := time.Date(1815, 12, 10, 6, 7, 8, 9, time.UTC)
	_, err = db.ExecContext(t.Context(),
		"UPDATE people SET born = ?, big = 9007199254740993 WHERE id = '1' AND city = 'London'", born)
	require.NoError(t, err)

	var p struct {
		ID, City, Name string
		Age            int
		Addr           *address
		Tags           []string
		Born           time.Time
		Big            int64
	}
	require.NoError(t, sqlx.NewDb(db, "cosmos").GetContext(t.Context(), &p, "SELECT * FROM people p WHERE p.id = '1'"))
	require.Equal(t, &address{"W1", "St James's"}, p.Addr)
	require.Equal(t, []string{"math", "engines"}, p.Tags)
	require.Equal(t, born, p.Born)
	require.Equal(t, int64(9007199254740993), p.Big)

	var addr map[string]json.RawMessage
	var missing string
	require.NoError(t,
		db.QueryRowContext(t.Context(), "SELECT p.addr, p.none FROM people p WHERE p.id = '1'").Scan(&addr, &missing))
	require.JSONEq(t, `"W1"`, string(addr["zip"]))
	require.Empty(t, missing)

	m := map[string]any{}
	require.NoError(t, sqlx.NewDb(db, "cosmos").
		QueryRowxContext(t.Context(), "SELECT p.age, p.addr, p.none FROM people p WHERE p.id = '1'").MapScan(m))
	require.Equal(t, map[string]any{"age": int64(36), "addr": []byte(`{"zip":"W1","line":"St James's"}`), "none": nil},
		m, "as on the release before")
}
