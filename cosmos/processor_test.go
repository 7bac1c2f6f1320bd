package cosmos_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// TestProcessorHandlesEveryChange: old and new changes, each once while nobody is disturbed; a stopped processor gives
// its leases back, and the next one goes on where it stood.
func TestProcessorHandlesEveryChange(t *testing.T) {
	for _, key := range []string{"/id", "/partitionKey"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			p := newProcessed(t, key)
			p.write(1, 1, 50)
			stop := p.start(quick("a"), p.handler("a"))
			p.await(1, 1, 50)
			p.write(2, 20, 60)
			p.await(2, 20, 60)
			require.ErrorIs(t, stop(), context.Canceled)
			require.Equal(t, map[string]int{"": 4}, p.owners())
			p.write(3, 1, 10)
			p.start(quick("b"), p.handler("b"))
			p.await(3, 1, 10)
			require.Equal(t, []int{1, 3}, p.seen["5"])
			require.Equal(t, []int{1, 2}, p.seen["30"])
			require.Equal(t, []int{2}, p.seen["60"])
		})
	}
}

// TestProcessorStartsNow: without a start the moment is that of the first Run, in every range, also of those whose
// leases are worked on later.
func TestProcessorStartsNow(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	p.write(1, 1, 30)
	opts := quick("a")
	opts.FromBeginning = false
	stop := p.start(opts, func(ctx context.Context, _ *cosmos.Changes) error { return errors.New("not yet") })
	require.Eventually(t, func() bool { return p.owners()["a"] == 4 }, 10*time.Second, 5*time.Millisecond)
	require.ErrorIs(t, stop(), context.Canceled)
	p.write(2, 1, 20)
	p.start(opts, p.handler("a"))
	p.await(2, 1, 20)
	p.mu.Lock()
	defer p.mu.Unlock()
	require.NotContains(t, p.seen, "30")
	require.Equal(t, []int{2}, p.seen["7"])
}

// TestProcessorStartsAtTime: what was changed before the time is left out, in every range.
func TestProcessorStartsAtTime(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	p.srv.Advance(-time.Hour)
	p.write(1, 1, 30)
	p.srv.Advance(time.Hour)
	p.write(2, 1, 20)
	opts := quick("a")
	opts.FromBeginning, opts.StartTime = false, time.Now().Add(-30*time.Minute)
	p.start(opts, p.handler("a"))
	p.await(2, 1, 20)
	p.mu.Lock()
	defer p.mu.Unlock()
	require.NotContains(t, p.seen, "30")
	require.Equal(t, []int{2}, p.seen["7"])
}

// TestProcessorsShareTheWork: they have the same number of leases; those of one that dies without a word are taken
// over.
func TestProcessorsShareTheWork(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	stopA := p.start(quick("a"), p.handler("a"))
	require.Eventually(t, func() bool { return p.owners()["a"] == 4 }, 10*time.Second, 5*time.Millisecond)
	p.start(quick("b"), p.handler("b"))
	require.Eventually(t, func() bool { o := p.owners(); return o["a"] == 2 && o["b"] == 2 }, 10*time.Second,
		5*time.Millisecond)
	p.write(1, 1, 40)
	p.await(1, 1, 40)
	require.ErrorIs(t, stopA(), context.Canceled)

	// One that dies holds its leases until they expire.
	for doc, err := range cosmos.Query[map[string]any](t.Context(), p.leases, "SELECT * FROM c WHERE c.Owner = null") {
		require.NoError(t, err)
		doc["Owner"] = "dead"
		doc["timestamp"] = time.Now().UTC()
		_, err := p.leases.UpsertItem(t.Context(), doc)
		require.NoError(t, err)
	}
	p.write(2, 1, 40)
	p.await(2, 1, 40) // perhaps by b before its lease was made another's, and again when that has expired
	require.Eventually(t, func() bool { return p.owners()["b"] == 4 }, 10*time.Second, 5*time.Millisecond)
}

// TestProcessorFollowsSplitsAndMerges: every change is handled, those of a document in order, and the leases are those
// of the ranges that there are.
func TestProcessorFollowsSplitsAndMerges(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	p.start(quick("a"), p.handler("a"))
	p.write(1, 1, 40)
	p.await(1, 1, 40)
	for range 2 {
		ranges, err := p.srv.Ranges("shop", "orders")
		require.NoError(t, err)
		_, err = p.srv.Split("shop", "orders", ranges[1].ID)
		require.NoError(t, err)
	}
	p.write(2, 1, 40)
	p.await(2, 1, 40)
	require.Eventually(t, func() bool { return p.owners()["a"] == 6 }, 10*time.Second, 5*time.Millisecond)
	ranges, err := p.srv.Ranges("shop", "orders")
	require.NoError(t, err)
	_, err = p.srv.Merge("shop", "orders", ranges[0].ID, ranges[1].ID)
	require.NoError(t, err)
	p.write(3, 1, 40)
	p.await(3, 1, 40)
	for id, versions := range p.seen {
		require.IsNonDecreasing(t, versions, id)
	}
}

// TestProcessorOfAllVersions: every version and every delete, from now on.
func TestProcessorOfAllVersions(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	shop := p.source.Database()
	_, err := shop.CreateContainer(t.Context(), cosmos.ContainerProperties{
		ID: "history", PartitionKey: cosmos.PartitionKeyPaths("/pk"),
		ChangeFeedPolicy: &cosmos.ChangeFeedPolicy{RetentionMinutes: 60},
	})
	require.NoError(t, err)
	p.source = shop.Container("history")
	opts := quick("a")
	opts.FromBeginning, opts.AllVersions = false, true
	kinds := make(chan string, 10)
	p.start(opts, func(_ context.Context, changes *cosmos.Changes) error {
		for _, item := range changes.Items {
			var change struct {
				Metadata struct{ OperationType string }
			}
			if err := json.Unmarshal(item, &change); err != nil {
				return err
			}
			kinds <- change.Metadata.OperationType
		}
		return nil
	})
	require.Eventually(t, func() bool { return p.owners()["a"] == 4 }, 10*time.Second, 5*time.Millisecond)
	p.write(1, 1, 1)
	p.write(2, 1, 1)
	_, err = p.source.DeleteItem(t.Context(), "1", cosmos.PartitionKey("p1"))
	require.NoError(t, err)
	for _, want := range []string{"create", "replace", "delete"} {
		require.Equal(t, want, <-kinds)
	}
}

// TestProcessorFailures: a page that its handler cannot handle is tried again, skipped, or ends the processor, as
// OnError says.
func TestProcessorFailures(t *testing.T) {
	t.Parallel()
	poison := errors.New("poison")
	for name, tc := range map[string]struct {
		action cosmos.ProcessorAction
		calls  int
		ended  error
	}{
		"retry": {cosmos.ProcessorRetry, 2, context.Canceled},
		"skip":  {cosmos.ProcessorSkip, 1, context.Canceled},
		"stop":  {cosmos.ProcessorStop, 1, poison},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcessed(t, "/id")
			p.write(1, 1, 1)
			var mu sync.Mutex
			calls := 0
			opts := quick("a")
			told := make(chan cosmos.ProcessorFailure, 10)
			opts.OnError = func(_ context.Context, f cosmos.ProcessorFailure) cosmos.ProcessorAction {
				told <- f
				return tc.action
			}
			stop := p.start(opts, func(ctx context.Context, changes *cosmos.Changes) error {
				mu.Lock()
				calls++
				first := calls == 1
				mu.Unlock()
				if first {
					return poison
				}
				return p.handler("a")(ctx, changes)
			})
			f := <-told
			require.ErrorIs(t, f.Err, poison)
			require.Len(t, f.Changes.Items, 1)
			require.NotEmpty(t, f.Lease)
			if tc.action == cosmos.ProcessorStop {
				require.Eventually(t, func() bool { return p.owners()[""] == 4 }, 10*time.Second, 5*time.Millisecond)
			} else {
				p.write(2, 2, 2)
				p.await(2, 2, 2)
			}
			if tc.action == cosmos.ProcessorRetry {
				p.await(1, 1, 1)
			}
			require.ErrorIs(t, stop(), tc.ended)
		})
	}
}

// TestProcessorLag: how much waits in each lease, whoever has it.
func TestProcessorLag(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	opts := quick("a")
	processor := p.source.ChangeFeedProcessor(p.leases, p.handler("a"), &opts)
	_, err := processor.EstimateLag(t.Context())
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	stop := p.start(opts, p.handler("a"))
	p.write(1, 1, 20)
	p.await(1, 1, 20)
	require.ErrorIs(t, stop(), context.Canceled)
	remaining := func() (sum int64) {
		lags, err := processor.EstimateLag(t.Context())
		require.NoError(t, err)
		require.Len(t, lags, 4)
		for _, l := range lags {
			sum += l.Remaining
		}
		return sum
	}
	require.Zero(t, remaining())
	p.write(2, 1, 20)
	require.EqualValues(t, 20, remaining())
}

// TestProcessorManualCheckpoint: what was not saved comes again; after the loss of the lease saving fails.
func TestProcessorManualCheckpoint(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	p.write(1, 1, 1)
	opts := quick("a")
	opts.ManualCheckpoint = true
	stop := p.start(opts, p.handler("a"))
	p.await(1, 1, 1)
	require.ErrorIs(t, stop(), context.Canceled)
	stop = p.start(opts, func(ctx context.Context, changes *cosmos.Changes) error {
		defer func() { _ = p.handler("a")(ctx, changes) }()
		return changes.Checkpoint(ctx)
	})
	require.Eventually(t, func() bool { p.mu.Lock(); defer p.mu.Unlock(); return len(p.seen["1"]) == 2 },
		10*time.Second, time.Millisecond)
	require.ErrorIs(t, stop(), context.Canceled)

	lost := make(chan error, 1)
	p.write(2, 1, 1)
	p.start(opts, func(ctx context.Context, changes *cosmos.Changes) error {
		for doc, err := range cosmos.Query[map[string]any](context.Background(), p.leases,
			"SELECT * FROM c WHERE c.LeaseToken = @token",
			cosmos.Parameter{Name: "@token", Value: changes.Lease}) {
			if err == nil {
				doc["Owner"], doc["timestamp"] = "thief", time.Now().Add(time.Hour).UTC()
				_, err = p.leases.UpsertItem(context.Background(), doc)
			}
			if err != nil {
				return err
			}
		}
		<-ctx.Done()
		select {
		case lost <- errors.Join(context.Cause(ctx), changes.Checkpoint(context.Background())):
		default:
		}
		return ctx.Err()
	})
	require.ErrorIs(t, <-lost, cosmos.ErrLeaseLost)
}

// TestProcessorRefusals: what cannot be is refused before anything is sent.
func TestProcessorRefusals(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/owner")
	nothing := func(context.Context, *cosmos.Changes) error { return nil }
	for want, run := range map[string]func() error{
		"needs a handler":   func() error { return p.source.ChangeFeedProcessor(p.leases, nil, nil).Run(t.Context()) },
		"a lease container": func() error { return p.source.ChangeFeedProcessor(nil, nothing, nil).Run(t.Context()) },
		"not both": func() error {
			return p.source.ChangeFeedProcessor(p.leases, nothing,
				&cosmos.ProcessorOptions{FromBeginning: true, StartTime: time.Now()}).Run(t.Context())
		},
		"starts now": func() error {
			return p.source.ChangeFeedProcessor(p.leases, nothing,
				&cosmos.ProcessorOptions{FromBeginning: true, AllVersions: true}).Run(t.Context())
		},
		"PollInterval of -1s is negative": func() error {
			return p.source.ChangeFeedProcessor(p.leases, nothing,
				&cosmos.ProcessorOptions{PollInterval: -time.Second}).Run(t.Context())
		},
		"must be above RenewInterval": func() error {
			return p.source.ChangeFeedProcessor(p.leases, nothing, &cosmos.ProcessorOptions{RenewInterval: time.Hour}).
				Run(t.Context())
		},
		"must be /id or /partitionKey": func() error {
			return p.source.ChangeFeedProcessor(p.leases, nothing, nil).Run(t.Context())
		},
	} {
		require.ErrorContains(t, run(), want)
	}
}
