package cosmos

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// playedAccount is a transport that plays an account with two regions, and answers one kind of request as a test says.
type playedAccount struct {
	mu     sync.Mutex
	target func(*http.Request) bool
	fault  func(r *http.Request) (*http.Response, error)
	asked  []string // regions that the target's requests went to
}

// container is a container of the account, by a client of its own.
func (r *playedAccount) container(t *testing.T) *Container {
	t.Helper()
	cred, err := KeyCredential(testKey)
	require.NoError(t, err)
	client, err := NewClient("https://west.test/", cred, &ClientOptions{HTTPClient: &http.Client{Transport: r}})
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	return client.Database("d").Container("c")
}

func reading(r *http.Request) string {
	if r.Body == nil {
		return ""
	}
	b, _ := io.ReadAll(r.Body)
	return string(b)
}

func httpAnswer(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	h.Set("x-ms-request-charge", "1")
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader([]byte(body))),
		ContentLength: int64(len(body))}
}

func (r *playedAccount) RoundTrip(req *http.Request) (*http.Response, error) {
	body := reading(req)
	if r.target(req) {
		r.mu.Lock()
		r.asked = append(r.asked, strings.TrimSuffix(req.URL.Host, ".test"))
		r.mu.Unlock()
		return r.fault(req)
	}
	path := req.URL.Path
	switch {
	case path == "/":
		regions := `[{"name":"West US","databaseAccountEndpoint":"https://west.test/"},` +
			`{"name":"East US","databaseAccountEndpoint":"https://east.test/"}]`
		return httpAnswer(200, `{"id":"a","writableLocations":[{"name":"West US",`+
			`"databaseAccountEndpoint":"https://west.test/"}],"readableLocations":`+regions+`}`), nil
	case path == "/dbs/d/colls/c":
		return httpAnswer(200,
			`{"id":"c","_rid":"DPZtAKyOj5g=","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}`), nil
	case strings.HasSuffix(path, "/pkranges"):
		return httpAnswer(200, `{"PartitionKeyRanges":[{"id":"0","minInclusive":"","maxExclusive":"FF"}]}`), nil
	case req.Header.Get("x-ms-cosmos-is-query-plan-request") != "":
		return httpAnswer(200, `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{},`+
			`"queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}]}`), nil
	case req.Header.Get("x-ms-documentdb-isquery") != "":
		return httpAnswer(200, `{"Documents":[]}`), nil
	case strings.HasPrefix(body, "["):
		return httpAnswer(200, `[{"statusCode":200}]`), nil
	case req.Header.Get("A-IM") != "":
		return httpAnswer(304, ``, "etag", `"1"`), nil
	}
	return httpAnswer(200, `{"id":"1","pk":"p"}`), nil
}
