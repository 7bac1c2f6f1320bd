package cosmossql_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// serverEnv makes the test binary a server with so many documents, so that a benchmark measures the client alone.
const serverEnv = "COSMOSSQL_TEST_SERVER_DOCUMENTS"

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(serverEnv)); err == nil {
		if err := serve(n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// serve runs a server with n documents of 1 KB, prints its DSN, and ends with its standard input.
func serve(n int) error {
	srv := cosmostest.NewServer()
	defer srv.Close()
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx := context.Background()
	if _, err := client.CreateDatabase(ctx, "shop"); err != nil {
		return err
	}
	p := cosmos.ContainerProperties{ID: "docs", PartitionKey: cosmos.PartitionKeyPaths("/pk")}
	if _, err := client.Database("shop").CreateContainer(ctx, p); err != nil {
		return err
	}
	for r := range client.Database("shop").Container("docs").CreateMany(ctx, documents(n)) {
		if r.Err != nil {
			return r.Err
		}
	}
	fmt.Println(srv.DSN("shop"))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func documents(n int) iter.Seq[any] {
	type doc struct {
		ID    string `json:"id"`
		PK    string `json:"pk"`
		N     int    `json:"n"`
		Total float64
		Text  string
	}
	text := strings.Repeat("lorem ipsum dolor ", 50)
	return func(yield func(any) bool) {
		for i := range n {
			if !yield(doc{fmt.Sprint(i), fmt.Sprint(i % 1000), i, float64(i) / 4, text}) {
				return
			}
		}
	}
}

// BenchmarkStream reads a whole container through database/sql and reports the most memory that the client's heap took.
// That it is the same for 10,000 and 100,000 documents is the point.
func BenchmarkStream(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("docs=%d", n), func(b *testing.B) {
			db := startServer(b, n)
			var peak uint64
			for b.Loop() {
				stop := watchHeap(&peak)
				require.Equal(b, n, stream(b, db))
				stop()
			}
			b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "docs/s")
		})
	}
}

// startServer runs the test binary as a server of n documents.
func startServer(b *testing.B, n int) *sql.DB {
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serverEnv+"="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(b, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	dsn, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(b, err)
	db, err := sql.Open("cosmos", strings.TrimSpace(dsn))
	require.NoError(b, err)
	b.Cleanup(func() { db.Close() })
	return db
}

func stream(b *testing.B, db *sql.DB) int {
	rows, err := db.QueryContext(b.Context(), "SELECT d.id, d.n, d.Total, d.Text FROM docs d", cosmos.PageSize(1000))
	require.NoError(b, err)
	defer rows.Close()
	var (
		id    string
		n     int64
		total float64
		text  sql.RawBytes
		count int
	)
	for rows.Next() {
		require.NoError(b, rows.Scan(&id, &n, &total, &text))
		count++
	}
	require.NoError(b, rows.Err())
	return count
}

// watchHeap raises peak to the largest heap it sees until stop is called.
func watchHeap(peak *uint64) (stop func()) {
	runtime.GC()
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			*peak = max(*peak, m.HeapInuse)
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}
