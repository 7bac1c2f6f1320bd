package driver_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// account is a server that knows nothing but its own properties, and counts how often it was asked.
func account(t *testing.T) (srv *httptest.Server, asked *atomic.Int32) {
	asked = &atomic.Int32{}
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"test","writableLocations":[],"readableLocations":[]}`)
	}))
	t.Cleanup(srv.Close)
	return srv, asked
}

func config(srv *httptest.Server) driver.Config {
	return driver.Config{Endpoint: srv.URL + "/", Key: key, Database: "shop"}
}

func TestRegistered(t *testing.T) {
	t.Parallel()
	require.True(t, slices.Contains(sql.Drivers(), driver.Name))
	db, err := sql.Open("cosmos", "cosmos://"+escapedKey+"@localhost/shop")
	require.NoError(t, err)
	require.IsType(t, driver.Driver{}, db.Driver())
	require.NoError(t, db.Close())
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, dsn, want string }{
		{"bad DSN", "nonsense", "is not of the form Name=value"},
		{"missing endpoint", "AccountKey=" + key, "missing endpoint"},
		{"missing key", "cosmos://localhost/shop", "missing key"},
		{"malformed key", "AccountEndpoint=https://localhost;AccountKey=c2VjcmV0c2VjcmV0*",
			"the account key is not valid base64"},
		{"key and token", "cosmos://" + escapedKey + "@localhost?resource_token=a", "more than one of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := sql.Open("cosmos", tt.dsn)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "c2VjcmV0")
			_, err = driver.Driver{}.Open(tt.dsn)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestOpenConnectorErrors(t *testing.T) {
	t.Parallel()
	cred, err := cosmos.KeyCredential(key)
	require.NoError(t, err)
	for _, tt := range []struct {
		name string
		cfg  driver.Config
		want string
	}{
		{"nothing", driver.Config{}, "cosmos: missing endpoint"},
		{"bad endpoint", driver.Config{Endpoint: "localhost"}, "cosmos: the endpoint does not start with https://"},
		{"no credential", driver.Config{Endpoint: "https://localhost/"}, "cosmos: missing key"},
		{"two", driver.Config{Endpoint: "https://localhost/", Key: key, Credential: &cred}, "cosmos: more than one of"},
		{"a key that is none", driver.Config{Endpoint: "https://localhost/", Key: "not base64"},
			"cosmos: the account key is not valid base64"},
		{"a credential that nobody registered",
			driver.Config{Endpoint: "https://localhost/", CredentialName: "nobody's"},
			"call cosmos.RegisterCredential"},
		{"two shares of the throughput", driver.Config{
			Endpoint: "https://localhost/", Key: key, TargetThroughput: 400, TargetThroughputThreshold: 0.5,
		}, "TargetThroughput"},
		{"bad database", driver.Config{Endpoint: "https://localhost/", Key: key, Database: "a/b"},
			`cosmos: database id "a/b"`},
		{"empty credential", driver.Config{Endpoint: "https://localhost/", Credential: &cosmos.Credential{}},
			"credential is empty"},
		{
			"skip verify of a foreign client",
			driver.Config{Endpoint: "https://localhost/", Key: key, InsecureSkipVerify: true,
				HTTPClient: &http.Client{}},
			"InsecureSkipVerify",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := driver.OpenConnector(tt.cfg)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestOpenSendsNothingAndPingAsks(t *testing.T) {
	t.Parallel()
	srv, asked := account(t)
	db, err := sql.Open("cosmos", config(srv).FormatDSN())
	require.NoError(t, err)
	defer db.Close()
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.Zero(t, asked.Load())
	require.NoError(t, conn.PingContext(t.Context()))
	require.NotZero(t, asked.Load())
}

func TestPingFails(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, `{"code":"Unauthorized","message":"no"}`, http.StatusUnauthorized)
	}))
	defer srv.Close()
	c, err := driver.OpenConnector(config(srv))
	require.NoError(t, err)
	db := sql.OpenDB(c)
	defer db.Close()
	err = db.PingContext(t.Context())
	require.ErrorIs(t, err, cosmos.ErrUnauthorized)
	require.NotContains(t, err.Error(), key)
}

func TestTimeoutEndsAnAttempt(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(srv.Close)
	cfg := config(srv)
	cfg.Timeout = 10 * time.Millisecond
	c, err := driver.OpenConnector(cfg)
	require.NoError(t, err)
	db := sql.OpenDB(c)
	defer db.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.Error(t, db.PingContext(ctx))
	require.NoError(t, ctx.Err(), "the attempt ended before the caller's patience")
}

func TestConnectWithoutAClient(t *testing.T) {
	t.Parallel()
	db := sql.OpenDB(driver.NewConnector(nil, driver.Config{Database: "shop"}))
	defer db.Close()
	require.ErrorContains(t, db.PingContext(t.Context()), "nil client")
}

func TestConnectHonoursItsContext(t *testing.T) {
	t.Parallel()
	srv, _ := account(t)
	c, err := driver.OpenConnector(config(srv))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Connect(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestCloseOfAnOwnedClient(t *testing.T) {
	t.Parallel()
	srv, _ := account(t)
	c, err := driver.OpenConnector(config(srv))
	require.NoError(t, err)
	db := sql.OpenDB(c)
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	require.Same(t, c.Client(), client)
	_, err = client.Account(t.Context())
	require.NoError(t, err)
	require.NoError(t, db.Close())
	_, err = client.Account(t.Context())
	require.ErrorIs(t, err, cosmos.ErrClosed)
}

func TestCloseOfASharedClient(t *testing.T) {
	t.Parallel()
	srv, _ := account(t)
	cred, err := cosmos.KeyCredential(key)
	require.NoError(t, err)
	client, err := cosmos.NewClient(srv.URL, cred, nil)
	require.NoError(t, err)
	db := sql.OpenDB(driver.NewConnector(client, driver.Config{Database: "shop"}))
	same, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	require.Same(t, client, same)
	require.NoError(t, db.Close())
	_, err = client.Account(t.Context())
	require.NoError(t, err)
	require.NoError(t, client.Close())
}

func TestFromConnNeedsNoSecondConnection(t *testing.T) {
	t.Parallel()
	srv, _ := account(t)
	c, err := driver.OpenConnector(config(srv))
	require.NoError(t, err)
	db := sql.OpenDB(c)
	defer db.Close()
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	client, err := cosmos.FromConn(conn)
	require.NoError(t, err)
	require.Same(t, c.Client(), client)
}

// TestDriverOpen is the way of programs that know only driver.Driver: one connection with its own client.
func TestDriverOpen(t *testing.T) {
	t.Parallel()
	srv, _ := account(t)
	conn, err := driver.Driver{}.Open(config(srv).FormatDSN())
	require.NoError(t, err)
	own := conn.(interface{ CosmosClient() *cosmos.Client })
	_, err = own.CosmosClient().Account(t.Context())
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	_, err = own.CosmosClient().Account(t.Context())
	require.ErrorIs(t, err, cosmos.ErrClosed)
}

func TestConnIsValidUntilClosed(t *testing.T) {
	t.Parallel()
	srv, _ := account(t)
	c, err := driver.OpenConnector(config(srv))
	require.NoError(t, err)
	conn, err := c.Connect(t.Context())
	require.NoError(t, err)
	own := conn.(*cosmossql.Conn)
	require.True(t, own.IsValid())
	require.NoError(t, own.ResetSession(t.Context()))
	require.NoError(t, own.Close())
	require.False(t, own.IsValid())
}

func TestConnectorPrintsNoSecrets(t *testing.T) {
	t.Parallel()
	c, err := driver.OpenConnector(driver.Config{Endpoint: "https://localhost/", Key: key, Database: "shop"})
	require.NoError(t, err)
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%+v", *c)} {
		require.False(t, strings.Contains(text, key) || strings.Contains(text, escapedKey), text)
		require.Contains(t, text, "xxxxx@localhost/shop")
	}
	require.IsType(t, driver.Driver{}, c.Driver())
}
