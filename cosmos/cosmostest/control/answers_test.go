package control

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// An error is answered with the status that it has, and its text without what it begins with in Go.
func TestAnswersToErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err    error
		status int
		text   string
	}{
		{fail(404, "there is no %s", "moon"), 404, "there is no moon"},
		{fmt.Errorf("cosmostest: region x: %w", store.Errorf(412, 3, "not now")), 412, "region x: "},
		{fmt.Errorf("cosmostest: load: %w", errors.New("line 1: what?")), 400, "load: line 1: what?"},
		{fmt.Errorf("reading: %w", &http.MaxBytesError{Limit: 7}), 413, "the body has more than 7 bytes"},
		{errors.New("anything"), 400, "anything"},
	} {
		rec := httptest.NewRecorder()
		answer(rec, nil, test.err)
		var said struct {
			Error  string `json:"error"`
			Status int    `json:"status"`
		}
		require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &said))
		require.Equal(t, []int{test.status, test.status}, []int{rec.Code, said.Status}, test.err)
		require.True(t, strings.HasPrefix(said.Error, test.text), said.Error)
	}
	rec := httptest.NewRecorder()
	answer(rec, math.NaN(), nil)
	require.Equal(t, 500, rec.Code)
	require.JSONEq(t, `{"error":"the answer cannot be written as JSON","status":500}`, rec.Body.String())
}

// Answers are the same text for the same world: members in order, one line each, and a newline at the end.
func TestAnswersAreTheSameText(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cosmostest.Clock(func() time.Time { return time.Unix(1000, 0).UTC() }))
	for _, path := range []string{"/account", "/databases", "/counts", "/"} {
		_, first := w.do("GET", path, "")
		_, again := w.do("GET", path, "")
		require.Equal(t, first, again, path)
		require.True(t, strings.HasSuffix(first, "}\n"), path)
		require.Contains(t, first, "\n\t", path)
	}
	_, text := w.do("GET", "/databases", "")
	_, err := w.create("<&>")
	require.NoError(t, err)
	_, after := w.do("GET", "/databases", "")
	require.NotEqual(t, text, after)
	_, docs := w.do("GET", "/databases/shop/containers/orders/documents", "")
	require.Contains(t, docs, `"id": "<&>"`, "as it was written")
}

// The account tells what regions there are and do, how writes travel, and what it was started with.
func TestAccountAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cosmostest.Regions("West US", "East US"), cosmostest.Consistency("Eventual"),
		cosmostest.AccountName("shop-of-ann"), cosmostest.ReplicationDelay(time.Second, 90*time.Second),
		cosmostest.Clock(func() time.Time { return time.Unix(1000, 0).UTC() }))
	account := func(method, path, body string) (a accountState) {
		status, text := w.do(method, path, body)
		require.Equal(t, 200, status, text)
		require.NoError(t, json.Unmarshal([]byte(text), &a))
		return a
	}
	a := account("GET", "/account", "")
	require.Equal(t, accountState{
		Name: "shop-of-ann", Endpoint: w.srv.Endpoint(), Address: w.srv.Address(), Consistency: "Eventual",
		Now: time.Unix(1000, 0).UTC(),
		Regions: []regionState{{"West US", w.srv.RegionEndpoint("West US"), true, false},
			{"East US", w.srv.RegionEndpoint("East US"), false, false}},
		Replication: []replicationState{
			{"West US", "East US", duration(time.Second), duration(90 * time.Second), false, 0},
			{"East US", "West US", duration(time.Second), duration(90 * time.Second), false, 0}},
	}, a)
	_, text := w.do("GET", "/account", "")
	require.Contains(t, text, `"most": "1m30s"`)
	a = account("PUT", "/multi-write", `{"on": true}`)
	require.True(t, a.MultiWrite && a.Regions[0].Writes && a.Regions[1].Writes)
	a = account("PUT", "/throttle", `{"on": true}`)
	require.True(t, a.Throttle)
	a = account("POST", "/clock", `{"advance": "1h0m1s"}`)
	require.Equal(t, time.Unix(4601, 0).UTC(), a.Now)
	_, err := w.create("1")
	require.NoError(t, err)
	require.Equal(t, 1, account("GET", "/account", "").Replication[0].Waiting)
	require.Zero(t, account("POST", "/clock", `{"advance": "90s"}`).Replication[0].Waiting, "it has arrived")
	a = account("POST", "/regions/eastus/drain", "")
	require.Equal(t, []bool{false, true}, []bool{a.Regions[1].Writes, a.Regions[1].Draining})
	require.Len(t, account("DELETE", "/regions/East%20US", "").Regions, 1)
}

// A partition that is cut at a key has what comes before it, and the other half the rest.
func TestSplitAtAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, customer := range []string{"ann", "bob", "cid", "dan", "eve", "fay"} {
		_, err := w.orders.CreateItem(t.Context(), order{jsonNumber(i), customer})
		require.NoError(t, err)
	}
	counts := func() (all []int) {
		for _, r := range ok[[]cosmostest.DatabaseContents](w, "GET", "/databases", "", "databases")[0].
			Containers[0].Ranges {
			all = append(all, r.Documents)
		}
		return all
	}
	require.Equal(t, []int{6}, counts())
	const shop = "/databases/shop/containers/orders"
	halves := ok[[]string](w, "POST", shop+"/split", `{"range": "0", "key": ["cid"]}`, "new")
	at, err := w.srv.EffectivePartitionKey("shop", "orders", "cid")
	require.NoError(t, err)
	require.Equal(t, []rangeState{{halves[0], "", at, "online"}, {halves[1], at, "FF", "online"}},
		ok[[]rangeState](w, "GET", shop+"/ranges", "", "ranges"))
	now := counts()
	require.Len(t, now, 2)
	require.Equal(t, 6, now[0]+now[1])
	require.Positive(t, now[1], "cid's is in the second half")
	for _, wrong := range []struct{ body, want string }{
		{`{"range": "` + halves[0] + `", "key": ["cid"]}`, "split: "},
		{`{"range": "` + halves[0] + `", "key": ["a", "b"]}`, "partition key"},
		{`{"range": "` + halves[0] + `", "key": [{"a": 1}]}`, "cannot be a partition key value"},
		{`{"range": "` + halves[0] + `", "at": "xyz"}`, "split: "},
		{`{"range": "` + halves[0] + `", "key": "cid"}`, `member \"key\": a string is not what is wanted`},
	} {
		status, text := w.do("POST", shop+"/split", wrong.body)
		require.Equal(t, 400, status, "%s: %s", wrong.body, text)
		require.Contains(t, text, wrong.want, wrong.body)
	}
	require.Len(t, counts(), 2, "a refusal changes nothing")
}

// What a forced failover of a partition has lost is answered, with the etag of a write and none of a delete.
func TestLostWritesOfAPartition(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cosmostest.Regions("West US", "East US"), cosmostest.PartitionFailover())
	_, err := w.create("0")
	require.NoError(t, err)
	ok[any](w, "PUT", "/replication", `{"paused": true}`, "")
	res, err := w.create("1")
	require.NoError(t, err)
	_, err = w.orders.DeleteItem(t.Context(), "0", cosmos.PartitionKey("ann"))
	require.NoError(t, err)
	const failover = "/databases/shop/containers/orders/failover"
	status, text := w.do("POST", failover, `{"range": "0", "region": "East US"}`)
	require.Equal(t, 412, status, text)
	lost := ok[[]lostWrite](w, "POST", failover, `{"range": "0", "region": "East US", "force": true}`, "lost")
	require.ElementsMatch(t, []lostWrite{
		{"shop", "orders", "1", res.ETag}, {"shop", "orders", "0", ""},
	}, lost)
	status, text = w.do("POST", failover, `{"range": "7", "region": "West US"}`)
	require.NotEqual(t, 200, status, text)
	status, text = w.do("POST", failover, `{"range": "0", "region": "Mars"}`)
	require.Equal(t, 404, status, text)
}

// What one server gives, another takes, and has the same; what it has already is refused and leaves it as it is.
func TestDataMoves(t *testing.T) {
	t.Parallel()
	from, to := newWorld(t), newWorld(t)
	for i := range 5 {
		_, err := from.create(jsonNumber(i))
		require.NoError(t, err)
	}
	status, data := from.do("GET", "/data", "")
	require.Equal(t, 200, status)
	status, text := to.do("POST", "/data", data)
	require.Equal(t, 409, status, text)
	require.Empty(t, ok[[]any](to, "GET", "/databases/shop/containers/orders/documents", "", "documents"))

	moved := strings.Replace(data, `"shop"`, `"moved"`, 1)
	require.Len(t, ok[[]any](to, "POST", "/data", moved, "databases"), 2)
	_, want := from.do("GET", "/databases/shop/containers/orders/documents", "")
	_, got := to.do("GET", "/databases/moved/containers/orders/documents", "")
	require.Equal(t, want, got, "etags and times too")
	for _, wrong := range []string{"", "{", `{"databases": 7}`, `{"tables": []}`} {
		status, text := to.do("POST", "/data", wrong)
		require.Equal(t, 400, status, "%s: %s", wrong, text)
	}
}
