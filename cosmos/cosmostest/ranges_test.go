package cosmostest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRangeOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Option{
		"SplitPhases(0s, -1s, 0s)": SplitPhases(0, -time.Second, 0),
		"PartitionSize(-1)":        PartitionSize(-1),
		"Partitions(0)":            Partitions(0),
		"Partitions(1001)":         Partitions(1001),
	} {
		_, err := Start(o)
		require.ErrorContains(t, err, want)
	}
}

func TestRangesInPhases(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Partitions(2), SplitPhases(time.Hour, 0, 0))
	c := srv.Container("/a", "/b")
	key, err := srv.EffectivePartitionKey(c.Database, c.ID, "x", 7)
	require.NoError(t, err)
	require.Len(t, key, 64)
	_, err = srv.EffectivePartitionKey(c.Database, c.ID, "x")
	require.ErrorContains(t, err, "partition key")
	_, err = srv.EffectivePartitionKey(c.Database, c.ID, []int{1}, 7)
	require.ErrorContains(t, err, "cannot be a partition key value")
	list := func() (all []Range) {
		all, err := srv.Ranges(c.Database, c.ID)
		require.NoError(t, err)
		return all
	}
	first := list()[0]
	if key > first.Max {
		first = list()[1]
	}
	ids, err := srv.SplitAt(c.Database, c.ID, first.ID, key)
	require.NoError(t, err)
	first.Status = "splitting"
	require.Contains(t, list(), first, "the clock has not moved")
	changes, err := srv.RangeChanges(c.Database, c.ID)
	require.NoError(t, err)
	require.Equal(t, []any{1, Copying, ids, []string{first.ID}},
		[]any{len(changes), changes[0].Phase(), changes[0].New(), changes[0].Old()})
	_, err = srv.Split(c.Database, c.ID, first.ID)
	require.ErrorContains(t, err, "412")
	_, err = srv.BeginSplit(c.Database, c.ID, first.ID, "")
	require.ErrorContains(t, err, "412")
	_, err = srv.BeginMerge(c.Database, c.ID, "0", "1")
	require.ErrorContains(t, err, "412")
	srv.Advance(time.Hour)
	require.Equal(t, Done, changes[0].Phase())
	require.Contains(t, list(), Range{ids[1], key, first.Max, "online"})
	_, err = changes[0].Advance()
	require.ErrorContains(t, err, "done")
	require.ErrorContains(t, changes[0].Cancel(), "cannot be taken back")

	merge, err := srv.BeginMerge(c.Database, c.ID, ids[0], ids[1])
	require.NoError(t, err)
	require.NoError(t, merge.Cancel())
	require.Len(t, list(), 3)
}

// Documents that fill a partition split it; the program that writes them does not notice.
func TestPartitionSize(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Partitions(1), PartitionSize(2000), Data(Database{ID: "shop", Containers: []ContainerData{{
		ID: "orders", PartitionKey: []string{"/id"}, Documents: []any{
			map[string]any{"id": "1"}, map[string]any{"id": "2"}, map[string]any{"id": "3"},
		},
	}}}))
	ranges, err := srv.Ranges("shop", "orders")
	require.NoError(t, err)
	require.Len(t, ranges, 1)
	for _, id := range []string{"4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"} {
		require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs/shop/colls/orders/docs",
			`{"id":"`+id+`"}`,
			"x-ms-documentdb-partitionkey", `["`+id+`"]`))
	}
	ranges, err = srv.Ranges("shop", "orders")
	require.NoError(t, err)
	require.Greater(t, len(ranges), 1)
	docs, err := srv.Documents("shop", "orders")
	require.NoError(t, err)
	require.Len(t, docs, 14)
}
