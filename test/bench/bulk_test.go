package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/test/bench/canned"
)

// BenchmarkBulk creates documents of 1 KB in a container of 8 partitions whose every answer takes 2 ms: ours by
// CreateMany, azcosmos, which has no bulk requests, by CreateItem from as many goroutines as serve it best.
func BenchmarkBulk(b *testing.B) {
	const delay = 2 * time.Millisecond
	b.Run("cosmos", func(b *testing.B) {
		docs := encodedDocuments(100_000)
		c, _ := bulkContainer(b, 8, delay)
		m := measure(b)
		for i := range b.N {
			createMany(b, c, renumbered(docs, i))
		}
		m.report(b, b.N*len(docs), "doc")
	})
	for _, workers := range []int{64, 256} {
		b.Run(fmt.Sprintf("azcosmos c=%d", workers), func(b *testing.B) {
			docs := encodedDocuments(10_000)
			_, p := bulkContainer(b, 8, delay)
			c := azureContainer(b, p)
			m := measure(b)
			for i := range b.N {
				for range renumbered(docs, i) {
				}
				var next atomic.Int64
				each(b, workers, len(docs), func(ctx context.Context) error {
					k := int(next.Add(1) - 1)
					_, err := c.CreateItem(ctx, azcosmos.NewPartitionKeyString(partitionKey(k)), docs[k], nil)
					return err
				})
			}
			m.report(b, b.N*len(docs), "doc")
		})
	}
}

// BenchmarkBulkPartitions creates small documents over more and more partitions: the time of one should not depend on
// it.
func BenchmarkBulkPartitions(b *testing.B) {
	for _, partitions := range []int{8, 32, 100, 300, 1000} {
		b.Run(fmt.Sprint(partitions), func(b *testing.B) {
			const documents = 50_000
			c, _ := bulkContainer(b, partitions, 0)
			m := measure(b)
			for i := range b.N {
				createMany(b, c, func(yield func(any) bool) {
					for k := range documents {
						if !yield(json.RawMessage(fmt.Appendf(nil, `{"id":"%d-%d","pk":"p%d"}`, i, k, k))) {
							return
						}
					}
				})
			}
			m.report(b, b.N*documents, "doc")
		})
	}
}

func createMany(b *testing.B, c *cosmos.Container, docs iter.Seq[any]) {
	for r := range c.CreateMany(b.Context(), docs) {
		must(b, r.Err)
	}
}

// bulkContainer makes a container whose answers take their time.
func bulkContainer(b *testing.B, partitions int, delay time.Duration) (*cosmos.Container, *process) {
	p := start(b, service{Emulator: &emulator{Partitions: partitions, Delay: delay}})
	fill(b, p, 1, 10) // and what is cached is cached
	if delay > 0 {
		p.slow(b)
	}
	return container(b, p), p
}

func partitionKey(i int) string { return fmt.Sprintf("tenant-%05d", i%997) }

// encodedDocuments are documents of about 1 KB whose id begins with "########".
func encodedDocuments(n int) []json.RawMessage {
	docs := make([]json.RawMessage, n)
	for i := range docs {
		d := canned.NewDocument(i)
		d.ID, d.PK = fmt.Sprintf("########-%08d", i), partitionKey(i)
		docs[i], _ = json.Marshal(d)
	}
	return docs
}

// renumbered gives all documents other ids than those of other rounds.
func renumbered(docs []json.RawMessage, round int) iter.Seq[any] {
	return func(yield func(any) bool) {
		id := fmt.Sprintf(`{"id":"%08d`, round)
		for _, doc := range docs {
			copy(doc, id)
			if !yield(doc) {
				return
			}
		}
	}
}
