package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A merge waits for replication: in every region there must be the same.
func TestMergeWaitsForReplication(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.Phases = Phases{time.Second, time.Second, time.Second} })
	_, err := g.c.Merge("0", "1")
	require.NoError(t, err)
	require.NoError(t, g.Pause(0, 1, true))
	g.put(0, "a", 1)
	g.put(0, "b", 1)
	change := g.c.RangeChanges()[0]
	g.now = g.now.Add(time.Hour)
	require.Equal(t, Preparing, change.Phase())
	_, err = change.Advance()
	refused(t, err, 412, "is paused: resume it.")
	refused(t, g.SetMultiWrite(true), 412, "is paused: resume it.")
	refused(t, g.MoveWrites(1), 412, "is paused: resume it, or force the failover.")
	require.NoError(t, g.Pause(0, 1, false))
	require.Equal(t, Done, change.Phase())
	require.Equal(t, g.state(0), g.state(1))
	require.Len(t, g.state(1), 2)
}

// What the throughput once needed does not come back when partitions are merged, nor when a split for it is taken back.
func TestWhatIsMergedStaysMerged(t *testing.T) {
	t.Parallel()
	for name, phases := range map[string]Phases{"at once": {}, "in phases": {Copying: time.Minute}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 1, func(o *Options) { o.Partitions, o.Phases = 1, phases })
			merge := func() {
				ids := g.c.Ranges()
				_, err := g.c.Merge(ids[0].ID, ids[1].ID)
				require.NoError(t, err)
				g.now = g.now.Add(time.Hour)
				require.Len(t, g.c.Ranges(), len(ids)-1)
			}
			_, err := g.ReplaceOffer(g.Offers()[0].RID(), []byte(`{"content":{"offerThroughput":40000}}`), false, "")
			require.NoError(t, err)
			for len(g.c.Ranges()) < 4 {
				g.now = g.now.Add(time.Hour)
			}
			merge()
			merge()
			_, err = g.c.Split(g.c.Ranges()[0].ID)
			require.NoError(t, err)
			g.now = g.now.Add(time.Hour)
			require.Len(t, g.c.Ranges(), 3)
		})
	}

	g := newGlobe(t, 1, func(o *Options) { o.Partitions, o.Phases = 1, Phases{Copying: time.Minute} })
	byHand, err := g.c.BeginSplit("0", "")
	require.NoError(t, err)
	_, err = g.ReplaceOffer(g.Offers()[0].RID(), []byte(`{"content":{"offerThroughput":20000}}`), false, "")
	require.NoError(t, err)
	require.False(t, g.c.Growing(), "there will be two")
	require.NoError(t, byHand.Cancel())
	require.True(t, g.c.Growing(), "but for this one there would not")
	require.NoError(t, g.c.RangeChanges()[0].Cancel())
	require.Empty(t, g.c.RangeChanges())
	_, err = g.c.Split("0")
	require.NoError(t, err)
	g.now = g.now.Add(time.Hour)
	require.Len(t, g.c.Ranges(), 2)
}
