package rest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// script is a transport that answers by a prepared list; the last entry repeats for ever.
type script struct {
	mu    sync.Mutex
	steps []step
	seen  []sighting
}

type step func(r *http.Request) (*http.Response, error)

// sighting is a request as the transport saw it.
type sighting struct {
	verb, url, body string
	header          http.Header
	at              time.Time
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	seen := sighting{verb: r.Method, url: r.URL.String(), header: r.Header, at: time.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.steps[0]
	if len(s.steps) > 1 {
		s.steps = s.steps[1:]
	}
	answer, err := next(r)
	if r.Body != nil && !errors.Is(err, errDial) {
		b, _ := io.ReadAll(r.Body)
		seen.body = string(b)
	}
	s.seen = append(s.seen, seen)
	return answer, err
}

// play sets what comes from now on.
func (s *script) play(steps ...step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps = steps
}

func (s *script) urls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var urls []string
	for _, seen := range s.seen {
		urls = append(urls, seen.verb+" "+seen.url)
	}
	return urls
}

var (
	errDial  = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
)

func fails(err error) step {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// answers makes a step of a status, and of header names and values.
func answers(status int, body string, header ...string) step {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		h.Set(HeaderRequestCharge, "1.5")
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{
			StatusCode: status, Header: h, ContentLength: int64(len(body)),
			Body: io.NopCloser(bytes.NewReader([]byte(body))),
		}, nil
	}
}

func status(code, sub int) step {
	return answers(code, `{"code":"Code","message":"message"}`, HeaderSubStatus, strconv.Itoa(sub))
}

// byPath answers the account to those who ask for it, and {} to all others.
func byPath(account string) step {
	return func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/" {
			return answers(200, account)(r)
		}
		return fine(r)
	}
}

var fine = answers(200, `{}`)

const accountTwo = `{"id":"a","writableLocations":[{"name":"West US","databaseAccountEndpoint":"https://west.test/"}],
"readableLocations":[{"name":"West US","databaseAccountEndpoint":"https://west.test/"},
	{"name":"East US","databaseAccountEndpoint":"https://east.test/"}]}`

var accountThree = strings.Replace(accountTwo, `"databaseAccountEndpoint":"https://east.test/"}]`,
	`"databaseAccountEndpoint":"https://east.test/"},`+
		`{"name":"North Europe","databaseAccountEndpoint":"https://north.test/"}]`, 1)

// accountMoved is accountTwo when the other of its regions writes.
var accountMoved = strings.Replace(accountTwo,
	`"writableLocations":[{"name":"West US","databaseAccountEndpoint":"https://west.test/"}]`,
	`"writableLocations":[{"name":"East US","databaseAccountEndpoint":"https://east.test/"}]`, 1)

const accountMulti = `{"id":"a","enableMultipleWriteLocations":true,
"writableLocations":[{"name":"West US","databaseAccountEndpoint":"https://west.test/"},
	{"name":"East US","databaseAccountEndpoint":"https://east.test/"}],
"readableLocations":[{"name":"West US","databaseAccountEndpoint":"https://west.test/"},
	{"name":"East US","databaseAccountEndpoint":"https://east.test/"}]}`

func scripted(t testing.TB, preferred []string, steps ...step) (*Client, *script) {
	t.Helper()
	s := &script{steps: steps}
	auth, err := NewMasterKey(emulatorKey)
	require.NoError(t, err)
	c, err := New(Config{Endpoint: "https://acct.test:443/", Auth: auth, HTTP: &http.Client{Transport: s},
		Preferred: preferred, UserAgent: "test"})
	require.NoError(t, err)
	if preferred == nil {
		c.regions.learn(&AccountInfo{}) // so that nothing but the request is sent
	}
	t.Cleanup(c.Close)
	return c, s
}

func readReq() *Request {
	return &Request{Verb: "GET", Kind: Documents, Link: "dbs/d/colls/c/docs/1", Path: "/dbs/d/colls/c/docs/1",
		Scope: "dbs/d/colls/c"}
}

func writeReq() *Request {
	return &Request{Verb: "POST", Kind: Documents, Link: "dbs/d/colls/c", Path: "/dbs/d/colls/c/docs",
		Scope: "dbs/d/colls/c", Effect: Write, Body: []byte(`{"id":"1"}`)}
}
