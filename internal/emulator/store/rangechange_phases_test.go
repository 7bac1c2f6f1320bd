package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// changes are a split and a merge that a test moves on by hand.
var changes = map[string]func(c *Container) (*RangeChange, error){
	"split": func(c *Container) (*RangeChange, error) { return c.BeginSplit("0", "") },
	"merge": func(c *Container) (*RangeChange, error) { return c.BeginMerge("1", "0") },
}

// advance moves a change on to a phase.
func advance(t *testing.T, change *RangeChange, to Phase) {
	t.Helper()
	for change.Phase() < to {
		_, err := change.Advance()
		require.NoError(t, err)
	}
}

// What is written while partitions are copied is in the new ones. Who names an old partition once they are there is
// told that it is gone, who names none that the new one does not serve yet.
func TestWhatIsAskedWhileRangesChange(t *testing.T) {
	t.Parallel()
	for name, begin := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 2)
			first, second := g.apart()
			change, err := begin(g.c)
			require.NoError(t, err)
			g.put(0, first, 1)
			late := g.put(0, second, 1)
			key := mustDocument(g.c, first).EPK
			ask := func(id string) error {
				_, err := g.c.Update(key, id, func(*Tx) error { return nil })
				return err
			}
			for _, step := range []struct {
				phase       Phase
				old, unsaid string
			}{
				{Copying, "", ""}, {Preparing, "410/1007", "410/1007"}, {Swapping, "410/1002", "410/1007"},
				{Done, "410/1002", ""},
			} {
				advance(t, change, step.phase)
				for id, want := range map[string]string{change.Old()[0]: step.old, "": step.unsaid} {
					if err := ask(id); want != "" {
						require.ErrorContains(t, err, want, "%s, %q", step.phase, id)
					} else {
						require.NoError(t, err, "%s, %q", step.phase, id)
					}
				}
			}
			for region := range 2 {
				n, _ := g.get(region, first)
				require.Equal(t, 1, n)
				n, m := g.get(region, second)
				require.Equal(t, 1, n)
				require.True(t, g.satisfied(late, m), "its session goes on in the new partition")
			}
			sound(t, g.c)
			g.same()
		})
	}
}

// A change that is taken back leaves the partitions as they were, in whatever phase, and another one may begin.
func TestChangesAreTakenBackInEveryPhase(t *testing.T) {
	t.Parallel()
	for name, begin := range changes {
		for phase := Copying; phase < Swapping; phase++ {
			t.Run(name+" "+phase.String(), func(t *testing.T) {
				t.Parallel()
				g := newGlobe(t, 2)
				first, second := g.apart()
				before := g.c.Ranges()
				change, err := begin(g.c)
				require.NoError(t, err)
				advance(t, change, phase)
				require.NoError(t, change.Cancel())
				require.Equal(t, Cancelled, change.Phase())
				require.Empty(t, g.c.RangeChanges())
				require.Equal(t, before, g.c.Ranges())
				g.put(0, first, 2)
				g.put(0, second, 2)
				again, err := begin(g.c)
				require.NoError(t, err)
				require.NotContains(t, again.New(), change.New()[0], "an id is given once")
				advance(t, again, Done)
				require.NotEqual(t, before, g.c.Ranges())
				sound(t, g.c)
				g.same()
			})
		}
	}
}

// Regions may come, go and take over while partitions are split or merged, whatever phase that is in.
func TestRegionsChangeWhileRangesDo(t *testing.T) {
	t.Parallel()
	for name, begin := range changes {
		for event, happen := range map[string]func(g *globe) error{
			"added":   func(g *globe) error { _, err := g.AddRegion("UK South"); return err },
			"removed": func(g *globe) error { return g.Remove(2) },
			"moved":   func(g *globe) error { return g.MoveWrites(1) },
			"forced":  func(g *globe) error { _, err := g.ForceWrites(1); return err },
			"several": func(g *globe) error { return g.SetMultiWrite(true) },
		} {
			for phase := Copying; phase < Done; phase++ {
				t.Run(name+", "+event+", "+phase.String(), func(t *testing.T) {
					t.Parallel()
					g := newGlobe(t, 3)
					first, second := g.apart()
					change, err := begin(g.c)
					require.NoError(t, err)
					advance(t, change, phase)
					require.NoError(t, happen(g))
					advance(t, change, Done)
					for _, id := range []string{first, second} {
						m := g.put(-1, id, 5)
						for _, r := range g.Topology().Listed() {
							n, there := g.get(r.ID, id)
							require.Equal(t, 5, n)
							require.True(t, g.satisfied(m, there))
						}
					}
					sound(t, g.c)
					g.same()
				})
			}
		}
	}
}

// Changes that began at different times end at different times, whichever is looked at, and one that waits holds up no
// other.
func TestSeveralChangesByTheClock(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.Partitions, o.Phases = 4, Phases{time.Minute, time.Minute, time.Minute} })
	_, err := g.c.Merge("0", "1")
	require.NoError(t, err)
	g.now = g.now.Add(30 * time.Second)
	_, err = g.c.Split("2")
	require.NoError(t, err)
	g.now = g.now.Add(30 * time.Second)
	_, err = g.c.Split("3")
	require.NoError(t, err)
	all := g.c.RangeChanges()
	phases := func() (now [3]Phase) {
		for i, change := range all {
			now[i] = change.Phase()
		}
		return now
	}
	require.Equal(t, [3]Phase{Preparing, Copying, Copying}, phases())
	g.now = g.now.Add(45 * time.Second)
	require.Equal(t, [3]Phase{Preparing, Preparing, Copying}, phases())
	_, err = all[2].Advance() // by hand: its next phase takes its time from now
	require.NoError(t, err)
	require.NoError(t, g.Pause(0, 1, true))
	_, err = all[1].Advance()
	require.NoError(t, err)
	g.now = g.now.Add(59 * time.Second)
	require.Equal(t, [3]Phase{Swapping, Swapping, Preparing}, phases())
	g.now = g.now.Add(time.Second)
	require.Equal(t, [3]Phase{Swapping, Done, Swapping}, phases())
	require.Equal(t, []*RangeChange{all[0], all[2]}, g.c.RangeChanges())
	g.now = g.now.Add(time.Hour)
	require.Equal(t, [3]Phase{Done, Done, Done}, phases())
	require.Len(t, g.c.Ranges(), 5)
	sound(t, g.c)
}
