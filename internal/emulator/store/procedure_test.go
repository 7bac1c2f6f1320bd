package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const resolvedByProcedure = `"conflictResolutionPolicy":{"mode":"Custom",` +
	`"conflictResolutionProcedure":"dbs/d/colls/c2/sprocs/r"}`

// resolver runs a procedure that a test has, and notes what it was given: the values, what is missing as a dash.
type resolver struct {
	mu    sync.Mutex
	given []string
}

func (v *resolver) run(procedure func(tx *Tx, m Met) error) Resolver {
	return func(c *Container, name string) func(*Tx, Met) error {
		return func(tx *Tx, m Met) error {
			v.mu.Lock()
			defer v.mu.Unlock()
			text := func(it *Item) string {
				if it == nil {
					return "-"
				}
				return fmt.Sprint(it.Value().Get("v").AsFloat())
			}
			given := []string{text(m.Incoming), text(m.Existing), fmt.Sprint(m.Tombstone)}
			for _, it := range m.Conflicting {
				given = append(given, text(it))
			}
			v.given = append(v.given, strings.Join(given, " "))
			return procedure(tx, m)
		}
	}
}

// higher is a procedure that does as the sample of Microsoft's documentation does: of versions that meet the one with
// the highest value stays, and a delete wins.
func higher(tx *Tx, m Met) error {
	value := func(it *Item) float64 { return it.Value().Get("v").AsFloat() }
	switch {
	case m.Incoming == nil && m.Existing != nil:
		return tx.Delete(m.EPK, m.Existing.ID, "")
	case m.Incoming == nil, m.Tombstone, m.Existing != nil && value(m.Existing) >= value(m.Incoming):
		return nil
	}
	for _, it := range m.Conflicting {
		if value(it) >= value(m.Incoming) {
			return nil
		}
	}
	for _, it := range m.Conflicting {
		if err := tx.Delete(m.EPK, it.ID, ""); err != nil {
			return err
		}
	}
	d, err := tx.c.Parse(m.Incoming.JSON)
	if err != nil {
		return err
	}
	if m.Existing != nil {
		_, err = tx.Replace(m.Existing.ID, d, "")
	} else {
		_, err = tx.Create(d)
	}
	return err
}

// newResolved is a globe whose regions all write, and where versions meet higher decides; v notes what it was given.
func newResolved(t *testing.T, regions int, policy string, change ...func(*Options)) (g *globe, v *resolver) {
	t.Helper()
	g = newGlobe(t, regions, append(change, func(o *Options) { o.MultiWrite = true })...)
	v = &resolver{}
	g.SetResolver(v.run(higher))
	g.policy(policy)
	return g, v
}

// A conflict procedure gets what the service's documentation says, once for each write that met another version, and
// what it makes of that is in all regions.
func TestConflictProcedure(t *testing.T) {
	t.Parallel()
	there := func(g *globe) { g.mustRegister(0, "a", "x", 0) }
	drop := func(g *globe, region int, id string) {
		epk := mustDocument(g.c, "p").EPK
		_, err := g.c.In(region).Update(epk, "", func(tx *Tx) error { return tx.Delete(epk, id, "") })
		require.NoError(g.t, err)
	}
	for _, test := range []struct {
		name          string
		first, second func(g *globe)
		given, left   []string
	}{
		{"both create", nil, func(g *globe) { g.mustRegister(0, "a", "x", 1); g.mustRegister(1, "a", "x", 2) },
			[]string{"2 - false 1"}, []string{"a x 2"}},
		{"both create, three regions", nil, func(g *globe) {
			g.mustRegister(0, "a", "x", 2)
			g.mustRegister(1, "a", "x", 1)
			g.mustRegister(2, "a", "x", 3)
		}, []string{"1 - false 2", "3 - false 2"}, []string{"a x 3"}},
		{"both replace", there, func(g *globe) { g.mustRegister(0, "a", "x", 1); g.mustRegister(1, "a", "x", 2) },
			[]string{"2 1 false"}, []string{"a x 2"}},
		{"the existing stays", there, func(g *globe) { g.mustRegister(0, "a", "x", 2); g.mustRegister(1, "a", "x", 1) },
			[]string{"1 2 false"}, []string{"a x 2"}},
		{"one deletes elsewhere", there, func(g *globe) { g.mustRegister(0, "a", "x", 1); drop(g, 1, "a") },
			[]string{"- 1 false"}, nil},
		{"one deletes at the hub", there, func(g *globe) { drop(g, 0, "a"); g.mustRegister(1, "a", "x", 2) },
			[]string{"2 - true"}, nil},
		{"one deletes and creates at the hub", there, func(g *globe) {
			drop(g, 0, "a")
			g.mustRegister(0, "a", "x", 1)
			g.mustRegister(1, "a", "x", 2)
		}, []string{"2 - true 1"}, []string{"a x 1"}},
		{"both delete", there, func(g *globe) { drop(g, 0, "a"); drop(g, 1, "a") }, nil, nil},
		{"a unique key", nil, func(g *globe) { g.mustRegister(0, "a", "x", 1); g.mustRegister(1, "b", "x", 2) },
			[]string{"2 - false 1"}, []string{"b x 2"}},
		{"a unique key that is replaced", there,
			func(g *globe) { g.mustRegister(0, "b", "y", 1); g.mustRegister(1, "a", "y", 2) },
			[]string{"2 0 false 1"}, []string{"a y 2"}},
		{"an id and a unique key", nil, func(g *globe) {
			g.mustRegister(0, "a", "x", 1)
			g.mustRegister(0, "b", "y", 2)
			g.mustRegister(1, "a", "y", 3)
		}, []string{"3 - false 1 2"}, []string{"a y 3"}},
		{"one after the other", there, func(g *globe) {
			g.mustRegister(0, "a", "x", 1)
			g.mustRegister(1, "a", "x", 2)
			g.mustRegister(1, "a", "x", 3)
		}, []string{"2 1 false", "3 2 false"}, []string{"a x 3"}},
		{"one writes", there, func(g *globe) { g.mustRegister(1, "a", "x", 2) }, nil, []string{"a x 2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g, v := newResolved(t, 3, uniqueMail+","+resolvedByProcedure)
			if test.first != nil {
				test.first(g)
			}
			require.NoError(t, g.Pause(-1, -1, true))
			test.second(g)
			require.NoError(t, g.Pause(-1, -1, false))
			for region := range 3 {
				require.ElementsMatch(t, test.left, g.registered(region), "region %d", region)
				require.Empty(t, g.feed(region))
			}
			require.Equal(t, test.given, v.given)
			g.same()
			require.Equal(t, test.given, v.given, "once")
		})
	}
}

// What a procedure that fails has written is undone, and the conflict is in the feed of every region, as without one.
func TestConflictProcedureFails(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
	v := &resolver{}
	g.SetResolver(v.run(func(tx *Tx, m Met) error {
		if err := higher(tx, m); err != nil {
			return err
		}
		if m.Incoming.Value().Get("v").AsFloat() == 2 {
			return errors.New("it throws")
		}
		return nil
	}))
	g.policy(resolvedByProcedure)
	require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
	for _, id := range []string{"a", "b"} {
		g.put(0, id, 1)
		g.put(1, id, map[string]int{"a": 2, "b": 3}[id])
	}
	require.Equal(t, 2, g.Behind(1))
	g.now = g.now.Add(time.Minute)
	require.Equal(t, 4, g.Behind(1), "what was decided, and what the write region has found before")
	require.Equal(t, []string{"a 2"}, g.feed(0))
	require.Empty(t, g.feed(1), "it is on its way")
	g.now = g.now.Add(time.Minute)
	require.Equal(t, []string{"a 2"}, g.feed(1))
	for region := range 2 {
		n, _ := g.get(region, "a")
		require.Equal(t, 1, n)
		n, _ = g.get(region, "b")
		require.Equal(t, 3, n)
	}
	require.Len(t, v.given, 2)
}

// A conflict waits while its range does not serve or replication has no room, goes with the ranges, is saved, and is
// decided by the region that is the write region then.
func TestConflictWaitsForItsProcedure(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]func(g *globe){
		"nothing": func(*globe) {},
		"move":    func(g *globe) { require.NoError(g.t, g.MoveWrites(1)) },
		"single":  func(g *globe) { require.NoError(g.t, g.SetMultiWrite(false)) },
		"save": func(g *globe) {
			var text bytes.Buffer
			require.NoError(g.t, g.Dump(&text))
			require.Contains(g.t, text.String(), `"operationType": "create"`)
			again := newGlobe(g.t, 2)
			require.NoError(g.t, again.DeleteDatabase(again.c.db))
			require.NoError(g.t, again.Load(text.Bytes()))
			c, err := again.Container("d", "c2")
			require.NoError(g.t, err)
			again.c = c
			require.Equal(g.t, []string{"a 2"}, again.feed(0))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, v := newResolved(t, 2, resolvedByProcedure, func(o *Options) { o.Partitions = 1 })
			require.NoError(t, g.Pause(-1, -1, true))
			g.put(0, "a", 1)
			g.put(1, "a", 2)
			change, err := g.c.BeginSplit(g.c.Ranges()[0].ID, "")
			require.NoError(t, err)
			_, err = change.Advance()
			require.NoError(t, err)
			require.NoError(t, g.Pause(-1, -1, false))
			g.c.Items()
			require.Empty(t, v.given)
			event(g)
			require.Empty(t, v.given)
			for change.Phase() < Done {
				_, err = change.Advance()
				require.NoError(t, err)
			}
			n, _ := g.get(1, "a")
			require.Equal(t, 2, n)
			require.Equal(t, []string{"2 - false 1"}, v.given)
			g.same()
		})
	}
}

// A conflict that its range does not take now is waited for by those after it, whenever the range serves again.
func TestConflictsAreDecidedInOrder(t *testing.T) {
	t.Parallel()
	for preparing := range 40 {
		var passes time.Duration // with each look at the clock
		g, v := newResolved(t, 2, resolvedByProcedure, func(o *Options) {
			o.Partitions = 1
			o.Phases = Phases{0, time.Duration(preparing) * time.Second, 0}
			now := time.Unix(1_700_000_000, 0)
			o.Now = func() time.Time { now = now.Add(passes); return now }
		})
		require.NoError(t, g.Pause(-1, -1, true))
		g.put(0, "a", 1)
		for value := range 5 {
			g.put(1, "a", value+2)
		}
		_, err := g.c.Split(g.c.Ranges()[0].ID)
		require.NoError(t, err)
		passes = time.Second
		require.NoError(t, g.Pause(-1, -1, false))
		for len(v.given) < 5 {
			g.c.Statistics()
		}
		passes = 0
		require.Equal(t, []string{"2 - false 1", "3 - false 2", "4 - false 3", "5 - false 4", "6 - false 5"}, v.given,
			preparing)
	}
}

// What is saved counts the writes of the procedures that saving has run: a session that has seen them is served again.
func TestSavingCountsWhatItDecides(t *testing.T) {
	t.Parallel()
	g, v := newResolved(t, 2, resolvedByProcedure)
	require.NoError(t, g.Pause(-1, -1, true))
	g.put(0, "a", 1)
	g.put(1, "a", 2)
	require.NoError(t, g.Pause(-1, -1, false))
	var text bytes.Buffer
	require.NoError(t, g.Dump(&text))
	require.Len(t, v.given, 1)
	again := newGlobe(t, 2)
	require.NoError(t, again.DeleteDatabase(again.c.db))
	require.NoError(t, again.Load(text.Bytes()))
	c, err := again.Container("d", "c2")
	require.NoError(t, err)
	for i, m := range g.c.Statistics() {
		require.Equal(t, m.LSN, c.Statistics()[i].LSN)
	}
}

// A forced failover tells of what it has lost before a procedure could decide.
func TestForcedFailoverBeforeTheProcedure(t *testing.T) {
	t.Parallel()
	g, v := newResolved(t, 3, resolvedByProcedure)
	require.NoError(t, g.Pause(-1, 1, true))
	require.NoError(t, g.Pause(0, 2, true))
	g.put(0, "a", 1)
	g.put(2, "a", 2) // which has arrived in region 0 and not in region 1
	require.NoError(t, g.Pause(2, 1, false))
	lost, err := g.ForceWrites(1)
	require.NoError(t, err)
	require.Len(t, lost, 1)
	require.NoError(t, g.Pause(-1, -1, false))
	g.same()
	n, _ := g.get(0, "a")
	require.Equal(t, 2, n)
	require.Empty(t, v.given)
}
