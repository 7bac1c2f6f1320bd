package cosmos_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// TestNewPolicyMembers: members of policies that the service has got lately are typed and go there and back; those
// without a type are kept.
func TestNewPolicyMembers(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t)
	client := connect(t, srv, nil)
	_, err := client.CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	want := cosmos.ContainerProperties{
		ID: "places", PartitionKey: cosmos.PartitionKeyPaths("/pk"),
		GeospatialConfig: &cosmos.GeospatialConfig{Type: cosmos.Geometry},
		VectorEmbeddingPolicy: &cosmos.VectorEmbeddingPolicy{VectorEmbeddings: []cosmos.VectorEmbedding{
			{Path: "/v", DataType: cosmos.VectorFloat32, Dimensions: 8, DistanceFunction: cosmos.DistanceCosine},
		}},
		IndexingPolicy: &cosmos.IndexingPolicy{
			Mode: cosmos.IndexingConsistent, IncludedPaths: []cosmos.IndexedPath{{Path: "/*"}},
			ExcludedPaths: []cosmos.IndexedPath{{Path: "/v/*"}},
			SpatialIndexes: []cosmos.SpatialIndex{{
				Path: "/at/*", Types: []cosmos.SpatialType{cosmos.SpatialPoint, cosmos.SpatialPolygon},
				BoundingBox: &cosmos.BoundingBox{XMin: -10, YMin: -20.5, XMax: 10, YMax: 20},
			}},
			VectorIndexes: []cosmos.VectorIndex{
				{Path: "/v", Type: cosmos.VectorIndexQuantizedFlat, QuantizerType: "spherical"}},
		},
	}
	_, err = client.Database("shop").CreateContainer(t.Context(), want)
	require.NoError(t, err)
	got, err := client.Database("shop").Container("places").Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, want.IndexingPolicy.SpatialIndexes[0].BoundingBox,
		got.IndexingPolicy.SpatialIndexes[0].BoundingBox)
	require.Equal(t, "spherical", got.IndexingPolicy.VectorIndexes[0].QuantizerType)

	const read = `{"id":"view","partitionKey":{"paths":["/email"],"kind":"Hash","version":2},` +
		`"vectorEmbeddingPolicy":{"vectorEmbeddings":[` +
		`{"path":"/v","dataType":"float32","dimensions":8,"distanceFunction":"cosine",` +
		`"embeddingSource":{"sourcePaths":["/text"]}}]},` +
		`"materializedViewDefinition":{"sourceCollectionId":"orders","sourceCollectionRid":"r","definition":"SELECT ` +
		`c.email FROM c","apiSpecificDefinition":"x"}}`
	var p cosmos.ContainerProperties
	require.NoError(t, json.Unmarshal([]byte(read), &p))
	require.Equal(t, "orders", p.MaterializedViewDefinition.SourceContainerID)
	require.Equal(t, "SELECT c.email FROM c", p.MaterializedViewDefinition.Definition)
	text, err := json.Marshal(p)
	require.NoError(t, err)
	require.JSONEq(t, read, string(text))
}

// TestLastPathID: where the last path of a hierarchical key is /id, the id completes a key that leaves it out.
func TestLastPathID(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t, cosmostest.Partitions(4))
	made := srv.Container("/tenant", "/id")
	client := connect(t, srv, nil)
	items, ctx, tenant := client.Database(made.Database).Container(made.ID), t.Context(), cosmos.PartitionKey("a")
	_, err := items.CreateItem(ctx, map[string]any{"id": "1", "tenant": "a"})
	require.NoError(t, err)
	_, err = items.PatchItem(ctx, "1", []cosmos.PatchOperation{cosmos.PatchSet("/n", 7)}, tenant)
	require.NoError(t, err)
	doc, _, err := cosmos.ReadItem[struct{ N int }](ctx, items, "1", tenant)
	require.NoError(t, err)
	require.Equal(t, 7, doc.N)
	for r := range items.ReadMany(ctx, func(yield func(cosmos.ItemKey) bool) { yield(cosmos.At("1", "a")) }) {
		require.NoError(t, r.Err)
	}
	_, err = items.DeleteItem(ctx, "1", tenant)
	require.NoError(t, err)
	_, err = items.ReadItem(ctx, "1", cosmos.PartitionKey("a", "1"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
}
