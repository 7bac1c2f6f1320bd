package kv_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/test/programs/kv"
)

func open(t *testing.T) (kv.Store, *cosmostest.Server) {
	t.Helper()
	srv := cosmostest.RunT(t)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.CreateDatabaseIfNotExists(t.Context(), "lake")
	require.NoError(t, err)
	s, err := kv.Open(t.Context(), client.Database("lake"), "refs")
	require.NoError(t, err)
	return s, srv
}

func TestSetAndGet(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	_, err := s.Get(ctx, "repo", []byte("main"))
	require.ErrorIs(t, err, kv.ErrNotFound)

	// Keys and values are any bytes, also those that an id of a document cannot have.
	for _, key := range [][]byte{[]byte("main"), []byte("a/b?c#d\\e"), {0, 255, '\n'}, []byte("größe")} {
		v, err := s.Set(ctx, "repo", key, append(key, 0))
		require.NoError(t, err)
		got, err := s.Get(ctx, "repo", key)
		require.NoError(t, err)
		require.Equal(t, kv.Entry{Key: key, Value: append(key, 0), Version: v}, got)
		_, err = s.Get(ctx, "other", key)
		require.ErrorIs(t, err, kv.ErrNotFound, "partitions have keys of their own")

		require.NoError(t, s.Delete(ctx, "repo", key))
		require.NoError(t, s.Delete(ctx, "repo", key), "deleting again changes nothing")
	}
}

func TestSetIf(t *testing.T) {
	s, _ := open(t)
	ctx, key := t.Context(), []byte("main")
	for _, seen := range []kv.Version{kv.Any, `"00000000-0000-0000-0000-000000000000"`} {
		_, err := s.SetIf(ctx, "repo", key, []byte("x"), seen)
		require.ErrorIs(t, err, kv.ErrChanged, "nothing is there to be replaced")
	}
	v1, err := s.SetIf(ctx, "repo", key, []byte("1"), kv.Absent)
	require.NoError(t, err)
	_, err = s.SetIf(ctx, "repo", key, []byte("x"), kv.Absent)
	require.ErrorIs(t, err, kv.ErrChanged)
	v2, err := s.SetIf(ctx, "repo", key, []byte("2"), v1)
	require.NoError(t, err)
	_, err = s.SetIf(ctx, "repo", key, []byte("x"), v1)
	require.ErrorIs(t, err, kv.ErrChanged)
	got, err := s.Get(ctx, "repo", key)
	require.NoError(t, err)
	require.Equal(t, kv.Entry{Key: key, Value: []byte("2"), Version: v2}, got)

	require.ErrorIs(t, s.DeleteIf(ctx, "repo", key, v1), kv.ErrChanged)
	require.NoError(t, s.DeleteIf(ctx, "repo", key, v2))
	_, err = s.SetIf(ctx, "repo", key, []byte("x"), v2)
	require.ErrorIs(t, err, kv.ErrChanged, "a deleted key does not come back")
	require.ErrorIs(t, s.DeleteIf(ctx, "repo", key, kv.Any), kv.ErrChanged)
}

// Of many that move the same reference each move is based on the one before it.
func TestSetIfUnderContention(t *testing.T) {
	s, _ := open(t)
	var wg sync.WaitGroup
	var moved atomic.Int64
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if advance(t.Context(), s) == nil {
					moved.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 40, moved.Load())
	got, err := s.Get(t.Context(), "repo", []byte("head"))
	require.NoError(t, err)
	require.Len(t, got.Value, 40)
}

func advance(ctx context.Context, s kv.Store) error {
	for {
		e, err := s.Get(ctx, "repo", []byte("head"))
		if err != nil && err != kv.ErrNotFound {
			return err
		}
		_, err = s.SetIf(ctx, "repo", []byte("head"), append(e.Value, '+'), e.Version)
		if err != kv.ErrChanged {
			return err
		}
	}
}

func TestScan(t *testing.T) {
	s, srv := open(t)
	for i := range 50 {
		for _, prefix := range []string{"a/", "b/", "b", "c/"} {
			_, err := s.Set(t.Context(), "repo", fmt.Appendf(nil, "%s%02d", prefix, i), []byte("v"))
			require.NoError(t, err)
		}
	}
	_, err := s.Set(t.Context(), "other", []byte("b/00"), []byte("v"))
	require.NoError(t, err)

	tests := []struct {
		name        string
		scan        kv.Range
		first, last string
		n           int
	}{
		{"everything", kv.Range{}, "a/00", "c/49", 200},
		{"prefix", kv.Range{Prefix: []byte("b/")}, "b/00", "b/49", 50},
		{"prefix, page by page", kv.Range{Prefix: []byte("b/"), PageSize: 7}, "b/00", "b/49", 50},
		{"prefix and start", kv.Range{Prefix: []byte("b/"), Start: []byte("b/40x")}, "b/41", "b/49", 9},
		{"start before the prefix", kv.Range{Prefix: []byte("c/"), Start: []byte("a")}, "c/00", "c/49", 50},
		{"start behind the prefix", kv.Range{Prefix: []byte("a/"), Start: []byte("b")}, "", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			it := s.Scan("repo", tt.scan)
			defer it.Close()
			keys := rest(t, it)
			require.Len(t, keys, tt.n)
			require.IsIncreasing(t, keys)
			if tt.n > 0 {
				require.Equal(t, []string{tt.first, tt.last}, []string{keys[0], keys[len(keys)-1]})
			}
		})
	}

	t.Run("seek", func(t *testing.T) {
		it := s.Scan("repo", kv.Range{Prefix: []byte("b/"), PageSize: 10})
		defer it.Close()
		for _, to := range []string{"b/00", "b/30", "b/10"} {
			it.Seek([]byte(to))
			e, err := it.Next(t.Context())
			require.NoError(t, err)
			require.Equal(t, to, string(e.Key))
		}
		require.Len(t, rest(t, it), 39)
		_, err := it.Next(t.Context())
		require.Equal(t, io.EOF, err, "the end stays the end")
	})

	t.Run("a page is one request", func(t *testing.T) {
		before := srv.Count(cosmostest.Query)
		it := s.Scan("repo", kv.Range{Prefix: []byte("b/"), PageSize: 10})
		defer it.Close()
		for range 20 {
			_, err := it.Next(t.Context())
			require.NoError(t, err)
		}
		require.Equal(t, 2, srv.Count(cosmostest.Query)-before)
	})
}

func rest(t *testing.T, it kv.Iterator) (keys []string) {
	t.Helper()
	for {
		e, err := it.Next(t.Context())
		if err == io.EOF {
			return keys
		}
		require.NoError(t, err)
		keys = append(keys, string(e.Key))
	}
}
