// Command server runs the in-process Cosmos DB server by itself, for clients in any language. It listens where the
// emulators do and has their key, so the emulator samples of every SDK work with it:
//
//	go run ./examples/server -load examples/server/shop.json -explorer
//
// Every flag can be given as an environment variable: -read-only-key is COSMOS_SERVER_READ_ONLY_KEY. On a second
// address it answers /alive and /ready without a signature, saves on POST /save, and with -explorer shows a page at
// /_explorer/. Nothing is kept unless -save is given. It is for development and tests.
package main

import (
	"context"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
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
	page := explorer.New()
	opts := append(s.options(), cosmostest.Observe(func(x cosmostest.Exchange) {
		logExchange(logger, x)
		page.See(x)
	}))
	srv, err := cosmostest.Start(opts...)
	if err != nil {
		return err
	}
	defer srv.Close()
	defer page.Close()
	side, err := s.serveSide(srv, page)
	if err != nil {
		return err
	}
	defer side.close()
	s.announce(out, srv, side)

	<-ctx.Done()
	if s.save != "" {
		if err := saveFile(srv, s.save); err != nil {
			return err
		}
		fmt.Fprintln(out, "saved to", s.save)
	}
	return nil
}

// announce says where everything is.
func (s *settings) announce(out io.Writer, srv *cosmostest.Server, side *side) {
	fmt.Fprintln(out, "endpoint:         ", srv.Endpoint())
	fmt.Fprintln(out, "connection string:", srv.ConnectionString())
	for _, name := range s.regions[min(1, len(s.regions)):] {
		fmt.Fprintf(out, "region %s: %s\n", name, srv.RegionEndpoint(name))
	}
	switch {
	case side == nil && s.health != "":
		fmt.Fprintln(out, "health:            none, "+s.health+" is in use: give -health another address")
	case side != nil:
		fmt.Fprintln(out, "health:           ", side.url+"/ready")
		if s.explorer {
			fmt.Fprintln(out, "explorer:         ", side.url+"/_explorer/")
		}
	}
	if cert := srv.Certificate(); cert != nil && s.certificate == "" {
		pem.Encode(out, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
	}
	fmt.Fprintln(out, "Interrupt to stop.")
}

// side is the second address: health, saving and the explorer.
type side struct {
	url    string
	server *http.Server
	done   chan struct{}
}

func (s *settings) serveSide(srv *cosmostest.Server, page *explorer.Explorer) (*side, error) {
	if s.health == "" {
		if s.explorer {
			return nil, errors.New("-explorer needs an address: give -health one")
		}
		return nil, nil
	}
	l, err := net.Listen("tcp", s.health)
	if err != nil && !s.healthGiven && !s.explorer {
		return nil, nil // others like port 8080, too; announce says that there is none
	}
	if err != nil {
		return nil, fmt.Errorf("-health: %w", err)
	}
	mux := http.NewServeMux()
	ok := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }
	mux.HandleFunc("GET /alive", ok)
	mux.HandleFunc("GET /ready", ok) // there is nothing to wait for: it listens once everything is loaded
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, _ *http.Request) {
		if s.save == "" {
			http.Error(w, "the server was started without -save", http.StatusConflict)
		} else if err := saveFile(srv, s.save); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		} else {
			fmt.Fprintln(w, "saved to", s.save)
		}
	})
	if s.explorer {
		mux.Handle("/_explorer/", page.Handler(srv))
	}
	const patience = 10 * time.Second
	x := &side{
		url: "http://" + l.Addr().String(), done: make(chan struct{}),
		server: &http.Server{Handler: mux, ReadHeaderTimeout: patience, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)},
	}
	go func() {
		defer close(x.done)
		x.server.Serve(l) // ends with close
	}()
	return x, nil
}

func (x *side) close() {
	if x != nil {
		x.server.Close()
		<-x.done
	}
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
