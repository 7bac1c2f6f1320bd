package store

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Of several who replace a container under the etag that they have read one succeeds; the others learn of it.
func TestContainerReplacedAtOnce(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 2, "")
	const clients = 8
	old := c.Resource()
	var work sync.WaitGroup
	errs := make([]error, clients)
	for i := range clients {
		work.Go(func() {
			_, errs[i] = c.Replace(fmt.Appendf(nil, `{"id":"c",%s,"defaultTtl":%d}`, keyed, i+1), old.ETag())
		})
	}
	work.Wait()
	winner := -1
	for i, err := range errs {
		if err == nil {
			require.Equal(t, -1, winner, "two have replaced one version")
			winner = i
			continue
		}
		refused(t, err, 412, "precondition")
	}
	require.NotEqual(t, -1, winner)
	require.Equal(t, int64(winner+1), *c.Definition().DefaultTTL, "definition and JSON are of one version")
	ttl, _ := c.Resource().Value().Get("defaultTtl").AsInt()
	require.Equal(t, int64(winner+1), ttl)
}

// What is refused changes nothing of a container; what is left out of a replace is gone.
func TestReplaceIsWhole(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1,
		`,"defaultTtl":60,"computedProperties":[{"name":"x","query":"SELECT VALUE c.a FROM c"}]`)
	for _, body := range []string{`{`, `{"id":"c"}`, `{"id":"c",` + keyed + `,"defaultTtl":0}`,
		`{"id":"c",` + keyed + `,"indexingPolicy":{"indexingMode":"x"}}`,
		`{"id":"c",` + keyed + `,` + secondary("SELECT * FROM c") + `}`} {
		old := c.Resource()
		_, err := c.Replace([]byte(body), "")
		refused(t, err, 400, "")
		require.Same(t, old, c.Resource(), body)
	}
	require.Len(t, c.Definition().ComputedProperties, 1)
	r, err := c.Replace([]byte(keyedOnly), "")
	require.NoError(t, err)
	require.Empty(t, c.Definition().ComputedProperties)
	require.Nil(t, c.Definition().DefaultTTL)
	require.False(t, r.Value().Get("defaultTtl").IsDefined())
	require.Equal(t, defaultIndexing, string(value.AppendJSON(nil, r.Value().Get("indexingPolicy"))))
}

// The regions see one container: what is replaced or deleted through one of them is so in all.
func TestContainerIsOneInAllRegions(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 3)
	require.NotSame(t, g.c, g.c.In(1))
	require.Same(t, g.c, g.c.In(-1))
	_, err := g.c.In(1).Replace([]byte(`{"id":"c",`+keyed+`,"defaultTtl":60}`), "")
	require.NoError(t, err)
	for region := range 3 {
		c := g.c.In(region)
		require.Equal(t, int64(60), *c.Definition().DefaultTTL)
		require.Same(t, g.c.Resource(), c.Resource())
		require.Equal(t, []string{g.c.ID(), g.c.RID(), g.c.Path()}, []string{c.ID(), c.RID(), c.Path()})
	}
	_, err = g.c.In(2).FailOverPartition(g.c.Ranges()[0].ID, 1, false)
	require.NoError(t, err)
	require.NoError(t, g.c.db.DeleteContainer(g.c.In(2)))
	refused(t, g.c.db.DeleteContainer(g.c), 404, "")
	_, err = g.Container("d", "c")
	refused(t, err, 404, "")

	single := newTestContainer(t, 1, "")
	require.Same(t, single, single.In(5), "an account with one region has one view of it")
}

// A new time to live is in force at once, also for documents that a reader has in another region.
func TestReplacedTimeToLive(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	g.put(0, "a", 1)
	g.now = g.now.Add(30 * time.Second)
	g.put(0, "b", 1)
	replace := func(more string) {
		_, err := g.c.Replace([]byte(`{"id":"c",`+keyed+more+`}`), "")
		require.NoError(t, err)
	}
	there := func() (out []int) {
		for region := range 2 {
			for _, id := range []string{"a", "b"} {
				v, _ := g.get(region, id)
				out = append(out, v)
			}
		}
		return out
	}
	replace(`,"defaultTtl":20`)
	require.Equal(t, []int{-1, 1, -1, 1}, there())
	replace(`,"defaultTtl":1000`)
	require.Equal(t, []int{1, 1, 1, 1}, there(), "nothing has deleted it yet")
	replace(`,"defaultTtl":20`)
	g.c.Expire()
	replace("")
	require.Equal(t, []int{-1, 1, -1, 1}, there(), "what has expired does not come back")
	g.now = g.now.Add(time.Hour)
	g.c.Expire()
	require.Equal(t, []int{-1, 1, -1, 1}, there(), "without a time to live nothing ends")
}

// A document's rid is that of its number, by which clients page through a container.
func TestDocumentRIDs(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 2, "")
	for i := range 20 {
		it := put(t, c, fmt.Sprintf(`{"id":"%d","pk":"%d"}`, i, i))
		require.Equal(t, it.RID, c.DocumentRID(it.Number()))
		n, ok := DocumentNumber(it.RID)
		require.True(t, ok)
		require.Equal(t, it.Number(), n)
	}
}

// Statistics are of what each partition holds, by documents, keys and bytes; together they are the container's.
func TestStatistics(t *testing.T) {
	t.Parallel()
	c := spread(t, 3, 20)
	remove(t, c, "0", "k0")
	marks, sum := c.Statistics(), Mark{}
	require.Len(t, marks, 3)
	bytes := int64(0)
	for i, m := range marks {
		require.Equal(t, c.Ranges()[i].ID, m.Range)
		in := items(t, c, Scope{Range: m.Range})
		require.Len(t, in, m.Count)
		sum.Count, sum.Keys, sum.Bytes, sum.LSN = sum.Count+m.Count, sum.Keys+m.Keys, sum.Bytes+m.Bytes, sum.LSN+m.LSN
		for _, it := range in {
			bytes += int64(len(it.JSON))
		}
	}
	require.Equal(t, Mark{Count: 59, Keys: 20, Bytes: bytes, LSN: 61}, sum)
	require.Equal(t, marks[0], c.Mark())
	for i := range 20 {
		epk := epkOf(c, fmt.Sprint("k", i))
		_, err := c.Update(epk, "", func(tx *Tx) error { tx.DeleteAll(epk); return nil })
		require.NoError(t, err)
	}
	for _, m := range c.Statistics() {
		require.Equal(t, []int64{0, 0, 0}, []int64{int64(m.Count), int64(m.Keys), m.Bytes})
	}
}
