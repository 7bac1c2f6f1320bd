package cosmostest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What no account can be is refused when the server starts, with the option that is to be left out.
func TestAccountsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		want string
		opts []Option
	}{
		{`the region "westus" is named twice`, []Option{Regions("West US", "East US", "westus")}},
		{"a region has no name", []Option{Regions("West US", " ")}},
		{"leave out MultiWrite", []Option{Consistency("Strong"), MultiWrite()}},
		{"leave out ReplicationDelay", []Option{Consistency("Strong"), ReplicationDelay(0, time.Second)}},
		{"between 2s and 1s is impossible", []Option{ReplicationDelay(2*time.Second, time.Second)}},
		{"between -1s and 1s is impossible", []Option{ReplicationDelay(-time.Second, time.Second)}},
		{"cannot flap for -1s", []Option{AccountFlap(-time.Second)}},
	} {
		_, err := Start(test.opts...)
		require.ErrorContains(t, err, test.want)
	}
	for _, opts := range [][]Option{
		{Consistency("Strong"), Regions("West US", "East US")}, {Regions()},
		{ReplicationDelay(time.Second, time.Second)},
	} {
		RunT(t, opts...)
	}
}

// A region comes, lags behind, writes, drains and goes; what is asked of none that is there names those that are.
func TestRegionsComeAndGo(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Regions("West US", "East US"), Partitions(1))
	shop(t, srv)
	lag := func(region string) int {
		n, err := srv.ReplicationLag(region)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, "West US", srv.WriteRegion())
	require.NoError(t, srv.PauseReplication("westus", "East US"))
	require.Equal(t, 201, create(t.Context(), srv, "a"))
	require.Equal(t, []int{0, 1}, []int{lag("West US"), lag("East US")})
	require.ErrorContains(t, srv.MoveWriteRegion("East US"), "region East US: 412")
	require.NoError(t, srv.ResumeReplication("", ""))
	require.Zero(t, lag("eastus"))
	require.NoError(t, srv.MoveWriteRegion("eastus"))
	require.Equal(t, "East US", srv.WriteRegion())

	require.NoError(t, srv.PauseReplication("", ""))
	east := srv.RegionEndpoint("East US")
	require.Equal(t, 201, send(t.Context(), srv, east, "POST", "/dbs/shop/colls/orders/docs", `{"id":"lost","pk":"p"}`,
		"x-ms-documentdb-partitionkey", `["p"]`))
	lost, err := srv.ForceFailover("West US")
	require.NoError(t, err)
	require.Len(t, lost, 1)
	require.Equal(t, []string{"shop", "orders", "lost"}, []string{lost[0].Database, lost[0].Container, lost[0].Item})
	require.NotEmpty(t, lost[0].ETag)
	require.NoError(t, srv.ResumeReplication("", ""))
	require.Equal(t, []int{200, 404}, []int{read(t.Context(), srv, "a"), read(t.Context(), srv, "lost")})

	require.NoError(t, srv.DrainRegion("East US"))
	require.Equal(t, 403, send(t.Context(), srv, east, "GET", "/dbs/shop", ""))
	require.True(t, srv.Account().Regions[1].Draining)
	require.NoError(t, srv.CancelDrain("East US"))
	require.Equal(t, 200, send(t.Context(), srv, east, "GET", "/dbs/shop", ""))
	require.NoError(t, srv.RemoveRegion("East US"))
	require.Empty(t, srv.RegionEndpoint("East US"))
	require.Equal(t, 403, send(t.Context(), srv, east, "GET", "/dbs/shop", ""))

	for name, do := range map[string]func() error{
		"drain":       func() error { return srv.DrainRegion("nowhere") },
		"cancel":      func() error { return srv.CancelDrain("nowhere") },
		"remove":      func() error { return srv.RemoveRegion("nowhere") },
		"move":        func() error { return srv.MoveWriteRegion("nowhere") },
		"force":       func() error { _, err := srv.ForceFailover("nowhere"); return err },
		"lag":         func() error { _, err := srv.ReplicationLag("nowhere"); return err },
		"lag of none": func() error { _, err := srv.ReplicationLag(""); return err },
		"pause, from": func() error { return srv.PauseReplication("nowhere", "") },
		"pause, to":   func() error { return srv.PauseReplication("", "nowhere") },
		"resume":      func() error { return srv.ResumeReplication("nowhere", "") },
		"delay":       func() error { return srv.SetReplicationDelay("", "nowhere", 0, 0) },
	} {
		require.ErrorContains(t, do(), "it has West US", name)
	}
	require.ErrorContains(t, srv.SetReplicationDelay("", "", 2, 1), "cosmostest: replication: ")
	srv.Close()
	require.ErrorContains(t, srv.AddRegion("UK South"), "the server is closed")
}

// A single partition fails over in accounts that allow it alone, and the write mode takes it back.
func TestPartitionsFailOver(t *testing.T) {
	t.Parallel()
	without := RunT(t, Regions("West US", "East US"))
	_, err := without.FailOverPartition("shop", "orders", "0", "East US", false)
	require.ErrorContains(t, err, "see PartitionFailover")

	srv := RunT(t, Regions("West US", "East US"), PartitionFailover(), Partitions(1))
	shop(t, srv)
	there := func() int {
		return send(t.Context(), srv, srv.RegionEndpoint("East US"), "POST", "/dbs/shop/colls/orders/docs",
			`{"id":"`+fmt.Sprint(time.Now().UnixNano())+`","pk":"p"}`, "x-ms-documentdb-partitionkey", `["p"]`)
	}
	require.Equal(t, 403, there())
	lost, err := srv.FailOverPartition("shop", "orders", "0", "eastus", false)
	require.NoError(t, err)
	require.Empty(t, lost)
	require.Equal(t, []int{201, 403}, []int{there(), create(t.Context(), srv, "a")})
	for want, names := range map[string][4]string{
		"container shop/none":   {"shop", "none", "0", "East US"},
		"it has West US":        {"shop", "orders", "0", "nowhere"},
		"region West US: 410":   {"shop", "orders", "9", "West US"},
		"container none/orders": {"none", "orders", "0", "East US"},
		`no region ""`:          {"shop", "orders", "0", ""},
	} {
		_, err := srv.FailOverPartition(names[0], names[1], names[2], names[3], false)
		require.ErrorContains(t, err, want)
	}
	require.NoError(t, srv.SetMultiWrite(true))
	require.NoError(t, srv.SetMultiWrite(false))
	require.Equal(t, 403, there())
	strong := RunT(t, Consistency("Strong"), Regions("West US", "East US"))
	require.ErrorContains(t, strong.SetMultiWrite(true), "cosmostest: write mode: ")
}

// Files of a certificate are made where there are none, and then kept: a client goes on trusting it.
func TestCertificateFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	first := RunT(t, TLSFiles(cert, key))
	require.Equal(t, 200, send(t.Context(), first, first.Endpoint(), "GET", "/", ""))
	info, err := os.Stat(key)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "nobody else reads the key")
	second := RunT(t, TLSFiles(cert, key))
	require.Equal(t, first.Certificate().Raw, second.Certificate().Raw)
	require.Equal(t, 200, send(t.Context(), second, second.Endpoint(), "GET", "/", ""))
	text, err := os.ReadFile(cert)
	require.NoError(t, err)
	require.NotContains(t, string(text), "PRIVATE")

	require.NoError(t, os.Remove(key))
	_, err = Start(TLSFiles(cert, key))
	require.ErrorContains(t, err, "key.pem", "half of it is not replaced")
	after, err := os.ReadFile(cert)
	require.NoError(t, err)
	require.Equal(t, text, after)
	require.NoError(t, os.WriteFile(key, []byte("not a key"), 0o600))
	_, err = Start(TLSFiles(cert, key))
	require.ErrorContains(t, err, "no certificate")
	_, err = Start(TLSFiles(filepath.Join(dir, "none", "cert.pem"), filepath.Join(dir, "none", "key.pem")))
	require.ErrorContains(t, err, "no certificate")
}

// However a server is printed, its key is not.
func TestServersArePrintedWithoutKeys(t *testing.T) {
	t.Parallel()
	const other = "cmVhZG9ubHkga2V5IG9mIGEgdGVzdA=="
	srv := RunT(t, ReadOnlyKey(other))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		text := fmt.Sprintf(verb, srv)
		require.Equal(t, "cosmostest.Server("+srv.Endpoint()+")", text, verb)
		for _, value := range []any{*srv.Container("/pk"), struct{ Server *Server }{srv}} {
			text = fmt.Sprintf(verb, value)
			require.NotContains(t, text, DefaultKey, verb)
			require.NotContains(t, text, other, verb)
		}
	}
}

// A storm asks which requests it may meet, and tells of those that it has met; calm weather meets none.
func TestStormsMatch(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Partitions(1))
	shop(t, srv)
	require.Equal(t, 201, create(t.Context(), srv, "a"))
	var asked, met atomic.Int64
	end := srv.Storm(Storm{Seed: 3, Rate: 1,
		Match:   func(r Request) bool { asked.Add(1); return r.Operation == Read },
		Happens: func(r Request) { met.Add(int64(len(r.Item))) }})
	for range 20 {
		require.Equal(t, 200, send(t.Context(), srv, srv.Endpoint(), "GET", "/dbs/shop", ""))
		read(t.Context(), srv, "a")
	}
	require.EqualValues(t, 20, end())
	require.Equal(t, []int64{40, 20}, []int64{asked.Load(), met.Load()})
	calm := srv.Storm(Storm{Seed: 3, Happens: func(Request) { met.Add(1) }})
	require.Equal(t, 200, read(t.Context(), srv, "a"))
	require.Zero(t, calm())
	require.EqualValues(t, 20, met.Load())
}

// Every operation that a request can be has a name that faults and counts go by.
func TestOperations(t *testing.T) {
	t.Parallel()
	seen := map[Operation]bool{}
	for _, op := range Operations() {
		require.False(t, seen[op], op)
		require.Equal(t, strings.TrimSpace(string(op)), string(op))
		seen[op] = true
	}
	srv := RunT(t)
	send(t.Context(), srv, srv.Endpoint(), "GET", "/nothing", "")
	require.Equal(t, 1, srv.Count(UnknownOperation))
	for op := range seen {
		if op != UnknownOperation {
			require.Zero(t, srv.Count(op), op)
		}
	}
}
