package compat

import (
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/georgysavva/scany/v2/dbscan"
	"github.com/georgysavva/scany/v2/sqlscan"
	"github.com/stretchr/testify/require"
)

func TestScany(t *testing.T) {
	_, db := open(t)
	fill(t, db)

	var people []person
	require.NoError(t, sqlscan.Select(t.Context(), db, &people, "SELECT * FROM people p WHERE p.city = @p1", "Oslo"))
	require.Len(t, people, 2)

	rows, err := db.QueryContext(t.Context(), "SELECT * FROM people p WHERE p.id = '1'")
	require.NoError(t, err)
	people = nil
	require.NoError(t, sqlscan.ScanAll(&people, rows))
	require.Equal(t, address{"W1", "St James's"}, people[0].Addr.V)

	var p person
	require.NoError(t, sqlscan.Get(t.Context(), db, &p, "SELECT * FROM people p WHERE p.id = ?", "1"))
	require.Equal(t, "Ada", p.Name)
	require.True(t, sqlscan.NotFound(sqlscan.Get(t.Context(), db, &p, "SELECT * FROM people p WHERE p.id = 'x'")))

	var n int
	require.NoError(t, sqlscan.Get(t.Context(), db, &n, "SELECT VALUE COUNT(1) FROM people p WHERE p.city = 'Oslo'"))
	require.Equal(t, 2, n)

	var maps []map[string]any
	require.NoError(t, sqlscan.Select(t.Context(), db, &maps, "SELECT p.id, p.age FROM people p WHERE p.id = '1'"))
	require.Equal(t, []map[string]any{{"id": "1", "age": int64(36)}}, maps)
}

func TestScanyUnknownColumns(t *testing.T) {
	_, db := open(t)
	fill(t, db)
	type few struct{ ID string }
	var p few
	require.ErrorContains(t, sqlscan.Get(t.Context(), db, &p, "SELECT * FROM people p WHERE p.id = '1'"), "city")

	api, err := sqlscan.NewDBScanAPI(dbscan.WithAllowUnknownColumns(true))
	require.NoError(t, err)
	lax, err := sqlscan.NewAPI(api)
	require.NoError(t, err)
	require.NoError(t,
		lax.Get(t.Context(), db, &p, "SELECT * FROM people p WHERE p.id = '1'", cosmos.PartitionKey("London")))
	require.Equal(t, few{"1"}, p)
}
