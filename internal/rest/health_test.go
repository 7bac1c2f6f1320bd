package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The only write region refuses connections: the first write succeeds in the new one soon after the account names it,
// within the same call. The client prefers no region.
func TestWriteRegionRefusesConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		require.NoError(t, do(t, c, writeReq()))
		time.Sleep(10 * time.Second)
		w.set("west.test", fails(errDial))
		start := time.Now()
		time.AfterFunc(20*time.Second, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.account = accountMoved
		})
		require.NoError(t, do(t, c, writeReq()))
		require.LessOrEqual(t, time.Since(start), 25*time.Second, "5 s after the account names it")
		require.True(t, strings.HasSuffix(w.took(), " east"))
		start = time.Now()
		require.NoError(t, do(t, c, writeReq()))
		require.Zero(t, time.Since(start))
	})
}

// A request that fails in a region goes on to one that it has not been to, also where what failed may be its partition
// alone, for which no region is avoided.
func TestEachRegionIsAskedOnce(t *testing.T) {
	t.Parallel()
	for what, fault := range map[string]step{
		"unavailable": status(503, 0),
		"refused":     fails(errDial),
		"silent":      hangs,
	} {
		for _, id := range []string{"", "7"} {
			t.Run(what+id, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c, w := worldOf(t, accountThree, nil)
					require.NoError(t, do(t, c, readReq()))
					w.set("west.test", fault)
					w.set("east.test", fault)
					req := readReq()
					req.Range = id
					require.NoError(t, do(t, c, req))
					require.True(t, strings.HasSuffix(w.took(), " east north"))
				})
			})
		}
	}
}

// Requests that wait for the account to be read share the answer; one whose caller leaves meanwhile does not end that
// for the others.
func TestWhoWaitsForTheAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		require.NoError(t, do(t, c, writeReq()))
		time.Sleep(10 * time.Second)
		reads := 0
		account := func(r *http.Request) (*http.Response, error) {
			reads++
			select {
			case <-time.After(1500 * time.Millisecond):
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
			return answers(200, accountMoved)(r)
		}
		for host, docs := range map[string]step{"west.test": fails(errDial), "east.test": fine} {
			w.set(host, func(r *http.Request) (*http.Response, error) {
				if r.URL.Path == "/" {
					return account(r)
				}
				return docs(r)
			})
		}
		hasty, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.Do(hasty, writeReq())
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
		synctest.Wait()
		time.Sleep(time.Millisecond)
		for range 3 {
			wg.Go(func() { assert.NoError(t, do(t, c, writeReq())) })
		}
		wg.Wait()
		require.Equal(t, 1, reads)
	})
}

// A region that never answers is left within one attempt; later requests avoid it at once.
func TestRegionNeverAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		require.NoError(t, do(t, c, readReq()))
		w.set("west.test", hangs)
		w.took()
		start := time.Now()
		require.NoError(t, do(t, c, readReq()))
		require.LessOrEqual(t, time.Since(start), dataTimeout+accountTimeout)
		require.Equal(t, "west east", w.took())
		start = time.Now()
		for range 10 {
			require.NoError(t, do(t, c, readReq()))
		}
		require.Zero(t, time.Since(start))

		// It answers again: that is noticed beside the requests.
		w.set("west.test", nil)
		w.took()
		start = time.Now()
		for !strings.Contains(w.took(), "west") {
			time.Sleep(time.Second)
			require.NoError(t, do(t, c, readReq()))
			synctest.Wait()
		}
		require.LessOrEqual(t, time.Since(start), 30*time.Second)
	})
}

// An account whose client prefers no region has regions to fail over to all the same.
func TestFailsOverWithoutPreferredRegions(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]step{
		"refuses":        fails(errDial),
		"is silent":      hangs,
		"is unavailable": status(503, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, w := worldOf(t, accountMulti, nil)
				require.NoError(t, do(t, c, readReq()))
				w.set("west.test", fault)
				w.took()
				require.NoError(t, do(t, c, readReq()))
				require.True(t, strings.HasSuffix(w.took(), " east"))
				start := time.Now()
				for range 5 {
					require.NoError(t, do(t, c, readReq()))
					require.NoError(t, do(t, c, writeReq()))
				}
				require.Zero(t, time.Since(start))
				require.NotContains(t, w.took(), "west")
			})
		})
	}
}

// However a region has failed, it is used again within 30 s after it answers, by a client that goes on sending.
func TestRecoveryIsNoticed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]step{
		"refused": fails(errDial), "silent": hangs, "cut": fails(errReset), "unavailable": status(503, 0),
		"left":    status(403, 1008),
		"strange": bare(200, "<html>"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, w := worldOf(t, accountTwo, nil)
				require.NoError(t, do(t, c, readReq()))
				w.set("west.test", fault)
				for range 60 {
					require.NoError(t, do(t, c, readReq()))
					time.Sleep(time.Second)
				}
				w.set("west.test", nil)
				w.took()
				start := time.Now()
				for !strings.Contains(w.took(), "west") {
					require.LessOrEqual(t, time.Since(start), 30*time.Second)
					time.Sleep(time.Second)
					require.NoError(t, do(t, c, readReq()))
					synctest.Wait()
				}
			})
		})
	}
}

// Deadlines of callers that are shorter than an attempt count against a silent region, too.
func TestRegionIsSilentBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		require.NoError(t, do(t, c, readReq()))
		w.set("west.test", hangs)
		answered := 0
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, err := c.Do(ctx, readReq()); err == nil {
				answered++
			} else {
				require.ErrorIs(t, err, context.DeadlineExceeded)
			}
			cancel()
		}
		require.Equal(t, 8, answered, "two in a row are enough")
	})
}

// Of a multi-write account, a region that cuts every answer is avoided after at most three unknown writes.
func TestRegionCutsEveryAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountMulti, nil)
		require.NoError(t, do(t, c, writeReq()))
		w.set("west.test", func(r *http.Request) (*http.Response, error) {
			if r.Body != nil {
				_, _ = r.Body.Read(make([]byte, 1))
			}
			return nil, errReset
		})
		unknown := 0
		for range 20 {
			if err := do(t, c, writeReq()); err != nil {
				require.ErrorIs(t, err, ErrUnknownOutcome)
				unknown++
			}
		}
		require.LessOrEqual(t, unknown, 3)
		synctest.Wait()
	})
}

// Answers to writes that were under way when a region began to cut do not hide its faults.
func TestLateAnswersHideNoFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountMulti, nil)
		require.NoError(t, do(t, c, writeReq()))
		answer := make(chan struct{})
		w.set("west.test", func(r *http.Request) (*http.Response, error) {
			<-answer
			return fine(r)
		})
		var late sync.WaitGroup
		for range 10 {
			late.Go(func() { assert.NoError(t, do(t, c, writeReq())) })
		}
		synctest.Wait()
		w.set("west.test", func(r *http.Request) (*http.Response, error) {
			_, _ = r.Body.Read(make([]byte, 1))
			return nil, errReset
		})
		unknown := 0
		for range 10 {
			time.Sleep(time.Millisecond)
			if err := do(t, c, writeReq()); err != nil {
				require.ErrorIs(t, err, ErrUnknownOutcome)
				unknown++
			}
			answer <- struct{}{}
			synctest.Wait()
		}
		late.Wait()
		require.LessOrEqual(t, unknown, 3)
	})
}

// A plain HTTP region of an account with TLS is not used: an access token would travel in the clear.
func TestNoDowngrade(t *testing.T) {
	t.Parallel()
	c, w := worldOf(t, strings.ReplaceAll(accountTwo, "https://east", "http://east"),
		func(cfg *Config) { cfg.Preferred = []string{"East US"} })
	require.NoError(t, do(t, c, readReq()))
	require.Equal(t, "west", w.took())
}

// Many requests in a storm of faults in every region, side by side; the race detector looks on.
func TestRegionsInAStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountMulti, func(cfg *Config) { cfg.Hedge = Hedge{Threshold: 20 * time.Millisecond} })
		faults := []step{fails(errDial), fails(errReset), status(503, 0), status(500, 0), status(403, 1008),
			bare(200, "<html>"), fine, hangs}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for j := range 50 {
					w.set([]string{"west.test", "east.test"}[j%2], faults[(i+j)%len(faults)])
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					req := readReq()
					if j%3 == 0 {
						req = writeReq()
					}
					req.Range = fmt.Sprint(j % 4)
					_, _ = c.Do(ctx, req)
					cancel()
				}
			})
		}
		wg.Wait()
		w.set("west.test", nil)
		w.set("east.test", nil)
		require.Eventually(t, func() bool { return do(t, c, readReq()) == nil }, time.Minute, time.Second)
	})
}
