package azcosmos

import (
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

func TestDatabases(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	created, err := a.azure.CreateDatabase(t.Context(), azcosmos.DatabaseProperties{ID: "shop"}, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, created.RawResponse.StatusCode)
	require.Equal(t, "shop", created.DatabaseProperties.ID)
	_, err = a.azure.CreateDatabase(t.Context(), azcosmos.DatabaseProperties{ID: "shop"}, nil)
	require.Equal(t, http.StatusConflict, status(err))

	_, err = a.ours.CreateDatabase(t.Context(), "ours")
	require.NoError(t, err)
	db, err := a.azure.NewDatabase("ours")
	require.NoError(t, err)
	read, err := db.Read(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "ours", read.DatabaseProperties.ID)

	var ids []string
	pager := a.azure.NewQueryDatabasesPager("SELECT * FROM root r ORDER BY r.id", nil)
	for pager.More() {
		page, err := pager.NextPage(t.Context())
		require.NoError(t, err)
		for _, p := range page.Databases {
			ids = append(ids, p.ID)
		}
	}
	require.ElementsMatch(t, []string{"ours", "shop"}, ids)

	_, err = db.Delete(t.Context(), nil)
	require.NoError(t, err)
	_, err = db.Read(t.Context(), nil)
	require.Equal(t, http.StatusNotFound, status(err))
	_, err = a.ours.Database("ours").Read(t.Context())
	require.ErrorIs(t, err, cosmos.ErrNotFound)
}

func TestContainers(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	db, err := a.account.azure.NewDatabase("shop")
	require.NoError(t, err)

	given := azcosmos.ContainerProperties{
		ID: "policies",
		PartitionKeyDefinition: azcosmos.PartitionKeyDefinition{Paths: []string{"/tenant", "/user"},
			Kind: azcosmos.PartitionKeyKindMultiHash, Version: 2},
		DefaultTimeToLive: to.Ptr[int32](60),
		UniqueKeyPolicy:   &azcosmos.UniqueKeyPolicy{UniqueKeys: []azcosmos.UniqueKey{{Paths: []string{"/email"}}}},
		IndexingPolicy: &azcosmos.IndexingPolicy{
			Automatic: true, IndexingMode: azcosmos.IndexingModeConsistent,
			IncludedPaths: []azcosmos.IncludedPath{{Path: "/*"}},
			CompositeIndexes: [][]azcosmos.CompositeIndex{{{Path: "/a", Order: azcosmos.CompositeIndexAscending},
				{Path: "/b", Order: azcosmos.CompositeIndexDescending}}},
		},
	}
	_, err = db.CreateContainer(t.Context(), given, nil)
	require.NoError(t, err)
	c, err := db.NewContainer("policies")
	require.NoError(t, err)
	read, err := c.Read(t.Context(), nil)
	require.NoError(t, err)
	got := read.ContainerProperties
	require.Equal(t, given.PartitionKeyDefinition, got.PartitionKeyDefinition)
	require.Equal(t, given.UniqueKeyPolicy, got.UniqueKeyPolicy)
	require.Equal(t, given.DefaultTimeToLive, got.DefaultTimeToLive)
	require.Equal(t, given.IndexingPolicy.CompositeIndexes, got.IndexingPolicy.CompositeIndexes)

	// Our client changes one thing; nothing else is lost on the way.
	ours, err := a.account.ours.Database("shop").Container("policies").Read(t.Context())
	require.NoError(t, err)
	ours.DefaultTTL = to.Ptr(120)
	_, err = a.account.ours.Database("shop").Container("policies").Replace(t.Context(), *ours)
	require.NoError(t, err)
	read, err = c.Read(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, to.Ptr[int32](120), read.ContainerProperties.DefaultTimeToLive)
	require.Equal(t, given.UniqueKeyPolicy, read.ContainerProperties.UniqueKeyPolicy)

	_, err = db.CreateContainer(t.Context(), given, nil)
	require.Equal(t, http.StatusConflict, status(err))
	_, err = c.Delete(t.Context(), nil)
	require.NoError(t, err)
	_, err = c.Read(t.Context(), nil)
	require.Equal(t, http.StatusNotFound, status(err))
}

func TestThroughput(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	db, err := a.account.azure.NewDatabase("shop")
	require.NoError(t, err)
	manual := azcosmos.NewManualThroughputProperties(500)
	key := azcosmos.PartitionKeyDefinition{Paths: []string{"/pk"}, Version: 2}
	_, err = db.CreateContainer(t.Context(), azcosmos.ContainerProperties{ID: "manual", PartitionKeyDefinition: key},
		&azcosmos.CreateContainerOptions{ThroughputProperties: &manual})
	require.NoError(t, err)
	c, err := db.NewContainer("manual")
	require.NoError(t, err)
	read, err := c.ReadThroughput(t.Context(), nil)
	require.NoError(t, err)
	ru, ok := read.ThroughputProperties.ManualThroughput()
	require.True(t, ok)
	require.EqualValues(t, 500, ru)

	_, err = c.ReplaceThroughput(t.Context(), azcosmos.NewManualThroughputProperties(900), nil)
	require.NoError(t, err)
	read, err = c.ReadThroughput(t.Context(), nil)
	require.NoError(t, err)
	ru, _ = read.ThroughputProperties.ManualThroughput()
	require.EqualValues(t, 900, ru)

	auto := azcosmos.NewAutoscaleThroughputProperties(4000)
	_, err = db.CreateContainer(t.Context(), azcosmos.ContainerProperties{ID: "auto", PartitionKeyDefinition: key},
		&azcosmos.CreateContainerOptions{ThroughputProperties: &auto})
	require.NoError(t, err)
	c, err = db.NewContainer("auto")
	require.NoError(t, err)
	read, err = c.ReadThroughput(t.Context(), nil)
	require.NoError(t, err)
	limit, ok := read.ThroughputProperties.AutoscaleMaxThroughput()
	require.True(t, ok)
	require.EqualValues(t, 4000, limit)
}

func TestFeedRanges(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	ranges, err := a.azure.ReadFeedRanges(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, ranges, 4)
	truth, err := a.server.Ranges("shop", "items")
	require.NoError(t, err)
	for i, r := range truth {
		require.Equal(t, azcosmos.FeedRange{MinInclusive: r.Min, MaxExclusive: r.Max}, ranges[i])
	}
}

func TestWrongKey(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	key, err := azcosmos.NewKeyCredential("bm90IHRoZSBrZXk=")
	require.NoError(t, err)
	client, err := azcosmos.NewClientWithKey(a.server.Endpoint(), key, nil)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	db, err := client.NewDatabase("shop")
	require.NoError(t, err)
	_, err = db.Read(t.Context(), nil)
	require.Equal(t, http.StatusUnauthorized, status(err))
}

func TestTLS(t *testing.T) {
	t.Parallel()
	a := newAccount(t, cosmostest.TLS())
	_, err := a.azure.CreateDatabase(t.Context(), azcosmos.DatabaseProperties{ID: "shop"}, nil)
	require.NoError(t, err)
	_, err = a.ours.Database("shop").Read(t.Context())
	require.NoError(t, err)
}
