package cosmossql_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// shops is a database of orders and stock, whose transactions are distributed.
func shops(t testing.TB, opts ...cosmostest.Option) (*cosmostest.Server, *sql.DB) {
	t.Helper()
	srv := cosmostest.RunT(t, append(opts, cosmostest.DistributedTransactions())...)
	db, err := sql.Open("cosmos", srv.DSN("shop")+";transactions=distributed")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for _, text := range []string{
		"CREATE DATABASE shop", "CREATE DATABASE other", "CREATE CONTAINER orders WITH pk=/customer",
		"CREATE CONTAINER stock WITH pk=/kind", "CREATE CONTAINER other.log WITH pk=/id",
		"INSERT INTO stock (id, kind, n) VALUES ('bolt', 'hardware', 10), ('nut', 'hardware', 10)",
		"INSERT INTO stock (id, kind, n) VALUES ('pen', 'office', 10)",
	} {
		run(t, db, text)
	}
	return srv, db
}

func run(t testing.TB, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, text string, args ...any) int64 {
	t.Helper()
	res, err := db.ExecContext(t.Context(), text, args...)
	require.NoError(t, err, text)
	n, err := res.RowsAffected()
	require.NoError(t, err)
	return n
}

func begin(t testing.TB, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

const stockOf = "SELECT s.n FROM stock s WHERE s.id = @p1 AND s.kind = @p2"

func number(t testing.TB, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, id, kind string) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), stockOf, id, kind).Scan(&n))
	return n
}

// An order here, the stock there, a log in another database: all or none.
func TestDistributedTx(t *testing.T) {
	t.Parallel()
	srv, db := shops(t)
	tx := begin(t, db)
	require.EqualValues(t, 1, run(t, tx, "INSERT INTO orders (id, customer, item) VALUES ('1', 'ada', 'bolt')"))
	require.EqualValues(t, 2, run(t, tx, "UPSERT INTO orders (id, customer) VALUES ('2', 'bob'), ('3', 'cleo')"))
	require.EqualValues(t, 1, run(t, tx, "UPDATE stock SET n = n - 3 WHERE id = 'bolt' AND kind = 'hardware'"))
	require.EqualValues(t, 1, run(t, tx, "DELETE FROM stock WHERE id = 'pen' AND kind = 'office'"))
	require.EqualValues(t, 1, run(t, tx, "INSERT INTO other.log (id) VALUES ('1')"))
	require.Equal(t, 10, number(t, db, "bolt", "hardware"), "nothing is sent before Commit")
	require.NoError(t, tx.Commit())
	require.Equal(t, 7, number(t, db, "bolt", "hardware"))
	require.Equal(t, 1, srv.Count(cosmostest.CommitTransaction))
	var orders int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT COUNT(1) AS n FROM orders").Scan(&orders))
	require.Equal(t, 3, orders)

	// A statement that fails takes the others with it, and the error names it.
	tx = begin(t, db)
	run(t, tx, "UPDATE stock SET n = n - 1 WHERE id = 'nut' AND kind = 'hardware'")
	run(t, tx, "INSERT INTO orders (id, customer) VALUES ('1', 'ada')")
	err := tx.Commit()
	var failed *cosmos.BatchError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, cosmos.ErrConflict)
	require.ErrorContains(t, err, "nothing was committed because of statement 2 (INSERT INTO orders")
	require.Equal(t, 10, number(t, db, "nut", "hardware"))

	// Rollback, and a transaction of nothing, send nothing.
	tx = begin(t, db)
	run(t, tx, "UPDATE stock SET n = 0 WHERE id = 'nut' AND kind = 'hardware'")
	require.NoError(t, tx.Rollback())
	require.NoError(t, begin(t, db).Commit())
	require.Equal(t, 2, srv.Count(cosmostest.CommitTransaction))
	require.Equal(t, 10, number(t, db, "nut", "hardware"))
}

// The same by the context of BeginTx; without it the default stays the batch of one key.
func TestDistributedTxByContext(t *testing.T) {
	t.Parallel()
	srv, _ := shops(t)
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	defer db.Close()
	tx, err := db.BeginTx(cosmos.WithOptions(t.Context(), cosmos.Distributed()), nil)
	require.NoError(t, err)
	run(t, tx, "UPDATE stock SET n = 1 WHERE id = 'nut' AND kind = 'hardware'")
	run(t, tx, "UPDATE stock SET n = 1 WHERE id = 'pen' AND kind = 'office'")
	require.NoError(t, tx.Commit())
	require.Equal(t, 1, number(t, db, "pen", "office"))
	tx = begin(t, db)
	run(t, tx, "UPDATE stock SET n = 2 WHERE id = 'nut' AND kind = 'hardware'")
	_, err = tx.ExecContext(t.Context(), "UPDATE stock SET n = 2 WHERE id = 'pen' AND kind = 'office'")
	require.ErrorContains(t, err, "one partition key")
	_, err = db.ExecContext(t.Context(), "UPDATE stock SET n = 2 WHERE id = 'pen' AND kind = 'office'",
		cosmos.Distributed())
	require.ErrorContains(t, err, "it is for BeginTx")
}

func TestDistributedTxRefuses(t *testing.T) {
	t.Parallel()
	srv, db := shops(t)
	before := srv.Count(cosmostest.CommitTransaction)
	for _, tt := range []struct{ text, want string }{
		{"UPDATE stock SET n = 1 WHERE kind = 'hardware'", "must name one document"},
		{"DELETE FROM stock WHERE n > 1", "must name one document"},
		{"UPDATE stock SET n = 2 WHERE id = 'nut' AND kind = 'hardware'",
			"the transaction has an operation on this document already"},
		{"UPDATE stock SET tags = ARRAY_CONCAT(tags, []) WHERE id = 'bolt' AND kind = 'hardware'", "changes nothing"},
		{"UPDATE stock SET a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1, j=1, k=1 WHERE id = 'bolt' " +
			"AND kind = 'hardware'", "at most 10 fields"},
		{"CREATE CONTAINER more WITH pk=/id", "changes documents only"},
	} {
		tx := begin(t, db)
		run(t, tx, "UPDATE stock SET n = 1 WHERE id = 'nut' AND kind = 'hardware'")
		_, err := tx.ExecContext(t.Context(), tt.text)
		require.ErrorContains(t, err, tt.want, tt.text)
		require.NoError(t, tx.Rollback())
	}
	for _, text := range []string{
		"SELECT * FROM stock s", "SELECT * FROM stock s WHERE s.kind = 'hardware'",
		"SELECT * FROM stock s WHERE s.id = 'nut'",
		"SELECT * FROM stock s WHERE s.id = 'nut' AND s.kind = 'hardware' AND s.n > 5", "EXPLAIN SELECT * FROM stock",
		"LIST DATABASES",
	} {
		tx := begin(t, db)
		_, err := tx.QueryContext(t.Context(), text)
		require.ErrorIs(t, err, cosmossql.ErrTxQuery, text)
		require.NoError(t, tx.Rollback())
	}
	for _, level := range []sql.IsolationLevel{sql.LevelSnapshot, sql.LevelSerializable, sql.LevelRepeatableRead,
		sql.LevelReadCommitted} {
		_, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: level})
		require.ErrorContains(t, err, "LevelDefault", level)
	}
	_, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	require.ErrorContains(t, err, "read-only")
	require.Equal(t, before, srv.Count(cosmostest.CommitTransaction))
}

// Without the preview the error says how to get it.
func TestDistributedTxWithoutThePreview(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t)
	db, err := sql.Open("cosmos", srv.DSN("shop")+";transactions=distributed")
	require.NoError(t, err)
	defer db.Close()
	run(t, db, "CREATE DATABASE shop")
	run(t, db, "CREATE CONTAINER c WITH pk=/id")
	tx := begin(t, db)
	run(t, tx, "INSERT INTO c (id) VALUES ('1')")
	err = tx.Commit()
	require.ErrorContains(t, err, "preview of the service")
	require.ErrorIs(t, err, cosmos.ErrBadRequest)
}

// The table of docs/transactions.md: which anomalies a distributed transaction shows.
func TestDistributedTxAnomalies(t *testing.T) {
	t.Parallel()
	conflict := func(t *testing.T, err error, want bool) {
		t.Helper()
		if want {
			require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
			require.ErrorContains(t, err, "nothing was committed")
		} else {
			require.NoError(t, err)
		}
	}
	set := "UPDATE stock SET n = @p1 WHERE id = @p2 AND kind = @p3"

	t.Run("dirty write and dirty read", func(t *testing.T) {
		t.Parallel()
		_, db := shops(t)
		one, two := begin(t, db), begin(t, db)
		run(t, one, set, 1, "nut", "hardware")
		run(t, one, set, 1, "pen", "office")
		run(t, two, set, 2, "nut", "hardware")
		run(t, two, set, 2, "pen", "office")
		require.Equal(t, 10, number(t, two, "bolt", "hardware"))
		require.Equal(t, 10, number(t, db, "nut", "hardware"), "nobody sees what is not committed")
		require.NoError(t, two.Commit())
		require.NoError(t, one.Commit())
		require.Equal(t, number(t, db, "nut", "hardware"), number(t, db, "pen", "office"),
			"one transaction or the other, not half of each")
	})
	t.Run("lost update", func(t *testing.T) {
		t.Parallel()
		for name, change := range map[string]string{
			"UPDATE": set,
			"UPSERT": "UPSERT INTO stock (n, id, kind) VALUES (@p1, @p2, @p3)",
		} {
			_, db := shops(t)
			one := begin(t, db)
			n := number(t, one, "nut", "hardware")
			run(t, db, set, 100, "nut", "hardware")
			run(t, one, change, n+1, "nut", "hardware")
			run(t, one, set, 1, "pen", "office")
			conflict(t, one.Commit(), true)
			require.Equal(t, 100, number(t, db, "nut", "hardware"), name)
			require.Equal(t, 10, number(t, db, "pen", "office"), name)
		}
		_, db := shops(t)
		one := begin(t, db)
		number(t, one, "nut", "hardware")
		run(t, db, set, 100, "nut", "hardware")
		run(t, one, "DELETE FROM stock WHERE id = 'nut' AND kind = 'hardware'")
		conflict(t, one.Commit(), true)
	})
	t.Run("a document that was not there, or is not there any more", func(t *testing.T) {
		t.Parallel()
		_, db := shops(t)
		upsert := "UPSERT INTO stock (n, id, kind) VALUES (@p1, @p2, @p3)"
		one := begin(t, db)
		var n int
		require.ErrorIs(t, one.QueryRowContext(t.Context(), stockOf, "new", "office").Scan(&n), sql.ErrNoRows)
		run(t, db, upsert, 5, "new", "office")
		run(t, one, upsert, 1, "new", "office")
		require.ErrorIs(t, one.Commit(), cosmos.ErrConflict)
		require.Equal(t, 5, number(t, db, "new", "office"))
		one = begin(t, db)
		number(t, one, "new", "office")
		run(t, db, "DELETE FROM stock WHERE id = 'new' AND kind = 'office'")
		run(t, one, upsert, 1, "new", "office")
		require.ErrorIs(t, one.Commit(), cosmos.ErrNotFound, "it is not created again")
	})
	t.Run("non-repeatable read", func(t *testing.T) {
		t.Parallel()
		_, db := shops(t)
		one := begin(t, db)
		require.Equal(t, 10, number(t, one, "nut", "hardware"))
		run(t, db, set, 11, "nut", "hardware")
		require.Equal(t, 11, number(t, one, "nut", "hardware"), "it shows")
		run(t, one, set, 12, "nut", "hardware")
		conflict(t, one.Commit(), true) // but what was read first is what counts
	})
	t.Run("read skew", func(t *testing.T) {
		t.Parallel()
		_, db := shops(t)
		one := begin(t, db)
		nut := number(t, one, "nut", "hardware")
		other := begin(t, db)
		run(t, other, set, 5, "nut", "hardware")
		run(t, other, set, 15, "pen", "office")
		require.NoError(t, other.Commit())
		require.Equal(t, 25, nut+number(t, one, "pen", "office"),
			"it shows: the two were 20 together, before and after")
		require.NoError(t, one.Commit())
		client, err := cosmos.FromDB(t.Context(), db)
		require.NoError(t, err)
		stock := client.Database("shop").Container("stock")
		tx := client.NewTransaction()
		require.NoError(t, tx.Add(t.Context(), stock, cosmos.OpRead("nut", cosmos.PartitionKey("hardware")),
			cosmos.OpRead("pen", cosmos.PartitionKey("office"))))
		resp, err := tx.Read(t.Context())
		require.NoError(t, err, "not in Transaction.Read, which is a snapshot")
		require.Len(t, resp.Results, 2)
	})
	t.Run("write skew", func(t *testing.T) {
		t.Parallel()
		_, db := shops(t)
		one, two := begin(t, db), begin(t, db)
		for _, tx := range []*sql.Tx{one, two} {
			require.Equal(t, 20, number(t, tx, "nut", "hardware")+number(t, tx, "pen", "office"))
		}
		run(t, one, set, 0, "nut", "hardware")
		run(t, two, set, 0, "pen", "office")
		conflict(t, one.Commit(), false)
		conflict(t, two.Commit(), false) // it shows: neither wrote what the other one had read and written
		require.Zero(t, number(t, db, "nut", "hardware")+number(t, db, "pen", "office"))
	})
	t.Run("write skew, with what was read written too", func(t *testing.T) {
		t.Parallel()
		_, db := shops(t)
		one, two := begin(t, db), begin(t, db)
		for i, tx := range []*sql.Tx{one, two} {
			for _, at := range [][2]string{{"nut", "hardware"}, {"pen", "office"}} {
				number(t, tx, at[0], at[1])
				run(t, tx, "UPDATE stock SET seen = @p1 WHERE id = @p2 AND kind = @p3", i, at[0], at[1])
			}
		}
		conflict(t, one.Commit(), false)
		conflict(t, two.Commit(), true)
	})
}

// Answers that are lost on the way: Commit says what happened, and it happens once.
func TestDistributedTxIsExecutedOnce(t *testing.T) {
	t.Parallel()
	srv, db := shops(t)
	for i, cut := range []cosmostest.Cut{cosmostest.CutAfter, cosmostest.CutBefore, cosmostest.CutBody} {
		srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.CommitTransaction), Times: 2, Cut: cut})
		tx := begin(t, db)
		run(t, tx, "UPDATE stock SET n = n + 1 WHERE id = 'nut' AND kind = 'hardware'")
		run(t, tx, "INSERT INTO orders (id, customer) VALUES (@p1, 'ada')", fmt.Sprint(i))
		require.NoError(t, tx.Commit())
		require.Equal(t, 11+i, number(t, db, "nut", "hardware"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked atomic.Int32
	srv.Inject(cosmostest.Fault{
		Match: cosmostest.On(cosmostest.CommitTransaction), Cut: cosmostest.CutAfter,
		Hold: func(context.Context) {
			if asked.Add(1) == 3 {
				cancel()
			}
		},
	})
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	run(t, tx, "INSERT INTO orders (id, customer) VALUES ('x', 'ada')")
	err = tx.Commit()
	require.Error(t, err)
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
}
