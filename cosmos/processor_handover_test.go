package cosmos_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// calm are options with which nothing expires while a test runs.
func calm(instance string) cosmos.ProcessorOptions {
	o := quick(instance)
	o.LeaseExpiration = 10 * time.Minute
	return o
}

// leaseDocument is a lease as it is documented.
type leaseDocument struct {
	ID, LeaseToken, Owner, ContinuationToken string
	Timestamp                                time.Time
	Properties                               map[string]string
	ETag                                     string `json:"_etag"`
}

// documents reads the leases.
func (p *processed) documents() []leaseDocument {
	p.t.Helper()
	var all []leaseDocument
	for l, err := range cosmos.Query[leaseDocument](p.t.Context(), p.leases,
		"SELECT * FROM c WHERE IS_DEFINED(c.LeaseToken)") {
		require.NoError(p.t, err)
		all = append(all, l)
	}
	return all
}

// leasesOf is the lease container of a client that counts how often the leases were looked at.
func (p *processed) leasesOf(looks *atomic.Int32) *cosmos.Container {
	p.t.Helper()
	p.srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
		if r.Operation == cosmostest.Query && r.Container == "leases" &&
			strings.HasSuffix(r.Header.Get("User-Agent"), "counted") {
			looks.Add(1)
		}
		return false
	}})
	client, err := cosmos.NewClientFromConnectionString(p.srv.ConnectionString(),
		&cosmos.ClientOptions{UserAgent: "counted"})
	require.NoError(p.t, err)
	p.t.Cleanup(func() { require.NoError(p.t, client.Close()) })
	return client.Database("shop").Container("leases")
}

// eventually waits for a condition.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 30*time.Second, time.Millisecond)
}

// TestProcessorHandsOver: a lease that another process is to have is worked on by that one only when the page that is
// being handled is done and saved. Begun earlier, the newer version of a document would be handled before the older
// one.
func TestProcessorHandsOver(t *testing.T) {
	for name, stop := range map[string]bool{"between pages": false, "at the end of the processor": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcessed(t, "/id")
			p.write(1, 1, 40)
			release := make(chan struct{})
			released := sync.OnceFunc(func() { close(release) })
			defer released()
			var blocked, handled atomic.Int32
			slow := p.handler("a")
			endA := p.start(calm("a"), func(ctx context.Context, changes *cosmos.Changes) error {
				blocked.Add(1)
				<-release
				return slow(ctx, changes)
			})
			eventually(t, func() bool { return blocked.Load() == 4 })
			p.write(2, 1, 40)
			var looks atomic.Int32
			handler := p.handler("b")
			p.startOf(p.leasesOf(&looks), calm("b"), func(ctx context.Context, changes *cosmos.Changes) error {
				handled.Add(1)
				return handler(ctx, changes)
			})
			// However often the new process looks, what it asks for stays with the one that has not handled it.
			eventually(t, func() bool { return looks.Load() >= 20 })
			require.Zero(t, handled.Load())
			require.Equal(t, map[string]int{"a": 4}, p.owners())
			if stop {
				go func() { _ = endA() }()
				eventually(t, func() bool { return looks.Load() >= 40 })
				require.Zero(t, handled.Load())
			}
			released()
			p.await(2, 1, 40)
			if stop {
				eventually(t, func() bool { return p.owners()["b"] == 4 })
			} else {
				eventually(t, func() bool { o := p.owners(); return o["a"] == 2 && o["b"] == 2 })
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			for id, versions := range p.seen {
				require.Equal(t, []int{1, 2}, versions, "document %s", id)
			}
			for _, l := range p.documents() {
				require.NotContains(t, l.Properties, "cosmossql.wantedBy", l)
				require.Equal(t, l.Owner, l.Properties["cosmossql.handsOver"], l)
			}
		})
	}
}

// TestProcessorTakesFromOthers: the processors of the SDKs are not asked, as they do not ask each other: half of their
// leases are taken although they are renewed. What they wrote into the leases stays.
func TestProcessorTakesFromOthers(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	stop := p.start(calm("a"), p.handler("a"))
	eventually(t, func() bool { return p.owners()["a"] == 4 })
	require.ErrorIs(t, stop(), context.Canceled)
	for doc, err := range cosmos.Query[map[string]any](t.Context(), p.leases,
		"SELECT * FROM c WHERE IS_DEFINED(c.LeaseToken)") {
		require.NoError(t, err)
		doc["Owner"], doc["timestamp"], doc["properties"] = "dotnet", time.Now().UTC(), map[string]string{"own": "kept"}
		_, err := p.leases.UpsertItem(t.Context(), doc)
		require.NoError(t, err)
	}
	p.start(calm("b"), p.handler("b"))
	eventually(t, func() bool { o := p.owners(); return o["dotnet"] == 2 && o["b"] == 2 })
	for _, l := range p.documents() {
		require.Equal(t, "kept", l.Properties["own"])
	}
}

// TestProcessorWithdraws: a process that ends takes back what it has asked for.
func TestProcessorWithdraws(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	p.write(1, 1, 40)
	release := make(chan struct{})
	var blocked atomic.Int32
	p.start(calm("a"), func(ctx context.Context, _ *cosmos.Changes) error {
		blocked.Add(1)
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	})
	eventually(t, func() bool { return blocked.Load() == 4 })
	wanted := func() (n int) {
		for _, l := range p.documents() {
			if l.Properties["cosmossql.wantedBy"] == "b" && l.Properties["cosmossql.wantedAt"] != "" {
				n++
			}
		}
		return n
	}
	stopB := p.start(calm("b"), p.handler("b"))
	eventually(t, func() bool { return wanted() == 2 })
	require.ErrorIs(t, stopB(), context.Canceled)
	require.Zero(t, wanted())
	close(release)
	eventually(t, func() bool { return p.owners()["a"] == 4 })
}

// TestProcessorLeaseNotRenewed: the context of a handler ends before its lease expires when that cannot be renewed, and
// the page comes again.
func TestProcessorLeaseNotRenewed(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	p.write(1, 1, 1)
	ended := make(chan error, 1)
	handler := p.handler("a")
	var calls atomic.Int32
	p.start(quick("a"), func(ctx context.Context, changes *cosmos.Changes) error {
		if calls.Add(1) > 1 {
			return handler(ctx, changes)
		}
		end := p.srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
			return r.Operation == cosmostest.Replace && r.Container == "leases"
		}, Status: 503})
		defer end()
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return ctx.Err()
	})
	require.ErrorIs(t, <-ended, cosmos.ErrLeaseLost)
	p.await(1, 1, 1)
}

// TestProcessorStopsWithHandler: a lease is renewed until the handler has returned, however long that takes after the
// end of the processor.
func TestProcessorStopsWithHandler(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	p.write(1, 1, 1)
	begun, release, ended := make(chan string, 1), make(chan struct{}), make(chan error, 1)
	released := sync.OnceFunc(func() { close(release) })
	defer released() // where the test fails, too: the end of the processor waits for its handler
	opts := calm("a")
	stop := p.start(opts, func(ctx context.Context, changes *cosmos.Changes) error {
		begun <- changes.Lease
		<-ctx.Done()
		ended <- context.Cause(ctx)
		<-release
		return nil
	})
	eventually(t, func() bool { return p.owners()["a"] == 4 })
	lease := <-begun
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	require.ErrorIs(t, <-ended, context.Canceled)
	at := func() time.Time {
		for _, l := range p.documents() {
			if l.LeaseToken == lease {
				require.Equal(t, "a", l.Owner)
				return l.Timestamp
			}
		}
		return time.Time{}
	}
	for range 3 {
		before := at()
		eventually(t, func() bool { return at().After(before) })
	}
	released()
	require.ErrorIs(t, <-stopped, context.Canceled)
	require.Equal(t, map[string]int{"": 4}, p.owners())
	p.start(opts, func(context.Context, *cosmos.Changes) error { return errors.New("the page was saved") })
	eventually(t, func() bool { return p.owners()["a"] == 4 })
}

// TestProcessorFirstLeases: leases of a process that died while it made them, before a split, are not made again in
// other words.
func TestProcessorFirstLeases(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	opts := calm("a")
	stop := p.start(opts, p.handler("a"))
	eventually(t, func() bool { return p.owners()["a"] == 4 })
	require.ErrorIs(t, stop(), context.Canceled)
	ranges, err := p.srv.Ranges("shop", "orders")
	require.NoError(t, err)
	for doc, err := range cosmos.Query[map[string]json.RawMessage](t.Context(), p.leases, "SELECT * FROM c") {
		require.NoError(t, err)
		var id, token string
		require.NoError(t, json.Unmarshal(doc["id"], &id))
		_ = json.Unmarshal(doc["LeaseToken"], &token)
		if token != ranges[1].ID { // the one that was made, and the rest and the document that says that all are
			_, err = p.leases.DeleteItem(t.Context(), id, cosmos.PartitionKey(id))
			require.NoError(t, err)
		}
	}
	children, err := p.srv.Split("shop", "orders", ranges[1].ID)
	require.NoError(t, err)
	first, err := p.srv.Split("shop", "orders", ranges[0].ID)
	require.NoError(t, err)
	p.write(1, 1, 40)
	p.start(opts, p.handler("a"))
	p.await(1, 1, 40)
	eventually(t, func() bool { return p.owners()["a"] == 6 })
	var tokens []string
	for _, l := range p.documents() {
		tokens = append(tokens, l.LeaseToken)
	}
	require.ElementsMatch(t, append(append(children, first...), ranges[2].ID, ranges[3].ID), tokens)
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, versions := range p.seen {
		require.Equal(t, []int{1}, versions, "document %s", id)
	}
}

// TestProcessorGivesExpiredLeasesBack: a processor that ends gives back a lease that expired while its handler was at
// work, and that nobody has taken.
func TestProcessorGivesExpiredLeasesBack(t *testing.T) {
	t.Parallel()
	p := newProcessed(t, "/id")
	p.write(1, 1, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opts := quick("a")
	processor := p.source.ChangeFeedProcessor(p.leases, func(handling context.Context, _ *cosmos.Changes) error {
		end := p.srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
			return r.Operation == cosmostest.Replace && r.Container == "leases"
		}, Status: 503})
		<-handling.Done()
		end()
		cancel()
		return handling.Err()
	}, &opts)
	require.ErrorIs(t, processor.Run(ctx), context.Canceled)
	require.Equal(t, map[string]int{"": 4}, p.owners())
}
