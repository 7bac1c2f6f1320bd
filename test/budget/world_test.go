// Package budget holds budgets of request units to what the server has charged, on a clock that client and server share
// and that stands still while they work.
package budget

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/stretchr/testify/require"
)

const key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="

// world is a server within the bubble of a test, without a network, whose clock the bubble's is.
type world struct {
	handler http.Handler
	start   time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	g, err := gateway.New(store.NewAccount(store.Options{Now: time.Now, Partitions: 4, Regions: []string{"West"}}),
		gateway.Options{Key: key, Scheme: "http", Throttle: true})
	require.NoError(t, err)
	t.Cleanup(g.Close)
	return &world{g.Serve(0, "west.test"), time.Now()}
}

// client is a client with a wire of its own.
func (w *world) client(t *testing.T, opts ...cosmos.Option) (*cosmos.Client, *wire) {
	t.Helper()
	cred, err := cosmos.KeyCredential(key)
	require.NoError(t, err)
	line := &wire{world: w}
	c, err := cosmos.NewClient("http://west.test/", cred,
		&cosmos.ClientOptions{HTTPClient: &http.Client{Transport: line}, Options: opts})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c, line
}

// container makes shop.orders, partitioned by /city, with so many RU/s.
func (w *world) container(t *testing.T, throughput ...cosmos.Option) {
	t.Helper()
	client, _ := w.client(t)
	_, err := client.CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	_, err = client.Database("shop").CreateContainer(t.Context(), cosmos.ContainerProperties{
		ID: "orders", PartitionKey: cosmos.PartitionKeyDefinition{Paths: []string{"/city"}},
	}, throughput...)
	require.NoError(t, err)
}

// order is a document of about 1 KB.
func order(i int) map[string]any {
	return map[string]any{"id": strconv.Itoa(i), "city": fmt.Sprint("city ", i%100), "n": i,
		"text": fmt.Sprintf("%0900d", i)}
}

func fill(t *testing.T, c *cosmos.Container, n int) {
	t.Helper()
	for r := range c.CreateMany(t.Context(), func(yield func(any) bool) {
		for i := range n {
			if !yield(order(i)) {
				return
			}
		}
	}) {
		require.NoError(t, r.Err)
	}
}

// wire takes requests to the server in 5 ms, and notes what they cost.
type wire struct {
	world *world

	mu        sync.Mutex
	charges   []charge
	throttled int
}

type charge struct {
	at time.Duration // since the start of the world
	ru float64
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case <-time.After(5 * time.Millisecond):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	in := req.Clone(context.WithoutCancel(req.Context()))
	in.RequestURI = req.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	w.world.handler.ServeHTTP(rec, in)
	resp := rec.Result()
	resp.Header = http.Header{} // the server writes names in lower case, which a network makes canonical
	for name, values := range rec.Header() {
		resp.Header[http.CanonicalHeaderKey(name)] = values
	}
	ru, _ := strconv.ParseFloat(resp.Header.Get("x-ms-request-charge"), 64)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.charges = append(w.charges, charge{time.Since(w.world.start), ru})
	if rec.Code == http.StatusTooManyRequests {
		w.throttled++
	}
	return resp, nil
}

// spent is what was charged in a span of time.
func (w *wire) spent(from, to time.Duration) (ru float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.charges {
		if c.at > from && c.at <= to {
			ru += c.ru
		}
	}
	return ru
}
