package store

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const uniqueMail = `"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/mail"]}]}`

// register writes a document of the one logical partition with a value of the unique key.
func (g *globe) register(region int, id, mail string, v int) (*Item, error) {
	g.t.Helper()
	c := g.c.In(region)
	d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":"p","mail":%q,"v":%d}`, id, mail, v))
	require.NoError(g.t, err)
	var it *Item
	_, err = c.Update(d.EPK, "", func(tx *Tx) (err error) { it, _, err = tx.Upsert(d, ""); return err })
	return it, err
}

func (g *globe) mustRegister(region int, id, mail string, v int) {
	g.t.Helper()
	_, err := g.register(region, id, mail, v)
	require.NoError(g.t, err)
}

// registered are the documents of a region with their values, in the order of their creation.
func (g *globe) registered(region int) (all []string) {
	g.t.Helper()
	seen := map[string]bool{}
	for _, it := range items(g.t, g.c.In(region), Scope{}) {
		mail := it.Value().Get("mail").AsString()
		require.False(g.t, seen[mail], "%s is twice in region %d", mail, region)
		seen[mail] = true
		all = append(all, fmt.Sprint(it.ID, " ", mail, " ", it.Value().Get("v").AsFloat()))
	}
	return all
}

// Two regions give documents one value of a unique key before they know of each other: it is a conflict as that of two
// documents of one id is, and the policy decides which of them stays.
func TestUniqueKeysMeet(t *testing.T) {
	t.Parallel()
	both := func(g *globe) { g.mustRegister(0, "a", "x", 1); g.mustRegister(1, "b", "x", 2) }
	for _, test := range []struct {
		name, policy  string
		first, second func(g *globe)
		left, feed    []string
	}{
		{"the later", `"mode":"LastWriterWins"`, nil, both, []string{"b x 2"}, nil},
		{"the write region's is later", `"mode":"LastWriterWins"`, nil, func(g *globe) {
			g.mustRegister(1, "b", "x", 2)
			g.mustRegister(0, "a", "x", 1)
		}, []string{"a x 1"}, nil},
		{"the higher", `"mode":"LastWriterWins","conflictResolutionPath":"/v"`, nil, func(g *globe) {
			g.mustRegister(1, "b", "x", 2)
			g.mustRegister(0, "a", "x", 1)
		}, []string{"b x 2"}, nil},
		{"a replace that loses", `"mode":"LastWriterWins","conflictResolutionPath":"/v"`, func(g *globe) {
			g.mustRegister(0, "a", "y", 0)
		}, func(g *globe) {
			g.mustRegister(1, "a", "x", 1)
			g.mustRegister(0, "b", "x", 2)
		}, []string{"a y 0", "b x 2"}, nil},
		{"a replace that wins", `"mode":"LastWriterWins","conflictResolutionPath":"/v"`, func(g *globe) {
			g.mustRegister(0, "a", "y", 0)
		}, func(g *globe) {
			g.mustRegister(1, "a", "x", 3)
			g.mustRegister(0, "b", "x", 2)
		}, []string{"a x 3"}, nil},
		{"one against two", `"mode":"LastWriterWins","conflictResolutionPath":"/v"`, nil, func(g *globe) {
			g.mustRegister(0, "a", "x", 1)
			g.mustRegister(0, "b", "y", 1)
			g.mustRegister(1, "a", "y", 2)
		}, []string{"a y 2"}, nil},
		{"the users decide", `"mode":"Custom"`, nil, both, []string{"a x 1"}, []string{"b 2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 3, func(o *Options) { o.MultiWrite = true })
			g.policy(uniqueMail + `,"conflictResolutionPolicy":{` + test.policy + `}`)
			if test.first != nil {
				test.first(g)
			}
			require.NoError(t, g.Pause(-1, -1, true))
			test.second(g)
			require.NoError(t, g.Pause(-1, -1, false))
			for region := range 3 {
				require.ElementsMatch(t, test.left, g.registered(region), "region %d", region)
				require.Equal(t, test.feed, g.feed(region), "region %d", region)
			}
			g.same()
			_, err := g.register(1, "new", strings.Fields(test.left[len(test.left)-1])[1], 9)
			refused(t, err, 409, "")
		})
	}
}

// What holds a unique key and has outlived its time to live is in nobody's way.
func TestUniqueKeyOfTheExpired(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"Custom", "LastWriterWins"} {
		g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
		g.policy(uniqueMail + `,"defaultTtl":60,"conflictResolutionPolicy":{"mode":"` + mode + `"}`)
		require.NoError(t, g.Pause(-1, -1, true))
		_, err := g.register(0, "a", "x", 1)
		require.NoError(t, err)
		g.now = g.now.Add(time.Minute)
		_, err = g.register(1, "b", "x", 2)
		require.NoError(t, err)
		require.NoError(t, g.Pause(-1, -1, false))
		for region := range 2 {
			require.Equal(t, []string{"b x 2"}, g.registered(region), mode)
			require.Empty(t, g.feed(region))
		}
	}
}

// upset moves what is written about, if n is 0, 1 or 2: it splits a range, or makes region the one that writes, with or
// without waiting for what the others have.
func (g *globe) upset(n, region int, random *rand.Rand) bool {
	switch {
	case n == 0:
		_, err := g.c.Split(g.c.Ranges()[random.IntN(len(g.c.Ranges()))].ID)
		require.NoError(g.t, err)
	case n == 1 && region != g.Topology().Write:
		require.NoError(g.t, g.MoveWrites(region))
	case n == 2 && region != g.Topology().Write:
		_, err := g.ForceWrites(region)
		require.NoError(g.t, err)
	default:
		return false
	}
	return true
}

// Whatever regions write, a value of a unique key is in one document once everything has arrived, and at any time
// within a region.
func TestUniqueKeysConverge(t *testing.T) {
	t.Parallel()
	met := 0
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 5))
		g := newGlobe(t, 3, func(o *Options) { o.MultiWrite, o.Seed = true, seed })
		g.policy(uniqueMail + `,"conflictResolutionPolicy":{"mode":` +
			[]string{`"Custom"`, `"LastWriterWins"`, `"LastWriterWins","conflictResolutionPath":"/v"`}[seed%3] + `}`)
		require.NoError(t, g.SetDelay(-1, -1, 0, 5*time.Second))
		for range 200 {
			g.now = g.now.Add(time.Duration(random.IntN(2000)) * time.Millisecond)
			region, id := random.IntN(3), fmt.Sprint("d", random.IntN(6))
			switch n := random.IntN(30); {
			case g.upset(n, region, random):
			case n < 6:
				epk := mustDocument(g.c, "p").EPK
				g.c.In(region).Update(epk, "", func(tx *Tx) error { return tx.Delete(epk, id, "") }) // if it is there
			case n < 9:
				other := fmt.Sprint("d", random.IntN(6))
				c := g.c.In(region)
				d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":"p","mail":"m%d","v":%d}`, other, random.IntN(4), n))
				require.NoError(t, err)
				c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Replace(id, d, ""); return err }) // if it can be
			default:
				if _, err := g.register(region, id, fmt.Sprint("m", random.IntN(4)), random.IntN(100)); err != nil {
					refused(t, err, 409, "")
					met++
				}
			}
			for region := range 3 {
				g.registered(region)
			}
		}
		g.same()
		for region := range 3 {
			require.Equal(t, g.registered(0), g.registered(region))
			for _, p := range g.c.partitions {
				r := p.replicas[region]
				require.Len(t, r.unique, len(r.docs), "seed %d", seed)
				for _, it := range r.docs {
					require.Same(t, it, r.unique[it.unique[0]], "seed %d", seed)
				}
			}
		}
	}
	require.Positive(t, met)
}

// A unique key holds within a logical partition, over all of its paths together; what is missing is as null, and values
// of different types are different.
func TestWhatAUniqueKeyHolds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, paths   string
		first, second string
		taken         bool
	}{
		{"the same", `"/u"`, `"pk":"p","u":1`, `"pk":"p","u":1`, true},
		{"another value", `"/u"`, `"pk":"p","u":1`, `"pk":"p","u":2`, false},
		{"another logical partition", `"/u"`, `"pk":"p","u":1`, `"pk":"q","u":1`, false},
		{"one number, written in two ways", `"/u"`, `"pk":"p","u":1`, `"pk":"p","u":1.0`, true},
		{"a number and a text", `"/u"`, `"pk":"p","u":1`, `"pk":"p","u":"1"`, false},
		{"true and 1", `"/u"`, `"pk":"p","u":true`, `"pk":"p","u":1`, false},
		{"case", `"/u"`, `"pk":"p","u":"a"`, `"pk":"p","u":"A"`, false},
		{"both missing", `"/u"`, `"pk":"p"`, `"pk":"p"`, true},
		{"null and missing", `"/u"`, `"pk":"p","u":null`, `"pk":"p"`, true},
		{"missing and empty", `"/u"`, `"pk":"p","u":""`, `"pk":"p"`, false},
		{"an array", `"/u"`, `"pk":"p","u":[1,2]`, `"pk":"p","u":[1,2]`, true},
		{"another array", `"/u"`, `"pk":"p","u":[1,2]`, `"pk":"p","u":[2,1]`, false},
		{"below", `"/u/v"`, `"pk":"p","u":{"v":1,"w":1}`, `"pk":"p","u":{"v":1,"w":2}`, true},
		{"two paths, one other", `"/u","/v"`, `"pk":"p","u":1,"v":1`, `"pk":"p","u":1,"v":2`, false},
		{"two paths", `"/u","/v"`, `"pk":"p","u":1,"v":1`, `"pk":"p","u":1,"v":1`, true},
		{"two paths that do not run together", `"/u","/v"`, `"pk":"p","u":"ab","v":"c"`, `"pk":"p","u":"a","v":"bc"`,
			false},
		{"two paths, crossed", `"/u","/v"`, `"pk":"p","u":1,"v":2`, `"pk":"p","u":2,"v":1`, false},
		{"two keys, the second", `"/u"]},{"paths":["/v"`, `"pk":"p","u":1,"v":1`, `"pk":"p","u":2,"v":1`, true},
		{"two keys, crossed", `"/u"]},{"paths":["/v"`, `"pk":"p","u":1,"v":2`, `"pk":"p","u":2,"v":1`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":[`+test.paths+`]}]}`)
			try := func(id, members string, op func(tx *Tx, d *Document) error) error {
				d := parsed(t, c, `{"id":"`+id+`",`+members+`}`)
				_, err := c.Update(d.EPK, "", func(tx *Tx) error { return op(tx, d) })
				return err
			}
			create := func(tx *Tx, d *Document) error { _, err := tx.Create(d); return err }
			upsert := func(tx *Tx, d *Document) error { _, _, err := tx.Upsert(d, ""); return err }
			require.NoError(t, try("a", test.first, create))
			require.NoError(t, try("a", test.first, upsert), "its own value is in nobody's way")
			err := try("b", test.second, create)
			if !test.taken {
				require.NoError(t, err)
				return
			}
			refused(t, err, 409, "already exists")
			require.NoError(t, try("b", `"pk":"p","u":{"v":"free"},"v":"free"`, create))
			refused(t, try("b", test.second, upsert), 409, "already exists")
			require.NoError(t, try("a", `"pk":"p","u":{"v":"other"},"v":"other"`, upsert))
			require.NoError(t, try("b", test.second, upsert), "the value is free again")
			refused(t, try("a", test.first, upsert), 409, "already exists")
			remove(t, c, "b", "p")
			require.NoError(t, try("a", test.first, upsert))
		})
	}
}
