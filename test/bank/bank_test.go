package bank

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

var (
	seeds     = flag.Int("seeds", 1, "how many random runs through each API")
	firstSeed = flag.Uint64("seed", 1, "the first of their seeds")
	transfers = flag.Int("transfers", 400, "how many transfers a run makes")
)

const (
	containers = 4
	accounts   = 1000
	group      = 20 // accounts between which money moves: as many as a reader reads at one moment
	deposit    = 100
	workers    = 8
)

// account is a document: its id, its partition key and what it holds.
type account struct {
	ID      string `json:"id"`
	Owner   string `json:"owner"`
	Balance int    `json:"balance"`
}

// transfer is the document that a transfer leaves in its journal.
type transfer struct {
	ID     string `json:"id"`
	Owner  string `json:"owner"` // partition key
	From   int    `json:"from"`
	To     int    `json:"to"`
	Amount int    `json:"amount"`
}

func accountID(i int) string      { return fmt.Sprint("account ", i) }
func ownerOf(i int) string        { return fmt.Sprint("owner ", i%97) }
func containerOf(i int) string    { return fmt.Sprint("c", i%containers) }
func journalOf(i transfer) string { return containerOf(i.From + 1) } // another one than the account's

// teller is a process that moves money. It may be ended at any time.
type teller interface {
	// move makes a transfer. It returns an error of kind errRefused if the account has too little.
	move(ctx context.Context, t transfer) error
	// end ends the process, with what it has in flight.
	end()
}

var errRefused = errors.New("too little money")

// report is what a teller said of a transfer.
type report struct {
	transfer
	err error
}

// run is one run of the bank.
type run struct {
	t      *testing.T
	srv    *cosmostest.Server
	client *cosmos.Client // without faults
	open   func() teller
	random *rand.Rand
	mu     sync.Mutex // guards random

	reports   []report
	snapshots atomic.Int64
}

func (r *run) intn(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.random.IntN(n)
}

func (r *run) container(id string) *cosmos.Container { return r.client.Database("bank").Container(id) }

// newRun starts a server with the accounts. 4 containers of 4 partitions are 16 ranges.
func newRun(t *testing.T, seed uint64) *run {
	t.Helper()
	srv := cosmostest.RunT(t, cosmostest.Partitions(4), cosmostest.DistributedTransactions())
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	r := &run{t: t, srv: srv, client: client, random: rand.New(rand.NewPCG(seed, 0))}
	_, err = client.CreateDatabase(t.Context(), "bank")
	require.NoError(t, err)
	for c := range containers {
		_, err := client.Database("bank").CreateContainer(t.Context(), cosmos.ContainerProperties{
			ID: containerOf(c), PartitionKey: cosmos.PartitionKeyPaths("/owner"),
		})
		require.NoError(t, err)
		for res := range r.container(containerOf(c)).CreateMany(t.Context(), func(yield func(any) bool) {
			for i := c; i < accounts; i += containers {
				if !yield(account{accountID(i), ownerOf(i), deposit}) {
					return
				}
			}
		}) {
			require.NoError(t, res.Err)
		}
	}
	return r
}

// misbehave breaks about one request in eight.
func (r *run) misbehave() (end func()) {
	const ms = time.Millisecond
	kinds := []cosmostest.Fault{
		{Cut: cosmostest.CutBefore}, {Cut: cosmostest.CutAfter}, {Cut: cosmostest.CutBody},
		{Status: 408, RetryAfter: 5 * ms}, {Status: 449, SubStatus: 5352, RetryAfter: 5 * ms},
		{Status: 429, SubStatus: 3200, RetryAfter: 5 * ms}, {Status: 500, SubStatus: 5411},
		{Status: 500, SubStatus: 5412}, {Status: 500, SubStatus: 5413}, {Status: 503}, {Delay: 5 * ms},
	}
	ends := make([]func(), len(kinds))
	for i, f := range kinds {
		on := cosmostest.On(cosmostest.CommitTransaction, cosmostest.ReadTransaction)
		f.Match = func(q cosmostest.Request) bool { return on(q) && r.intn(8*len(kinds)) == 0 }
		ends[i] = r.srv.Inject(f)
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}
}

// work moves money until all transfers are made. Now and then its process ends and another one begins.
func (r *run) work(ctx context.Context, next *atomic.Int64) {
	teller := r.open()
	defer func() { teller.end() }()
	for {
		n := next.Add(1)
		if n > int64(*transfers) {
			return
		}
		first := r.intn(accounts/group) * group
		t := transfer{ID: fmt.Sprint("transfer ", n), From: first + r.intn(group), Amount: 1 + r.intn(deposit)}
		t.To = first + (t.From-first+1+r.intn(group-1))%group
		t.Owner = ownerOf(t.From + 7)
		ctx, cancel := context.WithCancel(ctx)
		if r.intn(50) == 0 {
			stop := time.AfterFunc(time.Duration(r.intn(2000))*time.Microsecond, func() { cancel(); teller.end() })
			err := teller.move(ctx, t)
			stop.Stop()
			r.note(report{t, err})
			teller.end()
			teller = r.open()
		} else {
			r.note(report{t, teller.move(ctx, t)})
		}
		cancel()
	}
}

func (r *run) note(rep report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reports = append(r.reports, rep)
}

// audit reads the accounts of a group as they are at one moment: their sum never changes.
func (r *run) audit(ctx context.Context) {
	first := r.intn(accounts/group) * group
	tx := r.client.NewTransaction()
	for i := first; i < first+group; i++ {
		require.NoError(r.t,
			tx.Add(ctx, r.container(containerOf(i)), cosmos.OpRead(accountID(i), cosmos.PartitionKey(ownerOf(i)))))
	}
	resp, err := tx.Read(ctx)
	if err != nil {
		require.NotErrorIs(r.t, err, cosmos.ErrUnknownOutcome)
		return
	}
	sum := 0
	for _, res := range resp.Results {
		var a account
		require.NoError(r.t, json.Unmarshal(res.Body, &a))
		require.GreaterOrEqual(r.t, a.Balance, 0)
		sum += a.Balance
	}
	require.Equal(r.t, group*deposit, sum, "a reader saw half of a transaction")
	r.snapshots.Add(1)
}

// verify holds what was reported against what is stored.
func (r *run) verify(t *testing.T) {
	done := map[string]transfer{}
	balances := map[string]int{}
	for c := range containers {
		for raw, err := range r.container(containerOf(c)).Items(t.Context()) {
			require.NoError(t, err)
			var doc struct {
				account
				From, To, Amount int
			}
			require.NoError(t, json.Unmarshal(raw, &doc))
			if doc.Amount == 0 {
				balances[doc.ID] = doc.Balance
				continue
			}
			require.NotContains(t, done, doc.ID)
			done[doc.ID] = transfer{doc.ID, doc.Owner, doc.From, doc.To, doc.Amount}
		}
	}
	want := map[string]int{}
	for i := range accounts {
		want[accountID(i)] = deposit
	}
	for _, d := range done {
		want[accountID(d.From)] -= d.Amount
		want[accountID(d.To)] += d.Amount
	}
	require.Equal(t, want, balances, "every transfer of the journal was applied once, and nothing else")
	kinds := map[string]int{}
	for _, rep := range r.reports {
		_, executed := done[rep.ID]
		switch {
		case rep.err == nil:
			require.True(t, executed, "%s was reported as done", rep.ID)
			kinds["done"]++
		case errors.Is(rep.err, cosmos.ErrUnknownOutcome):
			kinds["unknown"]++
		case errors.Is(rep.err, errRefused):
			require.False(t, executed, "%s was refused: %v", rep.ID, rep.err)
			kinds["refused"]++
		default:
			require.False(t, executed, "%s was reported as failed: %v", rep.ID, rep.err)
			kinds["failed"]++
		}
	}
	require.Len(t, r.reports, *transfers)
	require.Positive(t, r.snapshots.Load())
	t.Logf("%d transfers: %v; %d snapshots, %d commits, %d splits", *transfers, kinds, r.snapshots.Load(),
		r.srv.Count(cosmostest.CommitTransaction), r.splits())
}

// splits is how many ranges there are beyond those of the beginning.
func (r *run) splits() (n int) {
	for c := range containers {
		ranges, err := r.srv.Ranges("bank", containerOf(c))
		require.NoError(r.t, err)
		n += len(ranges) - 4
	}
	return n
}

// split splits a random range, up to twice the ranges of the beginning.
func (r *run) split() {
	c := containerOf(r.intn(containers))
	ranges, err := r.srv.Ranges("bank", c)
	require.NoError(r.t, err)
	if len(ranges) < 8 {
		_, err = r.srv.Split("bank", c, ranges[r.intn(len(ranges))].ID)
		require.NoError(r.t, err)
	}
}

// bank makes the transfers of one seed.
func bank(t *testing.T, seed uint64, open func(*run) teller) {
	r := newRun(t, seed)
	r.open = func() teller { return open(r) }
	end := r.misbehave()
	var tellers sync.WaitGroup
	var next atomic.Int64
	for range workers {
		tellers.Go(func() { r.work(t.Context(), &next) })
	}
	over := make(chan struct{})
	go func() { tellers.Wait(); close(over) }()
	for running := true; running; {
		select {
		case <-over:
			running = false
		default:
			r.audit(t.Context())
			if r.intn(20) == 0 {
				r.split()
			}
		}
	}
	end()
	r.audit(t.Context())
	r.verify(t)
}

func TestBank(t *testing.T) {
	for name, open := range map[string]func(*run) teller{"cosmos": openClient, "sql": openSQL} {
		for seed := *firstSeed; seed < *firstSeed+uint64(*seeds); seed++ {
			t.Run(fmt.Sprintf("%s/seed=%d", name, seed), func(t *testing.T) {
				t.Parallel()
				bank(t, seed, open)
			})
		}
	}
}
