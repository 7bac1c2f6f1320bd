package compat

import (
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/georgysavva/scany/v2/sqlscan"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"
)

// place is an object in a document whose parts are columns of their own.
type place struct {
	Zip  *string `db:"zip"`
	Line *string `db:"line"`
}

// nested is a person whose address is filled from the columns addr.zip and addr.line.
type nested struct {
	ID   string `db:"id"`
	Addr place  `db:"addr"`
}

// flat is a person whose address is filled from the columns zip and line.
type flat struct {
	ID string `db:"id"`
	place
}

const (
	byPath = `SELECT p.id, p.addr.zip AS "addr.zip", p.addr.line AS "addr.line" FROM people p WHERE p.city = @p1 ` +
		`ORDER BY p.id`
	byName = "SELECT p.id, p.addr.zip, p.addr.line FROM people p WHERE p.city = @p1 ORDER BY p.id"
)

func TestSqlxNestedStructs(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		var n nested
		require.NoError(t, db.GetContext(t.Context(), &n, byPath, "London"))
		require.Equal(t, "W1", *n.Addr.Zip)
		require.Equal(t, "St James's", *n.Addr.Line)

		var all []nested
		require.NoError(t, db.SelectContext(t.Context(), &all, byPath, "Oslo"))
		require.Len(t, all, 2)
		require.Equal(t, nested{ID: "2"}, all[0], "no address at all")
		require.Equal(t, "0150", *all[1].Addr.Zip)

		rows, err := db.QueryxContext(t.Context(), byName, "London")
		require.NoError(t, err)
		defer rows.Close()
		require.True(t, rows.Next())
		var f flat
		require.NoError(t, rows.StructScan(&f))
		require.Equal(t, "W1", *f.Zip)
		require.False(t, rows.Next())

		// A pointer to a struct is made where there is a column for it, as sqlx does everywhere.
		var p struct {
			ID   string `db:"id"`
			Addr *place `db:"addr"`
		}
		require.NoError(t, db.GetContext(t.Context(), &p, byPath, "London"))
		require.Equal(t, "W1", *p.Addr.Zip)

		// The whole object is one column, for which any release has cosmos.JSON.
		var j struct {
			Addr cosmos.JSON[address] `db:"addr"`
		}
		require.NoError(t, db.GetContext(t.Context(), &j, "SELECT p.addr FROM people p WHERE p.id = '1'"))
		require.Equal(t, address{"W1", "St James's"}, j.Addr.V)
	})
}

func TestSqlxUnsafe(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		var n nested
		err := db.GetContext(t.Context(), &n, "SELECT p.id, p.name FROM people p WHERE p.id = '1'")
		require.ErrorContains(t, err, "missing destination name name")
		require.NoError(t,
			db.Unsafe().GetContext(t.Context(), &n, "SELECT p.id, p.name FROM people p WHERE p.id = '1'"))
		require.Equal(t, nested{ID: "1"}, n)
	})
}

func TestSqlxSliceScan(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		values, err := db.QueryRowxContext(t.Context(),
			"SELECT p.id, p.age, p.tags, p.none FROM people p WHERE p.id = '1'").SliceScan()
		require.NoError(t, err)
		require.Equal(t, []any{"1", int64(36), []byte(`["math","engines"]`), nil}, values)
	})
}

// TestSqlxPlaceholdersInText is what sqlx itself does to ?, ?? and : in a text. Its Rebind knows neither quotes nor
// operators: a text that it would spoil is an error here, not another query. Without BindDriver there is no need for
// it.
func TestSqlxPlaceholdersInText(t *testing.T) {
	const query = "SELECT VALUE p.none ?? (p.age > 40 ? 'old?' : 'young') FROM people p WHERE p.id = ?"
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		var got string
		require.NoError(t, db.GetContext(t.Context(), &got, query, "2"))
		require.Equal(t, "old?", got)

		err := db.GetContext(t.Context(), &got, db.Rebind(query), "1")
		if db.DriverName() == "cosmos" {
			require.NoError(t, err, "Rebind leaves the text alone")
			require.Equal(t, "young", got)
		} else {
			require.ErrorContains(t, err, "line 1, column")
		}

		var id struct {
			X cosmos.JSON[map[string]string] `db:"x"`
		}
		rows, err := db.NamedQueryContext(t.Context(),
			`SELECT {"id":: p.id, "s":: "a::b"} AS x FROM people p WHERE p.id = :id`, map[string]any{"id": "1"})
		require.NoError(t, err)
		defer rows.Close()
		require.True(t, rows.Next())
		require.NoError(t, rows.StructScan(&id))
		require.Equal(t, map[string]string{"id": "1", "s": "a:b"}, id.X.V, ":: is sqlx's way to write :")
	})
}

func TestScanyNestedStructs(t *testing.T) {
	_, db := open(t)
	fill(t, db)
	var all []nested
	require.NoError(t, sqlscan.Select(t.Context(), db, &all, byPath, "Oslo"))
	require.Len(t, all, 2)
	require.Equal(t, nested{ID: "2"}, all[0])
	require.Equal(t, "0150", *all[1].Addr.Zip)
	var one flat
	require.NoError(t, sqlscan.Get(t.Context(), db, &one, byName, "London"))
	require.Equal(t, "W1", *one.Zip)
}
