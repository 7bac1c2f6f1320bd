package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/session"
)

// wanderer reads the changes of a container, each page in any region.
type wanderer struct {
	g    *globe
	at   map[string]string // positions, by range
	last map[string]string // the version of each document that came last
	seen map[string]bool   // versions
	read int

	session map[string]session.Token // by range; nil for a reader without a session
}

func newWanderer(g *globe) *wanderer {
	return &wanderer{g: g, at: map[string]string{}, last: map[string]string{}, seen: map[string]bool{}}
}

// behind reports whether a region has not got what the reader's session has seen.
func (w *wanderer) behind(s *Slice) bool {
	for _, id := range append([]string{s.Range().ID}, s.Range().Parents...) {
		if required, known := w.session[id]; known {
			ok, err := session.Satisfies(required, s.Mark().Token())
			if require.NoError(w.g.t, err); !ok {
				return true
			}
		}
	}
	return false
}

// page reads a page of every range in a region.
func (w *wanderer) page(region, limit int) (changes int) {
	next := map[string]string{}
	require.NoError(w.g.t, w.g.c.In(region).View(Scope{}, func(parts []*Slice) error {
		if slices.ContainsFunc(parts, w.behind) {
			next = w.at
			return nil
		}
		for _, s := range parts {
			var after Position
			known := false
			for _, id := range append([]string{s.Range().ID}, s.Range().Parents...) {
				text, there := w.at[id]
				if !there {
					continue
				}
				p, ok := ParsePosition(text)
				require.True(w.g.t, ok, text)
				if known {
					p = after.Earlier(p)
				}
				after, known = p, true
				if id == s.Range().ID {
					break
				}
			}
			read, at := s.Changes(Feed{After: after, Limit: limit})
			for _, ch := range read {
				w.last[ch.Item.ID] = ch.Item.ETag
				w.seen[ch.Item.ETag] = true
			}
			if w.session != nil {
				w.session[s.Range().ID] = s.Mark().Token()
			}
			changes += len(read)
			next[s.Range().ID] = at.String()
		}
		return nil
	}))
	w.at = next
	w.read += changes
	return changes
}

// A reader that goes from region to region, each of which has the changes in an order of its own, misses none: not over
// splits, merges and changes of regions either. One with a session, whom no region serves that is behind what he has
// seen, ends with the last version of every document.
func TestFeedsThatChangeRegion(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 4))
			g := newGlobe(t, 1+int(seed)%3, func(o *Options) { o.MultiWrite, o.Seed = seed%4 > 0, seed })
			online := func() int {
				for {
					r := g.Topology().Regions[random.IntN(len(g.Topology().Regions))]
					if r.State == Online {
						return r.ID
					}
				}
			}
			require.NoError(t, g.SetDelay(-1, -1, 0, time.Second))
			readers := []*wanderer{newWanderer(g), newWanderer(g)}
			readers[0].session = map[string]session.Token{}
			for i := range 400 {
				g.now = g.now.Add(time.Duration(random.IntN(200)) * time.Millisecond)
				writer := -1
				if g.Topology().Multi {
					writer = online()
				}
				id := fmt.Sprint(random.IntN(12))
				switch n := random.IntN(40); {
				case n < 30:
					g.put(writer, id, i)
				case n < 33:
					g.drop(writer, id) // which need not be there
				case n == 33:
					g.Pause(online(), online(), random.IntN(2) == 0)
				case n == 34:
					g.Pause(-1, -1, false)
				case n == 35:
					g.c.Split(g.c.Ranges()[random.IntN(len(g.c.Ranges()))].ID)
				case n == 36:
					if r := g.c.Ranges(); len(r) > 1 {
						at := random.IntN(len(r) - 1)
						g.c.Merge(r[at].ID, r[at+1].ID)
					}
				case n == 37:
					if len(g.Topology().Regions) < 5 {
						g.AddRegion(fmt.Sprint("added ", i))
					} else {
						g.Remove(online())
					}
				case n == 38:
					g.MoveWrites(online())
				case n == 39:
					g.SetMultiWrite(!g.Topology().Multi)
				}
				for _, r := range readers {
					if random.IntN(4) == 0 {
						r.page(online(), 1+random.IntN(3))
					}
				}
			}
			require.NoError(t, g.Pause(-1, -1, false))
			g.now = g.now.Add(time.Hour)
			for n, r := range readers {
				for region := online(); r.page(region, 3) > 0; region = online() {
				}
				for region := range g.Topology().Regions { // who has nothing new says so in every region
					if g.Topology().Regions[region].State == Online {
						for r.page(region, 3) > 0 {
						}
					}
				}
				for _, it := range items(t, g.c.In(online()), Scope{}) {
					require.True(t, r.seen[it.ETag], "reader %d, document %s", n, it.ID)
					if r.session != nil {
						require.Equal(t, it.ETag, r.last[it.ID], "document %s", it.ID)
					}
				}
			}
		})
	}
}

// A reader that stays where it is sees each change once, and one that comes back sees none again.
func TestFeedsShowNothingTwice(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3, func(o *Options) { o.MultiWrite, o.Partitions = true, 1 })
	require.NoError(t, g.SetDelay(-1, -1, time.Second, time.Second))
	w := newWanderer(g)
	for i := range 30 {
		g.put(i%3, fmt.Sprint(i), i)
		g.now = g.now.Add(300 * time.Millisecond)
		w.page(i%2, 2)
	}
	g.now = g.now.Add(time.Hour)
	for w.page(0, 2)+w.page(2, 2)+w.page(1, 2) > 0 {
	}
	require.Equal(t, 30, w.read)
	require.Len(t, w.last, 30)
}

func TestPositions(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "26", "26@3#1=20#2=6", "26@3"} {
		p, ok := ParsePosition(text)
		require.True(t, ok, text)
		require.Equal(t, text, p.String())
	}
	for _, text := range []string{"", "x", "26@", "26@0", "26@x", "26@3#", "26@3#1", "26@3#0=1",
		"26@3#9999999=1", "26@3#1=x"} {
		_, ok := ParsePosition(text)
		require.False(t, ok, text)
	}
}

// Of two positions the earlier one has seen nothing that either has not, whichever of them comes first.
func TestEarlierPosition(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ a, b, want string }{
		{"3", "5", "3"},
		{"5", "5", "5"},
		{"0", "5", "0"},
		{"7@3#1=4#2=6", "5@3#1=5#2=2", "5@3#1=4#2=2"},
		{"7@3#1=4#2=6", "5@3#1=5", "5@3#1=4"}, // of a region that one of them did not know nothing is certain
		{"7@3#1=4", "5@4#1=5", "5@4294967295#1=4"},
		{"7@3#1=4", "5", "5@4294967295"},
		{"5@4294967295#1=4", "9@3#1=1", "5@4294967295#1=1"},
	} {
		a, ok := ParsePosition(test.a)
		require.True(t, ok)
		b, ok := ParsePosition(test.b)
		require.True(t, ok)
		require.Equal(t, test.want, a.Earlier(b).String(), "%s and %s", test.a, test.b)
		require.Equal(t, test.want, b.Earlier(a).String(), "%s and %s", test.b, test.a)
	}
}

// A reader whose partitions are merged goes on where the earlier of both stood: what it has not read yet it reads.
func TestPositionsOverAMerge(t *testing.T) {
	t.Parallel()
	for name, several := range map[string]bool{"one region writes": false, "all write": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = several })
			for i := range 20 {
				g.put(i%2*map[bool]int{true: 1}[several], fmt.Sprint(i), i)
			}
			w := newWanderer(g)
			for w.page(0, 3) > 0 {
			}
			require.Len(t, w.last, 20)
			unread := map[string]bool{}
			for i := range 10 {
				id := fmt.Sprint("new", i)
				g.put(0, id, i)
				unread[id] = true
			}
			w.page(0, 2)
			_, err := g.c.Merge("0", "1")
			require.NoError(t, err)
			for w.page(1, 3) > 0 {
			}
			for id := range unread {
				require.Contains(t, w.last, id)
			}
			require.Zero(t, w.page(0, 0), "the other region has nothing new for who has read all in this one")
		})
	}
}

// A reader from before several regions wrote goes on in any region where it stood, and sees nothing twice.
func TestPositionsFromBeforeSeveralWrote(t *testing.T) {
	t.Parallel()
	for read := range 11 {
		g := newGlobe(t, 3, func(o *Options) { o.Partitions = 1 })
		w := newWanderer(g)
		for i := range 10 {
			g.put(0, fmt.Sprint(i), i)
		}
		if read > 0 {
			require.Equal(t, read, w.page(0, read))
		}
		require.NoError(t, g.SetMultiWrite(true))
		for i := range 6 {
			g.put((i+1)%3, fmt.Sprint("new", i), i)
		}
		for region := 0; w.page(region, 1) > 0; region = (region + 1) % 3 {
		}
		require.Equal(t, 16, w.read, "of a reader at %d", read)
		require.Len(t, w.last, 16)
	}
}
