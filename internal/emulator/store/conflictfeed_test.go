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

func mustValue(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.Parse([]byte(text))
	require.NoError(t, err)
	return v
}
