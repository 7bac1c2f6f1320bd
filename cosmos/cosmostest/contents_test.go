package cosmostest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestContents(t *testing.T) {
	t.Parallel()
	require.Empty(t, RunT(t).Contents())
	srv := RunT(t, Partitions(3), Data(
		Database{ID: "shop", Containers: []ContainerData{{ID: "orders", PartitionKey: []string{"/pk"}, Throughput: 500,
			Documents: []any{map[string]any{"id": "1", "pk": "a"}, map[string]any{"id": "2", "pk": "a"},
				map[string]any{"id": "1", "pk": "b"}}}}}))
	db := srv.Contents()[0]
	require.Equal(t, "shop", db.ID)
	c := db.Containers[0]
	require.Equal(t, []any{"orders", []string{"/pk"}, 500, 3}, []any{c.ID, c.PartitionKey, c.Throughput, c.Documents})
	require.Len(t, c.Ranges, 3)
	documents, keys, bytes := 0, 0, int64(0)
	for _, r := range c.Ranges {
		documents, keys, bytes = documents+r.Documents, keys+r.Keys, bytes+r.Bytes
	}
	require.Equal(t, []any{3, 2, c.Bytes}, []any{documents, keys, bytes})

	change, err := srv.BeginSplit("shop", "orders", c.Ranges[0].ID, "")
	require.NoError(t, err)
	for change.Phase() != Done {
		require.Equal(t, 3, srv.Contents()[0].Containers[0].Documents, "also while a range does not serve: %s",
			change.Phase())
		_, err = change.Advance()
		require.NoError(t, err)
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []Exchange
	srv := RunT(t, Observe(func(x Exchange) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, x)
	}))
	shop(t, srv)
	require.Equal(t, 201, create(t.Context(), srv, "a"))
	require.Equal(t, 409, create(t.Context(), srv, "a"))
	srv.Fail(Read, 1, 410, 1002, 0)
	require.Equal(t, 410, read(t.Context(), srv, "a"))
	srv.Inject(Fault{Match: On(Create), Times: 1, Cut: CutBefore})
	require.Equal(t, 0, create(t.Context(), srv, "b"))
	srv.Close()
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, seen, 6)
	made := seen[2]
	require.Equal(t, []any{Create, "shop", "orders", "POST", "/dbs/shop/colls/orders/docs", 201, 0},
		[]any{made.Operation, made.Database, made.Container, made.Method, made.Path, made.Status, made.SubStatus})
	require.NotEmpty(t, made.Range)
	require.InDelta(t, 5.9, made.Charge, 0.1)
	require.Positive(t, made.Duration)
	require.Equal(t, []int{409, 410, 0}, []int{seen[3].Status, seen[4].Status, seen[5].Status})
	require.Equal(t, 1002, seen[4].SubStatus)
}
