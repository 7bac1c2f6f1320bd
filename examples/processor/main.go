// Command processor keeps a second container in step with a first one: orders are partitioned by customer, shipments
// are the same documents by warehouse. Any number of processes share the work; one that ends leaves its part to the
// others. Without COSMOS_DSN two workers show that on a server inside the program; with it, this is one worker of as
// many as are started, in database shop of that account, until it is interrupted:
//
//	go run ./examples/processor
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Getenv("COSMOS_DSN")); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "processor:", err)
		os.Exit(1)
	}
}

// Order is a document of both containers.
type Order struct {
	ID        string `json:"id"`
	Customer  string `json:"customer"`
	Warehouse string `json:"warehouse"`
	Packed    bool   `json:"packed"`
}

// shop holds the containers. Leases say how far each part of orders is handled, and by whom.
type shop struct{ orders, shipments, leases *cosmos.Container }

// worker is one process of the processor. Pace is how often it looks for changes; 0 for the default.
func (s shop) worker(name string, pace time.Duration) *cosmos.ChangeFeedProcessor {
	return s.orders.ChangeFeedProcessor(s.leases, s.handle, &cosmos.ProcessorOptions{
		Name:            "shipments", // the same in every process
		Instance:        name,        // another in each
		FromBeginning:   true,
		PollInterval:    pace,
		AcquireInterval: 5 * pace,
		OnError: func(ctx context.Context, f cosmos.ProcessorFailure) cosmos.ProcessorAction {
			slog.WarnContext(ctx, "shipments", "worker", name, "lease", f.Lease, "error", f.Err)
			return cosmos.ProcessorRetry // the page comes again: nothing may be left out
		},
	})
}

// handle writes the orders that have changed to their shipments. It may be called twice for one change, when a lease
// changes hands, so that it has to be harmless twice: an upsert is. An order here keeps its warehouse; where it could
// move, its shipment in the old one would have to be deleted as well.
func (s shop) handle(ctx context.Context, changes *cosmos.Changes) error {
	for r := range cosmos.UpsertMany(ctx, s.shipments, slices.Values(changes.Items)) {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil // only now is the position behind these changes saved
}

// open makes the containers, where they are not there.
func open(ctx context.Context, client *cosmos.Client) (shop, error) {
	if _, err := client.CreateDatabaseIfNotExists(ctx, "shop"); err != nil {
		return shop{}, err
	}
	db := client.Database("shop")
	for id, key := range map[string]string{"orders": "/customer", "shipments": "/warehouse", "leases": "/id"} {
		p := cosmos.ContainerProperties{ID: id, PartitionKey: cosmos.PartitionKeyPaths(key)}
		_, err := db.CreateContainerIfNotExists(ctx, p)
		if err != nil {
			return shop{}, err
		}
	}
	return shop{db.Container("orders"), db.Container("shipments"), db.Container("leases")}, nil
}

func run(ctx context.Context, out io.Writer, dsn string) error {
	inside := dsn == ""
	if inside {
		srv := cosmostest.NewServer(cosmostest.Partitions(4))
		defer srv.Close()
		dsn = srv.ConnectionString()
	}
	client, err := cosmos.NewClientFromConnectionString(dsn, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	s, err := open(ctx, client)
	if err != nil {
		return err
	}
	if inside {
		return s.show(ctx, out)
	}
	return s.worker("", 0).Run(ctx) // the zero values are good: a name of its own, and a question every 5 seconds
}

// show lets two workers do what is to be done, and then one of them the rest.
func (s shop) show(ctx context.Context, out io.Writer) (err error) {
	ctx, stop := context.WithCancelCause(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer stop(nil)
	defer func() { err = cmp.Or(context.Cause(ctx), err) }() // a worker that failed has ended the rest
	start := func(name string) (end func()) {
		ctx, cancel := context.WithCancel(ctx)
		done := make(chan struct{})
		workers.Go(func() {
			defer close(done)
			if err := s.worker(name, 10*time.Millisecond).Run(ctx); !errors.Is(err, context.Canceled) {
				stop(err)
			}
		})
		return func() { cancel(); <-done }
	}

	if err := s.place(ctx, 0, 50, false); err != nil {
		return err
	}
	endOne := start("one")
	start("two")
	if err := s.await(ctx, "SELECT VALUE COUNT(1) FROM s", 50); err != nil {
		return err
	}
	fmt.Fprintln(out, "two workers: 50 orders have shipments")

	endOne() // its leases are free at once; had it died, after a minute
	if err := s.place(ctx, 40, 60, true); err != nil {
		return err
	}
	if err := s.await(ctx, "SELECT VALUE COUNT(1) FROM s WHERE s.packed", 20); err != nil {
		return err
	}
	fmt.Fprintln(out, "one worker: 10 more, and 10 that have changed")
	return nil
}

// place writes the orders from a number to another.
func (s shop) place(ctx context.Context, from, to int, packed bool) error {
	var list []Order
	for i := from; i < to; i++ {
		list = append(list, Order{fmt.Sprint(i), fmt.Sprint("C-", i%10), []string{"Oslo", "Rome"}[i%2], packed})
	}
	for r := range cosmos.UpsertMany(ctx, s.orders, slices.Values(list)) {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

// await asks until a query about the shipments has the answer n.
func (s shop) await(ctx context.Context, query string, n int) error {
	for {
		for got, err := range cosmos.Query[json.Number](ctx, s.shipments, query) {
			if err != nil || got.String() == fmt.Sprint(n) {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
