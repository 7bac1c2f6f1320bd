package azcosmos

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// account is a fresh server with a client of either make.
type account struct {
	server *cosmostest.Server
	azure  *azcosmos.Client
	ours   *cosmos.Client
}

func newAccount(t *testing.T, opts ...cosmostest.Option) account {
	t.Helper()
	srv := cosmostest.RunT(t, opts...)

	key, err := azcosmos.NewKeyCredential(srv.Key())
	require.NoError(t, err)
	options := &azcosmos.ClientOptions{EnableContentResponseOnWrite: true,
		ClientOptions: azcore.ClientOptions{Transport: srv.HTTPClient()}}
	azure, err := azcosmos.NewClientWithKey(srv.Endpoint(), key, options)
	require.NoError(t, err)
	t.Cleanup(azure.Close)

	ours, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(),
		&cosmos.ClientOptions{HTTPClient: srv.HTTPClient()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ours.Close()) })
	return account{srv, azure, ours}
}

// items is one container, seen by both clients.
type items struct {
	account
	azure *azcosmos.ContainerClient
	ours  *cosmos.Container
}

// newItems makes the container items of the database shop, partitioned by paths.
func newItems(t *testing.T, paths ...string) items {
	t.Helper()
	a := newAccount(t)
	_, err := a.azure.CreateDatabase(t.Context(), azcosmos.DatabaseProperties{ID: "shop"}, nil)
	require.NoError(t, err)
	db, err := a.azure.NewDatabase("shop")
	require.NoError(t, err)
	key := azcosmos.PartitionKeyDefinition{Paths: paths, Version: 2}
	if len(paths) > 1 {
		key.Kind = azcosmos.PartitionKeyKindMultiHash
	}
	_, err = db.CreateContainer(t.Context(),
		azcosmos.ContainerProperties{ID: "items", PartitionKeyDefinition: key}, nil)
	require.NoError(t, err)
	c, err := db.NewContainer("items")
	require.NoError(t, err)
	return items{a, c, a.ours.Database("shop").Container("items")}
}

// status is the service's status in an error of azcosmos, or 0.
func status(err error) int {
	if e := (*azcore.ResponseError)(nil); errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}

// must encodes a value as JSON.
func must(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

// object decodes a document.
func object(t *testing.T, doc []byte) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal(doc, &m))
	return m
}
