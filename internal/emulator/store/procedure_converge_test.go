package store

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whatever regions write, however long it takes and whatever happens to regions and ranges meanwhile: once everything
// has arrived all regions have what the procedure made of it, and nothing is in the feed. The same seed makes the same.
func TestConflictProceduresConverge(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (state, given []string) {
		random := rand.New(rand.NewPCG(seed, 8))
		g, v := newResolved(t, 3, uniqueMail+","+resolvedByProcedure, func(o *Options) { o.Seed = seed })
		require.NoError(t, g.SetDelay(-1, -1, 0, 5*time.Second))
		for step := range 200 {
			g.now = g.now.Add(time.Duration(random.IntN(2000)) * time.Millisecond)
			region, id := random.IntN(3), fmt.Sprint("d", random.IntN(6))
			switch n := random.IntN(40); {
			case g.upset(n, region, random):
			case n < 8:
				epk := mustDocument(g.c, "p").EPK
				g.c.In(region).Update(epk, "", func(tx *Tx) error { return tx.Delete(epk, id, "") }) // if it is there
			default:
				g.register(region, id, fmt.Sprint("m", random.IntN(5)), step) // which may be refused
			}
		}
		g.now = g.now.Add(time.Hour)
		g.c.Items() // what the procedures write now takes its time, too
		g.same()
		for region := range 3 {
			require.Equal(t, g.registered(0), g.registered(region), "seed %d", seed)
			require.Empty(t, g.feed(region))
		}
		return g.registered(0), v.given
	}
	decided := 0
	for seed := range uint64(40) {
		state, given := run(seed)
		again, givenAgain := run(seed)
		require.Equal(t, state, again)
		require.Equal(t, given, givenAgain)
		decided += len(given)
	}
	require.Positive(t, decided)
}

// Requests that come at once decide a conflict once, and wait for nobody for ever.
func TestConflictProceduresRunOnce(t *testing.T) {
	t.Parallel()
	g, v := newResolved(t, 2, resolvedByProcedure)
	require.NoError(t, g.Pause(-1, -1, true))
	for i := range 20 {
		g.put(0, fmt.Sprint("d", i), 1)
		g.put(1, fmt.Sprint("d", i), 2)
	}
	require.NoError(t, g.Pause(-1, -1, false))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 20 {
				if _, err := g.tryPut(i%2, fmt.Sprint("e", i, "-", n), 3); err != nil {
					t.Error(err)
				}
				g.c.In(i % 2).Items()
			}
		})
	}
	all.Go(func() {
		for i := range 20 {
			if err := g.MoveWrites(1 - i%2); err != nil {
				t.Error(err)
			}
			if _, err := g.c.Split(g.c.Ranges()[0].ID); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	require.Len(t, v.given, 20)
	g.same()
	for i := range 20 {
		n, _ := g.get(i%2, fmt.Sprint("d", i))
		require.Equal(t, 2, n)
	}
}
