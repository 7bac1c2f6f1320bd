package chaos

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"
)

var (
	seeds  = flag.Int("seeds", 1, "how many storms to run")
	length = flag.Duration("for", 2*time.Second, "how long each lasts")
	first  = flag.Uint64("seed", 0, "the seed of the first storm; 0 takes the time")
	// A storm alone keeps about half a core busy; of ten on two cores each still makes some 5,000 operations a minute.
	together = flag.Int("together", 5*runtime.GOMAXPROCS(0),
		"how many storms run at once, each with a server of its own")
)

// The JavaScript engine's clock for regular expressions ends by itself, seconds after the last of them.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// firstSeed is the seed of the first storm.
func firstSeed() uint64 {
	if *first != 0 {
		return *first
	}
	return uint64(time.Now().UnixNano())
}

func TestChaos(t *testing.T) {
	seed := firstSeed()
	require.Positive(t, *together)
	// Not t.Parallel, which -parallel bounds by the number of cores: a storm mostly waits for its faults.
	var total tally
	var group errgroup.Group
	group.SetLimit(*together)
	for i := range uint64(*seeds) {
		group.Go(func() error {
			t.Run(fmt.Sprintf("seed=%d", seed+i), func(t *testing.T) { total.add(storm(t, seed+i)) })
			return nil
		})
	}
	require.NoError(t, group.Wait())
	t.Logf("all %d storms, %d at once: %s", *seeds, *together, &total)
}

const (
	workers  = 16
	counters = 4
)

// tally counts what a storm did.
type tally struct {
	operations, succeeded, unknown, refused, failed, faults, moves atomic.Int64
}

func (c *tally) String() string {
	return fmt.Sprintf(
		"%d operations: %d succeeded, %d of unknown outcome, %d refused, %d failed; %d faults, %d splits and merges",
		c.operations.Load(), c.succeeded.Load(), c.unknown.Load(), c.refused.Load(), c.failed.Load(), c.faults.Load(),
		c.moves.Load())
}

func (c *tally) add(o *tally) {
	c.operations.Add(o.operations.Load())
	c.succeeded.Add(o.succeeded.Load())
	c.unknown.Add(o.unknown.Load())
	c.refused.Add(o.refused.Load())
	c.failed.Add(o.failed.Load())
	c.faults.Add(o.faults.Load())
	c.moves.Add(o.moves.Load())
}

// world is what all workers share.
type world struct {
	srv    *cosmostest.Server
	client *cosmos.Client
	db     *sql.DB
	books  *cosmos.Container
	made   *cosmostest.Container

	acknowledged, unsure [counters]atomic.Int64 // increments of the shared counters

	tally

	mu         sync.Mutex
	violations []string
}

// table is the container's name in a statement.
func (w *world) table() string { return `"` + w.made.ID + `"` }

// violation notes that a report was not true.
func (w *world) violation(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.violations = append(w.violations, fmt.Sprintf(format, args...))
}

// note counts the outcome of an operation.
func (w *world) note(err error) {
	w.operations.Add(1)
	switch {
	case err == nil:
		w.succeeded.Add(1)
	case errors.Is(err, cosmos.ErrUnknownOutcome):
		w.unknown.Add(1)
	case errors.As(err, new(*cosmos.Error)):
		w.refused.Add(1)
	default:
		w.failed.Add(1)
	}
}

func storm(t *testing.T, seed uint64) *tally {
	w := &world{srv: cosmostest.RunT(t)}
	w.made = w.srv.Container("/pk")
	var err error
	w.client, err = cosmos.NewClientFromConnectionString(w.srv.ConnectionString(), &cosmos.ClientOptions{
		RequestTimeout: 5 * time.Second, MaxThrottleWait: 3 * time.Second,
	})
	require.NoError(t, err)
	w.db = sql.OpenDB(driver.NewConnector(w.client, driver.Config{Database: w.made.Database, Container: w.made.ID}))
	w.books = w.client.Database(w.made.Database).Container(w.made.ID)
	for i := range counters {
		_, err := w.books.CreateItem(t.Context(), map[string]any{"id": counterID(i), "pk": counterID(i), "n": 0})
		require.NoError(t, err)
	}
	list := make([]*worker, workers)
	for i := range list {
		list[i] = newWorker(w, i, seed)
		list[i].fillGroup(t)
	}

	end := w.srv.Storm(cosmostest.Storm{Seed: seed, Rate: 0.12})
	until, stop := context.WithTimeout(t.Context(), *length)
	defer stop()
	var wg sync.WaitGroup
	for _, worker := range list {
		wg.Go(func() {
			for until.Err() == nil {
				worker.step(t.Context())
			}
		})
	}
	wg.Go(func() { w.topology(until, rand.New(rand.NewPCG(seed, 1000))) })
	feed := &follower{feed: w.books.ChangeFeed(), last: map[string]string{}}
	wg.Go(func() { feed.follow(until) })
	wg.Wait()
	w.faults.Store(int64(end()))
	// What a client has given up may still be on its way to the store.
	time.Sleep(300 * time.Millisecond)
	feed.catchUp(t)
	require.NoError(t, w.db.Close())
	require.NoError(t, w.client.Close())
	w.verify(t, list, feed)
	t.Log(&w.tally)
	for i, v := range w.violations {
		if i == 20 {
			t.Errorf("… and %d more", len(w.violations)-i)
			break
		}
		t.Error(v)
	}
	require.Positive(t, w.succeeded.Load())
	return &w.tally
}

func counterID(i int) string { return fmt.Sprintf("counter-%d", i) }

// topology splits and merges partitions.
func (w *world) topology(ctx context.Context, random *rand.Rand) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(200+random.IntN(1500)) * time.Millisecond):
		}
		ranges, err := w.srv.Ranges(w.made.Database, w.made.ID)
		if err != nil {
			w.violation("reading the ranges: %v", err)
			return
		}
		i := random.IntN(len(ranges))
		if len(ranges) > 8 || i > 0 && random.IntN(2) == 0 {
			i = max(i, 1)
			_, err = w.srv.Merge(w.made.Database, w.made.ID, ranges[i-1].ID, ranges[i].ID)
		} else {
			_, err = w.srv.Split(w.made.Database, w.made.ID, ranges[i].ID)
		}
		if err == nil {
			w.moves.Add(1)
		}
	}
}

// stored is a document as the server has it, read past the faults.
type stored struct {
	ID, PK, V string
	N         int
}

func (s stored) String() string { return fmt.Sprintf("%s n=%d", s.V, s.N) }

// verify holds what the server stores against what the calls have reported.
func (w *world) verify(t *testing.T, list []*worker, feed *follower) {
	raw, err := w.srv.Documents(w.made.Database, w.made.ID)
	require.NoError(t, err)
	docs := map[string]stored{}
	for _, r := range raw {
		var s stored
		require.NoError(t, json.Unmarshal(r, &s))
		if _, twice := docs[s.ID]; twice {
			w.violation("%s is stored twice", s.ID)
		}
		docs[s.ID] = s
		if last := feed.last[s.ID]; last != s.String() {
			w.violation("the change feed's last version of %s is %q, stored is %q", s.ID, last, s)
		}
	}
	for i := range counters {
		n := int64(docs[counterID(i)].N)
		if low, high := w.acknowledged[i].Load(), w.acknowledged[i].Load()+w.unsure[i].Load(); n < low || n > high {
			w.violation("counter %d is %d, but %d increments were acknowledged and %d more may have been made", i, n,
				low, high-low)
		}
		delete(docs, counterID(i))
	}
	for _, worker := range list {
		worker.verify(docs)
	}
	for id := range docs {
		w.violation("%s is stored, and nobody wrote it", id)
	}
}

// follower reads the change feed while the storm lasts.
type follower struct {
	feed *cosmos.ChangeFeed
	last map[string]string // by id
}

func (f *follower) take(page *cosmos.Page) {
	for _, item := range page.Items {
		var s stored
		if json.Unmarshal(item, &s) == nil {
			f.last[s.ID] = s.String()
		}
	}
}

func (f *follower) follow(ctx context.Context) {
	for ctx.Err() == nil {
		page, err := f.feed.Next(ctx)
		if err == nil {
			f.take(page)
		} else {
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}

func (f *follower) catchUp(t *testing.T) {
	for {
		page, err := f.feed.Next(t.Context())
		if err == io.EOF {
			return
		}
		require.NoError(t, err, "nothing disturbs the feed any more")
		f.take(page)
	}
}
