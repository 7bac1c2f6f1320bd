package cosmostest_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

// orders makes container orders in database shop.
func orders(ctx context.Context, srv *cosmostest.Server) (*cosmos.Client, *cosmos.Container, error) {
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	if err != nil {
		return nil, nil, err
	}
	if _, err := client.CreateDatabase(ctx, "shop"); err != nil {
		return nil, nil, err
	}
	db := client.Database("shop")
	_, err = db.CreateContainer(ctx,
		cosmos.ContainerProperties{ID: "orders", PartitionKey: cosmos.PartitionKeyPaths("/customer")})
	return client, db.Container("orders"), err
}

type order struct {
	ID       string  `json:"id"`
	Customer string  `json:"customer"`
	Total    float64 `json:"total"`
}

func Example() {
	ctx := context.Background()
	srv := cosmostest.NewServer()
	defer srv.Close()

	client, container, err := orders(ctx, srv)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	for _, o := range []order{{"1", "ann", 12.5}, {"2", "bob", 99}, {"3", "ann", 40}} {
		if _, err := container.CreateItem(ctx, o); err != nil {
			fmt.Println(err)
			return
		}
	}

	db, err := sql.Open("cosmos", srv.DSN("shop"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	var n int
	err = db.QueryRowContext(ctx, "SELECT VALUE COUNT(1) FROM orders o WHERE o.total > @p1", 20,
		cosmos.PartitionKey("ann")).Scan(&n)
	fmt.Println(n, err)
	// Output: 1 <nil>
}

// A create is throttled twice; the client waits and tries again.
func ExampleServer_Inject() {
	ctx := context.Background()
	srv := cosmostest.NewServer()
	defer srv.Close()
	client, container, err := orders(ctx, srv)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Create), Times: 2, Status: 429, SubStatus: 3200})
	_, err = container.CreateItem(ctx, order{"1", "ann", 12.5})
	fmt.Println(err, srv.Count(cosmostest.Create))
	// Output: <nil> 3
}

// A physical partition is split while a client knows only the old one; what was in it is found in the new ones.
func ExampleServer_Split() {
	ctx := context.Background()
	srv := cosmostest.NewServer(cosmostest.Partitions(1))
	defer srv.Close()
	client, container, err := orders(ctx, srv)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	if _, err := container.CreateItem(ctx, order{"1", "ann", 12.5}); err != nil {
		fmt.Println(err)
		return
	}

	children, err := srv.Split("shop", "orders", "0")
	fmt.Println(children, err)
	_, err = container.ReadItem(ctx, "1", cosmos.PartitionKey("ann"))
	fmt.Println(err)
	// Output:
	// [1 2] <nil>
	// <nil>
}
