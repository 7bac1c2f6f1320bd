package store

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newTestContainer makes a container with the key path /pk.
func newTestContainer(t testing.TB, partitions int, extra string) *Container {
	t.Helper()
	return newTestContainerOf(t, Options{Partitions: partitions}, extra)
}

func newTestContainerOf(t testing.TB, o Options, extra string) *Container {
	t.Helper()
	a := NewAccount(o)
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	c, err := d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}`+extra+`}`),
		Throughput{})
	require.NoError(t, err)
	return c
}

func upsert(c *Container, id, pk string, v int) (*Item, error) {
	d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":%q,"v":%d}`, id, pk, v))
	if err != nil {
		return nil, err
	}
	var it *Item
	_, err = c.Update(d.EPK, "", func(tx *Tx) (err error) {
		it, _, err = tx.Upsert(d, "")
		return err
	})
	return it, err
}

func items(t testing.TB, c *Container, s Scope) (out []*Item) {
	t.Helper()
	require.NoError(t, c.View(s, func(slices []*Slice) error {
		for _, sl := range slices {
			for it := range sl.Items(0) {
				out = append(out, it)
			}
		}
		return nil
	}))
	return out
}

// Writers, readers, splits, merges and change feeds at the same time: at the end every document is there once, with the
// last value written to it, wherever its partition has gone.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 3, "")
	const writers, writes, ids = 8, 400, 50
	var done atomic.Bool
	var work, background sync.WaitGroup
	last := make([]map[string]int, writers)
	for w := range writers {
		last[w] = map[string]int{}
		work.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 0))
			for v := range writes {
				id := fmt.Sprintf("%d-%d", w, random.IntN(ids))
				if random.IntN(10) == 0 {
					_, err := c.Update(mustDocument(c, id).EPK, "", func(tx *Tx) error {
						return tx.Delete(mustDocument(c, id).EPK, id, "")
					})
					if err == nil {
						delete(last[w], id)
					}
					continue
				}
				if _, err := upsert(c, id, id, v); err == nil {
					last[w][id] = v
				}
			}
		})
	}
	background.Go(func() {
		random := rand.New(rand.NewPCG(9, 9))
		for !done.Load() {
			ranges := c.Ranges()
			i := random.IntN(len(ranges))
			if len(ranges) > 8 && i > 0 {
				c.Merge(ranges[i-1].ID, ranges[i].ID)
			} else {
				c.Split(ranges[i].ID)
			}
		}
	})
	background.Go(func() {
		for !done.Load() {
			seen := map[string]bool{}
			for _, it := range items(t, c, Scope{}) {
				if seen[it.RID] {
					t.Errorf("document %s twice", it.ID)
				}
				seen[it.RID] = true
			}
			c.View(Scope{}, func(slices []*Slice) error {
				for _, s := range slices {
					changes, _ := s.Changes(Feed{})
					for i := 1; i < len(changes); i++ {
						if changes[i].LSN < changes[i-1].LSN {
							t.Error("changes out of order")
						}
					}
				}
				return nil
			})
		}
	})
	work.Wait()
	done.Store(true)
	background.Wait()

	want := map[string]int{}
	for _, m := range last {
		for id, v := range m {
			want[id] = v
		}
	}
	got := map[string]int{}
	for _, it := range items(t, c, Scope{}) {
		v, _ := it.Value().Get("v").AsInt()
		got[it.ID] = int(v)
	}
	require.Equal(t, want, got)
	fed := map[string]int{}
	require.NoError(t, c.View(Scope{}, func(slices []*Slice) error {
		for _, s := range slices {
			changes, _ := s.Changes(Feed{})
			for _, ch := range changes {
				fed[ch.Item.ID]++
			}
		}
		return nil
	}))
	require.Len(t, fed, len(want))
	for id, n := range fed {
		require.Equal(t, 1, n, id)
	}
	count, _ := c.Usage()
	require.Equal(t, int64(len(want)), count)
}

func mustDocument(c *Container, id string) *Document {
	d, _ := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":%q}`, id, id))
	return d
}

func TestOrderAndMarkers(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for i := range 100 {
		_, err := upsert(c, fmt.Sprint(i), "p", 0)
		require.NoError(t, err)
	}
	epk := mustDocument(c, "p").EPK
	for i := range 100 {
		if i%10 != 3 {
			_, err := c.Update(epk, "", func(tx *Tx) error { return tx.Delete(epk, fmt.Sprint(i), "") })
			require.NoError(t, err)
		}
	}
	for _, scope := range []Scope{{}, {Key: epk, HasKey: true}} {
		var ids []string
		for _, it := range items(t, c, scope) {
			ids = append(ids, it.ID)
		}
		require.Equal(t, []string{"3", "13", "23", "33", "43", "53", "63", "73", "83", "93"}, ids)
	}
	p := c.partitions[0].replicas[0]
	require.Less(t, len(p.all.items), 30, "what deleted documents leave behind is cleared away")
	require.Less(t, len(p.log), 200, "at most twice what was there, and a little")
	_, err := c.Update(epk, "", func(tx *Tx) error { tx.DeleteAll(epk); return nil })
	require.NoError(t, err)
	require.Empty(t, p.keys)
}

func TestRollback(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/v"]}]}`)
	_, err := upsert(c, "a", "p", 1)
	require.NoError(t, err)
	before := items(t, c, Scope{})
	d, err := c.Parse([]byte(`{"id":"b","pk":"p","v":2}`))
	require.NoError(t, err)
	mark, err := c.Update(d.EPK, "", func(tx *Tx) error {
		if _, err := tx.Create(d); err != nil {
			return err
		}
		if err := tx.Delete(d.EPK, "a", ""); err != nil {
			return err
		}
		return notFound()
	})
	require.Error(t, err)
	require.Equal(t, int64(1), mark.LSN, "nothing was written")
	require.Equal(t, before, items(t, c, Scope{}))
	_, err = upsert(c, "c", "p", 1)
	require.ErrorContains(t, err, "already exists in the system")
	_, err = upsert(c, "d", "p", 2)
	require.NoError(t, err)
}

func TestExpiredDocumentsAreFreed(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_700_000_000, 0)
	a := NewAccount(Options{Now: func() time.Time { return at }})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	const body = `{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"defaultTtl":%d}`
	c, err := d.CreateContainer(fmt.Appendf(nil, body, 1000), Throughput{})
	require.NoError(t, err)
	for i := range 10 {
		_, err := upsert(c, fmt.Sprint(i), "p", i)
		require.NoError(t, err)
	}
	at = at.Add(20 * time.Second)
	c.Expire()
	count, _ := c.Usage()
	require.Equal(t, int64(10), count)
	_, err = c.Replace(fmt.Appendf(nil, body, 10), "")
	require.NoError(t, err)
	c.Expire()
	count, bytes := c.Usage()
	require.Zero(t, count)
	require.Zero(t, bytes)
}

func TestSplitUntilNothingIsLeft(t *testing.T) {
	t.Parallel()
	for _, version := range []int{1, 2} {
		a := NewAccount(Options{})
		d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
		require.NoError(t, err)
		c, err := d.CreateContainer(
			fmt.Appendf(nil, `{"id":"c","partitionKey":{"paths":["/pk"],"version":%d}}`, version), Throughput{})
		require.NoError(t, err)
		for i := range 1000 {
			if _, err = c.Split(c.Ranges()[0].ID); err != nil {
				require.Greater(t, i, 20)
				break
			}
		}
		require.ErrorContains(t, err, "cannot be split")
	}
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_700_000_000, 0)
	var b bucket
	require.Zero(t, b.spend(1000, 100, at), "a bucket that is full may be overdrawn")
	require.Equal(t, 9*time.Second+time.Millisecond, b.spend(1, 100, at))
	require.Positive(t, b.spend(1, 100, at.Add(8900*time.Millisecond)))
	require.Zero(t, b.spend(1, 100, at.Add(9100*time.Millisecond)))
	require.Zero(t, b.spend(1, 100, at.Add(time.Hour)), "time that stands still or goes back does no harm")
	require.Zero(t, b.spend(1, 100, at))
}

func BenchmarkUpsert(b *testing.B) {
	c := newTestContainer(b, 4, "")
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		if _, err := upsert(c, fmt.Sprint(i%1000), fmt.Sprint(i%1000), i); err != nil {
			b.Fatal(err)
		}
	}
}
