package docs

import (
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// docs/errors.md
func TestErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	ctx, orders := w.ctx, w.orders
	create := func() (string, error) {
		_, err := orders.CreateItem(ctx, order{ID: "42", Customer: "ada"})
		switch {
		case errors.Is(err, cosmos.ErrUnknownOutcome): // first: it stands beside another kind
			return "it may have been written: read it before writing again", nil
		case errors.Is(err, cosmos.ErrConflict):
			return "there is one with this id", nil
		case err != nil:
			return "", err
		}
		return "created", nil
	}
	for _, want := range []string{"created", "there is one with this id"} {
		got, err := create()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// docs/sessions.md
func TestSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	ctx, orders, db, customer := w.ctx, w.orders, w.db, "ada"
	run := func() error {
		resp, err := orders.CreateItem(ctx, order{ID: "42", Customer: customer})
		if err != nil {
			return err
		}
		token := resp.SessionToken // hand it out …

		// … and read with it elsewhere:
		_, err = orders.ReadItem(ctx, "42", cosmos.PartitionKey(customer), cosmos.SessionToken(token))
		if err != nil {
			return err
		}
		rows, err := db.QueryContext(ctx, "SELECT * FROM orders o", cosmos.SessionToken(token))
		if err != nil {
			return err
		}
		defer rows.Close()
		return rows.Err()
	}
	require.NoError(t, run())
}

// docs/observability.md
func TestObservability(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", three...)
	ctx := w.ctx
	var logged strings.Builder
	logger := slog.New(slog.NewTextHandler(&logged, nil))
	endpoint := w.server.Endpoint()
	credential, err := cosmos.KeyCredential(cosmostest.DefaultKey)
	require.NoError(t, err)
	client, err := cosmos.NewClient(endpoint, credential, &cosmos.ClientOptions{
		Tracer: cosmos.LogTracer(logger, cosmos.LogThresholds{Slow: time.Second, Dear: 100}),
	})
	require.NoError(t, err)
	_, err = client.Database("shop").Container("orders").ReadItem(ctx, "nobody", cosmos.PartitionKey("ada"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	require.NoError(t, client.Close())
	require.Contains(t, logged.String(), "level=INFO")
	require.Contains(t, logged.String(), "404")
}

// docs/throughput.md
func TestThroughput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", three...)
	ctx, orders, db := w.ctx, w.orders, w.db
	handled := 0
	handle := func(json.RawMessage) { handled++ }
	run := func() error {
		for item, err := range orders.Items(ctx, cosmos.MaxRUPerSecond(2000)) {
			if err != nil {
				return err
			}
			handle(item)
		}
		// In SQL it is for all that the statement takes, here a search and the deletes.
		_, err := db.ExecContext(ctx, "DELETE FROM orders WHERE total < 6", cosmos.MaxRUPerSecond(500))
		return err
	}
	require.NoError(t, run())
	require.Equal(t, 3, handled)

	nightly := func() error {
		nightly, err := cosmos.NewThroughputControlGroup(cosmos.ThroughputControlGroupConfig{
			Name:                      "nightly",
			TargetThroughputThreshold: 0.3, // of what the container has provisioned; or TargetThroughput: 2000
			Priority:                  cosmos.PriorityLow,
			ThroughputBucket:          2,
		})
		if err != nil {
			return err
		}
		ctx := cosmos.WithOptions(ctx, cosmos.InThroughputControlGroup(nightly)) // for all that is done with ctx
		_, err = orders.ReadItem(ctx, "1", cosmos.PartitionKey("ada"))
		return err
	}
	require.NoError(t, nightly())

	catchUp := func(saved string) (string, error) {
		feed := orders.ChangeFeed(cosmos.Continuation(saved), cosmos.UntilNow(), cosmos.MaxRUPerSecond(500))
		for item, err := range feed.Items(ctx) {
			if err != nil {
				return "", err
			}
			handle(item)
		}
		return feed.Token()
	}
	token, err := catchUp("")
	require.NoError(t, err)
	require.Equal(t, 5, handled)
	_, err = catchUp(token)
	require.NoError(t, err)
	require.Equal(t, 5, handled)
}

// docs/transactions.md
func TestTransactions(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, "", three...)
	batch := func(db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		_, err = tx.ExecContext(ctx, "INSERT INTO orders (id, customer, total) VALUES ('4', 'ada', 9)")
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE orders SET total = total + 1 WHERE id = '1' AND customer = 'ada'")
		if err != nil {
			return err
		}
		return tx.Commit() // here both are sent, at once
	}
	require.NoError(t, batch(w.db))
	require.ErrorIs(t, batch(w.db), cosmos.ErrConflict)
	var total float64
	row := w.db.QueryRow("SELECT o.total FROM orders o WHERE o.id = '1' AND o.customer = 'ada'")
	require.NoError(t, row.Scan(&total))
	require.EqualValues(t, 8, total, "once")

	w = newWorld(t, ";transactions=distributed")
	for _, statement := range []string{
		"CREATE CONTAINER stock PARTITION KEY (/warehouse)",
		"INSERT INTO stock (id, warehouse, count) VALUES ('bolt', 'north', 10)",
	} {
		_, err := w.db.ExecContext(ctx, statement)
		require.NoError(t, err)
	}
	order := func(db *sql.DB) error { // DSN: …;transactions=distributed
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		var count int
		row := tx.QueryRowContext(ctx,
			"SELECT s.count FROM stock s WHERE s.id = ? AND s.warehouse = ?", "bolt", "north")
		err = row.Scan(&count)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx,
			"UPDATE stock SET count = ? WHERE id = ? AND warehouse = ?", count-3, "bolt", "north")
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO orders (id, customer, count) VALUES (?, ?, ?)", "42", "ada", 3)
		if err != nil {
			return err
		}
		return tx.Commit() // here everything is sent, at once
	}
	require.NoError(t, order(w.db))
	var count int
	require.NoError(t, w.db.QueryRowContext(ctx, "SELECT VALUE s.count FROM stock s").Scan(&count))
	require.Equal(t, 7, count)
}
