package bench

import (
	"fmt"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/test/bench/canned"
)

// BenchmarkClientDocuments reads longer and longer results into eight variables through database/sql: neither the time
// of a document nor the memory should depend on how many there are.
func BenchmarkClientDocuments(b *testing.B) {
	for _, documents := range []int{1000, 10_000, 100_000, 1_000_000} {
		p := start(b, service{Canned: &canned.Options{Documents: documents, PageSize: min(documents, 1000)}})
		rows := driverTyped(b, p)
		growing(b, p, fmt.Sprint(documents), documents, func() (int, error) { return rows.query(b.Context()) })
	}
}

// BenchmarkClientPartitions reads 20,000 documents from more and more partitions, as they come, sorted and as changes,
// whose token it measures.
func BenchmarkClientPartitions(b *testing.B) {
	const documents = 20_000
	for _, partitions := range []int{1, 10, 100, 1000} {
		p := start(b, service{Emulator: &emulator{Partitions: partitions}})
		fill(b, p, documents, 900)
		db := open(b, p)
		for _, q := range []struct{ name, text string }{{"all", "SELECT * FROM c"},
			{"sorted", "SELECT * FROM c ORDER BY c.x"}} {
			growing(b, p, fmt.Sprintf("%d/%s", partitions, q.name), documents, func() (int, error) {
				return scan(db.QueryContext(b.Context(), q.text, cosmos.PageSize(1000)))
			})
		}
		c := container(b, p)
		token := 0
		growing(b, p, fmt.Sprintf("%d/changes", partitions), documents, func() (n int, err error) {
			feed := c.ChangeFeed(cosmos.PageSize(1000))
			for _, err := range feed.Items(b.Context()) {
				if err != nil {
					return n, err
				}
				n++
			}
			text, err := feed.Token()
			token = len(text)
			return n, err
		})
		b.Run(fmt.Sprintf("%d/token", partitions), func(b *testing.B) {
			for b.Loop() {
			}
			b.ReportMetric(float64(token)/1000, "token-KB")
		})
	}
}

// growing measures what a document costs client and server, and the most memory of reading so many.
func growing(b *testing.B, p *process, name string, documents int, read func() (int, error)) {
	b.Run(name, func(b *testing.B) {
		_, err := read()
		must(b, err)
		var most uint64
		m, before := measure(b), p.processor(b)
		for range b.N {
			w := watch()
			n, err := read()
			most = max(most, w.end())
			must(b, err)
			if n != documents {
				b.Fatalf("%d documents instead of %d", n, documents)
			}
		}
		m.report(b, b.N*documents, "doc")
		b.ReportMetric(float64((p.processor(b)-before).Nanoseconds())/float64(b.N*documents), "server-cpu-ns/doc")
		b.ReportMetric(float64(most)/1e6, "peak-MB")
	})
}
