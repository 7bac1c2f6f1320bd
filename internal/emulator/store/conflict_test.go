package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Of two versions the higher value at the path of the policy wins, then the later write. A value that is no number is
// none: it wins over nothing.
func TestWhichVersionWins(t *testing.T) {
	t.Parallel()
	const first, second = "first", "second"
	for _, test := range []struct{ name, path, first, second, want string }{
		{"the later, by default", "", `{}`, `{}`, second},
		{"the higher", "/v", `{"v":2}`, `{"v":1}`, first},
		{"the higher of fractions", "/v", `{"v":1.25}`, `{"v":1.5}`, second},
		{"below zero", "/v", `{"v":-1}`, `{"v":-2}`, first},
		{"the later of the same", "/v", `{"v":1}`, `{"v":1.0}`, second},
		{"one has none", "/v", `{"v":-5}`, `{}`, first},
		{"neither has one", "/v", `{}`, `{"w":1}`, second},
		{"a text", "/v", `{"v":-5}`, `{"v":"9"}`, first},
		{"null", "/v", `{"v":-5}`, `{"v":null}`, first},
		{"a list and nothing", "/v", `{"v":[1]}`, `{}`, second},
		{"two texts", "/v", `{"v":"b"}`, `{"v":"a"}`, second},
		{"below another", "/a/v", `{"a":{"v":2}}`, `{"a":{"v":1}}`, first},
		{"a name in quotes", `/"a/v"`, `{"a/v":2}`, `{"a/v":1}`, first},
		{"a path without a slash", "v", `{"v":2}`, `{"v":1}`, first},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, fmt.Sprintf(
				`,"conflictResolutionPolicy":{"mode":"LastWriterWins","conflictResolutionPath":%q}`, test.path))
			var both [2]*Item
			for i, doc := range []string{test.first, test.second} {
				both[i] = put(t, c, strings.Replace(`{"id":"a",`+doc[1:], ",}", "}", 1))
			}
			won := c.Definition().prefers(both[0], both[1])
			require.Equal(t, test.want == first, won)
			require.NotEqual(t, won, c.Definition().prefers(both[1], both[0]), "one of them wins, in whatever order")
		})
	}
}

// A delete wins over what other regions have made of the document, under every path and however late it comes; only
// where the users decide it is a conflict like others.
func TestDeletesWin(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/_ts", "/v"} {
		for name, write := range map[string]func(g *globe){
			"before": func(g *globe) { g.put(1, "a", 9); g.drop(0, "a") },
			"after":  func(g *globe) { g.drop(0, "a"); g.now = g.now.Add(time.Second); g.put(1, "a", 9) },
			"twice":  func(g *globe) { g.put(1, "a", 9); g.drop(0, "a"); g.drop(2, "a") },
			"and it is made anew where nobody knows": func(g *globe) {
				g.put(1, "a", 9)
				g.put(1, "a", 10)
				g.drop(0, "a")
			},
		} {
			g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
			g.policy(`"conflictResolutionPolicy":{"mode":"LastWriterWins","conflictResolutionPath":"` + path + `"}`)
			g.put(0, "a", 1)
			g.put(0, "b", 1)
			require.NoError(t, g.Pause(-1, -1, true))
			write(g)
			require.NoError(t, g.Pause(-1, -1, false))
			g.same()
			for region := range 3 {
				v, _ := g.get(region, "a")
				require.Equal(t, -1, v, "%s, path %s, region %d", name, path, region)
				v, _ = g.get(region, "b")
				require.Equal(t, 1, v, "other documents stay")
				require.Empty(t, g.feed(region))
			}
			g.put(2, "a", 3)
			g.same()
			v, _ := g.get(0, "a")
			require.Equal(t, 3, v, "who knows of the delete makes a new document")
		}
	}
}

// Where the regions know of each other's writes nothing meets, whatever the values are.
func TestOnlyWhatMeetsIsDecided(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
	g.policy(`"conflictResolutionPolicy":{"mode":"LastWriterWins","conflictResolutionPath":"/v"}`)
	g.put(0, "a", 9)
	g.put(1, "a", 2) // upon that: a lower value that comes later is no conflict
	g.same()
	v, _ := g.get(0, "a")
	require.Equal(t, 2, v)
	require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
	g.put(0, "a", 7)
	g.put(1, "b", 1)
	g.same()
	v, _ = g.get(1, "a")
	require.Equal(t, 7, v)
}

// A conflict is found by the key of its document and its id, as the region has it, and while the partition serves. Its
// id and its path are made of its rid.
func TestConflictIsFound(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
	g.policy(`"conflictResolutionPolicy":{"mode":"Custom"}`)
	require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
	g.put(0, "a", 1)
	g.put(1, "a", 2)
	g.now = g.now.Add(time.Minute)
	epk := mustDocument(g.c, "a").EPK
	all, err := g.c.Conflicts(Scope{})
	require.NoError(t, err)
	require.Len(t, all, 1)
	x := all[0]
	require.Equal(t, x.ID(), x.RID())
	require.Equal(t, "dbs/"+g.c.db.RID()+"/colls/"+g.c.RID()+"/conflicts/"+x.RID()+"/", x.Self())
	winner, _, err := g.c.Read(epk, "a")
	require.NoError(t, err)
	require.Equal(t, winner.RID, x.Value().Get("resourceId").AsString())
	require.Equal(t, "document", x.Value().Get("resourceType").AsString())
	found, err := g.c.In(0).Conflict(epk, x.ID())
	require.NoError(t, err)
	require.Same(t, x, found)
	_, err = g.c.In(1).Conflict(epk, x.ID())
	refused(t, err, 404, "does not exist") // it has yet to arrive
	g.now = g.now.Add(time.Minute)
	_, err = g.c.In(1).Conflict(epk, x.ID())
	require.NoError(t, err)
	for _, scope := range []Scope{{Key: epk, HasKey: true}, {Range: g.c.owner(epk).ID}, {Min: epk}} {
		in, err := g.c.Conflicts(scope)
		require.NoError(t, err)
		require.Equal(t, all, in, scope)
	}
	for _, scope := range []Scope{{Max: epk}, {Key: mustDocument(g.c, "b").EPK, HasKey: true}} {
		in, err := g.c.Conflicts(scope)
		require.NoError(t, err)
		require.Empty(t, in, scope)
	}

	change, err := g.c.BeginSplit(g.c.owner(epk).ID, "")
	require.NoError(t, err)
	_, err = change.Advance()
	require.NoError(t, err)
	_, err = g.c.Conflict(epk, x.ID())
	require.ErrorContains(t, err, "410/1007")
	require.ErrorContains(t, g.c.DeleteConflict(epk, x.ID()), "410/1007")
	require.NoError(t, change.Cancel())
	require.NoError(t, g.c.DeleteConflict(epk, x.ID()))
	_, err = g.c.Conflict(epk, x.ID())
	refused(t, err, 404, "does not exist")
	require.Equal(t, winner.ETag, g.c.Items()[0].ETag, "the document is as it was")
}
