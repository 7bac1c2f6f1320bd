package rest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// world is an account whose regions behave as a test says.
type world struct {
	mu      sync.Mutex
	account string
	regions map[string]step // by host; without one, {} is answered
	docs    []string        // hosts that requests about documents went to
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	s, account := w.regions[r.URL.Hostname()], w.account
	if r.URL.Path != "/" {
		w.docs = append(w.docs, r.URL.Hostname())
	}
	w.mu.Unlock()
	if s != nil {
		return s(r)
	}
	if r.URL.Path == "/" {
		return answers(200, account)(r)
	}
	return fine(r)
}

func (w *world) set(host string, s step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.regions[host] = s
}

// took are the hosts that documents were asked of since it was last called.
func (w *world) took() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	hosts := strings.Join(w.docs, " ")
	w.docs = nil
	return strings.ReplaceAll(hosts, ".test", "")
}

func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func worldOf(t *testing.T, account string, change func(*Config)) (*Client, *world) {
	t.Helper()
	w := &world{account: account, regions: map[string]step{}}
	auth, err := NewMasterKey(emulatorKey)
	require.NoError(t, err)
	cfg := Config{Endpoint: "https://west.test/", Auth: auth, HTTP: &http.Client{Transport: w}}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, w
}

func do(t *testing.T, c *Client, req *Request) error {
	t.Helper()
	_, err := c.Do(t.Context(), req)
	return err
}

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
			w.account = strings.Replace(accountTwo,
				`"writableLocations":[{"name":"West US","databaseAccountEndpoint":"https://west.test/"}]`,
				`"writableLocations":[{"name":"East US","databaseAccountEndpoint":"https://east.test/"}]`, 1)
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
	for what, fault := range map[string]step{"unavailable": status(503, 0), "refused": fails(errDial),
		"silent": hangs} {
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
			return answers(200, strings.Replace(accountTwo,
				`"writableLocations":[{"name":"West US","databaseAccountEndpoint":"https://west.test/"}]`,
				`"writableLocations":[{"name":"East US","databaseAccountEndpoint":"https://east.test/"}]`, 1))(r)
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
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
		synctest.Wait()
		time.Sleep(time.Millisecond)
		for range 3 {
			wg.Go(func() { require.NoError(t, do(t, c, writeReq())) })
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
	for name, fault := range map[string]step{"refuses": fails(errDial), "is silent": hangs,
		"is unavailable": status(503, 0)} {
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
			late.Go(func() { require.NoError(t, do(t, c, writeReq())) })
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

// A region that fails again as soon as it is taken back is asked less and less often.
func TestRegionThatFlaps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		require.NoError(t, do(t, c, readReq()))
		w.set("west.test", func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/" {
				return answers(200, accountTwo)(r)
			}
			return status(503, 0)(r)
		})
		bad := 0
		for range 600 {
			time.Sleep(time.Second)
			require.NoError(t, do(t, c, readReq()))
			synctest.Wait()
			bad += strings.Count(w.took(), "west")
		}
		require.Less(t, bad, 30, "in ten minutes")
	})
}

// A partition that fails in one region alone is avoided there, and tried again by one request after a minute.
func TestCircuitBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		sick := func(id string) *Request {
			r := readReq()
			r.Set(HeaderRangeID, id)
			return r
		}
		require.NoError(t, do(t, c, readReq()))
		ill := true
		w.set("west.test", func(r *http.Request) (*http.Response, error) {
			if ill && r.Header.Get(HeaderRangeID) == "1" {
				return status(500, 0)(r)
			}
			return byPath(accountTwo)(r)
		})
		for range 30 {
			require.NoError(t, do(t, c, sick("1")))
			require.NoError(t, do(t, c, sick("0")))
		}
		seen := w.took()
		require.Equal(t, 1+11+30, strings.Count(seen, "west"), "eleven faults, and the healthy partition stays")
		time.Sleep(partitionOpen)
		for range 5 {
			require.NoError(t, do(t, c, sick("1")))
		}
		require.Equal(t, "west east east east east east", w.took(), "one request tries")
		ill = false
		time.Sleep(2 * partitionOpen)
		for range 2 {
			require.NoError(t, do(t, c, sick("1")))
		}
		require.Equal(t, "west west", w.took())
		require.Empty(t, c.breaker.faults)
	})
}

func TestExcludedRegions(t *testing.T) {
	t.Parallel()
	c, w := worldOf(t, accountMulti, func(cfg *Config) { cfg.Preferred = []string{"East US"} })
	require.NoError(t, do(t, c, readReq()))
	req := readReq()
	req.Excluded = []string{"eastus"}
	require.NoError(t, do(t, c, req))
	req.Excluded = []string{"East US", "West US"}
	require.NoError(t, do(t, c, req))
	require.Equal(t, "east west east", w.took(), "where none is left, the first serves")
	req.Excluded = []string{"Norht Europe"}
	err := do(t, c, req)
	require.ErrorContains(t, err,
		`there is no region "Norht Europe", which is among the excluded ones; the account has East US, West US`)

	c, w = worldOf(t, accountMulti, func(cfg *Config) { cfg.Excluded = []string{"West US"} })
	require.NoError(t, do(t, c, writeReq()))
	require.Equal(t, "east", w.took())
}

// A preferred region that does not exist is a mistake; one that the account does not have now is not.
func TestMisspeltRegion(t *testing.T) {
	t.Parallel()
	c, w := worldOf(t, accountTwo, func(cfg *Config) { cfg.Preferred = []string{"Norht Europe", "East US"} })
	for range 2 {
		require.ErrorContains(t, do(t, c, readReq()),
			`there is no region "Norht Europe", which is among the preferred ones; the account has West US, East US`)
	}
	require.Empty(t, w.took())
	c, w = worldOf(t, accountTwo, func(cfg *Config) { cfg.Preferred = []string{"North Europe", "eastus"} })
	require.NoError(t, do(t, c, readReq()))
	require.Equal(t, "east", w.took())
}

// A plain HTTP region of an account with TLS is not used: an access token would travel in the clear.
func TestNoDowngrade(t *testing.T) {
	t.Parallel()
	c, w := worldOf(t, strings.ReplaceAll(accountTwo, "https://east", "http://east"),
		func(cfg *Config) { cfg.Preferred = []string{"East US"} })
	require.NoError(t, do(t, c, readReq()))
	require.Equal(t, "west", w.took())
}

// Faults of a partition that are long past do not count, and what is remembered of partitions is bounded.
func TestBreakerForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b breaker
		req := readReq()
		west := []region{{name: "West US"}, {name: "East US"}}
		for range readFaults {
			b.blame(req, "0", "West US")
		}
		time.Sleep(faultWindow + time.Second)
		b.blame(req, "0", "West US")
		_, sick := b.order(req, "0", slices.Clone(west))
		require.Empty(t, sick)
		for range readFaults {
			b.blame(req, "0", "West US")
		}
		_, sick = b.order(req, "0", slices.Clone(west))
		require.Equal(t, []string{"West US"}, sick)
		for i := range 2 * maxPartitions {
			require.True(t, b.blame(req, fmt.Sprint(i), "West US"))
		}
		require.Len(t, b.faults, maxPartitions)
	})
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
