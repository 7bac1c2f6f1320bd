// Package promises holds every kind of write to the promise that what a result says is what happened, whatever becomes
// of its answer.
package promises

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// once lets a loss happen to the first request that writes a document.
type once struct {
	next  http.RoundTripper
	loss  loss
	armed atomic.Bool
	leave context.CancelFunc // of the caller
}

func (o *once) RoundTrip(r *http.Request) (*http.Response, error) {
	writes := r.Method != http.MethodGet && r.Header.Get("X-Ms-Documentdb-Isquery") == "" &&
		r.Header.Get("X-Ms-Cosmos-Is-Query-Plan-Request") == ""
	if !writes || !o.armed.CompareAndSwap(true, false) {
		return o.next.RoundTrip(r)
	}
	var resp *http.Response
	if o.loss.executed {
		var err error
		if resp, err = o.next.RoundTrip(r); err != nil {
			return nil, err
		}
	} else {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		resp = &http.Response{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Body: http.NoBody,
			Header: http.Header{
				"X-Ms-Activity-Id": {"a"}, "X-Ms-Request-Charge": {"1"}, "X-Ms-Gatewayversion": {"1"},
				"Content-Type": {"application/json"},
			}}
	}
	before := resp.Body
	if o.loss.answer == nil {
		before.Close()
		o.leave()
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	}
	if err := o.loss.answer(resp); err != nil {
		before.Close()
		return nil, err
	}
	if resp.Body != before {
		before.Close()
	}
	return resp, nil
}

func TestWhatAResultSaysIsWhatHappened(t *testing.T) {
	// Not t.Parallel, which -parallel bounds by the number of cores: most of the time is pauses between attempts.
	var group errgroup.Group
	group.SetLimit(16)
	for _, regions := range []int{1, 2} {
		for _, w := range writes {
			for _, l := range losses {
				group.Go(func() error {
					t.Run(fmt.Sprintf("%d regions/%s/%s", regions, w.name, l.name),
						func(t *testing.T) { check(t, regions, w, l) })
					return nil
				})
			}
		}
	}
	require.NoError(t, group.Wait())
}

func check(t *testing.T, regions int, w write, l loss) {
	opts := []cosmostest.Option{cosmostest.Partitions(2), cosmostest.DistributedTransactions()}
	if regions > 1 {
		opts = append(opts, cosmostest.Regions("West US", "East US"), cosmostest.MultiWrite())
	}
	srv := cosmostest.RunT(t, opts...)
	trip := &once{next: srv.HTTPClient().Transport, loss: l}
	cred, err := cosmos.KeyCredential(srv.Key())
	require.NoError(t, err)
	client, err := cosmos.NewClient(srv.Endpoint(), cred,
		&cosmos.ClientOptions{HTTPClient: &http.Client{Transport: trip}})
	require.NoError(t, err)
	defer client.Close()
	db := sql.OpenDB(driver.NewConnector(client, driver.Config{Database: "shop"}))
	defer db.Close()
	_, err = client.CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	_, err = client.Database("shop").
		CreateContainer(t.Context(), cosmos.ContainerProperties{ID: "c", PartitionKey: cosmos.PartitionKeyPaths("/pk")})
	require.NoError(t, err)
	c := client.Database("shop").Container("c")
	for _, id := range []string{"a", "b", "c"} {
		_, err := c.CreateItem(t.Context(), map[string]any{"id": id, "pk": "p", "n": 0})
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()

	trip.leave = cancel
	trip.armed.Store(true)
	err = w.do(ctx, c, db)
	require.False(t, trip.armed.Load(), "the write was not sent: %v", err)

	docs := map[string]float64{}
	for raw, err := range cosmos.Query[json.RawMessage](t.Context(), c, "SELECT c.id, c.n FROM c") {
		require.NoError(t, err)
		var doc struct {
			ID string
			N  float64
		}
		require.NoError(t, json.Unmarshal(raw, &doc))
		docs[doc.ID] = doc.N
	}
	times := w.times(docs)
	require.LessOrEqual(t, times, 1, "executed twice; the result was %v", err)
	if slices.Contains(harmless, l.name) {
		require.NotErrorIs(t, err, cosmos.ErrUnknownOutcome, "nothing was executed")
		// The coordinator of distributed transactions is not a partition, and does not answer as one.
		if !strings.HasPrefix(w.name, "distributed") || !strings.HasSuffix(l.name, "/1002") {
			require.NoError(t, err, "the service had said that it may be asked again")
		}
	}
	switch {
	case err == nil:
		require.False(t, l.answer == nil && !l.executed, "a success of what was not sent")
		require.Equal(t, 1, times, "a success that did not happen")
	case !errors.Is(err, cosmos.ErrUnknownOutcome):
		require.Zero(t, times, "it happened, and the error does not say that it may have: %v", err)
	}
}
