package store

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

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
