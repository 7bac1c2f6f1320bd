package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

func TestThrottle(t *testing.T) {
	t.Parallel()
	s := newServer(t, newClock().options,
		func(o *gateway.Options, so *store.Options) { o.Throttle, so.Partitions = true, 1 })
	coll := s.container("/pk")
	ops := []string{}
	for i := range 100 {
		ops = append(ops,
			fmt.Sprintf(`{"operationType":"Create","partitionKey":"[\"p\"]","resourceBody":{"id":"%d","pk":"p"}}`, i))
	}
	all := s.do("POST", coll+"/docs", bulk.and(h{"x-ms-documentdb-partitionkeyrangeid": "0"}),
		"["+strings.Join(ops, ",")+"]").want(t, 207).results(t)
	require.Equal(t, []int{201, 429}, []int{all[0].StatusCode, all[99].StatusCode})
	require.Equal(t, 3200, all[99].SubStatusCode)
	require.Positive(t, all[99].RetryAfterMilliseconds)
	a := s.do("GET", coll+"/docs/0", pk("p"), nil).want(t, 429, "3200")
	require.NotEmpty(t, a.header.Get("x-ms-retry-after-ms"))
	require.Equal(t, "TooManyRequests", a.text("code"))
}

// Throughput is held to from when it is asked for, and no longer; who reads a range that is not one is told so first.
func TestThrottleComesAndGoes(t *testing.T) {
	t.Parallel()
	s := newServer(t, newClock().options, func(_ *gateway.Options, o *store.Options) { o.Partitions = 1 })
	coll := s.container("/pk")
	write := func() int {
		upsert := h{"x-ms-documentdb-is-upsert": "True"}
		return s.do("POST", coll+"/docs", pk("p").and(upsert), h{"id": "1", "pk": "p"}).status
	}
	write()
	for range 100 {
		require.Equal(t, 200, write())
	}
	require.False(t, s.gateway.Throttled())
	s.gateway.SetThrottle(true)
	require.True(t, s.gateway.Throttled())
	n := 0
	for ; write() == 200; n++ {
		require.Less(t, n, 100, "400 RU/s are for fewer")
	}
	for name, a := range map[string]answer{
		"read":   s.do("GET", coll+"/docs/1", pk("p"), nil),
		"feed":   s.do("GET", coll+"/docs", pk("p"), nil),
		"query":  s.post(coll, "SELECT * FROM c", pk("p")),
		"batch":  s.do("POST", coll+"/docs", pk("p").and(atomicBatch), `[{"operationType":"Read","id":"1"}]`),
		"delete": s.do("DELETE", coll+"/docs/1", pk("p"), nil),
	} {
		a.want(t, 429, "3200")
		require.NotEmpty(t, a.header.Get("x-ms-retry-after-ms"), name)
		require.Equal(t, "0.38", a.header.Get("x-ms-request-charge"), name)
		require.Empty(t, a.header.Get("x-ms-session-token"), name)
	}
	s.do("GET", coll+"/docs/1", pk("p").and(h{"x-ms-documentdb-partitionkeyrangeid": "x"}), nil).want(t, 400)
	s.do("GET", coll, nil, nil).want(t, 200) // definitions cost the container nothing
	s.gateway.SetThrottle(false)
	require.Equal(t, 200, write())
}
