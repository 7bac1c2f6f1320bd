package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Of versions that nobody has deleted the last one stays, however many regions have made the document at once.
func TestLastWriterWins(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]string{
		"by time":  `"conflictResolutionPolicy":{"mode":"LastWriterWins"}`,
		"by value": `"conflictResolutionPolicy":{"mode":"LastWriterWins","conflictResolutionPath":"/v"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(50) {
				w, last := newWitness(t, seed, policy), map[string]int{}
				for step := range 100 {
					w.now = w.now.Add(time.Duration(w.random.IntN(1000)) * time.Millisecond)
					id, region, ranges := fmt.Sprint("d", w.random.IntN(6)), w.region(), w.c.Ranges()
					switch w.random.IntN(20) {
					case 0:
						_, err := w.c.Split(ranges[w.random.IntN(len(ranges))].ID)
						require.NoError(t, err)
					case 1:
						if region != w.Topology().Write {
							require.NoError(t, w.MoveWrites(region))
						}
					default:
						w.put(region, id, step)
						last[id] = step
					}
				}
				w.silently()
				for id, n := range last {
					got, _ := w.get(0, id)
					require.Equal(t, n, got, "seed %d: %s", seed, id)
				}
			}
		})
	}
}

// A document that loses to another one goes on to be written where nobody knows of that: that is a version of a
// document that was made elsewhere, not one of a document that was deleted.
func TestLaterVersionsOfWhatLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		policy string
		want   int
		feed   []string
		given  []string
	}{
		"last writer": {`"conflictResolutionPolicy":{"mode":"LastWriterWins"}`, 3, nil, nil},
		"feed":        {`"conflictResolutionPolicy":{"mode":"Custom"}`, 1, []string{"a 2", "a 3"}, nil},
		"procedure":   {resolvedByProcedure, 3, nil, []string{"2 - false 1", "3 - false 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, v := newResolved(t, 3, test.policy)
			require.NoError(t, g.Pause(-1, -1, true))
			g.put(1, "a", 2)
			g.put(0, "a", 1)
			g.put(1, "a", 3)
			require.NoError(t, g.Pause(-1, -1, false))
			g.same()
			n, _ := g.get(2, "a")
			require.Equal(t, test.want, n)
			require.Equal(t, test.feed, g.feed(2))
			require.Equal(t, test.given, v.given)
		})
	}
}

// Before another region has the last word the one that had it has told what lost.
func TestTheLastWordIsHandedOver(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(g *globe){
		"planned failover":                     func(g *globe) { require.NoError(g.t, g.MoveWrites(1)) },
		"of a partition that one region wrote": func(g *globe) { require.NoError(g.t, g.Remove(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3)
			g.policy(`"conflictResolutionPolicy":{"mode":"Custom"}`)
			if name != "planned failover" {
				_, err := g.c.FailOverPartition(g.put(0, "a", 0).Range, 1, false)
				require.NoError(t, err)
			}
			require.NoError(t, g.SetMultiWrite(true))
			require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
			for region := range 3 {
				g.put(region, "a", region+1)
			}
			change(g)
			g.same()
			for _, r := range g.Topology().Listed() {
				n, _ := g.get(r.ID, "a")
				require.Equal(t, 1, n)
				require.ElementsMatch(t, []string{"a 2", "a 3"}, g.feed(r.ID))
			}
		})
	}
}

// A forced failover tells of every version that the new write region has refused.
func TestForcedFailoverTellsOfAllThatWasRefused(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
	g.policy(`"conflictResolutionPolicy":{"mode":"Custom"}`)
	require.NoError(t, g.SetDelay(-1, -1, time.Hour, time.Hour))
	require.NoError(t, g.SetDelay(-1, 1, 0, 0))
	for _, region := range []int{1, 0, 2} {
		g.put(region, "a", region)
		g.put(region, "a", region+10) // upon that, which is not lost by itself
	}
	lost, err := g.ForceWrites(1)
	require.NoError(t, err)
	require.Len(t, lost, 2)
	g.same()
}
