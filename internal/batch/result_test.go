package batch

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
		`[{}]`:                                     "result 0: it has no status code",
		`["x"]`:                                    "result 0: it has no status code",
		`[{"statusCode":"200"}]`:                   `result 0: "\"200\"" is not a number`,
		`[` + strings.Repeat(" ", 100):             "…",
		`[{"statusCode":99}]`:                      "result 0: it has no status code",
		`[{"statusCode":1000}]`:                    "result 0: it has no status code",
		`[{"statusCode":1e300}]`:                   "result 0: it has no status code",
		`[{"statusCode":null}]`:                    "result 0: it has no status code",
		`[{"statusCode":1e400}]`:                   `result 0: "1e400" is not a number`,
		`[{"statusCode":200,"requestCharge":[1]}]`: `result 0: "[1]" is not a number`,
		`[{"statusCode":429,"retryAfterMilliseconds":true}]`: `result 0: "true" is not a number`,
		`[{"subStatusCode":"x","statusCode":200}]`:           `result 0: "\"x\"" is not a number`,
	} {
		_, err := Results([]byte(answer), 1)
		require.ErrorContains(t, err, want, answer)
	}
}

// A driver acts on these alone: a read of a document that has not changed has succeeded, and so has whatever has no
// body; one that another operation's failure kept from being executed has not.
func TestSucceeded(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{
		0: false, 200: true, 201: true, 204: true, 207: true, 304: true, 400: false, 404: false, 424: false, 449: false,
		503: false,
	} {
		require.Equal(t, want, (&Result{StatusCode: status}).Succeeded(), status)
	}
}

// The edges of what counts as a status are read as they are.
func TestStatusOfThreeDigits(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"100", "999"} {
		results, err := Results([]byte(`[{"statusCode":`+status+`}]`), 1)
		require.NoError(t, err)
		require.Equal(t, status, strconv.Itoa(results[0].StatusCode))
	}
}

// One result of several that cannot be read is named by its place: the caller has the operations in the same order.
func TestTheResultThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	_, err := Results([]byte(`[{"statusCode":200},{"statusCode":200},{"status":200}]`), 3)
	require.EqualError(t, err, "cosmos: the answer to the batch cannot be read: result 2: it has no status code")
}

// The bodies share the memory of the answer, so whoever appends to one must not write into the next.
func TestBodiesDoNotRunIntoEachOther(t *testing.T) {
	t.Parallel()
	results, err := Results([]byte(
		`[{"statusCode":200,"resourceBody":{"id":"1"}},{"statusCode":200,"resourceBody":[2]}]`), 2)
	require.NoError(t, err)
	require.Equal(t, `{"id":"1"} and more that is long enough to reach the next result`,
		string(append(results[0].Body, ` and more that is long enough to reach the next result`...)))
	require.Equal(t, Result{StatusCode: 200, Body: []byte(`[2]`)}, results[1])
}

// The pause that a service asks for is one that can be kept: not below zero, and not past what a duration holds.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]time.Duration{
		"0": 0, "-5": 0, "null": 0, "0.25": 250 * time.Microsecond, "86400000": 24 * time.Hour,
		"86400001": 24 * time.Hour, "9223372036854775807": 24 * time.Hour,
	} {
		results, err := Results([]byte(`[{"statusCode":429,"retryAfterMilliseconds":`+asked+`}]`), 1)
		require.NoError(t, err, asked)
		require.Equal(t, want, results[0].RetryAfter, asked)
	}
}

// What cannot be read is shown by its beginning, on one line of valid text: an error goes into logs.
func TestExcerpt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"a page", "<html>\r\n\t<body>502</body>", `"<html> <body>502</body>"`},
		{"as long as may be", strings.Repeat("x", 60), strconv.Quote(strings.Repeat("x", 60))},
		{"longer", strings.Repeat("x", 61), strconv.Quote(strings.Repeat("x", 60) + "…")},
		{"cut within a letter", strings.Repeat("x", 59) + "ü", strconv.Quote(strings.Repeat("x", 59) + "…")},
		{"bytes", "\x80\xffab", `"ab"`},
	} {
		require.Equal(t, tt.want, excerpt([]byte(tt.text)), tt.name)
	}
}

// TestFailure: the error of an operation says which one it was, what became of it, and only what is known of that.
func TestFailure(t *testing.T) {
	t.Parallel()
	replace := &Operation{Kind: Replace, ID: "7", PartitionKey: `["secret"]`, Body: []byte(`{"password":"hunter2"}`)}
	for _, tt := range []struct {
		result Result
		want   string
	}{
		{Result{StatusCode: 404}, "cosmos: Replace 7: 404 NotFound (activity a)"},
		{Result{StatusCode: 412, Message: "the ETag is another"},
			"cosmos: Replace 7: 412 PreconditionFailed: the ETag is another (activity a)"},
		{Result{StatusCode: 424}, "cosmos: Replace 7: 424 FailedDependency (activity a)"},
		{Result{StatusCode: 449}, "cosmos: Replace 7: 449 (activity a)"},
		{Result{StatusCode: 410, SubStatus: 1002}, "cosmos: Replace 7: 410/1002 Gone (activity a)"},
	} {
		require.EqualError(t, tt.result.Failure(replace, "a"), tt.want)
	}
	f := (&Result{StatusCode: 429, RequestCharge: 0.38, RetryAfter: time.Second}).Failure(replace, "a")
	require.InDelta(t, 0.38, f.RequestCharge, 1e-9)
	require.Equal(t, time.Second, f.RetryAfter)
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
