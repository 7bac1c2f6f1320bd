package shop

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
)

// The functions of docs/client.md.
func TestPlace(t *testing.T) {
	srv := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{
		{ID: "orders", PartitionKey: []string{"/customer"}},
	}}))
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	defer db.Close()
	for range 2 {
		owed, err := Place(t.Context(), db, Order{ID: "1", Customer: "ada", Total: 7})
		require.NoError(t, err)
		require.EqualValues(t, 7, owed)
	}

	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	shared := sql.OpenDB(driver.NewConnector(client, driver.Config{Database: "shop"}))
	defer shared.Close()
	owed, err := Place(t.Context(), shared, Order{ID: "2", Customer: "ada", Total: 1})
	require.NoError(t, err)
	require.EqualValues(t, 8, owed)
}
