package cosmostest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lags is how many of twenty writes have not arrived after each of twenty steps of the clock.
func lags(t *testing.T, seed uint64) (all []int) {
	t.Helper()
	frozen := time.Unix(1000, 0)
	srv := RunT(t, Regions("West US", "East US"), ReplicationDelay(time.Second, time.Minute), ReplicationSeed(seed),
		Partitions(1), Clock(func() time.Time { return frozen }))
	shop(t, srv)
	for i := range 20 {
		require.Equal(t, 201, create(t.Context(), srv, fmt.Sprint(i)))
	}
	for range 20 {
		n, err := srv.ReplicationLag("eastus")
		require.NoError(t, err)
		all = append(all, n)
		srv.Advance(3 * time.Second)
	}
	n, err := srv.ReplicationLag("East US")
	require.NoError(t, err)
	require.Zero(t, n, "the most that it takes is over")
	return all
}

// Writes arrive in their order, after times that follow from the seed.
func TestReplicationFollowsItsSeed(t *testing.T) {
	t.Parallel()
	first := lags(t, 7)
	require.Equal(t, 20, first[0], "none arrives before the least")
	require.True(t, slices.IsSortedFunc(first, func(a, b int) int { return b - a }), first)
	require.Equal(t, first, lags(t, 7))
	for seed := uint64(8); ; seed++ {
		require.Less(t, seed, uint64(12), "every seed has the same times")
		if !slices.Equal(first, lags(t, seed)) {
			break
		}
	}
}

// Each region shows what has arrived in it, and where replication is paused, or slower, the others go on.
func TestRegionsHaveTheirOwnState(t *testing.T) {
	t.Parallel()
	frozen := time.Unix(1000, 0)
	srv := RunT(t, Regions("A", "B", "C"), Partitions(1), Clock(func() time.Time { return frozen }))
	shop(t, srv)
	in := func(id string) (all []int) {
		for _, region := range []string{"A", "B", "C"} {
			all = append(all, send(t.Context(), srv, srv.RegionEndpoint(region), "GET",
				"/dbs/shop/colls/orders/docs/"+id, "", "x-ms-documentdb-partitionkey", `["p"]`,
				"x-ms-consistency-level", "Eventual"))
		}
		return all
	}
	require.NoError(t, srv.PauseReplication("A", "B"))
	require.NoError(t, srv.SetReplicationDelay("A", "C", time.Minute, time.Minute))
	require.Equal(t, 201, create(t.Context(), srv, "1"))
	require.Equal(t, []int{200, 404, 404}, in("1"))
	srv.Advance(time.Minute)
	require.Equal(t, []int{200, 404, 200}, in("1"))
	require.NoError(t, srv.SetReplicationDelay("A", "C", 0, 0))
	require.Equal(t, 201, create(t.Context(), srv, "2"))
	require.Equal(t, []int{200, 404, 200}, in("2"))
	require.NoError(t, srv.ResumeReplication("", ""))
	require.Equal(t, []int{200, 200, 200}, in("1"))
	require.Equal(t, []int{200, 200, 200}, in("2"))
	for _, err := range []error{srv.PauseReplication("D", ""), srv.ResumeReplication("", "D"),
		srv.SetReplicationDelay("A", "D", 0, 0), srv.DrainRegion("D"), srv.MoveWriteRegion("D")} {
		require.ErrorContains(t, err, `cosmostest: `)
		require.ErrorContains(t, err, `no region "D": it has A, B, C`)
	}
	_, err := srv.ReplicationLag("D")
	require.ErrorContains(t, err, `no region "D"`)
	_, err = srv.ReplicationLag("")
	require.Error(t, err, "of one region")
}

// A region that is stopped has its connections cut, by whatever spelling of its name, until it is started again.
func TestStoppedRegion(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Regions("West US", "East US"))
	ask := func() []int {
		return []int{send(t.Context(), srv, srv.RegionEndpoint("West US"), "GET", "/", ""),
			send(t.Context(), srv, srv.RegionEndpoint("East US"), "GET", "/", "")}
	}
	start := srv.StopRegion("westus")
	require.Equal(t, []int{0, 200}, ask())
	other := srv.StopRegion("EAST US")
	require.Equal(t, []int{0, 0}, ask())
	start()
	start()
	require.Equal(t, []int{200, 0}, ask())
	other()
	require.Equal(t, []int{200, 200}, ask())
}

// A region that is added to a server of one port is found by its name, over TLS too; one that was advertised with a
// port has no room for a second.
func TestAddedRegionsOfOnePort(t *testing.T) {
	t.Parallel()
	srv := RunT(t, OnePort("documents.test"), AccountName("shop"), TLS())
	address := srv.Address()
	require.NoError(t, srv.AddRegion("East US 2"))
	require.Regexp(t, `^https://shop-eastus2\.documents\.test:\d+/$`, srv.RegionEndpoint("East US 2"))
	require.Equal(t, 200, send(t.Context(), srv, srv.RegionEndpoint("east us 2"), "GET", "/", ""))
	require.Equal(t, address, srv.Address())
	require.ErrorContains(t, srv.AddRegion("Côte"), "cannot be part of a host's name")
	require.Empty(t, srv.RegionEndpoint("Côte"))

	mapped := RunT(t, Advertise("db.test:443"))
	require.ErrorContains(t, mapped.AddRegion("East US"), "each region has a port of its own")
	require.Len(t, mapped.Account().Regions, 1)
}

// A server that is closed tells what it has, takes no region, and closes again.
func TestClosedServer(t *testing.T) {
	t.Parallel()
	srv := NewServer(Regions("A", "B"))
	shop(t, srv)
	require.Equal(t, 201, create(t.Context(), srv, "1"))
	srv.Close()
	srv.Close()
	require.Zero(t, send(t.Context(), srv, srv.Endpoint(), "GET", "/", ""))
	require.ErrorContains(t, srv.AddRegion("C"), "the server is closed")
	docs, err := srv.Documents("shop", "orders")
	require.NoError(t, err)
	require.Len(t, docs, 1)
	require.Equal(t, 1, srv.Contents()[0].Containers[0].Documents)
	require.Len(t, srv.Account().Regions, 2)
}
