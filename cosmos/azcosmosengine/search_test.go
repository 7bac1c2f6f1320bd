package azcosmosengine_test

import (
	"fmt"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

// TestSearch: vector, full-text and hybrid ranks over eight ranges are our own client's, with their order.
func TestSearch(t *testing.T) {
	i := newItems(t, cosmos.ContainerProperties{
		IndexingPolicy: &cosmos.IndexingPolicy{
			IncludedPaths:   []cosmos.IndexedPath{{Path: "/*"}},
			VectorIndexes:   []cosmos.VectorIndex{{Path: "/v", Type: "flat"}},
			FullTextIndexes: []cosmos.IndexedPath{{Path: "/text"}},
		},
		VectorEmbeddingPolicy: &cosmos.VectorEmbeddingPolicy{VectorEmbeddings: []cosmos.VectorEmbedding{
			{Path: "/v", DataType: "float32", Dimensions: 3, DistanceFunction: "cosine"}}},
		FullTextPolicy: &cosmos.FullTextPolicy{DefaultLanguage: "en-US",
			FullTextPaths: []cosmos.FullTextPath{{Path: "/text", Language: "en-US"}}},
	})
	words := []string{"red", "green", "blue", "bicycle", "mountain", "river", "helmet"}
	for n := range 200 {
		i.fill(t, fmt.Sprintf(`{"id":"%d","pk":"p%d","text":"%s %s and %s","v":[%d,%d,%d]}`, n, n, words[n%7],
			words[n/7%7], words[n/49%7], n%11+1, n%13, n%17))
	}
	for _, query := range []string{
		"SELECT TOP 10 VALUE c.id FROM c ORDER BY VectorDistance(c.v, [1, 2, 3])",
		"SELECT TOP 10 VALUE c.id FROM c ORDER BY RANK FullTextScore(c.text, 'bicycle', 'river')",
		"SELECT TOP 10 VALUE c.id FROM c " +
			"ORDER BY RANK RRF(VectorDistance(c.v, [1, 2, 3]), FullTextScore(c.text, 'red'))",
		"SELECT TOP 10 VALUE c.id FROM c " +
			"ORDER BY RANK RRF(FullTextScore(c.text, 'red'), FullTextScore(c.text, 'helmet'), [2, 1])",
	} {
		want, err := i.client(t, query)
		require.NoError(t, err, query)
		require.Len(t, want, 10, query)
		got, err := i.engine(t, query)
		require.NoError(t, err, query)
		require.Equal(t, want, got, query)
	}
}
