package store

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// indexBy makes a global secondary index with a key and a query as its definition.
func indexBy(t testing.TB, c *Container, key, query string) *Container {
	t.Helper()
	x, err := c.db.CreateContainer(fmt.Appendf(nil, `{"id":"x","partitionKey":{"paths":[%q],"version":2},
		"globalSecondaryIndexDefinition":{"sourceCollectionId":%q,"definition":%q}}`, key, c.ID(), query), Throughput{})
	require.NoError(t, err)
	return x
}

// A document of an index has the rid of the source's as its id, and the properties of the definition.
func TestWhatAnIndexHas(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, query, doc, want string }{
		{"all", "SELECT * FROM c", `{"a":1,"id":"1","b":{"c":[2]}}`, `{"id":"rid","a":1,"_id":"1","b":{"c":[2]}}`},
		{"some, in their order", "SELECT c.b, c.a FROM c", `{"a":1,"id":"1","b":2,"d":3}`, `{"id":"rid","b":2,"a":1}`},
		{"the id", "SELECT c.id FROM c", `{"id":"1","a":1}`, `{"id":"rid","_id":"1"}`},
		{"what is not there", "SELECT c.a, c.b FROM c", `{"id":"1","b":null}`, `{"id":"rid","b":null}`},
		{"one twice", "SELECT c.a, c.a FROM c", `{"id":"1","a":1}`, `{"id":"rid","a":1}`},
		{"a name with a blank", `SELECT c["a b"] FROM c`, `{"id":"1","a b":1}`, `{"id":"rid","a b":1}`},
		{"another name of the source", "SELECT s.a FROM s", `{"id":"1","a":1}`, `{"id":"rid","a":1}`},
		{"an alias of the source", "SELECT s.a FROM c AS s", `{"id":"1","a":1}`, `{"id":"rid","a":1}`},
		{"a property of its own that is called _id", "SELECT * FROM c", `{"_id":"mine","id":"1"}`,
			`{"id":"rid","_id":"1"}`},
		{"behind the id", "SELECT * FROM c", `{"id":"1","_id":"mine"}`, `{"id":"rid","_id":"1"}`},
		{"selected, beside the id", "SELECT c._id, c.id FROM c", `{"_id":"mine","id":"1"}`, `{"id":"rid","_id":"1"}`},
		{"selected, without the id", "SELECT c._id FROM c", `{"_id":"mine","id":"1"}`, `{"id":"rid","_id":"mine"}`},
		{"a name that the document has twice", "SELECT * FROM c", `{"id":"1","a":1,"a":2}`,
			`{"id":"rid","_id":"1","a":2}`},
		{"system properties are its own", "SELECT c._ts, c._etag, c.a FROM c", `{"id":"1","a":1}`,
			`{"id":"rid","a":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, "")
			before := put(t, c, `{"id":"before"}`)
			x := indexBy(t, c, "/a", test.query)
			it := put(t, c, test.doc)
			require.Equal(t, []string{before.RID, it.RID}, ids(x.Items()))
			have := x.Items()[1]
			text, _, _ := strings.Cut(strings.Replace(string(have.JSON), it.RID, "rid", 1), `,"_rid"`)
			require.Equal(t, test.want, text+"}")
			require.NotEqual(t, it.ETag, have.ETag)
		})
	}
}

// Whatever is done with the documents of the source, in one transaction or in several, the index has what they are now,
// each in its logical partition there.
func TestAnIndexFollows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		then func(g *globe, c *Container, a *Item)
		want map[string]string // by logical partition of the index
	}{
		{"nothing", func(*globe, *Container, *Item) {}, map[string]string{"red": "a1", "blue": "b1"}},
		{"a value", func(_ *globe, c *Container, _ *Item) { put(t, c, `{"id":"a","pk":"p","v":"red","n":2}`) },
			map[string]string{"red": "a2", "blue": "b1"}},
		{"the key", func(_ *globe, c *Container, _ *Item) { put(t, c, `{"id":"a","pk":"p","v":"blue","n":2}`) },
			map[string]string{"blue": "a2 b1"}},
		{"no key", func(_ *globe, c *Container, _ *Item) { put(t, c, `{"id":"a","pk":"p","n":2}`) },
			map[string]string{"": "a2", "blue": "b1"}},
		{"deleted", func(_ *globe, c *Container, _ *Item) { remove(t, c, "a", "p") }, map[string]string{"blue": "b1"}},
		{"made again", func(_ *globe, c *Container, _ *Item) {
			remove(t, c, "a", "p")
			put(t, c, `{"id":"a","pk":"p","v":"red","n":3}`)
		}, map[string]string{"red": "a3", "blue": "b1"}},
		{"renamed", func(_ *globe, c *Container, a *Item) {
			d := parsed(t, c, `{"id":"z","pk":"p","v":"red","n":1}`)
			_, err := c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Replace("a", d, ""); return err })
			require.NoError(t, err)
		}, map[string]string{"red": "z1", "blue": "b1"}},
		{"all of a logical partition", func(_ *globe, c *Container, a *Item) {
			_, err := c.Update(a.EPK, "", func(tx *Tx) error { tx.DeleteAll(a.EPK); return nil })
			require.NoError(t, err)
		}, map[string]string{}},
		{"in one transaction", func(_ *globe, c *Container, a *Item) {
			_, err := c.Update(a.EPK, "", func(tx *Tx) error {
				for _, text := range []string{`{"id":"a","pk":"p","v":"blue","n":5}`,
					`{"id":"d","pk":"p","v":"red","n":5}`, `{"id":"a","pk":"p","v":"green","n":6}`} {
					if _, _, err := tx.Upsert(parsed(t, c, text), ""); err != nil {
						return err
					}
				}
				return tx.Delete(a.EPK, "b", "")
			})
			require.NoError(t, err)
		}, map[string]string{"green": "a6", "red": "d5"}},
		{"undone", func(_ *globe, c *Container, a *Item) {
			_, err := c.Update(a.EPK, "", func(tx *Tx) error {
				tx.DeleteAll(a.EPK)
				return notFound()
			})
			require.Error(t, err)
		}, map[string]string{"red": "a1", "blue": "b1"}},
		{"patched", func(_ *globe, c *Container, a *Item) {
			p, _, err := ParsePatch([]byte(`[{"op":"set","path":"/v","value":"blue"},` +
				`{"op":"incr","path":"/n","value":6}]`))
			require.NoError(t, err)
			_, err = c.Update(a.EPK, "", func(tx *Tx) error { _, err := tx.Patch(a.EPK, "a", p, nil, ""); return err })
			require.NoError(t, err)
		}, map[string]string{"blue": "a7 b1"}},
		{"by itself, when its time is over", func(g *globe, c *Container, _ *Item) {
			put(t, c, `{"id":"a","pk":"p","v":"red","n":1,"ttl":1}`)
			g.now = g.now.Add(time.Minute)
			c.Expire()
		}, map[string]string{"blue": "b1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 1)
			g.policy(`"defaultTtl":-1`)
			a := put(t, g.c, `{"id":"a","pk":"p","v":"red","n":1}`)
			x := indexBy(t, g.c, "/v", "SELECT c.id, c.n, c.v FROM c")
			put(t, g.c, `{"id":"b","pk":"p","v":"blue","n":1}`)
			test.then(g, g.c, a)
			got := map[string]string{}
			for _, it := range x.Items() {
				v := it.Value().Get("v").AsString()
				require.Equal(t, x.Definition().PartitionKey.EPK(x.Definition().key(it.Value())), it.EPK)
				text := fmt.Sprint(it.Value().Get("_id").AsString(), it.Value().Get("n").AsFloat())
				list := append(strings.Fields(got[v]), text)
				slices.Sort(list)
				got[v] = strings.Join(list, " ")
			}
			require.Equal(t, test.want, got)
			sound(t, x)
		})
	}
}

// What no container takes with what the index adds to it, the index does not have, and goes on with what comes next.
func TestAnIndexGoesOnBehindWhatItCannotHave(t *testing.T) {
	t.Parallel()
	largest := func(c *Container) *Document { // that the source takes
		const system = `,"_rid":"1234567890123456789012==","_self":"","_attachments":"attachments/",` +
			`"_etag":"\"00000001-0000-0700-0000-000000000000\"","_ts":1700000000}`
		self := len("dbs//colls//docs//") + len(c.db.RID()) + len(c.RID()) + 24
		head := `{"id":"a","pk":"p","v":1,"x":"`
		return parsed(t, c, head+strings.Repeat("x", MaxDocument-len(head)-len(`"`)-len(system)-self)+`"}`)
	}
	for name, refused := range map[string]func(c *Container) *Document{
		"too large": largest,
		"key too long": func(c *Container) *Document {
			return parsed(t, c, `{"id":"a","pk":"p","v":"`+strings.Repeat("v", maxKey+1)+`"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			write := func(c *Container, d *Document) {
				_, err := c.Update(d.EPK, "", func(tx *Tx) error { _, _, err := tx.Upsert(d, ""); return err })
				require.NoError(t, err)
			}
			c := newTestContainer(t, 1, "")
			write(c, refused(c))
			put(t, c, `{"id":"b","pk":"p","v":1}`)
			x := indexOf(t, c, "x")
			require.Len(t, x.Items(), 1, "what is there when it is made")
			put(t, c, `{"id":"c","pk":"p","v":1}`)
			require.Len(t, x.Items(), 2)
			put(t, c, `{"id":"a","pk":"p","v":1}`)
			require.Len(t, x.Items(), 3, "it has become one that the index can have")
			write(c, refused(c))
			require.Len(t, x.Items(), 2, "and is not any more")
			put(t, c, `{"id":"d","pk":"p","v":1}`)
			require.Len(t, x.Items(), 3)
		})
	}
}

// An index that is made while its source is written has all of it, and nothing twice.
func TestAnIndexIsMadeWhileItsSourceIsWritten(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 4, "")
	for i := range 100 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"%[1]d","v":%[1]d}`, i))
	}
	var writers sync.WaitGroup
	started := make(chan struct{}, 3)
	for w := range 3 {
		writers.Go(func() {
			for i := range 200 {
				if i == 20 {
					started <- struct{}{}
				}
				id := fmt.Sprint((i*7 + w*31) % 150)
				if _, err := upsert(c, id, id, i%11); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		<-started
	}
	x := indexOf(t, c, "x")
	writers.Wait()
	x.CatchUp()
	follows(t, c, x, "")
	sound(t, x)
}

// An account that was saved has its indexes again, in the partitions they had, filled from their sources; sessions that
// have read them are good.
func TestIndexesAreSaved(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	x := indexOf(t, g.c, "x")
	for i := range 40 {
		g.put(0, fmt.Sprint(i%5), i)
	}
	_, err := x.Split("0")
	require.NoError(t, err)
	again := loaded(t, 2, g.saved())
	index, err := again.Container("d", "x")
	require.NoError(t, err)
	follows(t, again.c, index, "")
	require.Len(t, index.Ranges(), 3)
	for i, m := range x.Statistics() {
		require.True(t, again.satisfied(m, index.Statistics()[i]), "%s, then %s", m.Token(),
			index.Statistics()[i].Token())
	}
	again.put(0, "new", 1)
	follows(t, again.c, index, "")
	refused(t, again.c.db.DeleteContainer(again.c), 400, "source of 1 global secondary indexes")
}
