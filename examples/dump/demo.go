package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// demonstrate saves made-up documents of a server inside this program, and loads them into another database.
func demonstrate(ctx context.Context, out, errs io.Writer) error {
	srv := cosmostest.NewServer(cosmostest.Partitions(3))
	defer srv.Close()
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.CreateDatabase(ctx, "shop"); err != nil {
		return err
	}
	shop := client.Database("shop")
	properties := cosmos.ContainerProperties{ID: "orders",
		PartitionKey: cosmos.PartitionKeyPaths("/tenant", "/customer")}
	if _, err := shop.CreateContainer(ctx, properties); err != nil {
		return err
	}
	type order struct {
		ID       string `json:"id"`
		Tenant   string `json:"tenant"`
		Customer string `json:"customer"`
		Total    int    `json:"total"`
	}
	var orders []order
	for i := range 5000 {
		orders = append(orders, order{fmt.Sprint(i), fmt.Sprint("t", i%7), fmt.Sprint("c", i%100), i % 50})
	}
	for r := range shop.Container("orders").CreateMany(ctx, cosmos.Each(orders)) {
		if r.Err != nil {
			return r.Err
		}
	}
	dir, err := os.MkdirTemp("", "dump")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := execute(ctx, client, settings{database: "shop", dir: dir, parallel: 4}, out, errs); err != nil {
		return err
	}
	return execute(ctx, client, settings{database: "copy", dir: dir, parallel: 4, load: true}, out, errs)
}
