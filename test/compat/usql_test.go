package compat

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUsqlCopy is what usql's \copy does: it prepares the INSERT in a transaction, allocates a destination of each
// column's scan type, and adds up RowsAffected.
func TestUsqlCopy(t *testing.T) {
	_, db := open(t)
	fill(t, db)
	_, err := db.ExecContext(t.Context(), "CREATE CONTAINER copies PARTITION KEY (/copy)")
	require.NoError(t, err)

	rows, err := db.QueryContext(t.Context(), "SELECT p.id, p.name, p.age, p.addr, 'x' AS copy FROM people p")
	require.NoError(t, err)
	defer rows.Close()
	types, err := rows.ColumnTypes()
	require.NoError(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	stmt, err := tx.PrepareContext(t.Context(),
		"INSERT INTO copies (id, name, age, addr, copy) VALUES (@p1, @p2, @p3, @p4, @p5)")
	require.NoError(t, err)
	var total int64
	for rows.Next() {
		values := make([]any, len(types))
		for i, ct := range types {
			values[i] = reflect.New(ct.ScanType()).Interface()
		}
		require.NoError(t, rows.Scan(values...))
		for i := range values {
			values[i] = reflect.ValueOf(values[i]).Elem().Interface()
		}
		r, err := stmt.ExecContext(t.Context(), values...)
		require.NoError(t, err)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		total += n
	}
	require.NoError(t, rows.Err())
	require.NoError(t, tx.Commit())
	require.Equal(t, int64(3), total)
	var zip string
	require.NoError(t,
		db.QueryRowContext(t.Context(), "SELECT VALUE c.addr.zip FROM copies c WHERE c.id = '1'").Scan(&zip))
	require.Equal(t, "W1", zip)
}

// TestUsqlStart is what usql may send before anything else. It is not ours, and must fail cleanly.
func TestUsqlStart(t *testing.T) {
	_, db := open(t)
	require.NoError(t, db.PingContext(t.Context()))
	_, err := db.QueryContext(t.Context(), "SELECT version();")
	require.Error(t, err)
	rows, err := db.QueryContext(t.Context(), "SHOW DATABASES;")
	require.NoError(t, err)
	require.NoError(t, rows.Close())
}
