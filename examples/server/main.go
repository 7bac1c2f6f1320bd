// Command server runs the in-process Cosmos DB server by itself, for clients in other languages:
//
//	go run ./examples/server -addr 127.0.0.1:8081
//
// It prints the endpoint and a connection string and answers until it is interrupted. Nothing is kept.
package main

import (
	"context"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(errs)
	addr := flags.String("addr", "127.0.0.1:8081", "address to listen on; port 0 is any free one")
	partitions := flags.Int("partitions", 4, "physical partitions of a new container")
	key := flags.String("key", cosmostest.DefaultKey, "master key, base64")
	useTLS := flags.Bool("tls", false, "speak HTTPS with a certificate made for this run")
	serveAll := flags.Bool("serve-all", false, "execute the queries that the service leaves to its clients to merge")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	opts := []cosmostest.Option{cosmostest.Addr(*addr), cosmostest.Partitions(*partitions), cosmostest.MasterKey(*key)}
	if *useTLS {
		opts = append(opts, cosmostest.TLS())
	}
	if *serveAll {
		opts = append(opts, cosmostest.ServeAll())
	}
	srv, err := cosmostest.Start(opts...)
	if err != nil {
		return err
	}
	defer srv.Close()
	fmt.Fprintln(out, "endpoint:         ", srv.Endpoint())
	fmt.Fprintln(out, "connection string:", srv.ConnectionString())
	if cert := srv.Certificate(); cert != nil {
		pem.Encode(out, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
	}
	fmt.Fprintln(out, "Interrupt to stop.")
	<-ctx.Done()
	return nil
}
