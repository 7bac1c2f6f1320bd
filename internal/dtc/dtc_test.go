package dtc

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/require"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	req := Request(Commit, "token", []Operation{
		{
			Operation: batch.Operation{Kind: batch.Create, ID: "1", Body: []byte(`{"id":"1"}`), PartitionKey: `["a"]`},
			Database:  "shop", Container: `or"ders`, ContainerRID: "rid",
		},
		{
			Operation: batch.Operation{Kind: batch.Delete, ID: "2", IfMatch: `"e"`, PartitionKey: `[{}]`},
			Database:  "shop", Container: "stock", SessionToken: "0:-1#5",
		},
	})
	require.JSONEq(t, `{"operations":[
		{"index":0,"databaseName":"shop","collectionName":"or\"ders","collectionResourceId":"rid",
			"id":"1","partitionKey":["a"],"operationType":"Create","resourceType":"Document","resourceBody":{"id":"1"}},
		{"index":1,"databaseName":"shop","collectionName":"stock","id":"2","partitionKey":[{}],"operationType":"Delete",
			"resourceType":"Document","ifMatch":"\"e\"","sessionToken":"0:-1#5"}]}`, string(req.Body))
}

// TestHowATransactionIsSent: the address, the fields that tell the service what comes, and what this client may do with
// the request. Its outcome is settled under its token by [Repeats], so that whoever sends it leaves repeating alone.
func TestHowATransactionIsSent(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{Commit, Read} {
		req := Request(kind, "0a1b", []Operation{{Operation: batch.Operation{Kind: batch.Read, PartitionKey: "[]"}}})
		require.Equal(t, http.MethodPost, req.Verb)
		require.Equal(t, "/operations/dtc", req.Path)
		require.Equal(t, rest.Kind("distributedtransactionbatch"), req.Kind)
		require.Empty(t, req.Link, "it is signed without a link")
		require.Equal(t, rest.Repeatable, req.Effect)
		require.True(t, req.Once)
		require.Equal(t, []rest.Field{
			{Name: "X-Ms-Cosmos-Operation-Type", Value: kind},
			{Name: "X-Ms-Cosmos-Resource-Type", Value: "DistributedTransactionBatch"},
			{Name: "X-Ms-Cosmos-Idempotency-Token", Value: "0a1b"},
			{Name: "Content-Type", Value: "application/json"},
		}, req.Header)
	}
}

// TestWhatIsWrittenIsReadBack: no name, id, ETag or session token can end its own string, and what is not given is not
// written: an empty ETag would be a condition that nothing meets.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	type operation struct {
		Index                                                         int
		DatabaseName, CollectionName, CollectionResourceID            string
		ID, OperationType, ResourceType, IfMatch, IfNoneMatch, Secret string
		SessionToken                                                  string
		PartitionKey, ResourceBody                                    json.RawMessage
	}
	var ops []Operation
	var want []operation
	for i, text := range []string{`"`, `\`, `","secret":"x`, "line\nbreak", "ü€😀", "\u2028"} {
		o := batch.Operation{Kind: batch.Patch, ID: text, IfMatch: text, IfNoneMatch: text, PartitionKey: `["a",1]`,
			Body: []byte(`{"operations":[]}`)}
		ops = append(ops, Operation{o, text, text, text, text})
		want = append(want, operation{
			Index: i, DatabaseName: text, CollectionName: text, CollectionResourceID: text, ID: text,
			OperationType: "Patch", ResourceType: "Document", IfMatch: text, IfNoneMatch: text, SessionToken: text,
			PartitionKey: json.RawMessage(`["a",1]`), ResourceBody: json.RawMessage(`{"operations":[]}`),
		})
	}
	var got struct{ Operations []operation }
	require.NoError(t, json.Unmarshal(Request(Commit, "t", ops).Body, &got))
	require.Equal(t, want, got.Operations)
	gone := batch.Operation{Kind: batch.Delete, ID: "1", PartitionKey: "[]"}
	bare := Request(Commit, "t", []Operation{{Operation: gone}})
	require.JSONEq(t, `{"operations":[{"index":0,"id":"1","partitionKey":[],"operationType":"Delete",
		"resourceType":"Document"}]}`, string(bare.Body))
	require.Equal(t, Request(Commit, "t", ops), Request(Commit, "t", ops), "sent again, it is the same request")
}

func TestParseAnswer(t *testing.T) {
	t.Parallel()
	a, err := ParseAnswer([]byte(`{"idempotencyToken":"t","statusCode":452,"subStatusCode":1,"requestCharge":3.5,
		"operationResponses":[
			{"index":1,"statusCode":412,"requestCharge":1},
			{"index":0,"statusCode":452,"subStatusCode":5415,"eTag":"e","sessionToken":"s","resourceBody":null}]}`),
		"t", 2)
	require.NoError(t, err)
	require.Equal(t, 452, a.StatusCode)
	require.Equal(t, []Result{
		{Result: batch.Result{StatusCode: 452, SubStatus: 5415, ETag: "e"}, SessionToken: "s"},
		{Result: batch.Result{StatusCode: 412, RequestCharge: 1}},
	}, a.Results)
}

// What the transaction came to is told whole: a client decides by it, and a person reads it.
func TestAnswerIsToldWhole(t *testing.T) {
	t.Parallel()
	a, err := ParseAnswer([]byte(`{"idempotencyToken":"t","statusCode":500,"subStatusCode":5411,"requestCharge":10.25,
		"diagnosticString":"the coordinator moved","isRetriable":true,"new":[{}],
		"operationResponses":[{"index":0,"statusCode":200,"resourceBody":{"id":"1"},"eTag":"\"e\"","new":1}]}`), "t", 1)
	require.NoError(t, err)
	require.Equal(t, &Answer{
		StatusCode: 500, SubStatus: 5411, RequestCharge: 10.25, Diagnostics: "the coordinator moved",
		Results: []Result{{Result: batch.Result{StatusCode: 200, ETag: `"e"`, Body: []byte(`{"id":"1"}`)}}},
	}, a)
	a, err = ParseAnswer([]byte(`{"idempotencyToken":"t","statusCode":200,"operationResponses":[]}`), "t", 0)
	require.NoError(t, err)
	require.Empty(t, a.Results)
}

// An answer that is not to this transaction, or does not have one result for each operation, decides nothing.
func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	const notOfThem = "cosmos: the answer to the transaction cannot be read: its results are not of 2 operations"
	for operations, want := range map[string]string{
		`{"index":0,"statusCode":200}`: "cosmos: the service answered 1 results to 2 operations of a transaction",
		`{"index":0,"statusCode":200},{"index":1,"statusCode":200},{"index":2,"statusCode":200}`: "cosmos: " +
			"the service answered 3 results to 2 operations of a transaction",
		`{"index":0,"statusCode":200},{"index":0,"statusCode":200}`:   notOfThem,
		`{"index":0,"statusCode":200},{"index":2,"statusCode":200}`:   notOfThem,
		`{"index":0,"statusCode":200},{"index":-1,"statusCode":200}`:  notOfThem,
		`{"statusCode":200},{"index":1,"statusCode":200}`:             notOfThem,
		`{"index":null,"statusCode":200},{"index":1,"statusCode":1}`:  notOfThem,
		`{"index":0},{"index":1,"statusCode":200}`:                    notOfThem,
		`{"index":0,"statusCode":-1},{"index":1,"statusCode":200}`:    notOfThem,
		`{"index":0,"statusCode":99},{"index":1,"statusCode":200}`:    notOfThem,
		`{"index":0,"statusCode":200},{"index":1,"statusCode":1000}`:  notOfThem,
		`{"index":0,"statusCode":200},{"index":1.5,"statusCode":200}`: "the transaction cannot be read: json",
		`{"index":0,"statusCode":"200"},{"index":1,"statusCode":200}`: "the transaction cannot be read: json",
	} {
		_, err := ParseAnswer([]byte(`{"idempotencyToken":"t","operationResponses":[`+operations+`]}`), "t", 2)
		require.ErrorContains(t, err, want, operations)
	}
	for _, body := range []string{``, `<html>`, `[]`, `{"idempotencyToken":"t"`, `null`, `{}`} {
		_, err := ParseAnswer([]byte(body), "t", 0)
		require.ErrorContains(t, err, "cosmos: the answer", body)
	}
	_, err := ParseAnswer([]byte(`{"idempotencyToken":"other","operationResponses":[]}`), "t", 0)
	require.EqualError(t, err, `cosmos: the answer is to the transaction "other", not to "t"`)
}

// How often a transaction is sent again after the same answer, and how long that takes.
func TestRepeats(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		status, sub int
		asked       time.Duration
		times       int
		waits       time.Duration
	}{
		{"lost", 0, 0, 0, 10, 7500 * time.Millisecond},
		{"timeout", 408, 0, 0, 10, 10 * time.Second},
		{"in progress", 449, 5352, 0, 10, 10 * time.Second},
		{"in progress, as asked", 449, 5352, 20 * time.Millisecond, 10, 200 * time.Millisecond},
		{"throttled", 429, 3200, 100 * time.Millisecond, 9, 900 * time.Millisecond},
		{"throttled for long", 429, 3200, 20 * time.Second, 1, 20 * time.Second},
		{"throttled without a pause", 429, 3200, 0, 9, 16350 * time.Millisecond},
		{"coordinator failed", 500, 5411, 0, 9, 21300 * time.Millisecond},
		{"unavailable", 503, 0, 0, 9, 21300 * time.Millisecond},
		{"another write region", 403, 3, 0, 120, 119 * time.Second},
		{"a region that is removed", 403, 1008, 0, 120, 119 * time.Second},
		{"throttled as long as may be", 429, 3200, 15 * time.Second, 2, 30 * time.Second},
		{"invalid", 400, 5405, 0, 0, 0},
		{"aborted", 452, 0, 0, 0, 0},
		{"forbidden", 403, 0, 0, 0, 0},
		{"not implemented", 501, 0, 0, 0, 0},
	} {
		r := Repeats{Throttled: true, MostWait: 30 * time.Second}
		times, waits := 0, time.Duration(0)
		for {
			wait, again := r.After(tt.status, tt.sub, tt.asked)
			if !again {
				break
			}
			times++
			waits += wait
		}
		require.Equal(t, tt.times, times, tt.name)
		require.Equal(t, tt.waits, waits, tt.name)
	}
	_, again := (&Repeats{MostWait: time.Hour}).After(429, 0, 0)
	require.False(t, again, "as the client's options say")
}

// The pauses grow from short ones to the longest; that a region moved is acted on at once, and then a second apart.
func TestPauses(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, tt := range []struct {
		status, sub int
		want        []time.Duration
	}{
		{0, 0, []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, time.Second, time.Second}},
		{429, 0, []time.Duration{50 * ms, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms}},
		{500, 5412, []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5 * time.Second}},
		{403, 3, []time.Duration{0, time.Second, time.Second}},
		{408, 0, []time.Duration{time.Second, time.Second}},
	} {
		r := Repeats{Throttled: true, MostWait: time.Minute}
		for i, want := range tt.want {
			wait, again := r.After(tt.status, tt.sub, 0)
			require.True(t, again, tt.status)
			require.Equal(t, want, wait, "%d: pause %d", tt.status, i)
		}
	}
}

// Each reason has a budget of its own: a transaction that was lost ten times may still be throttled or move.
func TestReasonsAreCountedApart(t *testing.T) {
	t.Parallel()
	r := Repeats{Throttled: true, MostWait: time.Minute}
	reasons := [][2]int{{0, 0}, {449, 5352}, {429, 3200}, {503, 0}, {403, 3}}
	for range 9 {
		for _, reason := range reasons {
			_, again := r.After(reason[0], reason[1], 0)
			require.True(t, again, reason)
		}
	}
	for _, status := range []int{429, 503} {
		_, again := r.After(status, 0, 0)
		require.False(t, again, status)
	}
	for _, status := range []int{408, 0} {
		_, again := r.After(status, 0, 0)
		require.True(t, again, "the tenth of %d", status)
		_, again = r.After(status, 0, 0)
		require.False(t, again, "the eleventh of %d", status)
	}
}

func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(`{"idempotencyToken":"t","operationResponses":[{"index":0,"statusCode":200}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if a, err := ParseAnswer(body, "t", 1); err == nil && len(a.Results) != 1 {
			t.Fatal(a)
		}
	})
}
