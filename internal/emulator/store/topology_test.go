package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func names(regions []Region) (names []string) {
	for _, r := range regions {
		names = append(names, r.Name)
	}
	return names
}

// The account lists the write region first, and others as long as they are not removed, those too that are drained.
func TestListedRegions(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	for _, step := range []struct {
		change func() error
		listed []string
		others int
	}{
		{func() error { return nil }, []string{"West US", "East US", "North Europe"}, 2},
		{func() error { return g.MoveWrites(2) }, []string{"North Europe", "West US", "East US"}, 2},
		{func() error { return g.Drain(1) }, []string{"North Europe", "West US", "East US"}, 2},
		{func() error { return g.Remove(1) }, []string{"North Europe", "West US"}, 1},
		{func() error { _, err := g.AddRegion("East US"); return err },
			[]string{"North Europe", "West US", "East US"}, 2},
		{func() error { return g.Remove(0) }, []string{"North Europe", "East US"}, 1},
		{func() error { return g.Remove(3) }, []string{"North Europe"}, 0},
	} {
		require.NoError(t, step.change())
		require.Equal(t, step.listed, names(g.Topology().Listed()))
		require.Equal(t, step.others, g.Topology().Others())
	}
	require.Empty(t, names(NewAccount(Options{}).Topology().Listed())[0], "the only region of an account needs no name")
}

// Regions are found by their names as clients write them; one that was removed is not, and whoever asks is told which
// there are.
func TestFindRegion(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	for _, name := range []string{"East US", "eastus", "EASTUS", "east us", " East  US "} {
		r, err := g.Topology().Find(name)
		require.NoError(t, err, name)
		require.Equal(t, 1, r.ID)
	}
	require.NoError(t, g.Remove(1))
	for _, name := range []string{"East US", "East US 2", "", "eastus2"} {
		_, err := g.Topology().Find(name)
		refused(t, err, 404, fmt.Sprintf("no region %q: it has West US, North Europe.", name))
	}
	id, err := g.AddRegion("east us")
	require.NoError(t, err)
	r, err := g.Topology().Find("East US")
	require.NoError(t, err)
	require.Equal(t, Region{ID: id, Name: "east us"}, r)
}

// The first region's address is the account's own, and leads to the write region once the first is gone.
func TestRegionBehindAnAddress(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	require.NoError(t, g.MoveWrites(2))
	require.Equal(t, []int{0, 1, 2}, []int{g.Topology().Behind(0), g.Topology().Behind(1), g.Topology().Behind(2)})
	require.NoError(t, g.Drain(0))
	require.Equal(t, 0, g.Topology().Behind(0), "it is still listed")
	require.NoError(t, g.Remove(0))
	require.Equal(t, 2, g.Topology().Behind(0))
	require.NoError(t, g.MoveWrites(1))
	require.Equal(t, 1, g.Topology().Behind(0), "wherever that is")
	require.NoError(t, g.Remove(2))
	require.Equal(t, 2, g.Topology().Behind(2), "another one's leads to nobody else")
}

// For some time after a change readers of the account see it as it was and as it is in turns.
func TestAccountFlaps(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.Flap = time.Minute })
	shown := func() (writers [4]int) {
		for n := range writers {
			writers[n] = g.Shown(uint64(n)).Write
		}
		return writers
	}
	require.Equal(t, [4]int{0, 0, 0, 0}, shown())
	require.NoError(t, g.MoveWrites(1))
	require.Equal(t, [4]int{0, 1, 0, 1}, shown())
	refused(t, g.MoveWrites(1), 412, "already")
	g.now = g.now.Add(time.Minute - 1)
	require.Equal(t, [4]int{0, 1, 0, 1}, shown(), "a change that is refused is none")
	g.now = g.now.Add(1)
	require.Equal(t, [4]int{1, 1, 1, 1}, shown())
	id, err := g.AddRegion("UK South")
	require.NoError(t, err)
	require.NoError(t, g.MoveWrites(id))
	require.Equal(t, [4]int{1, id, 1, id}, shown(), "of two changes the last")
	require.Len(t, g.Shown(0).Regions, 3)

	steady := newGlobe(t, 2)
	require.NoError(t, steady.MoveWrites(1))
	require.Equal(t, 1, steady.Shown(0).Write)
}

// A region that is being removed takes no writes, and says that the account is not there; one that does not write says
// so; what is asked of no region is done where it can be.
func TestWhereWritesAreTaken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		multi   bool
		before  func(g *globe) error
		refused map[int]int // substatus by region; not there: the write is taken
	}{
		"one writes":     {false, nil, map[int]int{1: SubWriteForbidden, 2: SubWriteForbidden}},
		"all write":      {true, nil, nil},
		"another one":    {false, func(g *globe) error { return g.MoveWrites(2) }, map[int]int{0: 3, 1: 3}},
		"one is drained": {true, func(g *globe) error { return g.Drain(1) }, map[int]int{1: SubAccountGone}},
		"one is back":    {true, func(g *globe) error { g.Drain(1); return g.CancelDrain(1) }, nil},
		"one is removed": {true, func(g *globe) error { return g.Remove(1) }, map[int]int{1: SubAccountGone}},
		"a reader is":    {false, func(g *globe) error { return g.Remove(1) }, map[int]int{1: 1008, 2: 3}},
		"all but one are": {true, func(g *globe) error { g.Remove(2); return g.Remove(1) },
			map[int]int{1: 1008, 2: 1008}},
		"one no longer may": {true, func(g *globe) error { return g.SetMultiWrite(false) }, map[int]int{1: 3, 2: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = test.multi })
			if test.before != nil {
				require.NoError(t, test.before(g))
			}
			for region := -1; region < 3; region++ {
				_, err := g.tryPut(region, "a", region)
				sub, no := test.refused[region]
				if !no {
					require.NoError(t, err, region)
					n, _ := g.get(region, "a")
					require.Equal(t, region, n)
					continue
				}
				refused(t, err, 403, "")
				require.ErrorContains(t, err, fmt.Sprint("403/", sub), region)
				if sub == SubAccountGone {
					require.ErrorContains(t, err, "Database Account cosmostest does not exist")
				}
			}
		})
	}
}

// However long replication is paused, it keeps no more of a partition's writes than there is room for: who writes on is
// told where they do not go, and with room they go on.
func TestReplicationHasSoMuchRoom(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3, func(o *Options) { o.Partitions = 1 })
	require.NoError(t, g.Pause(0, 2, true))
	for i := range maxQueue {
		_, err := g.tryPut(0, "a", i)
		require.NoError(t, err)
	}
	_, err := g.tryPut(0, "a", -1)
	refused(t, err, 429, "replication to North Europe is 10000 writes behind")
	require.ErrorContains(t, err, "429/3075")
	n, _ := g.get(1, "a")
	require.Equal(t, maxQueue-1, n, "the others have all that was taken")
	require.NoError(t, g.Pause(0, 2, false))
	g.put(0, "a", -1)
	for region := range 3 {
		n, _ := g.get(region, "a")
		require.Equal(t, -1, n)
	}
}
