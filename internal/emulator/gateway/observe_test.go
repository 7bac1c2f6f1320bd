package gateway_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Every request is told of once, with what its client sees of it, however it ends, and before the client sees the end.
func TestExchangesAreTold(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var all []gateway.Exchange
	s := newServer(t, func(o *gateway.Options, _ *store.Options) {
		o.Observe = func(x gateway.Exchange) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, x)
		}
	})
	coll := s.container("/pk")
	last := func() gateway.Exchange {
		mu.Lock()
		defer mu.Unlock()
		require.Len(t, all, 1, "once")
		x := all[0]
		all = nil
		return x
	}
	all = nil
	body := `{"id":"1","pk":"p"}`
	for _, test := range []struct {
		verb, path string
		headers    h
		body       any
		op         gateway.Operation
		status     int
	}{
		{"POST", coll + "/docs", pk("p"), body, gateway.Create, 201},
		{"POST", coll + "/docs", pk("p"), body, gateway.Create, 409},
		{"GET", coll + "/docs/1", pk("p"), nil, gateway.Read, 200},
		{"GET", coll + "/docs/1", pk("p").and(h{"x-ms-session-token": "x"}), nil, gateway.Read, 400},
		{"GET", coll + "/docs/none", pk("p"), nil, gateway.Read, 404},
		{"GET", "/dbs/d", nil, nil, gateway.ReadDatabase, 200},
		{"DELETE", coll + "/docs/1", pk("p"), nil, gateway.Delete, 204},
		{"POST", coll + "/docs", h{"authorization": "none"}, body, gateway.Create, 401},
	} {
		before := time.Now()
		a := s.do(test.verb, test.path, test.headers, test.body).want(t, test.status)
		x := last()
		require.Equal(t, []any{test.op, test.verb, test.path, test.status},
			[]any{x.Operation, x.Method, x.Path, x.Status})
		require.Equal(t, a.header.Get("x-ms-activity-id"), x.ActivityID)
		require.Equal(t, "d", x.Database)
		charge, _ := strconv.ParseFloat(a.header.Get("x-ms-request-charge"), 64)
		require.InDelta(t, charge, x.Charge, 0.005, "%s %s: %d", test.verb, test.path, test.status)
		require.Equal(t, len(a.body), x.Given)
		if test.body != nil {
			require.Equal(t, len(body), x.Sent)
		}
		require.False(t, x.Began.Before(before))
		require.LessOrEqual(t, x.Duration, time.Since(before))
		if strings.Contains(test.path, "/docs") && test.status < 400 {
			require.Equal(t, a.header.Get("x-ms-documentdb-partitionkeyrangeid"), x.Range, "the range that answered")
			require.Equal(t, `["p"]`, x.PartitionKey)
		}
	}
	s.gateway.Inject(gateway.Fault{Times: 1, Status: 429, SubStatus: 3200})
	s.do("GET", coll+"/docs/1", pk("p"), nil).want(t, 429)
	x := last()
	require.Equal(t, []int{429, 3200}, []int{x.Status, x.SubStatus}, "of a fault")
	for cut, status := range map[gateway.Cut]int{gateway.CutBefore: 0, gateway.CutAfter: 201, gateway.CutBody: 201} {
		s.gateway.Inject(gateway.Fault{Times: 1, Cut: cut})
		require.Zero(t, s.broken("POST", coll+"/docs", pk("p"), h{"id": strconv.Itoa(int(cut)), "pk": "p"}))
		require.Equal(t, status, last().Status, "of what is cut %d", cut)
	}
}
