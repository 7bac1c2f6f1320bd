package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A read that takes long is sent to the next region, too; the first answer wins, and the other attempt ends.
func TestHedgedReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, func(cfg *Config) { cfg.Hedge = Hedge{Threshold: 500 * time.Millisecond} })
		require.NoError(t, do(t, c, readReq()))
		require.Equal(t, "west", w.took(), "one that is quick is sent once")
		ended := make(chan error, 1)
		w.set("west.test", func(r *http.Request) (*http.Response, error) {
			_, err := hangs(r)
			ended <- err
			return nil, err
		})
		start := time.Now()
		req := readReq()
		var accepted []byte
		req.Accept = func(body []byte) error { accepted = body; return nil }
		resp, err := c.Do(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, 500*time.Millisecond, time.Since(start))
		require.Equal(t, "East US", resp.Region)
		require.Equal(t, `{}`, string(accepted))
		require.ErrorIs(t, <-ended, context.Canceled)
		require.Equal(t, "west east", w.took())

		w.set("west.test", fails(errDial))
		w.set("east.test", status(404, 0))
		_, err = c.Do(t.Context(), readReq())
		var f *Failure
		require.True(t, errors.As(err, &f), "an answer settles it, not a lost one: %v", err)
		require.Equal(t, 404, f.StatusCode)
		w.set("west.test", nil)
		w.set("east.test", nil)
		w.took()
		require.NoError(t, do(t, c, writeReq()))
		require.Equal(t, "west", w.took(), "a write is not hedged")
	})
}

// A region that fails before the threshold has the next one asked at once, and what it cost is part of the answer's.
func TestHedgeOfARegionThatFailsEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, func(cfg *Config) {
			cfg.Hedge = Hedge{Threshold: time.Minute, Step: time.Second}
		})
		require.NoError(t, do(t, c, readReq()))
		w.set("west.test", status(503, 0))
		w.took()
		start := time.Now()
		resp, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		require.Less(t, time.Since(start), time.Second)
		require.Equal(t, "west west west west east", w.took())
		require.Equal(t, 5, resp.Attempts)
		require.InDelta(t, 7.5, resp.Charge, 1e-9)
		require.Len(t, resp.Tried.All(), 5)

		// If none answers, the last error is told with all attempts.
		w.set("east.test", status(503, 0))
		_, err = c.Do(t.Context(), readReq())
		var f *Failure
		require.ErrorAs(t, err, &f)
		require.Equal(t, 503, f.StatusCode)
		regions := map[string]int{}
		for _, e := range f.Tried.All() {
			regions[e.Region]++
		}
		require.Equal(t, map[string]int{"West US": 4, "East US": 4}, regions)
	})
}

// Three regions: each is asked a step after the one before. An answer that settles it wins, whatever it is.
func TestHedgesGoStepByStep(t *testing.T) {
	t.Parallel()
	for status, damaged := range map[int]bool{200: false, 304: false, 400: false, 412: false, 201: true} {
		synctest.Test(t, func(t *testing.T) {
			c, w := worldOf(t, accountThree, func(cfg *Config) {
				cfg.Hedge = Hedge{Threshold: 500 * time.Millisecond, Step: 100 * time.Millisecond}
			})
			require.NoError(t, do(t, c, readReq()))
			w.took()
			w.set("west.test", hangs)
			w.set("east.test", hangs)
			w.set("north.test", answers(status, `{"code":"Code","message":"message"}`))
			if damaged {
				w.set("north.test", fine)
			}
			start := time.Now()
			req := readReq()
			req.Accept = func([]byte) error {
				if damaged {
					return errors.New("damaged")
				}
				return nil
			}
			_, err := c.Do(t.Context(), req)
			require.Equal(t, 600*time.Millisecond, time.Since(start))
			require.Equal(t, "west east north", w.took())
			switch {
			case damaged:
				require.ErrorIs(t, err, ErrUnreachable)
				require.ErrorContains(t, err, "damaged")
			case status >= 400:
				var f *Failure
				require.ErrorAs(t, err, &f)
				require.Equal(t, status, f.StatusCode)
			default:
				require.NoError(t, err)
			}
		})
	}
}

// What is told of the attempts of a region that was overtaken: those that had ended as they did, the one under way as
// overtaken, and none more of one that paused.
func TestOvertakenHedgesAreTold(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		west step
		want []string // what came of the attempts
	}{
		"in its first attempt": {hangs, []string{"overtaken: another region has answered", "200"}},
		"in its second attempt": {inTurn(status(404, 1013), hangs),
			[]string{"404", "overtaken: another region has answered", "200"}},
		"while it paused": {inTurn(answers(429, `{"message":"slow"}`, HeaderRetryAfter, "9000")),
			[]string{"429", "200"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				told := &endings{}
				c, w := worldOf(t, accountTwo, func(cfg *Config) {
					cfg.Hedge, cfg.Tracer = Hedge{Threshold: 500 * time.Millisecond}, told
				})
				require.NoError(t, do(t, c, readReq()))
				told.take()
				w.set("west.test", tt.west)
				resp, err := c.Do(t.Context(), readReq())
				require.NoError(t, err)
				var got []string
				for _, e := range resp.Tried.All() {
					got = append(got, outcomeOf(e))
					require.Equal(t, e.Region == "East US", e.Hedge == 1)
				}
				require.Equal(t, tt.want, got)
				synctest.Wait()
				require.ElementsMatch(t, tt.want, told.take(), "the tracer is told the same")
			})
		})
	}
	require.ErrorIs(t, overtaken{}, context.Canceled)
}

// inTurn answers by one step after the other; the last one repeats.
func inTurn(steps ...step) step {
	var mu sync.Mutex
	return func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		next := steps[0]
		if len(steps) > 1 {
			steps = steps[1:]
		}
		mu.Unlock()
		return next(r)
	}
}

// endings is a tracer that keeps what came of attempts.
type endings struct {
	mu  sync.Mutex
	all []string
}

func (e *endings) AttemptBegins(ctx context.Context, _ AttemptBegin) context.Context { return ctx }

func (e *endings) AttemptEnds(_ context.Context, end AttemptEnd) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, outcomeOf(end))
}

func (e *endings) take() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.all
	e.all = nil
	return all
}

func outcomeOf(e AttemptEnd) string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return fmt.Sprint(e.StatusCode)
}
