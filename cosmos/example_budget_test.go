package cosmos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/cosmossql/cosmossql/cosmos"
)

// A nightly job shares 30 % of the container's throughput among all that it does, at low priority.
func ExampleNewThroughputControlGroup() {
	orders, stop := shop()
	defer stop()
	nightly, err := cosmos.NewThroughputControlGroup(cosmos.ThroughputControlGroupConfig{
		Name: "nightly", TargetThroughputThreshold: 0.3, Priority: cosmos.PriorityLow,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := cosmos.WithOptions(context.Background(), cosmos.InThroughputControlGroup(nightly))
	for r := range orders.CreateMany(ctx, cosmos.Each([]Order{{"1", "ada", 5}, {"2", "bo", 7}})) {
		if r.Err != nil {
			log.Fatal(r.Err)
		}
	}
	for n, err := range cosmos.Query[int](ctx, orders, "SELECT VALUE COUNT(1) FROM c") {
		fmt.Println(n, err)
	}
	// Output: 2 <nil>
}

func ExampleMaxRUPerSecond() {
	orders, stop := shop()
	defer stop()
	ctx := context.Background()
	if _, err := orders.CreateItem(ctx, Order{"1", "ada", 5}); err != nil {
		log.Fatal(err)
	}
	// Read everything, and leave the rest of the throughput to others.
	for item, err := range orders.Items(ctx, cosmos.MaxRUPerSecond(2000)) {
		if err != nil {
			log.Fatal(err)
		}
		var o Order
		if err := json.Unmarshal(item, &o); err != nil {
			log.Fatal(err)
		}
		fmt.Println(o)
	}
	// Output: {1 ada 5}
}

// Catch up with what has changed, though others go on writing.
func ExampleUntilNow() {
	orders, stop := shop()
	defer stop()
	ctx := context.Background()
	if _, err := orders.CreateItem(ctx, Order{"1", "ada", 5}); err != nil {
		log.Fatal(err)
	}
	feed := orders.ChangeFeed(cosmos.UntilNow())
	changes := 0
	for _, err := range feed.Items(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		changes++
	}
	token, err := feed.Token() // for the next time
	fmt.Println(changes, token != "", err)
	// Output: 1 true <nil>
}
