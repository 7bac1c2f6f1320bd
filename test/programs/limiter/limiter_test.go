package limiter_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/test/programs/limiter"
)

var start = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

type fixture struct {
	limiter.Limiter
	srv *cosmostest.Server
	now time.Time
}

func open(t *testing.T, limit int) *fixture {
	t.Helper()
	f := &fixture{srv: cosmostest.RunT(t), now: start}
	client, err := cosmos.NewClientFromConnectionString(f.srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.CreateDatabase(t.Context(), "limits")
	require.NoError(t, err)
	f.Limiter, err = limiter.Open(t.Context(), client.Database("limits"), "counters", limit, time.Minute,
		func() time.Time { return f.now })
	require.NoError(t, err)
	return f
}

func (f *fixture) take(t *testing.T, n int) limiter.Decision {
	t.Helper()
	d, err := f.Take(t.Context(), "ann", n)
	require.NoError(t, err)
	return d
}

func TestTake(t *testing.T) {
	f := open(t, 10)
	reset := start.Add(time.Minute)
	require.Equal(t, limiter.Decision{Allowed: true, Left: 6, Reset: reset}, f.take(t, 4))
	require.Equal(t, limiter.Decision{Allowed: true, Left: 1, Reset: reset}, f.take(t, 5))
	require.Equal(t, limiter.Decision{Reset: reset}, f.take(t, 2), "all or nothing")
	require.Equal(t, limiter.Decision{Allowed: true, Left: 0, Reset: reset}, f.take(t, 1))
	require.Equal(t, limiter.Decision{Reset: reset}, f.take(t, 11))

	d, err := f.Take(t.Context(), "bob/7?#", 10)
	require.NoError(t, err)
	require.True(t, d.Allowed, "clients do not share")

	f.now = reset
	require.Equal(t, limiter.Decision{Allowed: true, Left: 0, Reset: reset.Add(time.Minute)}, f.take(t, 10))
	_, err = f.Take(t.Context(), "ann", 0)
	require.ErrorContains(t, err, "at least 1")
}

// 16 goroutines want 400, and there are 100.
func TestTakeUnderContention(t *testing.T) {
	f := open(t, 100)
	f.srv.Fail(cosmostest.Patch, 5, 429, 3200, time.Millisecond)
	var wg sync.WaitGroup
	var allowed, refused atomic.Int64
	for range 16 {
		wg.Go(func() {
			for range 25 {
				switch d, err := f.Take(t.Context(), "ann", 1); {
				case err != nil:
					t.Error(err)
				case d.Allowed:
					allowed.Add(1)
				default:
					refused.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 100, allowed.Load())
	require.EqualValues(t, 300, refused.Load())
	used, err := f.Used(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, 100, used)
}

func TestCountersEnd(t *testing.T) {
	f := open(t, 10)
	f.take(t, 3)
	f.srv.Advance(time.Minute)
	require.Equal(t, 6, f.take(t, 1).Left, "the counter lives as long as its window")

	f.now = f.now.Add(time.Hour)
	f.srv.Advance(time.Hour)
	used, err := f.Used(t.Context(), "ann")
	require.NoError(t, err)
	require.Zero(t, used)
	left, err := f.srv.Documents("limits", "counters")
	require.NoError(t, err)
	require.Empty(t, left)
}

// Whether the increment was done is not known, and is not guessed: nothing is counted twice.
func TestLostAnswer(t *testing.T) {
	f := open(t, 10)
	f.take(t, 1)
	f.srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Patch), Times: 1, Cut: cosmostest.CutAfter})
	_, err := f.Take(t.Context(), "ann", 1)
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	used, err := f.Used(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, 2, used)
}
