package compat

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/georgysavva/scany/v2/sqlscan"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"
)

// drifting is a database, with options added to its DSN, in which the second of three people has a nickname.
func drifting(t *testing.T, options string) *sqlx.DB {
	t.Helper()
	srv, plain := open(t)
	for _, text := range []string{
		`INSERT INTO people (id, city) VALUES ('1', 'Oslo')`,
		`INSERT INTO people (id, city, nick) VALUES ('2', 'Oslo', 'Bo')`,
		`INSERT INTO people (id, city) VALUES ('3', 'Oslo')`,
	} {
		_, err := plain.ExecContext(t.Context(), text)
		require.NoError(t, err)
	}
	db, err := sqlx.Open("cosmos", srv.DSN("shop")+options)
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func TestSelectStarReadsAhead(t *testing.T) {
	db := drifting(t, ";PageSize=1")
	var people []struct {
		ID, City string
		Nick     *string
	}
	require.NoError(t, db.SelectContext(t.Context(), &people, "SELECT * FROM people p"))
	require.Len(t, people, 3)
	require.Equal(t, "Bo", *people[1].Nick)
}

func TestSelectStarDrifts(t *testing.T) {
	db := drifting(t, ";PageSize=1;ScanAhead=0")
	var people []struct{ ID, City string }
	err := db.SelectContext(t.Context(), &people, "SELECT * FROM people p WHERE p.city = 'Oslo' ORDER BY p.id")
	var changed *cosmossql.ColumnsChangedError
	require.ErrorAs(t, err, &changed, "sqlx hands the error on")
	require.Equal(t, "nick", changed.Field)
	require.Equal(t, "2", changed.DocumentID)
	require.ErrorAs(t, sqlscan.Select(t.Context(), db, &people, "SELECT * FROM people p"), &changed,
		"and so does scany")
}

func TestSelectStarExtraColumn(t *testing.T) {
	db := drifting(t, ";PageSize=1;ScanAhead=0;Extra=more")
	var people []struct {
		ID, City string
		More     cosmos.JSON[map[string]string]
	}
	require.NoError(t,
		db.SelectContext(t.Context(), &people, "SELECT * FROM people p WHERE p.city = 'Oslo' ORDER BY p.id"))
	require.Len(t, people, 3)
	require.Empty(t, people[0].More.V)
	require.Equal(t, map[string]string{"nick": "Bo"}, people[1].More.V)
}

// TestEmptyFirstPages: a query over several partitions begins with as many empty pages as there are partitions before
// the one with the document. Its columns and its row are there all the same.
func TestEmptyFirstPages(t *testing.T) {
	srv, plain := open(t)
	db := sqlx.NewDb(plain, "cosmos")
	type row struct{ ID, City, Name string }
	const n = 12
	for i := range n {
		_, err := db.NamedExecContext(t.Context(), "INSERT INTO people (id, city, name) VALUES (:id, :city, :name)",
			row{fmt.Sprint(i), fmt.Sprint("city ", i), fmt.Sprint("name ", i)})
		require.NoError(t, err)
	}
	ranges, err := srv.Ranges("shop", "people")
	require.NoError(t, err)
	require.Greater(t, len(ranges), 1)
	for i := range n {
		for _, query := range []string{
			"SELECT * FROM people p WHERE p.name = @p1",
			"SELECT p.id, p.city, p.name FROM people p WHERE p.name = @p1",
		} {
			var got row
			ctx := cosmos.WithOptions(t.Context(), cosmos.MaxConcurrency(1), cosmos.PageSize(1))
			require.NoError(t, db.GetContext(ctx, &got, query, fmt.Sprint("name ", i)))
			require.Equal(t, row{fmt.Sprint(i), fmt.Sprint("city ", i), fmt.Sprint("name ", i)}, got)
		}
	}
	rows, err := db.QueryContext(t.Context(), "SELECT p.id, p.name FROM people p WHERE p.name = 'nobody'")
	require.NoError(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	require.Equal(t, []string{"id", "name"}, names, "without any row")
	require.False(t, rows.Next())
	require.NoError(t, rows.Err())
}

// TestCancelledInTheMiddle: sqlx and scany report that the context ended, and not a result that is cut short.
func TestCancelledInTheMiddle(t *testing.T) {
	for name, run := range map[string]func(ctx context.Context, db *sql.DB) error{
		"sqlx": func(ctx context.Context, db *sql.DB) error {
			var ids []string
			return sqlx.NewDb(db, "cosmos").
				SelectContext(ctx, &ids, "SELECT VALUE p.id FROM people p", cosmos.PageSize(1))
		},
		"scany": func(ctx context.Context, db *sql.DB) error {
			var ids []string
			return sqlscan.Select(ctx, db, &ids, "SELECT VALUE p.id FROM people p", cosmos.PageSize(1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv, db := open(t)
			for i := range 5 {
				_, err := db.ExecContext(t.Context(), "INSERT INTO people (id, city) VALUES (?, 'Oslo')", fmt.Sprint(i))
				require.NoError(t, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var asked atomic.Int32
			srv.Inject(cosmostest.Fault{
				Match: func(r cosmostest.Request) bool {
					return r.Operation == cosmostest.Query && asked.Add(1) == 3
				},
				Hold: func(request context.Context) {
					cancel()
					<-request.Done()
				},
			})
			ctx = cosmos.WithOptions(ctx, cosmos.PartitionKey("Oslo"), cosmos.MaxConcurrency(1))
			require.ErrorIs(t, run(ctx, db), context.Canceled)
			require.Equal(t, 0, db.Stats().InUse, "the connection is back in the pool")
		})
	}
}
