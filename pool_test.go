package cosmossql_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPoolUnderLoad: many goroutines share few connections, and each gets its own answer.
func TestPoolUnderLoad(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	s.db.SetMaxOpenConns(5)
	insert, err := s.db.PrepareContext(t.Context(), "INSERT INTO people (id, city) VALUES (?, ?)")
	require.NoError(t, err)
	defer insert.Close()
	byID, err := s.db.PrepareContext(t.Context(), "SELECT p.city FROM people p WHERE p.id = @p1 AND p.city = @p2")
	require.NoError(t, err)
	defer byID.Close()
	var most atomic.Int64
	var wg sync.WaitGroup
	for g := range 32 {
		wg.Go(func() {
			for i := range 10 {
				id, city := fmt.Sprint(g, "-", i), fmt.Sprint("city ", g)
				_, err := insert.ExecContext(t.Context(), id, city)
				assert.NoError(t, err)
				var got string
				assert.NoError(t, byID.QueryRowContext(t.Context(), id, city).Scan(&got))
				assert.Equal(t, city, got)
				if open := int64(s.db.Stats().OpenConnections); open > most.Load() {
					most.Store(open)
				}
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, most.Load(), int64(5))
	require.Zero(t, s.db.Stats().InUse)
	require.Equal(t, []string{"320"}, s.query(t, "SELECT VALUE COUNT(1) FROM people p"))
}

// TestPoolOfOne: rows and a transaction that are open hold the only connection, and who waits for it waits no longer
// than its context.
func TestPoolOfOne(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	s.db.SetMaxOpenConns(1)
	waits := func() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := cosmos.FromDB(ctx, s.db)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	free := func() {
		_, err := cosmos.FromDB(t.Context(), s.db)
		require.NoError(t, err)
	}
	rows, err := s.db.QueryContext(t.Context(), "SELECT p.id FROM people p")
	require.NoError(t, err)
	waits()
	require.NoError(t, rows.Close())
	free()

	tx := s.begin(t)
	waits()
	require.NoError(t, tx.Rollback())
	free()

	conn, err := s.db.Conn(t.Context())
	require.NoError(t, err)
	_, err = cosmos.FromConn(conn)
	require.NoError(t, err, "the connection at hand is enough")
	require.NoError(t, conn.Close())
}

// TestPoolKeepsConnections: errors of statements, ends of contexts and closed rows leave a connection as good as new.
func TestPoolKeepsConnections(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	s.db.SetMaxOpenConns(1)
	first := s.raw(t)
	_, err := s.db.ExecContext(t.Context(), "INSERT INTO people (id, city) VALUES ('1', 'London')")
	require.ErrorIs(t, err, cosmos.ErrConflict)
	_, err = s.db.QueryContext(t.Context(), "SELECT FROM")
	require.Error(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	tx, err := s.db.BeginTx(ctx, nil)
	require.NoError(t, err)
	cancel()
	require.Error(t, tx.Commit())
	require.Same(t, first, s.raw(t))
	require.Zero(t, s.db.Stats().MaxIdleClosed)

	s.db.SetMaxIdleConns(0)
	require.NotSame(t, first, s.raw(t), "the pool may keep none, which costs nothing")
	require.Equal(t, []string{"1"}, s.query(t, "SELECT VALUE p.id FROM people p"))
}

// raw is the connection that the pool hands out.
func (s *shop) raw(t *testing.T) (own *cosmossql.Conn) {
	t.Helper()
	conn, err := s.db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(c any) error {
		own = c.(*cosmossql.Conn)
		return nil
	}))
	return own
}

// TestPoolForgetsATransaction: one that was begun beneath database/sql, and never ended, is not the next user's.
func TestPoolForgetsATransaction(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	s.db.SetMaxOpenConns(1)
	conn, err := s.db.Conn(t.Context())
	require.NoError(t, err)
	require.NoError(t, conn.Raw(func(c any) error {
		own := c.(*cosmossql.Conn)
		if _, err := own.BeginTx(t.Context(), driver.TxOptions{}); err != nil {
			return err
		}
		_, err := own.ExecContext(t.Context(), "DELETE FROM people WHERE id = '1' AND city = 'London'", nil)
		return err
	}))
	require.NoError(t, conn.Close())
	require.Equal(t, []string{"1"}, s.query(t, "SELECT VALUE p.id FROM people p"), "a query is allowed again")
	require.Equal(t, int64(1), s.exec(t, "UPDATE people SET n = 1 WHERE id = '1' AND city = 'London'"))
	require.Zero(t, s.Count(cosmostest.Batch))
}

// TestNothingIsExecutedTwice: database/sql repeats a statement whose connection it is told is bad. It never is.
func TestNothingIsExecutedTwice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault cosmostest.Fault
		is    error
		done  int // documents
	}{
		{"the answer is lost", cosmostest.Fault{Cut: cosmostest.CutAfter}, cosmos.ErrUnknownOutcome, 1},
		{"the service cannot", cosmostest.Fault{Status: http.StatusInternalServerError}, nil, 0},
		{"the service may not", cosmostest.Fault{Status: http.StatusForbidden}, cosmos.ErrForbidden, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "")
			tt.fault.Match = cosmostest.On(cosmostest.Upsert)
			end := s.Inject(tt.fault)
			_, err := s.db.ExecContext(t.Context(), "UPSERT INTO people (id, city) VALUES ('1', 'London')")
			require.Error(t, err)
			require.NotErrorIs(t, err, driver.ErrBadConn)
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			require.Equal(t, 1, s.Count(cosmostest.Upsert))
			end()
			require.Len(t, s.query(t, "SELECT VALUE p.id FROM people p"), tt.done)
		})
	}
}

// TestThrottledStatementsAreRepeated: what was surely not done is done again, beneath database/sql.
func TestThrottledStatementsAreRepeated(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	for _, op := range []cosmostest.Operation{cosmostest.Create, cosmostest.Patch, cosmostest.Delete,
		cosmostest.Query} {
		s.Fail(op, 2, http.StatusTooManyRequests, 3200, time.Millisecond)
	}
	var st cosmos.Stats
	ctx := cosmos.WithStats(t.Context(), &st)
	for _, text := range []string{
		"INSERT INTO people (id, city) VALUES ('2', 'Oslo')",
		"UPDATE people SET n = 1 WHERE id = '2' AND city = 'Oslo'",
		"DELETE FROM people WHERE id = '2' AND city = 'Oslo'",
	} {
		r, err := s.db.ExecContext(ctx, text)
		require.NoError(t, err, text)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
	}
	var n int // of all partitions: a query that is ended early does not tell what it did in the others
	require.NoError(t, s.db.QueryRowContext(ctx, "SELECT VALUE COUNT(1) FROM people p WHERE p.age = 36").Scan(&n))
	require.Equal(t, 8, st.Snapshot().Retries)
}

// TestClosedDB: closing the DB ends what it is used for, and its client.
func TestClosedDB(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	stmt, err := s.db.PrepareContext(t.Context(), "SELECT VALUE p.id FROM people p")
	require.NoError(t, err)
	client, err := cosmos.FromDB(t.Context(), s.db)
	require.NoError(t, err)
	require.NoError(t, s.db.Close())
	require.NoError(t, s.db.Close(), "again")
	_, err = stmt.QueryContext(t.Context())
	require.Error(t, err)
	require.ErrorContains(t, s.db.PingContext(t.Context()), "closed")
	_, err = s.db.BeginTx(t.Context(), nil)
	require.ErrorContains(t, err, "closed")
	_, err = client.Account(t.Context())
	require.ErrorIs(t, err, cosmos.ErrClosed)
}

// TestPing: it asks the service, and says what is wrong.
func TestPing(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	require.NoError(t, s.db.PingContext(t.Context()))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.db.PingContext(cancelled), context.Canceled)

	other, err := sql.Open("cosmos", "AccountEndpoint="+s.Endpoint()+";AccountKey=b3RoZXI=")
	require.NoError(t, err)
	defer other.Close()
	require.ErrorIs(t, other.PingContext(t.Context()), cosmos.ErrUnauthorized)
	require.NotContains(t, other.PingContext(t.Context()).Error(), "b3RoZXI=")

	s.Server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.Error(t, s.db.PingContext(ctx))
}
