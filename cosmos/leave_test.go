package cosmos_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

// wires counts the connections of a client, and the requests that are under way on them.
type wires struct {
	*http.Transport
	opened, busy, most atomic.Int64
}

func newWires(t *testing.T) *wires {
	w := &wires{}
	var d net.Dialer
	w.Transport = &http.Transport{MaxIdleConnsPerHost: 100,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			w.opened.Add(1)
			return d.DialContext(ctx, network, addr)
		}}
	t.Cleanup(w.CloseIdleConnections)
	return w
}

type wiredBody struct {
	io.ReadCloser
	done func()
}

func (b *wiredBody) Close() error {
	defer b.done()
	return b.ReadCloser.Close()
}

func (w *wires) RoundTrip(r *http.Request) (*http.Response, error) {
	now := w.busy.Add(1)
	for most := w.most.Load(); now > most && !w.most.CompareAndSwap(most, now); most = w.most.Load() {
	}
	resp, err := w.Transport.RoundTrip(r)
	if err != nil {
		w.busy.Add(-1)
		return nil, err
	}
	var closed atomic.Bool
	resp.Body = &wiredBody{resp.Body, func() {
		if !closed.Swap(true) {
			w.busy.Add(-1)
		}
	}}
	return resp, nil
}

// TestLeavingKeepsConnections: a loop that is left while requests are under way lets them end, and leaves the
// connections behind for the next one.
func TestLeavingKeepsConnections(t *testing.T) {
	t.Parallel()
	srv, all, _ := shelf(t, 8, 400)
	end := srv.Delay(2 * time.Millisecond)
	defer end()
	w := newWires(t)
	client := connect(t, srv, &cosmos.ClientOptions{HTTPClient: &http.Client{Transport: w}})
	c := client.Database("db").Container(all.ID())
	docs := make([]map[string]any, 200)
	for i := range docs {
		docs[i] = map[string]any{"id": "x", "pk": i}
	}
	for name, loop := range map[string]func(ctx context.Context) error{
		"documents": func(ctx context.Context) error {
			for _, err := range c.Items(ctx, cosmos.PageSize(3)) {
				return err
			}
			return nil
		},
		"a query": func(ctx context.Context) error {
			rows := 0
			for _, err := range cosmos.Query[any](ctx, c, "SELECT * FROM c", cosmos.PageSize(3)) {
				if rows++; rows > 4 || err != nil {
					return err
				}
			}
			return nil
		},
		"a sorted query": func(ctx context.Context) error {
			rows := 0
			for _, err := range cosmos.Query[any](ctx, c, "SELECT * FROM c ORDER BY c.n", cosmos.PageSize(3)) {
				if rows++; rows > 20 || err != nil {
					return err
				}
			}
			return nil
		},
		"changes": func(ctx context.Context) error {
			for _, err := range c.ChangeFeed(cosmos.PageSize(3)).Items(ctx) {
				return err
			}
			return nil
		},
		"bulk": func(ctx context.Context) error {
			for r := range c.UpsertMany(ctx, cosmos.Each(docs)) {
				return r.Err
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.opened.Load()
			w.most.Store(0)
			for range 20 {
				require.NoError(t, loop(t.Context()))
				require.Eventually(t, func() bool { return w.busy.Load() == 0 }, 10*time.Second, time.Millisecond)
			}
			// One that gives way to a connection which became free first is opened all the same.
			require.LessOrEqual(t, w.opened.Load()-before, 2*w.most.Load())
		})
	}
}
