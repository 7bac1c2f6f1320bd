package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Where the users decide, the write region's version stays in every region, and what lost against it is in the feed;
// where the last writer wins, the feed is empty.
func TestConflictFeed(t *testing.T) {
	t.Parallel()
	there := func(g *globe) { g.put(0, "a", 0) }
	for _, test := range []struct {
		name, mode    string
		first, second func(g *globe)
		left          int
		want          []string // operation and content
	}{
		{"both create", "Custom", nil, func(g *globe) { g.put(0, "a", 1); g.put(1, "a", 2) }, 1, []string{"create 2"}},
		{"both replace", "Custom", there, func(g *globe) {
			g.put(0, "a", 1)
			g.put(1, "a", 2)
		}, 1, []string{"replace 2"}},
		{"one deletes elsewhere", "Custom", there, func(g *globe) {
			g.put(0, "a", 1)
			g.drop(1, "a")
		}, 1, []string{"delete"}},
		{"one deletes at the hub", "Custom", there, func(g *globe) {
			g.drop(0, "a")
			g.put(1, "a", 2)
		}, -1, []string{"replace 2"}},
		{"both delete", "Custom", there, func(g *globe) { g.drop(0, "a"); g.drop(1, "a") }, -1, nil},
		{"one writes", "Custom", nil, func(g *globe) { g.put(1, "a", 1); g.put(1, "a", 2) }, 2, nil},
		{"the last writer wins", "LastWriterWins", nil, func(g *globe) { g.put(0, "a", 1); g.put(1, "a", 2) }, 2, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
			g.policy(`"conflictResolutionPolicy":{"mode":"` + test.mode + `"}`)
			if test.first != nil {
				test.first(g)
			}
			require.NoError(t, g.Pause(-1, -1, true))
			test.second(g)
			require.NoError(t, g.Pause(-1, -1, false))
			for region := range 3 {
				v, _ := g.get(region, "a")
				require.Equal(t, test.left, v, region)
			}
			all, err := g.c.In(1).Conflicts(Scope{})
			require.NoError(t, err)
			var got []string
			for _, x := range all {
				text := x.Value().Get("operationType").AsString()
				if content := x.Value().Get("content").AsString(); content != "" {
					text += " " + fmt.Sprint(mustValue(t, content).Get("v").AsFloat())
				}
				got = append(got, text)
			}
			require.Equal(t, test.want, got)
			_, err = g.c.Split(g.c.Ranges()[0].ID)
			require.NoError(t, err)
			for _, x := range all {
				epk := mustDocument(g.c, "a").EPK
				_, err := g.c.Conflict(mustDocument(g.c, "another").EPK, x.ID())
				refused(t, err, 404, "")
				require.NoError(t, g.c.In(2).DeleteConflict(epk, x.ID()))
				refused(t, g.c.DeleteConflict(epk, x.ID()), 404, "")
			}
		})
	}
}

// What is saved has the conflicts, too, as they were.
func TestConflictsAreSaved(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
	g.policy(`"conflictResolutionPolicy":{"mode":"Custom"}`)
	g.put(0, "gone", 0)
	require.NoError(t, g.Pause(-1, -1, true))
	for region := range 2 {
		g.put(region, "a", region)
		g.put(region, "b", region)
	}
	g.put(0, "gone", 1)
	_, err := g.drop(1, "gone") // has no content
	require.NoError(t, err)
	require.NoError(t, g.Pause(-1, -1, false))
	feed := func(c *Container) (all []string) {
		conflicts, err := c.Conflicts(Scope{})
		require.NoError(t, err)
		for _, x := range conflicts {
			all = append(all, string(x.JSON()))
		}
		return all
	}
	require.Len(t, feed(g.c), 3)
	var text bytes.Buffer
	require.NoError(t, g.Dump(&text))

	for regions := 1; regions < 4; regions += 2 {
		again := newGlobe(t, regions)
		require.NoError(t, again.DeleteDatabase(again.c.db))
		require.NoError(t, again.Load(text.Bytes()))
		again.c, err = again.Container("d", g.c.ID())
		require.NoError(t, err)
		require.Equal(t, feed(g.c), feed(again.c))
		var second bytes.Buffer
		require.NoError(t, again.Dump(&second))
		require.Contains(t, second.String(), `"conflicts": [`)
		for _, id := range []string{"a", "b", "gone"} {
			all, err := again.c.Conflicts(Scope{Key: mustDocument(g.c, id).EPK, HasKey: true})
			require.NoError(t, err)
			require.Len(t, all, 1, id)
			require.NoError(t, again.c.DeleteConflict(mustDocument(g.c, id).EPK, all[0].ID()))
		}
		require.Empty(t, feed(again.c))
	}

	// By hand, and what cannot be.
	conflict := `{"effectivePartitionKey": "05C1", "operationType": "delete"}`
	saved := func(conflicts string) []byte {
		return []byte(
			`{"databases": [{"id": "e", "containers": [{"id": "c", "partitionKey": {"paths": ["/pk"]}, "conflicts": [` +
				conflicts + `]}]}]}`)
	}
	other := NewAccount(Options{Partitions: 4})
	require.NoError(t, other.Load(saved(conflict+","+conflict)))
	c, err := other.Container("e", "c")
	require.NoError(t, err)
	require.Len(t, feed(c), 2)
	for _, key := range []string{"", "FF", "05c1", "x"} {
		err := NewAccount(Options{}).Load(saved(fmt.Sprintf("\n{\"id\": \"7\", \"effectivePartitionKey\": %q}", key)))
		require.ErrorContains(t, err,
			`line 2: database "e", container "c": conflict "7": 400: effectivePartitionKey is not`)
	}
	before, after, _ := strings.Cut(text.String(), `"conflicts": [`)
	first, _, _ := strings.Cut(after, ",\n")
	err = NewAccount(Options{}).Load([]byte(before + `"conflicts": [` + first + "," + after))
	require.ErrorContains(t, err, "409")
}

// Regions converge where the users decide, too: to what the write region has.
func TestRegionsConvergeToTheHub(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 9))
		g := newGlobe(t, 3, func(o *Options) { o.MultiWrite, o.Seed = true, seed })
		g.policy(`"conflictResolutionPolicy":{"mode":"Custom"}`)
		require.NoError(t, g.SetDelay(-1, -1, 0, 5*time.Second))
		for step := range 200 {
			g.now = g.now.Add(time.Duration(random.IntN(2000)) * time.Millisecond)
			if id := fmt.Sprint(random.IntN(6)); random.IntN(8) == 0 {
				g.drop(random.IntN(3), id) // which need not be there
			} else {
				g.put(random.IntN(3), id, step)
			}
		}
		g.now = g.now.Add(time.Hour)
		require.Equal(t, g.state(0), g.state(1), seed)
		require.Equal(t, g.state(0), g.state(2), seed)
		all, err := g.c.Conflicts(Scope{})
		require.NoError(t, err)
		require.NotEmpty(t, all)
	}
}

// feed are the documents whose writes a region's feed of conflicts has, with their values.
func (g *globe) feed(region int) (all []string) {
	g.t.Helper()
	conflicts, err := g.c.In(region).Conflicts(Scope{})
	require.NoError(g.t, err)
	for _, x := range conflicts {
		content := mustValue(g.t, x.Value().Get("content").AsString())
		all = append(all, fmt.Sprint(content.Get("id").AsString(), " ", content.Get("v").AsFloat()))
	}
	return all
}

// Each region has a feed of conflicts of its own: what the write region finds and what a region deletes come to the
// others as writes do.
func TestConflictFeedLags(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
	g.policy(`"conflictResolutionPolicy":{"mode":"Custom"}`)
	require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
	require.NoError(t, g.SetDelay(0, 2, time.Hour, time.Hour))
	for region := range 3 {
		g.put(region, "a", region+1)
		g.put(region, "b", 7) // a version of its own in each
		require.Empty(t, g.feed(region))
	}
	g.now = g.now.Add(time.Minute)
	require.ElementsMatch(t, []string{"a 2", "b 7", "a 3", "b 7"}, g.feed(0))
	require.Empty(t, g.feed(1), "what the write region has found is on its way")
	g.now = g.now.Add(time.Minute)
	require.Equal(t, g.feed(0), g.feed(1))
	require.Empty(t, g.feed(2))

	// A split has its part of it on the way to its halves.
	_, err := g.c.Split(g.c.Ranges()[0].ID)
	require.NoError(t, err)
	all, err := g.c.In(1).Conflicts(Scope{Key: mustDocument(g.c, "a").EPK, HasKey: true})
	require.NoError(t, err)
	require.Len(t, all, 2)
	refused(t, g.c.In(2).DeleteConflict(mustDocument(g.c, "a").EPK, all[0].ID()), 404, "")
	require.NoError(t, g.c.In(1).DeleteConflict(mustDocument(g.c, "a").EPK, all[0].ID()))
	require.Len(t, g.feed(0), 4, "the deletion is on its way")
	g.now = g.now.Add(time.Minute)
	require.ElementsMatch(t, []string{"b 7", "a 3", "b 7"}, g.feed(0))
	require.Empty(t, g.feed(2))
	g.now = g.now.Add(2 * time.Hour)
	for region := range 3 {
		require.ElementsMatch(t, []string{"b 7", "a 3", "b 7"}, g.feed(region), region)
	}
	id, err := g.AddRegion("UK South")
	require.NoError(t, err)
	require.Equal(t, g.feed(0), g.feed(id))
	r := g.c.Ranges()
	_, err = g.c.Merge(r[0].ID, r[1].ID)
	require.NoError(t, err)
	require.ElementsMatch(t, g.feed(0), g.feed(id))

	// Where one region writes, others do not delete.
	require.NoError(t, g.SetMultiWrite(false))
	refused(t, g.c.In(1).DeleteConflict(mustDocument(g.c, "a").EPK, all[1].ID()), 403, "")
	require.NoError(t, g.c.DeleteConflict(mustDocument(g.c, "a").EPK, all[1].ID()))
}

// What is in no feed of conflicts any more after a failover was lost with it, and is told.
func TestFailoverTellsOfConflicts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before func(g *globe) // what happens before the failover
		force  bool
		lost   []string // with an ETag or without
		feed   []string
	}{
		"planned": {nil, false, nil, []string{"a 3"}},
		"what has not arrived": {func(g *globe) {
			require.NoError(g.t, g.SetDelay(2, -1, time.Hour, time.Hour))
		}, true, []string{"a 1", "a 3"}, nil},
		"refused, and not decided": {func(g *globe) {
			require.NoError(g.t, g.SetDelay(2, 0, time.Hour, time.Hour))
			require.NoError(g.t, g.SetDelay(2, 1, 0, 0))
		}, true, []string{"a 1", "a 3"}, nil},
		"decided, and not told": {func(g *globe) {
			require.NoError(g.t, g.SetDelay(0, 1, time.Hour, time.Hour))
			require.NoError(g.t, g.SetDelay(2, -1, 0, 0))
		}, true, []string{"a 1", "a 3"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
			g.policy(`"conflictResolutionPolicy":{"mode":"Custom"}`)
			require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
			if test.before != nil {
				test.before(g)
			}
			values := map[string]string{}
			for _, region := range []int{0, 1, 2} {
				if region == 1 && name == "planned" {
					continue
				}
				g.put(region, "a", region+1)
				it, _, err := g.c.In(region).Read(mustDocument(g.c, "a").EPK, "a")
				require.NoError(t, err)
				values[it.ETag] = fmt.Sprint("a ", region+1)
			}
			g.now = g.now.Add(time.Second)
			var got []string
			if test.force {
				lost, err := g.ForceWrites(1)
				require.NoError(t, err)
				for _, l := range lost {
					got = append(got, values[l.ETag])
				}
			} else {
				require.NoError(t, g.Pause(2, 0, true))
				refused(t, g.MoveWrites(1), 412, "West US has not got every write")
				require.NoError(t, g.Pause(2, 0, false))
				require.NoError(t, g.MoveWrites(1))
			}
			require.ElementsMatch(t, test.lost, got)
			g.same()
			for region := range 3 {
				require.ElementsMatch(t, test.feed, g.feed(region), region)
			}
		})
	}
}

func mustValue(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.Parse([]byte(text))
	require.NoError(t, err)
	return v
}
