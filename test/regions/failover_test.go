package regions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// unplugged is an HTTP client for which the host of an endpoint refuses connections once it is unplugged; those that
// there are break.
type unplugged struct {
	*http.Client
	host string
	off  atomic.Bool

	mu    sync.Mutex
	conns []net.Conn
}

func unpluggable(t *testing.T, endpoint string) *unplugged {
	t.Helper()
	at, err := url.Parse(endpoint)
	require.NoError(t, err)
	u := &unplugged{host: at.Host}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == u.host && u.off.Load() {
			addr = "127.0.0.1:1" // where nobody listens, nor can by chance
		}
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil && addr == u.host {
			u.mu.Lock()
			u.conns = append(u.conns, conn)
			u.mu.Unlock()
		}
		return conn, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	u.Client = &http.Client{Transport: transport}
	return u
}

func (u *unplugged) unplug() {
	u.off.Store(true)
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, conn := range u.conns {
		conn.Close()
	}
}

// The write region refuses connections, over real sockets: writes go on in the new one within 5 s after the account
// names it, a write that was waiting among them, and nothing acknowledged is missing. The client prefers no region.
func TestFailoverOverSockets(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t, cosmostest.Regions("West US", "East US"))
	made, plug := srv.Container("/pk"), unpluggable(t, srv.RegionEndpoint("West US"))
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(),
		&cosmos.ClientOptions{HTTPClient: plug.Client})
	require.NoError(t, err)
	defer client.Close()
	items := client.Database(made.Database).Container(made.ID)
	acknowledged := map[string]bool{}
	write := func(id string) (string, error) {
		resp, err := items.UpsertItem(t.Context(), item{ID: id, PK: id})
		if err != nil {
			return "", err
		}
		acknowledged[id] = true
		return resp.Region, nil
	}
	for i := range 20 {
		at, err := write(fmt.Sprint("before", i))
		require.NoError(t, err)
		require.Equal(t, "West US", at)
	}
	plug.unplug()
	var named time.Time // when the account named the new region
	failed := make(chan error, 1)
	time.AfterFunc(1500*time.Millisecond, func() {
		named = time.Now()
		_, err := srv.ForceFailover("East US")
		failed <- err
	})
	at, err := write("first")
	for unknown := 0; errors.Is(err, cosmos.ErrUnknownOutcome); unknown++ { // its connection broke
		require.Less(t, unknown, 3)
		at, err = write("first")
	}
	require.NoError(t, err)
	took := time.Now()
	require.NoError(t, <-failed)
	require.Equal(t, "East US", at)
	require.LessOrEqual(t, took.Sub(named), 5*time.Second)
	t.Logf("the first write succeeded %v after the account had named the region", took.Sub(named))
	for i := range 20 {
		at, err := write(fmt.Sprint("after", i))
		require.NoError(t, err)
		require.Equal(t, "East US", at)
	}
	for id := range acknowledged {
		_, err := items.ReadItem(t.Context(), id, cosmos.PartitionKey(id))
		require.NoError(t, err, "acknowledged and missing: %s", id)
	}
}

// In an account that fails over single partitions, one is written in another region than the account says: writes find
// it, and sessions do, from a region that lags, because only the partition's own write region is asked in the end.
func TestPartitionFailsOver(t *testing.T) {
	t.Parallel()
	a := newAccount(t, cosmostest.PartitionFailover(), cosmostest.Partitions(2))
	ids := map[string][]string{} // by partition
	for i := range 20 {
		id := fmt.Sprint("d", i)
		resp, err := a.items.UpsertItem(t.Context(), item{id, id, 0})
		require.NoError(t, err)
		at := resp.Header.Get("x-ms-documentdb-partitionkeyrangeid")
		ids[at] = append(ids[at], id)
	}
	ranges, err := a.srv.Ranges(a.made.Database, a.made.ID)
	require.NoError(t, err)
	moved, stays := ranges[0].ID, ranges[1].ID
	require.NoError(t, a.srv.SetReplicationDelay("North Europe", "", time.Hour, time.Hour))
	for round, to := range []string{"North Europe", "West US", "North Europe"} {
		_, err = a.srv.FailOverPartition(a.made.Database, a.made.ID, moved, to, false)
		require.NoError(t, err)
		for n, id := range ids[moved] {
			resp, err := a.items.UpsertItem(t.Context(), item{id, id, 10*round + n})
			require.NoError(t, err)
			require.Equal(t, to, resp.Region)
			if n > 0 {
				require.Zero(t, resp.Retries, "it is remembered")
			}
			for name, look := range a.ways() {
				seen, err := look(t.Context(), id)
				require.NoError(t, err, "%s, round %d", name, round)
				require.Equal(t, 10*round+n, seen, "%s, round %d", name, round)
			}
		}
		for _, id := range ids[stays] {
			resp, err := a.items.UpsertItem(t.Context(), item{id, id, 1})
			require.NoError(t, err)
			require.Equal(t, "West US", resp.Region)
			require.Zero(t, resp.Retries)
		}
		a.srv.Advance(2 * time.Hour)
	}
	// A bulk finds it as well.
	for r := range a.items.UpsertMany(t.Context(),
		cosmos.Each([]item{{"b1", ids[moved][0], 1}, {"b2", ids[stays][0], 1}})) {
		require.NoError(t, r.Err)
	}
}
