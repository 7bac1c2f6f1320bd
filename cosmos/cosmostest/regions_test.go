package cosmostest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever reads the account while a region is added finds it with its address, or not at all.
func TestAddedRegionHasItsAddress(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Regions("West US"))
	var without atomic.Int64
	added := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-added:
				return
			default:
			}
			for _, r := range srv.account.Topology().Listed() {
				if r.ID >= len(srv.list()) {
					without.Add(1)
				}
			}
		}
	})
	for i := range 50 {
		name := fmt.Sprint("East US ", i)
		require.NoError(t, srv.AddRegion(name))
		endpoint := srv.RegionEndpoint(name)
		require.Error(t, srv.AddRegion(name))
		require.Equal(t, endpoint, srv.RegionEndpoint(name), "a refusal changes nothing")
		res, err := srv.client.Get(endpoint + "probe")
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.NoError(t, srv.RemoveRegion(name))
	}
	close(added)
	wg.Wait()
	require.Zero(t, without.Load())
}
