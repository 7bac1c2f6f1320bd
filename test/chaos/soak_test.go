package chaos

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/require"
)

var soak = flag.Duration("soak", time.Second, "how long TestSoak keeps up an even load")

// usage is what a process holds.
type usage struct {
	heap       uint64 // bytes that are live
	goroutines int
	files      int // open descriptors, -1 where they cannot be counted
}

func measure() usage {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u := usage{heap: m.HeapAlloc, goroutines: runtime.NumGoroutine(), files: -1}
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		u.files = len(list)
	}
	return u
}

// TestSoak keeps up a load of reads, writes, queries, bulks and cancelled calls on a set of documents that does not
// grow: the memory that client and server hold after the first tenth of the time is what they hold at the end, and
// neither leaves a goroutine or a file behind.
func TestSoak(t *testing.T) {
	srv := cosmostest.RunT(t)
	made := srv.Container("/pk")
	hc := rest.NewHTTPClient(false, 0) // as the client would make it
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), &cosmos.ClientOptions{HTTPClient: hc})
	require.NoError(t, err)
	defer client.Close()
	db := sql.OpenDB(driver.NewConnector(client, driver.Config{Database: made.Database, Container: made.ID}))
	defer db.Close()
	books := client.Database(made.Database).Container(made.ID)
	turn := func(worker, i int) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if i%14 == 0 {
			ctx, cancel = context.WithTimeout(ctx, time.Duration(i%5)*time.Millisecond)
			defer cancel()
		}
		id, pk := fmt.Sprintf("%d-%d", worker, i%100), fmt.Sprint(i%10)
		_, _ = books.UpsertItem(ctx, map[string]any{"id": id, "pk": pk, "n": i})
		_, _ = books.ReadItem(ctx, id, cosmos.PartitionKey(pk))
		if i%10 == 0 {
			for range cosmos.Query[stored](ctx, books, "SELECT TOP 50 * FROM c WHERE c.n > @n ORDER BY c.n",
				cosmos.Parameter{Name: "@n", Value: i}) {
			}
			_, _ = db.ExecContext(ctx, fmt.Sprintf(`UPDATE %q SET n = n + 1 WHERE id = ? AND pk = ?`, made.ID), id, pk)
			for range books.UpsertMany(ctx,
				cosmos.Each([]map[string]string{{"id": id, "pk": pk}, {"id": id + "b", "pk": pk}})) {
			}
		}
		_, _ = books.DeleteItem(ctx, id, cosmos.PartitionKey(pk))
	}
	rounds := 0
	load := func(d time.Duration) {
		until := time.Now().Add(d)
		var wg sync.WaitGroup
		from := rounds
		for w := range 8 {
			wg.Go(func() {
				for i := from; time.Now().Before(until); i++ {
					turn(w, i)
				}
			})
		}
		wg.Wait()
		rounds = from + 1000
	}
	// How many connections wait for their next request depends on chance: what is left without them does not.
	hc.CloseIdleConnections()
	start := measure()
	settle := func() (u usage) {
		require.Eventually(t, func() bool {
			hc.CloseIdleConnections()
			u = measure()
			return u.goroutines <= start.goroutines+2 && u.files <= start.files+2
		}, 20*time.Second, 10*time.Millisecond, "at rest after %+v, now %+v", start, &u)
		return u
	}
	load(max(*soak/10, 300*time.Millisecond))
	before := settle()
	load(*soak)
	after := settle()
	t.Logf("start %+v, before %+v, after %v %+v", start, before, *soak, after)
	require.Less(t, after.heap, before.heap+before.heap/2+8<<20, "live heap")
}
