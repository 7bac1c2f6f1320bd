package gateway_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// told are the addresses of the regions that the account document tells a client that asked by a host.
func told(t *testing.T, region http.Handler, host string) (endpoints []string) {
	t.Helper()
	date := time.Now().UTC().Format(http.TimeFormat)
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = host
	r.Header.Set("x-ms-date", date)
	r.Header.Set("authorization", signature(testKey, "GET", "", "", date))
	w := httptest.NewRecorder()
	region.ServeHTTP(w, r)
	var account struct {
		ReadableLocations []struct{ DatabaseAccountEndpoint string }
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &account), w.Body.String())
	for _, l := range account.ReadableLocations {
		endpoints = append(endpoints, l.DatabaseAccountEndpoint)
	}
	return endpoints
}

// A client must reach each region by the address that it is told, wherever it runs: in a container that knows the
// server by another name, behind a forwarded port, or on the same machine.
func TestAddressesReachTheRegions(t *testing.T) {
	t.Parallel()
	loopback := []string{"127.0.0.1:8081", "127.0.0.1:8082"}
	named := []string{"shop.example:443", "shop-east.example:443"}
	for _, test := range []struct {
		name      string
		options   gateway.Options
		endpoints []string
		host      string
		want      []string
	}{
		{"one region, as it was asked by", gateway.Options{}, loopback[:1], "emulator:9000", []string{"emulator:9000"}},
		{"one region, without a port", gateway.Options{}, loopback[:1], "emulator", []string{"emulator"}},
		{"one region, a client that names no host", gateway.Options{}, loopback[:1], "", loopback[:1]},
		{"one region, fixed", gateway.Options{FixedAddresses: true}, loopback[:1], "emulator:9000", loopback[:1]},
		{"the host of the client, each region's port", gateway.Options{}, loopback, "emulator:8081",
			[]string{"emulator:8081", "emulator:8082"}},
		{"a host without a port", gateway.Options{}, loopback, "emulator", []string{"emulator:8081", "emulator:8082"}},
		{"a host of IPv6", gateway.Options{}, loopback, "[::1]:8081", []string{"[::1]:8081", "[::1]:8082"}},
		{"another machine's addresses", gateway.Options{}, []string{"10.0.0.5:8081", "10.0.0.6:8081"}, "localhost:8081",
			[]string{"10.0.0.5:8081", "10.0.0.6:8081"}},
		{"fixed ones", gateway.Options{FixedAddresses: true}, loopback, "emulator:9000", loopback},
		{"names at the client's port", gateway.Options{Named: true}, named, "shop.example:9000",
			[]string{"shop.example:9000", "shop-east.example:9000"}},
		{"names at the port of the scheme", gateway.Options{Named: true}, named, "shop.example",
			[]string{"shop.example", "shop-east.example"}},
		{"names, fixed", gateway.Options{Named: true, FixedAddresses: true}, named, "shop.example:9000", named},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := test.options
			o.Key, o.Scheme = testKey, "https"
			names := []string{"West US", "East US"}[:len(test.endpoints)]
			g, err := gateway.New(store.NewAccount(store.Options{Regions: names}), o)
			require.NoError(t, err)
			t.Cleanup(g.Close)
			var first http.Handler
			for i := len(test.endpoints) - 1; i >= 0; i-- { // regions may get their addresses in any order
				first = g.Serve(i, test.endpoints[i])
			}
			var want []string
			for _, endpoint := range test.want {
				want = append(want, "https://"+endpoint+"/")
			}
			require.Equal(t, want, told(t, first, test.host))
		})
	}
}

// far is the second region of an account of two, which s is the first of.
func (s *server) far() *server {
	s.t.Helper()
	there := httptest.NewServer(s.gateway.Serve(1, ""))
	s.t.Cleanup(there.Close)
	other := *s
	other.url = there.URL
	return &other
}

func twoRegions(_ *gateway.Options, o *store.Options) {
	o.Regions, o.Partitions = []string{"West US", "East US"}, 1
}

// One region writes, and the other says so to whoever would write there: documents and all else.
func TestOneRegionWrites(t *testing.T) {
	t.Parallel()
	s := newServer(t, twoRegions)
	far := s.far()
	coll := s.container("/pk")
	s.do("POST", coll+"/docs", pk("p"), h{"id": "1", "pk": "p"}).want(t, 201)
	writes := []struct {
		verb, path string
		headers    h
		body       any
		status     int // where it is allowed
	}{
		{"POST", "/dbs", nil, h{"id": "e"}, 201},
		{"DELETE", "/dbs/e", nil, nil, 204},
		{"PUT", coll, nil, `{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`, 200},
		{"POST", coll + "/sprocs", nil, h{"id": "s", "body": "x"}, 201},
		{"DELETE", coll + "/sprocs/s", nil, nil, 204},
		{"POST", coll + "/docs", pk("p"), h{"id": "2", "pk": "p"}, 201},
		{"POST", coll + "/docs", pk("p").and(h{"x-ms-documentdb-is-upsert": "True"}), h{"id": "2", "pk": "p"}, 200},
		{"PATCH", coll + "/docs/2", pk("p"), `[{"op":"add","path":"/n","value":1}]`, 200},
		{"POST", coll + "/docs", pk("p").and(atomicBatch), `[{"operationType":"Delete","id":"2"}]`, 200},
	}
	here, there := s, far
	for _, moved := range []bool{false, true} {
		if moved {
			require.NoError(t, s.account.MoveWrites(1))
			here, there = far, s
		}
		for _, w := range writes {
			there.do(w.verb, w.path, w.headers, w.body).want(t, 403, "3")
			here.do(w.verb, w.path, w.headers, w.body).want(t, w.status)
		}
		there.do("GET", coll+"/docs/1", pk("p"), nil).want(t, 200)
		require.Len(t, there.query(coll, "SELECT * FROM c", cross), 1, "a query is a POST and reads all the same")
	}
	account := s.do("GET", "/", nil, nil).want(t, 200)
	require.Equal(t, "East US", account.rows("writableLocations")[0].(map[string]any)["name"])
	require.Len(t, account.rows("writableLocations"), 1)
	require.Equal(t, account.rows("readableLocations")[0], account.rows("writableLocations")[0])
}

// A region that is being removed serves nothing, and says that the account does not exist there. The account is told by
// the first region alone, so that clients learn where to go.
func TestDrainedRegion(t *testing.T) {
	t.Parallel()
	for drained, name := range []string{"West US", "East US"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, twoRegions)
			far := s.far()
			coll := s.container("/pk")
			gone, other := far, s
			if drained == 0 {
				require.NoError(t, s.account.MoveWrites(1))
				gone, other = s, far
			}
			require.NoError(t, s.account.Drain(drained))
			a := gone.do("GET", coll+"/docs/1", pk("p"), nil).want(t, 403, "1008")
			require.Equal(t, []any{"Forbidden", []any{}}, []any{a.get("code"), a.get("readableLocations")})
			for _, path := range []string{"/dbs", coll, coll + "/pkranges"} {
				gone.do("GET", path, nil, nil).want(t, 403, "1008")
			}
			gone.do("POST", coll+"/docs", pk("p"), h{"id": "1", "pk": "p"}).want(t, 403, "1008")
			gone.do("GET", "/", nil, nil).want(t, map[int]int{0: 200, 1: 403}[drained])
			require.Len(t, other.do("GET", "/", nil, nil).want(t, 200).rows("readableLocations"), 2,
				"it is still listed")
			other.do("POST", coll+"/docs", pk("p"), h{"id": "1", "pk": "p"}).want(t, 201)
			require.NoError(t, s.account.CancelDrain(drained))
			gone.do("GET", coll+"/docs/1", pk("p"), nil).want(t, 200)
		})
	}
}

// Where single partitions may fail over, a region takes the writes of those that it writes, and of nothing else.
func TestPartitionsFailOver(t *testing.T) {
	t.Parallel()
	s := newServer(t, twoRegions, func(o *gateway.Options, so *store.Options) {
		o.PartitionFailover, so.Partitions = true, 2
	})
	far := s.far()
	coll := s.container("/pk")
	first := s.do("POST", coll+"/docs", pk("p0"), h{"id": "1", "pk": "p0"}).want(t, 201)
	moved := first.header.Get("x-ms-documentdb-partitionkeyrangeid")
	stays := ""
	for _, key := range []string{"p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"} {
		a := s.do("POST", coll+"/docs", pk(key), h{"id": "1", "pk": key}).want(t, 201)
		if a.header.Get("x-ms-documentdb-partitionkeyrangeid") != moved {
			stays = key
		}
	}
	require.NotEmpty(t, stays)
	put := func(s *server, key string) answer {
		return s.do("PUT", coll+"/docs/1", pk(key), h{"id": "1", "pk": key})
	}
	put(far, "p0").want(t, 403, "3")
	c, err := s.account.Container("d", "c")
	require.NoError(t, err)
	_, err = c.FailOverPartition(moved, 1, false)
	require.NoError(t, err)
	put(far, "p0").want(t, 200)
	put(s, "p0").want(t, 403, "3")
	put(far, stays).want(t, 403, "3")
	put(s, stays).want(t, 200)
	far.do("POST", "/dbs", nil, h{"id": "e"}).want(t, 403, "3")
}
