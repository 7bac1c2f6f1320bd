package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A way has what was last said of it, by its own name or that of all; what is said of one says nothing of another.
func TestWays(t *testing.T) {
	t.Parallel()
	const s, m = time.Second, time.Minute
	type set func(*globe) error
	delay := func(from, to int, least, most time.Duration) set {
		return func(g *globe) error { return g.SetDelay(from, to, least, most) }
	}
	pause := func(from, to int, paused bool) set {
		return func(g *globe) error { return g.Pause(from, to, paused) }
	}
	add := func(g *globe) error { _, err := g.AddRegion("UK South"); return err }
	for _, test := range []struct {
		name string
		set  []set
		want map[[2]int]Link // the others are as they were at first
	}{
		{"one", []set{delay(0, 1, s, m)}, map[[2]int]Link{{0, 1}: {s, m, false, 0}}},
		{"from one", []set{delay(0, -1, s, m)}, map[[2]int]Link{{0, 1}: {s, m, false, 0}, {0, 2}: {s, m, false, 0}}},
		{"to one", []set{pause(-1, 0, true)}, map[[2]int]Link{{1, 0}: {0, 0, true, 0}, {2, 0}: {0, 0, true, 0}}},
		{"all but one", []set{delay(-1, -1, s, s), delay(1, 2, 0, 0)}, map[[2]int]Link{{0, 1}: {s, s, false, 0},
			{0, 2}: {s, s, false, 0}, {1, 0}: {s, s, false, 0}, {2, 0}: {s, s, false, 0}, {2, 1}: {s, s, false, 0}}},
		{"one, and later all", []set{delay(0, 1, m, m), delay(-1, -1, 0, 0)}, nil},
		{"paused with its delay", []set{delay(0, 1, s, m), pause(0, 1, true)},
			map[[2]int]Link{{0, 1}: {s, m, true, 0}}},
		{"resumed with its delay", []set{pause(0, -1, true), delay(0, 1, s, m), pause(-1, -1, false)},
			map[[2]int]Link{{0, 1}: {s, m, false, 0}}},
		{"a delay does not resume", []set{pause(2, 1, true), delay(-1, 1, s, s)},
			map[[2]int]Link{{2, 1}: {s, s, true, 0}, {0, 1}: {s, s, false, 0}}},
		{"to a region that comes later, as all", []set{delay(-1, -1, s, s), add, delay(-1, 1, 0, 0), delay(-1, 2, 0, 0),
			delay(-1, 0, 0, 0)},
			map[[2]int]Link{{0, 3}: {s, s, false, 0}, {1, 3}: {s, s, false, 0}, {2, 3}: {s, s, false, 0}}},
		{"to a region that comes later, of its own", []set{add, delay(1, 3, s, m)},
			map[[2]int]Link{{1, 3}: {s, m, false, 0}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3)
			for _, set := range test.set {
				require.NoError(t, set(g))
			}
			for from := range g.Topology().Regions {
				for to := range g.Topology().Regions {
					if from != to {
						require.Equal(t, test.want[[2]int{from, to}], g.Link(from, to), "from %d to %d", from, to)
					}
				}
			}
		})
	}
}

func TestWaysThatCannotBe(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	refused(t, g.SetDelay(0, 0, 0, 1), 400, "A region does not replicate to itself")
	refused(t, g.Pause(1, 1, true), 400, "A region does not replicate to itself")
	refused(t, g.SetDelay(0, 1, -time.Second, time.Second), 400, "between -1s and 1s is impossible")
	refused(t, g.SetDelay(0, 1, time.Minute, time.Second), 400, "between 1m0s and 1s is impossible")
	require.Equal(t, Link{}, g.Link(0, 1), "nothing was changed")

	strong := newGlobe(t, 2, func(o *Options) { o.Synchronous = true })
	refused(t, strong.SetDelay(-1, -1, 0, time.Second), 412, "there is no delay")
	require.NoError(t, strong.SetDelay(-1, -1, 0, 0), "none is what it has")
	require.NoError(t, strong.Pause(-1, -1, false), "and it is not paused")
	strong.put(0, "a", 1)
	require.Zero(t, strong.Behind(1))
}

// A write arrives when its time has come, neither before nor after, and never before an earlier one.
func TestWritesArriveInTime(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	at := func(want int, message string) {
		t.Helper()
		n, _ := g.get(1, "a")
		require.Equal(t, want, n, message)
	}
	require.NoError(t, g.SetDelay(0, 1, time.Minute, time.Minute))
	g.put(0, "a", 1)
	g.now = g.now.Add(time.Minute - 1)
	at(-1, "a nanosecond before")
	g.now = g.now.Add(1)
	at(1, "in time")

	g.put(0, "a", 2)
	g.now = g.now.Add(30 * time.Second)
	require.NoError(t, g.SetDelay(0, 1, 0, 0))
	g.put(0, "a", 3)
	at(1, "what is on its way takes the time that it took at first, and what follows does not overtake it")
	require.Equal(t, 2, g.Link(0, 1).Waiting)
	g.now = g.now.Add(30 * time.Second)
	at(3, "both at once")

	require.NoError(t, g.Pause(0, 1, true))
	g.put(0, "a", 4)
	g.now = g.now.Add(time.Hour)
	at(3, "paused")
	require.NoError(t, g.Pause(0, 1, false))
	require.Zero(t, g.Link(0, 1).Waiting, "it arrives with the resumption, without a reader")
	at(4, "resumed")
	g.put(0, "a", 5)
	at(5, "at once as at first")

	require.NoError(t, g.SetDelay(0, 1, time.Minute, time.Minute))
	require.NoError(t, g.Pause(0, 1, true))
	g.put(0, "a", 6)
	require.NoError(t, g.Pause(0, 1, false))
	at(5, "resumed before its time has come")
	g.now = g.now.Add(time.Minute)
	at(6, "in time")
}

// A delay lies between its bounds, both included, differs from write to write, and is the same in every run of a seed.
func TestDelaysAreRandom(t *testing.T) {
	t.Parallel()
	delays := func(seed uint64) (all []time.Duration) {
		g := newGlobe(t, 3, func(o *Options) { o.Seed = seed })
		require.NoError(t, g.SetDelay(0, 1, 10, 12))
		require.NoError(t, g.SetDelay(0, 2, 7, 7))
		for range 100 {
			all = append(all, g.links.delay(0, 1))
			require.Equal(t, time.Duration(7), g.links.delay(0, 2))
			require.Zero(t, g.links.delay(1, 0))
		}
		return all
	}
	first := delays(1)
	require.Equal(t, first, delays(1))
	require.NotEqual(t, first, delays(2))
	require.Subset(t, []time.Duration{10, 11, 12}, first)
	require.Subset(t, first, []time.Duration{10, 11, 12})
}

// What waits is counted by the way that it takes, in every container of the account.
func TestWritesOnTheirWayAreCounted(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
	first := g.c
	d, err := g.CreateDatabase([]byte(`{"id":"other"}`), Throughput{})
	require.NoError(t, err)
	second, err := d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`), Throughput{})
	require.NoError(t, err)
	require.NoError(t, g.Pause(-1, -1, true)) // so that no write waits for one of another region
	for i := range 6 {
		g.c = []*Container{first, second}[i%2]
		g.put(i%3/2, fmt.Sprint(i), i) // four in the first region, two in the second, one of them in either container
	}
	require.Equal(t, []int{4, 2, 4}, []int{g.Link(0, 2).Waiting, g.Link(1, 2).Waiting, g.Link(0, 1).Waiting})
	require.Equal(t, []int{2, 4, 6}, []int{g.Behind(0), g.Behind(1), g.Behind(2)})
	require.NoError(t, g.Pause(0, 2, false))
	require.Equal(t, []int{0, 2, 4}, []int{g.Link(0, 2).Waiting, g.Link(1, 2).Waiting, g.Link(0, 1).Waiting})
	require.Equal(t, []int{2, 4, 2}, []int{g.Behind(0), g.Behind(1), g.Behind(2)})
	require.NoError(t, g.DeleteDatabase(d))
	require.Equal(t, 1, g.Behind(2), "what goes nowhere is not counted")
	require.NoError(t, g.Remove(2))
	require.Zero(t, g.Behind(2), "nothing is on its way to a region that was removed")
	require.Zero(t, g.Behind(3), "or to one that there is not yet")
}
