package cosmostest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What an option changes is seen by who sends the same request to a server with it and to one without.
func TestOptionsChangeAnswers(t *testing.T) {
	t.Parallel()
	const docs = "/dbs/shop/colls/orders/docs"
	container := func(t *testing.T, srv *Server, more string) int {
		require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs", `{"id":"d"}`))
		return send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs/d/colls",
			`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}`+more+`}`)
	}
	for _, test := range []struct {
		name          string
		option        Option
		do            func(t *testing.T, srv *Server) int
		with, without int
	}{
		{"ServeAll", ServeAll(), func(t *testing.T, srv *Server) int {
			return send(t.Context(), srv, srv.Endpoint(), "POST", docs, `{"query":"SELECT * FROM c ORDER BY c.id"}`,
				"content-type", "application/query+json", "x-ms-documentdb-query-enablecrosspartition", "True")
		}, 200, 400},
		{"ContinuousBackup, feed of all versions", ContinuousBackup(), func(t *testing.T, srv *Server) int {
			return send(t.Context(), srv, srv.Endpoint(), "GET", docs, "", "a-im", "Full-Fidelity Feed",
				"if-none-match", "*", "x-ms-documentdb-partitionkey", `["p"]`)
		}, 304, 400},
		{"ContinuousBackup, a policy of the container", ContinuousBackup(), func(t *testing.T, srv *Server) int {
			return container(t, srv, `,"changeFeedPolicy":{"retentionDuration":10}`)
		}, 400, 201},
		{"Throttle", Throttle(), func(t *testing.T, srv *Server) int {
			status := 201
			for i := 0; i < 200 && status == 201; i++ {
				status = create(t.Context(), srv, strings.Repeat("y", i+1))
			}
			return status
		}, 429, 201},
		{"QueryMemory", QueryMemory(1), func(t *testing.T, srv *Server) int {
			return send(t.Context(), srv, srv.Endpoint(), "POST", docs, `{"query":"SELECT * FROM c ORDER BY c.id"}`,
				"content-type", "application/query+json", "x-ms-documentdb-partitionkey", `["p"]`)
		}, 400, 200},
		{"SplitPhases", SplitPhases(time.Hour, 0, 0), func(t *testing.T, srv *Server) int {
			_, err := srv.Split("shop", "orders", "0")
			require.NoError(t, err)
			ranges, err := srv.Ranges("shop", "orders")
			require.NoError(t, err)
			return len(ranges)
		}, 1, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			frozen := time.Now()
			clock := Clock(func() time.Time { return frozen }) // throughput does not come back
			for _, with := range []bool{true, false} {
				opts := []Option{Partitions(1), clock}
				want := test.without
				if with {
					opts, want = append(opts, test.option), test.with
				}
				srv := RunT(t, opts...)
				shop(t, srv)
				require.Equal(t, 201, create(t.Context(), srv, "a"))
				require.Equal(t, want, test.do(t, srv), "with the option: %v", with)
			}
		})
	}
}

// After a change of its regions the account shows what it was and what it is in turns, for as long as it was told to.
func TestAccountFlaps(t *testing.T) {
	t.Parallel()
	frozen := time.Now()
	srv := RunT(t, Regions("West US", "East US"), AccountFlap(time.Minute),
		Clock(func() time.Time { return frozen }))
	require.Equal(t, "West US", srv.WriteRegion())
	require.NoError(t, srv.MoveWriteRegion("East US"))
	require.Equal(t, "East US", srv.WriteRegion(), "the server itself does not waver")
	srv.Advance(2 * time.Minute)
	require.Equal(t, []bool{true, false}, []bool{srv.Account().Regions[0].Writes, srv.Account().Regions[1].Writes})
	require.Equal(t, "East US", srv.Account().Regions[0].Name, "the write region first")
}

// Names of regions are compared as the service does, wherever one is taken.
func TestSameRegion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"West US", "westus", true}, {"WEST US", "West US", true}, {"West US 2", "westus2", true},
		{"West US", "West US 2", false}, {"West US", "East US", false}, {"", "", true}, {"West US", "", false},
	} {
		require.Equal(t, test.want, SameRegion(test.a, test.b), "%q and %q", test.a, test.b)
		require.Equal(t, test.want, SameRegion(test.b, test.a), "%q and %q", test.b, test.a)
	}
}
