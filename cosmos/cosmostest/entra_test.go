package cosmostest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// A program that signs in with Entra ID works with data, and is told that it manages nothing.
func TestTokenCredential(t *testing.T) {
	t.Parallel()
	srv := cosmostest.NewServer()
	defer srv.Close()
	ctx := t.Context()
	key, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer key.Close()
	_, err = key.CreateDatabase(ctx, "shop")
	require.NoError(t, err)
	_, err = key.Database("shop").
		CreateContainer(ctx, cosmos.ContainerProperties{ID: "orders", PartitionKey: cosmos.PartitionKeyPaths("/pk")})
	require.NoError(t, err)

	cred, err := cosmos.TokenCredential(srv.TokenCredential())
	require.NoError(t, err)
	client, err := cosmos.NewClient(srv.Endpoint(), cred, nil)
	require.NoError(t, err)
	defer client.Close()
	orders := client.Database("shop").Container("orders")
	_, err = orders.CreateItem(ctx, map[string]any{"id": "1", "pk": "p"})
	require.NoError(t, err)
	_, err = orders.ReadItem(ctx, "1", cosmos.PartitionKey("p"))
	require.NoError(t, err)
	for name, manage := range map[string]func() error{
		"database":         func() error { _, err := client.CreateDatabase(ctx, "other"); return err },
		"missing database": func() error { _, err := client.CreateDatabaseIfNotExists(ctx, "other"); return err },
		"container": func() error {
			_, err := client.Database("shop").CreateContainer(ctx,
				cosmos.ContainerProperties{ID: "c", PartitionKey: cosmos.PartitionKeyPaths("/pk")})
			return err
		},
		"deletion": func() error { _, err := orders.Delete(ctx); return err },
	} {
		err := manage()
		require.ErrorIs(t, err, cosmos.ErrForbidden, name)
		require.ErrorContains(t, err, "cannot be authorized by AAD token in data plane", name)
		require.ErrorContains(t, err, "are managed with an account key, or outside of the data plane", name)
	}

	ended, end := context.WithCancel(ctx)
	end()
	_, err = srv.TokenCredential().GetToken(ended, cosmostest.TokenOptions{})
	require.ErrorIs(t, err, context.Canceled)
}
