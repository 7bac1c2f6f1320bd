package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// TestRegionFailsUnderLoad: while workers write to an account that accepts writes in two regions, the preferred one
// cuts every connection, or falls silent. The writes go on in the other one after at most three unknown ones and those
// that were in flight then, nothing that was acknowledged is missing, and the region is used again soon after it is
// back.
func TestRegionFailsUnderLoad(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*cosmostest.Server) (back func()){
		"cuts":      func(s *cosmostest.Server) func() { return s.StopRegion("West US") },
		"is silent": func(s *cosmostest.Server) func() { return s.HangRegion("West US") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := cosmostest.RunT(t, cosmostest.Regions("West US", "East US"), cosmostest.MultiWrite())
			made := srv.Container("/pk")
			client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), &cosmos.ClientOptions{
				PreferredRegions: []string{"West US"}, RequestTimeout: 500 * time.Millisecond,
			})
			require.NoError(t, err)
			defer client.Close()
			books := client.Database(made.Database).Container(made.ID)
			var mu sync.Mutex
			acknowledged, regions := map[string]bool{}, map[string]int{}
			var unknown, failed atomic.Int64
			stop := make(chan struct{})
			var wg sync.WaitGroup
			const workers = 8
			for w := range workers {
				wg.Go(func() {
					for i := 0; ; i++ {
						select {
						case <-stop:
							return
						case <-time.After(2 * time.Millisecond):
						}
						id := fmt.Sprintf("%d-%d", w, i)
						resp, err := books.UpsertItem(context.Background(), map[string]string{"id": id, "pk": id})
						switch {
						case err == nil:
							mu.Lock()
							acknowledged[id] = true
							regions[resp.Region]++
							mu.Unlock()
						case errors.Is(err, cosmos.ErrUnknownOutcome):
							unknown.Add(1)
						default:
							failed.Add(1)
						}
					}
				})
			}
			used := func(region string) func() bool {
				mu.Lock()
				defer mu.Unlock()
				clear(regions)
				return func() bool {
					mu.Lock()
					defer mu.Unlock()
					return regions[region] > 20
				}
			}
			require.Eventually(t, used("West US"), 10*time.Second, time.Millisecond)
			back := fail(srv)
			require.Eventually(t, used("East US"), 10*time.Second, time.Millisecond)
			require.LessOrEqual(t, unknown.Load(), int64(3+workers))
			back()
			start := time.Now()
			require.Eventually(t, used("West US"), 30*time.Second, 10*time.Millisecond, "it is back")
			again := time.Since(start)
			close(stop)
			wg.Wait()
			t.Logf("%d unknown, %d failed, %d acknowledged, used again after %v", unknown.Load(), failed.Load(),
				len(acknowledged), again)
			raw, err := srv.Documents(made.Database, made.ID)
			require.NoError(t, err)
			for _, r := range raw {
				var s stored
				require.NoError(t, json.Unmarshal(r, &s))
				delete(acknowledged, s.ID)
			}
			require.Empty(t, acknowledged, "acknowledged and not stored")
			require.Zero(t, failed.Load())
		})
	}
}
