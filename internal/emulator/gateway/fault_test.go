package gateway_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
)

func on(op gateway.Operation) func(gateway.Request) bool {
	return func(r gateway.Request) bool { return r.Operation == op }
}

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	end := s.gateway.Inject(gateway.Fault{Match: on(gateway.Create), Status: 429, SubStatus: 3200,
		RetryAfter: 1500 * time.Millisecond, Message: "slow down"})
	a := s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p"}).want(t, 429, "3200")
	require.Equal(t, "1500", a.header.Get("x-ms-retry-after-ms"))
	require.Contains(t, a.text("message"), "slow down")
	require.Equal(t, "TooManyRequests", a.text("code"))
	s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 404)
	end()
	end() // ending twice does no harm
	s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p"}).want(t, 201)
	require.Equal(t, 2, s.gateway.Count(gateway.Create))
	require.Equal(t, 0, s.gateway.Count(gateway.Delete))

	s.gateway.Inject(gateway.Fault{Match: on(gateway.Read), Times: 1, Status: 503})
	e := s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 503, "")
	require.Contains(t, e.text("message"), "injected")
	s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 200)
}

func TestFaultsHappenInOrder(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var order []string
	note := func(what string) func(context.Context) { return func(context.Context) { order = append(order, what) } }
	s.gateway.Inject(gateway.Fault{Hold: note("first")})
	s.gateway.Inject(gateway.Fault{Hold: note("second"), Status: 500})
	s.gateway.Inject(gateway.Fault{Hold: note("third")})
	s.do("GET", "/dbs", nil, nil).want(t, 500)
	require.Equal(t, []string{"first", "second"}, order, "an answer ends it")
}

// A fault comes before the signature is looked at: it stands for what is between the client and the service.
func TestFaultsAreBeforeAccess(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	end := s.gateway.Inject(gateway.Fault{Status: 502})
	s.raw("GET", "/dbs", nil, nil).want(t, 502)
	end()
	s.raw("GET", "/dbs", nil, nil).want(t, 401)
}

func TestCuts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for _, test := range []struct {
		name   string
		cut    gateway.Cut
		exists int
	}{
		{"before", gateway.CutBefore, 404},
		{"after", gateway.CutAfter, 200},
		{"body", gateway.CutBody, 200},
	} {
		s.gateway.Inject(gateway.Fault{Match: on(gateway.Create), Times: 1, Cut: test.cut})
		require.Zero(t, s.broken("POST", coll+"/docs", pk("p"), h{"id": test.name, "pk": "p"}),
			"%s: no whole answer", test.name)
		s.do("GET", coll+"/docs/"+test.name, pk("p"), nil).want(t, test.exists)
	}
	// A refusal can be lost, too.
	s.gateway.Inject(gateway.Fault{Match: on(gateway.Create), Times: 1, Cut: gateway.CutAfter, Status: 409})
	require.Zero(t, s.broken("POST", coll+"/docs", pk("p"), h{"id": "x", "pk": "p"}))
}

func TestBulkItemsCanFail(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	body := `[{"operationType":"Create","partitionKey":"[\"p\"]","resourceBody":{"id":"a","pk":"p"}},
		{"operationType":"Delete","id":"b","partitionKey":"[\"p\"]"}]`
	var seen []gateway.Request
	s.gateway.Inject(gateway.Fault{Times: 1, Status: 429, SubStatus: 3200, RetryAfter: 7 * time.Millisecond,
		Match: func(r gateway.Request) bool {
			if r.Operation == gateway.BulkItem {
				seen = append(seen, r)
			}
			return r.Operation == gateway.BulkItem && r.Item == "a"
		}})
	all := s.do("POST", coll+"/docs", bulk, body).want(t, http.StatusMultiStatus).results(t)
	require.Equal(t, []int{429, 404}, statuses(all))
	require.Equal(t, 7, all[0].RetryAfterMilliseconds)
	require.Equal(t, []string{"a", `["p"]`}, []string{seen[0].Item, seen[0].PartitionKey})
	all = s.do("POST", coll+"/docs", bulk, body).want(t, http.StatusMultiStatus).results(t)
	require.Equal(t, []int{201, 404}, statuses(all))
}

// What a drained region answers is not what a partition that moves answers with the same substatus.
func TestFaultsOfRegionsAndRanges(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for _, f := range []struct {
		status, sub int
		code        string
		members     []string
	}{
		{403, 1008, "Forbidden", []string{"code", "id", "message", "readableLocations", "writableLocations"}},
		{410, 1008, "Gone", []string{"code", "message"}},
		{410, 1007, "Gone", []string{"code", "message"}},
		{410, 1002, "Gone", []string{"code", "message"}},
	} {
		end := s.gateway.Inject(gateway.Fault{Status: f.status, SubStatus: f.sub, Times: 1})
		a := s.do("GET", coll+"/docs/x", pk("p"), nil).want(t, f.status, strconv.Itoa(f.sub))
		end()
		var body map[string]any
		require.NoError(t, json.Unmarshal([]byte(a.body), &body))
		require.Equal(t, f.code, body["code"])
		require.Equal(t, f.members, slices.Sorted(maps.Keys(body)), "%d/%d", f.status, f.sub)
		if f.status == 403 {
			require.Contains(t, body["message"], "Database Account cosmostest does not exist")
			require.Empty(t, a.header.Get("x-ms-request-charge"))
			require.Empty(t, a.header.Get("x-ms-session-token"))
			require.Equal(t, []any{}, body["writableLocations"])
		}
	}
}

// TestFaultsHaveTheContainersToken: whatever is asked of the documents, a refusal that a fault makes has a session
// token that they have reached, though it comes before the container is looked for.
func TestFaultsHaveTheContainersToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for _, test := range []struct {
		op         gateway.Operation
		verb, path string
		headers    h
		body       any
	}{
		{gateway.Read, "GET", "/docs/a", pk("p"), nil},
		{gateway.Create, "POST", "/docs", pk("p"), h{"id": "a", "pk": "p"}},
		{gateway.List, "GET", "/docs", nil, nil},
		{gateway.ChangeFeed, "GET", "/docs", h{"a-im": "Incremental Feed"}, nil},
		{gateway.ReadRanges, "GET", "/pkranges", nil, nil},
		{gateway.ListConflicts, "GET", "/conflicts", nil, nil},
	} {
		s.gateway.Inject(gateway.Fault{Match: on(test.op), Times: 1, Status: 412})
		a := s.do(test.verb, coll+test.path, test.headers, test.body).want(t, 412)
		token := a.header.Get("x-ms-session-token")
		require.NotEmpty(t, token, test.op)
		s.do("GET", coll+"/docs", h{"x-ms-session-token": token}, nil).want(t, 200)
	}
}
