package cosmos_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// TestReadManyByPartitionKeys: all documents of the keys, each once, from the partitions that hold them.
func TestReadManyByPartitionKeys(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		paths []string
		keys  [][]any
		want  []string // ids
	}{
		"one path": {[]string{"/a"}, [][]any{{"x"}, {"z"}, {"x"}, {"nowhere"}}, []string{"x,x", "x,y", "z,x"}},
		"other types": {[]string{"/a"}, [][]any{{nil}, {1.5}, {true}, {cosmos.Undefined}},
			[]string{"1.5", "array", "null", "true", "undefined"}},
		"deep":         {[]string{`/deep/"b c"`}, [][]any{{"x"}}, []string{"x,x", "y,x", "z,x"}},
		"hierarchical": {[]string{"/a", "/b"}, [][]any{{"x", "y"}, {"z"}, {"z", "x"}}, []string{"x,y", "z,x"}},
		"a level without a value": {[]string{"/a", "/b"}, [][]any{{"only", cosmos.Undefined}, {"x", "y"}},
			[]string{"only", "x,y"}},
		"none":  {[]string{"/a"}, nil, nil},
		"by id": {[]string{"/id"}, [][]any{{"x,x"}, {"null"}}, []string{"null", "x,x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := cosmostest.RunT(t, cosmostest.Partitions(6))
			made := srv.Container(tc.paths[0], tc.paths[1:]...)
			client := connect(t, srv, nil)
			items := client.Database(made.Database).Container(made.ID)
			docs := []any{
				map[string]any{"id": "null", "a": nil}, map[string]any{"id": "1.5", "a": 1.5},
				map[string]any{"id": "true", "a": true},
				map[string]any{"id": "undefined"}, map[string]any{"id": "array", "a": []int{1}},
				map[string]any{"id": "only", "a": "only"},
			}
			for _, id := range []string{"x,x", "x,y", "y,x", "z,x"} {
				docs = append(docs,
					map[string]any{"id": id, "a": id[:1], "b": id[2:], "deep": map[string]string{"b c": id[2:]}})
			}
			for r := range items.CreateMany(t.Context(), slices.Values(docs)) {
				require.NoError(t, r.Err)
			}
			before := srv.Count(cosmostest.Query)
			var ids []string
			for doc, err := range cosmos.ReadManyByPartitionKeys[struct{ ID string }](t.Context(), items, tc.keys,
				cosmos.PageSize(2)) {
				require.NoError(t, err)
				ids = append(ids, doc.ID)
			}
			require.ElementsMatch(t, tc.want, ids)
			if name == "hierarchical" {
				require.LessOrEqual(t, srv.Count(cosmostest.Query)-before, 3)
			}
		})
	}
}

// TestReadManyByManyPartitionKeys: more keys than a query has, and what cannot be.
func TestReadManyByManyPartitionKeys(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t, cosmostest.Partitions(3))
	made := srv.Container("/pk")
	client := connect(t, srv, nil)
	items := client.Database(made.Database).Container(made.ID)
	var docs []any
	var keys [][]any
	for n := range 1200 {
		docs = append(docs, map[string]any{"id": fmt.Sprint(n), "pk": fmt.Sprint("key ", n)})
		keys = append(keys, []any{fmt.Sprint("key ", n)})
	}
	for r := range items.CreateMany(t.Context(), slices.Values(docs)) {
		require.NoError(t, r.Err)
	}
	seen := map[string]int{}
	for doc, err := range cosmos.ReadManyByPartitionKeys[struct{ ID string }](t.Context(), items, keys[:1100]) {
		require.NoError(t, err)
		seen[doc.ID]++
	}
	require.Len(t, seen, 1100)
	for id, n := range seen {
		require.Equal(t, 1, n, id)
	}
	for want, bad := range map[string][]any{
		"has no values":    {},
		"more values than": {"a", "b"},
		"chan int":         {make(chan int)},
	} {
		for _, err := range cosmos.ReadManyByPartitionKeys[any](t.Context(), items, [][]any{{"x"}, bad}) {
			require.ErrorContains(t, err, want)
		}
	}
	for _, err := range cosmos.ReadManyByPartitionKeys[any](t.Context(), nil, keys) {
		require.ErrorContains(t, err, "nil")
	}
	for range cosmos.ReadManyByPartitionKeys[any](t.Context(), items, keys) {
		break // the rest is not asked for
	}
}
