// Package dtc holds the wire form of the service's distributed transactions (POST operations/dtc), a preview of
// 2026: all that the client knows of it, so that a change of the contract touches this file alone.
package dtc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/go-json-experiment/json/jsontext"
)

// Kind is the resource type in the text to sign, whose link is empty.
const Kind rest.Kind = "distributedtransactionbatch"

// The kinds of request.
const (
	Commit = "CommitDistributedTransaction"
	Read   = "Read"
)

// Statuses of a transaction and of its operations.
const (
	StatusAborted   = 452  // nothing was executed: an operation voted no
	SubOthersVoteNo = 5415 // of an operation that voted yes, where another voted no
)

// Operation is one operation of a transaction.
type Operation struct {
	batch.Operation
	Database, Container string // names
	ContainerRID        string // the container that is meant; "" if it is not known
	SessionToken        string // of a read: what it has to see
}

// Request makes a request of a kind. The token is one transaction's, and stays the same however often it is sent.
func Request(kind, token string, ops []Operation) *rest.Request {
	req := &rest.Request{
		Verb: http.MethodPost, Kind: Kind, Path: "/operations/dtc", Effect: rest.Repeatable, Once: true,
		Header: []rest.Field{
			{Name: "X-Ms-Cosmos-Operation-Type", Value: kind},
			{Name: "X-Ms-Cosmos-Resource-Type", Value: "DistributedTransactionBatch"},
			{Name: "X-Ms-Cosmos-Idempotency-Token", Value: token},
			{Name: rest.HeaderContentType, Value: rest.ContentJSON},
		},
	}
	size := 20
	for i := range ops {
		size += ops[i].Size() + 300
	}
	b := append(make([]byte, 0, size), `{"operations":[`...)
	for i := range ops {
		if i > 0 {
			b = append(b, ',')
		}
		b = ops[i].append(b, i)
	}
	req.Body = append(b, ']', '}')
	return req
}

func (o *Operation) append(b []byte, index int) []byte {
	text := func(name, value string) {
		if value != "" {
			b, _ = jsontext.AppendQuote(append(append(append(b, `,"`...), name...), `":`...), value)
		}
	}
	b = strconv.AppendInt(append(b, `{"index":`...), int64(index), 10)
	text("databaseName", o.Database)
	text("collectionName", o.Container)
	text("collectionResourceId", o.ContainerRID)
	text("id", o.ID)
	b = append(append(b, `,"partitionKey":`...), o.PartitionKey...)
	text("operationType", o.Kind)
	text("resourceType", "Document")
	text("ifMatch", o.IfMatch)
	text("ifNoneMatch", o.IfNoneMatch)
	text("sessionToken", o.SessionToken)
	if o.Body != nil {
		b = append(append(b, `,"resourceBody":`...), o.Body...)
	}
	return append(b, '}')
}

// Result is what became of one operation.
type Result struct {
	batch.Result
	SessionToken string
}

// Answer is the answer to a transaction.
type Answer struct {
	StatusCode, SubStatus int
	RequestCharge         float64
	Diagnostics           string
	Results               []Result // one for each operation, in the order of the request
}

// ParseAnswer reads the answer to a transaction of n operations, whose results come in any order.
func ParseAnswer(body []byte, token string, n int) (*Answer, error) {
	var wire struct {
		Token         string  `json:"idempotencyToken"`
		StatusCode    int     `json:"statusCode"`
		SubStatusCode int     `json:"subStatusCode"`
		RequestCharge float64 `json:"requestCharge"`
		Diagnostics   string  `json:"diagnosticString"`
		Operations    []struct {
			Index         *int            `json:"index"`
			StatusCode    int             `json:"statusCode"`
			SubStatusCode int             `json:"subStatusCode"`
			SessionToken  string          `json:"sessionToken"`
			ETag          string          `json:"eTag"`
			RequestCharge float64         `json:"requestCharge"`
			ResourceBody  json.RawMessage `json:"resourceBody"`
		} `json:"operationResponses"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return nil, fmt.Errorf("cosmos: the answer to the transaction cannot be read: %w", err)
	}
	switch {
	case wire.Token != token:
		return nil, fmt.Errorf("cosmos: the answer is to the transaction %q, not to %q", wire.Token, token)
	case len(wire.Operations) != n:
		return nil, fmt.Errorf("cosmos: the service answered %d results to %d operations of a transaction",
			len(wire.Operations), n)
	}
	a := &Answer{
		StatusCode: wire.StatusCode, SubStatus: wire.SubStatusCode, RequestCharge: wire.RequestCharge,
		Diagnostics: wire.Diagnostics, Results: make([]Result, n),
	}
	for _, o := range wire.Operations {
		if o.Index == nil || *o.Index < 0 || *o.Index >= n || a.Results[*o.Index].StatusCode != 0 ||
			o.StatusCode < 100 || o.StatusCode > 999 {
			return nil, fmt.Errorf(
				"cosmos: the answer to the transaction cannot be read: its results are not of %d operations", n)
		}
		r := &a.Results[*o.Index]
		r.StatusCode, r.SubStatus, r.ETag, r.RequestCharge = o.StatusCode, o.SubStatusCode, o.ETag, o.RequestCharge
		r.SessionToken = o.SessionToken
		if string(o.ResourceBody) != "null" {
			r.Body = o.ResourceBody
		}
	}
	return a, nil
}

// Repeats counts how often a transaction was sent again. The idempotency token makes that safe whatever came of it
// before.
type Repeats struct {
	Throttled  bool          // throttled requests are sent again
	MostWait   time.Duration // the longest sum of the pauses that throttling asks for
	busy, lost int
	throttled  int
	failed     int
	moved      int
	waited     time.Duration
}

// The contract's bounds, but for lost connections and regions, whose are those of other requests.
const (
	mostBusy      = 10 // 408 and 449, a second apart or as asked
	mostFailed    = 9  // 5xx, from 100 ms doubled to 5 s
	mostThrottled = 9
	mostLost      = 10
	mostMoved     = 120 // 403/3, a second apart
)

// After decides whether a transaction is sent again after an attempt: status 0 if there was no answer. asked is the
// pause that the service asks for, 0 if it asks for none.
func (r *Repeats) After(status, sub int, asked time.Duration) (wait time.Duration, again bool) {
	switch {
	case status == 0:
		r.lost++
		return doubled(r.lost, 100*time.Millisecond, time.Second), r.lost <= mostLost
	case status == http.StatusRequestTimeout, status == 449:
		r.busy++
		if asked == 0 {
			asked = time.Second
		}
		return asked, r.busy <= mostBusy
	case status == http.StatusTooManyRequests:
		r.throttled++
		if asked == 0 {
			asked = doubled(r.throttled, 50*time.Millisecond, 5*time.Second)
		}
		r.waited += asked
		return asked, r.Throttled && r.throttled <= mostThrottled && r.waited <= r.MostWait
	case status == http.StatusForbidden && (sub == 3 || sub == 1008):
		r.moved++
		return time.Duration(min(r.moved-1, 1)) * time.Second, r.moved <= mostMoved
	case status >= 500 && status != http.StatusNotImplemented:
		r.failed++
		return doubled(r.failed, 100*time.Millisecond, 5*time.Second), r.failed <= mostFailed
	}
	return 0, false
}

func doubled(attempt int, first, most time.Duration) time.Duration {
	return min(first<<min(attempt-1, 20), most)
}
