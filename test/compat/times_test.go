package compat

import (
	"database/sql"
	"testing"
	"time"

	"github.com/georgysavva/scany/v2/sqlscan"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"
)

// TestTimes: models with times of every kind, filled by sqlx and scany. Before Go 1.27 that takes parse_time.
func TestTimes(t *testing.T) {
	srv, plain := open(t)
	tokyo := time.FixedZone("", 9*3600)
	created := time.Date(2026, 11, 29, 3, 0, 0, 512000000, tokyo)
	_, err := plain.ExecContext(t.Context(),
		"INSERT INTO people (id, city, created, updated) VALUES ('1', 'Oslo', ?, ?)", created, &created)
	require.NoError(t, err)
	type model struct {
		ID      string              `db:"id"`
		Created time.Time           `db:"created"`
		Updated *time.Time          `db:"updated"`
		Deleted sql.NullTime        `db:"deleted"`
		Seen    sql.Null[time.Time] `db:"seen"`
	}
	const text = "SELECT p.id, p.created, p.updated, p.deleted, p.created AS seen FROM people p WHERE p.created <= ?"
	for _, dsn := range []string{srv.DSN("shop") + ";ParseTime=true",
		srv.DSN("shop") + ";ParseTime=true;TimeFormat=fixed"} {
		db, err := sql.Open("cosmos", dsn)
		require.NoError(t, err)
		defer db.Close()
		var m model
		require.NoError(t, sqlx.NewDb(db, "cosmos").GetContext(t.Context(), &m, text, created.Add(time.Second)))
		check := func() {
			t.Helper()
			require.Equal(t, "1", m.ID)
			require.True(t, created.Equal(m.Created) && created.Equal(*m.Updated) && created.Equal(m.Seen.V), "%+v", m)
			require.False(t, m.Deleted.Valid)
		}
		check()
		m = model{}
		require.NoError(t, sqlscan.Get(t.Context(), db, &m, text, created.Add(time.Second)))
		check()
		require.ErrorIs(t, sqlx.NewDb(db, "cosmos").GetContext(t.Context(), &m, text, created.Add(-time.Second)),
			sql.ErrNoRows, "as instants")
	}
}
