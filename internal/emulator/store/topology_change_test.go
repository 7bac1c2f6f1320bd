package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is refused changes nothing: the topology is the same one, and with it the version of session tokens.
func TestChangesOfRegionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, change func(g *globe) error
		status         int
		want           string
	}{
		"a region without a name": {nil, func(g *globe) error { _, err := g.AddRegion(" "); return err }, 409,
			"no name"},
		"a region that is there": {nil, func(g *globe) error { _, err := g.AddRegion("EastUS"); return err }, 409,
			"already"},
		"a second drain": {func(g *globe) error { return g.Drain(1) }, func(g *globe) error { return g.Drain(2) }, 412,
			"East US is being removed"},
		"removing one while another is drained": {func(g *globe) error { return g.Drain(1) },
			func(g *globe) error { return g.Remove(2) }, 412, "East US is being removed"},
		"draining the write region": {nil, func(g *globe) error { return g.Drain(0) }, 412,
			"West US is the write region: move that to another one first"},
		"draining what is removed": {func(g *globe) error { return g.Remove(1) },
			func(g *globe) error { return g.Drain(1) }, 404, "East US was removed"},
		"bringing back what was not drained": {nil, func(g *globe) error { return g.CancelDrain(1) }, 412,
			"East US is not being removed"},
		"bringing back what is removed": {func(g *globe) error { return g.Remove(1) },
			func(g *globe) error { return g.CancelDrain(1) }, 412, "East US is not being removed"},
		"the mode that it has": {nil, func(g *globe) error { return g.SetMultiWrite(false) }, 412,
			"in that write mode already"},
		"another mode while one is drained": {func(g *globe) error { return g.Drain(1) },
			func(g *globe) error { return g.SetMultiWrite(true) }, 412, "East US is being removed"},
		"another mode before all have all": {func(g *globe) error {
			require.NoError(t, g.Pause(0, 1, true))
			_, err := g.tryPut(0, "b", 1)
			return err
		}, func(g *globe) error { return g.SetMultiWrite(true) }, 412,
			"East US has not got every write, and replication from West US to it is paused: resume it."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3, func(o *Options) { o.Flap = time.Hour })
			if test.before != nil {
				require.NoError(t, test.before(g))
			}
			before, shown := g.Topology(), g.Shown(0)
			refused(t, test.change(g), test.status, test.want)
			require.Same(t, before, g.Topology())
			require.Same(t, shown, g.Shown(0))
			g.put(0, "a", 1)
		})
	}
}

// A region that is added has what the write region has, its feed of conflicts too, and gets what is on its way there.
func TestAddedRegionHasWhatTheWriteRegionHas(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
	g.policy(`"conflictResolutionPolicy":{"mode":"Custom"},"defaultTtl":-1`)
	g.put(0, "a", 1)
	require.NoError(t, g.Pause(-1, -1, true))
	g.put(0, "b", 1)
	g.put(1, "b", 2)
	require.NoError(t, g.Pause(-1, -1, false))
	require.Equal(t, []string{"b 2"}, g.feed(0))
	require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
	coming := g.put(1, "c", 3)
	id, err := g.AddRegion("UK South")
	require.NoError(t, err)
	require.Equal(t, 1, g.Behind(id), "that write is on its way to it, too")
	for name, want := range map[string]int{"a": 1, "b": 1, "c": -1} {
		n, m := g.get(id, name)
		require.Equal(t, want, n, name)
		require.False(t, name == "c" && g.satisfied(coming, m))
	}
	require.Equal(t, []string{"b 2"}, g.feed(id))
	g.now = g.now.Add(time.Minute)
	n, m := g.get(id, "c")
	require.Equal(t, 3, n)
	require.True(t, g.satisfied(coming, m))
	own := g.put(id, "d", 4)
	g.now = g.now.Add(time.Minute)
	for region := range 3 {
		n, m := g.get(region, "d")
		require.Equal(t, 4, n)
		require.True(t, g.satisfied(own, m))
	}
	g.same()
}

// A region that goes leaves what only it has, and first what it knew when it wrote that, wherever that comes from.
func TestRemovedRegionLeavesWhatItHas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		write func(g *globe)
		want  map[string]int // in the write region, at once
	}{
		"its own": {func(g *globe) { g.put(1, "a", 1); g.put(1, "a", 2) }, map[string]int{"a": 2}},
		"upon another's": {func(g *globe) {
			g.put(2, "a", 1) // is in region 1 at once
			g.put(1, "a", 2)
		}, map[string]int{"a": 2}},
		"upon another's, of another document": {func(g *globe) {
			g.put(2, "a", 1)
			g.put(1, "a2", 2)
		}, map[string]int{"a": 1, "a2": 2}},
		"in turns": {func(g *globe) {
			for i := range 6 {
				g.put(1+i%2, "a", i)
			}
			g.put(1, "a", 7)
		}, map[string]int{"a": 7}},
		"not what others have beside": {func(g *globe) {
			g.put(1, "a", 1)
			g.put(2, "a2", 2)
		}, map[string]int{"a": 1, "a2": -1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3, func(o *Options) { o.MultiWrite, o.Partitions = true, 1 })
			require.NoError(t, g.SetDelay(-1, 0, time.Hour, time.Hour))
			test.write(g)
			for id := range test.want {
				n, _ := g.get(0, id)
				require.Equal(t, -1, n, "it is on its way")
			}
			require.NoError(t, g.Remove(1))
			for id, want := range test.want {
				n, _ := g.get(0, id)
				require.Equal(t, want, n, id)
			}
			g.same()
		})
	}
}

// Whoever reads a region that was removed reads the write region.
func TestReadersOfARemovedRegion(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	g.put(0, "a", 1)
	gone := g.c.In(1)
	require.NoError(t, g.Remove(1))
	g.put(0, "a", 2)
	it, m, err := gone.Read(mustDocument(g.c, "a").EPK, "a")
	require.NoError(t, err)
	require.Equal(t, 2., it.Value().Get("v").AsFloat())
	require.True(t, m.Hub)
	require.Equal(t, g.state(0), g.state(1))
	_, err = g.c.Split(m.Range)
	require.NoError(t, err)
	require.Equal(t, g.state(0), g.state(1))
}

// Where all regions write and then one does, nothing that any of them has taken is lost, and conflicts are decided by
// whose word was the last when they arose.
func TestOneWriterAfterSeveral(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
	g.policy(`"conflictResolutionPolicy":{"mode":"LastWriterWins","conflictResolutionPath":"/v"}`)
	require.NoError(t, g.SetDelay(-1, -1, time.Hour, time.Hour))
	marks := []Mark{g.put(0, "a", 1), g.put(1, "a", 3), g.put(2, "a", 2), g.put(2, "b", 1)}
	version := g.Topology().Version
	require.NoError(t, g.SetMultiWrite(false))
	require.Greater(t, g.Topology().Version, version)
	for region := range 3 {
		a, at := g.get(region, "a")
		b, bt := g.get(region, "b")
		require.Equal(t, []int{3, 1}, []int{a, b}, region)
		for _, m := range marks {
			require.True(t, m.Range == at.Range && g.satisfied(m, at) || m.Range == bt.Range && g.satisfied(m, bt))
		}
		require.Zero(t, g.Behind(region))
	}
	g.same()
}
