package cosmos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// processed is a container whose changes are handled, and what the handlers saw.
type processed struct {
	t      *testing.T
	srv    *cosmostest.Server
	source *cosmos.Container
	leases *cosmos.Container

	mu   sync.Mutex
	seen map[string][]int // versions by document, in the order handled
	by   map[string]int   // pages by instance
}

func newProcessed(t *testing.T, leaseKey string, more ...cosmostest.Option) *processed {
	t.Helper()
	srv := cosmostest.RunT(t, append(more, cosmostest.Partitions(4),
		cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{
			{ID: "orders", PartitionKey: []string{"/pk"}}, {ID: "leases", PartitionKey: []string{leaseKey}}}}))...)
	client := connect(t, srv, nil)
	shop := client.Database("shop")
	return &processed{t: t, srv: srv, source: shop.Container("orders"), leases: shop.Container("leases"),
		seen: map[string][]int{}, by: map[string]int{}}
}

// quick are options whose times suit a test.
func quick(instance string) cosmos.ProcessorOptions {
	return cosmos.ProcessorOptions{
		Instance: instance, FromBeginning: true,
		PollInterval: time.Millisecond, AcquireInterval: 10 * time.Millisecond, RenewInterval: 20 * time.Millisecond,
		LeaseExpiration: 300 * time.Millisecond,
	}
}

// write makes version n of documents first to last.
func (p *processed) write(n, first, last int) {
	p.t.Helper()
	for i := first; i <= last; i++ {
		_, err := p.source.UpsertItem(p.t.Context(),
			map[string]any{"id": fmt.Sprint(i), "pk": fmt.Sprint("p", i), "n": n})
		require.NoError(p.t, err)
	}
}

// handler notes what it sees.
func (p *processed) handler(instance string) cosmos.ChangeHandler {
	return func(_ context.Context, changes *cosmos.Changes) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.by[instance]++
		for _, item := range changes.Items {
			var doc struct {
				ID string
				N  int
			}
			if err := json.Unmarshal(item, &doc); err != nil {
				return err
			}
			p.seen[doc.ID] = append(p.seen[doc.ID], doc.N)
		}
		return nil
	}
}

// start runs a processor until the returned function is called.
func (p *processed) start(opts cosmos.ProcessorOptions, handle cosmos.ChangeHandler) (stop func() error) {
	return p.startOf(p.leases, opts, handle)
}

// startOf runs a processor with leases read by a client of its own.
func (p *processed) startOf(
	leases *cosmos.Container, opts cosmos.ProcessorOptions, handle cosmos.ChangeHandler,
) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.source.ChangeFeedProcessor(leases, handle, &opts).Run(ctx) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	p.t.Cleanup(func() { _ = stop() })
	return stop
}

// await waits until the last version of documents first to last was handled.
func (p *processed) await(n, first, last int) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for i := first; i <= last; i++ {
			v := p.seen[fmt.Sprint(i)]
			if len(v) == 0 || v[len(v)-1] != n {
				return false
			}
		}
		return true
	}, 20*time.Second, time.Millisecond)
}

// owners reads how many leases each owner has.
func (p *processed) owners() map[string]int {
	p.t.Helper()
	count := map[string]int{}
	for doc, err := range cosmos.Query[struct{ Owner string }](p.t.Context(), p.leases,
		"SELECT c.Owner FROM c WHERE IS_DEFINED(c.LeaseToken)") {
		require.NoError(p.t, err)
		count[doc.Owner]++
	}
	return count
}
