package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

func TestCache(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v, srv := vectorsOn(t, store.VectorContainer{Expiry: true})
	c, err := store.NewCache(v, store.CacheOptions{Threshold: 0.8, TTL: 10 * time.Minute})
	require.NoError(t, err)
	get := func(scope, question string) string {
		answer, found, err := c.Get(ctx, scope, question)
		require.NoError(t, err)
		require.Equal(t, answer != "", found)
		return answer
	}
	const question = "How do I choose a partition key for my container?"
	require.Empty(t, get("ann", question))
	require.NoError(t, c.Put(ctx, "ann", question, "by what queries filter on"))
	require.Equal(t, "by what queries filter on", get("ann", question))
	require.Equal(t, "by what queries filter on", get("ann", "how do I choose the partition key for a container"))
	require.Empty(t, get("ann", "What does a request unit cost?"))
	require.Empty(t, get("bob", question), "another scope")
	require.NoError(t, c.Put(ctx, "ann", question, "by what has many values"))
	require.Equal(t, "by what has many values", get("ann", question))

	srv.Advance(9 * time.Minute)
	require.NotEmpty(t, get("ann", question))
	srv.Advance(2 * time.Minute)
	require.Empty(t, get("ann", question))

	require.NoError(t, c.Put(ctx, "ann", question, "again"))
	require.NoError(t, c.Clear(ctx, "ann"))
	require.Empty(t, get("ann", question))
}

func TestCacheBadInput(t *testing.T) {
	t.Parallel()
	v := vectors(t, store.VectorContainer{Expiry: true})
	lasting := vectors(t, store.VectorContainer{})
	euclidean := vectors(t, store.VectorContainer{Expiry: true, Distance: cosmos.DistanceEuclidean})
	for _, c := range []struct {
		vectors *store.Vectors
		opts    store.CacheOptions
		want    string
	}{
		{v, store.CacheOptions{Threshold: 1.5}, "similarity is from 0 to 1"},
		{v, store.CacheOptions{TTL: time.Millisecond}, "whole seconds"},
		{lasting, store.CacheOptions{}, "VectorContainer.Expiry"},
		{euclidean, store.CacheOptions{}, "compares by cosine"},
	} {
		_, err := store.NewCache(c.vectors, c.opts)
		require.ErrorContains(t, err, c.want)
	}
}
