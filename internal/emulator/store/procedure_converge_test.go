package store

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
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

// Whatever else happens to the account at the same time, no write that was acknowledged is lost without a word, and
// nobody waits for ever: regions write, links pause, write regions move and are lost, ranges split and merge, the
// container is defined anew, databases are loaded and deleted, and all is saved.
func TestConflictProceduresWhileEverythingChanges(t *testing.T) {
	t.Parallel()
	w := newWitness(t, 1, uniqueMail+","+resolvedByProcedure)
	require.NoError(t, w.SetDelay(-1, -1, 0, 0))
	var notes sync.Mutex // guards what the witness notes
	w.SetResolver(func(*Container, string) func(*Tx, Met) error {
		return func(tx *Tx, m Met) error {
			notes.Lock()
			defer notes.Unlock()
			return w.resolve(tx, m)
		}
	})
	tell := func(lost []Lost) {
		notes.Lock()
		defer notes.Unlock()
		for _, l := range lost {
			w.tell(l)
		}
	}
	elsewhere := newGlobe(t, 1)
	elsewhere.policy(resolvedByProcedure)
	elsewhere.put(0, "a", 1)
	other := elsewhere.saved()
	other = fmt.Sprintf(`{"databases": [{"id":"e"%s`, other[len(`{"databases": [
 {"id": "d"`):])

	var work, background sync.WaitGroup
	var done atomic.Bool
	for region := range 3 {
		work.Go(func() {
			random, c := rand.New(rand.NewPCG(uint64(region), 9)), w.c.In(region)
			for i := range 600 {
				id, pk := fmt.Sprint("d", random.IntN(4)), fmt.Sprint("p", random.IntN(3))
				d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":%q,"mail":%d,"v":%d}`, id, pk, random.IntN(4), i))
				if err != nil {
					t.Error(err)
				}
				var changes []Change
				_, err = c.Update(d.EPK, "", func(tx *Tx) (err error) {
					if i%5 == 0 {
						err = tx.Delete(d.EPK, id, "")
					} else {
						_, _, err = tx.Upsert(d, "")
					}
					changes = slices.Clone(tx.changes)
					return err
				})
				if err == nil {
					notes.Lock()
					w.note(changes)
					notes.Unlock()
				}
			}
		})
	}
	for name, step := range map[string]func(i int) error{
		"pause": func(i int) error { return w.Pause(i%3, (i+1)%3, i%2 == 0) },
		"move": func(i int) error {
			if to := i % 3; to != w.Topology().Write {
				w.MoveWrites(to) // unless replication to it is paused
			}
			return nil
		},
		"force": func(i int) error {
			if to := i % 3; to != w.Topology().Write {
				lost, _ := w.ForceWrites(to) // unless it is the write region by then
				tell(lost)
			}
			return nil
		},
		"ranges": func(i int) error {
			if ranges := w.c.Ranges(); len(ranges) > 4 {
				w.c.Merge(ranges[i%4].ID, ranges[i%4+1].ID) // unless replication is paused
			} else {
				w.c.Split(ranges[i%len(ranges)].ID) // unless it holds a single key by then
			}
			return nil
		},
		"define": func(i int) error {
			_, err := w.c.Replace(fmt.Appendf(nil, `{"id":"c2","partitionKey":{"paths":["/pk"],"version":2},
				"defaultTtl":%d,%s,%s}`, 10_000_000+i, uniqueMail, resolvedByProcedure), "")
			return err
		},
		"load": func(int) error {
			if err := w.Load([]byte(other)); err != nil {
				return err
			}
			d, err := w.Database("e")
			if err != nil {
				return err
			}
			return w.DeleteDatabase(d)
		},
		"save": func(int) error { return w.Dump(io.Discard) },
		"look": func(i int) error {
			c := w.c.In(i % 3)
			c.Items()
			_, err := c.Conflicts(Scope{})
			return err
		},
	} {
		background.Go(func() {
			for i := 0; !done.Load(); i++ {
				if err := step(i); err != nil {
					t.Error(name, err)
				}
			}
		})
	}
	work.Wait()
	done.Store(true)
	background.Wait()
	require.Empty(t, w.silently())
}

// What has outlived its time when a conflict is decided is not part of it: the procedure is not told of versions and
// documents that no reader sees, and what comes in has met a deleted document.
func TestConflictsOverTheExpired(t *testing.T) {
	t.Parallel()
	write := func(g *globe, region int, members string) {
		c := g.c.In(region)
		d, err := c.Parse([]byte(`{"pk":"p",` + members + `}`))
		require.NoError(t, err)
		_, err = c.Update(d.EPK, "", func(tx *Tx) error { _, _, err := tx.Upsert(d, ""); return err })
		require.NoError(t, err)
	}
	for name, test := range map[string]struct {
		before, near, far string // of the one region or the other
		given, left       []string
	}{
		"its own version": {`"id":"a","mail":"x","v":0`, `"id":"a","mail":"x","v":1,"ttl":60`,
			`"id":"a","mail":"x","v":2`, []string{"2 - true"}, nil},
		"another of its id": {"", `"id":"a","mail":"x","v":1,"ttl":60`, `"id":"a","mail":"y","v":2`,
			[]string{"2 - false"}, []string{"a y 2"}},
		"another of its unique key": {"", `"id":"a","mail":"x","v":1,"ttl":60`, `"id":"b","mail":"x","v":2`,
			[]string{"2 - false"}, []string{"b x 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, v := newResolved(t, 2, uniqueMail+`,"defaultTtl":-1,`+resolvedByProcedure)
			if test.before != "" {
				write(g, 0, test.before)
			}
			change, err := g.c.BeginSplit(g.c.partitions[0].ID, "")
			require.NoError(t, err)
			other, err := g.c.BeginSplit(g.c.partitions[1].ID, "")
			require.NoError(t, err)
			require.NoError(t, g.Pause(-1, -1, true))
			write(g, 0, test.near)
			write(g, 1, test.far)
			advance(t, change, Preparing)
			advance(t, other, Preparing)
			require.NoError(t, g.Pause(-1, -1, false))
			g.c.Items() // they meet, and wait for the partition
			g.now = g.now.Add(time.Minute)
			require.Empty(t, v.given)
			advance(t, change, Done)
			advance(t, other, Done)
			for region := range 2 {
				require.Equal(t, test.left, g.registered(region))
				require.Empty(t, g.feed(region))
			}
			require.Equal(t, test.given, v.given)
			g.same()
		})
	}
}
