package cosmostest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// told is what the account document says when it is asked for at an address.
type told struct {
	ID                                   string
	WritableLocations, ReadableLocations []struct{ Name, DatabaseAccountEndpoint string }
}

// ask reads the account at an address; host, unless "", is the name that the request says it was sent to. A token in
// the place of a signature does for reading.
func ask(t *testing.T, srv *Server, endpoint, host string) (int, told) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", endpoint, nil)
	require.NoError(t, err)
	if host != "" {
		req.Host = host
	}
	token, err := srv.TokenCredential().GetToken(t.Context(), TokenOptions{})
	require.NoError(t, err)
	req.Header.Set("authorization", url.QueryEscape("type=aad&ver=1.0&sig="+token.Token))
	res, err := srv.HTTPClient().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	var a told
	if res.StatusCode == 200 {
		require.NoError(t, json.Unmarshal(body, &a))
	}
	return res.StatusCode, a
}

func TestOnePort(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]Option{{}, {TLS()}} {
		srv := RunT(t, append(opts, Regions("West US", "East US 2"), OnePort("documents.azure.com"),
			AccountName("shop-dev"))...)
		port := srv.Address()[strings.LastIndex(srv.Address(), ":"):]
		require.Equal(t, srv.scheme()+"://shop-dev.documents.azure.com"+port+"/", srv.Endpoint())
		west, east := srv.RegionEndpoint("West US"), srv.RegionEndpoint("eastus2")
		require.Equal(t, srv.scheme()+"://shop-dev-eastus2.documents.azure.com"+port+"/", east)

		status, a := ask(t, srv, srv.Endpoint(), "")
		require.Equal(t, 200, status)
		require.Equal(t, "shop-dev", a.ID)
		require.Equal(t, west, a.WritableLocations[0].DatabaseAccountEndpoint)
		require.Equal(t, east, a.ReadableLocations[1].DatabaseAccountEndpoint)
		if srv.Certificate() != nil {
			continue // names are what matters there: the rest is no different
		}
		_, a = ask(t, srv, srv.Endpoint(), "shop-dev.documents.azure.com")
		require.Equal(t, "http://shop-dev-eastus2.documents.azure.com/", a.ReadableLocations[1].DatabaseAccountEndpoint,
			"asked without a port, as through a proxy")

		shop(t, srv)
		require.Equal(t, 201, send(t.Context(), srv, west, "POST", "/dbs", `{"id":"a"}`))
		require.Equal(t, 403, send(t.Context(), srv, east, "POST", "/dbs", `{"id":"b"}`), "it does not write")
		require.NoError(t, srv.MoveWriteRegion("East US 2"))
		require.Equal(t, 201, send(t.Context(), srv, east, "POST", "/dbs", `{"id":"b"}`))
		require.Equal(t, 403, send(t.Context(), srv, west, "POST", "/dbs", `{"id":"c"}`))

		require.NoError(t, srv.AddRegion("UK South"))
		south := srv.RegionEndpoint("UK South")
		require.Equal(t, 200, send(t.Context(), srv, south, "GET", "/dbs/a", ""))
		require.NoError(t, srv.RemoveRegion("UK South"))
		require.Equal(t, 403, send(t.Context(), srv, south, "GET", "/dbs/a", ""), "its name is still there")
		require.NoError(t, srv.AddRegion("UK South"))
		require.Equal(t, 200, send(t.Context(), srv, south, "GET", "/dbs/a", ""))
		require.ErrorContains(t, srv.AddRegion("UK/South"), "cannot be part of a host's name")

		never, _ := ask(t, srv, srv.Endpoint(), "shop-dev-nowhere.documents.azure.com")
		require.Equal(t, 421, never)
		status, _ = ask(t, srv, "http://"+srv.Address(), "")
		require.Equal(t, 200, status, "the address itself is the account")
	}
}

func TestAdvertise(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Regions("West US", "East US"), Advertise("localhost"))
	_, a := ask(t, srv, "http://"+srv.Address(), "")
	require.Equal(t, srv.RegionEndpoint("East US"), a.ReadableLocations[1].DatabaseAccountEndpoint)
	require.Regexp(t, `^http://localhost:\d+/$`, a.ReadableLocations[1].DatabaseAccountEndpoint)
	require.Regexp(t, `^http://localhost:\d+/$`, srv.Endpoint())

	srv = RunT(t, Advertise("cosmos.test:443"))
	_, a = ask(t, srv, "http://"+srv.Address(), "")
	require.Equal(t, "http://cosmos.test:443/", a.ReadableLocations[0].DatabaseAccountEndpoint)
	require.ErrorContains(t, srv.AddRegion("East US"), "each region has a port of its own")

	for host, want := range map[string]string{
		"::1": "http://[::1]:", "my_db.test": "http://my_db.test:", "[::1]:443": "http://[::1]:443/",
	} {
		require.Contains(t, RunT(t, Advertise(host)).Endpoint(), want)
	}
}

func TestWrongNames(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]Option{
		`AccountName("Shop"): 3 to 44`:                     {AccountName("Shop")},
		`OnePort("a b"): a domain`:                         {OnePort("a b")},
		`leave out Advertise("x")`:                         {OnePort("a"), Advertise("x")},
		`each region has a port of its own`:                {Regions("a", "b"), Advertise("x:1")},
		`Advertise("http://x"): a host is wanted`:          {Advertise("http://x")},
		`Advertise("a b"): a host is wanted`:               {Advertise("a b")},
		`Advertise("[::1]"): a host is wanted`:             {Advertise("[::1]")},
		`Advertise(":443"): a host is wanted`:              {Advertise(":443")},
		`Advertise("x:y"): a host is wanted`:               {Advertise("x:y")},
		`Advertise("x:70000"): a host is wanted`:           {Advertise("x:70000")},
		`a region has no name`:                             {Regions("a", " ")},
		`the region "West/US" cannot be part of a host's `: {Regions("West/US"), OnePort("a")},
	} {
		_, err := Start(opts...)
		require.ErrorContains(t, err, want)
	}
}

// Everyone who wants to know of the requests is told.
func TestObservers(t *testing.T) {
	t.Parallel()
	var first, second []int
	srv := RunT(t, Observe(func(x Exchange) { first = append(first, x.Status) }),
		Observe(func(x Exchange) { second = append(second, x.Status) }))
	require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs", `{"id":"shop"}`))
	require.Equal(t, []int{201}, first)
	require.Equal(t, []int{201}, second)
}

func TestAccountStatus(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Regions("West US", "East US"))
	shop(t, srv)
	require.NoError(t, srv.PauseReplication("West US", "East US"))
	require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs/shop/colls/orders/docs",
		`{"id":"1","pk":"ann"}`,
		"x-ms-documentdb-partitionkey", `["ann"]`))
	require.NoError(t, srv.DrainRegion("East US"))
	srv.SetThrottle(true)
	a := srv.Account()
	require.Equal(t, []RegionStatus{{"West US", srv.RegionEndpoint("West US"), true, false},
		{"East US", srv.RegionEndpoint("East US"), false, true}}, a.Regions)
	require.Equal(t, ReplicationStatus{From: "West US", To: "East US", Paused: true, Waiting: 1}, a.Replication[0])
	require.Equal(t, ReplicationStatus{From: "East US", To: "West US"}, a.Replication[1])
	require.True(t, a.Throttled)
	require.ErrorContains(t, srv.Load([]byte("{\"databases\": [\n{\"id\": \"shop\"}]}")),
		"load: line 2: database \"shop\"")
	require.NoError(t, srv.Load([]byte(`{"databases": [{"id": "more"}]}`)))
}
