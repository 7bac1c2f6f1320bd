package bench

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// row is what fill writes.
type row struct {
	ID   string `json:"id"`
	PK   string `json:"pk"`
	X    int    `json:"x"`
	Fill string `json:"fill"`
	RID  string `json:"_rid"`
	Self string `json:"_self"`
	ETag string `json:"_etag"`
	Att  string `json:"_attachments"`
	TS   int64  `json:"_ts"`
}

// BenchmarkResults reads whole results of 20,000 documents of 1 KB over 8 and 100 partitions, in each of the forms that
// a program has them in. The floor is net/http, which throws the pages away.
func BenchmarkResults(b *testing.B) {
	const documents = 20_000
	for _, partitions := range []int{8, 100} {
		p := start(b, service{Emulator: &emulator{Partitions: partitions}})
		fill(b, p, documents, 900)
		c := container(b, p)
		db := open(b, p)
		for _, q := range []struct {
			name, text string
			rows       int
		}{
			{"all", "SELECT * FROM c", documents},
			{"sorted", "SELECT * FROM c ORDER BY c.x", documents},
			{"top100", "SELECT TOP 100 * FROM c ORDER BY c.x", 100},
		} {
			run := func(form string, read func() (int, error)) {
				b.Run(fmt.Sprintf("partitions=%d/%s/%s", partitions, q.name, form), func(b *testing.B) {
					_, err := read()
					must(b, err)
					m := measure(b)
					var most uint64
					for range b.N {
						w := watch()
						n, err := read()
						most = max(most, w.end())
						must(b, err)
						if n != q.rows {
							b.Fatalf("%d rows instead of %d", n, q.rows)
						}
					}
					m.report(b, b.N*q.rows, "row")
					b.ReportMetric(float64(most)/1e6, "peak-MB")
				})
			}
			page := cosmos.PageSize(1000)
			run("raw", func() (int, error) { return count[json.RawMessage](b, c, q.text, page) })
			run("struct", func() (int, error) { return count[row](b, c, q.text, page) })
			run("map", func() (int, error) { return count[map[string]any](b, c, q.text, page) })
			run("database_sql", func() (int, error) { return scan(db.QueryContext(b.Context(), q.text, page)) })
			if q.rows == documents {
				run("floor", func() (int, error) { return discarded(b, p, c, q.text) })
			}
		}
	}
}

func count[T any](b *testing.B, c *cosmos.Container, text string, args ...any) (int, error) {
	n := 0
	for _, err := range cosmos.Query[T](b.Context(), c, text, args...) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// discarded reads the pages of all partitions, one partition after the other, with net/http and a signature, and counts
// by the header.
func discarded(b *testing.B, p *process, c *cosmos.Container, text string) (n int, err error) {
	ranges, err := c.FeedRanges(b.Context())
	if err != nil {
		return 0, err
	}
	for i := range ranges {
		for token := "first"; token != ""; {
			var count int
			if count, token, err = discardPage(b, p, text, i, 1000, token); err != nil {
				return n, err
			}
			n += count
		}
	}
	return n, nil
}

// BenchmarkChangeFeed reads all changes from the beginning over 8 ranges, each of whose answers takes 5 ms.
func BenchmarkChangeFeed(b *testing.B) {
	const documents = 20_000
	p := start(b, service{Emulator: &emulator{Partitions: 8, Delay: 5 * time.Millisecond}})
	fill(b, p, documents, 900)
	c := container(b, p)
	p.slow(b)
	for _, tt := range []struct {
		name string
		opts []cosmos.Option
	}{{"side by side", nil}, {"one range at a time", []cosmos.Option{cosmos.MaxConcurrency(1)}}} {
		b.Run(tt.name, func(b *testing.B) {
			m := measure(b)
			for range b.N {
				n := 0
				for _, err := range c.ChangeFeed(append(tt.opts, cosmos.PageSize(100))...).Items(b.Context()) {
					must(b, err)
					n++
				}
				if n != documents {
					b.Fatalf("%d changes instead of %d", n, documents)
				}
			}
			m.report(b, b.N*documents, "change")
		})
	}
}
