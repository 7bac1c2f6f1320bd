package integration

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

func TestStatements(t *testing.T) {
	t.Parallel()
	db, name := openDB(t, nil), name()
	exec := func(query string, args ...any) int64 {
		t.Helper()
		result, err := db.ExecContext(t.Context(), query, args...)
		require.NoError(t, err)
		n, err := result.RowsAffected()
		require.NoError(t, err)
		return n
	}
	exec("CREATE CONTAINER " + name + " PARTITION KEY (/shelf)")
	defer exec("DROP CONTAINER " + name)
	require.EqualValues(t, 1,
		exec("INSERT INTO "+name+" (id, shelf, title, pages) VALUES (?, ?, ?, ?)", "1", "a", "Dune", 612))
	require.EqualValues(t, 2, exec("INSERT INTO "+name+" (id, shelf, pages) VALUES ('2', 'a', 100), ('3', 'a', 200)"))
	require.EqualValues(t, 1, exec("UPSERT INTO "+name+" (id, shelf, pages) VALUES (@p1, @p2, @p3)", "4", "b", 300))
	_, err := db.ExecContext(t.Context(), "INSERT INTO "+name+" (id, shelf) VALUES ('1', 'a')")
	require.ErrorIs(t, err, cosmos.ErrConflict)

	require.Equal(t, []string{"4", "3", "2"},
		column[string](t, db, "SELECT id FROM "+name+" WHERE pages < ? ORDER BY pages DESC", 600))
	require.Equal(t, []int64{4}, column[int64](t, db, "SELECT COUNT(*) FROM "+name))
	require.Equal(t, []string{"Dune"}, column[string](t, db, "SELECT title FROM "+name+" WHERE title IS NOT NULL"))
	require.Equal(t, []string{"3"}, column[string](t, db, "SELECT id FROM "+name+" ORDER BY pages LIMIT 1 OFFSET 1"))

	require.EqualValues(t, 1,
		exec("UPDATE "+name+" SET pages = pages + ?, title = ? WHERE id = '2' AND shelf = 'a'", 1, "Emma"))
	require.EqualValues(t, 2, exec("UPDATE "+name+" SET seen = true WHERE pages >= 200 AND pages < 600"))
	require.Equal(t, []string{"Emma"}, column[string](t, db, "SELECT title FROM "+name+" WHERE pages = 101"))
	require.EqualValues(t, 2, exec("DELETE FROM "+name+" WHERE seen = true"))
	require.EqualValues(t, 0, exec("DELETE FROM "+name+" WHERE id = 'nobody' AND shelf = 'a'"))
	require.Equal(t, []string{"1", "2"}, column[string](t, db, "SELECT id FROM "+name+" ORDER BY id"))

	var id string
	require.NoError(t,
		db.QueryRowContext(t.Context(), "INSERT INTO "+name+" (shelf) VALUES ('z') RETURNING id").Scan(&id))
	require.NoError(t, uuid.Validate(id))
}

func TestTransaction(t *testing.T) {
	t.Parallel()
	c := library(t)
	db := openDB(t, c)
	insert := func(tx *sql.Tx, ids ...string) {
		for _, id := range ids {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO "+c.ID()+" (id, shelf) VALUES (?, 'a')", id)
			require.NoError(t, err)
		}
	}
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	insert(tx, "1", "2")
	require.Empty(t, column[string](t, db, "SELECT id FROM c"))
	require.NoError(t, tx.Commit())
	require.Equal(t, []string{"1", "2"}, column[string](t, db, "SELECT id FROM c ORDER BY c.id"))

	tx, err = db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	insert(tx, "3")
	require.NoError(t, tx.Rollback())
	tx, err = db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	insert(tx, "4", "1")
	err = tx.Commit()
	require.ErrorIs(t, err, cosmos.ErrConflict)
	require.Equal(t, []string{"1", "2"}, column[string](t, db, "SELECT id FROM c ORDER BY c.id"))
}

func TestValues(t *testing.T) {
	t.Parallel()
	c := library(t)
	db := openDB(t, c)
	at := time.Date(2024, 2, 29, 12, 30, 45, 123456700, time.UTC)
	_, err := db.ExecContext(t.Context(),
		"INSERT INTO "+c.ID()+" (id, shelf, n, f, t, s, o, a, nothing) VALUES (?, 'a', ?, ?, ?, ?, ?, ?, ?)",
		"1", int64(1)<<53-1, 0.1, at, "é 🚀 'quoted'", map[string]any{"k": []int{1}}, []string{"x"}, nil)
	require.NoError(t, err)

	var (
		n       int64
		f       float64
		when    string
		s       string
		o       cosmos.JSON[map[string][]int]
		a       cosmos.JSON[[]string]
		nothing sql.NullString
		missing sql.NullString
	)
	row := db.QueryRowContext(t.Context(), "SELECT n, f, t, s, o, a, nothing, missing FROM c WHERE id = ?", "1")
	require.NoError(t, row.Scan(&n, &f, &when, &s, &o, &a, &nothing, &missing))
	require.Equal(t, int64(1)<<53-1, n)
	require.Equal(t, 0.1, f)
	parsed, err := time.Parse(time.RFC3339Nano, when)
	require.NoError(t, err)
	require.True(t, at.Equal(parsed))
	require.Equal(t, "é 🚀 'quoted'", s)
	require.Equal(t, map[string][]int{"k": {1}}, o.V)
	require.Equal(t, []string{"x"}, a.V)
	require.False(t, nothing.Valid)
	require.False(t, missing.Valid)
	require.ErrorIs(t, db.QueryRowContext(t.Context(), "SELECT id FROM c WHERE id = 'nobody'").Scan(&s), sql.ErrNoRows)
}

// Statements and documents are the same thing seen through two doors, and each sees at once what the other wrote.
func TestTwoDoors(t *testing.T) {
	t.Parallel()
	c := library(t)
	db := openDB(t, c)
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	require.Same(t, account.client, client)

	var stats cosmos.Stats
	ctx := cosmos.WithStats(t.Context(), &stats)
	for _, id := range []string{"1", "2", "3"} {
		_, err := c.CreateItem(ctx, book{ID: id, Shelf: "a"})
		require.NoError(t, err)
		require.Contains(t, column[string](t, db, "SELECT c.id FROM c"), id)
		_, err = db.ExecContext(ctx, "UPDATE "+c.ID()+" SET pages = 7 WHERE id = ? AND shelf = 'a'", id)
		require.NoError(t, err)
		resp, err := c.ReadItem(ctx, id, cosmos.PartitionKey("a"))
		require.NoError(t, err)
		var b book
		require.NoError(t, resp.Decode(&b))
		require.EqualValues(t, 7, b.Pages)
	}
	used := stats.Snapshot()
	require.Positive(t, used.RequestCharge)
	require.GreaterOrEqual(t, used.Requests, 9)
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	db := openDB(t, library(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.QueryContext(ctx, "SELECT c.id FROM c")
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	db := openDB(t, library(t))
	for name, tt := range map[string]struct {
		query string
		args  []any
		want  string
	}{
		"syntax":             {"SELECT FROM WHERE", nil, "Syntax error"},
		"missing argument":   {"SELECT c.id FROM c WHERE c.n = @n", nil, "@n"},
		"unused argument":    {"SELECT c.id FROM c", []any{1}, "argument"},
		"not a JSON value":   {"SELECT c.id FROM c WHERE c.n = ?", []any{make(chan int)}, "chan"},
		"unknown function":   {"SELECT NOSUCH(c.id) FROM c", nil, "NOSUCH"},
		"not a key of these": {"SELECT c.id FROM c", []any{cosmos.PartitionKey("a", "b")}, "partition key"},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := db.QueryContext(t.Context(), tt.query, tt.args...)
			if err == nil {
				rows.Close()
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
}
