package cosmossql_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// begin opens a transaction that is rolled back with the test if nothing else ends it.
func (s *shop) begin(t *testing.T) *sql.Tx {
	t.Helper()
	tx, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func affected(t *testing.T, r sql.Result, err error) int64 {
	t.Helper()
	require.NoError(t, err)
	n, err := r.RowsAffected()
	require.NoError(t, err)
	return n
}

func TestTxCommits(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada, `{"id":"2","city":"London","n":1}`)
	tx := s.begin(t)
	r, err := tx.ExecContext(t.Context(), "INSERT INTO people (id, city) VALUES ('3', 'London'), ('4', 'London')")
	require.Equal(t, int64(2), affected(t, r, err))
	r, err = tx.ExecContext(t.Context(), "UPDATE people SET n = n + 1 WHERE id = ? AND city = ?", "2", "London")
	require.Equal(t, int64(1), affected(t, r, err))
	r, err = tx.ExecContext(t.Context(), "DELETE FROM people WHERE id = '1' AND city = 'London'")
	require.Equal(t, int64(1), affected(t, r, err))
	r, err = tx.ExecContext(t.Context(), "UPSERT INTO people (id, city, n) VALUES ('3', 'London', 3)")
	require.Equal(t, int64(1), affected(t, r, err))
	require.Zero(t, s.Count(cosmostest.Batch), "nothing is sent before Commit")
	require.NoError(t, tx.Commit())
	require.Equal(t, 1, s.Count(cosmostest.Batch))
	require.ElementsMatch(t, []string{"2 2", "3 3", "4 <nil>"}, s.query(t, "SELECT p.id, p.n FROM people p"))
}

func TestTxRollsBack(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	tx := s.begin(t)
	_, err := tx.ExecContext(t.Context(), "DELETE FROM people WHERE id = '1' AND city = 'London'")
	require.NoError(t, err)
	require.NoError(t, tx.Rollback())
	require.ErrorIs(t, tx.Commit(), sql.ErrTxDone)

	ctx, cancel := context.WithCancel(t.Context())
	tx, err = s.db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "DELETE FROM people WHERE id = '1' AND city = 'London'")
	require.NoError(t, err)
	cancel()
	require.Error(t, tx.Commit())
	require.Zero(t, s.Count(cosmostest.Batch))
	require.Equal(t, []string{"1"}, s.query(t, "SELECT VALUE p.id FROM people p"),
		"the connection is good for the next")
}

func TestTxOfNothing(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	require.NoError(t, s.begin(t).Commit())
	require.Zero(t, s.Count(cosmostest.Batch))
}

func TestTxPrepared(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	before, err := s.db.PrepareContext(t.Context(), "INSERT INTO people (id, city) VALUES (?, 'Oslo')")
	require.NoError(t, err)
	defer before.Close()
	tx := s.begin(t)
	within, err := tx.PrepareContext(t.Context(), "INSERT INTO people (id, city) VALUES (?, 'Oslo')")
	require.NoError(t, err)
	_, err = within.ExecContext(t.Context(), "1")
	require.NoError(t, err)
	_, err = tx.StmtContext(t.Context(), before).ExecContext(t.Context(), "2")
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	require.Equal(t, 1, s.Count(cosmostest.Batch))
	require.Equal(t, []string{"1", "2"}, s.query(t, "SELECT VALUE p.id FROM people p WHERE p.city = 'Oslo'"))
}

func TestTxCommitFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		args       []any
		status     int
		is         error
	}{
		{"conflict", "INSERT INTO people (id, city) VALUES ('1', 'London')", nil, http.StatusConflict,
			cosmos.ErrConflict},
		{"missing", "DELETE FROM people WHERE id = 'x' AND city = 'London'", nil, http.StatusNotFound,
			cosmos.ErrNotFound},
		{
			"stale", "UPDATE people SET n = 1 WHERE id = '1' AND city = 'London'", []any{cosmos.IfMatch(`"stale"`)},
			http.StatusPreconditionFailed, cosmos.ErrPreconditionFailed,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "", ada)
			tx := s.begin(t)
			for _, text := range []string{
				"INSERT INTO people (id, city) VALUES ('7', 'London'), ('8', 'London')",
				tt.text,
			} {
				var args []any
				if text == tt.text {
					args = tt.args
				}
				_, err := tx.ExecContext(t.Context(), text, args...)
				require.NoError(t, err)
			}
			_, err := tx.ExecContext(t.Context(), "INSERT INTO people (id, city) VALUES ('9', 'London')")
			require.NoError(t, err)
			err = tx.Commit()
			var batch *cosmos.BatchError
			require.ErrorAs(t, err, &batch)
			require.Equal(t, 2, batch.Index, "of the operation; the first statement has two")
			require.Equal(t, tt.status, batch.Err.StatusCode)
			require.ErrorIs(t, err, tt.is)
			require.ErrorContains(t, err, "cosmos: nothing was committed because of statement 2 ("+tt.text+")")
			require.Equal(t, []string{"1"}, s.query(t, "SELECT VALUE p.id FROM people p"))
		})
	}
}

func TestTxCommitOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	tx := s.begin(t)
	_, err := tx.ExecContext(t.Context(), "INSERT INTO people (id, city) VALUES ('1', 'London')")
	require.NoError(t, err)
	s.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Batch), Cut: cosmostest.CutAfter})
	err = tx.Commit()
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	require.Equal(t, 1, s.Count(cosmostest.Batch), "it is not sent again")
}

func TestTxRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	s.create(t, "others", "/city")
	for _, tt := range []struct{ name, text, want string }{
		{"another partition", "INSERT INTO people (id, city) VALUES ('2', 'Oslo')",
			`this one is of ["London"], not ["Oslo"]`},
		{"another container", "INSERT INTO others (id, city) VALUES ('2', 'London')",
			"this one is of container shop.people, not shop.others"},
		{"a search", "UPDATE people SET n = 1 WHERE age > 1", "UPDATE in a transaction must name one document"},
		{"a search without the key", "DELETE FROM people WHERE id = '1'",
			"DELETE in a transaction must name one document"},
		{"DDL", "CREATE DATABASE other", "a transaction changes documents only"},
		{"a query", "SELECT * FROM people", "use Query"},
		{"syntax", "INSERT INTO", "line 1, column"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tx := s.begin(t)
			_, err := tx.ExecContext(t.Context(), "INSERT INTO people (id, city) VALUES ('9', 'London')")
			require.NoError(t, err)
			_, err = tx.ExecContext(t.Context(), tt.text)
			require.ErrorContains(t, err, tt.want)
		})
	}
	tx := s.begin(t)
	_, err := tx.QueryContext(t.Context(), "SELECT * FROM people")
	require.ErrorIs(t, err, cosmossql.ErrTxQuery)
	_, err = tx.QueryContext(t.Context(), "INSERT INTO people (id) VALUES ('1') RETURNING *")
	require.ErrorIs(t, err, cosmossql.ErrTxQuery)
	require.Zero(t, s.Count(cosmostest.Batch))
}

func TestTxLimits(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	tx := s.begin(t)
	for i := range 100 {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO people (id, city) VALUES (?, 'Oslo')", fmt.Sprint(i))
		require.NoError(t, err)
	}
	_, err := tx.ExecContext(t.Context(), "INSERT INTO people (id, city) VALUES ('100', 'Oslo')")
	require.ErrorContains(t, err, "at most 100 operations")
	require.NoError(t, tx.Commit(), "what was kept before is as good as it was")
	require.Len(t, s.query(t, "SELECT VALUE p.id FROM people p WHERE p.city = 'Oslo'"), 100)

	tx = s.begin(t)
	long := strings.Repeat("x", 1<<20)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO people (id, city, s) VALUES ('a', 'Oslo', ?)", long)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO people (id, city, s) VALUES ('b', 'Oslo', ?)", long)
	require.ErrorContains(t, err, "at most 2 MB")
}

func TestBeginTxOptions(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	for _, tt := range []struct {
		o    sql.TxOptions
		want string
	}{
		{sql.TxOptions{Isolation: sql.LevelSnapshot}, ""},
		{sql.TxOptions{Isolation: sql.LevelSerializable}, "isolation level Serializable"},
		{sql.TxOptions{ReadOnly: true}, "cannot be read-only"},
	} {
		tx, err := s.db.BeginTx(t.Context(), &tt.o)
		if tt.want != "" {
			require.ErrorContains(t, err, tt.want)
			continue
		}
		require.NoError(t, err)
		require.NoError(t, tx.Rollback())
	}
}
