package script_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

// disputed is a server where a conflict over each of n carts, of 2 items and of 3, waits for who looks at them next, so
// that the procedure with a body decides it.
func disputed(t *testing.T, n int, body string, options ...cosmostest.Option) (
	srv *cosmostest.Server, carts []*cosmos.Container,
) {
	t.Helper()
	srv, carts = twoRegions(t, "decide", options...)
	world{carts[0], t}.procedure("decide", body)
	require.NoError(t, srv.PauseReplication("", ""))
	for i := range n {
		id := fmt.Sprint("cart", i)
		for region, items := range []int{2, 3} {
			_, err := carts[region].UpsertItem(t.Context(), cart{id, id, items, ""})
			require.NoError(t, err)
		}
	}
	require.NoError(t, srv.ResumeReplication("", ""))
	return srv, carts
}

// outcome is what a server saves of the disputed carts: how many items each has, and of which the feed has a conflict.
func outcome(t *testing.T, srv *cosmostest.Server) (items map[string]int, conflicts map[string]int) {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, srv.Dump(&text))
	var saved struct {
		Databases []struct {
			ID         string
			Containers []struct {
				Documents []cart
				Conflicts []struct{ Content string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(text.Bytes(), &saved))
	items, conflicts = map[string]int{}, map[string]int{}
	for _, d := range saved.Databases {
		if d.ID != "shop" {
			continue
		}
		for _, c := range d.Containers[0].Documents {
			items[c.ID] = c.Items
		}
		for _, x := range d.Containers[0].Conflicts {
			var c cart
			require.NoError(t, json.Unmarshal([]byte(x.Content), &c))
			conflicts[c.ID]++
		}
	}
	return items, conflicts
}

// Closing a server ends the conflict procedure that runs, whoever's request runs it, and nothing of it stays: the
// conflict is in the feed that is saved.
func TestClosingEndsAConflictProcedure(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(srv *cosmostest.Server, c *cosmos.Container) error{
		"a request's": func(_ *cosmostest.Server, c *cosmos.Container) error {
			_, err := c.ReadItem(context.Background(), "cart0", cosmos.PartitionKey("cart0"))
			return err
		},
		"that of who looks at the documents": func(srv *cosmostest.Server, _ *cosmos.Container) error {
			_, err := srv.Documents("shop", "carts")
			return err
		},
		"that of who saves them": func(srv *cosmostest.Server, _ *cosmos.Container) error {
			return srv.Dump(io.Discard)
		},
		"that of a fault's hook": func(srv *cosmostest.Server, c *cosmos.Container) error {
			srv.Inject(cosmostest.Fault{Match: func(cosmostest.Request) bool {
				srv.Documents("shop", "carts")
				return false
			}})
			_, err := c.ReadItem(context.Background(), "none", cosmos.PartitionKey("none"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var looks atomic.Int64 // at the clock
			running := make(chan struct{})
			srv, carts := disputed(t, 1, `function (incoming) {
				__.upsertDocument(__.getSelfLink(), incoming, function () { for (;;) new Date(); });
			}`, script.JavaScript(script.Timeout(time.Hour), script.Memory(math.MaxInt)),
				cosmostest.Clock(func() time.Time {
					if looks.Add(1) == 10_000 { // as nothing but the procedure does
						close(running)
					}
					return time.Now()
				}))
			over := make(chan error, 1)
			go func() { over <- look(srv, carts[0]) }()
			select {
			case <-running:
			case err := <-over:
				require.FailNow(t, "the procedure has ended", "%v", err)
			}
			srv.Close()
			err := <-over
			require.Equal(t, name == "a request's" || name == "that of a fault's hook", err != nil, "%v", err)
			items, conflicts := outcome(t, srv)
			require.Equal(t, map[string]int{"cart0": 2}, items)
			require.Equal(t, map[string]int{"cart0": 1}, conflicts)
		})
	}
}

// Whatever happens at the same time, conflicts, faults whose hooks look at the documents themselves, loading, saving
// and in the end closing: each conflict is decided once, or in the feed that is saved.
func TestConflictProceduresWhileTheServerIsLoadedAndClosed(t *testing.T) {
	t.Parallel()
	const n = 20
	srv, carts := disputed(t, n, `function (incoming, existing, deleted, others) {
		others.forEach(function (d) {
			incoming.items += d.items;
			__.deleteDocument(d._self, {}, function (err) { if (err) throw err; });
		});
		__.createDocument(__.getSelfLink(), incoming, function (err) { if (err) throw err; });
	}`, script.JavaScript())
	for _, f := range []cosmostest.Fault{
		{Match: func(cosmostest.Request) bool { srv.Documents("shop", "carts"); return false }},
		{Match: every(3), Delay: time.Millisecond},
		{Match: every(5), Status: http.StatusServiceUnavailable, Afterwards: true},
		{Match: every(7), Cut: cosmostest.CutAfter},
		{Match: every(11), Hold: func(context.Context) { srv.Documents("shop", "carts") }},
		{Match: every(13), Times: 1, Hold: func(ctx context.Context) { <-ctx.Done() }}, // until the server ends
	} {
		srv.Inject(f)
	}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	// enough is told of what has been done; busy is closed when that is enough for the end to come.
	var steps atomic.Int64
	busy := make(chan struct{})
	enough := func(step int64) {
		if n := steps.Add(step); n >= 1000 && n-step < 1000 {
			close(busy)
		}
	}
	for region := range 2 {
		for worker := range 2 {
			all.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					id := fmt.Sprint("cart", (i*7+worker*31)%n)
					carts[region].ReadItem(ctx, id, cosmos.PartitionKey(id))
					other := fmt.Sprint("other", region, worker, i%5)
					carts[region].UpsertItem(ctx, cart{other, other, i, ""})
					enough(20)
				}
			})
		}
	}
	all.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			text := fmt.Sprintf(`{"databases":[{"id":"loaded%d","containers":[{"id":"c",
				"partitionKey":{"paths":["/pk"]},"documents":[{"id":"1","pk":"p"}],
				"conflictResolutionPolicy":{"mode":"Custom","conflictResolutionProcedure":"decide"},
				"sprocs":[{"id":"decide","body":"function () {}"}]}]}]}`, i)
			if err := srv.Load([]byte(text)); err != nil {
				t.Error(err)
			}
			if err := srv.Dump(io.Discard); err != nil {
				t.Error(err)
			}
			enough(100)
		}
	})
	var ids []string // of carts that both regions have made
	for i := range n {
		ids = append(ids, fmt.Sprint("cart", i))
	}
	all.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			id := fmt.Sprint("new", i)
			srv.PauseReplication("", "")
			_, near := carts[0].CreateItem(ctx, cart{id, id, 2, ""})
			_, far := carts[1].CreateItem(ctx, cart{id, id, 3, ""})
			srv.ResumeReplication("", "")
			if near == nil && far == nil {
				ids = append(ids, id)
			}
			enough(20)
		}
	})
	<-busy
	srv.Close()
	stop()
	all.Wait()
	items, conflicts := outcome(t, srv)
	for _, id := range ids {
		if conflicts[id] == 0 {
			require.Equal(t, 5, items[id], id)
		} else {
			require.Equal(t, []int{2, 1}, []int{items[id], conflicts[id]}, id)
		}
	}
}

// every matches each n-th request.
func every(n int64) func(cosmostest.Request) bool {
	var seen atomic.Int64
	return func(cosmostest.Request) bool { return seen.Add(1)%n == 0 }
}
