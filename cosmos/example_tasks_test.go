package cosmos_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// What went wrong is asked for by kind.
func ExampleError() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	created, err := orders.CreateItem(ctx, Order{ID: "1", Customer: "ada"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := orders.UpsertItem(ctx, Order{ID: "1", Customer: "ada", Total: 5}); err != nil {
		log.Fatal(err)
	}
	what := func(err error) string {
		switch {
		case errors.Is(err, cosmos.ErrUnknownOutcome): // it stands beside others: ask for it first
			return "it may have been written: read, then decide"
		case errors.Is(err, cosmos.ErrNotFound):
			return "there is no such document"
		case errors.Is(err, cosmos.ErrConflict):
			return "there is one with this id"
		case errors.Is(err, cosmos.ErrPreconditionFailed):
			return "somebody changed it since it was read"
		case errors.Is(err, cosmos.ErrThrottled):
			return "too many request units, and the client has waited and repeated"
		}
		return fmt.Sprint(err)
	}
	_, err = orders.ReadItem(ctx, "1", cosmos.PartitionKey("bob"))
	fmt.Println(what(err))
	_, err = orders.CreateItem(ctx, Order{ID: "1", Customer: "ada"})
	fmt.Println(what(err))
	_, err = orders.DeleteItem(ctx, "1", cosmos.PartitionKey("ada"), cosmos.IfMatch(created.ETag))
	fmt.Println(what(err))

	var e *cosmos.Error
	if errors.As(err, &e) {
		fmt.Println(e.StatusCode, e.Code, e.RequestCharge > 0, e.ActivityID != "")
	}
	// Output:
	// there is no such document
	// there is one with this id
	// somebody changed it since it was read
	// 412 PreconditionFailed true true
}

// A throttled request is repeated by the client; 429 comes out when that was in vain.
func ExampleClientOptions_throttling() {
	srv := cosmostest.NewServer()
	defer srv.Close()
	client, err := cosmos.NewClientFromConnectionString(
		srv.ConnectionString(),
		&cosmos.ClientOptions{MaxThrottleRetries: 2},
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	srv.Fail(cosmostest.ReadDatabase, 10, 429, 3200, time.Millisecond)
	_, err = client.Database("shop").Read(context.Background())
	var e *cosmos.Error
	fmt.Println(errors.Is(err, cosmos.ErrThrottled), errors.As(err, &e) && e.SubStatus == 3200)
	// Output: true true
}

// Reads go to the nearest region, and to the next one when that is gone.
func ExampleClientOptions_regions() {
	srv := cosmostest.NewServer(cosmostest.Regions("West Europe", "North Europe"), cosmostest.Data(cosmostest.Database{
		ID: "shop", Containers: []cosmostest.ContainerData{{
			ID: "orders", PartitionKey: []string{"/customer"}, Documents: []any{Order{ID: "1", Customer: "ada"}}}}}))
	defer srv.Close()
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), &cosmos.ClientOptions{
		PreferredRegions: []string{"North Europe", "West Europe"},
		HTTPClient:       srv.HTTPClient(), // it knows where the names of the regions lead
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	read := func() {
		var st cosmos.Stats
		_, err := client.Database("shop").Container("orders").
			ReadItem(cosmos.WithStats(context.Background(), &st), "1", cosmos.PartitionKey("ada"))
		regions := st.Snapshot().Regions
		fmt.Println(regions[len(regions)-1], err)
	}
	read()
	srv.StopRegion("North Europe")
	read()
	// Output:
	// North Europe <nil>
	// West Europe <nil>
}

// An indexing policy is changed by reading the container's properties and replacing them.
func ExampleContainer_Replace() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	p, err := orders.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	p.IndexingPolicy.CompositeIndexes = append(p.IndexingPolicy.CompositeIndexes,
		[]cosmos.CompositePath{{Path: "/customer", Order: "ascending"}, {Path: "/total", Order: "descending"}})
	if _, err := orders.Replace(ctx, *p, cosmos.IfMatch(p.ETag)); err != nil {
		log.Fatal(err)
	}
	n := 0
	for _, err := range cosmos.Query[Order](ctx, orders, "SELECT * FROM o ORDER BY o.customer, o.total DESC") {
		if err != nil {
			log.Fatal(err)
		}
		n++
	}
	fmt.Println("sorted", n, "orders by two properties")
	// Output: sorted 0 orders by two properties
}

// A bulk takes any mixture of operations, and gives a result for each.
func ExampleContainer_Bulk() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	if _, err := orders.CreateItem(ctx, Order{ID: "1", Customer: "ada"}); err != nil {
		log.Fatal(err)
	}
	ops := []cosmos.Operation{
		cosmos.OpCreate(Order{ID: "1", Customer: "ada"}),
		cosmos.OpUpsert(Order{ID: "2", Customer: "bob", Total: 3}),
		cosmos.OpPatch("1", []cosmos.PatchOperation{cosmos.PatchIncrement("/total", 2)}, cosmos.PartitionKey("ada")),
		cosmos.OpDelete("9", cosmos.PartitionKey("bob")),
	}
	for _, r := range cosmos.Collect(orders.Bulk(ctx, slices.Values(ops))) {
		fmt.Println(r.Index, r.ID, r.StatusCode, errors.Is(r.Err, cosmos.ErrConflict),
			errors.Is(r.Err, cosmos.ErrNotFound))
	}
	// Output:
	// 0 1 409 true false
	// 1 2 201 false false
	// 2 1 200 false false
	// 3 9 404 false true
}

// A document is read as a value, with the response beside it.
func ExampleReadItem() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	if _, err := orders.CreateItem(ctx, Order{ID: "1", Customer: "ada", Total: 7}); err != nil {
		log.Fatal(err)
	}
	order, resp, err := cosmos.ReadItem[Order](ctx, orders, "1", cosmos.PartitionKey("ada"))
	if err != nil {
		log.Fatal(err)
	}
	order.Total++
	_, err = orders.ReplaceItem(ctx, order.ID, order, cosmos.IfMatch(resp.ETag)) // only if nobody was faster
	fmt.Println(order.Total, resp.RequestCharge, err)
	// Output: 8 1 <nil>
}

// A tracer hears of every operation and attempt: this one logs what failed (a 404, which programs ask for, as
// information), and what was slow or dear.
func ExampleLogTracer() {
	srv := cosmostest.NewServer()
	defer srv.Close()
	logger := slog.New(
		slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if !strings.Contains("level msg operation status", a.Key) {
				return slog.Attr{} // times and ids are others each time
			}
			return a
		}}),
	)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), &cosmos.ClientOptions{
		Tracer: cosmos.LogTracer(logger, cosmos.LogThresholds{Slow: time.Second, Dear: 100}),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	_, err = client.Database("shop").Read(context.Background())
	fmt.Println(errors.Is(err, cosmos.ErrNotFound))
	// Output:
	// level=INFO msg="cosmos attempt" status=404
	// level=INFO msg="cosmos operation" operation=read_database status=404
	// true
}
