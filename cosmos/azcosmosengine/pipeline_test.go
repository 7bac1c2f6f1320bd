package azcosmosengine_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos/queryengine"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/azcosmosengine"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

const (
	twoRanges = `{"PartitionKeyRanges":[{"id":"0","minInclusive":"","maxExclusive":"1F"},` +
		`{"id":"1","minInclusive":"1F","maxExclusive":"FF"}]}`
	everywhere = `"queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}]`
	sortedPlan = `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"orderBy":["Ascending"],` +
		`"orderByExpressions":["c.n"],` +
		`"rewrittenQuery":"SELECT c._rid, [{\"item\": c.n}] AS orderByItems, c AS payload FROM c ` +
		`WHERE ({documentdb-formattableorderbyquery-filter}) ORDER BY c.n"},` + everywhere + `}`
	plainPlan = `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{},` + everywhere + `}`
)

func open(t testing.TB, plan string) queryengine.QueryPipeline {
	t.Helper()
	p, err := azcosmosengine.New().CreateQueryPipeline("SELECT * FROM c", plan, twoRanges)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

// TestRefusedPlans: what cannot be followed is an error before anything is asked.
func TestRefusedPlans(t *testing.T) {
	for name, tc := range map[string]struct{ plan, ranges, want string }{
		"not JSON":   {`{`, twoRanges, "reading the query plan"},
		"not a plan": {`{}`, twoRanges, "gave no query plan"},
		"no ranges":  {plainPlan, `{"PartitionKeyRanges":[]}`, "no partition key ranges"},
		"a gap": {plainPlan, `{"PartitionKeyRanges":[{"id":"0","minInclusive":"","maxExclusive":"1F"}]}`,
			"incomplete"},
		"ranges damaged": {plainPlan, `[]`, "reading the partition key ranges"},
	} {
		_, err := azcosmosengine.New().CreateQueryPipeline("SELECT * FROM c", tc.plan, tc.ranges)
		require.ErrorContains(t, err, tc.want, name)
	}
	for name, plan := range map[string]string{
		"version 9": strings.Replace(plainPlan, `:2`, `:9`, 1),
		"aggregate": strings.Replace(plainPlan, `"queryInfo":{}`,
			`"queryInfo":{"aggregates":["Median"],"hasSelectValue":true}`, 1),
	} {
		p := open(t, plan)
		var err error
		for range 10 { // the pipeline may ask for pages before it meets what it does not know
			var result *queryengine.PipelineResult
			if result, err = p.Run(); err != nil || result.IsCompleted {
				break
			}
			for _, r := range result.Requests {
				require.NoError(t, p.ProvideData([]queryengine.QueryResult{
					{PartitionKeyRangeID: r.PartitionKeyRangeID, RequestId: r.Id, Data: []byte(`{"Documents":[]}`)}}))
			}
		}
		require.Error(t, err, name)
		require.True(t, p.IsComplete(), name)
	}
}

// TestTurns: requests that have no answer are told again; answers in any order make rows in the right one.
func TestTurns(t *testing.T) {
	p := open(t, sortedPlan)
	require.Contains(t, p.Query(), "orderByItems")
	first, err := p.Run()
	require.NoError(t, err)
	for len(first.Requests) < 2 { // on a busy machine the second goes with a later turn, and the test's time bounds it
		first, err = p.Run()
		require.NoError(t, err)
		require.False(t, first.IsCompleted)
	}
	again, err := p.Run()
	require.NoError(t, err)
	require.Equal(t, first.Requests, again.Requests)

	answer := func(r queryengine.QueryRequest, n int) queryengine.QueryResult {
		body := fmt.Sprintf(`{"Documents":[{"_rid":"r%d","orderByItems":[{"item":%d}],"payload":%d}]}`, n, n, n)
		return queryengine.QueryResult{PartitionKeyRangeID: r.PartitionKeyRangeID, RequestId: r.Id, Data: []byte(body)}
	}
	require.NoError(t,
		p.ProvideData([]queryengine.QueryResult{answer(first.Requests[1], 1), answer(first.Requests[0], 2)}))
	var rows []string
	for !p.IsComplete() {
		result, err := p.Run()
		require.NoError(t, err)
		require.Empty(t, result.Requests)
		for _, row := range result.Items {
			rows = append(rows, string(row))
		}
	}
	require.Equal(t, []string{"1", "2"}, rows)
	done, err := p.Run()
	require.NoError(t, err)
	require.True(t, done.IsCompleted)
	require.ErrorContains(t, p.ProvideData(nil), "has ended")
}

// TestRefusedAnswers: an answer that does not fit is the caller's error, and the query still takes the right one.
func TestRefusedAnswers(t *testing.T) {
	p := open(t, plainPlan)
	result, err := p.Run()
	require.NoError(t, err)
	r := result.Requests[0]
	for want, bad := range map[string]queryengine.QueryResult{
		"nothing was asked": {PartitionKeyRangeID: r.PartitionKeyRangeID, RequestId: 99,
			Data: []byte(`{"Documents":[]}`)},
		`key range "other"`: {PartitionKeyRangeID: "other", RequestId: r.Id, Data: []byte(`{"Documents":[]}`)},
		"not a page of a query": {PartitionKeyRangeID: r.PartitionKeyRangeID, RequestId: r.Id,
			Data: []byte(`{"Documents":`)},
		"no member Documents": {PartitionKeyRangeID: r.PartitionKeyRangeID, RequestId: r.Id, Data: []byte(`{}`)},
	} {
		require.ErrorContains(t, p.ProvideData([]queryengine.QueryResult{bad}), want)
	}
	for len(result.Items) == 0 {
		for _, r := range result.Requests {
			good := queryengine.QueryResult{PartitionKeyRangeID: r.PartitionKeyRangeID, RequestId: r.Id,
				Data: []byte(`{"Documents":[7]}`)}
			require.NoError(t, p.ProvideData([]queryengine.QueryResult{good}))
		}
		result, err = p.Run()
		require.NoError(t, err)
	}
	require.Equal(t, "7", string(result.Items[0]))
}

// TestDroppedQuery: azcosmos has no way to close a pager that it is done with early; the collector ends the query.
func TestDroppedQuery(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		p, err := azcosmosengine.New().CreateQueryPipeline("SELECT * FROM c", plainPlan, twoRanges)
		require.NoError(t, err)
		_, err = p.Run()
		require.NoError(t, err)
	}()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.GC() {
		require.True(t, time.Now().Before(deadline), "the goroutine of a dropped query goes on")
	}
}

// rangeFeed is what the service answers to the request for the partition key ranges.
func rangeFeed(ranges []cosmostest.Range) (feed []map[string]string) {
	for _, r := range ranges {
		feed = append(feed, map[string]string{"id": r.ID, "minInclusive": r.Min, "maxExclusive": r.Max})
	}
	return feed
}

// TestReadMany: the items that exist, whatever their keys; each request asks one range for a hundred of them at most.
func TestReadMany(t *testing.T) {
	i := newItems(t, cosmos.ContainerProperties{})
	var identities []queryengine.ItemIdentity
	var want []string
	for n, key := range []string{`"a"`, `7`, `true`, `null`, `"quote\" and \\"`, `-0.5`} {
		i.fill(t, fmt.Sprintf(`{"id":"%d","pk":%s}`, n, key))
		identities = append(identities,
			queryengine.ItemIdentity{ID: fmt.Sprint(n), PartitionKeyValue: []string{key, "[" + key + "]"}[n%2]})
		want = append(want, fmt.Sprint(n))
	}
	i.fill(t, `{"id":"none"}`)
	identities = append(identities, queryengine.ItemIdentity{ID: "none", PartitionKeyValue: "[{}]"},
		queryengine.ItemIdentity{ID: "0", PartitionKeyValue: `"another"`})
	want = append(want, "none")
	for n := range 250 {
		identities = append(identities,
			queryengine.ItemIdentity{ID: fmt.Sprint("missing", n), PartitionKeyValue: `"a"`})
	}
	ranges, err := i.server.Ranges("shop", "items")
	require.NoError(t, err)
	pkranges, err := json.Marshal(map[string]any{"PartitionKeyRanges": rangeFeed(ranges)})
	require.NoError(t, err)
	p, err := azcosmosengine.New().CreateReadManyPipeline(identities, string(pkranges), "Hash", 2, []string{"/pk"})
	require.NoError(t, err)
	defer p.Close()
	var got []string
	for !p.IsComplete() {
		result, err := p.Run()
		require.NoError(t, err)
		for _, row := range result.Items {
			var doc struct{ ID string }
			require.NoError(t, json.Unmarshal(row, &doc))
			got = append(got, doc.ID)
		}
		for _, r := range result.Requests {
			rows, err := i.client(t, r.Query)
			require.NoError(t, err, r.Query)
			require.NoError(t, p.ProvideData([]queryengine.QueryResult{{
				PartitionKeyRangeID: r.PartitionKeyRangeID, RequestId: r.Id,
				Data: []byte(`{"Documents":[` + strings.Join(rows, ",") + `]}`),
			}}))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	require.Equal(t, want, got)

	_, err = azcosmosengine.New().
		CreateReadManyPipeline([]queryengine.ItemIdentity{{ID: "1", PartitionKeyValue: `[1,2]`}}, string(pkranges),
			"Hash", 2, []string{"/pk"})
	require.ErrorContains(t, err, "item 0")
}

// FuzzAnswers: no plan and no answer makes the engine panic or hang.
func FuzzAnswers(f *testing.F) {
	f.Add(sortedPlan, `{"Documents":[{"_rid":"r","orderByItems":[{"item":1}],"payload":1}]}`)
	f.Add(plainPlan, `{"Documents":[1,"x",null]}`)
	f.Add(strings.Replace(plainPlan, `"queryInfo":{}`, `"queryInfo":{"aggregates":["Sum"],"hasSelectValue":true}`, 1),
		`{"Documents":[[{"item":1}],[{"item":"x"}]]}`)
	f.Add(strings.Replace(plainPlan, `"queryInfo":{}`, `"queryInfo":{"distinctType":"Unordered","top":3}`, 1),
		`{"Documents":[1,1,2],"_streaming":false}`)
	f.Fuzz(func(t *testing.T, plan, body string) {
		p, err := azcosmosengine.New().CreateQueryPipeline("SELECT * FROM c", plan, twoRanges)
		if err != nil {
			return
		}
		defer p.Close()
		for range 20 {
			result, err := p.Run()
			if err != nil || result.IsCompleted {
				return
			}
			for _, r := range result.Requests {
				if p.ProvideData([]queryengine.QueryResult{
					{PartitionKeyRangeID: r.PartitionKeyRangeID, RequestId: r.Id, Data: []byte(body)}}) != nil {
					return
				}
			}
		}
	})
}
