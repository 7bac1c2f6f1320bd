package docs

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
)

// raise is the program of docs/azcosmos.md and docs/aio-cosmos.md.
func raise(ctx context.Context, client *cosmos.Client, customer string, by float64) (sum float64, err error) {
	orders := client.Database("shop").Container("orders")
	_, err = orders.CreateItem(ctx, order{ID: "1", Customer: customer, Total: 7})
	if err != nil && !errors.Is(err, cosmos.ErrConflict) { // it may be there
		return 0, err
	}
	o, resp, err := cosmos.ReadItem[order](ctx, orders, "1", cosmos.PartitionKey(customer))
	if err != nil {
		return 0, err
	}
	o.Total += by
	if _, err := orders.ReplaceItem(ctx, o.ID, o, cosmos.IfMatch(resp.ETag)); err != nil {
		return 0, err
	}
	for total, err := range cosmos.Query[float64](ctx, orders, "SELECT VALUE SUM(o.total) FROM o") {
		if err != nil {
			return 0, err
		}
		sum = total
	}
	return sum, nil
}

func TestComing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", three...)
	for _, want := range []float64{25, 26} {
		sum, err := raise(w.ctx, w.client, "ada", 1)
		require.NoError(t, err)
		require.Equal(t, want, sum)
	}

	ctx, db := w.ctx, w.db
	change := func() error { // docs/gocosmos.md
		// The partition key comes last.
		_, err := db.ExecContext(ctx, "UPDATE orders SET total=:1 WHERE id=:2", 9, "3", "bob")
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, "UPDATE orders SET total = ? WHERE id = ? AND customer = ?", 10, "3", "bob")
		return err
	}
	require.NoError(t, change())
	var total float64
	require.NoError(t, db.QueryRow("SELECT o.total FROM orders o WHERE o.id = '3'").Scan(&total))
	require.EqualValues(t, 10, total)
}

// docs/dsn.md and docs/regions-retries-timeouts.md
func TestSettings(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t, cosmostest.Regions("West Europe", "North Europe"))
	dsn := srv.DSN("shop")
	open := func() (*sql.DB, error) {
		config, err := driver.ParseDSN(dsn) // or driver.Config{Endpoint: …, Key: …}
		if err != nil {
			return nil, err
		}
		config.PageSize = 500
		config.PreferredRegions = []string{"North Europe", "West Europe"}
		connector, err := driver.OpenConnector(*config)
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(connector), nil
	}
	db, err := open()
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.PingContext(t.Context()))

	endpoint := srv.Endpoint()
	credential, err := cosmos.KeyCredential(cosmostest.DefaultKey)
	require.NoError(t, err)
	client, err := cosmos.NewClient(endpoint, credential, &cosmos.ClientOptions{
		PreferredRegions:   []string{"North Europe", "West Europe"}, // the nearest first
		HedgeThreshold:     500 * time.Millisecond,                  // then a read goes to the second region, too
		RequestTimeout:     10 * time.Second,                        // of one attempt; the context bounds the call
		MaxThrottleRetries: 3,
	})
	require.NoError(t, err)
	defer client.Close()
	made := srv.Container("/customer")
	orders := client.Database(made.Database).Container(made.ID)
	_, err = orders.CreateItem(t.Context(), order{ID: "1", Customer: "ada"})
	require.NoError(t, err)
	resp, err := orders.ReadItem(t.Context(), "1", cosmos.PartitionKey("ada"))
	require.NoError(t, err)
	require.Equal(t, "North Europe", resp.Region)
}
