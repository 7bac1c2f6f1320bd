package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// indexOf makes a global secondary index of all of a container, with key /v.
func indexOf(t testing.TB, c *Container, id string) *Container {
	t.Helper()
	x, err := c.db.CreateContainer(fmt.Appendf(nil, `{"id":%q,"partitionKey":{"paths":["/v"],"version":2},
		"globalSecondaryIndexDefinition":{"sourceCollectionId":"c","definition":"SELECT * FROM c"}}`, id), Throughput{})
	require.NoError(t, err)
	return x
}

// A distributed transaction may read an index and write its source: each is locked for the other.
func TestDistributedOverAnIndexAndItsSource(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	x := indexOf(t, c, "x")
	d := mustDocument(c, "1")
	_, err := Distributed([]Part{{c, d.EPK}, {x, d.EPK}}, func(txs []*Tx) error {
		_, err := txs[0].Create(d)
		return err
	})
	require.NoError(t, err)
	require.Len(t, x.Items(), 1)
}

// Containers have rids by chance; whatever these are, writers of a source and changes of the account's regions, which
// lock all containers in their order, do not wait for each other.
func TestIndexesWhileRegionsChange(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	var indexes []*Container
	for i := range maxSecondary {
		indexes = append(indexes, indexOf(t, g.c, fmt.Sprint("x", i)))
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 200 {
				if _, err := upsert(g.c, fmt.Sprint(w), fmt.Sprint(i%7), i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 100 {
		require.NoError(t, g.MoveWrites(1-i%2))
	}
	writers.Wait()
	want := len(g.c.Items())
	for _, x := range indexes {
		x.CatchUp()
		require.Len(t, x.Items(), want, x.ID())
	}
}

// Several regions cannot begin to write while there is an index that would not be filled.
func TestIndexKeepsOneWriter(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	x := indexOf(t, g.c, "x")
	refused(t, g.SetMultiWrite(true), 412, "x is a global secondary index")
	require.NoError(t, x.db.DeleteContainer(x))
	require.NoError(t, g.SetMultiWrite(true))
}

// The partitions of an index fill up as others do.
func TestIndexIsSplitByStorage(t *testing.T) {
	t.Parallel()
	const most = 20_000
	a := NewAccount(Options{PartitionSize: most})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	c, err := d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`), Throughput{})
	require.NoError(t, err)
	x := indexOf(t, c, "x")
	for i := range 100 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"one","v":%d,"pad":%q}`, i, i, strings.Repeat("x", 500)))
	}
	require.Len(t, c.Ranges(), 1, "it has one logical partition")
	require.Len(t, x.Items(), 100)
	for _, m := range x.Statistics() {
		require.LessOrEqual(t, m.Bytes, int64(most))
	}
}

// Whatever is on its way when a failover is forced, of the source or of the index: in the end every region's index has
// what its source has, and nothing else.
func TestIndexOutlivesForcedFailovers(t *testing.T) {
	t.Parallel()
	lost := 0
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 3))
		g := newGlobe(t, 3, func(o *Options) { o.Seed = seed })
		x := indexOf(t, g.c, "x")
		require.NoError(t, g.SetDelay(-1, -1, 0, 10*time.Second))
		for range 200 {
			g.now = g.now.Add(time.Duration(random.IntN(2000)) * time.Millisecond)
			to, part := random.IntN(3), g.c
			if random.IntN(2) == 0 {
				part = x
			}
			ranges := part.Ranges()
			i := random.IntN(len(ranges))
			switch n := random.IntN(60); {
			case n < 3 && to != g.Topology().Write:
				all, err := g.ForceWrites(to)
				require.NoError(t, err)
				lost += len(all)
			case n == 3 && to != g.Topology().Write:
				require.NoError(t, g.MoveWrites(to))
			case n < 6:
				all, err := part.FailOverPartition(ranges[i].ID, to, n == 4)
				require.NoError(t, err)
				lost += len(all)
			case n == 6:
				_, err := part.Split(ranges[i].ID)
				require.NoError(t, err)
			case n == 7 && i > 0:
				part.Merge(ranges[i-1].ID, ranges[i].ID) // which is refused where partitions have different writers
			default:
				c, id := g.c.In(-1), fmt.Sprint("d", random.IntN(12))
				d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":%q,"v":%d}`, id, id, random.IntN(5)))
				require.NoError(t, err)
				_, err = c.Update(d.EPK, "", func(tx *Tx) error {
					if n < 20 {
						if tx.get(d.EPK, id) == nil {
							return nil
						}
						return tx.Delete(d.EPK, id, "")
					}
					_, _, err := tx.Upsert(d, "")
					return err
				})
				require.NoError(t, err)
			}
		}
		x.CatchUp()
		g.now = g.now.Add(time.Hour)
		for region := range 3 {
			follows(t, g.c.In(region), x.In(region), "seed %d, region %d", seed, region)
		}
	}
	require.Positive(t, lost)
}

// What an index could not follow yet when its source lost it, it does not follow later.
func TestIndexDoesNotFollowWhatIsLost(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.Partitions = 1 })
	x := indexOf(t, g.c, "x")
	g.put(0, "a", 1)
	require.NoError(t, g.Pause(-1, -1, true))
	change, err := x.BeginSplit(x.Ranges()[0].ID, "")
	require.NoError(t, err)
	_, err = change.Advance()
	require.NoError(t, err)
	g.put(0, "b", 1) // is tried, and waits
	g.put(0, "c", 1)
	require.Len(t, x.Items(), 1)
	lost, err := g.ForceWrites(1)
	require.NoError(t, err)
	require.Len(t, lost, 2, "those of the source")
	for change.Phase() < Done {
		_, err = change.Advance()
		require.NoError(t, err)
	}
	x.CatchUp()
	require.Len(t, x.Items(), 1)
	g.put(1, "d", 1)
	require.Len(t, x.Items(), 2)
}

// What an index could not follow while a range of it moved it has with the next request, whatever region that asks.
func TestIndexCatchesUpForEveryRegion(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2, func(o *Options) { o.Partitions = 1 })
	x := indexOf(t, g.c, "x")
	change, err := x.BeginSplit(x.Ranges()[0].ID, "")
	require.NoError(t, err)
	_, err = change.Advance()
	require.NoError(t, err)
	g.put(0, "a", 1) // is tried, and waits
	for change.Phase() < Done {
		_, err = change.Advance()
		require.NoError(t, err)
	}
	far := x.In(1)
	far.CatchUp()
	require.Len(t, far.Items(), 1)
}

// Writers, and failovers that are forced under them, leave an index as its source.
func TestIndexesWhileFailoversAreForced(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	x := indexOf(t, g.c, "x")
	require.NoError(t, g.SetDelay(-1, -1, time.Hour, time.Hour))
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 100 {
				if _, err := upsert(g.c, fmt.Sprint(w), fmt.Sprint(i%7), i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 100 {
		_, err := g.ForceWrites(1 - i%2)
		require.NoError(t, err)
	}
	writers.Wait()
	x.CatchUp()
	follows(t, g.c, x, "")
}

// follows requires that a global secondary index has what its source has.
func follows(t *testing.T, source, index *Container, message string, args ...any) {
	t.Helper()
	var want, got []string
	for _, it := range items(t, source, Scope{}) {
		want = append(want, fmt.Sprint(it.RID, " ", it.Value().Get("v").AsFloat()))
	}
	for _, it := range items(t, index, Scope{}) {
		got = append(got, fmt.Sprint(it.ID, " ", it.Value().Get("v").AsFloat()))
	}
	require.ElementsMatch(t, want, got, append([]any{message}, args...)...)
}

// Which containers an index can be of: those of its database that are not indexes themselves, five times each.
func TestSourcesOfIndexes(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 1)
	d := g.c.db
	try := func(id, source string) (*Container, error) {
		return d.CreateContainer(fmt.Appendf(nil, `{"id":%q,"partitionKey":{"paths":["/v"]},
			"globalSecondaryIndexDefinition":{"sourceCollectionId":%q,"definition":"SELECT * FROM c"}}`, id, source),
			Throughput{})
	}
	other, err := g.CreateDatabase([]byte(`{"id":"other"}`), Throughput{})
	require.NoError(t, err)
	_, err = other.CreateContainer([]byte(`{"id":"far","partitionKey":{"paths":["/pk"]}}`), Throughput{})
	require.NoError(t, err)
	for _, source := range []string{"none", "far", "x"} {
		_, err := try("x", source)
		refused(t, err, 400, "source container '"+source+"' of the global secondary index does not exist")
	}
	var all []*Container
	for i := range maxSecondary {
		x, err := try(fmt.Sprint("x", i), "c")
		require.NoError(t, err)
		all = append(all, x)
	}
	_, err = try("sixth", "c")
	refused(t, err, 400, "'c' has 5 global secondary indexes already")
	_, err = try("y", "x0")
	refused(t, err, 400, "'x0' of the global secondary index is a global secondary index itself")
	refused(t, d.DeleteContainer(g.c), 400, "source of 5 global secondary indexes")
	require.NoError(t, d.DeleteContainer(all[2]))
	g.put(0, "a", 1)
	require.Empty(t, all[2].Items(), "it is not one any more")
	for _, x := range []*Container{all[0], all[1], all[3], all[4]} {
		require.Len(t, x.Items(), 1)
		require.NoError(t, d.DeleteContainer(x))
	}
	_, err = try("sixth", "c")
	require.NoError(t, err)

	several := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
	_, err = several.c.db.CreateContainer([]byte(`{"id":"x","partitionKey":{"paths":["/v"]},`+
		`"globalSecondaryIndexDefinition":{"sourceCollectionId":"c","definition":"SELECT * FROM c"}}`), Throughput{})
	refused(t, err, 400, "does not fill one where several regions write")
}

// What an index is of cannot be changed, and need not be repeated; its JSON has it under the name or names that it was
// sent by, with what the server adds.
func TestDefinitionOfAnIndexStays(t *testing.T) {
	t.Parallel()
	const sent = `{"sourceCollectionId":"c","definition":"SELECT c.a FROM c"}`
	for _, names := range [][]string{secondaryNames[:1], secondaryNames[1:], secondaryNames} {
		c := newTestContainer(t, 1, "")
		body := func(definition, more string) []byte {
			text := `{"id":"x","partitionKey":{"paths":["/v"],"version":2}` + more
			for _, name := range names {
				if definition != "" {
					text += fmt.Sprintf(`,%q:%s`, name, definition)
				}
			}
			return []byte(text + "}")
		}
		x, err := c.db.CreateContainer(body(sent, ""), Throughput{})
		require.NoError(t, err)
		shown := func() {
			for _, name := range secondaryNames {
				v := x.Resource().Value().Get(name)
				require.Equal(t, slices.Contains(names, name), v.IsDefined(), name)
				if v.IsDefined() {
					require.JSONEq(t, `{"sourceCollectionId":"c","sourceCollectionRid":"`+c.RID()+
						`","definition":"SELECT c.a FROM c","status":"Active"}`, string(value.AppendJSON(nil, v)))
				}
			}
		}
		shown()
		for _, again := range [][]byte{body("", `,"defaultTtl":5`), body(sent, ""),
			body(string(value.AppendJSON(nil, x.Resource().Value().Get(names[0]))), "")} {
			_, err = x.Replace(again, "")
			require.NoError(t, err)
			require.True(t, x.IsSecondary())
			shown()
		}
		for _, other := range []string{`{"sourceCollectionId":"c","definition":"SELECT c.b FROM c"}`,
			`{"sourceCollectionId":"d","definition":"SELECT c.a FROM c"}`} {
			_, err = x.Replace(body(other, ""), "")
			refused(t, err, 400, "index definition of a container cannot be changed")
		}
		plain := strings.Replace(string(body(sent, "")), `"id":"x","partitionKey":{"paths":["/v"]`,
			`"id":"c","partitionKey":{"paths":["/pk"]`, 1)
		_, err = c.Replace([]byte(plain), "")
		refused(t, err, 400, "index definition of a container cannot be changed")
		shown()
	}
}
