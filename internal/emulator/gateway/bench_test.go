package gateway

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// bench is a gateway that is called without a network.
func bench(b testing.TB) func(verb, path string, headers map[string]string, body string) *httptest.ResponseRecorder {
	b.Helper()
	key := base64.StdEncoding.EncodeToString([]byte("key"))
	g, err := New(store.NewAccount(store.Options{Partitions: 4}), Options{Key: key, Scheme: "http"})
	if err != nil {
		b.Fatal(err)
	}
	handler := g.Serve(0, "")
	date := time.Now().UTC().Format(http.TimeFormat)
	return func(verb, path string, headers map[string]string, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(verb, path, io.Reader(bytes.NewReader([]byte(body))))
		r.Header.Set("x-ms-date", date)
		c := &call{r: r, path: segments(path)}
		r.Header.Set("authorization", url.QueryEscape("type=master&ver=1.0&sig="+
			base64.StdEncoding.EncodeToString(
				newSigner([]byte("key")).sign(c.payloads(strings.ToLower(date) + "\n\n")[0]))))
		for k, v := range headers {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code >= 400 && headers[headerContinuation] == "" {
			b.Fatal(w.Code, w.Body)
		}
		return w
	}
}

func filled(b testing.TB, n int) func(verb, path string, headers map[string]string,
	body string) *httptest.ResponseRecorder {
	call := bench(b)
	call("POST", "/dbs", nil, `{"id":"d"}`)
	call("POST", "/dbs/d/colls", nil, `{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`)
	pad := strings.Repeat("x", 800)
	for i := range n {
		call("POST", "/dbs/d/colls/c/docs", map[string]string{headerKey: fmt.Sprintf(`["p%d"]`, i%100)},
			fmt.Sprintf(`{"id":"%d","pk":"p%d","n":%d,"pad":%q}`, i, i%100, i, pad))
	}
	return call
}

func BenchmarkPointRead(b *testing.B) {
	call := filled(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		call("GET", "/dbs/d/colls/c/docs/7", map[string]string{headerKey: `["p7"]`}, "")
	}
}

func BenchmarkWrite(b *testing.B) {
	call := filled(b, 1000)
	doc := `{"id":"7","pk":"p7","n":7,"pad":"` + strings.Repeat("x", 800) + `"}`
	b.ReportAllocs()
	for b.Loop() {
		call("POST", "/dbs/d/colls/c/docs", map[string]string{headerKey: `["p7"]`, headerUpsert: "True"}, doc)
	}
}

func BenchmarkQuery(b *testing.B) {
	for _, q := range []struct{ name, text string }{
		{"one key", `{"query":"SELECT * FROM c WHERE c.n = 7"}`},
		{"page of 1000", `{"query":"SELECT * FROM c"}`},
		{"filter 10000", `{"query":"SELECT c.id FROM c WHERE c.n % 100 = 7 AND c.pad != 'y'"}`},
	} {
		b.Run(q.name, func(b *testing.B) {
			call := filled(b, 10_000)
			headers := map[string]string{"x-ms-documentdb-isquery": "True", headerCross: "True", headerMaxItems: "1000"}
			if q.name == "one key" {
				headers[headerKey] = `["p7"]`
			}
			b.ReportAllocs()
			for b.Loop() {
				call("POST", "/dbs/d/colls/c/docs", headers, q.text)
			}
		})
	}
}

// A look at a header of the request allocates nothing: each request has some twenty of them.
func TestHeadersAreFoundWithoutAllocating(t *testing.T) {
	c := &call{r: httptest.NewRequest("GET", "/", nil)}
	c.r.Header.Set(headerKey, `["p"]`)
	if got := c.header(headerKey); got != `["p"]` {
		t.Fatal(got)
	}
	for _, name := range []string{headerKey, headerAIM, "x-ms-never-sent"} {
		c.header(name)
		if n := testing.AllocsPerRun(100, func() { c.header(name) }); n != 0 {
			t.Error(name, n)
		}
	}
}
