package store

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/session"
	"github.com/cosmossql/cosmossql/internal/value"
)

// saved is what the globe's account saves.
func (g *globe) saved() string {
	g.t.Helper()
	var text bytes.Buffer
	require.NoError(g.t, g.Dump(&text))
	return text.String()
}

// loaded is another globe with so many regions, in which a text was loaded.
func loaded(t *testing.T, regions int, text string, change ...func(*Options)) *globe {
	t.Helper()
	g := newGlobe(t, regions, change...)
	require.NoError(t, g.DeleteDatabase(g.c.db))
	require.NoError(t, g.Load([]byte(text)))
	var err error
	g.c, err = g.Container("d", "c")
	require.NoError(t, err)
	return g
}

// Session tokens are good for what is loaded, whatever regions there were and are: nobody waits for ever for writes
// that nobody will make any more.
func TestSessionsOutliveSaving(t *testing.T) {
	t.Parallel()
	several := func(o *Options) { o.MultiWrite = true }
	for name, test := range map[string]struct {
		regions int
		change  func(*Options)
		before  func(g *globe)
	}{
		"one region":      {1, nil, func(*globe) {}},
		"two regions":     {2, nil, func(*globe) {}},
		"merged":          {1, nil, func(g *globe) { g.c.Merge("0", "1") }},
		"split":           {2, nil, func(g *globe) { g.c.Split("0") }},
		"added":           {1, nil, func(g *globe) { g.AddRegion("UK South") }},
		"removed":         {3, nil, func(g *globe) { require.NoError(t, g.Remove(1)) }},
		"failed over":     {3, nil, func(g *globe) { require.NoError(t, g.MoveWrites(2)) }},
		"partition":       {2, nil, func(g *globe) { g.c.FailOverPartition("0", 1, false) }},
		"several writers": {3, several, func(*globe) {}},
		"what has not arrived": {3, several, func(g *globe) {
			require.NoError(g.t, g.Pause(-1, -1, true))
		}},
		"what was deleted": {2, nil, func(g *globe) {
			for i := range 10 {
				g.drop(-1, fmt.Sprint(i))
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, test.regions, func(o *Options) {
				if test.change != nil {
					test.change(o)
				}
			})
			given := map[string][]Mark{} // by document
			write := func(i int) {
				id, region := fmt.Sprint(i%10), -1
				if g.Topology().Multi {
					region = i % 3
				}
				given[id] = append(given[id], g.put(region, id, i))
			}
			for i := range 30 {
				write(i)
			}
			test.before(g)
			for i := range 25 {
				write(i)
			}
			text := g.saved()
			for regions := 1; regions < 4; regions++ {
				again := loaded(t, regions, text)
				for id, marks := range given {
					next := again.put(0, id, 100)
					for region := range regions {
						v, now := again.get(region, id)
						require.Equal(t, 100, v)
						require.True(t, again.satisfied(next, now))
						for _, mark := range marks {
							require.True(t, again.satisfied(mark, now), "%s in region %d of %d: given %s, at %s", id,
								region, regions, mark.Token(), now.Token())
						}
					}
				}
				again.same()
			}
		})
	}
}

// What is loaded while replication takes its time arrives in its order, and what is written later after it.
func TestLoadedWhileReplicationTakesTime(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	for i := range 40 {
		g.put(0, fmt.Sprint(i%4), i)
	}
	text, mark := g.saved(), g.put(0, "0", 36)
	again := newGlobe(t, 2)
	require.NoError(t, again.DeleteDatabase(again.c.db))
	require.NoError(t, again.SetDelay(-1, -1, time.Minute, time.Minute))
	require.NoError(t, again.Load([]byte(text)))
	var err error
	again.c, err = again.Container("d", "c")
	require.NoError(t, err)
	again.now = again.now.Add(30 * time.Second)
	last := again.put(0, "0", 100)
	again.now = again.now.Add(30 * time.Second)
	v, there := again.get(1, "0")
	require.Equal(t, 36, v)
	require.False(t, again.satisfied(last, there))
	again.now = again.now.Add(30 * time.Second)
	v, there = again.get(1, "0")
	require.Equal(t, 100, v)
	require.True(t, again.satisfied(last, there))
	require.True(t, again.satisfied(mark, there))
	again.same()
	for region := range 2 {
		require.Equal(t, 0, again.Behind(region))
	}
}

// A client puts the tokens of a server and of the one that has loaded its data together, and either may come first.
func TestTokensOfBothServersMerge(t *testing.T) {
	t.Parallel()
	for before := 1; before < 4; before++ {
		for after := 1; after < 4; after++ {
			g := newGlobe(t, before)
			old := g.put(0, "a", 1).Token()
			again := loaded(t, after, g.saved())
			now := again.put(0, "a", 2).Token()
			for _, pair := range [][2]session.Token{{old, now}, {now, old}} {
				both, err := session.Merge(pair[0], pair[1])
				require.NoError(t, err, "%d regions, then %d", before, after)
				ok, err := session.Satisfies(both, now)
				require.NoError(t, err)
				require.True(t, ok, "%s of %s and %s", both, old, now)
			}
		}
	}
}

// What is loaded and saved again is the same text, but for the version of tokens.
func TestSavedAgain(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
	for i := range 20 {
		g.put(i%2, fmt.Sprint(i%7), i)
	}
	_, err := g.c.Scripts.Create(Function, []byte(`{"id":"f","body":"function f() {}"}`))
	require.NoError(t, err)
	_, err = g.c.Split("1")
	require.NoError(t, err)
	versionless := regexp.MustCompile(`,"tokenVersion":\d+`)
	text := versionless.ReplaceAllString(g.saved(), "")
	again := loaded(t, 2, text)
	require.Equal(t, text, versionless.ReplaceAllString(again.saved(), ""))
	require.Equal(t, g.c.Ranges()[1].Parents, again.c.Ranges()[1].Parents)
	ids, err := again.c.Split("0")
	require.NoError(t, err)
	require.Equal(t, []string{"4", "5"}, ids, "ids of partitions are not given again")
}

// What is loaded keeps the rid that it had, unless that is not one of its container's, or is given twice; what is made
// later gets others, and etags that come later.
func TestNumbersGoOnBehindThoseLoaded(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 1)
	g.put(0, "first", 1)
	it := g.c.Items()[0]
	container := ridBytes(g.c.RID())
	strange := childRID([]byte{1, 2, 3, 4, 5, 6, 7, 8}, kindDocument, 50)
	script := childRID(container, kindProcedure, 60)
	text := fmt.Sprintf(`{"databases":[{"id":"d","_rid":%q,"containers":[{"id":"c","_rid":%q,
		"partitionKey":{"paths":["/pk"],"version":2},"documents":[
		{"id":"kept","pk":"a","_rid":%q,"_etag":"\"000f0000-0000-0700-0000-000000000000\"","_ts":5},
		{"id":"twice","pk":"a","_rid":%[3]q},{"id":"strange","pk":"a","_rid":%q},{"id":"script","pk":"a","_rid":%q},
		{"id":"text","pk":"a","_rid":7,"_etag":8,"_ts":"9"},{"id":"none","pk":"a"}],
		"sprocs":[{"id":"s","body":"function s() {}","_rid":%[5]q},{"id":"t","body":"function t() {}","_rid":%[5]q},
		{"id":"u","body":"function u() {}","_rid":%[3]q}]}]}]}`,
		g.c.db.RID(), g.c.RID(), childRID(container, kindDocument, 40), strange, script)
	again := loaded(t, 1, text)
	require.Equal(t, it.RID[:11], again.c.RID()[:11], "the container keeps its own")
	rids, etags := map[string]string{}, map[string]string{}
	for _, it := range again.c.Items() {
		rids[it.ID], etags[it.ID] = it.RID, it.ETag
		require.Equal(t, it.RID, it.Value().Get("_rid").AsString())
		require.Equal(t, it.ETag, it.Value().Get("_etag").AsString())
		if it.ID != "kept" {
			number, ok := DocumentNumber(it.RID)
			require.True(t, ok)
			require.Greater(t, number, uint64(40), it.ID)
			require.Greater(t, it.ETag, etags["kept"], it.ID)
			require.Equal(t, again.now.Unix(), it.TS)
		}
	}
	require.Len(t, rids, 6)
	require.Equal(t, childRID(container, kindDocument, 40), rids["kept"])
	require.Equal(t, `"000f0000-0000-0700-0000-000000000000"`, etags["kept"])
	kept, err := again.c.ByRID(rids["kept"])
	require.NoError(t, err)
	require.Equal(t, int64(5), kept.TS)
	require.Equal(t, value.Int(5), kept.Value().Get("_ts"))
	procedures := map[string]bool{}
	for _, r := range again.c.Scripts.List(Procedure) {
		procedures[r.RID()] = true
		require.Equal(t, byte(kindProcedure), ridBytes(r.RID())[15]>>4)
	}
	require.Len(t, procedures, 3)
	require.True(t, procedures[script])
	again.put(0, "later", 1)
	later := again.c.Items()[6]
	number, _ := DocumentNumber(later.RID)
	require.Greater(t, number, uint64(60))
	require.Greater(t, later.ETag, etags["none"])
}
