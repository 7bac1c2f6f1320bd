package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/explorer"
)

// side is an address beside that of the protocol.
type side struct {
	url    string
	server *http.Server
	done   chan struct{}
}

// listen serves a handler at the address of a flag.
func listen(flag, addr string, h http.Handler) (*side, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("-%s: %w", flag, err)
	}
	const patience = 10 * time.Second
	x := &side{
		url: "http://" + l.Addr().String(), done: make(chan struct{}),
		server: &http.Server{Handler: h, ReadHeaderTimeout: patience,
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)},
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

// serveHealth serves health, saving and the explorer.
func (s *settings) serveHealth(srv *cosmostest.Server, page *explorer.Explorer) (*side, error) {
	if s.health == "" {
		if s.explorer {
			return nil, errors.New("-explorer needs an address: give -health one")
		}
		return nil, nil
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
	x, err := listen("health", s.health, mux)
	if err != nil && !s.healthGiven && !s.explorer {
		return nil, nil // others like port 8080, too; announce says that there is none
	}
	return x, err
}
