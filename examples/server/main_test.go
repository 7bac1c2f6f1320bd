package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/cosmossql/cosmossql/cosmos"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

func noEnv(string) (string, bool) { return "", false }

// running is the program while it runs.
type running struct {
	said  map[string]string // what it has printed, by what stands before the colon
	ready ready
	errs  *locked
	stop  func() // interrupts it and waits
}

// locked is a buffer that several goroutines write to.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs the program on free ports.
func start(t *testing.T, env func(string) (string, bool), args ...string) *running {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	out, w := io.Pipe()
	end := make(chan error, 1)
	x := &running{said: map[string]string{}, errs: &locked{}}
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0", "-health", "127.0.0.1:0"}, args...), env, w, x.errs)
		w.CloseWithError(errors.Join(err, io.EOF))
		end <- err
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Interrupt") {
		if strings.HasPrefix(lines.Text(), "{") {
			require.NoError(t, json.Unmarshal(lines.Bytes(), &x.ready))
			continue
		}
		name, text, _ := strings.Cut(lines.Text(), ":")
		x.said[strings.TrimSpace(name)] = strings.TrimSpace(text)
	}
	require.Contains(t, x.said, "endpoint", "%v", lines.Err())
	go io.Copy(io.Discard, out)
	var once sync.Once
	x.stop = func() {
		once.Do(func() {
			interrupt()
			require.NoError(t, <-end)
		})
	}
	t.Cleanup(x.stop)
	return x
}

func (x *running) client(t *testing.T) *cosmos.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := cosmos.NewClientFromConnectionString(x.said["connection string"],
		&cosmos.ClientOptions{HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// get asks the second address.
func (x *running) get(t *testing.T, method, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method,
		strings.TrimSuffix(x.said["health"], "/ready")+path, nil)
	require.NoError(t, err)
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(body)
}

func rows(t *testing.T, c *cosmos.Client, container, query string, args ...any) []string {
	t.Helper()
	var out []string
	for row, err := range cosmos.Query[json.RawMessage](t.Context(), c.Database("shop").Container(container),
		query, args...) {
		require.NoError(t, err)
		out = append(out, string(row))
	}
	return out
}

func TestServesTheShop(t *testing.T) {
	t.Parallel()
	x := start(t, noEnv, "-load", "shop.json", "-explorer", "-log", "json")
	c := x.client(t)
	require.Equal(t, []string{`{"id":"lamp","price":35.58}`, `{"id":"chair","price":59.38}`},
		rows(t, c, "products", "SELECT c.id, udf.withTax(c.price) AS price FROM c WHERE c.stock > 10 ORDER BY c.price"))
	res, err := c.Database("shop").Container("orders").
		ExecuteStoredProcedure(t.Context(), "ship", []any{"1"}, cosmos.PartitionKey("bob"))
	require.NoError(t, err)
	require.Contains(t, string(res.Body), `"shipped":true`)

	for _, path := range []string{"/alive", "/ready"} {
		status, body := x.get(t, "GET", path)
		require.Equal(t, []any{200, "ok\n"}, []any{status, body})
	}
	status, body := x.get(t, "GET", "/_explorer/")
	require.Equal(t, 200, status)
	require.Contains(t, body, "<title>Explorer")
	status, body = x.get(t, "POST", "/save")
	require.Equal(t, 409, status, body)
	x.stop()
	require.Contains(t, x.errs.String(), `"operation":"ExecuteScript"`)
	require.NotContains(t, x.errs.String(), "C2y6", "no key in the log")
}

// What is saved at the end is there again, etags and all.
func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data.json")
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"COSMOS_SERVER_LOAD": file, "COSMOS_SERVER_SAVE": file,
			"COSMOS_SERVER_PARTITIONS": "2"}[name]
		return v, ok
	}
	x := start(t, env)
	c := x.client(t)
	_, err := c.CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	_, err = c.Database("shop").CreateContainer(t.Context(),
		cosmos.ContainerProperties{ID: "things", PartitionKey: cosmos.PartitionKeyPaths("/pk")})
	require.NoError(t, err)
	for _, doc := range []string{`{"id":"a","pk":"p","n":1}`, `{"id":"b","pk":"q"}`} {
		_, err := c.Database("shop").Container("things").CreateItem(t.Context(), json.RawMessage(doc))
		require.NoError(t, err)
	}
	status, body := x.get(t, "POST", "/save")
	require.Equal(t, 200, status, body)
	before := rows(t, c, "things", "SELECT * FROM c ORDER BY c.id")
	x.stop()

	x = start(t, env)
	require.Equal(t, before, rows(t, x.client(t), "things", "SELECT * FROM c ORDER BY c.id"))
}

// The default address of health may be another program's: then there is none, and the server serves.
func TestDefaultHealthInUse(t *testing.T) {
	t.Parallel()
	if l, err := net.Listen("tcp", "127.0.0.1:8080"); err == nil {
		t.Cleanup(func() { l.Close() })
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out locked
	require.NoError(t, run(ctx, []string{"-addr", "127.0.0.1:0"}, noEnv, &out, io.Discard))
	require.Contains(t, out.String(), "health:            none, 127.0.0.1:8080 is in use")
}

func TestTLSFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for range 2 { // made, then kept
		x := start(t, noEnv, "-tls-cert", cert, "-tls-key", key, "-load", "shop.json", "-regions", "West US, East US",
			"-multi-write", "-throttle",
			"-without-composite-indexes", "-continuous-backup", "-previous-images", "-distributed", "-consistency",
			"BoundedStaleness", "-read-only-key", "a2V5", "-script-operations", "5", "-query-memory", "64",
			"-health", "")
		require.Regexp(t, "^https://", x.said["endpoint"])
		require.Regexp(t, "^https://", x.said["region East US"])
		require.Empty(t, x.said["health"])
		require.Len(t, rows(t, x.client(t), "products", "SELECT * FROM c"), 5)
		x.stop()
	}
	first, err := os.ReadFile(cert)
	require.NoError(t, err)
	require.Contains(t, string(first), "BEGIN CERTIFICATE")
	x := start(t, noEnv, "-tls")
	require.Regexp(t, "^https://", x.said["endpoint"])
}

func TestWrongArguments(t *testing.T) {
	t.Parallel()
	taken := start(t, noEnv)
	u, err := url.Parse(taken.said["endpoint"])
	require.NoError(t, err)
	broken := filepath.Join(t.TempDir(), "broken.json")
	require.NoError(t, os.WriteFile(broken, []byte("{\"databases\": [\n{\"id\": }]}"), 0o600))
	for _, test := range []struct {
		name, want string
		args       []string
		env        map[string]string
	}{
		{"unknown flag", "not defined", []string{"-nope"}, nil},
		{"argument", `unexpected argument "x"`, []string{"x"}, nil},
		{"key", "not base64", []string{"-addr", "127.0.0.1:0", "-key", "!"}, nil},
		{"address", "missing port", []string{"-addr", "localhost"}, nil},
		{"address in use", "address already in use", []string{"-addr", u.Host}, nil},
		{"health in use", "-health: listen tcp", []string{"-addr", "127.0.0.1:0", "-health", u.Host}, nil},
		{"explorer without address", "-explorer needs an address",
			[]string{"-addr", "127.0.0.1:0", "-health", "", "-explorer"}, nil},
		{"consistency", `"Weak" does not exist`, []string{"-addr", "127.0.0.1:0", "-consistency", "Weak"}, nil},
		{"write region", `-write-region: the account has no region "x": it has a, b`,
			[]string{"-regions", "a,b", "-write-region", "x"}, nil},
		{"write region of none", "name the account's regions", []string{"-write-region", "x"}, nil},
		{"delay", `invalid value "x"`, []string{"-replication-delay", "x"}, nil},
		{"phases", "three times are wanted", []string{"-split-phases", "1s"}, nil},
		{"size", "-partition-size must not be below 0", []string{"-partition-size", "-1"}, nil},
		{"size beyond bytes", "-partition-size is in megabytes", []string{"-partition-size", "17592186044416"}, nil},
		{"script timeout", "-script-timeout must not be below 0", []string{"-script-timeout", "-1s"}, nil},
		{"script operations", "-script-operations must not be below 0", []string{"-script-operations", "-1"}, nil},
		{"control in use", "-control: listen tcp", []string{"-addr", "127.0.0.1:0", "-control", u.Host}, nil},
		{"region without a name", "a region has no name", []string{"-regions", "West US,"}, nil},
		{"partitions", "at least 1", []string{"-partitions", "0"}, nil},
		{"too many partitions", "at most 1000", []string{"-partitions", "1000000000"}, nil},
		{"memory", "-query-memory must be at least 1", []string{"-query-memory", "0"}, nil},
		{"memory beyond bytes", "-query-memory is in megabytes", []string{"-query-memory", "17592186044416"}, nil},
		{"log", `not "xml"`, []string{"-log", "xml"}, nil},
		{"half a certificate", "go together", []string{"-tls-cert", "x"}, nil},
		{"a key that is not there", "no such file",
			[]string{"-addr", "127.0.0.1:0", "-tls-cert", "main.go", "-tls-key", "none.pem"}, nil},
		{"file that is not there", "none.json", []string{"-addr", "127.0.0.1:0", "-load", "none.json"}, nil},
		{"file with a fault", "broken.json: line 2: invalid character",
			[]string{"-addr", "127.0.0.1:0", "-load", broken}, nil},
		{"environment", `COSMOS_SERVER_PARTITIONS: "two"`, nil, map[string]string{"COSMOS_SERVER_PARTITIONS": "two"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			env := func(name string) (string, bool) { v, ok := test.env[name]; return v, ok }
			args := append([]string{"-health", "127.0.0.1:0"}, test.args...)
			require.ErrorContains(t, run(ctx, args, env, io.Discard, io.Discard), test.want)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = run(ctx,
		[]string{"-addr", "127.0.0.1:0", "-health", "", "-save", filepath.Join(t.TempDir(), "no", "where.json")}, noEnv,
		io.Discard, io.Discard)
	require.ErrorContains(t, err, "-save: ")
	require.ErrorIs(t, run(ctx, []string{"-h"}, noEnv, io.Discard, io.Discard), flag.ErrHelp)
}
