package cosmostest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// send sends a signed request and returns the status, or 0 where the connection broke.
func send(ctx context.Context, srv *Server, endpoint, verb, path, body string, headers ...string) int {
	status, _, _ := exchange(ctx, srv, endpoint, verb, path, body, headers...)
	return status
}

// exchange is send with the answer's header and body.
func exchange(
	ctx context.Context, srv *Server, endpoint, verb, path, body string, headers ...string,
) (status int, header http.Header, answer string) {
	date := time.Now().UTC().Format(http.TimeFormat)
	parts := strings.Split(path, "/")[1:]
	kind, link := parts[len(parts)-1], strings.Join(parts[:len(parts)-1], "/")
	switch {
	case path == "/":
		kind, link = "", ""
	case len(parts)%2 == 0:
		kind, link = parts[len(parts)-2], strings.Join(parts, "/")
	}
	key, _ := base64.StdEncoding.DecodeString(srv.Key())
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.ToLower(verb) + "\n" + kind + "\n" + link + "\n" + strings.ToLower(date) + "\n\n"))
	req, _ := http.NewRequestWithContext(ctx, verb, strings.TrimSuffix(endpoint, "/")+path, strings.NewReader(body))
	req.Header.Set("x-ms-date", date)
	req.Header.Set("authorization",
		url.QueryEscape("type=master&ver=1.0&sig="+base64.StdEncoding.EncodeToString(mac.Sum(nil))))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := srv.HTTPClient().Do(req)
	if err != nil {
		return 0, nil, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, ""
	}
	return res.StatusCode, res.Header, string(text)
}

// shop makes container orders in database shop.
func shop(t *testing.T, srv *Server) {
	t.Helper()
	require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs", `{"id":"shop"}`))
	require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs/shop/colls",
		`{"id":"orders","partitionKey":{"paths":["/pk"],"version":2}}`))
}

func create(ctx context.Context, srv *Server, id string) int {
	return send(ctx, srv, srv.Endpoint(), "POST", "/dbs/shop/colls/orders/docs", `{"id":"`+id+`","pk":"p"}`,
		"x-ms-documentdb-partitionkey", `["p"]`)
}

func read(ctx context.Context, srv *Server, id string) int {
	return send(ctx, srv, srv.Endpoint(), "GET", "/dbs/shop/colls/orders/docs/"+id, "",
		"x-ms-documentdb-partitionkey", `["p"]`)
}

func TestServerSaysWhereItIs(t *testing.T) {
	t.Parallel()
	srv := NewServer()
	defer srv.Close()
	require.Regexp(t, `^http://127\.0\.0\.1:\d+/$`, srv.Endpoint())
	require.Equal(t, "AccountEndpoint="+srv.Endpoint()+";AccountKey="+DefaultKey+";", srv.ConnectionString())
	require.Equal(t, srv.ConnectionString()+"Database=shop", srv.DSN("shop"))
	require.Nil(t, srv.Certificate())
	require.Equal(t, 200, send(t.Context(), srv, srv.Endpoint(), "GET", "/", ""))
	srv.Close()
	srv.Close() // does nothing
	require.Equal(t, 0, send(t.Context(), srv, srv.Endpoint(), "GET", "/", ""))
}

func TestEveryAddress(t *testing.T) {
	t.Parallel()
	srv := NewServer(Addr(":0"))
	defer srv.Close()
	require.Regexp(t, `^http://127\.0\.0\.1:\d+/$`, srv.Endpoint())
	require.Equal(t, 200, send(t.Context(), srv, srv.Endpoint(), "GET", "/", ""))
}

func TestTLS(t *testing.T) {
	t.Parallel()
	srv := NewServer(TLS())
	defer srv.Close()
	require.True(t, strings.HasPrefix(srv.Endpoint(), "https://"))
	require.True(t, strings.HasSuffix(srv.DSN("shop"), ";InsecureSkipVerify=true"))
	require.Equal(t, 200, send(t.Context(), srv, srv.Endpoint(), "GET", "/", ""))
	require.NoError(t, srv.Certificate().VerifyHostname("localhost"))
	stranger := &http.Client{Transport: &http.Transport{}}
	defer stranger.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.Endpoint(), nil)
	require.NoError(t, err)
	_, err = stranger.Do(req)
	require.ErrorContains(t, err, "certificate")
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	taken := NewServer()
	t.Cleanup(taken.Close)
	for _, test := range []struct {
		name, want string
		opt        Option
	}{
		{"an address in use", "address already in use", Addr(taken.list()[0].address())},
		{"an address that is none", "missing port", Addr("127.0.0.1")},
		{"a key that is not base64", "master key is not base64", MasterKey("!")},
		{"an empty key", "master key is not base64", MasterKey("")},
		{"a read-only key that is not base64", "read-only key", ReadOnlyKey("!")},
		{"no memory for queries", "QueryMemory(0)", QueryMemory(0)},
		{"a level that does not exist", `"Weak" does not exist`, Consistency("Weak")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Start(test.opt)
			require.ErrorContains(t, err, test.want)
			require.Panics(t, func() { NewServer(test.opt) })
		})
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	srv := NewServer(Regions("West US", "East US"))
	defer srv.Close()
	west, east := srv.RegionEndpoint("westus"), srv.RegionEndpoint("East US")
	require.Equal(t, srv.Endpoint(), west)
	require.NotEqual(t, west, east)
	require.Empty(t, srv.RegionEndpoint("North"))
	require.Equal(t, 201, send(t.Context(), srv, west, "POST", "/dbs", `{"id":"d"}`))
	require.Equal(t, 200, send(t.Context(), srv, east, "GET", "/dbs/d", ""))
	require.Equal(t, 403, send(t.Context(), srv, east, "POST", "/dbs", `{"id":"e"}`), "not the write region")

	start := srv.StopRegion("West US")
	require.Equal(t, 0, send(t.Context(), srv, west, "GET", "/dbs/d", ""))
	require.Equal(t, 200, send(t.Context(), srv, east, "GET", "/dbs/d", ""))
	start()
	require.Equal(t, 200, send(t.Context(), srv, west, "GET", "/dbs/d", ""))

	multi := NewServer(Regions("West US", "East US"), MultiWrite())
	defer multi.Close()
	require.Equal(t, 201, send(t.Context(), multi, multi.RegionEndpoint("East US"), "POST", "/dbs", `{"id":"e"}`))
}

func TestClockAndThrottle(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	start := time.Now()
	srv := NewServer(Throttle(), Partitions(1),
		Clock(func() time.Time { return start.Add(time.Duration(ahead.Load())) }))
	defer srv.Close()
	shop(t, srv)
	last := 0
	for i := 0; last != 429; i++ {
		require.Less(t, i, 100, "400 RU/s are for about 71 writes")
		last = create(t.Context(), srv, strings.Repeat("x", i+1))
	}
	ahead.Store(int64(time.Second))
	require.Equal(t, 201, create(t.Context(), srv, "later"))
}

// A server per test, or thousands in a process, must cost next to nothing.
func TestCompositeIndexes(t *testing.T) {
	t.Parallel()
	const sorted = `{"query":"SELECT * FROM c ORDER BY c.a, c.b DESC"}`
	for _, tt := range []struct {
		name    string
		options []Option
		index   string
		want    int
	}{
		{"without the index", nil, `[]`, 400},
		{"with another index", nil, `[[{"path":"/a"},{"path":"/b"}]]`, 400},
		{"with the index", nil, `[[{"path":"/a"},{"path":"/b","order":"descending"}]]`, 200},
		{"kind server", []Option{WithoutCompositeIndexes()}, `[]`, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(tt.options...)
			defer srv.Close()
			ctx := t.Context()
			require.Equal(t, 201, send(ctx, srv, srv.Endpoint(), "POST", "/dbs", `{"id":"d"}`))
			container := `{"id":"c","partitionKey":{"paths":["/pk"],"version":2},` +
				`"indexingPolicy":{"compositeIndexes":` + tt.index + `}}`
			require.Equal(t, 201, send(ctx, srv, srv.Endpoint(), "POST", "/dbs/d/colls", container))
			require.Equal(t, tt.want, send(ctx, srv, srv.Endpoint(), "POST", "/dbs/d/colls/c/docs", sorted,
				"content-type", "application/query+json", "x-ms-documentdb-partitionkey", `["p"]`))
		})
	}
}

func TestManyServers(t *testing.T) {
	t.Parallel()
	for range 300 {
		srv := NewServer()
		require.Equal(t, 200, send(t.Context(), srv, srv.Endpoint(), "GET", "/", ""))
		srv.Close()
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		NewServer().Close()
	}
}

// Every port speaks HTTP/1.1 and HTTP/2: over TLS by negotiation, on plain ports with prior knowledge.
func TestProtocols(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		opts := []Option{Partitions(1)}
		if secure {
			opts = append(opts, TLS())
		}
		srv := NewServer(opts...)
		defer srv.Close()
		for _, major := range []int{1, 2} {
			var protocols http.Protocols
			protocols.SetHTTP1(major == 1)
			protocols.SetHTTP2(major == 2 && secure)
			protocols.SetUnencryptedHTTP2(major == 2 && !secure)
			transport := &http.Transport{Protocols: &protocols}
			if secure {
				pool := x509.NewCertPool()
				pool.AddCert(srv.Certificate())
				transport.TLSClientConfig = &tls.Config{RootCAs: pool}
			}
			res, err := (&http.Client{Transport: transport}).Get(srv.Endpoint())
			require.NoError(t, err)
			res.Body.Close()
			require.Equal(t, []int{401, major}, []int{res.StatusCode, res.ProtoMajor})
			end := srv.Inject(Fault{Cut: CutAfter})
			_, err = (&http.Client{Transport: transport}).Get(srv.Endpoint())
			require.Error(t, err, "a stream can be cut, too")
			end()
			transport.CloseIdleConnections()
		}
	}
}

// Strict verifiers, such as every Rust client's, refuse an authority's certificate as a server's.
func TestCertificateIsNoAuthority(t *testing.T) {
	t.Parallel()
	srv := NewServer(TLS())
	defer srv.Close()
	cert := srv.Certificate()
	require.False(t, cert.IsCA)
	require.Zero(t, cert.KeyUsage&x509.KeyUsageCertSign)
	require.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, cert.ExtKeyUsage)
}
