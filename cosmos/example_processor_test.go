package cosmos_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Every change is handled at least once, by as many processes as run this, each its share. The leases are in a
// container partitioned by /id.
func ExampleContainer_ChangeFeedProcessor() {
	orders, done := shop()
	defer done()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	_, err := orders.Database().CreateContainer(ctx, cosmos.ContainerProperties{
		ID: "leases", PartitionKey: cosmos.PartitionKeyPaths("/id"),
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := orders.CreateItem(ctx, Order{ID: "1", Customer: "ada"}); err != nil {
		log.Fatal(err)
	}

	processor := orders.ChangeFeedProcessor(orders.Database().Container("leases"),
		func(_ context.Context, changes *cosmos.Changes) error {
			fmt.Println(len(changes.Items), "order changed")
			stop() // a program goes on until it is told to end
			return nil
		},
		&cosmos.ProcessorOptions{Name: "billing", FromBeginning: true, PollInterval: 10 * time.Millisecond})
	fmt.Println(processor.Run(ctx))
	// Output:
	// 1 order changed
	// context canceled
}
