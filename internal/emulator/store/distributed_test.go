package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ledgers are two containers of an account, each with a document of balance 100 for each of n keys.
func ledgers(t *testing.T, n int, more string) (all [2]*Container) {
	t.Helper()
	all[0] = newTestContainer(t, 3, more)
	var err error
	all[1], err = all[0].db.CreateContainer([]byte(`{"id":"c2",`+keyed+more+`}`), Throughput{})
	require.NoError(t, err)
	for _, c := range all {
		for i := range n {
			_, err := upsert(c, fmt.Sprint(i), fmt.Sprint(i), 100)
			require.NoError(t, err)
		}
	}
	return all
}

// pay changes the balance of the document of a key.
func pay(tx *Tx, c *Container, id string, sum int) error {
	it, err := tx.Read(mustDocument(c, id).EPK, id)
	if err != nil {
		return err
	}
	v, _ := it.Value().Get("v").AsInt()
	d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":%q,"v":%d}`, id, id, int(v)+sum))
	if err != nil {
		return err
	}
	_, err = tx.Replace(id, d, it.ETag)
	return err
}

// Transactions over two containers in whatever order they name them, beside splits: none waits for another for ever,
// and a reader of both sees each payment whole or not at all.
func TestDistributedPaymentsAreWhole(t *testing.T) {
	t.Parallel()
	const accounts, payers, payments = 6, 6, 60
	both := ledgers(t, accounts, "")
	parts := func(random *rand.Rand) (parts []Part, ids []string) {
		for range 2 + random.IntN(3) {
			id := fmt.Sprint(random.IntN(accounts))
			c := both[random.IntN(2)]
			parts, ids = append(parts, Part{c, mustDocument(c, id).EPK}), append(ids, id)
		}
		return parts, ids
	}
	var done atomic.Bool
	var work, readers sync.WaitGroup
	for w := range payers {
		work.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 3))
			for range payments {
				parts, ids := parts(random)
				_, err := Distributed(parts, func(txs []*Tx) error {
					for i := range txs[1:] { // from each to the next
						if err := pay(txs[i], parts[i].Container, ids[i], -1); err != nil {
							return err
						}
						if err := pay(txs[i+1], parts[i+1].Container, ids[i+1], 1); err != nil {
							return err
						}
					}
					if random.IntN(3) == 0 {
						return errors.New("the caller thinks better of it")
					}
					return nil
				})
				if err != nil && err.Error() != "the caller thinks better of it" {
					t.Error(err)
				}
			}
		})
	}
	var all []Part
	for _, c := range both {
		for i := range accounts {
			all = append(all, Part{c, mustDocument(c, fmt.Sprint(i)).EPK})
		}
	}
	readers.Go(func() {
		for !done.Load() {
			sum := int64(0)
			_, err := Distributed(all, func(txs []*Tx) error {
				for i, tx := range txs {
					it, err := tx.Read(all[i].EPK, fmt.Sprint(i%accounts))
					if err != nil {
						return err
					}
					v, _ := it.Value().Get("v").AsInt()
					sum += v
				}
				return nil
			})
			if err != nil || sum != 2*accounts*100 {
				t.Error(sum, err)
			}
		}
	})
	readers.Go(func() {
		for i := 0; !done.Load() && i < 8; i++ {
			c := both[i%2]
			if _, err := c.Split(c.Ranges()[i%len(c.Ranges())].ID); err != nil {
				t.Error(err)
			}
		}
	})
	work.Wait()
	done.Store(true)
	readers.Wait()
	for _, c := range both {
		sound(t, c)
	}
}

// A transaction that is refused, or whose function panics, leaves every partition as it was: documents, unique keys,
// marks and the feed.
func TestDistributedUndone(t *testing.T) {
	t.Parallel()
	both := ledgers(t, 4, `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/v"]}]}`)
	parts := []Part{{both[1], mustDocument(both[1], "0").EPK}, {both[0], mustDocument(both[0], "3").EPK}}
	refusal := errors.New("refused")
	write := func(txs []*Tx) error {
		for i, id := range []string{"0", "3"} {
			c := parts[i].Container
			if _, err := txs[i].Create(parsed(t, c, fmt.Sprintf(`{"id":"new","pk":%q,"v":7}`, id))); err != nil {
				return err
			}
			if err := txs[i].Delete(parts[i].EPK, id, ""); err != nil {
				return err
			}
		}
		return nil
	}
	look := func() (seen []any) {
		for _, c := range both {
			seen = append(seen, c.Items(), c.Statistics())
			c.Inspect(func(s *Slice) {
				changes, next := s.Changes(Feed{})
				seen = append(seen, changes, next)
			})
		}
		return seen
	}
	before := look()
	marks, err := Distributed(parts, func(txs []*Tx) error { return errors.Join(write(txs), refusal) })
	require.ErrorIs(t, err, refusal)
	require.Len(t, marks, 2, "who is refused learns how far the partitions are")
	for i, m := range marks {
		require.Equal(t, parts[i].Container.owner(parts[i].EPK).ID, m.Range)
	}
	require.Equal(t, before, look())
	require.Panics(t, func() {
		Distributed(parts, func(txs []*Tx) error {
			require.NoError(t, write(txs))
			panic("a fault in what the transaction calls")
		})
	})
	require.Equal(t, before, look())

	done, err := Distributed(parts, write)
	require.NoError(t, err, "what was undone is in nobody's way")
	for i, m := range done {
		require.Equal(t, marks[i].LSN+1, m.LSN, "one transaction, one number")
		sound(t, parts[i].Container)
	}
}

// Parts of one physical partition are one transaction of it: each sees what the other has written, and there is one
// number for both.
func TestDistributedPartsShareAPartition(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	parts := []Part{{c, epkOf(c, "p")}, {c, epkOf(c, "q")}, {c, epkOf(c, "p")}}
	marks, err := Distributed(parts, func(txs []*Tx) error {
		for i, tx := range txs[:2] {
			_, err := tx.Create(parsed(t, c, fmt.Sprintf(`{"id":"a","pk":%q}`, []string{"p", "q"}[i])))
			require.NoError(t, err)
		}
		_, err := txs[2].Read(parts[2].EPK, "a")
		return err
	})
	require.NoError(t, err)
	require.Equal(t, []int64{1, 1, 1}, []int64{marks[0].LSN, marks[1].LSN, marks[2].LSN})
	got, next := feed(t, c, Scope{}, Feed{Limit: 1})
	require.Equal(t, []string{"+a", "+a"}, got, "what was written together is read together")
	require.Equal(t, int64(1), next)
}

// It is refused as other writes are: where the region does not write, and while a partition does not serve.
func TestDistributedRefused(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	g.put(0, "a", 1)
	nothing := func([]*Tx) error { t.Error("called"); return nil }
	part := func(region int) []Part { return []Part{{g.c.In(region), mustDocument(g.c, "a").EPK}} }
	_, err := Distributed(part(1), nothing)
	refused(t, err, 403, "cannot be performed at this region")
	change, err := g.c.BeginSplit(g.c.owner(part(0)[0].EPK).ID, "")
	require.NoError(t, err)
	_, err = change.Advance()
	require.NoError(t, err)
	_, err = Distributed(part(0), nothing)
	require.ErrorContains(t, err, "410/1007")
	require.NoError(t, change.Cancel())

	// What a region has written so arrives in the others.
	_, err = Distributed(part(0), func(txs []*Tx) error { return pay(txs[0], g.c, "a", 41) })
	require.NoError(t, err)
	v, _ := g.get(1, "a")
	require.Equal(t, 42, v)
}

// Documents whose time is over are not there for it, and stay deleted where it is refused.
func TestDistributedAfterExpiry(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 1)
	g.policy(`"defaultTtl":10`)
	g.put(0, "a", 1)
	g.now = g.now.Add(10 * time.Second)
	d := mustDocument(g.c, "a")
	_, err := Distributed([]Part{{g.c, d.EPK}}, func(txs []*Tx) error {
		_, err := txs[0].Read(d.EPK, "a")
		refused(t, err, 404, "")
		_, err = txs[0].Create(d)
		require.NoError(t, err)
		return notFound()
	})
	refused(t, err, 404, "")
	count, _ := g.c.Usage()
	require.Zero(t, count)
}
