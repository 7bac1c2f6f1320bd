package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/session"
	"github.com/stretchr/testify/require"
)

// globe is an account with regions, whose clock the test moves.
type globe struct {
	*Account
	t   *testing.T
	now time.Time
	c   *Container
}

func newGlobe(t *testing.T, regions int, change ...func(*Options)) *globe {
	t.Helper()
	g := &globe{t: t, now: time.Unix(1_700_000_000, 0)}
	o := Options{Partitions: 2, Now: func() time.Time { return g.now },
		Regions: []string{"West US", "East US", "North Europe"}[:regions]}
	for _, f := range change {
		f(&o)
	}
	g.Account = NewAccount(o)
	d, err := g.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	g.c, err = d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`), Throughput{})
	require.NoError(t, err)
	return g
}

func (g *globe) put(region int, id string, v int) Mark {
	g.t.Helper()
	m, err := g.tryPut(region, id, v)
	require.NoError(g.t, err)
	return m
}

func (g *globe) tryPut(region int, id string, v int) (Mark, error) {
	c := g.c.In(region)
	d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":%q,"v":%d}`, id, id, v))
	require.NoError(g.t, err)
	return c.Update(d.EPK, "", func(tx *Tx) error { _, _, err := tx.Upsert(d, ""); return err })
}

func (g *globe) drop(region int, id string) (Mark, error) {
	epk := mustDocument(g.c, id).EPK
	return g.c.In(region).Update(epk, "", func(tx *Tx) error { return tx.Delete(epk, id, "") })
}

// get is the value of a document in a region; -1 without one.
func (g *globe) get(region int, id string) (int, Mark) {
	it, m, err := g.c.In(region).Read(mustDocument(g.c, id).EPK, id)
	if err != nil {
		return -1, m
	}
	n, _ := it.Value().Get("v").AsInt()
	return int(n), m
}

func (g *globe) satisfied(want, have Mark) bool {
	g.t.Helper()
	ok, err := session.Satisfies(want.Token(), have.Token())
	require.NoError(g.t, err)
	return ok
}

// state is all that a region shows, and what its feed says is there.
func (g *globe) state(region int) []string {
	var out []string
	for _, it := range items(g.t, g.c.In(region), Scope{}) {
		out = append(out, it.ID+" "+it.ETag)
	}
	slices.Sort(out)
	var feed []string
	require.NoError(g.t, g.c.In(region).View(Scope{}, func(parts []*Slice) error {
		for _, s := range parts {
			changes, _ := s.Changes(Feed{})
			for _, ch := range changes {
				feed = append(feed, ch.Item.ID+" "+ch.Item.ETag)
			}
		}
		return nil
	}))
	slices.Sort(feed)
	require.Equal(g.t, out, feed, "the feed of region %d", region)
	return out
}

func TestLag(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	require.NoError(t, g.SetDelay(0, 1, time.Minute, time.Minute))
	written := g.put(0, "a", 1)
	v, m := g.get(0, "a")
	require.Equal(t, 1, v)
	require.True(t, g.satisfied(written, m))
	v, m = g.get(2, "a")
	require.Equal(t, 1, v, "without a delay it is there at once")
	require.True(t, g.satisfied(written, m))
	v, m = g.get(1, "a")
	require.Equal(t, -1, v)
	require.False(t, g.satisfied(written, m))
	require.Equal(t, 1, g.Behind(1))

	g.now = g.now.Add(time.Minute)
	v, m = g.get(1, "a")
	require.Equal(t, 1, v)
	require.True(t, g.satisfied(written, m))
	require.Equal(t, g.state(0), g.state(1))

	require.NoError(t, g.Pause(-1, 1, true))
	g.put(0, "a", 2)
	g.now = g.now.Add(time.Hour)
	v, _ = g.get(1, "a")
	require.Equal(t, 1, v, "an older state")
	require.NoError(t, g.Pause(-1, 1, false))
	v, _ = g.get(1, "a")
	require.Equal(t, 2, v)
	refused(t, g.SetDelay(0, 1, 2, 1), 400, "impossible")
}

// A region far behind makes writes wait: 429/3075.
func TestLagIsBounded(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.MaxStaleness = 10 })
	require.NoError(t, g.SetDelay(0, 1, time.Hour, time.Hour))
	for i := range 30 {
		g.put(0, "a", i)
	}
	require.Equal(t, 10, g.Behind(1), "no further behind than the level allows")
	require.NoError(t, g.Pause(0, 1, true))
	_, err := g.tryPut(0, "a", 30)
	refused(t, err, 429, "replication to East US is 10 writes behind")
	v, _ := g.get(0, "a")
	require.Equal(t, 29, v)

	strong := newGlobe(t, 2, func(o *Options) { o.Synchronous = true })
	refused(t, strong.SetDelay(0, 1, 1, 1), 412, "Strong")
	refused(t, strong.Pause(0, 1, true), 412, "Strong")
	refused(t, strong.SetMultiWrite(true), 400, "one write region")
}

func TestWriteRegionMoves(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
	first := g.put(0, "a", 1)
	_, err := g.tryPut(1, "a", 2)
	refused(t, err, 403, "cannot be performed at this region")

	require.NoError(t, g.Pause(0, 1, true))
	refused(t, g.MoveWrites(1), 412, "replication from West US to it is paused")
	require.NoError(t, g.Pause(0, 1, false))
	require.NoError(t, g.MoveWrites(1))
	refused(t, g.MoveWrites(1), 412, "write region already")
	v, m := g.get(1, "a")
	require.Equal(t, 1, v, "it has every write")
	require.True(t, g.satisfied(first, m))
	_, err = g.tryPut(0, "a", 2)
	refused(t, err, 403, "cannot be performed")

	// Nobody sees the second write who has not seen the first.
	require.NoError(t, g.Pause(0, 2, true))
	second := g.put(1, "a", 2)
	g.now = g.now.Add(time.Hour)
	v, m = g.get(2, "a")
	require.Equal(t, -1, v)
	require.False(t, g.satisfied(first, m))
	require.NoError(t, g.Pause(0, 2, false))
	v, m = g.get(2, "a")
	require.Equal(t, 2, v)
	require.True(t, g.satisfied(second, m))
	require.Equal(t, g.state(0), g.state(2))
	require.Equal(t, g.state(1), g.state(2))
}

func TestForcedFailover(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	g.put(0, "a", 1)
	require.NoError(t, g.Pause(0, 1, true))
	seen := g.put(0, "a", 2) // which region 2 has, and region 1 has not
	_, err := g.drop(0, "a")
	require.NoError(t, err)
	require.NoError(t, g.Drain(2))
	_, err = g.ForceWrites(1)
	refused(t, err, 412, "North Europe is being removed")
	require.NoError(t, g.CancelDrain(2))
	lost, err := g.ForceWrites(1)
	require.NoError(t, err)
	require.Len(t, lost, 2)
	require.Equal(t, []any{"d", "c", "a"}, []any{lost[0].Database, lost[0].Container, lost[0].Item})
	require.NotEmpty(t, lost[0].ETag)
	require.Empty(t, lost[1].ETag, "a delete")
	for region := range 3 {
		v, m := g.get(region, "a")
		require.Equal(t, 1, v)
		require.True(t, g.satisfied(seen, m), "no session waits for ever")
	}
	next := g.put(1, "a", 3)
	v, m := g.get(0, "a")
	require.Equal(t, 3, v)
	require.True(t, g.satisfied(next, m))
	require.Greater(t, next.LSN, seen.LSN, "positions of change feeds hold")
	require.Equal(t, g.state(1), g.state(2))
}

func TestRegionsComeAndGo(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 1)
	single := g.put(0, "a", 1)
	require.Equal(t, "-1#1", single.Token().String())
	id, err := g.AddRegion("East US")
	require.NoError(t, err)
	_, err = g.AddRegion("eastus")
	refused(t, err, 409, "already")
	v, m := g.get(id, "a")
	require.Equal(t, 1, v)
	require.True(t, g.satisfied(single, m))
	require.Equal(t, "0#1#1=1#2=0", m.Token().String(), "membership raises the version")

	require.NoError(t, g.Drain(id))
	_, err = g.AddRegion("North Europe")
	refused(t, err, 412, "East US is being removed")
	refused(t, g.MoveWrites(id), 412, "not one of the regions that serve")
	require.NoError(t, g.CancelDrain(id))
	refused(t, g.CancelDrain(id), 412, "not being removed")
	refused(t, g.Remove(0), 412, "write region")

	// What only the region that goes has arrives first.
	require.NoError(t, g.SetMultiWrite(true))
	require.NoError(t, g.SetDelay(id, 0, time.Hour, time.Hour))
	last := g.put(id, "a", 5)
	require.NoError(t, g.Remove(id))
	refused(t, g.Remove(id), 404, "was removed")
	v, m = g.get(0, "a")
	require.Equal(t, 5, v)
	require.True(t, g.satisfied(last, m))
	_, err = g.tryPut(id, "a", 6)
	refused(t, err, 403, "does not exist")
	third, err := g.AddRegion("East US")
	require.NoError(t, err)
	require.Equal(t, 2, third, "an id is never used again")
	require.Equal(t, g.state(0), g.state(third))
}

func TestPartitionFailover(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	m := g.put(0, "a", 1)
	_, err := g.c.FailOverPartition(m.Range, 1, false)
	require.NoError(t, err)
	_, err = g.tryPut(0, "a", 2)
	refused(t, err, 403, "cannot be performed")
	moved := g.put(1, "a", 2)
	require.True(t, moved.Hub)
	v, there := g.get(0, "a")
	require.Equal(t, 2, v)
	require.False(t, there.Hub)
	_, err = g.c.FailOverPartition("77", 1, false)
	refused(t, err, 410, "77")
}

// Whatever regions write at the same time, and however long it takes: once everything has arrived all have the same,
// and while it does no region shows less than a token that it satisfies.
func TestRegionsConverge(t *testing.T) {
	t.Parallel()
	fresh, stale := 0, 0
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		g := newGlobe(t, 3, func(o *Options) { o.MultiWrite, o.Seed = seed%3 > 0, seed })
		require.NoError(t, g.SetDelay(-1, -1, 0, 10*time.Second))
		last := map[string]int{}
		marks := map[string]Mark{}
		for step := range 400 {
			g.now = g.now.Add(time.Duration(random.IntN(3000)) * time.Millisecond)
			region, id := g.Topology().Write, fmt.Sprint("d", random.IntN(8))
			if g.Topology().Multi {
				region = random.IntN(3)
			}
			switch n := random.IntN(40); {
			case n == 0:
				_, err := g.c.Split(g.c.Ranges()[random.IntN(len(g.c.Ranges()))].ID)
				require.NoError(t, err)
			case n == 1 && len(g.c.Ranges()) > 1:
				r := g.c.Ranges()
				i := random.IntN(len(r) - 1)
				_, err := g.c.Merge(r[i].ID, r[i+1].ID)
				require.NoError(t, err)
			case n == 2:
				if to := random.IntN(3); to != g.Topology().Write {
					require.NoError(t, g.MoveWrites(to))
				}
			case n < 10:
				if m, err := g.drop(region, id); err == nil {
					marks[id], last[id] = m, -1
				}
			default:
				marks[id], last[id] = g.put(region, id, step), step
			}
			v, m := g.get(random.IntN(3), id)
			mark, written := marks[id]
			known := m.Range == mark.Range || slices.Contains(m.Parents, mark.Range)
			if written && !g.Topology().Multi {
				require.True(t, known)
				if g.satisfied(mark, m) {
					require.Equal(t, last[id], v, "seed %d, step %d", seed, step)
					fresh++
				} else {
					stale++
				}
			}
		}
		g.now = g.now.Add(time.Hour)
		all := g.state(0)
		for region := range 3 {
			require.Equal(t, all, g.state(region), "seed %d, region %d", seed, region)
			require.Zero(t, g.Behind(region))
		}
		for _, p := range g.c.partitions {
			for r := range p.live() {
				require.Equal(t, p.replicas[0].progress, r.progress)
				require.Equal(t, p.replicas[0].lsn, r.lsn)
			}
		}
	}
	require.Positive(t, fresh)
	require.Positive(t, stale)
}
