package cache

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBounded(t *testing.T) {
	t.Parallel()
	var b Bounded[int, string]
	_, ok := b.Get(1)
	require.False(t, ok)
	for i := range 2 * entries {
		b.Put(i, "x")
		v, ok := b.Get(i)
		require.True(t, ok, "the newest value stays")
		require.Equal(t, "x", v)
	}
	require.Equal(t, entries, b.Len())
	b.Put(2*entries-1, "y")
	v, _ := b.Get(2*entries - 1)
	require.Equal(t, "y", v)
	require.Equal(t, entries, b.Len(), "a known key needs no room")
}

// What is put again when there is no room left takes its own place, not another's; a zero value is a value.
func TestBoundedKeepsTheOthers(t *testing.T) {
	t.Parallel()
	var b Bounded[int, int]
	require.Zero(t, b.Len())
	for i := range entries {
		b.Put(i, 0)
	}
	for i := range entries {
		b.Put(i, i%2)
	}
	for i := range entries {
		v, ok := b.Get(i)
		require.True(t, ok, "%d is gone", i)
		require.Equal(t, i%2, v)
	}
}

func TestBoundedIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var b Bounded[int, int]
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 400 {
				b.Put((i+j)%300, j)
				b.Get(j)
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, b.Len(), entries)
}
