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

// looked is a container of one partition with n documents of k logical partitions, numbered in v, and their values in
// turn in w, of which there are so many.
func looked(t *testing.T, n, k, values int) *Container {
	t.Helper()
	c := newTestContainer(t, 1, "")
	for i := range n {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"k%d","v":%d,"w":%d}`, i, i%k, i, i%values))
	}
	return c
}

// below are the numbers less than n.
func below(n int) []value.Interval {
	return []value.Interval{{Kind: value.KindNumber, High: value.Int(int64(n)), OpenHigh: true}}
}

// slice gives f the only slice of a scope.
func slice(t *testing.T, c *Container, s Scope, f func(*Slice)) {
	t.Helper()
	require.NoError(t, c.View(s, func(parts []*Slice) error {
		require.Len(t, parts, 1)
		f(parts[0])
		return nil
	}))
}

// Whatever the scope, the lookups and how many are wanted: no document that they want is missing, none is of another
// scope, has expired or comes twice, and they come in the order of their numbers.
func TestWhereMissesNothing(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	c := newTestContainerOf(t, Options{Now: func() time.Time { return now }}, `,"defaultTtl":-1`)
	r := rand.New(rand.NewPCG(5, 6))
	for range 600 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"k%d","v":%d,"w":%d,"ttl":%d}`, r.IntN(500), r.IntN(3), r.IntN(200),
			r.IntN(4), []int{-1, 50}[r.IntN(2)]))
	}
	now = now.Add(time.Minute) // and nothing is written that would free what has expired
	intervals := func(most int64) (in []value.Interval) {
		switch low := r.Int64N(most); r.IntN(4) {
		case 0:
			return []value.Interval{value.Only(value.Int(low))}
		case 1:
			return []value.Interval{value.Only(value.Int(low)), value.Only(value.Int(low + 2))}
		case 2:
			return []value.Interval{{Kind: value.KindNumber, Low: value.Int(low), High: value.Int(low + 10)}}
		default:
			return []value.Interval{{Kind: value.KindNumber, Low: value.Int(low), OpenLow: true}}
		}
	}
	var all []*Item // with those that have expired
	slice(t, c, Scope{}, func(s *Slice) { all = slices.Collect(s.p.all.from(0)) })
	expired, found := 0, 0
	for range 500 {
		var s Scope
		switch r.IntN(3) {
		case 0:
			s = Scope{Key: epkOf(c, fmt.Sprint("k", r.IntN(4))), HasKey: true}
		case 1:
			s = Scope{Min: fmt.Sprintf("%02X", r.IntN(20)), Max: fmt.Sprintf("%02X", 20+r.IntN(40))}
		}
		lookups := []Lookup{{[]string{"v"}, intervals(200)}, {[]string{"w"}, intervals(4)}, {[]string{"none"}, nil}}
		lookups = lookups[:r.IntN(4)]
		from, wanted := uint64(r.IntN(700)), r.IntN(50)
		slice(t, c, s, func(s *Slice) {
			got := slices.Collect(s.Where(from, lookups, wanted))
			require.True(t, slices.IsSortedFunc(got, func(a, b *Item) int { return cmp.Compare(a.number, b.number) }))
			there := map[uint64]bool{}
			for _, it := range got {
				require.True(t, s.holds(it) && it.number >= from)
				require.False(t, it.expired(s.def.DefaultTTL, now.Unix()) || there[it.number])
				there[it.number] = true
			}
			for _, it := range all {
				wants := !slices.ContainsFunc(lookups, func(l Lookup) bool {
					key := it.Value().Get(l.Path[0])
					return !slices.ContainsFunc(l.In,
						func(in value.Interval) bool { return !in.Before(key) && !in.Behind(key) })
				})
				switch {
				case !wants || !s.holds(it) || it.number < from:
				case it.expired(s.def.DefaultTTL, now.Unix()):
					expired++
				default:
					found++
					require.True(t, there[it.number], "%s by %v", it.JSON, lookups)
				}
			}
		})
	}
	require.Positive(t, expired)
	require.Positive(t, found)
}

// An index is used where that is less work than to look at all, and the one that leaves the fewest.
func TestWhereTakesTheShorterWay(t *testing.T) {
	t.Parallel()
	c := looked(t, 1000, 2, 4) // w leaves 250
	v, w := []string{"v"}, []string{"w"}
	one := []value.Interval{value.Only(value.Int(1))}
	some := []value.Interval{value.Only(value.Int(0)), value.Only(value.Int(1)), value.Only(value.Int(2))}
	for _, test := range []struct {
		name    string
		scope   Scope
		lookups []Lookup
		wanted  int
		want    int // how many are looked at
	}{
		{"nothing is asked", Scope{}, nil, 0, 1000},
		{"few have it", Scope{}, []Lookup{{v, below(10)}}, 0, 10},
		{"none has it", Scope{}, []Lookup{{[]string{"none"}, one}}, 0, 0},
		{"no value would do", Scope{}, []Lookup{{v, nil}}, 0, 0},
		{"the better one first", Scope{}, []Lookup{{v, below(10)}, {w, one}}, 0, 10},
		{"the better one last", Scope{}, []Lookup{{w, one}, {v, below(10)}}, 0, 10},
		{"half", Scope{}, []Lookup{{v, below(500)}}, 0, 500},
		{"more than half", Scope{}, []Lookup{{v, below(501)}}, 0, 1000},
		{"several values", Scope{}, []Lookup{{w, some[:2]}}, 0, 500},
		{"more of them", Scope{}, []Lookup{{w, some}}, 0, 1000},
		{"of those that are many a few are wanted", Scope{}, []Lookup{{w, one}}, 20, 1000},
		{"many are wanted", Scope{}, []Lookup{{w, one}}, 125, 250},
		{"as many as there are", Scope{}, []Lookup{{w, one}}, 5000, 250},
		{"of those that are few all are wanted", Scope{}, []Lookup{{v, below(10)}}, 1, 10},
		{"of one key", Scope{Key: epkOf(c, "k1"), HasKey: true}, []Lookup{{v, below(100)}}, 0, 100},
		{"of one key, too many", Scope{Key: epkOf(c, "k1"), HasKey: true}, []Lookup{{v, below(300)}}, 0, 500},
		{"of a key that has none", Scope{Key: epkOf(c, "none"), HasKey: true}, []Lookup{{v, below(300)}}, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			slice(t, c, test.scope, func(s *Slice) {
				n := 0
				for range s.candidates(0, test.lookups, test.wanted) {
					n++
				}
				require.Equal(t, test.want, n)
			})
		})
	}
	few := looked(t, fewDocuments, 1, 1)
	slice(t, few, Scope{}, func(s *Slice) {
		require.Len(t, slices.Collect(s.Where(0, []Lookup{{v, one}}, 0)), fewDocuments)
		require.Empty(t, s.p.indexes.list, "so few are read faster than an index is made")
	})
}

// A page goes on with the document of a number, or the next one, whichever index finds it.
func TestWhereGoesOn(t *testing.T) {
	t.Parallel()
	c := looked(t, 200, 1, 20)
	one, two := value.Only(value.Int(3)), value.Only(value.Int(7))
	for _, test := range []struct {
		in   []value.Interval
		want int
	}{{[]value.Interval{one}, 10}, {[]value.Interval{one, two}, 20},
		{[]value.Interval{{Kind: value.KindNumber, Low: value.Int(18)}}, 20}} {
		lookups := []Lookup{{[]string{"w"}, test.in}}
		slice(t, c, Scope{}, func(s *Slice) {
			all := slices.Collect(s.Where(0, lookups, 0))
			require.Len(t, all, test.want, "an index finds no others")
			for i, it := range all {
				require.Equal(t, ids(all[i:]), ids(slices.Collect(s.Where(it.number, lookups, 0))))
				require.Equal(t, ids(all[i+1:]), ids(slices.Collect(s.Where(it.number+1, lookups, 0))))
			}
		})
	}
}

// Where a filter leaves few documents they are found and sorted; else all are read in order until enough are found.
func TestFew(t *testing.T) {
	t.Parallel()
	c := looked(t, 400, 4, 2)
	v, w := []string{"v"}, []string{"w"}
	key := Scope{Key: epkOf(c, "k1"), HasKey: true}
	for _, test := range []struct {
		name    string
		scope   Scope
		lookups []Lookup
		wanted  int
		want    bool
	}{
		{"nothing is asked", Scope{}, nil, 100, false},
		{"20 squared is the same work as one of 400", Scope{}, []Lookup{{v, below(20)}}, 1, true},
		{"21 squared is more", Scope{}, []Lookup{{v, below(21)}}, 1, false},
		{"and less than four of 400", Scope{}, []Lookup{{v, below(40)}}, 4, true},
		{"many", Scope{}, []Lookup{{w, []value.Interval{value.Only(value.Int(1))}}}, 10, false},
		{"one of two leaves few", Scope{}, []Lookup{{w, below(2)}, {v, below(20)}}, 1, true},
		{"several values count together", Scope{},
			[]Lookup{{v, []value.Interval{value.Only(value.Int(1)), value.Only(value.Int(2))}}}, 0, false},
		{"nothing is there", Scope{}, []Lookup{{[]string{"none"}, below(5)}}, 0, true},
		{"of one key there are fewer", key, []Lookup{{v, below(20)}}, 1, false},
		{"of one key ten are few", key, []Lookup{{v, below(10)}}, 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			slice(t, c, test.scope, func(s *Slice) { require.Equal(t, test.want, s.Few(test.lookups, test.wanted)) })
		})
	}
}

// An index of the partition has a slice's documents for the greater part unless they are few, or less than half.
func TestIndexed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		documents, keys int
		key             bool
		want            bool
	}{
		{fewDocuments, 1, false, false}, {fewDocuments + 1, 1, false, true},
		{100, 1, true, true}, {100, 2, true, false}, {100, 2, false, true},
	} {
		c := looked(t, test.documents, test.keys, 1)
		slice(t, c, Scope{Key: epkOf(c, "k0"), HasKey: test.key}, func(s *Slice) {
			require.Equal(t, test.want, s.Indexed(), test)
		})
	}
}

// Documents come in the order of a path in either direction, those without it where the service has them, and of one
// scope alone.
func TestOrdered(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for i, v := range []string{`"v":2`, `"x":0`, `"v":"a"`, `"v":1`, `"v":2.0`, `"v":null`, `"v":[1]`, `"v":true`} {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"%d",%s}`, i, i%2, v))
	}
	ordered := func(s Scope, o Order) (out []string) {
		slice(t, c, s, func(s *Slice) {
			require.Empty(t, s.mark.Range)
			out = ids(slices.Collect(s.Ordered(o)))
			require.Equal(t, s.p.ID, s.mark.Range, "who has read knows how far the partition was")
		})
		return out
	}
	path := []string{"v"}
	all := []string{"1", "5", "7", "3", "0", "4", "2", "6"}
	require.Equal(t, all, ordered(Scope{}, Order{Path: path}))
	back := slices.Clone(all)
	slices.Reverse(back)
	require.Equal(t, back, ordered(Scope{}, Order{Path: path, Desc: true}))
	even := Scope{Key: epkOf(c, "0"), HasKey: true}
	require.Equal(t, []string{"0", "4", "2", "6"}, ordered(even, Order{Path: path}))
	bounds := Scope{Min: epkOf(c, "1"), Max: epkOf(c, "1") + "FF"}
	require.Equal(t, []string{"3", "7", "5", "1"}, ordered(bounds, Order{Path: path, Desc: true}))

	number := func(id string) uint64 {
		return items(t, c, Scope{})[slices.Index(ids(items(t, c, Scope{})), id)].number
	}
	for _, test := range []struct {
		name  string
		after Place
		asc   int // how many come before it in all
	}{
		{"between two that are there", Place{value.Float(1.5), 0, false}, 4},
		{"at one", Place{value.Int(2), number("0"), true}, 4},
		{"behind one", Place{value.Int(2), number("0"), false}, 5},
		{"between two of the same value", Place{value.Int(2), number("0") + 1, true}, 5},
		{"before all", Place{value.Undefined, 0, false}, 0},
		{"behind all", Place{value.Array([]value.Value{value.Int(2)}), 0, true}, 8},
	} {
		o := Order{path, false, &test.after}
		require.Equal(t, all[test.asc:], append([]string{}, ordered(Scope{}, o)...), test.name)
		o.Desc = true // what is at the place is with what follows in one direction, and not in the other
		test.after.With = !test.after.With
		require.Equal(t, back[8-test.asc:], append([]string{}, ordered(Scope{}, o)...), test.name)
	}
	for _, desc := range []bool{false, true} {
		slice(t, c, Scope{}, func(s *Slice) {
			n := 0
			for range s.Ordered(Order{Path: path, Desc: desc}) {
				if n++; n == 3 {
					break
				}
			}
			require.Equal(t, 3, n)
		})
		put(t, c, `{"id":"later","pk":"0"}`) // the reader who has left holds nothing
	}
}

// Count is how many documents a reader of the slice sees, however it is made: of the whole, of a key, within bounds,
// and where documents expire.
func TestCount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		extra string
		want  int // of 40, a quarter of which have a short time to live, when that is over
	}{
		"without a time to live":    {"", 40},
		"with one, never by itself": {`,"defaultTtl":-1`, 30},
		"with one":                  {`,"defaultTtl":60`, 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(1_700_000_000, 0)
			a := NewAccount(Options{Now: func() time.Time { return now }})
			d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
			require.NoError(t, err)
			c, err := d.CreateContainer(
				[]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}`+test.extra+`}`), Throughput{})
			require.NoError(t, err)
			for i := range 50 {
				put(t, c, fmt.Sprintf(`{"id":"%d","pk":"k%d","ttl":%d}`, i, i%5, []int{5, -1, -1, -1}[i%4]))
			}
			for i := range 10 {
				remove(t, c, fmt.Sprint(5*i), "k0")
			}
			scopes := []Scope{{}, {Max: "20"}, {Min: "20"}, {Key: epkOf(c, "none"), HasKey: true}}
			for k := range 5 {
				scopes = append(scopes, Scope{Key: epkOf(c, fmt.Sprint("k", k)), HasKey: true})
			}
			for _, want := range []int{40, test.want} {
				var counts []int
				for _, s := range scopes {
					slice(t, c, s, func(s *Slice) {
						counts = append(counts, s.Count())
						require.Len(t, slices.Collect(s.Items(0)), s.Count())
					})
				}
				require.Equal(t, want, counts[0])
				require.Equal(t, want, counts[1]+counts[2])
				require.Equal(t, 0, counts[3]+counts[4])
				require.Equal(t, want, counts[5]+counts[6]+counts[7]+counts[8])
				now = now.Add(5 * time.Second)
			}
		})
	}
}
