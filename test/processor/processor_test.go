// Package processor holds the change feed processor to its promises in the way it is used: several processes that are
// killed and started again while ranges are split and merged under them.
package processor

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

var (
	changes = flag.Int("changes", 3000, "how many changes are written")
	seed    = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the moments at which processes die")
)

const (
	writers   = 16
	processes = 3
	workers   = 2 // processors of each process
	documents = 500
	account   = "PROCESSOR_TEST_ACCOUNT" // connection string, given to the processes that this test starts
	logFile   = "PROCESSOR_TEST_LOG"
)

// TestMain is the process of the workers where the test has started it as such.
func TestMain(m *testing.M) {
	if os.Getenv(account) != "" {
		if err := work(os.Getenv(account), os.Getenv(logFile)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

// work handles changes until it is killed. A line of the log is the time, document and version of a change that was
// handled.
func work(connection, path string) error {
	client, err := cosmos.NewClientFromConnectionString(connection, nil)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	handle := func(_ context.Context, c *cosmos.Changes) error {
		var lines strings.Builder
		for _, item := range c.Items {
			var doc struct {
				ID string
				N  int
			}
			if err := json.Unmarshal(item, &doc); err != nil {
				return err
			}
			fmt.Fprintln(&lines, time.Now().UnixNano(), doc.ID, doc.N)
		}
		mu.Lock()
		defer mu.Unlock()
		_, err := file.WriteString(lines.String())
		return err
	}
	shop := client.Database("shop")
	var group sync.WaitGroup
	for n := range workers {
		opts := &cosmos.ProcessorOptions{
			Instance: fmt.Sprintf("%d-%d", os.Getpid(), n), FromBeginning: true, PageSize: 50,
			PollInterval: 20 * time.Millisecond, AcquireInterval: 200 * time.Millisecond,
			RenewInterval: 300 * time.Millisecond, LeaseExpiration: 3 * time.Second,
		}
		group.Go(func() {
			err := shop.Container("orders").ChangeFeedProcessor(shop.Container("leases"), handle, opts).
				Run(context.Background())
			fmt.Fprintln(os.Stderr, err)
		})
	}
	group.Wait()
	return nil
}

// TestProcessesThatDie: 16 writers, 6 workers in 3 processes that are killed and started again at random, 3 splits and
// a merge. Every document's last version is handled, no version is seen for the first time after a later one, and the
// leases are shared evenly soon after the last death.
func TestProcessesThatDie(t *testing.T) {
	t.Logf("seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	srv := cosmostest.NewServer(cosmostest.Partitions(6))
	defer srv.Close()
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	ctx := t.Context()
	_, err = client.CreateDatabase(ctx, "shop")
	require.NoError(t, err)
	shop := client.Database("shop")
	for id, key := range map[string]string{"orders": "/pk", "leases": "/id"} {
		_, err = shop.CreateContainer(ctx,
			cosmos.ContainerProperties{ID: id, PartitionKey: cosmos.PartitionKeyPaths(key)})
		require.NoError(t, err)
	}
	orders, leases := shop.Container("orders"), shop.Container("leases")

	log := filepath.Join(t.TempDir(), "handled")
	// of all processes: data races, panics, failures
	complaints, err := os.Create(filepath.Join(t.TempDir(), "complaints"))
	require.NoError(t, err)
	defer complaints.Close()
	running := make([]*exec.Cmd, processes)
	start := func(n int) {
		running[n] = exec.Command(os.Args[0])
		running[n].Env = append(os.Environ(), account+"="+srv.ConnectionString(), logFile+"="+log)
		running[n].Stderr = complaints
		require.NoError(t, running[n].Start())
	}
	kill := func(n int) {
		require.NoError(t, running[n].Process.Kill())
		_ = running[n].Wait() // says that it was killed
	}
	for n := range running {
		start(n)
		defer func() { kill(n) }()
	}
	defer func() {
		text, err := os.ReadFile(complaints.Name())
		require.NoError(t, err)
		require.Empty(t, string(text))
	}()

	// Each writer has documents of its own, so that it knows their last versions.
	last := make([]map[string]int, writers)
	var writing sync.WaitGroup
	written := make(chan struct{})
	for w := range writers {
		last[w] = map[string]int{}
		own := rand.New(rand.NewPCG(*seed, uint64(w+1)))
		writing.Go(func() {
			for n := range *changes / writers {
				id := fmt.Sprintf("%d-%d", w, own.IntN(documents/writers))
				doc := map[string]any{"id": id, "pk": "p" + id, "n": n + 1}
				if _, err := orders.UpsertItem(ctx, doc, cosmos.ContentResponse(false)); err != nil {
					t.Errorf("writing %s: %v", id, err)
					return
				}
				last[w][id] = n + 1
			}
		})
	}
	go func() { writing.Wait(); close(written) }()

	deaths, splits, merges := 0, 0, 0
	for done := false; !done || merges == 0; {
		select {
		case <-written:
			done = true
			time.Sleep(100 * time.Millisecond)
		case <-time.After(time.Duration(300+random.IntN(500)) * time.Millisecond):
		}
		ranges, err := srv.Ranges("shop", "orders")
		require.NoError(t, err)
		switch {
		case splits < 3:
			_, err = srv.Split("shop", "orders", ranges[random.IntN(len(ranges))].ID)
			splits++
		case merges == 0:
			_, err = srv.Merge("shop", "orders", ranges[2].ID, ranges[3].ID)
			merges++
		}
		require.NoError(t, err)
		n := random.IntN(processes)
		kill(n)
		start(n)
		deaths++
	}

	handled := map[string]map[int]int64{} // when each version of a document was first handled
	total := 0
	complete := func() bool {
		handled, total = read(t, log)
		for _, docs := range last {
			for id, n := range docs {
				if handled[id][n] == 0 {
					return false
				}
			}
		}
		return true
	}
	require.Eventually(t, complete, 2*time.Minute, 100*time.Millisecond, "not every last version was handled")
	first := 0
	for id, versions := range handled {
		var numbers []int
		for n := range versions {
			numbers = append(numbers, n)
		}
		first += len(numbers)
		slices.Sort(numbers)
		for i := 1; i < len(numbers); i++ {
			require.LessOrEqual(t, versions[numbers[i-1]], versions[numbers[i]],
				"version %d of %s came after version %d", numbers[i-1], id, numbers[i])
		}
	}

	var owners map[string]int
	balanced := func() bool {
		owners = map[string]int{}
		all := readLeases(t, leases)
		for _, l := range all {
			if l.owner != "" {
				owners[l.owner]++
			}
		}
		most, least := 0, math.MaxInt
		for _, n := range owners {
			most, least = max(most, n), min(least, n)
		}
		return len(owners) == processes*workers && most-least <= 1 && cover(all)
	}
	require.Eventually(t, balanced, 20*time.Second, 50*time.Millisecond,
		"the leases are not shared evenly: %v", &owners)
	t.Logf("%d changes of %d documents, %d splits, %d merges, %d deaths; handled %d times, %d of them again",
		*changes, len(handled), splits, merges, deaths, total, total-first)
}

// read returns when each version of each document was first handled, and how often any was.
func read(t *testing.T, path string) (map[string]map[int]int64, int) {
	t.Helper()
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, 0
	}
	require.NoError(t, err)
	defer file.Close()
	handled, total := map[string]map[int]int64{}, 0
	for scanner := bufio.NewScanner(file); scanner.Scan(); total++ {
		var at int64
		var id string
		var n int
		if _, err := fmt.Sscan(scanner.Text(), &at, &id, &n); err != nil {
			continue // cut off by the death of its process
		}
		if handled[id] == nil {
			handled[id] = map[int]int64{}
		}
		if first := handled[id][n]; first == 0 || at < first {
			handled[id][n] = at
		}
	}
	return handled, total
}
