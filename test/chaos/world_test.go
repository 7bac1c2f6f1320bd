package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// TestMovingWorld: regions lag, are drained, come back and fail over, the account's document is behind, and ranges
// split and merge in phases, under a program that reads what it has written. Nothing acknowledged is lost but what a
// forced failover says, and no session unsees anything.
func TestMovingWorld(t *testing.T) {
	seed := firstSeed()
	for i := range uint64(*seeds) {
		t.Run(fmt.Sprintf("seed=%d", seed+i), func(t *testing.T) {
			t.Parallel()
			move(t, seed+i)
		})
	}
}

var regions = []string{"West US", "East US", "North Europe"}

// moving is an account in motion, and what the workers know of it.
type moving struct {
	srv   *cosmostest.Server
	made  *cosmostest.Container
	items *cosmos.Container

	failing sync.RWMutex // held by a step of a worker, and for writing by a forced failover
	mu      sync.Mutex
	known   map[string]int // what the session of a document has seen last
	unsure  map[string]int // a write whose outcome is unknown
	events  map[string]int

	lost func([]cosmostest.LostWrite) error // learns what a forced failover has lost; m.mu is held

	steps, unknown, failed atomic.Int64
	wrong, errors          []string
}

// fail notes an error; m.mu is held.
func (m *moving) fail(err error) {
	m.failed.Add(1)
	if len(m.errors) < 3 {
		m.errors = append(m.errors, err.Error())
	}
}

func (m *moving) happened(what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events[what]++
}

// newMoving starts an account of three regions whose writes take time to one another.
func newMoving(t *testing.T, seed uint64, opts ...cosmostest.Option) *moving {
	m := &moving{known: map[string]int{}, unsure: map[string]int{}, events: map[string]int{}}
	m.srv = cosmostest.RunT(t, append(opts, cosmostest.Regions(regions...), cosmostest.ReplicationSeed(seed),
		cosmostest.ReplicationDelay(time.Millisecond, 50*time.Millisecond),
		cosmostest.AccountFlap(100*time.Millisecond))...)
	m.made = m.srv.Container("/pk")
	return m
}

// client is one that prefers a region.
func (m *moving) client(t *testing.T, region string) *cosmos.Client {
	client, err := cosmos.NewClientFromConnectionString(m.srv.ConnectionString(),
		&cosmos.ClientOptions{PreferredRegions: []string{region}})
	require.NoError(t, err)
	return client
}

// run has workers take steps while the world moves, and lets it come to rest.
func (m *moving) run(t *testing.T, seed uint64, workers int, step func(w, n int, random *rand.Rand)) {
	until, stop := context.WithTimeout(t.Context(), *length)
	defer stop()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(w)))
			for n := 1; until.Err() == nil; n++ {
				step(w, n, random)
			}
		})
	}
	wg.Go(func() {
		random := rand.New(rand.NewPCG(seed, 1000))
		for until.Err() == nil {
			m.event(random)
			select {
			case <-until.Done():
			case <-time.After(time.Duration(10+random.IntN(60)) * time.Millisecond):
			}
		}
		for m.goOn() > 0 { // the workers may wait for them
		}
	})
	wg.Wait()
	require.NoError(t, m.srv.ResumeReplication("", ""))
}

// report logs how often each thing happened, and tells what was wrong.
func (m *moving) report(t *testing.T) {
	t.Logf("%d steps, %d of unknown outcome, %d failed %q; %v", m.steps.Load(), m.unknown.Load(), m.failed.Load(),
		m.errors, m.events)
	require.Empty(t, m.wrong)
	require.Positive(t, m.steps.Load())
}

func move(t *testing.T, seed uint64) {
	m := newMoving(t, seed)
	m.lost = m.forget
	client := m.client(t, "North Europe")
	defer client.Close()
	m.items = client.Database(m.made.Database).Container(m.made.ID)
	m.run(t, seed, 6, func(w, n int, random *rand.Rand) {
		m.step(t.Context(), fmt.Sprintf("%d-%d", w, random.IntN(5)), n, random.IntN(2) == 0)
	})
	m.verify(t)
	m.report(t)
}

// step writes a document and looks whether the session sees it.
func (m *moving) step(ctx context.Context, id string, n int, query bool) {
	m.failing.RLock()
	defer m.failing.RUnlock()
	m.steps.Add(1)
	_, err := m.items.UpsertItem(ctx, map[string]any{"id": id, "pk": id, "n": n})
	m.mu.Lock()
	switch {
	case err == nil:
		m.known[id] = n
		delete(m.unsure, id)
	case errors.Is(err, cosmos.ErrUnknownOutcome):
		m.unknown.Add(1)
		m.unsure[id] = n
	default:
		m.fail(err)
	}
	want, other := m.known[id], m.unsure[id]
	m.mu.Unlock()
	got := 0
	if query {
		for it, queryErr := range cosmos.Query[stored](ctx, m.items,
			"SELECT * FROM c WHERE c.id = @p1 AND c.n > 0", id) {
			got, err = it.N, queryErr
		}
	} else {
		var it stored
		it, _, err = cosmos.ReadItem[stored](ctx, m.items, id, cosmos.PartitionKey(id))
		got = it.N
	}
	switch {
	case errors.Is(err, cosmos.ErrNotFound) && want == 0:
	case err != nil && !errors.Is(err, cosmos.ErrNotFound):
		m.mu.Lock()
		m.fail(err)
		m.mu.Unlock()
	case got != want && (other == 0 || got != other):
		m.mu.Lock()
		m.wrong = append(m.wrong,
			fmt.Sprintf("%s is %d to a session that has seen %d (query: %v)", id, got, want, query))
		m.mu.Unlock()
	}
}

// event changes the world. What cannot be done now is refused, and counted.
func (m *moving) event(random *rand.Rand) {
	m.goOn()
	a, b := regions[random.IntN(3)], regions[random.IntN(3)]
	var what string
	var err error
	switch random.IntN(9) {
	case 0:
		what, err = "pause", m.srv.PauseReplication(a, b)
	case 1, 2:
		what, err = "resume", m.srv.ResumeReplication("", "")
	case 3:
		what, err = "planned failover", m.srv.MoveWriteRegion(a)
	case 4:
		what, err = "forced failover", m.force(a)
	case 5:
		what = "drain and back"
		if err = m.srv.DrainRegion(a); err == nil {
			time.Sleep(5 * time.Millisecond)
			err = m.srv.CancelDrain(a)
		}
	case 6:
		what = "removed and added"
		if err = m.srv.DrainRegion(a); err == nil {
			if err = m.srv.RemoveRegion(a); err == nil {
				err = m.srv.AddRegion(a)
			}
		}
	case 7:
		what, err = "split or merge", m.ranges(random)
	case 8:
		what, err = m.begin(random)
	}
	if err != nil {
		what += " refused"
	}
	m.happened(what)
}

// goOn moves each split and merge that is under way to its next phase. A merge that waits for a region which does not
// get its writes is taken back: nobody knows when replication goes on.
func (m *moving) goOn() (left int) {
	changes, err := m.srv.RangeChanges(m.made.Database, m.made.ID)
	if err != nil {
		m.happened(err.Error())
	}
	for _, change := range changes {
		phase, err := change.Advance()
		if err != nil && change.Cancel() == nil {
			phase = change.Phase()
		}
		m.happened("ranges " + phase.String())
		if phase < cosmostest.Done {
			left++
		}
	}
	return left
}

// begin begins a split, at a key of its own, or a merge in phases.
func (m *moving) begin(random *rand.Rand) (what string, err error) {
	ranges, err := m.srv.Ranges(m.made.Database, m.made.ID)
	if err != nil {
		return "ranges", err
	}
	if i := random.IntN(len(ranges)); len(ranges) > 4 && i > 0 {
		_, err = m.srv.BeginMerge(m.made.Database, m.made.ID, ranges[i-1].ID, ranges[i].ID)
		return "merge begun", err
	}
	id := fmt.Sprintf("%d-%d", random.IntN(6), random.IntN(5))
	key, err := m.srv.EffectivePartitionKey(m.made.Database, m.made.ID, id)
	if err != nil {
		return "ranges", err
	}
	i := slices.IndexFunc(ranges, func(r cosmostest.Range) bool { return key < r.Max })
	_, err = m.srv.BeginSplit(m.made.Database, m.made.ID, ranges[i].ID, key)
	return "split begun", err
}

func (m *moving) force(region string) error {
	for m.goOn() > 0 { // the workers may wait for them, and are waited for
	}
	m.failing.Lock()
	defer m.failing.Unlock()
	lost, err := m.srv.ForceFailover(region)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events["lost writes"] += len(lost)
	if err != nil || len(lost) == 0 {
		return err
	}
	return m.lost(lost)
}

// forget has whatever version is left of what is lost be the one that counts.
func (m *moving) forget(lost []cosmostest.LostWrite) error {
	docs, err := m.documents()
	for _, l := range lost {
		delete(m.known, l.Item)
		delete(m.unsure, l.Item)
		if n, there := docs[l.Item]; there {
			m.known[l.Item] = n
		}
	}
	return err
}

func (m *moving) ranges(random *rand.Rand) error {
	ranges, err := m.srv.Ranges(m.made.Database, m.made.ID)
	if err != nil {
		return err
	}
	if i := random.IntN(len(ranges)); len(ranges) > 6 && i > 0 {
		_, err = m.srv.Merge(m.made.Database, m.made.ID, ranges[i-1].ID, ranges[i].ID)
	} else {
		_, err = m.srv.Split(m.made.Database, m.made.ID, ranges[i].ID)
	}
	return err
}

// documents are the values that the write region has.
func (m *moving) documents() (map[string]int, error) {
	raw, err := m.srv.Documents(m.made.Database, m.made.ID)
	docs := map[string]int{}
	for _, r := range raw {
		var s stored
		if err := json.Unmarshal(r, &s); err != nil {
			return nil, err
		}
		if _, twice := docs[s.ID]; twice {
			return nil, fmt.Errorf("%s is stored twice", s.ID)
		}
		docs[s.ID] = s.N
	}
	return docs, err
}

func (m *moving) verify(t *testing.T) {
	docs, err := m.documents()
	require.NoError(t, err)
	for id, n := range m.known {
		other, unsure := m.unsure[id]
		if got := docs[id]; got != n && (!unsure || got != other) {
			m.wrong = append(m.wrong, fmt.Sprintf("%s is %d, acknowledged was %d", id, got, n))
		}
	}
}
