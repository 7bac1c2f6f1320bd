package control

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// A fault is listed as it was asked for, with its number and how often it has happened, and nothing that nobody said.
func TestFaultsAreListedAsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rules := []string{
		`{"status": 503}`,
		`{"status": 429, "subStatus": 3200, "retryAfter": "20ms", "message": "slow down", "times": 3}`,
		`{"status": 500, "afterwards": true, "match": {"operations": ["Create", "Upsert"]}}`,
		`{"cut": "body", "match": {"database": "shop", "container": "orders", "item": "1", "range": "0"}}`,
		`{"spoil": "long", "delay": "1.5s", "rate": 0.25, "seed": 7}`,
		`{"hang": true, "match": {"region": "West US", "partitionKey": ["ann", 1, null], "header": {"a": "b"}}}`,
		`{"rate": 0.5, "match": {"item": "none"}}`,
	}
	for _, rule := range rules {
		ok[int](w, "POST", "/faults", rule, "id")
	}
	listed := ok[[]jsontext.Value](w, "GET", "/faults", "", "faults")
	require.Len(t, listed, len(rules))
	for i, rule := range rules {
		want := strings.TrimSuffix(rule, "}") + `, "id": ` + jsonNumber(i+1) + `, "happened": 0}`
		require.JSONEq(t, want, string(listed[i]))
	}
	for i, rule := range rules {
		_, text := w.do("DELETE", "/faults/"+jsonNumber(i+1), "")
		require.JSONEq(t, strings.TrimSuffix(rule, "}")+`, "id": `+jsonNumber(i+1)+`, "happened": 0}`, text)
	}
}

// statuses are those of n creates, each tried once: 0 is a connection that broke.
func (w *world) statuses(n int) (all []int) {
	w.t.Helper()
	for range n {
		req, err := http.NewRequestWithContext(w.t.Context(), "POST",
			w.srv.Endpoint()+"dbs/shop/colls/orders/docs", strings.NewReader("{}"))
		require.NoError(w.t, err)
		res, err := w.srv.HTTPClient().Do(req)
		if err != nil {
			all = append(all, 0)
			continue
		}
		require.NoError(w.t, res.Body.Close())
		all = append(all, res.StatusCode)
	}
	return all
}

// A rule with a rate meets the same requests in every run of its seed, others with another, and no more than it says.
func TestRulesWithARate(t *testing.T) {
	t.Parallel()
	run := func(rule string) []int {
		w := newWorld(t)
		ok[int](w, "POST", "/faults", rule, "id")
		return w.statuses(60)
	}
	count := func(all []int, status int) (n int) {
		for _, s := range all {
			if s == status {
				n++
			}
		}
		return n
	}
	first := run(`{"status": 503, "rate": 0.5, "seed": 7}`)
	require.Equal(t, first, run(`{"status": 503, "rate": 0.5, "seed": 7}`))
	require.NotEqual(t, first, run(`{"status": 503, "rate": 0.5, "seed": 8}`))
	require.InDelta(t, 30, count(first, 503), 15)
	require.Equal(t, 60, count(first, 503)+count(first, 401), "the others are refused for want of a signature")
	limited := run(`{"status": 503, "rate": 0.5, "seed": 7, "times": 3}`)
	require.Equal(t, 3, count(limited, 503))
	storm := run(`{"rate": 1, "seed": 1, "match": {"operations": ["Create"]}}`)
	require.Less(t, count(storm, 401), 60)
	require.Equal(t, storm, run(`{"rate": 1, "seed": 1, "match": {"operations": ["Create"]}}`))
}

// Rules happen in the order in which they were asked for, each as often as it says; what is over stays in the list.
func TestRulesTakeTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const create = `"match": {"operations": ["Create"]}`
	ok[int](w, "POST", "/faults", `{"status": 503, "times": 2, `+create+`}`, "id")
	ok[int](w, "POST", "/faults", `{"status": 429, "times": 1, `+create+`}`, "id")
	ok[int](w, "POST", "/faults", `{"status": 404, "match": {"operations": ["Read"]}}`, "id")
	require.Equal(t, []int{503, 503, 429, 401, 401}, w.statuses(5))
	var happened []int64
	for _, f := range ok[[]fault](w, "GET", "/faults", "", "faults") {
		happened = append(happened, f.Happened)
	}
	require.Equal(t, []int64{2, 1, 0}, happened)
	ok[any](w, "DELETE", "/faults/2", "", "")
	_, text := w.do("DELETE", "/faults/2", "")
	require.Contains(t, text, "there is no fault 2")
	require.Len(t, ok[[]fault](w, "DELETE", "/faults", "", "faults"), 2)
	require.Empty(t, ok[[]fault](w, "DELETE", "/faults", "", "faults"))
}

// All who wait for what hangs go on when it ends, with the others that are ended then; who gives up does so at once.
func TestAllThatHangGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.create("0")
	require.NoError(t, err)
	ok[int](w, "POST", "/faults", `{"hang": true, "match": {"operations": ["Read"], "item": "0"}}`, "id")
	ctx, giveUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := w.orders.ReadItem(ctx, "0", cosmos.PartitionKey("ann"))
		gone <- err
	}()
	waiting := func(n int64) {
		require.Eventually(t, func() bool {
			return ok[[]fault](w, "GET", "/faults", "", "faults")[0].Happened == n
		}, patience, tick)
	}
	waiting(1)
	giveUp()
	require.ErrorIs(t, <-gone, context.Canceled)
	var wg sync.WaitGroup
	errs := make(chan error, 3)
	for range cap(errs) {
		wg.Go(func() {
			_, err := w.orders.ReadItem(t.Context(), "0", cosmos.PartitionKey("ann"))
			errs <- err
		})
	}
	waiting(4)
	ended := ok[[]fault](w, "DELETE", "/faults", "", "faults")
	require.EqualValues(t, 4, ended[0].Happened)
	wg.Wait()
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
}

// Programs may add, list and end faults while requests meet them.
func TestFaultsAtTheSameTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, srv := New(), w.srv
	var wg sync.WaitGroup
	ids := make(chan int, 200)
	for range 4 {
		wg.Go(func() {
			for range 25 {
				text, err := c.Do(srv, "POST", "/faults", []byte(`{"status": 503, "times": 1}`))
				var said struct{ ID int }
				if err == nil {
					err = json.Unmarshal(text, &said, json.MatchCaseInsensitiveNames(true))
				}
				if err == nil {
					_, err = c.Do(srv, "GET", "/faults", nil)
				}
				if err == nil && said.ID%2 == 0 {
					_, err = c.Do(srv, "DELETE", "/faults/"+jsonNumber(said.ID), nil)
				}
				if err != nil {
					t.Error(err)
				}
				ids <- said.ID
			}
		})
	}
	wg.Go(func() { w.statuses(20) })
	wg.Wait()
	close(ids)
	seen := map[int]bool{}
	for id := range ids {
		require.False(t, seen[id], "fault %d is given twice", id)
		seen[id] = true
	}
	text, err := c.Do(srv, "DELETE", "/faults", nil)
	require.NoError(t, err)
	var left struct {
		Faults []fault `json:"faults"`
	}
	require.NoError(t, json.Unmarshal(text, &left))
	require.Len(t, left.Faults, 50, "those with odd numbers")
	require.Equal(t, []int{401}, w.statuses(1), "nothing is left of them")
}
