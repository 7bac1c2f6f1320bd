package main

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, ""))
	require.Equal(t, `two workers: 50 orders have shipments
one worker: 10 more, and 10 that have changed
`, out.String())
}

// A worker that cannot work ends the program with what it says.
func TestWorkerThatFails(t *testing.T) {
	t.Parallel()
	client, err := cosmos.NewClientFromConnectionString(cosmostest.RunT(t).ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	s, err := open(t.Context(), client)
	require.NoError(t, err)
	s.leases = s.shipments // which has another partition key
	require.ErrorContains(t, s.show(t.Context(), new(bytes.Buffer)), "it must be /id")
}

// Shipments that could not be written come again: none is left out.
func TestRefusedShipments(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	s, err := open(t.Context(), client)
	require.NoError(t, err)
	require.NoError(t, s.place(t.Context(), 0, 10, false))

	var refused atomic.Int32
	srv.Inject(cosmostest.Fault{Status: 403, Match: func(r cosmostest.Request) bool {
		writes := cosmostest.On(cosmostest.Bulk, cosmostest.Upsert)
		return r.Container == "shipments" && writes(r) && refused.Add(1) <= 2
	}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.worker("one", 5*time.Millisecond).Run(ctx) }()
	require.NoError(t, s.await(ctx, "SELECT VALUE COUNT(1) FROM s", 10))
	require.Greater(t, refused.Load(), int32(2))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}
