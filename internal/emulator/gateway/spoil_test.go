package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
)

// A spoiled answer has the headers that it would have had, but for one of a stranger, and the request is done.
func TestSpoiledAnswers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	whole := s.do("POST", coll+"/docs", pk("p"), h{"id": "whole", "pk": "p"}).want(t, 201)
	for i, test := range []struct {
		name  string
		spoil gateway.Spoil
		own   bool // the headers are the service's
		check func(body string)
	}{
		{"foreign", gateway.SpoilForeign, false, func(body string) { require.Contains(t, body, "<html>") }},
		{"empty", gateway.SpoilEmpty, true, func(body string) { require.Empty(t, body) }},
		{"truncated", gateway.SpoilTruncated, true, func(body string) {
			require.True(t, strings.HasPrefix(body, `{"id":`))
			require.Less(t, len(body), len(whole.body))
			require.False(t, json.Valid([]byte(body)))
		}},
		{"garbled", gateway.SpoilGarbled, true, func(body string) {
			require.InDelta(t, len(whole.body), len(body), 5)
			require.False(t, json.Valid([]byte(body)))
		}},
	} {
		id := strconv.Itoa(i)
		s.gateway.Inject(gateway.Fault{Match: on(gateway.Create), Times: 1, Spoil: test.spoil})
		a := s.do("POST", coll+"/docs", pk("p"), h{"id": id, "pk": "p"})
		require.Equal(t, map[bool]int{true: 201, false: 200}[test.own], a.status, test.name)
		test.check(a.body)
		require.Equal(t, strconv.Itoa(len(a.body)), a.header.Get("content-length"), test.name)
		for _, name := range []string{"x-ms-activity-id", "x-ms-session-token", "etag"} {
			require.Equal(t, test.own, a.header.Get(name) != "", "%s: %s", test.name, name)
		}
		s.do("GET", coll+"/docs/"+id, pk("p"), nil).want(t, 200)
	}
	s.gateway.Inject(gateway.Fault{Match: on(gateway.Create), Times: 1, Spoil: gateway.SpoilLong})
	require.Zero(t, s.broken("POST", coll+"/docs", pk("p"), h{"id": "long", "pk": "p"}), "the connection ends first")
	s.do("GET", coll+"/docs/long", pk("p"), nil).want(t, 200)
	// An answer without a body has nothing to be spoiled.
	for _, spoil := range []gateway.Spoil{gateway.SpoilEmpty, gateway.SpoilTruncated, gateway.SpoilLong} {
		s.do("PUT", coll+"/docs/long", pk("p"), h{"id": "long", "pk": "p"}).want(t, 200)
		s.gateway.Inject(gateway.Fault{Match: on(gateway.Delete), Times: 1, Spoil: spoil})
		require.Empty(t, s.do("DELETE", coll+"/docs/long", pk("p"), nil).want(t, 204).body)
		s.do("POST", coll+"/docs", pk("p"), h{"id": "long", "pk": "p"}).want(t, 201)
	}
}

// A stranger answers with its own page and nothing is done; where a status takes no body it has none.
func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for status, body := range map[int]bool{200: true, 204: false, 302: true, 304: false, 403: true, 502: true} {
		end := s.gateway.Inject(gateway.Fault{Status: status, Spoil: gateway.SpoilForeign})
		a := s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p"}).want(t, status)
		head := s.do("HEAD", coll+"/docs/a", pk("p"), nil).want(t, status)
		end()
		require.Equal(t, body, strings.Contains(a.body, "Please sign in"), status)
		require.Equal(t, status != 304, strings.HasPrefix(a.header.Get("content-type"), "text/html"), status)
		require.Empty(t, head.body)
		for name := range a.header {
			require.NotContains(t, strings.ToLower(name), "x-ms-", "nothing says that it was the service")
		}
		s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 404)
	}
}

// A status that comes afterwards is that of a request that has been carried out: its own answer is lost.
func TestStatusAfterwards(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.gateway.Inject(gateway.Fault{Match: on(gateway.Create), Times: 1, Status: 408, SubStatus: 7, Afterwards: true,
		Message: "too slow", RetryAfter: 3 * time.Millisecond})
	a := s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p"}).want(t, 408, "7")
	require.Contains(t, a.text("message"), "too slow")
	require.Equal(t, "3", a.header.Get("x-ms-retry-after-ms"))
	s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 200)
	// What the request would have been refused with is lost like any answer.
	s.gateway.Inject(gateway.Fault{Match: on(gateway.Create), Times: 1, Status: 503, Afterwards: true})
	s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p"}).want(t, 503, "")
	// An operation of a bulk request cannot be answered afterwards.
	s.gateway.Inject(gateway.Fault{Match: on(gateway.BulkItem), Status: 503, Afterwards: true})
	all := s.do("POST", coll+"/docs", bulk, `[{"operationType":"Delete","id":"a","partitionKey":["p"]}]`).
		want(t, 200).results(t)
	require.Equal(t, []int{204}, statuses(all))
}

// A fault can be chosen for each request anew; what is not to happen uses up none of its times.
func TestChosenFaults(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var asked int
	var met []gateway.Operation
	s.gateway.Inject(gateway.Fault{Times: 2, Match: on(gateway.ListDatabases),
		Choose: func(gateway.Request) (gateway.Fault, bool) {
			asked++
			return gateway.Fault{Status: 500 + asked}, asked%2 == 0
		},
		Happens: func(r gateway.Request) { met = append(met, r.Operation) },
	})
	for _, want := range []int{200, 502, 200, 504, 200} {
		s.do("GET", "/dbs", nil, nil).want(t, want)
	}
	require.Equal(t, 4, asked, "then it is over")
	require.Equal(t, []gateway.Operation{gateway.ListDatabases, gateway.ListDatabases}, met)
}

// What a fault holds ends with the request, and with the server: closing it waits for none.
func TestHeldRequestsEnd(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]gateway.Fault{
		"held":    {Hold: func(ctx context.Context) { <-ctx.Done() }},
		"delayed": {Delay: 24 * time.Hour},
	} {
		for _, who := range []string{"client", "server"} {
			t.Run(name+", "+who, func(t *testing.T) {
				t.Parallel()
				s := newServer(t)
				arrived, over, f := make(chan struct{}), make(chan error, 1), f
				f.Happens = func(gateway.Request) { close(arrived) }
				s.gateway.Inject(f)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() {
					req, _ := http.NewRequestWithContext(ctx, "GET", s.url+"/", nil)
					res, err := s.http.Do(req)
					if err == nil {
						res.Body.Close()
					}
					over <- err
				}()
				<-arrived
				if who == "client" {
					cancel()
				} else {
					s.gateway.Close()
				}
				require.Error(t, <-over)
			})
		}
	}
}

// hijackable is a recorder of an answer whose connection can be taken over, as one of HTTP/1 can.
type hijackable struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.conn, nil, nil }

// A request whose client went away while it was held is not carried out, nor is one that is cut before: their
// connection is closed, and that is all.
func TestHeldRequestsOfLostClients(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for _, cut := range []gateway.Cut{gateway.NoCut, gateway.CutBefore} {
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		f := gateway.Fault{Times: 1, Cut: cut}
		if cut == gateway.NoCut {
			f.Hold = func(context.Context) { leave() }
		}
		s.gateway.Inject(f)
		date := time.Now().UTC().Format(http.TimeFormat)
		r := httptest.NewRequestWithContext(ctx, "POST", coll+"/docs", strings.NewReader(`{"id":"1","pk":"p"}`))
		for name, value := range pk("p").and(h{"x-ms-date": date,
			"authorization": signature(s.key, "POST", "docs", coll[1:], date)}) {
			r.Header.Set(name, value)
		}
		server, client := net.Pipe()
		w := hijackable{httptest.NewRecorder(), server}
		s.gateway.ServeRegion(w, r, 0)
		_, err := client.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
		require.Zero(t, w.Body.Len())
		s.do("GET", coll+"/docs/1", pk("p"), nil).want(t, 404)
	}
}

// A delay is a wait, and then the request goes on as if nothing had been.
func TestDelaysEnd(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.gateway.Inject(gateway.Fault{Delay: time.Millisecond})
	s.do("GET", "/dbs", nil, nil).want(t, 200)
	s.gateway.Inject(gateway.Fault{Delay: time.Millisecond, Status: 503})
	s.do("GET", "/dbs", nil, nil).want(t, 503)
}

// What a fault is told of a request is what the request says, whatever kind of thing it is about.
func TestWhatFaultsKnow(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	var seen []gateway.Request
	s.gateway.Inject(gateway.Fault{Match: func(r gateway.Request) bool { seen = append(seen, r); return false }})
	for _, test := range []struct {
		verb, path string
		headers    h
		want       gateway.Request
	}{
		{"GET", "/", nil, gateway.Request{Operation: gateway.ReadAccount}},
		{"GET", "/dbs/d", nil, gateway.Request{Operation: gateway.ReadDatabase, Database: "d"}},
		{"GET", coll, nil, gateway.Request{Operation: gateway.ReadContainer, Database: "d", Container: "c"}},
		{"GET", coll + "/docs/a", pk("p"), gateway.Request{Operation: gateway.Read, Database: "d", Container: "c",
			Item: "a", PartitionKey: `["p"]`}},
		{"GET", coll + "/docs", h{"x-ms-documentdb-partitionkeyrangeid": "2"},
			gateway.Request{Operation: gateway.List, Database: "d", Container: "c", Range: "2"}},
		{"GET", coll + "/sprocs/f", nil,
			gateway.Request{Operation: gateway.ManageScripts, Database: "d", Container: "c"}},
		{"GET", "/dbs/d/users/u", nil, gateway.Request{Operation: gateway.ManageUsers, Database: "d"}},
		{"GET", "/offers/o", nil, gateway.Request{Operation: gateway.ReadOffer}},
		{"GET", "/nothing/at/all", nil, gateway.Request{Operation: gateway.UnknownOperation}},
	} {
		seen = nil
		s.do(test.verb, test.path, test.headers, nil)
		require.Len(t, seen, 1)
		test.want.Region, test.want.Header = "South Central US", seen[0].Header
		require.Equal(t, test.want, seen[0], test.path)
		require.NotEmpty(t, seen[0].Header.Get("x-ms-date"))
	}
}
