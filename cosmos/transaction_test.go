package cosmos_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// warehouse is a server with distributed transactions, a container orders in one database and a container stock in
// another.
func warehouse(t testing.TB, opts ...cosmostest.Option) (srv *cosmostest.Server, client *cosmos.Client, orders,
	stock *cosmos.Container) {
	t.Helper()
	srv = cosmostest.RunT(t, append(opts, cosmostest.DistributedTransactions(), cosmostest.Data(
		cosmostest.Database{ID: "sales",
			Containers: []cosmostest.ContainerData{{ID: "orders", PartitionKey: []string{"/customer"}}}},
		cosmostest.Database{ID: "warehouse",
			Containers: []cosmostest.ContainerData{{ID: "stock", PartitionKey: []string{"/kind"}, Documents: []any{
				map[string]any{"id": "bolt", "kind": "hardware", "count": 10},
				map[string]any{"id": "nut", "kind": "hardware", "count": 10}}}}}))...)
	client = connect(t, srv, nil)
	return srv, client, client.Database("sales").Container("orders"), client.Database("warehouse").Container("stock")
}

func count(t testing.TB, stock *cosmos.Container, id string) int {
	t.Helper()
	v, _, err := cosmos.ReadItem[struct{ Count int }](t.Context(), stock, id, cosmos.PartitionKey("hardware"))
	require.NoError(t, err)
	return v.Count
}

func takes(id string, n int) cosmos.Operation {
	return cosmos.OpPatch(id, []cosmos.PatchOperation{cosmos.PatchIncrement("/count", -n)},
		cosmos.PartitionKey("hardware"), cosmos.PatchCondition(fmt.Sprintf("from s where s.count >= %d", n)))
}

func order42(id string) cosmos.Operation {
	return cosmos.OpCreate(map[string]any{"id": id, "customer": "ada", "item": "bolt"})
}

func add(t testing.TB, tx *cosmos.Transaction, c *cosmos.Container, ops ...cosmos.Operation) {
	t.Helper()
	require.NoError(t, tx.Add(t.Context(), c, ops...))
}

func TestTransactionCommit(t *testing.T) {
	t.Parallel()
	srv, client, orders, stock := warehouse(t)
	ctx := t.Context()
	_, err := orders.CreateItem(ctx, map[string]any{"id": "draft", "customer": "bob"})
	require.NoError(t, err)
	var st cosmos.Stats
	tx := client.NewTransaction()
	add(t, tx, stock, takes("bolt", 3), takes("nut", 1))
	add(t, tx, orders, order42("1"), cosmos.OpDelete("draft", cosmos.PartitionKey("bob")))
	add(t, tx, stock, cosmos.OpUpsert(map[string]any{"id": "screw", "kind": "new", "count": 1}))
	require.Equal(t, 5, tx.Len())
	resp, err := tx.Commit(cosmos.WithStats(ctx, &st))
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	status := []int{}
	for _, r := range resp.Results {
		status = append(status, r.StatusCode)
		require.NotEmpty(t, r.SessionToken)
		require.Positive(t, r.RequestCharge)
	}
	require.Equal(t, []int{200, 200, 201, 204, 201}, status, "in the order in which they were added")
	require.Contains(t, string(resp.Results[0].Body), `"count":7`)
	require.NotEmpty(t, resp.Results[2].ETag)
	require.Positive(t, st.Snapshot().RequestCharge)
	require.Equal(t, 7, count(t, stock, "bolt"))
	_, err = orders.ReadItem(ctx, "1", cosmos.PartitionKey("ada"))
	require.NoError(t, err)
	_, err = orders.ReadItem(ctx, "draft", cosmos.PartitionKey("bob"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	require.Equal(t, 1, srv.Count(cosmostest.CommitTransaction))
	_, err = tx.Commit(ctx)
	require.ErrorContains(t, err, "committed already")
}

// One operation that cannot be executed, or several: nothing is done, and the error names them.
func TestTransactionAborts(t *testing.T) {
	t.Parallel()
	_, client, orders, stock := warehouse(t)
	ctx := t.Context()
	tx := client.NewTransaction()
	add(t, tx, stock, takes("nut", 1), takes("bolt", 11))
	add(t, tx, orders, order42("1"), cosmos.OpReplace("none", map[string]any{"id": "none", "customer": "ada"}))
	resp, err := tx.Commit(ctx)
	var failed *cosmos.BatchError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 1, failed.Index)
	require.Equal(t, []int{1, 3}, failed.Failed)
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
	require.NotErrorIs(t, err, cosmos.ErrUnknownOutcome)
	require.ErrorContains(t, err, "operation 2 of the transaction (Patch bolt) failed, and nothing was done: 412")
	require.Equal(t, 452, resp.StatusCode)
	require.Equal(t, 404, resp.Results[3].StatusCode)
	for _, i := range []int{0, 2} {
		require.Equal(t, []int{452, 5415}, []int{resp.Results[i].StatusCode, resp.Results[i].SubStatus})
	}
	require.Equal(t, 10, count(t, stock, "nut"))
	_, err = orders.ReadItem(ctx, "1", cosmos.PartitionKey("ada"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	_, err = tx.Commit(ctx)
	require.ErrorAs(t, err, &failed, "the token answers what was answered")
}

// Answers that are lost, and statuses that say that it may have been executed: it is, once.
func TestTransactionIsExecutedOnce(t *testing.T) {
	t.Parallel()
	srv, client, orders, stock := warehouse(t)
	on := cosmostest.On(cosmostest.CommitTransaction)
	for i, fault := range []cosmostest.Fault{
		{Cut: cosmostest.CutAfter, Times: 3},
		{Cut: cosmostest.CutBefore, Times: 2},
		{Cut: cosmostest.CutBody, Times: 2},
		{Status: 408, RetryAfter: time.Millisecond, Times: 5},
		{Status: 449, SubStatus: 5352, RetryAfter: time.Millisecond, Times: 9},
		{Status: 429, SubStatus: 3200, RetryAfter: time.Millisecond, Times: 9},
		{Status: 500, SubStatus: 5411, Times: 2},
		{Status: 500, SubStatus: 5413, Times: 2},
		{Status: 503, Times: 2},
		{Status: 403, SubStatus: 3, Times: 1},
	} {
		fault.Match = on
		end := srv.Inject(fault)
		tx := client.NewTransaction()
		add(t, tx, stock, cosmos.OpPatch("nut", []cosmos.PatchOperation{cosmos.PatchIncrement("/count", 1)},
			cosmos.PartitionKey("hardware")))
		add(t, tx, orders, order42(fmt.Sprint(i)))
		_, err := tx.Commit(t.Context())
		require.NoError(t, err, "%+v", fault)
		require.Equal(t, 11+i, count(t, stock, "nut"), "%+v", fault)
		end()
	}
}

// The context ends before an answer came: the outcome is unknown, and asking again tells it.
func TestTransactionOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	srv, client, orders, stock := warehouse(t)
	for i, fault := range []cosmostest.Fault{{Cut: cosmostest.CutAfter}, {Cut: cosmostest.CutBefore}} {
		ctx, cancel := context.WithCancel(t.Context())
		var attempts atomic.Int32
		fault.Match = func(r cosmostest.Request) bool {
			if r.Operation != cosmostest.CommitTransaction {
				return false
			}
			if attempts.Add(1) == 2 {
				cancel()
			}
			return true
		}
		end := srv.Inject(fault)
		tx := client.NewTransaction()
		add(t, tx, stock, takes("bolt", 1))
		add(t, tx, orders, order42(fmt.Sprint(i)))
		_, err := tx.Commit(ctx)
		cancel()
		require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
		end()
		resp, err := tx.Commit(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{200, 201}, []int{resp.Results[0].StatusCode, resp.Results[1].StatusCode})
		require.Equal(t, 9-i, count(t, stock, "bolt"))
	}
}

// Transactions go to the first write region, whatever the client prefers, and to no other one.
func TestTransactionGoesToTheFirstWriteRegion(t *testing.T) {
	t.Parallel()
	srv, _, _, _ := warehouse(t, cosmostest.Regions("West US", "East US"), cosmostest.MultiWrite())
	client := connect(t, srv,
		&cosmos.ClientOptions{PreferredRegions: []string{"East US"}, HedgeThreshold: time.Millisecond})
	stock := client.Database("warehouse").Container("stock")
	var mu sync.Mutex
	regions := map[string]int{}
	srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if cosmostest.On(cosmostest.CommitTransaction, cosmostest.ReadTransaction)(r) {
			regions[string(r.Operation)+" in "+r.Region]++
		}
		return false
	}})
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.ReadTransaction), Delay: 20 * time.Millisecond})
	tx := client.NewTransaction()
	add(t, tx, stock, takes("bolt", 1))
	_, err := tx.Commit(t.Context())
	require.NoError(t, err)
	tx = client.NewTransaction()
	add(t, tx, stock, cosmos.OpRead("bolt", cosmos.PartitionKey("hardware")))
	_, err = tx.Read(t.Context())
	require.NoError(t, err)
	mu.Lock()
	defer mu.Unlock()
	require.Equal(t, map[string]int{"CommitTransaction in West US": 1, "ReadTransaction in West US": 1}, regions)
}

func TestTransactionRead(t *testing.T) {
	t.Parallel()
	srv, client, orders, stock := warehouse(t)
	ctx := t.Context()
	made, err := orders.CreateItem(ctx, map[string]any{"id": "1", "customer": "ada"})
	require.NoError(t, err)
	hardware := cosmos.PartitionKey("hardware")
	tx := client.NewTransaction()
	add(t, tx, stock, cosmos.OpRead("nut", hardware), cosmos.OpRead("bolt", hardware))
	add(t, tx, orders, cosmos.OpRead("1", cosmos.PartitionKey("ada"), cosmos.IfNoneMatch(made.ETag)))
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.ReadTransaction), Cut: cosmostest.CutBody, Times: 2})
	for range 2 { // it may be read again
		resp, err := tx.Read(ctx)
		require.NoError(t, err)
		require.Contains(t, string(resp.Results[0].Body), `"id":"nut"`)
		require.Contains(t, string(resp.Results[1].Body), `"id":"bolt"`)
		require.Equal(t, 304, resp.Results[2].StatusCode)
		require.Empty(t, resp.Results[2].Body)
	}
	add(t, tx, orders, cosmos.OpRead("none", cosmos.PartitionKey("ada")))
	resp, err := tx.Read(ctx)
	var failed *cosmos.BatchError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 3, failed.Index)
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	require.Equal(t, 424, resp.Results[0].StatusCode)
}

func TestTransactionBadInput(t *testing.T) {
	t.Parallel()
	srv, client, orders, stock := warehouse(t)
	ctx := t.Context()
	ada := cosmos.PartitionKey("ada")
	other := connect(t, srv, nil).Database("sales").Container("orders")
	for name, tt := range map[string]struct {
		c    *cosmos.Container
		ops  []cosmos.Operation
		want string
	}{
		"two on one document": {orders, []cosmos.Operation{order42("1"), cosmos.OpDelete("1", ada)},
			"Delete 1: the transaction has an operation on this document already"},
		"renamed to another's": {orders,
			[]cosmos.Operation{order42("2"), cosmos.OpReplace("1", map[string]any{"id": "2", "customer": "ada"})},
			"already"},
		"no partition key": {orders, []cosmos.Operation{cosmos.OpDelete("1")}, "needs the option PartitionKey"},
		"no id":            {orders, []cosmos.Operation{cosmos.OpCreate(map[string]any{"customer": "ada"})}, `no "id"`},
		"empty guard":      {orders, []cosmos.Operation{cosmos.OpDelete("1", ada, cosmos.IfMatch(""))}, "IfMatch"},
		"another client":   {other, []cosmos.Operation{order42("1")}, "belongs to another client"},
		"no container":     {client.Database("sales").Container("none"), []cosmos.Operation{order42("1")}, "none"},
	} {
		tx := client.NewTransaction()
		require.ErrorContains(t, tx.Add(ctx, tt.c, tt.ops...), tt.want, name)
		require.Zero(t, tx.Len(), "none of them is added")
	}
	tx := client.NewTransaction()
	_, err := tx.Commit(ctx)
	require.ErrorContains(t, err, "no operations")
	add(t, tx, stock, cosmos.OpRead("nut", cosmos.PartitionKey("hardware")))
	_, err = tx.Commit(ctx)
	var failed *cosmos.BatchError
	require.ErrorAs(t, err, &failed)
	require.ErrorContains(t, err, "operation 1 of the transaction (Read nut) is refused, and nothing was sent")
	_, err = tx.Read(ctx, cosmos.IfMatch("x"))
	require.ErrorContains(t, err, "IfMatch")
	tx = client.NewTransaction()
	add(t, tx, orders, order42("1"))
	_, err = tx.Read(ctx)
	require.ErrorAs(t, err, &failed)
	require.Zero(t, srv.Count(cosmostest.CommitTransaction)+srv.Count(cosmostest.ReadTransaction))
}

func TestTransactionWithoutThePreview(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	tx := books.Database().Client().NewTransaction()
	add(t, tx, books, cosmos.OpCreate(book{ID: "1", Author: "Ann"}))
	_, err := tx.Commit(t.Context())
	require.ErrorContains(t, err, "preview")
	require.ErrorIs(t, err, cosmos.ErrBadRequest)
	require.Empty(t, stored(t, books))
}

// Readers of a snapshot see whole transactions while others write, also while partitions split.
func TestTransactionsAreIsolated(t *testing.T) {
	t.Parallel()
	srv, client, _, stock := warehouse(t)
	ctx := t.Context()
	hardware := cosmos.PartitionKey("hardware")
	_, err := stock.CreateItem(ctx, map[string]any{"id": "far", "kind": "away", "count": 0})
	require.NoError(t, err)
	var writers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		writers.Go(func() {
			for range 50 {
				tx := client.NewTransaction()
				err := errors.Join(
					tx.Add(ctx, stock,
						cosmos.OpPatch("nut", []cosmos.PatchOperation{cosmos.PatchIncrement("/count", -1)}, hardware)),
					tx.Add(ctx, stock, cosmos.OpPatch("far",
						[]cosmos.PatchOperation{cosmos.PatchIncrement("/count", 1)}, cosmos.PartitionKey("away"))))
				if err == nil {
					_, err = tx.Commit(ctx)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { writers.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		tx := client.NewTransaction()
		add(t, tx, stock, cosmos.OpRead("nut", hardware), cosmos.OpRead("far", cosmos.PartitionKey("away")))
		resp, err := tx.Read(ctx)
		require.NoError(t, err)
		sum := 0
		for _, r := range resp.Results {
			var v struct{ Count int }
			require.NoError(t, (&cosmos.Response{Body: r.Body}).Decode(&v))
			sum += v.Count
		}
		require.Equal(t, 10, sum)
		if ranges, err := srv.Ranges("warehouse", "stock"); err == nil && len(ranges) < 8 {
			_, err = srv.Split("warehouse", "stock", ranges[0].ID)
			require.NoError(t, err)
		}
	}
	require.Equal(t, -190, count(t, stock, "nut"))
}
