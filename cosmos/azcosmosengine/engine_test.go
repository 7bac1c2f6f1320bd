package azcosmosengine_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/azcosmosengine"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// ends by itself a second later
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2.runClock"))
}

// items is one container over eight ranges, seen by azcosmos and by our client.
type items struct {
	server *cosmostest.Server
	azure  *azcosmos.ContainerClient
	ours   *cosmos.Container
}

func newItems(t testing.TB, p cosmos.ContainerProperties) items {
	t.Helper()
	srv := cosmostest.RunT(t, cosmostest.Partitions(8))
	ours, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ours.Close()) })
	_, err = ours.CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	p.ID, p.PartitionKey = "items", cosmos.PartitionKeyPaths("/pk")
	_, err = ours.Database("shop").CreateContainer(t.Context(), p)
	require.NoError(t, err)

	key, err := azcosmos.NewKeyCredential(srv.Key())
	require.NoError(t, err)
	transport := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(transport.CloseIdleConnections)
	azure, err := azcosmos.NewClientWithKey(srv.Endpoint(), key,
		&azcosmos.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: transport}})
	require.NoError(t, err)
	t.Cleanup(azure.Close)
	container, err := azure.NewContainer("shop", "items")
	require.NoError(t, err)
	return items{srv, container, ours.Database("shop").Container("items")}
}

// fill creates the documents.
func (i items) fill(t testing.TB, docs ...string) {
	t.Helper()
	raw := make([]json.RawMessage, len(docs))
	for n, doc := range docs {
		raw[n] = json.RawMessage(doc)
	}
	for r := range i.ours.CreateMany(t.Context(), cosmos.Each(raw)) {
		require.NoError(t, r.Err)
	}
}

// engine runs a query through azcosmos with the engine.
func (i items) engine(t testing.TB, query string, params ...azcosmos.QueryParameter) ([]string, error) {
	t.Helper()
	pager := i.azure.NewQueryItemsPager(query, azcosmos.NewPartitionKey(),
		&azcosmos.QueryOptions{QueryEngine: azcosmosengine.New(), QueryParameters: params})
	var rows []string
	for pager.More() {
		page, err := pager.NextPage(t.Context())
		if err != nil {
			return rows, err
		}
		for _, row := range page.Items {
			rows = append(rows, string(row))
		}
	}
	return rows, nil
}

// client runs a query through our own client.
func (i items) client(t testing.TB, query string) (rows []string, err error) {
	t.Helper()
	for row, err := range cosmos.Query[json.RawMessage](t.Context(), i.ours, query) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, string(row))
	}
	return rows, nil
}

// TestConformanceQueries: what azcosmos answers with the engine is what our own client answers, over every kind of
// query.
func TestConformanceQueries(t *testing.T) {
	i := newItems(t, cosmos.ContainerProperties{})
	i.fill(t, lines(t, "data.jsonl")...)
	answered := 0
	for _, line := range lines(t, "cases.jsonl") {
		var tc struct {
			Number  int                        `json:"n"`
			Query   string                     `json:"q"`
			Params  map[string]json.RawMessage `json:"p"`
			Ordered bool                       `json:"o"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &tc))
		if len(tc.Params) > 0 {
			continue
		}
		about := fmt.Sprintf("case %d: %s", tc.Number, tc.Query)
		want, err := i.client(t, tc.Query)
		if err != nil {
			continue // what the client refuses before it asks for a plan, the service or the engine may refuse later
		}
		got, err := i.engine(t, tc.Query)
		require.NoError(t, err, about)
		if !tc.Ordered {
			slices.Sort(got)
			slices.Sort(want)
		}
		require.Equal(t, want, got, about)
		answered++
	}
	require.Greater(t, answered, 150)
}

func lines(t testing.TB, name string) (all []string) {
	t.Helper()
	f, err := os.Open("../../test/conformance/" + name)
	require.NoError(t, err)
	defer f.Close()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		all = append(all, scanner.Text())
	}
	require.NoError(t, scanner.Err())
	return all
}

// TestMixedTypes: keys of any type sort by type, then by value; aggregates over what is not a number are what Cosmos DB
// says. Microsoft's engine ends the process on both.
func TestMixedTypes(t *testing.T) {
	i := newItems(t, cosmos.ContainerProperties{})
	values := []string{`null`, `true`, `1`, `"a"`, `[1]`, `{"a":1}`, `false`, `1e308`, `1e308`, `"b"`, `[]`, `-3`}
	for n, v := range values {
		i.fill(t, fmt.Sprintf(`{"id":"%d","pk":"p%d","x":%s}`, n, n, v))
	}
	i.fill(t, `{"id":"none","pk":"none"}`)
	for _, query := range []string{
		"SELECT VALUE c.x FROM c ORDER BY c.x", "SELECT VALUE c.x FROM c ORDER BY c.x DESC",
		"SELECT VALUE SUM(c.x) FROM c", "SELECT VALUE MAX(c.x) FROM c", "SELECT VALUE MIN(c.x) FROM c",
		"SELECT VALUE AVG(c.x) FROM c", "SELECT COUNT(1) AS n, MAX(c.x) AS m FROM c",
		"SELECT DISTINCT VALUE c.x FROM c", "SELECT c.x, COUNT(1) AS n FROM c GROUP BY c.x",
		"SELECT TOP 3 VALUE c.id FROM c ORDER BY c.x", "SELECT VALUE c.id FROM c ORDER BY c.x OFFSET 4 LIMIT 5",
	} {
		want, err := i.client(t, query)
		require.NoError(t, err, query)
		got, err := i.engine(t, query)
		require.NoError(t, err, query)
		if !slices.Equal(got, want) { // groups and distinct values come in no order
			slices.Sort(got)
			slices.Sort(want)
		}
		require.Equal(t, want, got, query)
	}
}

// TestParameters reach rewritten queries as well.
func TestParameters(t *testing.T) {
	i := newItems(t, cosmos.ContainerProperties{})
	for n := range 40 {
		i.fill(t, fmt.Sprintf(`{"id":"%d","pk":"p%d","n":%d}`, n, n, n))
	}
	rows, err := i.engine(t, "SELECT TOP 3 VALUE c.n FROM c WHERE c.n >= @least ORDER BY c.n",
		azcosmos.QueryParameter{Name: "@least", Value: 20})
	require.NoError(t, err)
	require.Equal(t, []string{"20", "21", "22"}, rows)
	rows, err = i.engine(t, "SELECT VALUE COUNT(1) FROM c WHERE c.pk = @pk",
		azcosmos.QueryParameter{Name: "@pk", Value: "p7"})
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, rows)
}

// TestManyRows reads more pages of more partitions than fit into one turn, in order.
func TestManyRows(t *testing.T) {
	const n = 100_000
	i := newItems(t, cosmos.ContainerProperties{})
	for r := range i.ours.CreateMany(t.Context(), func(yield func(any) bool) {
		for k := range n {
			if !yield(json.RawMessage(fmt.Sprintf(`{"id":"%d","pk":"p%d","n":%d}`, k, k%1000, (k*7919)%n))) {
				return
			}
		}
	}) {
		require.NoError(t, r.Err)
	}
	rows, err := i.engine(t, "SELECT VALUE c.n FROM c ORDER BY c.n")
	require.NoError(t, err)
	require.Len(t, rows, n)
	for k, row := range rows {
		require.Equal(t, fmt.Sprint(k), row)
	}
}

// TestSplitWhilePaging: a partition that is split while a query is read is azcosmos's error, never a result with rows
// missing.
func TestSplitWhilePaging(t *testing.T) {
	i := newItems(t, cosmos.ContainerProperties{})
	docs := make([]string, 20_000)
	for n := range docs {
		docs[n] = fmt.Sprintf(`{"id":"%d","pk":"p%d","n":%d}`, n, n, n)
	}
	i.fill(t, docs...)
	for _, query := range []string{"SELECT VALUE c.n FROM c ORDER BY c.n", "SELECT VALUE c.n FROM c"} {
		pager := i.azure.NewQueryItemsPager(query, azcosmos.NewPartitionKey(),
			&azcosmos.QueryOptions{QueryEngine: azcosmosengine.New()})
		_, err := pager.NextPage(t.Context())
		require.NoError(t, err, query)
		ranges, err := i.server.Ranges("shop", "items")
		require.NoError(t, err)
		_, err = i.server.Split("shop", "items", ranges[len(ranges)-1].ID)
		require.NoError(t, err)
		for err == nil && pager.More() {
			_, err = pager.NextPage(t.Context())
		}
		var failed *azcore.ResponseError
		require.ErrorAs(t, err, &failed, query)
		require.Equal(t, http.StatusGone, failed.StatusCode, query)
	}
}
