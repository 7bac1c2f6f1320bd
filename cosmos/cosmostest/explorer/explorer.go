// Package explorer is a page to look at what a server of cosmostest holds: databases, containers and their partitions,
// documents in pages, a box for queries with their results, plan and charge, and the last requests as they come.
//
//	e := explorer.New()
//	srv := cosmostest.NewServer(e.Watch())
//	http.Handle("/_explorer/", e.Handler(srv))
//
// Everything is embedded: the page loads nothing from elsewhere and holds no key. It needs no password either, so serve
// it on a loopback address only.
package explorer

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// Explorer shows one server. It is safe for concurrent use.
type Explorer struct {
	log    requests
	mu     sync.Mutex
	client *cosmos.Client
}

// New returns an explorer of the server that will be started with its option [Explorer.Watch].
func New() *Explorer { return &Explorer{} }

// userAgent marks the explorer's own requests, which it does not show.
const userAgent = "cosmostest-explorer"

// Watch lets the explorer see the server's requests.
func (e *Explorer) Watch() cosmostest.Option { return cosmostest.Observe(e.See) }

// See shows a request; it is for programs that have an observer of their own.
func (e *Explorer) See(x cosmostest.Exchange) {
	if !strings.Contains(x.Header.Get("User-Agent"), userAgent) {
		e.log.add(x)
	}
}

// Close closes the connections to the server.
func (e *Explorer) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.client == nil {
		return nil
	}
	return e.client.Close()
}

//go:embed page
var page embed.FS

// Handler serves the page below /_explorer/.
func (e *Explorer) Handler(srv *cosmostest.Server) http.Handler {
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // it is embedded
	}
	mux := http.NewServeMux()
	mux.Handle("GET /_explorer/", http.StripPrefix("/_explorer/", http.FileServerFS(files)))
	mux.HandleFunc("GET /_explorer/api/contents", e.serve(srv, func(*http.Request, *cosmos.Client) (any, error) {
		return map[string]any{"endpoint": srv.Endpoint(), "databases": srv.Contents(), "charges": e.log.charges()}, nil
	}))
	mux.HandleFunc("GET /_explorer/api/requests", e.serve(srv, func(r *http.Request, _ *cosmos.Client) (any, error) {
		after, _ := strconv.Atoi(r.FormValue("after"))
		return e.log.since(after), nil
	}))
	mux.HandleFunc("GET /_explorer/api/documents", e.serve(srv, documents))
	mux.HandleFunc("POST /_explorer/api/query", e.serve(srv, query))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		mux.ServeHTTP(w, r)
	})
}

// connect returns the explorer's client of the server.
func (e *Explorer) connect(srv *cosmostest.Server) (*cosmos.Client, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.client != nil {
		return e.client, nil
	}
	opts := &cosmos.ClientOptions{UserAgent: userAgent, HTTPClient: srv.HTTPClient()}
	c, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), opts)
	if err != nil {
		return nil, err
	}
	e.client = c
	return c, nil
}

// serve answers in JSON, errors too.
func (e *Explorer) serve(srv *cosmostest.Server, f func(*http.Request, *cosmos.Client) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		// A page of another site can send neither this header nor read the answer.
		if r.Header.Get("X-Explorer") == "" {
			w.WriteHeader(http.StatusForbidden)
			json.NewEncoder(w).Encode(map[string]string{"error": "The header X-Explorer is missing."})
			return
		}
		client, err := e.connect(srv)
		var v any
		if err == nil {
			v, err = f(r, client)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			v = map[string]string{"error": err.Error()}
		}
		json.NewEncoder(w).Encode(v)
	}
}

// rows is a page of documents or rows.
type rows struct {
	Rows   []json.RawMessage `json:"rows"`
	Next   string            `json:"next"` // "" after the last page
	Charge float64           `json:"charge"`
	Note   string            `json:"note,omitempty"`
	Plan   string            `json:"plan,omitempty"`
}

// next reads the next page. The rows are copied: the page's memory is the pager's.
func next(r *http.Request, open func() *cosmos.Pager) (rows, error) {
	var stats cosmos.Stats
	p := open()
	defer p.Close()
	out := rows{Rows: []json.RawMessage{}}
	page, err := p.Next(cosmos.WithStats(r.Context(), &stats))
	out.Charge = stats.Snapshot().RequestCharge
	if errors.Is(err, io.EOF) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	for _, item := range page.Items {
		out.Rows = append(out.Rows, append(json.RawMessage(nil), item...))
	}
	if p.More() {
		if out.Next, err = p.Token(); err != nil {
			out.Note = "There is more, but no page behind this one: " + err.Error()
		}
	}
	return out, nil
}

// place reads which container a request is about, and the options of its page.
func place(r *http.Request, client *cosmos.Client) (*cosmos.Container, []cosmos.Option) {
	size, err := strconv.Atoi(r.FormValue("size"))
	if err != nil || size < 1 || size > 1000 {
		size = 50
	}
	opts := []cosmos.Option{cosmos.PageSize(size), cosmos.ReadAhead(false)}
	if token := r.FormValue("token"); token != "" {
		opts = append(opts, cosmos.Continuation(token))
	}
	return client.Database(r.FormValue("database")).Container(r.FormValue("container")), opts
}

func documents(r *http.Request, client *cosmos.Client) (any, error) {
	c, opts := place(r, client)
	return next(r, func() *cosmos.Pager { return c.NewItemsPager(opts...) })
}

// query runs a query; its first page comes with the plan.
func query(r *http.Request, client *cosmos.Client) (any, error) {
	const most = 1 << 20
	r.Body = http.MaxBytesReader(nil, r.Body, most)
	if err := r.ParseForm(); err != nil {
		return nil, fmt.Errorf("the query with its options cannot be read, which may have %d bytes: %w", most, err)
	}
	text := r.FormValue("query")
	c, opts := place(r, client)
	args := make([]any, len(opts))
	for i, o := range opts {
		args[i] = o
	}
	out, err := next(r, func() *cosmos.Pager { return c.NewPager(text, args...) })
	if err != nil {
		return nil, err
	}
	if r.FormValue("token") == "" {
		plan, err := c.Explain(r.Context(), text)
		if err != nil {
			return nil, err
		}
		out.Plan = plan.String()
	}
	return out, nil
}
