package explorer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/explorer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type answer struct {
	Rows     []json.RawMessage
	Next     string
	Charge   float64
	Plan     string
	Note     string
	Error    string
	Total    int
	Requests []struct {
		Number, Status int
		Operation      string
	}
	Databases []cosmostest.DatabaseContents
	Charges   map[string]float64
}

// shop is a server with n documents and its explorer.
func shop(t *testing.T, n int) (*cosmostest.Server, http.Handler) {
	t.Helper()
	var docs []any
	for i := range n {
		docs = append(docs, map[string]any{"id": fmt.Sprintf("d%04d", i), "pk": fmt.Sprint(i % 7), "n": i})
	}
	e := explorer.New()
	srv := cosmostest.RunT(t, e.Watch(),
		cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{
			{ID: "orders", PartitionKey: []string{"/pk"}, Documents: docs}}}))
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return srv, e.Handler(srv)
}

func ask(t *testing.T, h http.Handler, method, path string, form url.Values) (int, answer) {
	t.Helper()
	var req *http.Request
	if method == "POST" {
		req = httptest.NewRequestWithContext(t.Context(), method, "/_explorer/api/"+path,
			strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		req = httptest.NewRequestWithContext(t.Context(), method, "/_explorer/api/"+path+"?"+form.Encode(), nil)
	}
	req.Header.Set("X-Explorer", "1")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	var a answer
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a), w.Body.String())
	return w.Code, a
}

func orders(more ...string) url.Values {
	v := url.Values{"database": {"shop"}, "container": {"orders"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func TestDocumentsInPages(t *testing.T) {
	t.Parallel()
	_, h := shop(t, 130)
	seen, token := map[string]bool{}, ""
	for pages := 0; ; pages++ {
		require.Less(t, pages, 20)
		status, a := ask(t, h, "GET", "documents", orders("size", "30", "token", token))
		require.Equal(t, 200, status, a.Error)
		require.Positive(t, a.Charge)
		for _, row := range a.Rows {
			seen[string(row)] = true
		}
		if token = a.Next; token == "" {
			break
		}
	}
	require.Len(t, seen, 130)
}

func TestQuery(t *testing.T) {
	t.Parallel()
	_, h := shop(t, 130)
	status, a := ask(t, h, "POST", "query", orders("query", "SELECT VALUE c.n FROM c ORDER BY c.n DESC"))
	require.Equal(t, 200, status, a.Error)
	require.Len(t, a.Rows, 50)
	require.Equal(t, "129", string(a.Rows[0]))
	require.Contains(t, a.Plan, "merge by [c.n]")
	status, a = ask(t, h, "POST", "query",
		orders("query", "SELECT VALUE c.n FROM c ORDER BY c.n DESC", "token", a.Next))
	require.Equal(t, 200, status, a.Error)
	require.Equal(t, "79", string(a.Rows[0]))
	require.Empty(t, a.Plan, "the first page has said it")

	status, a = ask(t, h, "POST", "query",
		orders("query", "SELECT c.n % 100 AS m, COUNT(1) AS k FROM c GROUP BY c.n % 100"))
	require.Equal(t, 200, status, a.Error)
	require.Len(t, a.Rows, 50)
	require.Contains(t, a.Note, "no page behind this one")

	status, a = ask(t, h, "POST", "query", orders("query", "SELECT FROM"))
	require.Equal(t, 400, status)
	require.Contains(t, a.Error, "yntax error")
	status, a = ask(t, h, "GET", "documents", url.Values{"database": {"shop"}, "container": {"none"}})
	require.Equal(t, 400, status)
	require.Contains(t, a.Error, "404")
}

func TestContentsAndRequests(t *testing.T) {
	t.Parallel()
	srv, h := shop(t, 3)
	_, a := ask(t, h, "GET", "documents", orders())
	require.Len(t, a.Rows, 3)
	_, a = ask(t, h, "GET", "requests", nil)
	require.Empty(t, a.Requests, "its own are not shown")

	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	for i := range 300 {
		client.Database("shop").Container("orders").
			ReadItem(t.Context(), fmt.Sprint("none", i), cosmos.PartitionKey("0"))
	}
	_, a = ask(t, h, "GET", "requests", nil)
	require.Len(t, a.Requests, 200, "the last ones")
	require.Equal(t, a.Total, a.Requests[199].Number)
	require.Equal(t, "Read", a.Requests[199].Operation)
	require.Equal(t, 404, a.Requests[199].Status)
	_, a = ask(t, h, "GET", "requests", url.Values{"after": {fmt.Sprint(a.Total - 1)}})
	require.Len(t, a.Requests, 1)
	_, a = ask(t, h, "GET", "contents", nil)
	require.Equal(t, 3, a.Databases[0].Containers[0].Documents)
	sum := 0.0
	for _, units := range a.Charges {
		sum += units
	}
	require.InDelta(t, 300, sum, 10)
}

func TestPageIsAlone(t *testing.T) {
	t.Parallel()
	_, h := shop(t, 0)
	for _, path := range []string{"", "app.js", "style.css"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/_explorer/"+path, nil))
		require.Equal(t, 200, w.Code)
		require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'self'")
		require.NotContains(t, w.Body.String(), "http://")
		require.NotContains(t, w.Body.String(), "https://")
		require.NotContains(t, w.Body.String(), cosmostest.DefaultKey)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/_explorer/api/contents", nil))
	require.Equal(t, 403, w.Code, "not for a page of another site")
}
