package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos"
)

// BenchmarkTenPartitions reads 100,000 documents over 10 partitions in pages of 100, each of which takes 5 ms: by hand,
// which is a goroutine for each partition with net/http, with ours and with azcosmos.
func BenchmarkTenPartitions(b *testing.B) {
	const documents = 100_000
	p := start(b, service{Emulator: &emulator{Partitions: 10, Delay: 5 * time.Millisecond}})
	fill(b, p, documents, 100)
	c := container(b, p)
	db := open(b, p)
	azure := azureContainer(b, p)
	ranges, err := c.FeedRanges(b.Context())
	must(b, err)
	_, err = scan(db.QueryContext(b.Context(), selectAll, cosmos.PageSize(1000))) // what is cached is cached
	must(b, err)
	p.slow(b)
	run := func(name string, read func() (int, error)) {
		b.Run(name, func(b *testing.B) {
			m := measure(b)
			for range b.N {
				w := watch()
				n, err := read()
				b.ReportMetric(float64(w.end())/1e6, "peak-MB")
				must(b, err)
				if n != documents {
					b.Fatalf("%d documents instead of %d", n, documents)
				}
			}
			m.report(b, b.N*documents, "doc")
		})
	}
	run("by_hand", func() (int, error) { return byHand(b, p, len(ranges)) })
	run("cosmos", func() (int, error) { return count[json.RawMessage](b, c, selectAll, cosmos.PageSize(100)) })
	run("cosmos_sql", func() (int, error) {
		return scan(db.QueryContext(b.Context(), "SELECT c.id, c.pk, c.x, c.fill FROM c", cosmos.PageSize(100)))
	})
	run("azcosmos", func() (n int, err error) {
		for pager := azure.NewQueryItemsPager(selectAll, azcosmos.NewPartitionKey(),
			&azcosmos.QueryOptions{PageSizeHint: 100}); pager.More(); {
			page, err := pager.NextPage(b.Context())
			if err != nil {
				return n, err
			}
			n += len(page.Items)
		}
		return n, nil
	})
}

func byHand(b *testing.B, p *process, ranges int) (int, error) {
	var n atomic.Int64
	var group sync.WaitGroup
	var failed atomic.Pointer[error]
	for i := range ranges {
		group.Go(func() {
			for token := "first"; token != ""; {
				count, next, err := discardPage(b, p, selectAll, i, 100, token)
				if err != nil {
					failed.Store(&err)
					return
				}
				n.Add(int64(count))
				token = next
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return int(n.Load()), nil
}

// discardPage asks a partition for a page with net/http and throws it away; the count is the header's.
func discardPage(b *testing.B, p *process, text string, i, size int, token string) (count int, next string, err error) {
	body, _ := json.Marshal(map[string]string{"query": text})
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, p.endpoint+"dbs/db/colls/c/docs",
		bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	signed(req, http.MethodPost, "dbs/db/colls/c")
	for name, value := range map[string]string{
		"x-ms-documentdb-isquery": "True", "Content-Type": "application/query+json",
		"x-ms-max-item-count":                 strconv.Itoa(size),
		"x-ms-documentdb-partitionkeyrangeid": strconv.Itoa(i), "x-ms-documentdb-query-enablecrosspartition": "True",
	} {
		req.Header.Set(name, value)
	}
	if token != "first" {
		req.Header.Set("x-ms-continuation", token)
	}
	resp, err := bareClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0, "", err
	}
	if resp.StatusCode != http.StatusOK {
		return 0, "", fmt.Errorf("status %d", resp.StatusCode)
	}
	count, err = strconv.Atoi(resp.Header.Get("x-ms-item-count"))
	return count, resp.Header.Get("x-ms-continuation"), err
}

var bareClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}

// BenchmarkSeed reads 100,000 documents of 1 KB into maps, with ours and with aio-cosmos in Python, where the variable
// AIO_PYTHON names an interpreter that has it.
func BenchmarkSeed(b *testing.B) {
	python := os.Getenv("AIO_PYTHON")
	if python == "" {
		b.Skip("AIO_PYTHON is not set")
	}
	const documents = 100_000
	p := start(b, service{Emulator: &emulator{Partitions: 8}})
	fill(b, p, documents, 900)
	c := container(b, p)
	b.Run("aio_cosmos", func(b *testing.B) {
		var total float64
		for range b.N {
			out, err := exec.CommandContext(b.Context(), python, "aio_query.py", p.endpoint).Output()
			must(b, err)
			var n int
			var seconds float64
			_, err = fmt.Sscan(strings.TrimSpace(string(out)), &n, &seconds)
			must(b, err)
			if n != documents {
				b.Fatalf("%d documents instead of %d", n, documents)
			}
			total += seconds
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(total*1e9/float64(b.N*documents), "ns/row")
	})
	b.Run("map", func(b *testing.B) {
		m := measure(b)
		for range b.N {
			n, err := count[map[string]any](b, c, selectAll)
			must(b, err)
			if n != documents {
				b.Fatalf("%d documents instead of %d", n, documents)
			}
		}
		m.report(b, b.N*documents, "row")
	})
}
