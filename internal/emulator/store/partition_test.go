package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// held requires of every replica that all that it keeps of its documents says the same: how many there are, of how many
// logical partitions, of how many bytes, and who has which unique value.
func held(t *testing.T, c *Container) {
	t.Helper()
	for _, p := range c.partitions {
		for r := range p.live() {
			var bytes int64
			n, unique := 0, map[string]*Item{}
			keys := map[string]int{}
			for it := range r.all.from(0) {
				require.Same(t, it, r.docs[docKey{it.EPK, it.ID}])
				require.True(t, r.current(it))
				require.True(t, r.Contains(it.EPK))
				require.Same(t, it, r.keys[it.EPK].at(it.number))
				bytes += int64(len(it.JSON))
				keys[it.EPK]++
				n++
				for _, u := range it.unique {
					unique[u] = it
				}
			}
			for epk, count := range keys {
				require.Equal(t, count, len(r.keys[epk].items)-r.keys[epk].gone)
			}
			require.Equal(t, unique, r.unique)
			require.Len(t, r.docs, n)
			m := r.mark()
			require.Equal(t, []any{n, len(keys), bytes}, []any{m.Count, m.Keys, m.Bytes})
			require.Equal(t, []any{r.ID, r.Parents, r.lsn}, []any{m.Range, m.Parents, m.LSN})
		}
	}
}

// Whatever is written, changed, renamed, deleted, taken back, split and merged: a partition counts what it has.
func TestPartitionsCountWhatTheyHave(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 2, `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a"]},{"paths":["/b","/c"]}]}`)
	r := rand.New(rand.NewPCG(11, 12))
	name := func() string { return fmt.Sprint("d", r.IntN(12)) }
	document := func(key int) *Document {
		return parsed(t, c, fmt.Sprintf(`{"id":%q,"pk":"k%d","a":%d,"b":%d,"c":%d,"pad":"%0*d"}`, name(), key,
			r.IntN(30), r.IntN(9), r.IntN(9), r.IntN(90), 0))
	}
	done, refusals := 0, 0
	for step := range 1500 {
		key := r.IntN(6)
		epk := epkOf(c, fmt.Sprint("k", key))
		_, err := c.Update(epk, "", func(tx *Tx) (err error) {
			for range 1 + r.IntN(3) {
				next := document(key)
				switch n := r.IntN(10); {
				case n < 5:
					_, _, err = tx.Upsert(next, "")
				case n < 7:
					_, err = tx.Replace(name(), next, "") // often under another id
				case n < 9:
					err = tx.Delete(epk, next.ID, "")
				default:
					if r.IntN(8) == 0 {
						tx.DeleteAll(epk)
					}
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			done++
		} else {
			refusals++
		}
		switch ranges := c.Ranges(); {
		case step%100 == 50:
			_, err := c.Split(ranges[r.IntN(len(ranges))].ID)
			require.NoError(t, err)
		case step%100 == 99:
			i := r.IntN(len(ranges) - 1)
			_, err := c.Merge(ranges[i].ID, ranges[i+1].ID)
			require.NoError(t, err)
		}
		if step%10 == 0 {
			held(t, c)
		}
	}
	held(t, c)
	require.Greater(t, done, 300)
	require.Greater(t, refusals, 300)
	for _, it := range c.Items() {
		remove(t, c, it.ID, it.Value().Get("pk").AsString())
	}
	held(t, c)
	count, bytes := c.Usage()
	require.Equal(t, [2]int64{}, [2]int64{count, bytes})
	for _, p := range c.partitions {
		require.Empty(t, p.replicas[0].unique, "values that are free again")
		require.Empty(t, p.replicas[0].keys, "nothing is kept of logical partitions that are empty")
	}
}

// A replica takes over the counts of the one that it is copied from, and goes on counting.
func TestRegionsCountWhatTheyHave(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	g.policy(uniqueMail)
	for i := range 20 {
		g.mustRegister(0, fmt.Sprint(i), fmt.Sprint("mail ", i), i)
	}
	require.NoError(t, g.Pause(0, 1, true))
	for i := range 10 {
		g.mustRegister(0, fmt.Sprint(i), fmt.Sprint("other ", i), i)
	}
	held(t, g.c)
	id, err := g.AddRegion("UK South")
	require.NoError(t, err)
	held(t, g.c)
	require.NoError(t, g.Pause(0, 1, false))
	require.NoError(t, g.MoveWrites(id))
	for i := range 10 { // what was given up is free
		g.mustRegister(id, fmt.Sprint("new ", i), fmt.Sprint("mail ", i), i)
	}
	held(t, g.c)
	g.same()
	var all [][]any
	for _, r := range g.Topology().Listed() {
		var of []any
		for _, m := range g.c.In(r.ID).Statistics() {
			of = append(of, m.Count, m.Keys, m.Bytes, m.LSN)
		}
		all = append(all, of)
	}
	require.Equal(t, all[0], all[1])
	require.Equal(t, all[0], all[2])
}

// A mark says who writes the partition, and how far the writes of each region have come: of the regions that are there.
func TestMarksNameTheRegions(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	m := g.put(0, "a", 1)
	hubs := func() (ids []int) {
		for _, r := range g.Topology().Listed() {
			if _, m := g.get(r.ID, "a"); m.Hub {
				ids = append(ids, r.ID)
			}
		}
		return ids
	}
	tokens := func(region int) string { _, m := g.get(region, "a"); return m.Token().String() }
	require.Equal(t, []int{0}, hubs())
	require.Equal(t, "0#1#1=1#2=0#3=0", tokens(2))
	require.NoError(t, g.Pause(0, 2, true))
	g.put(0, "a", 2)
	require.Equal(t, []string{"0#2#1=2#2=0#3=0", "0#1#1=1#2=0#3=0"}, []string{tokens(1), tokens(2)})
	require.NoError(t, g.Pause(0, 2, false))
	_, err := g.c.FailOverPartition(m.Range, 2, false)
	require.NoError(t, err)
	require.Equal(t, []int{2}, hubs())
	g.put(2, "a", 3)
	require.Equal(t, "1#3#1=2#2=0#3=1", tokens(0))
	require.NoError(t, g.Remove(1))
	require.Equal(t, []int{2}, hubs())
	require.Equal(t, "2#3#1=2#3=1", tokens(0))
	require.NoError(t, g.MoveWrites(2))
	require.NoError(t, g.Remove(0))
	require.Equal(t, "4#3#3=1", tokens(2), "also where only one is left")
	require.Equal(t, tokens(2), tokens(0), "the address of a region that was removed leads to the one that writes")
	require.Equal(t, Mark{Range: "0", LSN: g.LSN(), Hub: true, version: -1}, MetadataMark(g.LSN()))
}

// Documents are named by their logical partition and id: the same id is another document in another one.
func TestDocumentsOfOneID(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for i := range 5 {
		put(t, c, fmt.Sprintf(`{"id":"same","pk":"k%d","v":%d}`, i, i))
	}
	require.Equal(t, 5, c.Mark().Count)
	require.Equal(t, 5, c.Mark().Keys)
	remove(t, c, "same", "k2")
	for i := range 5 {
		it, _, err := c.Read(epkOf(c, fmt.Sprint("k", i)), "same")
		if i == 2 {
			refused(t, err, 404, "does not exist")
			continue
		}
		require.NoError(t, err)
		n, _ := it.Value().Get("v").AsInt()
		require.Equal(t, int64(i), n)
	}
	keys := []docKey{{"2", "a"}, {"1", "b"}, {"1", "a"}, {"10", ""}}
	slices.SortFunc(keys, docKey.compare)
	require.Equal(t, []docKey{{"1", "a"}, {"1", "b"}, {"10", ""}, {"2", "a"}}, keys)
}
