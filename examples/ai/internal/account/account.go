// Package account opens the database that the programs here work in.
package account

import (
	"context"
	"os"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// Open opens the database ai of the account that COSMOS_DSN names, or of a server inside this program, and makes it
// if it is missing. done closes what was opened.
func Open(ctx context.Context) (db *cosmos.Database, done func(), err error) {
	dsn, stop := os.Getenv("COSMOS_DSN"), func() {}
	if dsn == "" {
		srv := cosmostest.NewServer()
		dsn, stop = srv.ConnectionString(), srv.Close
	}
	client, err := cosmos.NewClientFromConnectionString(dsn, nil)
	if err != nil {
		stop()
		return nil, nil, err
	}
	done = func() {
		_ = client.Close()
		stop()
	}
	if _, err := client.CreateDatabaseIfNotExists(ctx, "ai"); err != nil {
		done()
		return nil, nil, err
	}
	return client.Database("ai"), done, nil
}
