package cosmos_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"slices"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

type Order struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Total    int    `json:"total"`
}

// shop starts a server with an empty container of orders, partitioned by customer. A program would connect to an
// account instead.
func shop() (*cosmos.Container, func()) {
	srv := cosmostest.NewServer()
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if _, err := client.CreateDatabase(ctx, "shop"); err != nil {
		log.Fatal(err)
	}
	db := client.Database("shop")
	if _, err := db.CreateContainer(ctx,
		cosmos.ContainerProperties{ID: "orders", PartitionKey: cosmos.PartitionKeyPaths("/customer")}); err != nil {
		log.Fatal(err)
	}
	return db.Container("orders"), func() {
		client.Close()
		srv.Close()
	}
}

func Example() {
	orders, done := shop()
	defer done()
	ctx := context.Background()

	if _, err := orders.CreateItem(ctx, Order{ID: "42", Customer: "ada", Total: 7}); err != nil {
		log.Fatal(err)
	}
	_, err := orders.CreateItem(ctx, Order{ID: "42", Customer: "ada"})
	fmt.Println("again:", errors.Is(err, cosmos.ErrConflict))

	resp, err := orders.ReadItem(ctx, "42", cosmos.PartitionKey("ada"))
	if err != nil {
		log.Fatal(err)
	}
	var order Order
	if err := resp.Decode(&order); err != nil {
		log.Fatal(err)
	}
	fmt.Println(order.Customer, order.Total)

	order.Total = 8
	if _, err := orders.ReplaceItem(ctx, order.ID, order, cosmos.IfMatch(resp.ETag)); err != nil {
		log.Fatal(err)
	}
	_, err = orders.DeleteItem(ctx, order.ID, cosmos.PartitionKey("ada"), cosmos.IfMatch(resp.ETag))
	fmt.Println("changed meanwhile:", errors.Is(err, cosmos.ErrPreconditionFailed))
	// Output:
	// again: true
	// ada 7
	// changed meanwhile: true
}

func ExampleQuery() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	list := []Order{{"1", "ada", 5}, {"2", "bob", 70}, {"3", "cy", 20}, {"4", "ada", 30}}
	cosmos.Collect(orders.CreateMany(ctx, cosmos.Each(list)))

	for order, err := range cosmos.Query[Order](ctx, orders, `SELECT * FROM o WHERE o.total > @least ORDER BY o.total`,
		sql.Named("least", 10)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(order.ID, order.Total)
	}
	for total, err := range cosmos.Query[int](ctx, orders, `SELECT VALUE SUM(o.total) FROM o`,
		cosmos.PartitionKey("ada")) {
		fmt.Println("ada:", total, err)
	}
	// Output:
	// 3 20
	// 4 30
	// 2 70
	// ada: 35 <nil>
}

func ExampleContainer_CreateMany() {
	orders, done := shop()
	defer done()
	list := []Order{{ID: "1", Customer: "ada"}, {ID: "2", Customer: "bob"}, {ID: "1", Customer: "ada"},
		{ID: "", Customer: "cy"}}
	for _, r := range cosmos.Collect(orders.CreateMany(context.Background(), cosmos.Each(list))) {
		switch {
		case errors.Is(r.Err, cosmos.ErrConflict):
			fmt.Println(r.Index, "there is one already")
		case r.Err != nil:
			fmt.Println(r.Index, r.Err)
		default:
			fmt.Println(r.Index, r.StatusCode)
		}
	}
	// Output:
	// 0 201
	// 1 201
	// 2 there is one already
	// 3 cosmos: the document id is empty
}

func ExampleContainer_TransactionalBatch() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	if _, err := orders.CreateItem(ctx, Order{ID: "2", Customer: "ada"}); err != nil {
		log.Fatal(err)
	}
	_, err := orders.TransactionalBatch(ctx, []cosmos.Operation{
		cosmos.OpCreate(Order{ID: "1", Customer: "ada", Total: 5}),
		cosmos.OpCreate(Order{ID: "2", Customer: "ada", Total: 6}),
	})
	var failed *cosmos.BatchError
	if errors.As(err, &failed) {
		fmt.Println("operation", failed.Index, failed.Operation, errors.Is(err, cosmos.ErrConflict))
	}
	_, err = orders.ReadItem(ctx, "1", cosmos.PartitionKey("ada"))
	fmt.Println("nothing was done:", errors.Is(err, cosmos.ErrNotFound))
	// Output:
	// operation 1 Create 2 true
	// nothing was done: true
}

func ExampleContainer_PatchItem() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	if _, err := orders.CreateItem(ctx, Order{ID: "1", Customer: "ada", Total: 5}); err != nil {
		log.Fatal(err)
	}
	resp, err := orders.PatchItem(ctx, "1", []cosmos.PatchOperation{cosmos.PatchIncrement("/total", 2)},
		cosmos.PartitionKey("ada"), cosmos.PatchCondition("from o where o.total < 10"))
	if err != nil {
		log.Fatal(err)
	}
	var order Order
	fmt.Println(resp.Decode(&order), order.Total)
	// Output:
	// <nil> 7
}

func ExampleContainer_ChangeFeed() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	feed := orders.ChangeFeed(cosmos.PartitionKey("ada"))
	for _, total := range []int{5, 6} {
		if _, err := orders.UpsertItem(ctx, Order{ID: "1", Customer: "ada", Total: total}); err != nil {
			log.Fatal(err)
		}
	}
	n := 0
	for _, err := range feed.Items(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		n++
	}
	fmt.Println(n, "document changed")
	token, err := feed.Token() // to go on from here, in another process
	fmt.Println(token != "", err)
	// Output:
	// 1 document changed
	// true <nil>
}

func ExampleContainer_ReadMany() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	cosmos.Collect(orders.CreateMany(ctx, cosmos.Each([]Order{{"1", "ada", 5}, {"2", "bob", 70}})))
	keys := []cosmos.ItemKey{cosmos.At("2", "bob"), cosmos.At("3", "bob"), cosmos.At("1", "ada")}
	for _, r := range cosmos.Collect(orders.ReadMany(ctx, slices.Values(keys))) {
		fmt.Println(r.ID, r.StatusCode)
	}
	// Output:
	// 2 200
	// 3 404
	// 1 200
}

func ExampleWithStats() {
	orders, done := shop()
	defer done()
	var st cosmos.Stats
	ctx := cosmos.WithStats(context.Background(), &st)
	for i := range 3 {
		if _, err := orders.CreateItem(ctx, Order{ID: fmt.Sprint(i), Customer: "ada"}); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(st.Snapshot().Requests, st.Snapshot().Retries, st.Snapshot().RequestCharge > 0)
	// Output:
	// 4 0 true
}

func ExampleFromDB() {
	srv := cosmostest.NewServer()
	defer srv.Close()
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	client, err := cosmos.FromDB(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.CreateDatabase(ctx, "shop"); err != nil {
		log.Fatal(err)
	}
	p, err := client.Database("shop").Read(ctx)
	fmt.Println(p.ID, err)
	// Output:
	// shop <nil>
}
