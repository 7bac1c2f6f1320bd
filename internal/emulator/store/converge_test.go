package store

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// policy makes the globe's container anew, with more in its definition.
func (g *globe) policy(more string) {
	g.t.Helper()
	d, err := g.Database("d")
	require.NoError(g.t, err)
	body := fmt.Appendf(nil, `{"id":"c2","partitionKey":{"paths":["/pk"],"version":2},%s}`, more)
	g.c, err = d.CreateContainer(body, Throughput{})
	require.NoError(g.t, err)
}

// rename gives a document of the logical partition pk another id.
func (g *globe) rename(region int, pk, from, to string) {
	g.t.Helper()
	c := g.c.In(region)
	d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":%q,"v":0}`, to, pk))
	require.NoError(g.t, err)
	_, err = c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Replace(from, d, ""); return err })
	require.NoError(g.t, err)
}

// same requires that all regions have the same once everything has arrived, by key, by scan and by index.
func (g *globe) same() {
	g.t.Helper()
	g.now = g.now.Add(24 * time.Hour)
	all := g.state(0)
	for _, region := range g.Topology().Listed() {
		require.Equal(g.t, all, g.state(region.ID), "region %d", region.ID)
	}
	for _, p := range g.c.partitions {
		for r := range p.live() {
			require.Len(g.t, r.docs, len(r.all.items)-r.all.gone)
			for _, x := range r.indexes.list {
				n := 0
				for _, block := range x.blocks {
					n += len(block)
				}
				require.Equal(g.t, []int{len(r.docs), len(r.docs)}, []int{x.count, n})
			}
		}
	}
}

// One region renames a document that another one changes: each has a version of the same document under an id of its
// own until the hub's is everywhere.
func TestRenamesConverge(t *testing.T) {
	t.Parallel()
	for range 20 { // in whatever order the documents are settled
		g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
		g.put(0, "a", 1)
		for _, p := range g.c.partitions {
			for r := range p.live() {
				r.indexes.at([]string{"v"}, &r.all)
			}
		}
		require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
		g.rename(0, "a", "a", "b")
		g.put(1, "a", 3)
		g.same()
		g.put(0, "a", 4) // another document of that id
		g.same()
	}
}

// The value at the path of resolution decides, so that what wins in a region depends on the order in which writes
// arrive there: the hub has the last word, also where the partition is split or the regions change before that.
func TestDisputesOutliveEvents(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]func(g *globe) error{
		"nothing": func(*globe) error { return nil },
		"split":   func(g *globe) error { _, err := g.c.Split(g.c.Ranges()[0].ID); return err },
		"merge":   func(g *globe) error { r := g.c.Ranges(); _, err := g.c.Merge(r[0].ID, r[1].ID); return err },
		"move":    func(g *globe) error { return g.MoveWrites(1) },
		"remove":  func(g *globe) error { return g.Remove(2) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
			g.policy(`"conflictResolutionPolicy":{"mode":"LastWriterWins","conflictResolutionPath":"/v"}`)
			for i := range 20 {
				g.put(0, fmt.Sprint("d", i), 1)
			}
			require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
			// its writes have yet to come when the others' meet
			require.NoError(t, g.SetDelay(2, -1, time.Hour, time.Hour))
			for i := range 20 {
				id := fmt.Sprint("d", i)
				g.put(2, "e"+id, 1)
				g.put(0, id, 10)
				g.put(1, id, 5)
				g.put(0, id, 2)
			}
			g.now = g.now.Add(2 * time.Minute)
			for region := range 3 {
				g.state(region)
			}
			require.NoError(t, event(g))
			g.same()
		})
	}
}

// Time to live also ends documents that have come from another region.
func TestTimeToLiveAfterAFailover(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	g.policy(`"defaultTtl":60`)
	g.c.Expire() // nothing is there that could expire
	require.NoError(t, g.MoveWrites(1))
	g.put(1, "a", 1)
	require.NoError(t, g.MoveWrites(0))
	g.now = g.now.Add(time.Hour)
	g.put(0, "a", 2)
	v, _ := g.get(0, "a")
	require.Equal(t, 2, v)
	for _, p := range g.c.partitions {
		for r := range p.live() {
			require.Len(t, r.docs, len(r.all.items)-r.all.gone, "each document is there once")
		}
	}
}

// A region that is drained writes no partition any more.
func TestDrainedRegionWritesNoPartition(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	m := g.put(0, "a", 1)
	_, err := g.c.FailOverPartition(m.Range, 1, false)
	require.NoError(t, err)
	require.NoError(t, g.SetDelay(-1, -1, time.Hour, time.Hour))
	g.put(1, "a", 2)
	require.NoError(t, g.Drain(1))
	v, _ := g.get(0, "a")
	require.Equal(t, 2, v)
	g.put(0, "a", 3)
}

// Two tokens of one version name the same regions, also those of partitions with different pasts: clients put the
// tokens of merged partitions together.
func TestTokensOfOneVersionNameTheSameRegions(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.Partitions = 4 })
	seen := map[string]string{}
	look := func() {
		for _, m := range g.c.In(0).Statistics() {
			version, rest, _ := strings.Cut(m.Token().String(), "#")
			_, regions, _ := strings.Cut(rest, "#")
			regions = regexp.MustCompile(`=\d+`).ReplaceAllString(regions, "")
			if other, known := seen[version]; known {
				require.Equal(t, other, regions, version)
			}
			seen[version] = regions
		}
	}
	look()
	for i := range 3 {
		r := g.c.Ranges()
		_, err := g.c.Merge(r[0].ID, r[1].ID)
		require.NoError(t, err)
		look()
		if i < 2 {
			id, err := g.AddRegion(fmt.Sprint("added ", i))
			require.NoError(t, err)
			look()
			require.NoError(t, g.Remove(id))
			look()
		}
	}
}
