package cosmostest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	defer srv.Close()
	shop(t, srv)
	srv.Fail(Create, 2, 429, 3200, 10*time.Millisecond)
	require.Equal(t, []int{429, 429, 201},
		[]int{create(t.Context(), srv, "a"), create(t.Context(), srv, "a"), create(t.Context(), srv, "a")})
	require.Equal(t, 3, srv.Count(Create))

	end := srv.Fail(Read, 0, 503, 0, 0)
	require.Equal(t, []int{503, 503}, []int{read(t.Context(), srv, "a"), read(t.Context(), srv, "a")})
	end()
	require.Equal(t, 200, read(t.Context(), srv, "a"))

	srv.Inject(Fault{Match: On(Create), Times: 1, Cut: CutBefore})
	require.Equal(t, 0, create(t.Context(), srv, "before"))
	require.Equal(t, 404, read(t.Context(), srv, "before"), "nothing was done")
	srv.Inject(Fault{Match: On(Create), Times: 1, Cut: CutAfter})
	require.Equal(t, 0, create(t.Context(), srv, "after"))
	require.Equal(t, 200, read(t.Context(), srv, "after"), "everything was done")
	srv.Inject(Fault{Match: On(Read), Times: 1, Cut: CutBody})
	require.Equal(t, 0, read(t.Context(), srv, "a"))

	srv.Inject(
		Fault{Match: func(r Request) bool { return r.Operation == BulkItem && r.Item == "b2" }, Times: 1, Status: 449})
	body := `[{"operationType":"Create","partitionKey":"[\"p\"]","resourceBody":{"id":"b1","pk":"p"}},
		{"operationType":"Create","partitionKey":"[\"p\"]","resourceBody":{"id":"b2","pk":"p"}}]`
	require.Equal(t, 207, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs/shop/colls/orders/docs", body,
		"x-ms-cosmos-is-batch-request", "True"))
	require.Equal(t, []int{200, 404}, []int{read(t.Context(), srv, "b1"), read(t.Context(), srv, "b2")})

	var seen Request
	srv.Inject(
		Fault{Times: 1, Match: func(r Request) bool { seen = r; return r.Item == "a" }, Hold: func(context.Context) {
			_, err := srv.Split("shop", "orders", "0")
			require.NoError(t, err)
		}})
	require.Equal(t, 200, read(t.Context(), srv, "a"))
	require.Equal(t, []string{"Read", "shop", "orders", "a", `["p"]`, "South Central US"},
		[]string{string(seen.Operation), seen.Database, seen.Container, seen.Item, seen.PartitionKey, seen.Region})
	ranges, err := srv.Ranges("shop", "orders")
	require.NoError(t, err)
	require.Len(t, ranges, 5)
	id, err := srv.Merge("shop", "orders", ranges[0].ID, ranges[1].ID)
	require.NoError(t, err)
	ranges, err = srv.Ranges("shop", "orders")
	require.NoError(t, err)
	require.Equal(t, id, ranges[0].ID)
	_, err = srv.Split("shop", "none", "0")
	require.ErrorContains(t, err, "container shop/none")
	_, err = srv.Split("shop", "orders", "0")
	require.ErrorContains(t, err, "split")
	_, err = srv.Merge("shop", "orders", ranges[0].ID, ranges[2].ID)
	require.ErrorContains(t, err, "not neighbours")
}

func TestFaultsAreCounted(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	defer srv.Close()
	shop(t, srv)
	srv.Fail(Create, 10, 503, 0, 0)
	var failed atomic.Int32
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if create(t.Context(), srv, fmt.Sprint(i)) == 503 {
				failed.Add(1)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int32(10), failed.Load())
}

func TestDelayEndsWithClientAndServer(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	defer srv.Close()
	shop(t, srv)
	srv.Delay(time.Hour)
	srv.Inject(Fault{Hold: func(ctx context.Context) { <-ctx.Done() }})
	ask := func(ctx context.Context, id string, n int) (status chan int) {
		status = make(chan int, 1)
		go func() { status <- create(ctx, srv, id) }()
		for srv.Count(Create) < n { // until it has arrived
			time.Sleep(time.Millisecond)
		}
		return status
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	left := ask(ctx, "a", 1)
	cancel()
	require.Equal(t, 0, <-left)
	held := ask(context.WithoutCancel(t.Context()), "b", 2)
	srv.Close()
	<-held
}

func TestDelay(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	defer srv.Close()
	shop(t, srv)
	srv.Delay(30 * time.Millisecond)
	start := time.Now()
	require.Equal(t, 201, create(t.Context(), srv, "a"))
	require.GreaterOrEqual(t, time.Since(start), 30*time.Millisecond)
}
