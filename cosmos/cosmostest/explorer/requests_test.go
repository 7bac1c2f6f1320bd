package explorer_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/explorer"
)

// numbers are those of the requests after a number.
func numbers(t *testing.T, h http.Handler, after string) (all []int, total int) {
	t.Helper()
	status, a := ask(t, h, "GET", "requests", url.Values{"after": {after}})
	require.Equal(t, 200, status, a.Error)
	for _, r := range a.Requests {
		all = append(all, r.Number)
	}
	return all, a.Total
}

// A page that asks for what is new gets each request once, as long as it asks before two hundred more have come.
func TestRequestsComeOnce(t *testing.T) {
	t.Parallel()
	e := explorer.New()
	h := e.Handler(cosmostest.RunT(t))
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	see := func(n int) {
		for range n {
			e.See(cosmostest.Exchange{Status: 200})
		}
	}
	check := func(after string, first, n, total int) {
		t.Helper()
		all, gotTotal := numbers(t, h, after)
		require.Len(t, all, n)
		for i, number := range all {
			require.Equal(t, first+i, number)
		}
		require.Equal(t, total, gotTotal)
	}
	check("", 0, 0, 0)
	see(3)
	check("", 1, 3, 3)
	check("0", 1, 3, 3)
	check("2", 3, 1, 3)
	check("3", 0, 0, 3)
	check("99", 0, 0, 3)
	check("-7", 1, 3, 3)
	check("x", 1, 3, 3)
	see(197)
	check("", 1, 200, 200)
	see(1)
	check("", 2, 200, 201)
	check("200", 201, 1, 201)
	see(500)
	check("201", 502, 200, 701)
}

// A request is shown as it was: what it did, where, how it ended, what it cost and how long it took.
func TestRequestsAsTheyWere(t *testing.T) {
	t.Parallel()
	e := explorer.New()
	h := e.Handler(cosmostest.RunT(t))
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	x := cosmostest.Exchange{Status: 404, SubStatus: 1002, Charge: 1.25, Duration: 2500 * time.Microsecond,
		Method: "GET", Path: "/dbs/shop/colls/orders/docs/1", Began: time.Unix(1000, 0).UTC()}
	x.Operation, x.Database, x.Container, x.Range = cosmostest.Read, "shop", "orders", "3"
	x.Header = http.Header{"Authorization": {"secret"}, "User-Agent": {"a program"}}
	e.See(x)
	req := httptest.NewRequestWithContext(t.Context(), "GET", "/_explorer/api/requests", nil)
	req.Header.Set("X-Explorer", "1")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	require.JSONEq(t, `{"total":1,"requests":[{"number":1,"time":"1970-01-01T00:16:40Z","operation":"Read",`+
		`"path":"/dbs/shop/colls/orders/docs/1","range":"3","status":404,"subStatus":1002,"charge":1.25,`+
		`"millis":2.5}]}`, w.Body.String())
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.Equal(t, "no-cache", w.Header().Get("Cache-Control"))
}

// What requests have cost is added up by physical partition; those of no partition, and the explorer's own, are not.
func TestChargesOfPartitions(t *testing.T) {
	t.Parallel()
	e := explorer.New()
	h := e.Handler(cosmostest.RunT(t))
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	see := func(agent, container, id string, charge float64) {
		x := cosmostest.Exchange{Charge: charge}
		x.Database, x.Container, x.Range = "shop", container, id
		x.Header = http.Header{"User-Agent": {agent}}
		e.See(x)
	}
	see("", "orders", "0", 1)
	see("a program", "orders", "0", 2.5)
	see("", "orders", "1", 4)
	see("", "carts", "0", 8)
	see("", "orders", "", 16)
	see("azsdk cosmostest-explorer go", "orders", "0", 32)
	_, a := ask(t, h, "GET", "contents", nil)
	want := map[string]float64{"shop/orders/0": 3.5, "shop/orders/1": 4, "shop/carts/0": 8}
	require.Equal(t, want, a.Charges)
	for i := range 10_100 { // partitions that come and go
		see("", "other", fmt.Sprint(i), 1)
	}
	see("", "orders", "1", 1)
	_, a = ask(t, h, "GET", "contents", nil)
	require.Len(t, a.Charges, 10_000, "no more are kept")
	require.InDelta(t, 5, a.Charges["shop/orders/1"], 0, "those that are known go on")
}

// A page that is asked for wrongly says why, in JSON.
func TestWrongRequests(t *testing.T) {
	t.Parallel()
	_, h := shop(t, 60)
	for _, test := range []struct {
		method, path string
		form         url.Values
		want         string
	}{
		{"GET", "documents", orders("token", "none"), "continuation"},
		{"GET", "documents", url.Values{}, "database"},
		{"GET", "documents", url.Values{"database": {"none"}, "container": {"orders"}}, "404"},
		{"POST", "query", orders(), "syntax error"},
		{"POST", "query", orders("query", "SELECT c.id FROM c", "token", "none"), "continuation"},
		{"POST", "query", orders("query", "SELECT VALUE udf.none(c) FROM c"), "none"},
		{"POST", "query", orders("query", "SELECT "+strings.Repeat("1,", 1<<20)+"1"), "too large"},
	} {
		status, a := ask(t, h, test.method, test.path, test.form)
		require.Equal(t, 400, status, "%s %.80s", test.path, test.form)
		require.Contains(t, strings.ToLower(a.Error), test.want, "%s %.80s", test.path, test.form)
		require.Empty(t, a.Rows)
	}
	for _, size := range []string{"", "0", "-1", "1001", "x"} {
		_, a := ask(t, h, "GET", "documents", orders("size", size))
		require.Len(t, a.Rows, 50, "size %q is not one", size)
	}
	_, a := ask(t, h, "GET", "documents", orders("size", "1000"))
	require.Len(t, a.Rows, 60)
	for _, wrong := range []struct{ method, path string }{{"GET", "query"}, {"POST", "documents"}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), wrong.method, "/_explorer/api/"+wrong.path, nil))
		require.NotEqual(t, 200, w.Code, wrong.path)
	}
}

// An explorer that was never asked for anything has nothing to close, and closes twice.
func TestClose(t *testing.T) {
	t.Parallel()
	e := explorer.New()
	require.NoError(t, e.Close())
	h := e.Handler(cosmostest.RunT(t))
	status, _ := ask(t, h, "GET", "contents", nil)
	require.Equal(t, 200, status)
	require.NoError(t, e.Close())
	require.NoError(t, e.Close())
}
