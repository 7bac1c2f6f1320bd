package budget

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A group with a rate of its own has one limiter, whatever the container: nobody asks what is provisioned for it.
func TestTarget(t *testing.T) {
	t.Parallel()
	g := &Group{Name: "nightly", Target: 50}
	nobody := func(context.Context, string) (int, error) { panic("the throughput is read") }
	var wg sync.WaitGroup
	limiters := make([]*Limiter, 8)
	for i := range limiters {
		wg.Go(func() { limiters[i], _ = g.Limiter(t.Context(), "dbs/d/colls/"+string(rune('a'+i)), nobody) })
	}
	wg.Wait()
	for _, l := range limiters {
		require.Same(t, limiters[0], l)
	}
	require.Equal(t, `the throughput control group "nightly" (50 RU/s)`, limiters[0].String())
	require.InDelta(t, 50, limiters[0].rate, 1e-9)
}

// Each container has a share of its own throughput, which is read once however many requests wait for it.
func TestEachContainerHasItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		reads := map[string]int{}
		of := func(_ context.Context, link string) (int, error) {
			mu.Lock()
			reads[link]++
			mu.Unlock()
			time.Sleep(time.Second)
			return len(link) * 100, nil
		}
		g := &Group{Name: "nightly", Share: 0.5}
		limiters := make([]*Limiter, 8)
		var wg sync.WaitGroup
		for i := range limiters {
			wg.Go(func() { limiters[i], _ = g.Limiter(t.Context(), []string{"one", "other"}[i%2], of) })
		}
		wg.Wait()
		require.Equal(t, map[string]int{"one": 1, "other": 1}, reads)
		for i, l := range limiters {
			require.Same(t, limiters[i%2], l)
		}
		require.InDelta(t, 150, limiters[0].rate, 1e-9)
		require.InDelta(t, 250, limiters[1].rate, 1e-9)
	})
}

// A share that is worth no more than the cheapest request is enough for that.
func TestTheSmallestShare(t *testing.T) {
	t.Parallel()
	for provisioned, enough := range map[int]bool{0: false, 399: false, 400: true, 401: true} {
		g := &Group{Name: "nightly", Share: 0.0025}
		_, err := g.Limiter(t.Context(), "c", func(context.Context, string) (int, error) { return provisioned, nil })
		require.Equal(t, enough, err == nil, "%d: %v", provisioned, err)
	}
}

// A look at the throughput that ended with the context of its caller says nothing of the throughput: it fails for that
// caller alone, and the next one looks again.
func TestAbandonedLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Group{Name: "nightly", Share: 0.1}
		of := func(ctx context.Context, _ string) (int, error) { return 1000, ctx.Err() }
		old, err := g.Limiter(t.Context(), "c", of)
		require.NoError(t, err)
		time.Sleep(refreshEvery)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 8 { // whether it gets as far as looking is chance
			_, err = g.Limiter(ctx, "c", of)
			require.ErrorIs(t, err, context.Canceled)
		}
		looks := 0
		more := func(context.Context, string) (int, error) { looks++; return 3000, nil }
		now, err := g.Limiter(t.Context(), "c", more)
		require.NoError(t, err)
		require.Equal(t, 1, looks)
		require.Same(t, old, now, "the same one: what it owes is not forgotten")
		require.InDelta(t, 300, now.rate, 1e-9)
	})
}

func TestShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads, provisioned := 0, 1000
		var fail error
		of := func(context.Context, string) (int, error) { reads++; return provisioned, fail }
		g := &Group{Name: "nightly", Share: 0.1}
		limiter := func() *Limiter {
			l, err := g.Limiter(t.Context(), "dbs/d/colls/c", of)
			require.NoError(t, err)
			return l
		}
		require.InDelta(t, 100, limiter().rate, 1e-9)
		limiter()
		require.Equal(t, 1, reads, "remembered")
		provisioned = 2000
		time.Sleep(refreshEvery)
		require.InDelta(t, 200, limiter().rate, 1e-9)
		require.Equal(t, `the throughput control group "nightly" (0.1 of the 2000 RU/s of dbs/d/colls/c)`,
			limiter().String(), "an error tells what holds now")
		fail = errors.New("unavailable")
		time.Sleep(refreshEvery)
		require.InDelta(t, 200, limiter().rate, 1e-9, "the old one will do")
		_, err := g.Limiter(t.Context(), "dbs/d/colls/other", of)
		require.EqualError(t, err, `the throughput control group "nightly" has a share of the throughput of `+
			`dbs/d/colls/other, which could not be read: unavailable`)
		fail, provisioned = nil, 5
		_, err = g.Limiter(t.Context(), "dbs/d/colls/other", of)
		require.EqualError(t, err, `the throughput control group "nightly" has 0.1 of the 5 RU/s of `+
			`dbs/d/colls/other, which is less than the 1 RU that `+
			`the cheapest request costs: raise its TargetThroughputThreshold, or give it a TargetThroughput`)
	})
}
