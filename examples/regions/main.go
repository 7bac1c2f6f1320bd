// Command regions reads from the nearest region of an account, and from the next one when that is gone. It shows this
// on a server inside the program whose regions come and go. With COSMOS_DSN it reads from that account, the regions
// given nearest first, and prints which one answers and how long it takes:
//
//	go run ./examples/regions
//	COSMOS_DSN=… go run ./examples/regions -regions "North Europe,West Europe" -container shop/orders
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func main() {
	regions := flag.String("regions", "", "names of regions with commas, the nearest first")
	container := flag.String("container", "", "`database/container` to ask")
	flag.Parse()
	var err error
	if dsn := os.Getenv("COSMOS_DSN"); dsn != "" {
		err = ask(context.Background(), os.Stdout, dsn, *regions, *container)
	} else {
		err = show(context.Background(), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "regions:", err)
		os.Exit(1)
	}
}

// options are those of a client that would rather have an answer from far away than wait for one from near.
func options(nearest ...string) *cosmos.ClientOptions {
	return &cosmos.ClientOptions{
		PreferredRegions: nearest,                // others of the account follow
		RequestTimeout:   5 * time.Second,        // a region that is silent for so long is left
		HedgeThreshold:   500 * time.Millisecond, // a read that takes so long goes to the next region, too
	}
}

// ask counts documents a few times and says who answered.
func ask(ctx context.Context, out io.Writer, dsn, regions, container string) error {
	database, id, ok := strings.Cut(container, "/")
	if !ok {
		return errors.New("-container names one as database/container")
	}
	var nearest []string
	if regions != "" {
		nearest = strings.Split(regions, ",")
	}
	client, err := cosmos.NewClientFromConnectionString(dsn, options(nearest...))
	if err != nil {
		return err
	}
	defer client.Close()
	for range 5 {
		var st cosmos.Stats
		started := time.Now()
		c := client.Database(database).Container(id)
		for n, err := range cosmos.Query[int](cosmos.WithStats(ctx, &st), c, "SELECT VALUE COUNT(1) FROM c") {
			if err != nil {
				return err
			}
			took := time.Since(started).Round(time.Millisecond)
			fmt.Fprintln(out, n, "documents,", strings.Join(st.Snapshot().Regions, " and "), took)
		}
	}
	return nil
}

type order struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
}

// show takes the regions of an account away, one after the other.
func show(ctx context.Context, out io.Writer) error {
	const west, north, us = "West Europe", "North Europe", "East US"
	srv := cosmostest.NewServer(cosmostest.Regions(west, north, us)) // the first one takes the writes
	defer srv.Close()
	opts := options(north, west)
	opts.HTTPClient = srv.HTTPClient() // knows the addresses of the regions
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), opts)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.CreateDatabase(ctx, "shop"); err != nil {
		return err
	}
	shop := client.Database("shop")
	p := cosmos.ContainerProperties{ID: "orders", PartitionKey: cosmos.PartitionKeyPaths("/customer")}
	if _, err = shop.CreateContainer(ctx, p); err != nil {
		return err
	}
	orders := shop.Container("orders")

	write := func(id string) error {
		r, err := orders.CreateItem(ctx, order{ID: id, Customer: "ada"})
		if err == nil {
			fmt.Fprintf(out, "order %s written to %s\n", id, r.Region)
		}
		return err
	}
	read := func(id string) error {
		// The session sees its own writes in any region: one that has not got them yet is not taken at its word.
		r, err := orders.ReadItem(ctx, id, cosmos.PartitionKey("ada"))
		if err == nil {
			fmt.Fprintf(out, "order %s read from %s\n", id, r.Region)
		}
		return err
	}
	steps := []struct {
		what string
		do   func() error
	}{
		{"", func() error { return write("1") }},
		{"", func() error { return read("1") }},
		{"North Europe is gone", func() error { srv.StopRegion(north); return read("1") }},
		{"writes are to go to East US", func() error {
			if err := srv.MoveWriteRegion(us); err != nil {
				return err
			}
			return write("2")
		}},
		{"", func() error { return read("2") }},
		{"West Europe takes requests and never answers", func() error { srv.HangRegion(west); return read("2") }},
	}
	for _, step := range steps {
		if step.what != "" {
			fmt.Fprintf(out, "-- %s\n", step.what)
		}
		if err := step.do(); err != nil {
			return err
		}
	}
	return nil
}
