package driver_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
)

// served is a server with the container c, partitioned by /pk, and its database opened by a DSN with more options.
func served(t *testing.T, more string) (*cosmostest.Server, *sql.DB) {
	t.Helper()
	srv := cosmostest.RunT(t, cosmostest.Partitions(2), cosmostest.DistributedTransactions())
	db, err := sql.Open("cosmos", srv.DSN("shop")+";"+more)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for _, text := range []string{"CREATE DATABASE shop WITH throughput=4000",
		"CREATE CONTAINER c PARTITION KEY (/pk) WITH (throughput=1000)"} {
		_, err := db.ExecContext(t.Context(), text)
		require.NoError(t, err)
	}
	return srv, db
}

// TestOptionsOfADSNReachTheRequests: what a DSN says of statements is what their requests carry.
func TestOptionsOfADSNReachTheRequests(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ option, header, want string }{
		{"Consistency=Eventual", "x-ms-consistency-level", "Eventual"},
		{"PageSize=7", "x-ms-max-item-count", "7"},
		{"Priority=Low", "x-ms-cosmos-priority-level", "Low"},
		{"ThroughputBucket=2", "x-ms-cosmos-throughput-bucket", "2"},
		{"PartitionKey=ann", "x-ms-documentdb-partitionkey", `["ann"]`},
	} {
		t.Run(tt.option, func(t *testing.T) {
			t.Parallel()
			srv, db := served(t, tt.option)
			var seen atomic.Value // as the server's goroutines saw it
			srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
				if r.Operation == cosmostest.Query {
					seen.Store(r.Header.Get(tt.header))
				}
				return false
			}})
			rows, err := db.QueryContext(t.Context(), "SELECT * FROM c")
			require.NoError(t, err)
			require.False(t, rows.Next())
			require.NoError(t, rows.Err())
			require.Equal(t, tt.want, seen.Load())
		})
	}
}

// TestStatementsWithinTheBudgetsOfADSN are executed; test/budget measures what they may cost together.
func TestStatementsWithinTheBudgetsOfADSN(t *testing.T) {
	t.Parallel()
	for _, option := range []string{"MaxRUPerSecond=10000", "TargetThroughput=10000", "TargetThroughputThreshold=0.9",
		"MaxConcurrency=1"} {
		_, db := served(t, option)
		for _, text := range []string{"INSERT INTO c (id, pk) VALUES ('1', 'p')", "UPDATE c SET n = 1 WHERE pk = 'p'",
			"DELETE FROM c WHERE n = 1"} {
			r, err := db.ExecContext(t.Context(), text)
			require.NoError(t, err, option)
			n, err := r.RowsAffected()
			require.NoError(t, err)
			require.EqualValues(t, 1, n, "%s: %s", option, text)
		}
	}
}

// TestDistributedTransactionsOfADSN span keys; without the option they do not.
func TestDistributedTransactionsOfADSN(t *testing.T) {
	t.Parallel()
	for option, want := range map[string]string{
		"transactions=distributed": "",
		"transactions=batch":       "a transaction is of one partition key",
	} {
		_, db := served(t, option)
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), "INSERT INTO c (id, pk) VALUES ('1', 'p')")
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), "INSERT INTO c (id, pk) VALUES ('2', 'q')")
		if want != "" {
			require.ErrorContains(t, err, want)
			require.NoError(t, tx.Rollback())
			continue
		}
		require.NoError(t, err)
		require.NoError(t, tx.Commit())
		var n int
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT COUNT(1) FROM c").Scan(&n))
		require.Equal(t, 2, n)
		cfg, err := driver.ParseDSN("cosmos://host?" + option)
		require.NoError(t, err)
		require.Contains(t, cfg.FormatDSN(), option)
	}
}

// TestCredentialsOfADSN: a resource token, and a credential that the program has registered under a name.
func TestCredentialsOfADSN(t *testing.T) {
	t.Parallel()
	srv, _ := served(t, "")
	cred, err := cosmos.KeyCredential(srv.Key())
	require.NoError(t, err)
	name := fmt.Sprint("of a test ", time.Now().UnixNano()) // not taken by a test that is repeated
	require.NoError(t, cosmos.RegisterCredential(name, cred))
	client, err := cosmos.NewClient(srv.Endpoint(), cred, nil)
	require.NoError(t, err)
	defer client.Close()
	shop := client.Database("shop")
	_, err = shop.Users().Create(t.Context(), cosmos.User{ID: "ann"})
	require.NoError(t, err)
	permission, err := shop.Permissions("ann").Create(t.Context(), cosmos.Permission{
		ID: "all", Mode: cosmos.PermissionAll, Resource: shop.Container("c").Link(),
	})
	require.NoError(t, err)
	for name, dsn := range map[string]string{
		"registered": "AccountEndpoint=" + srv.Endpoint() + ";Database=shop;Credential=" + name,
		"token": "cosmos://" + strings.TrimSuffix(strings.TrimPrefix(srv.Endpoint(), "http://"), "/") +
			"/shop?tls=false&resource_token=" + url.QueryEscape(permission.Token),
	} {
		db, err := sql.Open("cosmos", dsn)
		require.NoError(t, err, name)
		_, err = db.ExecContext(t.Context(), "UPSERT INTO c (id, pk) VALUES ('1', 'p')", cosmos.PartitionKey("p"))
		require.NoError(t, err, name)
		require.NoError(t, db.Close())
	}
}

// TestClientThatCannotBeMade: nothing is left open where a client is made and then refused.
func TestClientThatCannotBeMade(t *testing.T) {
	t.Parallel()
	_, err := driver.OpenConnector(driver.Config{Endpoint: "https://localhost/", Key: key, HTTPClient: &http.Client{},
		ConnectTimeout: 1})
	require.ErrorContains(t, err, "ConnectTimeout has no effect on an HTTPClient of your own")
}
