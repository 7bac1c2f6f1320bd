package budget

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run sends n requests of so many RU, each of 10 ms, as many at once as workers, and returns how long they take.
func run(t *testing.T, l *Limiter, workers, n int, charge float64) time.Duration {
	t.Helper()
	start := time.Now()
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range n / workers {
				reserved, err := l.Acquire(t.Context())
				assert.NoError(t, err)
				time.Sleep(10 * time.Millisecond)
				l.Settle(reserved, charge, true)
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func TestRate(t *testing.T) {
	for name, tt := range map[string]struct {
		workers, n int
		charge     float64
	}{
		"cheap ones": {4, 4000, 1}, "alone": {1, 400, 10}, "each a second's worth": {4, 60, 100},
		"each dearer than a second's worth": {4, 20, 350},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				took := run(t, NewLimiter("a budget", 100), tt.workers, tt.n, tt.charge)
				// The first second's units are there at once, and the debt of the last request is nobody's.
				require.InDelta(t, float64(tt.n)*tt.charge/100, took.Seconds(), 1+tt.charge/100+0.1)
			})
		})
	}
}

// Nothing is lost where nothing is held back, and what was not used is saved for one second only.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter("a budget", 1000)
		require.Equal(t, 500*time.Millisecond, run(t, l, 1, 50, 5))
		time.Sleep(time.Hour)
		require.InDelta(t, 1, run(t, l, 50, 400, 5).Seconds(), 0.1)
	})
}

// A throttled request costs next to nothing, which says nothing of the others.
func TestThrottledOnesTeachNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter("a budget", 100)
		run(t, l, 1, 4, 50)
		reserved, err := l.Acquire(t.Context())
		require.NoError(t, err)
		require.InDelta(t, 50, reserved, 1e-9)
		l.Settle(reserved, 0.38, false)
		require.InDelta(t, 50, l.estimate, 1e-9)
	})
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter("MaxRUPerSecond(10)", 10)
		run(t, l, 1, 1, 100)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		_, err := l.Acquire(ctx)
		require.EqualError(t, err, "MaxRUPerSecond(10) lets the next request through in 9.99s, which would outlast "+
			"the deadline: context deadline exceeded")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Zero(t, time.Since(start), "at once")

		// One that is cancelled gives its turn to the next.
		why := errors.New("the user went away")
		ctx, leave := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { leave(why) })
		_, err = l.Acquire(ctx)
		require.ErrorIs(t, err, why)
		require.Equal(t, time.Second, time.Since(start))
		_, err = l.Acquire(t.Context())
		require.NoError(t, err)
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
