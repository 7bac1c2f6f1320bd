package store

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// After any writes an index finds what a look at every document finds, in the same order.
func TestIndexFindsWhatAScanFinds(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	r := rand.New(rand.NewPCG(3, 4))
	const ids = 1500
	numbers := func(its []*Item) (out []uint64) {
		for _, it := range its {
			out = append(out, it.number)
		}
		return out
	}
	key := func(it *Item) value.Value { return it.Value().Get("v") }
	check := func(s *Slice) {
		all := slices.Collect(s.Items(0))
		from := uint64(r.IntN(2 * ids))
		for _, in := range [][]value.Interval{
			nil, {value.Only(value.Int(r.Int64N(50)))}, {value.Only(value.Int(3)), value.Only(value.Int(9))},
			{{Kind: value.KindNumber, Low: value.Int(48), OpenLow: r.IntN(2) == 0}},
			{{Kind: value.KindNumber, Low: value.Int(5), High: value.Int(6), OpenHigh: true}},
			{{Kind: value.KindString}}, {{Kind: value.KindNumber}},
		} {
			other := func(it *Item) bool {
				return it.number < from ||
					!slices.ContainsFunc(in, func(i value.Interval) bool {
						return !i.Before(key(it)) && !i.Behind(key(it))
					})
			}
			want := slices.DeleteFunc(slices.Clone(all), other)
			got := slices.Collect(s.Where(from, []Lookup{{[]string{"v"}, in}}, 0))
			if len(in) == 1 && in[0].Kind == value.KindNumber && !in[0].Low.IsDefined() { // too many: a scan
				require.GreaterOrEqual(t, len(got), len(want))
				got = slices.DeleteFunc(got, other)
			}
			require.Equal(t, numbers(want), numbers(got), "%v", in)
		}
		sorted := slices.Clone(all)
		slices.SortFunc(sorted,
			func(a, b *Item) int { return cmp.Or(value.Compare(key(a), key(b)), cmp.Compare(a.number, b.number)) })
		require.Equal(t, numbers(sorted), numbers(slices.Collect(s.Ordered(Order{Path: []string{"v"}}))))
		at := r.IntN(len(sorted))
		place := &Place{Key: key(sorted[at]), Number: sorted[at].number}
		require.Equal(t, numbers(sorted[at+1:]), numbers(slices.Collect(s.Ordered(Order{[]string{"v"}, false, place}))))
		place.With = true
		require.Equal(t, numbers(sorted[at:]), numbers(slices.Collect(s.Ordered(Order{[]string{"v"}, false, place}))))
		back := slices.Clone(sorted[:at+1])
		slices.Reverse(back)
		require.Equal(t, numbers(back), numbers(slices.Collect(s.Ordered(Order{[]string{"v"}, true, place}))))
		place.With = false
		require.Equal(t, numbers(back[1:]), numbers(slices.Collect(s.Ordered(Order{[]string{"v"}, true, place}))))
		require.Equal(t, len(all), s.Count())
	}
	for round := range 12 {
		for range ids / 2 {
			id := fmt.Sprint(r.IntN(ids))
			if r.IntN(4) == 0 {
				d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":"p"}`, id))
				require.NoError(t, err)
				c.Update(d.EPK, "", func(tx *Tx) error { // some of them are not there
					if tx.Delete(d.EPK, id, "") == nil && r.IntN(3) == 0 {
						return missingDocument() // taken back
					}
					return nil
				})
				continue
			}
			put(t, c, fmt.Sprintf(`{"id":%q,"pk":"p","v":%s}`, id,
				[]string{fmt.Sprint(r.IntN(50)), `"text"`, "null"}[max(0, r.IntN(9)-6)]))
		}
		require.NoError(t, c.View(Scope{}, func(parts []*Slice) error {
			check(parts[0])
			return nil
		}))
		if round == 8 {
			require.Len(t, c.partitions[0].replicas[0].indexes.list, 1)
			_, err := c.Split(c.partitions[0].ID) // its indexes are made anew
			require.NoError(t, err)
			_, err = c.Merge(c.partitions[0].ID, c.partitions[1].ID)
			require.NoError(t, err)
		}
	}
}

func TestIndexesAreFew(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for i := range 2 * fewDocuments {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"p","v":%d}`, i, i))
	}
	ask := func(path string) {
		require.NoError(t, c.View(Scope{}, func(parts []*Slice) error {
			for range parts[0].Where(0, []Lookup{{[]string{path}, []value.Interval{value.Only(value.Int(1))}}}, 0) {
			}
			return nil
		}))
	}
	for i := range maxIndexes + 3 {
		ask(fmt.Sprint("p", i))
		ask("v") // what is in use stays
	}
	xs := &c.partitions[0].replicas[0].indexes
	require.Len(t, xs.list, maxIndexes)
	require.True(t, slices.ContainsFunc(xs.list, func(x *index) bool { return x.path[0] == "v" }))
}

// soundIndex requires that an index has each document of a run once, in order, in blocks that are neither empty nor
// larger than a block may be.
func soundIndex(t *testing.T, x *index, all *run) {
	t.Helper()
	var entries []entry
	for _, block := range x.blocks {
		require.NotEmpty(t, block)
		require.LessOrEqual(t, len(block), indexBlock)
		entries = append(entries, block...)
	}
	require.True(t, slices.IsSortedFunc(entries, entry.compare))
	require.Equal(t, len(entries), x.count)
	n := 0
	for range all.from(0) {
		n++
	}
	require.Len(t, entries, n)
	for _, e := range entries {
		require.Same(t, all.at(e.item.number), e.item, "the present version")
		require.True(t, value.Equal(follow(e.item.Value(), x.path), e.key))
	}
}

// However documents come and go, an index that writes keep up is the one that a query would make now.
func TestIndexIsKeptUp(t *testing.T) {
	t.Parallel()
	const n = 3*indexBlock + 7
	first := func(n int) func(int) bool { return func(i int) bool { return i < n } }
	each := func(n int) func(int) bool { return func(i int) bool { return i%n == 0 } }
	sides := func(i int) int { return 1 - i%2*2 }
	for name, test := range map[string]struct {
		value  func(i int) int
		remove func(i int) bool
	}{
		"upwards, and the first go":    {func(i int) int { return i }, first(2 * indexBlock)},
		"downwards, and the last go":   {func(i int) int { return -i }, first(2 * indexBlock)},
		"all the same, and all go":     {func(int) int { return 5 }, first(n)},
		"from outside, every second":   {func(i int) int { return sides(i) * (n - i) }, each(2)},
		"from the middle, all but one": {func(i int) int { return sides(i) * i }, func(i int) bool { return i != 700 }},
		"scattered":                    {func(i int) int { return i * 7919 % 1009 }, each(100)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, "")
			p := c.partitions[0].replicas[0]
			x := p.indexes.at([]string{"v"}, &p.all) // of nothing
			left := 0
			for i := range n {
				put(t, c, fmt.Sprintf(`{"id":"%d","pk":"p","v":%d}`, i, test.value(i)))
			}
			soundIndex(t, x, &p.all)
			require.GreaterOrEqual(t, len(x.blocks), 4)
			for i := range n {
				if test.remove(i) {
					remove(t, c, fmt.Sprint(i), "p")
				} else {
					left++
				}
			}
			soundIndex(t, x, &p.all)
			require.Equal(t, left, x.count)
			require.Same(t, x, p.indexes.at([]string{"v"}, &p.all), "it is not made again")
			for i := range 10 { // what comes then finds its place, too
				put(t, c, fmt.Sprintf(`{"id":"new %d","pk":"p","v":%d}`, i, test.value(i)))
			}
			soundIndex(t, x, &p.all)
		})
	}
}

// An index has the present version of every document: of one that is changed elsewhere, moved in the order, renamed,
// taken back or expired.
func TestIndexHasPresentVersions(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	c := newTestContainerOf(t, Options{Now: func() time.Time { return now }}, `,"defaultTtl":-1`)
	for i := range 40 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"p","o":{"v":%d}}`, i, i%10))
	}
	path, epk := []string{"o", "v"}, epkOf(c, "p")
	p := c.partitions[0].replicas[0]
	x := p.indexes.at(path, &p.all)
	of := func(v int) (out []string) {
		require.NoError(t, c.View(Scope{}, func(parts []*Slice) error {
			for it := range parts[0].Where(0, []Lookup{{path, []value.Interval{value.Only(value.Int(int64(v)))}}}, 0) {
				out = append(out, fmt.Sprint(it.ID, it.Value().Get("more").AsString()))
			}
			return nil
		}))
		soundIndex(t, x, &p.all)
		return out
	}
	update := func(f func(tx *Tx) error) error {
		_, err := c.Update(epk, "", f)
		return err
	}
	require.Equal(t, []string{"3", "13", "23", "33"}, of(3))
	put(t, c, `{"id":"13","pk":"p","o":{"v":3},"more":"!"}`)
	require.Equal(t, []string{"3", "13!", "23", "33"}, of(3), "the same value of another version")
	put(t, c, `{"id":"3","pk":"p","o":{"v":4}}`)
	require.Equal(t, []string{"13!", "23", "33"}, of(3))
	require.Equal(t, []string{"3", "4", "14", "24", "34"}, of(4), "in the order in which they were made")
	put(t, c, `{"id":"3","pk":"p"}`)
	require.Equal(t, []string{"4", "14", "24", "34"}, of(4))
	require.NoError(t, update(func(tx *Tx) error {
		_, err := tx.Replace("23", parsed(t, c, `{"id":"other","pk":"p","o":{"v":3}}`), "")
		return err
	}))
	require.Equal(t, []string{"13!", "other", "33"}, of(3), "renamed")
	require.Error(t, update(func(tx *Tx) error {
		require.NoError(t, tx.Delete(epk, "33", ""))
		_, _, err := tx.Upsert(parsed(t, c, `{"id":"13","pk":"p","o":{"v":9}}`), "")
		require.NoError(t, err)
		_, err = tx.Create(parsed(t, c, `{"id":"new","pk":"p","o":{"v":3}}`))
		require.NoError(t, err)
		return missingDocument()
	}))
	require.Equal(t, []string{"13!", "other", "33"}, of(3), "nothing of what is taken back stays")
	put(t, c, `{"id":"short","pk":"p","o":{"v":3},"ttl":5}`)
	require.Equal(t, []string{"13!", "other", "33", "short"}, of(3))
	now = now.Add(5 * time.Second)
	require.Equal(t, []string{"13!", "other", "33"}, of(3), "expired, and still there")
	c.Expire()
	require.Equal(t, []string{"13!", "other", "33"}, of(3))
	require.NoError(t, update(func(tx *Tx) error { tx.DeleteAll(epk); return nil }))
	require.Empty(t, of(3))
	require.Empty(t, x.blocks)
}

// Each region has indexes of its own, which show what has arrived there.
func TestIndexOfARegion(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.Partitions = 1 })
	for i := range 40 {
		g.put(0, fmt.Sprint("d", i), i)
	}
	largest := func(region int) (id string) {
		require.NoError(t, g.c.In(region).View(Scope{}, func(parts []*Slice) error {
			for it := range parts[0].Ordered(Order{Path: []string{"v"}, Desc: true}) {
				id = it.ID
				break
			}
			return nil
		}))
		return id
	}
	require.Equal(t, []string{"d39", "d39"}, []string{largest(0), largest(1)})
	require.NoError(t, g.Pause(0, 1, true))
	g.put(0, "d7", 100)
	require.Equal(t, []string{"d7", "d39"}, []string{largest(0), largest(1)})
	require.NoError(t, g.Pause(0, 1, false))
	require.Equal(t, []string{"d7", "d7"}, []string{largest(0), largest(1)})
	require.NoError(t, g.Pause(0, 1, true))
	g.put(0, "d8", 200)
	_, err := g.ForceWrites(1)
	require.NoError(t, err)
	require.Equal(t, []string{"d7", "d7"}, []string{largest(0), largest(1)}, "what is lost is in no index")
	g.same()
}
