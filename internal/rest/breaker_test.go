package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

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
