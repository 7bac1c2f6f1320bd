package dtc

import (
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
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
	require.Equal(t, "/operations/dtc", req.Path)
	require.Empty(t, req.Link)
	require.Equal(t, "token", req.Header[2].Value)
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
	for _, body := range []string{
		``, `<html>`, `[]`, `{}`,
		`{"idempotencyToken":"other","operationResponses":[{"index":0,"statusCode":200},{"index":1,"statusCode":200}]}`,
		`{"idempotencyToken":"t","operationResponses":[{"index":0,"statusCode":200}]}`,
		`{"idempotencyToken":"t","operationResponses":[{"index":0,"statusCode":200},{"index":0,"statusCode":200}]}`,
		`{"idempotencyToken":"t","operationResponses":[{"index":0,"statusCode":200},{"index":2,"statusCode":200}]}`,
		`{"idempotencyToken":"t","operationResponses":[{"statusCode":200},{"index":1,"statusCode":200}]}`,
		`{"idempotencyToken":"t","operationResponses":[{"index":0},{"index":1,"statusCode":200}]}`,
	} {
		_, err := ParseAnswer([]byte(body), "t", 2)
		require.Error(t, err, body)
	}
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

func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(`{"idempotencyToken":"t","operationResponses":[{"index":0,"statusCode":200}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if a, err := ParseAnswer(body, "t", 1); err == nil && len(a.Results) != 1 {
			t.Fatal(a)
		}
	})
}
