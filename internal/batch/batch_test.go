package batch

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAppend(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		op   Operation
		want string
	}{
		{Operation{Kind: Create, ID: "1", Body: []byte(`{"id":"1"}`)},
			`{"operationType":"Create","resourceBody":{"id":"1"}}`},
		{Operation{Kind: Upsert, ID: "1", Body: []byte(`{}`), IfMatch: `"e"`, PartitionKey: `["a"]`},
			`{"operationType":"Upsert","partitionKey":"[\"a\"]","ifMatch":"\"e\"","resourceBody":{}}`},
		{Operation{Kind: Delete, ID: `2","operationType":"Upsert`},
			`{"operationType":"Delete","id":"2\",\"operationType\":\"Upsert"}`},
		{Operation{Kind: Read, ID: "3", IfNoneMatch: "x"}, `{"operationType":"Read","id":"3","ifNoneMatch":"x"}`},
	} {
		got := tt.op.Append(nil)
		require.Equal(t, tt.want, string(got))
		require.GreaterOrEqual(t, tt.op.Size()+10, len(got))
	}
	require.Equal(t, "Create 42", (&Operation{Kind: Create, ID: "42"}).String())
	require.Nil(t, (&Operation{Kind: Patch, Body: []byte("{}")}).Document())
}

func TestResults(t *testing.T) {
	t.Parallel()
	got, err := Results([]byte(` [
		{"statusCode":201,"requestCharge":6.2857142857142856,"eTag":"\"e\"","resourceBody":{"id":"1"}},
		{"statusCode":204,"requestCharge":0,"resourceBody":null,"etag":"","message":""},
		{"statusCode":429,"subStatusCode":3200,"retryAfterMilliseconds":1500.5,"message":"slow \"down\""},
		{"StatusCode":4.04e2,"new":[{"statusCode":1}]},
		{"statusCode":429,"retryAfterMilliseconds":1e300}
	]`), 5)
	require.NoError(t, err)
	require.Equal(t, []Result{
		{StatusCode: 201, RequestCharge: 6.2857142857142856, ETag: `"e"`, Body: []byte(`{"id":"1"}`)},
		{StatusCode: 204},
		{StatusCode: 429, SubStatus: 3200, RetryAfter: 1500500 * time.Microsecond, Message: `slow "down"`},
		{StatusCode: 404},
		{StatusCode: 429, RetryAfter: 24 * time.Hour},
	}, got)
	require.True(t, got[0].Succeeded())
	require.False(t, got[2].Succeeded())
	f := got[2].Failure(&Operation{Kind: Create, ID: "1"}, "activity")
	require.Equal(t, `cosmos: Create 1: 429/3200 TooManyRequests: slow "down"; it asks for a pause of 1.5005s before `+
		`the next (activity activity)`, f.Error())
}

func TestResultsThatAreNone(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		``:                      `it is not a JSON array: ""`,
		`<html>`:                `it is not a JSON array: "<html>"`,
		`{"id":"1"}`:            "it is not a JSON array",
		`[{"statusCode":200}`:   "it is not a JSON array",
		`[{"statusCode":200},]`: "it is not a JSON array",
		`[]`:                    "0 results to 1 operations",
		`[{"statusCode":200},{"statusCode":200}]`: "2 results to 1 operations",
		`[{}]`:                         "result 0: it has no status code",
		`["x"]`:                        "result 0: it has no status code",
		`[{"statusCode":"200"}]`:       `result 0: "\"200\"" is not a number`,
		`[` + strings.Repeat(" ", 100): "…",
	} {
		_, err := Results([]byte(answer), 1)
		require.ErrorContains(t, err, want, answer)
	}
}

func FuzzResults(f *testing.F) {
	f.Add([]byte(`[{"statusCode":201,"requestCharge":1.5,"eTag":"e","resourceBody":{}}]`))
	f.Add([]byte(`[{"statusCode":1e400}]`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		results, err := Results(answer, 1)
		if err == nil && (len(results) != 1 || results[0].StatusCode < 100) {
			t.Fatalf("%q: %v", answer, results)
		}
	})
}
