// Command server runs the in-process Cosmos DB server by itself, for clients in any language. It listens where the
// emulators do and has their key, so the emulator samples of every SDK work with it:
//
//	go run ./examples/server -load examples/server/shop.json -explorer
//
// Every flag can be given as an environment variable or as a member of the JSON file of -config: -read-only-key is
// COSMOS_SERVER_READ_ONLY_KEY and readOnlyKey. On a second address it answers /alive and /ready without a signature,
// saves on POST /save, and with -explorer shows a page at /_explorer/; on the address of -control tests move regions,
// ranges, faults and the clock. Nothing is kept unless -save is given. It is for development and tests.
package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/control"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/explorer"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string, env func(string) (string, bool), out, errs io.Writer) (err error) {
	s, err := readSettings(args, env, errs)
	if err != nil {
		return err
	}
	logger, err := s.logger(errs)
	if err != nil {
		return err
	}
	page, world := explorer.New(), control.New()
	opts := s.options()
	if logger != nil {
		opts = append(opts, cosmostest.Observe(func(x cosmostest.Exchange) { logExchange(logger, x) }))
	}
	if s.explorer {
		opts = append(opts, page.Watch())
	}
	if s.control != "" {
		opts = append(opts, world.Watch())
	}
	srv, err := cosmostest.Start(opts...)
	if err != nil {
		return err
	}
	defer srv.Close()
	defer page.Close()
	if err := s.prepare(world, srv); err != nil {
		return err
	}
	health, err := s.serveHealth(srv, page)
	if err != nil {
		return err
	}
	defer health.close()
	var move *side
	if s.control != "" {
		if move, err = listen("control", s.control, world.Handler(srv)); err != nil {
			return err
		}
		defer move.close()
	}
	s.announce(out, srv, health, move)

	<-ctx.Done()
	if s.save != "" {
		if err := saveFile(srv, s.save); err != nil {
			return err
		}
		fmt.Fprintln(out, "saved to", s.save)
	}
	return nil
}

// announce says where everything is: to people, and in a line of JSON to programs.
func (s *settings) announce(out io.Writer, srv *cosmostest.Server, health, move *side) {
	account := srv.Account()
	fmt.Fprintln(out, "endpoint:         ", srv.Endpoint())
	fmt.Fprintln(out, "connection string:", srv.ConnectionString())
	if len(account.Regions) > 1 {
		for _, r := range account.Regions {
			fmt.Fprintf(out, "region %s: %s\n", r.Name, r.Endpoint)
		}
	}
	ready := ready{Ready: true, Endpoint: srv.Endpoint(), Address: srv.Address(), Key: srv.Key()}
	for _, r := range account.Regions {
		ready.Regions = append(ready.Regions, region{r.Name, r.Endpoint, r.Writes})
	}
	switch {
	case health == nil && s.health != "":
		fmt.Fprintln(out, "health:            none, "+s.health+" is in use: give -health another address")
	case health != nil:
		ready.Health = health.url
		fmt.Fprintln(out, "health:           ", health.url+"/ready")
		if s.explorer {
			fmt.Fprintln(out, "explorer:         ", health.url+"/_explorer/")
		}
	}
	if move != nil {
		ready.Control = move.url
		fmt.Fprintln(out, "control:          ", move.url+"/")
	}
	if cert := srv.Certificate(); cert != nil && s.certificate == "" {
		pem.Encode(out, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
	}
	line, _ := json.Marshal(ready) // texts only
	fmt.Fprintf(out, "%s\n", line)
	fmt.Fprintln(out, "Interrupt to stop.")
}

// ready is what a program that has started the server needs to know.
type ready struct {
	Ready    bool     `json:"ready"`
	Endpoint string   `json:"endpoint"`
	Address  string   `json:"address"` // where the names of -one-port have to lead
	Key      string   `json:"key"`
	Control  string   `json:"control,omitempty"`
	Health   string   `json:"health,omitempty"`
	Regions  []region `json:"regions"`
}

type region struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Writes   bool   `json:"writes"`
}

// saveFile writes everything beside the file first: one that was there stays whole until the new one is.
func saveFile(srv *cosmostest.Server, name string) error {
	f, err := os.Create(name + ".new")
	if err != nil {
		return fmt.Errorf("-save: %w", err)
	}
	err = srv.Dump(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("-save: %w", err)
	}
	return nil
}
