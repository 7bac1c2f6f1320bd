package store

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// apart puts a document in each of the globe's two partitions and gives their ids, which are their keys, too.
func (g *globe) apart() (first, second string) {
	g.t.Helper()
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		switch m := g.put(-1, id, 0); {
		case m.Range == "0" && first == "":
			first = id
		case m.Range == "1" && second == "":
			second = id
		}
	}
	require.NotEmpty(g.t, first)
	require.NotEmpty(g.t, second)
	return first, second
}

// Where a failover cannot be, it says why, and nothing is other than before.
func TestFailoversThatCannotBe(t *testing.T) {
	t.Parallel()
	partition := func(force bool) func(*globe) error {
		return func(g *globe) error { _, err := g.c.FailOverPartition("0", 1, force); return err }
	}
	move := func(g *globe) error { return g.MoveWrites(1) }
	force := func(g *globe) error { _, err := g.ForceWrites(1); return err }
	drained := func(id int) func(*globe) error { return func(g *globe) error { return g.Drain(id) } }
	removed := func(g *globe) error { return g.Remove(1) }
	multi := func(g *globe) error { return g.SetMultiWrite(true) }
	split := func(g *globe) error { _, err := g.c.BeginSplit("0", ""); return err }
	deleted := func(g *globe) error { return g.c.db.DeleteContainer(g.c) }
	for _, test := range []struct {
		name             string
		before, failover func(*globe) error
		status           int
		want             string
	}{
		{"to a region that is drained", drained(1), move, 412, "East US is not one of the regions that serve"},
		{"by force to a region that is drained", drained(1), force, 412,
			"East US is not one of the regions that serve"},
		{"of a partition to a region that is drained", drained(1), partition(true), 412,
			"East US is not one of the regions that serve"},
		{"to a region that was removed", removed, move, 412, "East US is not one of the regions that serve"},
		{"by force to a region that was removed", removed, force, 412,
			"East US is not one of the regions that serve"},
		{"of a partition to a region that was removed", removed, partition(false), 412,
			"East US is not one of the regions that serve"},
		{"while another region is drained", drained(2), move, 412, "North Europe is being removed"},
		{"by force to the write region", func(g *globe) error { return g.MoveWrites(1) }, force, 412,
			"East US is the write region already"},
		{"of a partition that all regions write", multi, partition(false), 400, "Every region writes"},
		{"by force of a partition that all regions write", multi, partition(true), 400, "Every region writes"},
		{"of a partition that is being split", split, partition(false), 412, "0 takes part in a split"},
		{"by force of a partition that is being split", split, partition(true), 412, "0 takes part in a split"},
		{"of a partition of a deleted container", deleted, partition(false), 404, "Resource Not Found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3)
			g.put(0, "a", 1)
			require.NoError(t, test.before(g))
			before := g.Topology()
			refused(t, test.failover(g), test.status, test.want)
			require.Same(t, before, g.Topology(), "no session token is of another version")
			g.put(before.Write, "a", 2)
			for _, r := range before.Listed() {
				n, _ := g.get(r.ID, "a")
				require.Equal(t, 2, n)
			}
		})
	}
}

// A planned failover that one partition cannot follow lets no write of another one arrive either.
func TestPlannedFailoverIsWholeOrNot(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	first, second := g.apart()
	require.NoError(t, g.SetDelay(-1, -1, time.Hour, time.Hour))
	_, err := g.c.FailOverPartition("1", 2, false)
	require.NoError(t, err)
	g.put(0, first, 1)
	g.put(2, second, 1)
	require.NoError(t, g.Pause(2, 1, true))
	refused(t, g.MoveWrites(1), 412,
		"East US has not got every write, and replication from North Europe to it is paused: "+
			"resume it, or force the failover.")
	require.Equal(t, 2, g.Behind(1), "all is on its way as before")
	n, _ := g.get(1, first)
	require.Equal(t, 0, n)
	_, err = g.tryPut(1, first, 2)
	refused(t, err, 403, "cannot be performed at this region")
	g.put(2, second, 2)

	require.NoError(t, g.Pause(2, 1, false))
	require.NoError(t, g.Pause(0, 2, true), "a way that does not lead there does not matter")
	require.NoError(t, g.MoveWrites(1))
	require.Equal(t, []int{2, 0, 1}, []int{g.Behind(0), g.Behind(1), g.Behind(2)},
		"only what goes to the new write region has arrived")
	g.put(1, first, 3)
	g.put(1, second, 3)
	_, err = g.tryPut(2, second, 4)
	refused(t, err, 403, "cannot be performed at this region")
	require.NoError(t, g.Pause(0, 2, false))
	g.same()
}

// Where several regions write, the old write region has the last word until all have everything: a planned failover
// cannot be forced past a way that is paused, whichever it is.
func TestPlannedFailoverWaitsForAllThatWrite(t *testing.T) {
	t.Parallel()
	for _, way := range [][2]int{{2, 0}, {2, 1}} {
		g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
		require.NoError(t, g.Pause(way[0], way[1], true))
		g.put(2, "a", 1)
		err := g.MoveWrites(1)
		refused(t, err, 412, "replication from North Europe to it is paused: resume it.")
		require.Equal(t, 0, g.Topology().Write)
		require.NoError(t, g.Pause(-1, -1, false))
		require.NoError(t, g.MoveWrites(1))
		for region := range 3 {
			n, _ := g.get(region, "a")
			require.Equal(t, 1, n)
		}
		g.put(0, "a", 2) // every region writes as before
		g.same()
	}
}

// A forced failover of one partition loses what that one had on its way, and nothing of another.
func TestForcedFailoverOfAPartition(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	first, second := g.apart()
	require.NoError(t, g.Pause(0, -1, true))
	g.put(0, first, 1)
	g.put(0, second, 1)
	behind := g.Behind(1)
	_, err := g.c.FailOverPartition("0", 1, false)
	refused(t, err, 412, "East US has not got every write, and replication from West US to it is paused: "+
		"resume it, or force the failover.")
	lost, err := g.c.FailOverPartition("0", 1, true)
	require.NoError(t, err)
	require.Len(t, lost, 1)
	require.Equal(t, first, lost[0].Item)
	require.Equal(t, behind-1, g.Behind(1))
	require.Equal(t, 0, g.Topology().Write, "the account writes where it did")
	for region := range 3 {
		n, m := g.get(region, first)
		require.Equal(t, 0, n)
		require.Equal(t, region == 1, m.Hub)
		n, m = g.get(region, second)
		require.Equal(t, map[bool]int{true: 1, false: 0}[region == 0], n)
		require.Equal(t, region == 0, m.Hub)
	}
	g.put(1, first, 2)
	g.put(0, second, 2)
	_, err = g.tryPut(0, first, 3)
	refused(t, err, 403, "cannot be performed at this region")
	require.NoError(t, g.Pause(-1, -1, false))
	g.same()
}

// The halves of a partition that another region writes are written there, and so is what they are merged to; a failover
// of the account takes all partitions along.
func TestPartitionsAfterTheirFailover(t *testing.T) {
	t.Parallel()
	writes := func(g *globe, region int, id string) {
		for other := range 3 {
			if other != region {
				_, err := g.tryPut(other, id, 1)
				refused(g.t, err, 403, "cannot be performed at this region")
			}
		}
		g.put(region, id, 1)
		n, _ := g.get(0, id)
		require.Equal(g.t, 1, n)
	}
	for name, failover := range map[string]func(*globe) error{
		"planned": func(g *globe) error { return g.MoveWrites(1) },
		"forced":  func(g *globe) error { _, err := g.ForceWrites(1); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3)
			first, second := g.apart()
			_, err := g.c.FailOverPartition("0", 2, false)
			require.NoError(t, err)
			writes(g, 2, first)
			writes(g, 0, second)
			halves, err := g.c.Split("0")
			require.NoError(t, err)
			writes(g, 2, first)
			_, err = g.c.Merge(halves[0], halves[1])
			require.NoError(t, err)
			writes(g, 2, first)
			require.NoError(t, failover(g))
			writes(g, 1, first)
			writes(g, 1, second)
			g.same()
		})
	}
}

// What a forced failover loses is told of once, by the version that is lost, and is gone from every region; what the
// new write region has already is not lost.
func TestForcedFailoverTellsOfEachVersionOnce(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	g.put(0, "kept", 1)
	require.NoError(t, g.Pause(0, 1, true))
	versions := map[string]int{}
	for v := range 3 {
		g.put(0, "a", v)
		it, _, err := g.c.Read(mustDocument(g.c, "a").EPK, "a")
		require.NoError(t, err)
		versions[it.ETag] = v
	}
	last := g.put(0, "kept", 2)
	lost, err := g.ForceWrites(1)
	require.NoError(t, err)
	require.Len(t, lost, 4)
	for _, l := range lost {
		if l.Item == "a" {
			require.Contains(t, versions, l.ETag)
			delete(versions, l.ETag)
		}
	}
	require.Empty(t, versions)
	for region := range 3 {
		n, _ := g.get(region, "a")
		require.Equal(t, -1, n)
		n, m := g.get(region, "kept")
		require.Equal(t, 1, n)
		require.True(t, g.satisfied(last, m))
		require.Zero(t, g.Behind(region))
	}
	lost, err = g.ForceWrites(0)
	require.NoError(t, err)
	require.Empty(t, lost, "all have the same")
	require.NoError(t, g.MoveWrites(1), "the way there is paused, and nothing waits for it")
}

// A container that is deleted takes no part in the account's changes any more: who splits it meanwhile meets none of
// them.
func TestFailoverOfAPartitionOfADeletedContainer(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	require.NoError(t, g.c.db.DeleteContainer(g.c))
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 5 {
				g.c.Split(g.c.Ranges()[0].ID) // it may have been split already
			}
		})
		work.Go(func() {
			for range 5 {
				if _, err := g.c.FailOverPartition("0", 1, true); err == nil {
					t.Error("it was there")
				}
			}
		})
	}
	work.Wait()
}
