package hashing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/examples/ai/hashing"
)

func TestEmbedder(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := hashing.Embedder(128)
	list, err := e.EmbedDocuments(ctx, []string{"partition keys", "the partition key", "bread and butter", "", "to be"})
	require.NoError(t, err)
	dot := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += float64(a[i]) * float64(b[i])
		}
		return sum
	}
	for i, v := range list {
		require.Len(t, v, 128)
		require.InDelta(t, 1, dot(v, v), 1e-5, i)
	}
	require.Greater(t, dot(list[0], list[1]), 0.5)
	require.Less(t, dot(list[0], list[2]), 0.2)
	again, err := e.EmbedQuery(ctx, "Partition, keys!")
	require.NoError(t, err)
	require.Equal(t, list[0], again)
}
