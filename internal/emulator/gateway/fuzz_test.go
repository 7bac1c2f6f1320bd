package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// FuzzRequest: whatever is asked, signed or not, the answer is a status of HTTP, and no panic. Requests that cannot be
// signed go as far as the check of the signature.
func FuzzRequest(f *testing.F) {
	f.Add("GET", "/dbs/d/colls/c/docs", "", "x-ms-max-item-count", "-1")
	f.Add("POST", "/dbs/d/colls/c/docs", `{"id":"a","pk":"p"}`, "x-ms-documentdb-partitionkey", `["p"]`)
	f.Add("POST", "/dbs/d/colls/c/docs", `{"query":"SELECT * FROM c"}`, "x-ms-documentdb-isquery", "True")
	f.Add("POST", "/dbs/d/colls/c/docs", `[{"operationType":"Create","resourceBody":{}}]`,
		"x-ms-cosmos-is-batch-request", "True")
	f.Add("PATCH", "/dbs/d/colls/c/docs/a", `{"operations":[{"op":"incr","path":"/n","value":1}]}`,
		"x-ms-documentdb-partitionkey", `["p"]`)
	f.Add("OPTIONS", "/%2e%2e/dbs//", "\x00", "x-ms-session-token", "0:-1#99999999999999999999")
	f.Add("DELETE", "/dbs/d/colls/c/docs/a?x=y#z", "", "authorization", "type%3daad%26ver%3d1.0%26sig%3dx")
	a := store.NewAccount(store.Options{Partitions: 2})
	db, err := a.CreateDatabase([]byte(`{"id":"d"}`), store.Throughput{})
	require.NoError(f, err)
	_, err = db.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}`),
		store.Throughput{})
	require.NoError(f, err)
	g, err := gateway.New(a, gateway.Options{Key: testKey, Scheme: "http"})
	require.NoError(f, err)
	f.Cleanup(g.Close)
	handler := g.Serve(0, "")
	f.Fuzz(func(t *testing.T, method, path, body, name, value string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || method == "" || strings.ContainsAny(method, " \r\n\t") || strings.ContainsAny(path, " \r\n") {
			return // net/http refuses it
		}
		r := &http.Request{Method: method, URL: u, RequestURI: path, Host: "localhost", Header: http.Header{},
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
		r = r.WithContext(t.Context())
		r.Body = http.NoBody
		if body != "" {
			r.Body = readCloser{strings.NewReader(body)}
			r.ContentLength = int64(len(body))
		}
		date := time.Now().UTC().Format(http.TimeFormat)
		kind, link := link(u.Path)
		r.Header.Set("x-ms-date", date)
		r.Header.Set("x-ms-version", "2020-11-05")
		r.Header.Set("authorization", signature(testKey, method, kind, link, date))
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.True(t, w.Code >= 200 && w.Code < 600, "%d", w.Code)
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
