package cosmos_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// TestHeader: a header of the program's own goes with every request of a call, of a context and of a client, the later
// value over the earlier one.
func TestHeader(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	sent := map[string][]string{} // values by the path's last name
	own := map[string]bool{}      // names that the client has sent by itself
	srv := cosmostest.RunT(t, cosmostest.Partitions(2))
	srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		sent[string(r.Operation)] = r.Header["X-Ms-Cosmos-Workload-Id"]
		for name := range r.Header {
			own[name] = own[name] || name != "X-Ms-Cosmos-Workload-Id"
		}
		return false
	}})
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), &cosmos.ClientOptions{
		Options: []cosmos.Option{cosmos.Header("x-ms-cosmos-workload-id", "1")},
	})
	require.NoError(t, err)
	defer client.Close()
	made := srv.Container("/pk")
	ctx, items := t.Context(), client.Database(made.Database).Container(made.ID)
	doc := map[string]string{"id": "1", "pk": "a"}
	_, err = items.CreateItem(ctx, doc)
	require.NoError(t, err)
	key := cosmos.PartitionKey("a")
	_, err = items.ReadItem(cosmos.WithOptions(ctx, cosmos.Header("X-MS-Cosmos-Workload-ID", "2")), "1", key,
		cosmos.Priority(cosmos.PriorityLow),
		cosmos.ThroughputBucket(1), cosmos.MaxStaleness(time.Second), cosmos.BypassCache(true), cosmos.IfNoneMatch("x"))
	require.NoError(t, err)
	for _, err := range cosmos.Query[any](ctx, items, "SELECT c.id FROM c ORDER BY c.id",
		cosmos.Header("x-ms-cosmos-workload-id", "3"),
		cosmos.PageSize(1), cosmos.QueryMetrics(true), cosmos.IndexMetrics(true), cosmos.QueryAdvice(true),
		cosmos.ContinuationLimit(2)) {
		require.NoError(t, err)
	}
	for r := range items.UpsertMany(ctx, cosmos.Each([]any{doc}), cosmos.Header("x-ms-cosmos-workload-id", "4")) {
		require.NoError(t, r.Err)
	}
	_, err = items.TransactionalBatch(ctx, []cosmos.Operation{cosmos.OpUpsert(doc)}, key,
		cosmos.Header("x-ms-cosmos-workload-id", "5"))
	require.NoError(t, err)
	for _, err := range items.ChangeFeed(cosmos.Header("x-ms-cosmos-workload-id", "6")).Items(ctx) {
		require.NoError(t, err)
	}
	_, err = items.Read(ctx, cosmos.Header("x-ms-cosmos-workload-id", "7"))
	require.NoError(t, err)
	_, err = items.UpsertItem(ctx, doc, cosmos.IfMatch("*"), cosmos.PreTriggers("t"), cosmos.ContentResponse(false),
		cosmos.IndexingDirective(cosmos.IndexingExclude))
	require.Error(t, err)
	_, err = client.CreateDatabaseIfNotExists(ctx, "new", cosmos.Throughput(400))
	require.NoError(t, err)
	mu.Lock()
	defer mu.Unlock()
	for operation, value := range map[cosmostest.Operation]string{
		cosmostest.Create: "1", cosmostest.Read: "2", cosmostest.Query: "3", cosmostest.QueryPlan: "3",
		cosmostest.Bulk: "4", cosmostest.Batch: "5",
		cosmostest.ChangeFeed: "6", cosmostest.ReadContainer: "7",
	} {
		require.Equal(t, []string{value}, sent[string(operation)], operation)
	}
	// What the client sends is its own, whatever it was that sent it.
	for name, itself := range own {
		if itself {
			_, err := items.ReadItem(ctx, "1", key, cosmos.Header(name, "x"))
			require.ErrorContains(t, err, "is the client's own", name)
		}
	}
	require.Greater(t, len(own), 30)
}

// TestHeaderRefusals: what cannot be a header, or is the client's to send.
func TestHeaderRefusals(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t).Container("/pk")
	client := connect(t, c.Server(), nil)
	items := client.Database(c.Database).Container(c.ID)
	for _, tc := range []struct{ name, value, want string }{
		{"", "x", "not the name of a header"},
		{"x y", "x", "not the name of a header"},
		{"x:y", "x", "not the name of a header"},
		{"größe", "x", "not the name of a header"},
		{"x-own", "a\r\nb", "control character"},
		{"authorization", "x", "the header authorization is the client's own"},
		{"HOST", "x", "the client's own"},
		{"x-ms-documentdb-partitionkey", "x", "use the option"},
	} {
		_, err := items.ReadItem(t.Context(), "1", cosmos.PartitionKey("a"), cosmos.Header(tc.name, tc.value))
		require.ErrorContains(t, err, tc.want, tc.name)
	}
	require.Equal(t, `Header("X-Own", "a")`, cosmos.Header("x-own", "a").String())
}
