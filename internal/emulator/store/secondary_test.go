package store

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
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
