package store

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// sound checks what must always hold of a container's partitions.
func sound(t *testing.T, c *Container) {
	t.Helper()
	m, err := partition.NewRoutingMap(c.Ranges())
	require.NoError(t, err, "the ranges cover everything once")
	require.Len(t, m.Ranges(), len(c.Ranges()), "and none is the parent of another")
	for _, p := range c.partitions {
		p := p.replicas[0]
		require.Len(t, p.docs, len(p.all.items)-p.all.gone)
		n := 0
		for epk, logical := range p.keys {
			for it := range logical.from(0) {
				n++
				require.Equal(t, epk, it.EPK)
				require.Same(t, it, p.docs[docKey{it.EPK, it.ID}])
			}
		}
		require.Len(t, p.docs, n)
		last := uint64(0)
		for it := range p.all.from(0) {
			require.True(t, p.Contains(it.EPK))
			require.Greater(t, it.number, last)
			require.LessOrEqual(t, it.LSN, p.lsn)
			last = it.number
		}
	}
}

func TestSplitAndMerge(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/u"]}]}`)
	for i := range 60 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"k%d","u":%d}`, i, i%20, i))
	}
	before := ids(items(t, c, Scope{}))
	children, err := c.Split("0")
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, children)
	sound(t, c)
	require.Equal(t, []string{"0"}, c.Ranges()[0].Parents)
	for _, p := range c.partitions {
		p := p.replicas[0]
		require.Equal(t, int64(60), p.lsn, "numbers go on from the parent's")
		require.Greater(t, len(p.docs), 10)
	}
	require.ElementsMatch(t, before, ids(items(t, c, Scope{})))

	_, err = c.Split("0")
	refused(t, err, 410, "'0'")
	grand, err := c.Split("2")
	require.NoError(t, err)
	require.Equal(t, []string{"0", "2"}, c.Ranges()[1].Parents, "all ancestors")
	sound(t, c)

	// Unique keys hold in the children.
	d := parsed(t, c, `{"id":"new","pk":"k3","u":3}`)
	_, err = c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Create(d); return err })
	refused(t, err, 409, "already exists")

	// Writes in one child move its numbers only.
	put(t, c, `{"id":"0","pk":"k0","u":0}`)
	_, err = c.Merge("1", grand[1])
	refused(t, err, 400, "not neighbours")
	_, err = c.Merge("1", "77")
	refused(t, err, 400, "not neighbours")
	id, err := c.Merge(grand[0], "1")
	require.NoError(t, err)
	sound(t, c)
	require.Equal(t, []string{"0", "1", "2", grand[0]}, c.Ranges()[0].Parents)
	require.Equal(t, id, c.Ranges()[0].ID)
	require.Equal(t, int64(61), max(c.partitions[0].replicas[0].lsn, c.partitions[1].replicas[0].lsn))
	_, err = c.Merge(grand[1], id)
	require.NoError(t, err)
	sound(t, c)
	require.Equal(t, before, ids(items(t, c, Scope{})), "in the old order")
	_, err = c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Create(d); return err })
	refused(t, err, 409, "already exists")
	changes, _ := feed(t, c, Scope{}, Feed{})
	require.Len(t, changes, 60)
}

func TestRangeFeedOfChanges(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 2, "")
	all, etag, changed := c.RangeFeed("")
	require.True(t, changed)
	require.Len(t, all, 2)
	none, same, changed := c.RangeFeed(etag)
	require.False(t, changed)
	require.Empty(t, none)
	require.Equal(t, etag, same)
	_, err := c.Split("0")
	require.NoError(t, err)
	fresh, next, changed := c.RangeFeed(etag)
	require.True(t, changed)
	require.NotEqual(t, etag, next)
	require.Equal(t, []string{"2", "3"}, []string{fresh[0].ID, fresh[1].ID})
	foreign, _, _ := c.RangeFeed(`"something else"`)
	require.Len(t, foreign, 3, "an etag that is not ours is none")
	rids := map[string]bool{}
	for _, r := range c.Ranges() {
		rids[r.RID] = true
		b := ridBytes(r.RID)
		require.Len(t, b, 16)
		require.Equal(t, byte(kindRange), b[15]>>4)
	}
	require.Len(t, rids, 3)
}

func TestRun(t *testing.T) {
	t.Parallel()
	r := &run{}
	for n := range 10 {
		r.put(&Item{number: uint64(2 * n)})
	}
	numbers := func(from uint64) (out []uint64) {
		for it := range r.from(from) {
			out = append(out, it.number)
		}
		return out
	}
	require.Equal(t, []uint64{14, 16, 18}, numbers(13))
	require.Equal(t, []uint64{14, 16, 18}, numbers(14))
	require.Empty(t, numbers(19))
	r.drop(14)
	require.Equal(t, []uint64{16, 18}, numbers(13))
	r.put(&Item{number: 14})
	require.Equal(t, []uint64{14, 16, 18}, numbers(13), "put back where it was")
	require.Zero(t, r.gone)
	for n := range 6 {
		r.drop(uint64(2 * n))
	}
	r.compact()
	require.Len(t, r.items, 4)
	require.Equal(t, []uint64{12, 14, 16, 18}, numbers(0))
	r.drop(12)
	r.compact()
	require.Len(t, r.items, 4, "a few markers stay")
	for range numbers(0) {
		break // who stops early stops
	}
}

// A key of several values whose first is the same everywhere is cut between the keys below it: one half would stay
// empty else. Where first values differ the hashes decide.
func TestSplitOfAHierarchicalKey(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tenant     func(i int) string
		keys       int
		inside     bool // the cut goes through the first value's keys
		eachHolds  int  // at least
		ranges     int
		everything int
	}{
		"one tenant":   {func(int) string { return "one" }, 20, true, 10, 2, 20},
		"two keys":     {func(int) string { return "one" }, 2, true, 1, 2, 2},
		"a single key": {func(int) string { return "one" }, 1, false, 0, 2, 1},
		"many tenants": {func(i int) string { return fmt.Sprint(i) }, 40, false, 8, 2, 40},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := NewAccount(Options{}).CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
			require.NoError(t, err)
			c, err := d.CreateContainer(
				[]byte(`{"id":"c","partitionKey":{"paths":["/tenant","/user"],"kind":"MultiHash","version":2}}`),
				Throughput{})
			require.NoError(t, err)
			for i := range test.keys {
				put(t, c, fmt.Sprintf(`{"id":"%d","tenant":%q,"user":"%[1]d"}`, i, test.tenant(i)))
			}
			_, err = c.Split("0")
			require.NoError(t, err)
			require.Len(t, c.Ranges(), test.ranges)
			for _, m := range c.Statistics() {
				require.GreaterOrEqual(t, m.Count, test.eachHolds)
			}
			require.Len(t, c.Items(), test.everything)
			cut := c.Ranges()[1].Min
			key, err := c.EffectiveKey("one", "0")
			require.NoError(t, err)
			tenant := key[:len(key)/2]
			require.Equal(t, test.inside, len(cut) > len(tenant) && cut[:len(tenant)] == tenant, cut)
			sound(t, c)
			if test.keys > 1 {
				whole := Scope{Min: tenant, Max: tenant + "FF"}
				require.Equal(t, test.tenant(0) == "one", len(items(t, c, whole)) == test.everything,
					"a tenant is read whole from both halves")
			}
		})
	}
}

// An effective key is that of a document with those values; what cannot be a key is refused.
func TestEffectiveKey(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for _, v := range []any{"p", "", 5, 2.5, true, nil} {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		epk, err := c.EffectiveKey(v)
		require.NoError(t, err)
		require.Equal(t, parsed(t, c, `{"id":"a","pk":`+string(text)+`}`).EPK, epk, v)
	}
	put(t, c, `{"id":"a","pk":"p"}`)
	epk, err := c.EffectiveKey("p")
	require.NoError(t, err)
	halves, err := c.SplitAt("0", epk)
	require.NoError(t, err)
	require.Len(t, items(t, c, Scope{Range: halves[1]}), 1, "the first key of the second half")
	for _, values := range [][]any{{"p", "q"}, {[]int{1}}, {map[string]int{}}, {func() {}}} {
		_, err := c.EffectiveKey(values...)
		require.Error(t, err, values)
	}
}

// Throughput has as many partitions as it needs, though one of them cannot be split.
func TestThroughputBesideAPartitionThatCannotBeSplit(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for {
		if _, err := c.Split(c.Ranges()[0].ID); err != nil {
			refused(t, err, 400, "single effective key and cannot be split")
			break
		}
		if r := c.Ranges(); len(r) > 2 {
			_, err := c.Merge(r[1].ID, r[2].ID)
			require.NoError(t, err)
		}
	}
	single := c.Ranges()[0]
	require.Len(t, c.Ranges(), 2)
	_, err := c.account.ReplaceOffer(c.offer, []byte(`{"content":{"offerThroughput":40000}}`), false, "")
	require.NoError(t, err)
	require.Len(t, c.Ranges(), 4)
	require.Equal(t, single, c.Ranges()[0])
	require.False(t, c.Growing())
	sound(t, c)
	_, err = c.Merge(c.Ranges()[1].ID, c.Ranges()[2].ID)
	require.NoError(t, err)
	require.Len(t, c.Ranges(), 3, "what is merged later stays merged")
}
