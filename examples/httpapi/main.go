// Command httpapi serves orders as JSON: lists in pages with a token for more, and single orders with ETags, so that
// nobody overwrites a change that they have not seen. Without flags it shows that by some requests to itself; with
// -addr it serves. The data is in a server inside the program, or in database shop of the account that COSMOS_DSN
// names:
//
//	go run ./examples/httpapi
//	go run ./examples/httpapi -addr localhost:8080
//	curl -i 'localhost:8080/customers/ada/orders?limit=2'
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func main() {
	addr := flag.String("addr", "", "serve on this `address`, until interrupted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Getenv("COSMOS_DSN"), *addr); err != nil {
		fmt.Fprintln(os.Stderr, "httpapi:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, dsn, addr string) error {
	if dsn == "" {
		srv := cosmostest.NewServer()
		defer srv.Close()
		dsn = srv.ConnectionString()
	}
	client, err := cosmos.NewClientFromConnectionString(dsn, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	orders, err := open(ctx, client)
	if err != nil {
		return err
	}
	h := api{orders}.handler()
	if addr == "" {
		return show(ctx, out, h)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "serving on", l.Addr())
	return serve(ctx, l, h)
}

// serve serves until ctx ends, and returns when the requests under way have been answered.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		ended <- server.Shutdown(ctx)
	})
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}

// open makes the container of the orders, where it is not there.
func open(ctx context.Context, client *cosmos.Client) (*cosmos.Container, error) {
	if _, err := client.CreateDatabaseIfNotExists(ctx, "shop"); err != nil {
		return nil, err
	}
	shop := client.Database("shop")
	_, err := shop.CreateContainerIfNotExists(ctx, cosmos.ContainerProperties{
		ID: "orders", PartitionKey: cosmos.PartitionKeyPaths("/customer"),
	})
	return shop.Container("orders"), err
}

// show sends some requests and prints what is answered.
func show(ctx context.Context, out io.Writer, h http.Handler) error {
	call := func(method, path, body string, header ...string) *http.Response {
		r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
		if len(header) > 0 && header[1] != "" {
			r.Header.Set(header[0], header[1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Fprintf(out, "%s %.60s\n  %d %.70s\n", method, path, w.Code, strings.TrimSpace(w.Body.String()))
		return w.Result()
	}
	const orders = "/customers/ada/orders"
	for i, item := range []string{"chair", "bed", "table"} {
		call("POST", orders, fmt.Sprintf(`{"id":"%d","item":%q,"count":1}`, i+1, item))
	}
	call("POST", orders, `{"id":"1"}`)
	call("GET", orders+"?limit=2", "")
	call("GET", orders+"?more=elsewhere", "")

	etag := call("GET", orders+"/2", "").Header.Get("ETag")
	call("GET", orders+"/2", "", "If-None-Match", etag)
	call("PUT", orders+"/2", `{"item":"bed","count":2}`)
	call("PUT", orders+"/2", `{"item":"bed","count":2}`, "If-Match", etag)
	call("PUT", orders+"/2", `{"item":"bed","count":3}`, "If-Match", etag)
	call("DELETE", orders+"/9", "")
	return nil
}
