package docs

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type order struct {
	ID       string  `json:"id"`
	Customer string  `json:"customer"`
	Total    float64 `json:"total"`
}

// world is what the blocks of the pages may use without saying where it comes from: a shop on a server of its own.
type world struct {
	ctx            context.Context
	server         *cosmostest.Server
	client         *cosmos.Client
	db             *sql.DB
	orders, leases *cosmos.Container // partitioned by /customer and /id
}

// newWorld starts a server with the database shop, the containers orders and leases, and list in orders.
func newWorld(t *testing.T, options string, list ...order) *world {
	t.Helper()
	documents := make([]any, len(list))
	for i, o := range list {
		documents[i] = o
	}
	server := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{
		{ID: "orders", PartitionKey: []string{"/customer"}, Documents: documents},
		{ID: "leases", PartitionKey: []string{"/id"}},
	}}), cosmostest.DistributedTransactions())
	db, err := sql.Open("cosmos", server.DSN("shop")+options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	shop := client.Database("shop")
	return &world{t.Context(), server, client, db, shop.Container("orders"), shop.Container("leases")}
}

// two orders of one customer, one of another.
var three = []order{{"1", "ada", 7}, {"2", "ada", 12}, {"3", "bob", 5}}

// readRows reads all rows of a statement; each is called with each of them.
func readRows(db *sql.DB, statement string, each func(*sql.Rows)) error {
	rows, err := db.Query(statement)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		each(rows)
	}
	return errors.Join(rows.Err(), rows.Close())
}
