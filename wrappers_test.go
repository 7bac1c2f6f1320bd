package cosmossql_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// TestConnsUnderWrappers: wrappers of drivers, for tracing and the like, call the oldest methods of a connection, too.
func TestConnsUnderWrappers(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	conn, err := s.db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(own any) error {
		c := own.(driver.Conn)
		_, err := c.Prepare("SELEC")
		require.ErrorContains(t, err, "incorrect syntax near 'SELEC'")
		stmt, err := c.Prepare("DELETE FROM people WHERE id = ? AND city = ?")
		require.NoError(t, err)
		require.Equal(t, -1, stmt.NumInput())
		//lint:ignore SA1019 what is asked here is the deprecated pair
		_, err = stmt.Query(nil)
		require.ErrorIs(t, err, errors.ErrUnsupported, "database/sql then calls QueryContext")
		//lint:ignore SA1019 likewise
		_, err = stmt.Exec(nil)
		require.ErrorIs(t, err, errors.ErrUnsupported, "database/sql then calls ExecContext")
		//lint:ignore SA1019 likewise
		tx, err := c.Begin()
		require.NoError(t, err)
		_, err = c.(driver.ConnBeginTx).BeginTx(t.Context(), driver.TxOptions{})
		require.ErrorContains(t, err, "a transaction is open on this connection already")
		_, err = stmt.(driver.StmtExecContext).ExecContext(t.Context(),
			[]driver.NamedValue{{Ordinal: 1, Value: "1"}, {Ordinal: 2, Value: "London"}})
		require.NoError(t, err)
		require.NoError(t, tx.Rollback())
		ended, end := context.WithCancel(t.Context())
		end()
		_, err = c.(driver.QueryerContext).QueryContext(ended, "SELECT 1", nil)
		require.ErrorIs(t, err, context.Canceled)
		return nil
	}))
	require.Len(t, s.query(t, "SELECT p.id FROM people p"), 1, "nothing was sent")
}

// TestStatementsThatLackWhatTheyNeed end before anything is sent, in a transaction and outside of one.
func TestStatementsThatLackWhatTheyNeed(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	before := s.Count(cosmostest.Batch) + s.Count(cosmostest.CreateContainer) + s.Count(cosmostest.Create)
	_, err := s.db.ExecContext(t.Context(), "CREATE CONTAINER more PARTITION KEY (/a)", "a value")
	require.ErrorContains(t, err, "argument 1 is not used")
	_, err = s.db.BeginTx(cosmos.WithOptions(t.Context(), cosmos.PageSize(-7)), nil)
	require.ErrorContains(t, err, "-7")
	_, err = s.db.QueryContext(t.Context(), "DESCRIBE nowhere SAMPLE 5")
	require.ErrorIs(t, err, cosmos.ErrOwnerNotFound)
	tx := s.begin(t)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO nowhere (id) VALUES ('1')")
	require.ErrorIs(t, err, cosmos.ErrOwnerNotFound)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO people (id, city) VALUES (?, ?)", "1")
	require.ErrorContains(t, err, "@p2 has no argument")
	require.Equal(t, before, s.Count(cosmostest.Batch)+s.Count(cosmostest.CreateContainer)+s.Count(cosmostest.Create))
}

// TestReadsOfADistributedTransactionNeedAContainer and their arguments, as queries outside do.
func TestReadsOfADistributedTransactionNeedAContainer(t *testing.T) {
	t.Parallel()
	_, db := shops(t)
	tx := begin(t, db)
	_, err := tx.QueryContext(t.Context(), "SELECT * FROM nowhere n WHERE n.id = '1' AND n.pk = '1'")
	require.ErrorIs(t, err, cosmos.ErrOwnerNotFound)
	_, err = tx.QueryContext(t.Context(), stockOf, "bolt")
	require.ErrorContains(t, err, "@p2")
}
