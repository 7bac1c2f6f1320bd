package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, "", ""))
	require.Contains(t, out.String(), `
GET /customers/ada/orders/2
  304 
PUT /customers/ada/orders/2
  428 read the order, and send its ETag as If-Match
PUT /customers/ada/orders/2
  200 {"id":"2","customer":"ada","item":"bed","count":2}
PUT /customers/ada/orders/2
  412 the order has changed since it was read
DELETE /customers/ada/orders/9
  404 no such order
`)
}

// start returns the API over a server of its own, and a function that calls it.
func start(t *testing.T) (*cosmostest.Server, func(method, path, body string) *httptest.ResponseRecorder) {
	srv := cosmostest.RunT(t)
	opts := &cosmos.ClientOptions{MaxThrottleRetries: -1}
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), opts)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	orders, err := open(t.Context(), client)
	require.NoError(t, err)
	h := api{orders}.handler()
	return srv, func(method, path, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
		return w
	}
}

// All pages together are all orders, in order, each once.
func TestPages(t *testing.T) {
	t.Parallel()
	_, call := start(t)
	for i := range 7 {
		w := call("POST", "/customers/ada/orders", fmt.Sprintf(`{"id":"%d","item":"i%d"}`, i, i))
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		require.Equal(t, fmt.Sprintf("/customers/ada/orders/%d", i), w.Header().Get("Location"))
	}
	call("POST", "/customers/bob/orders", `{"id":"b","item":"x"}`)

	var items []string
	pages, more := 0, ""
	for ; pages == 0 || more != ""; pages++ {
		w := call("GET", "/customers/ada/orders?limit=3&more="+url.QueryEscape(more), "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		var page struct {
			Orders []Order
			More   string
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
		for _, o := range page.Orders {
			items = append(items, o.Item)
		}
		more = page.More
	}
	require.Equal(t, 3, pages)
	require.Equal(t, []string{"i0", "i1", "i2", "i3", "i4", "i5", "i6"}, items)
}

func TestEmptyList(t *testing.T) {
	t.Parallel()
	_, call := start(t)
	w := call("GET", "/customers/nobody/orders", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"orders":[]}`, w.Body.String())
}

// What Location says can be asked for, whatever the id has in it.
func TestLocation(t *testing.T) {
	t.Parallel()
	_, call := start(t)
	w := call("POST", "/customers/ada/orders", `{"id":"50 % é","item":"chair"}`)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	w = call("GET", w.Header().Get("Location"), "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
}

// A request that is under way when the server is told to stop is answered before serve returns.
func TestServe(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var answered atomic.Bool
	ended := make(chan bool, 1)
	go func() {
		err := serve(ctx, l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			stop()
			for closed := false; !closed; { // until the server takes no more connections
				c, err := net.Dial("tcp", l.Addr().String())
				if closed = err != nil; !closed {
					c.Close()
				}
			}
			answered.Store(true)
		}))
		ended <- err == nil && answered.Load()
	}()
	resp, err := http.Get("http://" + l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.True(t, <-ended)
}

func TestRefused(t *testing.T) {
	t.Parallel()
	srv, call := start(t)
	const orders = "/customers/ada/orders"
	tests := []struct {
		name, method, path, body string
		fail                     cosmostest.Operation // that the service refuses for want of throughput
		status                   int
		want                     string
	}{
		{"limit that is not a number", "GET", orders + "?limit=x", "", "", 400, "limit is a number from 1 to 100"},
		{"limit too large", "GET", orders + "?limit=1000", "", "", 400, "limit is a number from 1 to 100"},
		{"token of nothing", "GET", orders + "?more=x", "", "", 400, "begin without it"},
		{"not JSON", "POST", orders, "chair", "", 400, "not an order"},
		{"field that is not an order's", "POST", orders, `{"id":"1","price":1}`, "", 400, "price"},
		{"without an id", "POST", orders, `{"item":"chair"}`, "", 400, "an order has an id"},
		{"an id with a slash", "PUT", orders + "/a%2Fb", `{}`, "", 400, "an order has an id, without"},
		{"too large", "POST", orders, `{"id":"` + strings.Repeat("x", 2<<20) + `"}`, "", 400, "too large"},
		{"not there", "GET", orders + "/1", "", "", 404, "no such order"},
		{"another method", "PATCH", orders + "/1", "", "", 405, "Method Not Allowed"},
		{"throttled", "POST", orders, `{"id":"1"}`, cosmostest.Create, 503, "try again later"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.fail != "" {
				defer srv.Fail(tt.fail, 1, 429, 3200, 1500*time.Millisecond)()
			}
			w := call(tt.method, tt.path, tt.body)
			require.Equal(t, tt.status, w.Code, w.Body)
			require.Contains(t, w.Body.String(), tt.want)
			if tt.fail != "" {
				require.Equal(t, "2", w.Header().Get("Retry-After"))
			}
		})
	}
}
