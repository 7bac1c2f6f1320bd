package cosmostest

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Faults happen in the order in which they were injected; one that ends a request leaves those behind it, with as many
// times as they had, for the next. Who only looks on sees every request.
func TestFaultsTakeTurns(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Partitions(1))
	shop(t, srv)
	var happened []string
	fault := func(name string, f Fault) Fault {
		f.Match, f.Happens = On(Create), func(Request) { happened = append(happened, name) }
		return f
	}
	looked := 0
	srv.Inject(fault("first", Fault{Times: 2, Status: 503}))
	srv.Inject(fault("delay", Fault{Times: 1, Delay: time.Nanosecond}))
	srv.Inject(fault("cut", Fault{Times: 1, Cut: CutBefore}))
	srv.Inject(fault("stranger", Fault{Times: 1, Spoil: SpoilForeign, Status: 404, Afterwards: true}))
	srv.Inject(fault("afterwards", Fault{Times: 1, Status: 500, Afterwards: true}))
	srv.Inject(fault("last", Fault{Times: 1, Status: 429, SubStatus: 3200}))
	srv.Inject(Fault{Status: 400, Match: func(r Request) bool {
		if r.Operation == Create {
			looked++
		}
		return false
	}})
	var statuses []int
	for _, id := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		statuses = append(statuses, create(t.Context(), srv, id))
	}
	require.Equal(t, []int{503, 503, 0, 404, 500, 429, 201}, statuses)
	require.Equal(t, []string{"first", "first", "delay", "cut", "stranger", "afterwards", "last"}, happened)
	require.Equal(t, 7, looked)
	require.Equal(t, []int{404, 404, 200, 404},
		[]int{read(t.Context(), srv, "3"), read(t.Context(), srv, "4"), read(t.Context(), srv, "5"),
			read(t.Context(), srv, "6")}, "one was carried out")
}

// An injected status has what it was given, and says that it was injected where it was given nothing.
func TestInjectedAnswers(t *testing.T) {
	t.Parallel()
	srv := RunT(t)
	for _, test := range []struct {
		fault                    Fault
		subStatus, after, answer string
	}{
		{Fault{Status: 429, SubStatus: 3200, RetryAfter: 1500 * time.Millisecond}, "3200", "1500",
			"An injected fault answers this request: Too Many Requests"},
		{Fault{Status: 503, Message: "not today"}, "", "", "not today"},
		{Fault{Status: 404, SubStatus: 1002, Afterwards: true}, "1002", "", "An injected fault"},
		{Fault{Status: 599}, "", "", "An injected fault answers this request:"},
	} {
		test.fault.Times = 1
		srv.Inject(test.fault)
		status, header, body := exchange(t.Context(), srv, srv.Endpoint(), "GET", "/dbs", "")
		require.Equal(t, test.fault.Status, status)
		require.Contains(t, body, test.answer)
		if test.subStatus != "" {
			require.Equal(t, test.subStatus, header.Get("x-ms-substatus"))
		}
		require.Equal(t, test.after, header.Get("x-ms-retry-after-ms"))
		require.Equal(t, 200, send(t.Context(), srv, srv.Endpoint(), "GET", "/dbs", ""), "once")
	}
}

// A storm has every kind of fault that a client must live with, and none that it could not tell from an answer.
func TestKindsOfStormFaults(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	cuts, spoils, statuses := map[Cut]int{}, map[Spoil]int{}, map[[2]int]int{}
	delays := 0
	for range 5000 {
		f := stormFault(random)
		require.False(t, f.Delay < 0 || f.Delay > 20*time.Millisecond, f.Delay)
		require.Equal(t, f.Status == 429, f.RetryAfter > 0)
		cuts[f.Cut]++
		spoils[f.Spoil]++
		if f.Status != 0 && f.Spoil == 0 {
			statuses[[2]int{f.Status, f.SubStatus}]++
		}
		if f.Delay > 0 {
			require.Zero(t, f.Status)
			delays++
		}
		require.False(t, f.Status == 0 && f.Cut == 0 && f.Spoil == 0 && f.Delay == 0, "nothing happens")
	}
	require.Len(t, cuts, 4, "three, and none")
	require.Len(t, spoils, 6, "five, and none")
	require.InDelta(t, 500, delays, 150)
	for _, s := range [][2]int{{408, 0}, {410, 0}, {410, 1007}, {410, 1008}, {410, 1022}, {429, 3200}, {449, 0},
		{500, 0}, {502, 0}, {503, 0}, {504, 0}, {404, 1002}} {
		require.Positive(t, statuses[s], s)
	}
	require.Len(t, statuses, 12, "and no others, which would be answers: %v", statuses)
}

// Containers that several goroutines make have names of their own; a name that is free again is taken.
func TestContainersAtTheSameTime(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Partitions(1))
	made := make(chan *Container, 12)
	var wg sync.WaitGroup
	for range cap(made) {
		wg.Go(func() { made <- srv.Container("/pk") })
	}
	wg.Wait()
	close(made)
	names := map[string]bool{}
	for c := range made {
		require.Equal(t, "test", c.Database)
		require.False(t, names[c.ID], c.ID)
		names[c.ID] = true
	}
	require.True(t, names["items"] && names["items12"])
	require.Equal(t, 204, send(t.Context(), srv, srv.Endpoint(), "DELETE", "/dbs/test/colls/items3", ""))
	require.Equal(t, "items3", srv.Container("/a").ID)
	require.Equal(t, "items13", srv.Container("/a").ID)
}

// What Documents returns is the caller's: it may change it.
func TestDocumentsAreCopies(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Partitions(1))
	shop(t, srv)
	for _, id := range []string{"b", "a", "c"} {
		require.Equal(t, 201, create(t.Context(), srv, id))
	}
	require.Equal(t, 200, send(t.Context(), srv, srv.Endpoint(), "PUT", "/dbs/shop/colls/orders/docs/b",
		`{"id":"b","pk":"p","n":2}`, "x-ms-documentdb-partitionkey", `["p"]`))
	docs, err := srv.Documents("shop", "orders")
	require.NoError(t, err)
	ids := ""
	for _, d := range docs {
		ids += string(d[len(`{"id":"`)])
		for i := range d {
			d[i] = 'x'
		}
	}
	require.Equal(t, "acb", ids, "in the order of the last writes")
	again, err := srv.Documents("shop", "orders")
	require.NoError(t, err)
	require.Contains(t, string(again[2]), `"n":2`)
}
