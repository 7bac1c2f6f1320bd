package cosmos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// attemptTeller is a tracer that keeps the operations that ended and the attempts that began.
type attemptTeller struct {
	mu    sync.Mutex
	ended []cosmos.OperationEnd
	began []cosmos.AttemptBegin
}

func (a *attemptTeller) OperationBegins(ctx context.Context, _ cosmos.OperationBegin) context.Context {
	return ctx
}

func (a *attemptTeller) OperationEnds(_ context.Context, e cosmos.OperationEnd) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = append(a.ended, e)
}

func (a *attemptTeller) AttemptBegins(ctx context.Context, b cosmos.AttemptBegin) context.Context {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.began = append(a.began, b)
	return ctx
}

func (a *attemptTeller) AttemptEnds(context.Context, cosmos.AttemptEnd) {}

// last returns the last operation with its attempts, and forgets what was told.
func (a *attemptTeller) last() (cosmos.OperationEnd, []cosmos.AttemptBegin) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, b := a.ended[len(a.ended)-1], a.began
	a.ended, a.began = nil, nil
	return e, b
}

func twoRegions(t *testing.T, opts *cosmos.ClientOptions) (*cosmostest.Server, *cosmos.Container, *attemptTeller) {
	t.Helper()
	srv := cosmostest.RunT(t, cosmostest.Regions("West US", "East US"), cosmostest.Partitions(2))
	made, told := srv.Container("/pk"), &attemptTeller{}
	opts.Tracer = told
	client := connect(t, srv, opts)
	items := client.Database(made.Database).Container(made.ID)
	for n := range 20 {
		_, err := items.UpsertItem(t.Context(), map[string]string{"id": fmt.Sprint(n), "pk": fmt.Sprint(n)})
		require.NoError(t, err)
	}
	_, err := items.FeedRanges(t.Context()) // the client knows which partition holds which document
	require.NoError(t, err)
	told.last()
	return srv, items, told
}

// TestHedgesAreTold: a read that was sent to two regions says so in traces and diagnostics, with what was given up.
func TestHedgesAreTold(t *testing.T) {
	t.Parallel()
	srv, items, told := twoRegions(t, &cosmos.ClientOptions{HedgeThreshold: time.Millisecond})
	var asked sync.Once
	both := make(chan struct{}) // a busy machine may send the hedge before what it hedges
	readsOf := func(region string) func(cosmostest.Request) bool {
		return func(r cosmostest.Request) bool { return r.Operation == cosmostest.Read && r.Region == region }
	}
	defer srv.Inject(cosmostest.Fault{Match: readsOf("West US"), Hold: func(ctx context.Context) {
		asked.Do(func() { close(both) })
		<-ctx.Done()
	}})()
	defer srv.Inject(cosmostest.Fault{Match: readsOf("East US"), Hold: func(ctx context.Context) {
		select {
		case <-both:
		case <-ctx.Done():
		}
	}})()
	resp, err := items.ReadItem(t.Context(), "1", cosmos.PartitionKey("1"))
	require.NoError(t, err)
	end, began := told.last()
	slices.SortFunc(began, func(a, b cosmos.AttemptBegin) int { return a.Hedge - b.Hedge })
	require.ElementsMatch(t, []string{"West US", "East US"}, end.Regions)
	require.Equal(t, 2, end.Attempts)
	require.Equal(t, 200, end.StatusCode)
	require.Equal(t, resp.ActivityID, end.ActivityID)
	require.Len(t, began, 2)
	require.Zero(t, began[0].Hedge)
	require.Equal(t, 1, began[1].Hedge)

	d := resp.Diagnostics()
	require.Len(t, d.Attempts, 2)
	require.Equal(t, "West US", d.Attempts[0].Region)
	require.ErrorContains(t, d.Attempts[0].Err, "another region has answered")
	require.Equal(t, began[0].ActivityID, d.Attempts[0].ActivityID)
	require.Positive(t, d.Attempts[0].Duration)
	require.Equal(t, 200, d.Attempts[1].StatusCode)
	require.Contains(t, d.String(), "(East US), hedge 1: 200")
	text, err := json.Marshal(d)
	require.NoError(t, err)
	require.Contains(t, string(text), `"hedge":1`)
}

// TestCircuitBreakerIsTold: a partition that fails in one region is read in the other, and the region that is avoided
// for it is named.
func TestCircuitBreakerIsTold(t *testing.T) {
	t.Parallel()
	srv, items, told := twoRegions(t, &cosmos.ClientOptions{})
	rangeOf := func(id string) string {
		resp, err := items.ReadItem(t.Context(), id, cosmos.PartitionKey(id))
		require.NoError(t, err)
		return resp.Header.Get("x-ms-documentdb-partitionkeyrangeid")
	}
	sick, well := "0", "1"
	for rangeOf(well) == rangeOf(sick) {
		well += "1"
		_, err := items.UpsertItem(t.Context(), map[string]string{"id": well, "pk": well})
		require.NoError(t, err)
	}
	defer srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
		return r.Operation == cosmostest.Read && r.Region == "West US" && r.Item == sick
	}, Status: 500})()
	for range 12 {
		resp, err := items.ReadItem(t.Context(), sick, cosmos.PartitionKey(sick))
		require.NoError(t, err)
		require.Equal(t, "East US", resp.Region)
		resp, err = items.ReadItem(t.Context(), well, cosmos.PartitionKey(well))
		require.NoError(t, err)
		require.Equal(t, "West US", resp.Region)
		require.Empty(t, resp.Diagnostics().Attempts[0].Avoided)
	}
	told.last()
	resp, err := items.ReadItem(t.Context(), sick, cosmos.PartitionKey(sick))
	require.NoError(t, err)
	end, began := told.last()
	require.Equal(t, []string{"East US"}, end.Regions)
	require.Len(t, began, 1)
	require.Equal(t, []string{"West US"}, began[0].Avoided)
	require.Contains(t, resp.Diagnostics().String(), "(East US), avoiding West US: 200")
	text, err := json.Marshal(resp.Diagnostics())
	require.NoError(t, err)
	require.Contains(t, string(text), `"avoidedRegions":["West US"]`)
}
