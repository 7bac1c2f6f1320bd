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

// What is expected of a request follows what the last ones cost, slowly: one that costs much does not hold all others
// back. One that cost nothing, as a request that never came to the service, teaches nothing.
func TestEstimateFollowsTheCharges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter("a budget", 1000)
		for _, tt := range []struct{ charge, reserved float64 }{
			{8, 1000}, // none is known: a second's worth, so that the next waits for the answer
			{0, 8},
			{16, 8},
			{9, 9},
			{1, 9},
			{8, 8},
		} {
			reserved, err := l.Acquire(t.Context())
			require.NoError(t, err)
			require.InDelta(t, tt.reserved, reserved, 1e-9, "before one of %v RU", tt.charge)
			l.Settle(reserved, tt.charge, true)
		}
	})
}

// What was set aside and not used is there at once for the one that waits: it does not sleep until the rate has made
// up for it.
func TestRefundWakesTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter("a budget", 10)
		reserved, err := l.Acquire(t.Context())
		require.NoError(t, err)
		require.InDelta(t, 10, reserved, 1e-9)
		time.AfterFunc(100*time.Millisecond, func() { l.Settle(reserved, 2, true) })
		start := time.Now()
		_, err = l.Acquire(t.Context())
		require.NoError(t, err)
		require.Equal(t, 100*time.Millisecond, time.Since(start))
	})
}

// A changed rate holds from then on; what is owed at the time is paid off at the new rate.
func TestRateChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter("one", 10)
		run(t, l, 1, 1, 110) // 100 RU are owed, of which 10 ms have paid off 0.1
		time.Sleep(990 * time.Millisecond)
		l.setRate("other", 100)
		start := time.Now()
		_, err := l.Acquire(t.Context())
		require.NoError(t, err)
		require.InDelta(t, 1.9, time.Since(start).Seconds(), 0.001, "90 RU of debt, and 100 for the next")
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = l.Acquire(ctx)
		require.ErrorContains(t, err, "other lets the next request through in ")
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
