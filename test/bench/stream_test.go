package bench

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/test/bench/canned"
)

// BenchmarkStream shows that reading rows through database/sql takes no more memory for many documents than for few.
func BenchmarkStream(b *testing.B) {
	for _, documents := range []int{10_000, 100_000} {
		p := start(b, service{Canned: &canned.Options{Documents: documents, PageSize: 100}})
		for _, client := range clients(b, p) {
			if !strings.HasSuffix(client.name, "_sql") {
				continue
			}
			b.Run(fmt.Sprintf("docs=%d/%s", documents, client.name), func(b *testing.B) {
				var most uint64
				for range b.N {
					w := watch()
					n, err := client.query(b.Context())
					most = max(most, w.end())
					must(b, err)
					if n != documents {
						b.Fatalf("%d documents instead of %d", n, documents)
					}
				}
				b.ReportMetric(float64(most)/1e6, "peak-MB")
			})
		}
	}
}

// BenchmarkSorted shows the same for ORDER BY over several partitions, whose rows are merged as they come.
func BenchmarkSorted(b *testing.B) {
	for _, documents := range []int{20_000, 200_000} {
		p := start(b, service{Emulator: &emulator{Partitions: 5}})
		fill(b, p, documents, 200)
		db := open(b, p)
		b.Run(fmt.Sprintf("docs=%d", documents), func(b *testing.B) {
			var most uint64
			m := measure(b)
			for range b.N {
				w := watch()
				rows, err := db.QueryContext(b.Context(), "SELECT * FROM c ORDER BY c.x")
				must(b, err)
				n, last := 0, -1
				for rows.Next() {
					var id, pk, fill string
					var x int
					must(b, rows.Scan(&id, &pk, &x, &fill))
					if x < last {
						b.Fatalf("%d after %d", x, last)
					}
					n, last = n+1, x
				}
				must(b, rows.Err())
				most = max(most, w.end())
				if n != documents {
					b.Fatalf("%d documents instead of %d", n, documents)
				}
			}
			m.report(b, b.N*documents, "doc")
			b.ReportMetric(float64(most)/1e6, "peak-MB")
		})
	}
}

// BenchmarkFanOut asks 32 partitions, each of whose answers takes 20 ms: how long until the first row of an ORDER BY is
// there, and how long until the last row of a plain query, with the partitions side by side and one after the other.
// The columns are named: a SELECT * reads ahead to learn them.
func BenchmarkFanOut(b *testing.B) {
	const delay = 20 * time.Millisecond
	p := start(b, service{Emulator: &emulator{Partitions: 32, Delay: delay}})
	fill(b, p, 3200, 50)
	db := open(b, p)
	_, err := scan(db.QueryContext(b.Context(), selectAll)) // what is cached is cached
	must(b, err)
	p.slow(b)
	first := func(b *testing.B, query string, args ...any) {
		for range b.N {
			rows, err := db.QueryContext(b.Context(), query, args...)
			must(b, err)
			if !rows.Next() {
				b.Fatal("no row: ", rows.Err())
			}
			must(b, rows.Close())
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(delay), "round-trips/op")
	}
	all := func(b *testing.B, args ...any) {
		for range b.N {
			n, err := scan(db.QueryContext(b.Context(), selectAll, args...))
			must(b, err)
			if n != 3200 {
				b.Fatalf("%d documents", n)
			}
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(delay), "round-trips/op")
	}
	b.Run("first row of ORDER BY", func(b *testing.B) { first(b, "SELECT c.id, c.x FROM c ORDER BY c.x") })
	b.Run("all rows", func(b *testing.B) { all(b) })
	b.Run("all rows, one partition at a time", func(b *testing.B) { all(b, cosmos.MaxConcurrency(1)) })
}

// fill makes a container of documents of about size bytes.
func fill(b *testing.B, p *process, documents, size int) {
	client, err := cosmos.NewClientFromConnectionString(p.connectionString(), nil)
	must(b, err)
	defer client.Close()
	_, err = client.CreateDatabase(b.Context(), "db")
	must(b, err)
	db := client.Database("db")
	_, err = db.CreateContainer(b.Context(), cosmos.ContainerProperties{
		ID: "c", PartitionKey: cosmos.PartitionKeyPaths("/pk"),
		IndexingPolicy: &cosmos.IndexingPolicy{
			Mode: cosmos.IndexingConsistent, IncludedPaths: []cosmos.IndexedPath{{Path: "/*"}},
			CompositeIndexes: [][]cosmos.CompositePath{{{Path: "/x"}, {Path: "/id"}}},
		}})
	must(b, err)
	padding := string(make([]byte, 0, size))
	for len(padding) < size {
		padding += "lorem ipsum "
	}
	items := func(yield func(any) bool) {
		for i := range documents {
			doc := fmt.Appendf(nil, `{"id":"i%d","pk":"p%d","x":%d,"fill":%q}`, i, i%1009, i*7919%1000003, padding)
			if !yield(json.RawMessage(doc)) {
				return
			}
		}
	}
	for r := range db.Container("c").CreateMany(b.Context(), items) {
		must(b, r.Err)
	}
}

func open(b *testing.B, p *process) *sql.DB {
	db, err := sql.Open("cosmos", p.connectionString()+"Database=db;Container=c")
	must(b, err)
	b.Cleanup(func() { must(b, db.Close()) })
	return db
}
