package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// spread makes a container with three documents for each of n keys.
func spread(t testing.TB, partitions, n int) *Container {
	t.Helper()
	c := newTestContainer(t, partitions, "")
	for i := range 3 * n {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"k%d"}`, i, i%n))
	}
	return c
}

func epkOf(c *Container, pk string) string {
	return c.Definition().PartitionKey.EPK(partition.Key{partition.String(pk)})
}

func ids(list []*Item) (out []string) {
	for _, it := range list {
		out = append(out, it.ID)
	}
	return out
}

func TestScopes(t *testing.T) {
	t.Parallel()
	c := spread(t, 4, 20)
	require.Len(t, items(t, c, Scope{}), 60)

	sum := 0
	for _, r := range c.Ranges() {
		in := items(t, c, Scope{Range: r.ID})
		sum += len(in)
		for i, it := range in {
			require.True(t, r.Contains(it.EPK))
			require.True(t, i == 0 || in[i-1].Number() < it.Number(), "in the order of numbers")
		}
		// Halves of a range are the range.
		mid := partition.Midpoint(r.Min, r.Max, c.Definition().PartitionKey)
		low, high := items(t, c, Scope{Range: r.ID, Max: mid}), items(t, c, Scope{Range: r.ID, Min: mid})
		require.Equal(t, len(in), len(low)+len(high))
		require.NotEmpty(t, low)
		require.NotEmpty(t, high)
	}
	require.Equal(t, 60, sum)

	epk := epkOf(c, "k7")
	require.Equal(t, []string{"7", "27", "47"}, ids(items(t, c, Scope{Key: epk, HasKey: true})))
	require.Equal(t, []string{"7", "27", "47"}, ids(items(t, c, Scope{Min: epk, Max: epk + "FF"})))
	require.Empty(t, items(t, c, Scope{Key: epkOf(c, "none"), HasKey: true}))
	for _, r := range c.Ranges() {
		in := items(t, c, Scope{Range: r.ID, Key: epk, HasKey: true})
		require.Equal(t, r.Contains(epk), len(in) == 3, "a key is in its own range only")
	}
	err := c.View(Scope{Range: "99"}, func([]*Slice) error { return nil })
	refused(t, err, 410, "'99'")
	require.ErrorContains(t, err, "410/1002")
}

func TestNarrowAndFrom(t *testing.T) {
	t.Parallel()
	c := spread(t, 1, 4)
	require.NoError(t, c.View(Scope{}, func(slices []*Slice) error {
		require.Len(t, slices, 1)
		s := slices[0]
		lo, hi := s.Bounds()
		require.Equal(t, [2]string{"", "FF"}, [2]string{lo, hi})
		var all []*Item
		for it := range s.Items(0) {
			all = append(all, it)
		}
		for i, it := range all {
			var rest []*Item
			for it := range s.Items(it.Number()) {
				rest = append(rest, it)
			}
			require.Equal(t, all[i:], rest)
		}
		for range s.Items(all[11].Number() + 1) {
			t.Error("nothing comes after the last")
		}
		part, ok := s.Narrow("1F", "2F")
		require.True(t, ok)
		lo, hi = part.Bounds()
		require.Equal(t, [2]string{"1F", "2F"}, [2]string{lo, hi})
		_, ok = part.Narrow("30", "FF")
		require.False(t, ok)
		same, ok := part.Narrow("", "FF")
		require.True(t, ok)
		lo, hi = same.Bounds()
		require.Equal(t, [2]string{"1F", "2F"}, [2]string{lo, hi}, "narrowing never widens")
		return nil
	}))
}

func TestNamed(t *testing.T) {
	t.Parallel()
	c := spread(t, 1, 4)
	named := func(s Scope, from uint64, want ...string) (out []string, able bool) {
		require.NoError(t, c.View(s, func(slices []*Slice) error {
			items, ok := slices[0].Named(from, want)
			if able = ok; ok {
				for it := range items {
					out = append(out, it.ID)
				}
			}
			return nil
		}))
		return out, able
	}
	key := Scope{Key: epkOf(c, "k1"), HasKey: true}
	got, ok := named(key, 0, "9", "1", "5", "1", "2")
	require.True(t, ok)
	require.Equal(t, []string{"1", "5", "9"}, got, "each once, in order, of this key only")
	five, _, err := c.Read(key.Key, "5")
	require.NoError(t, err)
	got, _ = named(key, five.Number(), "9", "1", "5")
	require.Equal(t, []string{"5", "9"}, got)
	_, ok = named(Scope{}, 0, "1")
	require.False(t, ok, "an id alone does not say where to look")
}

func TestPointReads(t *testing.T) {
	t.Parallel()
	c := spread(t, 4, 5)
	it, mark, err := c.Read(epkOf(c, "k2"), "7")
	require.NoError(t, err)
	require.Equal(t, "7", it.ID)
	require.Positive(t, mark.LSN)
	_, mark, err = c.Read(epkOf(c, "k3"), "7")
	refused(t, err, 404, "does not exist")
	require.NotEmpty(t, mark.Range, "also who finds nothing learns how far the partition is")
	found, err := c.ByRID(it.RID)
	require.NoError(t, err)
	require.Same(t, it, found)
	other := spread(t, 1, 1)
	for _, rid := range []string{"", "x", c.RID(), items(t, other, Scope{})[0].RID} {
		_, err = c.ByRID(rid)
		refused(t, err, 404, "does not exist")
	}
	count, bytes := c.Usage()
	require.Equal(t, int64(15), count)
	require.Positive(t, bytes)
}

// The documents of several partitions come in the order of their numbers, as if they were one; who stops early stops.
func TestMerged(t *testing.T) {
	t.Parallel()
	for _, partitions := range []int{1, 4} {
		c := spread(t, partitions, 10)
		remove(t, c, "13", "k3")
		require.NoError(t, c.View(Scope{}, func(parts []*Slice) error {
			require.Len(t, parts, partitions)
			last, n := uint64(0), 0
			for it := range Merged(parts, nil) {
				require.Greater(t, it.Number(), last)
				last = it.Number()
				n++
			}
			require.Equal(t, 29, n)
			n = 0
			for it := range Merged(parts, nil) {
				if n++; it.ID == "4" {
					break
				}
			}
			require.Equal(t, 5, n)
			for range Merged(nil, nil) {
				t.Error("nothing is in no partition")
			}
			return nil
		}))
	}
}

// Whatever reads documents, those whose time is over are not there, though nothing has removed them yet.
func TestReadersSeeNothingExpired(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 1, func(o *Options) { o.Partitions = 1 })
	g.policy(`"defaultTtl":-1`)
	old := put(t, g.c, `{"id":"old","pk":"p","ttl":10}`)
	put(t, g.c, `{"id":"b","pk":"p"}`)
	g.now = g.now.Add(10 * time.Second)
	key := Scope{Key: old.EPK, HasKey: true}
	_, _, err := g.c.Read(old.EPK, "old")
	refused(t, err, 404, "does not exist")
	_, err = g.c.ByRID(old.RID)
	refused(t, err, 404, "does not exist")
	require.NoError(t, g.c.View(key, func(parts []*Slice) error {
		named, ok := parts[0].Named(0, []string{"b", "old"})
		require.True(t, ok)
		for it := range named {
			require.Equal(t, "b", it.ID)
		}
		for it := range parts[0].Items(old.Number()) {
			require.Equal(t, "b", it.ID)
		}
		changes, _ := parts[0].Changes(Feed{})
		require.Len(t, changes, 1)
		return nil
	}))
	require.Equal(t, []string{"b"}, ids(g.c.Items()))
	count, _ := g.c.Usage()
	require.Equal(t, int64(2), count, "it is still there")
	require.Equal(t, g.now.Unix(), g.c.Now())
}

// What a reader of ids has found it has at once; the mark says how far the partition was when it looked.
func TestMarkIsOfTheLastRead(t *testing.T) {
	t.Parallel()
	c := spread(t, 1, 2)
	key := Scope{Key: epkOf(c, "k1"), HasKey: true}
	require.NoError(t, c.View(key, func(parts []*Slice) error {
		s := parts[0]
		require.Equal(t, int64(6), s.Mark().LSN, "before anything was read")
		upserted, err := c.Parse([]byte(`{"id":"1","pk":"k1","v":2}`))
		require.NoError(t, err)
		_, err = c.Update(upserted.EPK, "", func(tx *Tx) error { _, _, err := tx.Upsert(upserted, ""); return err })
		require.NoError(t, err)
		require.Equal(t, int64(6), s.Mark().LSN, "it tells of what was read")
		named, _ := s.Named(0, []string{"1", "3"})
		for it := range named {
			require.Equal(t, 2., it.Value().Get("v").AsFloat())
			break // who stops early stops
		}
		require.Equal(t, int64(7), s.Mark().LSN)
		return nil
	}))
}
