package regions

import (
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// The example of docs/testing-failover.md.
func TestSurvivesAFailover(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t, cosmostest.Regions("West US", "East US"))
	made := srv.Container("/pk")
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	orders := client.Database(made.Database).Container(made.ID)

	require.NoError(t, srv.PauseReplication("West US", "East US"))
	_, err = orders.CreateItem(t.Context(), item{ID: "1", PK: "ann"}) // acknowledged in West US alone
	require.NoError(t, err)
	lost, err := srv.ForceFailover("East US")
	require.NoError(t, err)
	require.Equal(t, "1", lost[0].Item)
	resp, err := orders.CreateItem(t.Context(), item{ID: "2", PK: "ann"})
	require.NoError(t, err)
	require.Equal(t, "East US", resp.Region)
}
