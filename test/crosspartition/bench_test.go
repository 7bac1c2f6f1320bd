package crosspartition_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// latency is what a request takes in the benchmarks that are about waiting.
const latency = 20 * time.Millisecond

// distant is a container of 32 partitions, 20 ms away, whose definition and ranges the client knows already.
func distant(b *testing.B, docs int) *cosmos.Container {
	b.Helper()
	texts := make([]string, docs)
	for i := range texts {
		texts[i] = fmt.Sprintf(`{"id":"%d","pk":"%d","n":%d}`, i, i, (i*7919)%docs)
	}
	w := newWorld(b, 32, texts,
		map[string]cosmos.ContainerProperties{"flat": {PartitionKey: cosmos.PartitionKeyPaths("/pk")}})
	_, err := drained(b.Context(), w.containers["flat"], "SELECT TOP 1 * FROM c")
	require.NoError(b, err)
	w.server.Inject(cosmostest.Fault{Delay: latency})
	return w.containers["flat"]
}

// BenchmarkFirstRow is the time to the first row of an ORDER BY: one round trip for the plan where that is new, one for
// the first pages of all partitions.
func BenchmarkFirstRow(b *testing.B) {
	c := distant(b, 3200)
	for i := 0; b.Loop(); i++ {
		p := c.NewPager(fmt.Sprintf("SELECT * FROM c WHERE c.n > %d ORDER BY c.n", i))
		_, err := p.Next(b.Context())
		require.NoError(b, err)
		b.StopTimer()
		require.NoError(b, p.Close())
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(latency), "round-trips")
}

// BenchmarkFanOut reads 32 partitions, all at once and one after the other.
func BenchmarkFanOut(b *testing.B) {
	c := distant(b, 3200)
	took := map[string]time.Duration{}
	for _, way := range []struct {
		name        string
		concurrency int
	}{{"one after the other", 1}, {"side by side", 32}} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				rows, err := drained(b.Context(), c, "SELECT * FROM c", cosmos.MaxConcurrency(way.concurrency),
					cosmos.PageSize(50))
				require.NoError(b, err)
				require.Len(b, rows, 3200)
			}
			took[way.name] = b.Elapsed() / time.Duration(b.N)
			if one := took["one after the other"]; one > 0 {
				b.ReportMetric(float64(one)/float64(took[way.name]), "times-faster")
			}
		})
	}
}

// BenchmarkOrderBy streams documents of 1 KB through ORDER BY. The server is a process of its own, so that the memory
// reported is the client's.
func BenchmarkOrderBy(b *testing.B) {
	for _, n := range []int{20_000, 200_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := elsewhere(b, n)
			b.ResetTimer()
			var peak uint64
			for b.Loop() {
				rows := 0
				for _, err := range cosmos.Query[struct{ N int }](b.Context(), c, "SELECT * FROM c ORDER BY c.n") {
					require.NoError(b, err)
					if rows++; rows%2500 == 0 {
						peak = max(peak, alive())
					}
				}
				require.Equal(b, n, rows)
			}
			b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// alive is the memory that is in use after a collection.
func alive() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// elsewhere starts examples/server and fills a container of eight partitions.
func elsewhere(b *testing.B, docs int) *cosmos.Container {
	b.Helper()
	program := filepath.Join(b.TempDir(), "server")
	out, err := exec.CommandContext(b.Context(), "go", "build", "-o", program, "../../examples/server").CombinedOutput()
	require.NoError(b, err, "%s", out)
	ctx, cancel := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, program, "-addr", "127.0.0.1:0", "-partitions", "8")
	answer, err := server.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, server.Start())
	b.Cleanup(func() {
		cancel()
		_ = server.Wait()
	})
	client, err := cosmos.NewClientFromConnectionString(connectionString(b, answer), nil)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, client.Close()) })
	_, err = client.CreateDatabase(b.Context(), "db")
	require.NoError(b, err)
	_, err = client.Database("db").
		CreateContainer(b.Context(), cosmos.ContainerProperties{ID: "c", PartitionKey: cosmos.PartitionKeyPaths("/id")})
	require.NoError(b, err)
	c := client.Database("db").Container("c")
	for r := range c.CreateMany(b.Context(), kilobytes(docs)) {
		require.NoError(b, r.Err)
	}
	return c
}

func connectionString(b *testing.B, answer io.Reader) string {
	b.Helper()
	lines := bufio.NewScanner(answer)
	for lines.Scan() {
		if s := regexp.MustCompile(`AccountEndpoint=\S+`).FindString(lines.Text()); s != "" {
			return s
		}
	}
	require.Fail(b, "the server printed no connection string")
	return ""
}

// kilobytes yields documents of 1 KB with a number that is in no order.
func kilobytes(n int) iter.Seq[any] {
	filler := fmt.Sprintf("%0950d", 0)
	return func(yield func(any) bool) {
		for i := range n {
			if !yield(map[string]any{"id": fmt.Sprint(i), "n": (i * 7919) % n, "filler": filler}) {
				return
			}
		}
	}
}
