package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/examples/ai/hashing"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

const embedder = hashing.Embedder(64)

// database starts a server and makes a database on it.
func database(t *testing.T, opts ...cosmostest.Option) (*cosmos.Database, *cosmostest.Server) {
	srv := cosmostest.RunT(t, opts...)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.CreateDatabase(t.Context(), "ai")
	require.NoError(t, err)
	return client.Database("ai"), srv
}

// container makes a container in a new database.
func container(
	t *testing.T,
	p cosmos.ContainerProperties,
	opts ...cosmostest.Option,
) (*cosmos.Container, *cosmostest.Server) {
	db, srv := database(t, opts...)
	_, err := db.CreateContainer(t.Context(), p)
	require.NoError(t, err)
	return db.Container(p.ID), srv
}

// vectors makes a vector store in a new container.
func vectors(t *testing.T, d store.VectorContainer) *store.Vectors {
	v, _ := vectorsOn(t, d)
	return v
}

func vectorsOn(t *testing.T, d store.VectorContainer) (*store.Vectors, *cosmostest.Server) {
	d.ID = "docs"
	if d.Dimensions == 0 {
		d.Dimensions = int(embedder)
	}
	c, srv := container(t, d.Properties())
	v, err := store.OpenVectors(t.Context(), c, embedder)
	require.NoError(t, err)
	return v, srv
}

func texts(docs []store.Document) []string {
	list := []string{}
	for _, d := range docs {
		list = append(list, d.Text)
	}
	return list
}
