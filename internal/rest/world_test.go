package rest

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// world is an account whose regions behave as a test says.
type world struct {
	mu      sync.Mutex
	account string
	regions map[string]step // by host; without one, {} is answered
	docs    []string        // hosts that requests about documents went to
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	s, account := w.regions[r.URL.Hostname()], w.account
	if r.URL.Path != "/" {
		w.docs = append(w.docs, r.URL.Hostname())
	}
	w.mu.Unlock()
	if s != nil {
		return s(r)
	}
	if r.URL.Path == "/" {
		return answers(200, account)(r)
	}
	return fine(r)
}

func (w *world) set(host string, s step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.regions[host] = s
}

// took are the hosts that documents were asked of since it was last called.
func (w *world) took() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	hosts := strings.Join(w.docs, " ")
	w.docs = nil
	return strings.ReplaceAll(hosts, ".test", "")
}

func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func worldOf(t *testing.T, account string, change func(*Config)) (*Client, *world) {
	t.Helper()
	w := &world{account: account, regions: map[string]step{}}
	auth, err := NewMasterKey(emulatorKey)
	require.NoError(t, err)
	cfg := Config{Endpoint: "https://west.test/", Auth: auth, HTTP: &http.Client{Transport: w}}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, w
}

func do(t *testing.T, c *Client, req *Request) error {
	t.Helper()
	_, err := c.Do(t.Context(), req)
	return err
}
