package cosmos

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "VGhpcyBpcyBhIHNhbXBsZSBzdHJpbmc="

// call is a request as the fake service saw it.
type call struct {
	method, path, body string
	header             http.Header
}

// fake is a service that answers what a test tells it to, and remembers what it was asked. Reads of the account and of
// the container dbs/shop/colls/orders, which is partitioned by /customer and has one range, it answers by itself and
// does not remember.
type fake struct {
	*Client
	mu      sync.Mutex
	calls   []call
	key     string // partition key definition of the container
	rid     string
	feed    string           // of partition key ranges; empty leaves it to handle
	account bool             // handle answers for the account, too
	status  int              // of the answers about the container; 0: 200
	raw     http.HandlerFunc // takes the place of handle, if set
}

func newFake(t testing.TB, handle func(w http.ResponseWriter, c call)) *fake {
	t.Helper()
	f := &fake{key: `{"paths":["/customer"],"kind":"Hash","version":2}`, rid: "DPZtAKyOj5g=",
		feed: `{"PartitionKeyRanges":[{"id":"0","minInclusive":"","maxExclusive":"FF"}]}`}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-ms-activity-id", r.Header.Get("x-ms-activity-id"))
		if f.raw != nil && strings.HasSuffix(r.URL.Path, "/docs") {
			f.raw(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		c := call{r.Method, r.RequestURI, string(body), r.Header}
		w.Header().Set("x-ms-request-charge", "2")
		f.mu.Lock()
		key, rid, feed, status := f.key, f.rid, f.feed, f.status
		ranges := c.method == http.MethodGet && c.path == "/dbs/shop/colls/orders/pkranges" && feed != ""
		account := c.path == "/" && !f.account
		own := ranges || account || c.method == http.MethodGet && c.path == "/dbs/shop/colls/orders"
		if !own {
			f.calls = append(f.calls, c)
		}
		f.mu.Unlock()
		if account {
			_, _ = io.WriteString(w, `{}`)
			return
		}
		if ranges {
			_, _ = io.WriteString(w, feed)
			return
		}
		if own && status != 0 {
			refuse(status, "")(w, c)
			return
		}
		if own {
			_, _ = io.WriteString(w, `{"id":"orders","_rid":"`+rid+`","partitionKey":`+key+`,"newThing":{"a":1}}`)
			return
		}
		handle(w, c)
	}))
	t.Cleanup(srv.Close)
	cred, err := KeyCredential(testKey)
	require.NoError(t, err)
	f.Client, err = NewClient(srv.URL, cred, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func (f *fake) orders() *Container { return f.Database("shop").Container("orders") }

func (f *fake) last(t testing.TB) call {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	require.NotEmpty(t, f.calls, "nothing was sent")
	return f.calls[len(f.calls)-1]
}

func (f *fake) sent() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

func reply(w http.ResponseWriter, status int, body string, header ...string) {
	for i := 0; i < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func okay(w http.ResponseWriter, c call) { reply(w, http.StatusOK, `{}`) }

func refuse(status int, sub string) func(http.ResponseWriter, call) {
	return func(w http.ResponseWriter, c call) {
		if sub != "" {
			w.Header().Set("x-ms-substatus", sub)
		}
		reply(w, status, `{"code":"Code","message":"the message"}`)
	}
}

// feedOf is a page of documents.
func feedOf(array string, items ...any) string {
	b, err := json.Marshal(map[string]any{"_rid": "x", array: append([]any{}, items...), "_count": len(items)})
	if err != nil {
		panic(err)
	}
	return string(b)
}
