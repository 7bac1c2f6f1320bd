// Package integration runs what a program does with the public packages, end to end, against one account: the
// in-process server, or a real account whose DSN is in COSMOS_TEST_DSN. In the account it makes one database of its
// own, with a random name, and drops it at the end; nothing else is touched.
package integration

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
)

// account is what the tests share: a database of the account under test, through both doors.
var account struct {
	real     bool // not the in-process server, which is what some inferred behaviour is only known of
	client   *cosmos.Client
	database *cosmos.Database
	config   driver.Config
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "integration:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dsn := os.Getenv("COSMOS_TEST_DSN")
	account.real = dsn != ""
	if !account.real {
		srv := cosmostest.NewServer()
		defer srv.Close()
		dsn = srv.ConnectionString()
	}
	cfg, err := driver.ParseDSN(dsn)
	if err != nil {
		return 0, err
	}
	account.config = *cfg
	account.config.Database, account.config.Container = "integration-"+uuid.NewString(), ""
	connector, err := driver.OpenConnector(account.config)
	if err != nil {
		return 0, err
	}
	defer connector.Close()
	account.client = connector.Client()
	ctx := context.Background()
	if _, err := account.client.CreateDatabase(ctx, account.config.Database); err != nil {
		return 0, err
	}
	account.database = account.client.Database(account.config.Database)
	defer func() {
		if _, e := account.database.Delete(ctx); e != nil && err == nil {
			err = e
		}
	}()
	return m.Run(), nil
}

// newContainer makes a container for one test.
func newContainer(t *testing.T, p cosmos.ContainerProperties) *cosmos.Container {
	t.Helper()
	if p.ID == "" {
		p.ID = name()
	}
	_, err := account.database.CreateContainer(t.Context(), p)
	require.NoError(t, err)
	c := account.database.Container(p.ID)
	t.Cleanup(func() {
		_, err := c.Delete(context.WithoutCancel(t.Context()))
		require.NoError(t, err)
	})
	return c
}

// name is an identifier that nothing else has.
func name() string { return "c" + strings.ReplaceAll(uuid.NewString(), "-", "") }

// openDB opens the account with database/sql; every statement goes to c, if there is one. It shares the client.
func openDB(t *testing.T, c *cosmos.Container) *sql.DB {
	t.Helper()
	cfg := account.config
	if c != nil {
		cfg.Container = c.ID()
	}
	db := sql.OpenDB(driver.NewConnector(account.client, cfg))
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// column reads a query of one column.
func column[T any](t *testing.T, db *sql.DB, query string, args ...any) []T {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	require.NoError(t, err)
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		var v T
		require.NoError(t, rows.Scan(&v))
		all = append(all, v)
	}
	require.NoError(t, rows.Err())
	return all
}
