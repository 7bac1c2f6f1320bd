package rest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cosmossql/cosmossql/internal/budget"
	"github.com/stretchr/testify/require"
)

// What was certainly not sent has cost nothing: its budget is there for the next request.
func TestWhatWasNotSentCostsNoBudget(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault error
		spent bool
	}{"no connection": {errDial, false}, "a connection that broke": {errReset, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, w := worldOf(t, accountTwo, nil)
				require.NoError(t, do(t, c, readReq()))
				req := readReq()
				req.Once, req.Budget = true, budget.NewLimiter("MaxRUPerSecond(10)", 10)
				w.set("west.test", fails(tt.fault))
				start := time.Now()
				require.Error(t, do(t, c, req))
				w.set("west.test", nil)
				require.NoError(t, do(t, c, req))
				if tt.spent {
					require.Equal(t, time.Second, time.Since(start))
				} else {
					require.Zero(t, time.Since(start))
				}
			})
		})
	}
}

// A request that waits for its budget when its caller leaves with a cause is not one that no region answered.
func TestLeftWhileItWaitsForItsBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		require.NoError(t, do(t, c, readReq()))
		req := readReq()
		req.Budget = budget.NewLimiter("MaxRUPerSecond(10)", 10)
		w.set("west.test", fails(errReset))
		why := errors.New("the user went away")
		ctx, leave := context.WithCancelCause(t.Context())
		time.AfterFunc(500*time.Millisecond, func() { leave(why) })
		_, err := c.Do(ctx, req)
		require.ErrorIs(t, err, why)
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, ErrUnreachable)
	})
}

// A client that is closed keeps nobody waiting for a budget: neither for the first attempt nor for a further one.
func TestClosedWhileItWaitsForItsBudget(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault  error
		before int // requests that have used the budget up
	}{"before the first attempt": {nil, 1}, "before the second": {errReset, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, w := worldOf(t, accountTwo, nil)
				require.NoError(t, do(t, c, readReq()))
				req := readReq()
				req.Budget = budget.NewLimiter("MaxRUPerSecond(1)", 1)
				for range tt.before {
					w.set("west.test", answers(200, `{}`, HeaderRequestCharge, "100"))
					require.NoError(t, do(t, c, req))
				}
				if tt.fault != nil {
					w.set("west.test", fails(tt.fault))
				}
				time.AfterFunc(500*time.Millisecond, c.Close)
				start := time.Now()
				err := do(t, c, req)
				require.ErrorIs(t, err, ErrClosed)
				require.NotErrorIs(t, err, context.Canceled)
				require.Equal(t, 500*time.Millisecond, time.Since(start))
			})
		})
	}
}

// What a request's own budget has set aside is given back where its group lets it not through, or cannot tell its
// share.
func TestGroupThatLetsNobodyThrough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		require.NoError(t, do(t, c, readReq()))
		w.set("west.test", answers(200, `{}`, HeaderRequestCharge, "10"))
		w.took()
		own := budget.NewLimiter("MaxRUPerSecond(10)", 10)
		req := readReq()
		req.Group = &budget.Group{Name: "job", Target: 10}
		require.NoError(t, do(t, c, req), "it has used up what the group has for a second")
		req.Budget = own
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := c.Do(ctx, req)
		require.ErrorContains(t, err, `the throughput control group "job" (10 RU/s)`)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		start := time.Now()
		req.Group = nil
		require.NoError(t, do(t, c, req))
		require.Zero(t, time.Since(start), "its own budget is untouched")

		unreadable := errors.New("no answer")
		c.provision = func(context.Context, string) (int, error) { return 0, unreadable }
		req = readReq()
		req.Group = &budget.Group{Name: "job", Share: 0.5}
		require.ErrorIs(t, do(t, c, req), unreadable)
		require.Equal(t, "west west", w.took())
	})
}

// A region that a budget held a hedge back from was not asked, and is not told of.
func TestHedgeThatWasHeldBackIsNotTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, func(cfg *Config) { cfg.Hedge = Hedge{Threshold: 100 * time.Millisecond} })
		require.NoError(t, do(t, c, readReq()))
		w.took()
		w.set("west.test", func(r *http.Request) (*http.Response, error) {
			time.Sleep(300 * time.Millisecond)
			return fine(r)
		})
		req := readReq()
		req.Budget = budget.NewLimiter("MaxRUPerSecond(1)", 1) // for one request only
		resp, err := c.Do(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, "west", w.took())
		require.Len(t, resp.Tried.All(), 1)
	})
}
