package cosmos_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// leaseDocs are the documents of the lease container by id, without what the service adds.
func (p *processed) leaseDocs() map[string]map[string]any {
	p.t.Helper()
	all := map[string]map[string]any{}
	for doc, err := range cosmos.Query[map[string]any](p.t.Context(), p.leases, "SELECT * FROM c") {
		require.NoError(p.t, err)
		all[doc["id"].(string)] = doc
	}
	return all
}

// drop deletes a document of the lease container.
func (p *processed) drop(id string) {
	p.t.Helper()
	_, err := p.leases.DeleteItem(p.t.Context(), id, cosmos.PartitionKey(id))
	require.NoError(p.t, err)
}

func (p *processed) lease(doc map[string]any) {
	p.t.Helper()
	_, err := p.leases.UpsertItem(p.t.Context(), doc)
	require.NoError(p.t, err)
}

// prefix runs a processor once, which makes the leases, and returns what their ids begin with.
func (p *processed) prefix() string {
	p.t.Helper()
	stop := p.start(quick("first"), p.handler("first"))
	p.write(1, 1, 8)
	p.await(1, 1, 8)
	require.ErrorIs(p.t, stop(), context.Canceled)
	for id := range p.leaseDocs() {
		if before, found := strings.CutSuffix(id, ".info"); found {
			return before
		}
	}
	p.t.Fatal("the leases are not said to be complete")
	return ""
}

// TestProcessorAwaitsWhoMakesTheLeases: one process makes the leases, and others wait for it; a lock that was left
// behind long ago keeps nobody waiting.
func TestProcessorAwaitsWhoMakesTheLeases(t *testing.T) {
	t.Parallel()
	for name, age := range map[string]time.Duration{"at work": 0, "died long ago": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Now().Add(-age)
			p := newProcessed(t, "/id", cosmostest.Clock(func() time.Time { return now }))
			prefix := p.prefix()
			for id := range p.leaseDocs() {
				p.drop(id)
			}
			p.lease(map[string]any{"id": prefix + ".lock"})
			looked := make(chan struct{}, 100)
			p.srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
				if r.Operation == cosmostest.Read && r.Item == prefix+".lock" {
					select {
					case looked <- struct{}{}:
					default:
					}
				}
				return false
			}})
			p.start(quick("second"), p.handler("second"))
			if age == 0 {
				<-looked
				require.Len(t, p.leaseDocs(), 1, "nothing is made while another makes it")
				p.drop(prefix + ".lock")
			}
			p.write(2, 1, 8)
			p.await(2, 1, 8)
			docs := p.leaseDocs()
			require.Contains(t, docs, prefix+".info")
			require.NotContains(t, docs, prefix+".lock")
			require.Len(t, docs, 5)
		})
	}
}

// TestProcessorCompletesLeases: those of a process that died while it made them stay as they are, and only what they do
// not cover is made. Leases of other SDKs say no more than the id of a range, which may have been split since.
func TestProcessorCompletesLeases(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	prefix := p.prefix()
	p.drop(prefix + ".info")
	ranges, err := p.srv.Ranges("shop", "orders")
	require.NoError(t, err)
	docs := p.leaseDocs()
	for i, r := range ranges {
		id := prefix + ".." + r.ID
		require.Contains(t, docs, id)
		if i > 1 {
			p.drop(id)
			continue
		}
		delete(docs[id], "FeedRange") // as the oldest SDKs have it
		p.lease(docs[id])
	}
	_, err = p.srv.Split("shop", "orders", ranges[0].ID)
	require.NoError(t, err)
	p.start(quick("second"), p.handler("second"))
	p.write(2, 1, 8)
	p.await(2, 1, 8)
	require.Eventually(t, func() bool { return len(p.leaseDocs()) == 6 }, 20*time.Second, 5*time.Millisecond,
		"five ranges, and that they are complete")
}

// TestProcessorRefusesLeasesOfNothing: a lease of a range that nobody knows is not guessed about.
func TestProcessorRefusesLeasesOfNothing(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	prefix := p.prefix()
	p.drop(prefix + ".info")
	p.lease(map[string]any{"id": prefix + "..77", "LeaseToken": "77", "Owner": nil})
	processor := p.source.ChangeFeedProcessor(p.leases, p.handler("second"), nil)
	err := processor.Run(t.Context())
	require.ErrorContains(t, err,
		"..77 names a partition key range that neither exists nor was split into one that does")
	p.lease(map[string]any{"id": prefix + ".info"})
	_, err = processor.EstimateLag(t.Context())
	require.ErrorContains(t, err, "..77 names a partition key range")
}

// telling are options of a processor that tells of its failures, and goes on.
func telling(instance string) (cosmos.ProcessorOptions, <-chan cosmos.ProcessorFailure) {
	told := make(chan cosmos.ProcessorFailure, 100)
	opts := quick(instance)
	opts.OnError = func(_ context.Context, f cosmos.ProcessorFailure) cosmos.ProcessorAction {
		select {
		case told <- f:
		default:
		}
		return cosmos.ProcessorRetry
	}
	return opts, told
}

// TestProcessorsErrorsAreTold: what the lease container refuses is told with the lease, and tried again.
func TestProcessorsErrorsAreTold(t *testing.T) {
	t.Parallel()
	for name, match := range map[string]func(cosmostest.Request) bool{
		"reading the leases": func(r cosmostest.Request) bool {
			return r.Operation == cosmostest.Query && r.Container == "leases"
		},
		"writing a lease": func(r cosmostest.Request) bool {
			return r.Operation == cosmostest.Replace && r.Container == "leases"
		},
		"reading changes": func(r cosmostest.Request) bool {
			return r.Operation == cosmostest.ChangeFeed && r.Container == "orders"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcessed(t, "/id")
			p.prefix()
			opts, told := telling("second")
			// Until it was told of, however many of the first processor's requests are under way still.
			end := p.srv.Inject(cosmostest.Fault{Match: match, Status: 403})
			p.start(opts, p.handler("second"))
			f := <-told
			end()
			require.ErrorIs(t, f.Err, cosmos.ErrForbidden)
			p.write(2, 1, 8)
			p.await(2, 1, 8)
		})
	}
}

// TestProcessorTellsOfLeasesThatOthersKeepWriting: a lease that is another one each time it is written is not
// written at the speed of the machine for ever.
func TestProcessorTellsOfLeasesThatOthersKeepWriting(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	opts, told := telling("a")
	end := p.srv.Inject(cosmostest.Fault{Status: 412, Match: func(r cosmostest.Request) bool {
		return r.Operation == cosmostest.Replace && r.Container == "leases"
	}})
	p.start(opts, p.handler("a"))
	f := <-told
	end()
	require.ErrorIs(t, f.Err, cosmos.ErrPreconditionFailed)
	require.ErrorContains(t, f.Err, "others changed the lease")
	p.write(2, 1, 8)
	p.await(2, 1, 8)
}

// TestProcessorWithoutOnErrorGoesOn: whoever wants to know nothing of failures gets every change all the same.
func TestProcessorWithoutOnErrorGoesOn(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	p.write(1, 1, 4)
	calls := make(chan struct{}, 1)
	p.start(quick("a"), func(ctx context.Context, changes *cosmos.Changes) error {
		select {
		case calls <- struct{}{}:
			return errors.New("the first page fails")
		default:
		}
		return p.handler("a")(ctx, changes)
	})
	p.await(1, 1, 4)
}

// TestProcessorStopsWhereLeasesAreDeleted: what was deleted while processors run is not made anew behind anybody's
// back.
func TestProcessorStopsWhereLeasesAreDeleted(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	opts, told := telling("a")
	p.start(opts, p.handler("a"))
	p.write(1, 1, 8)
	p.await(1, 1, 8)
	for id := range p.leaseDocs() {
		if strings.Contains(id, "..") {
			_, err := p.leases.DeleteItem(t.Context(), id, cosmos.PartitionKey(id))
			require.NoError(t, err)
		}
	}
	for f := range told {
		if strings.Contains(f.Err.Error(), "were deleted while processors run") {
			break
		}
	}
	text, err := json.Marshal(p.leaseDocs())
	require.NoError(t, err)
	require.NotContains(t, string(text), `..`, "no lease is made")
}
