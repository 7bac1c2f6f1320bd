package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// The service's limits on a transactional batch.
const (
	MaxBatchOperations = 100
	MaxBatchSize       = 2 << 20 // bytes of the request's body
)

// BatchResponse is the answer to a transactional batch.
type BatchResponse struct {
	Response
	Results []OperationResult // one for each operation, in the order of the operations
}

// OperationResult is what became of one operation of a batch.
type OperationResult struct {
	StatusCode    int             // HTTP status, such as 201; 424 if another operation failed
	SubStatus     int             // the service's refinement of it; 0 if there is none
	ETag          string          // of the document as it is now
	RequestCharge float64         // RU
	Body          json.RawMessage // the document; nil if the service did not send it
	Message       string          // what was wrong; empty of an operation that succeeded
	RetryAfter    time.Duration   // the pause that the service asks for
}

// BatchError is the error of a transactional batch in which an operation failed, so that nothing was done.
type BatchError struct {
	Index     int    // of the operation that failed, from 0
	Operation string // its kind and document id, such as "Create 42"
	Err       *Error // why it failed
}

// Error implements error.
func (e *BatchError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("cosmos: operation %d of the batch (%s) failed, and nothing was done", e.Index+1, e.Operation)
	}
	text := fmt.Sprintf("cosmos: operation %d of the batch (%s) failed, and nothing was done: %d %s",
		e.Index+1, e.Operation, e.Err.StatusCode, e.Err.Code)
	if e.Err.Message != "" { // the service says no more than the status
		text += ": " + e.Err.Message
	}
	return text
}

// Unwrap returns Err, so that errors.Is finds [ErrConflict] and its siblings.
func (e *BatchError) Unwrap() error {
	if e.Err == nil {
		return nil // not a nil *Error in an interface
	}
	return e.Err
}

// TransactionalBatch executes operations on documents of one logical partition, all or none, in one request: at most
// [MaxBatchOperations] operations and [MaxBatchSize] bytes. The partition is that of the first document, or of the
// option [PartitionKey]. If an operation fails the error is a [*BatchError], and the response has the results of all.
//
//	_, err := orders.TransactionalBatch(ctx, []cosmos.Operation{
//		cosmos.OpCreate(line),
//		cosmos.OpPatch("order-42", []cosmos.PatchOperation{cosmos.PatchIncrement("/lines", 1)}),
//		cosmos.OpDelete("draft-42", cosmos.IfMatch(etag)),
//	}, cosmos.PartitionKey("ada"))
func (c *Container) TransactionalBatch(ctx context.Context, operations []Operation, opts ...Option) (*BatchResponse, error) {
	if c.err != nil {
		return nil, c.err
	}
	set, err := c.client().resolve(ctx, option.TransactionalBatch, opts)
	if err != nil {
		return nil, err
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		return nil, err
	}
	b, err := c.batch(ctx, set, d, operations)
	if outdated(err) {
		if fresh, lookErr := c.definition(ctx, d); lookErr == nil && fresh.rid != d.rid {
			return c.batch(ctx, set, fresh, operations)
		}
	}
	return b, err
}

// outdated reports whether err may come from outdated knowledge of the container. Nothing was done then.
func outdated(err error) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains([]int{1000, 1001, 1003, 1024}, e.SubStatus)
}

// batch sends a batch to the container that d defines.
func (c *Container) batch(ctx context.Context, set *option.Set, d *definition, operations []Operation) (*BatchResponse, error) {
	key, err := c.batchKey(d, set, operations)
	if err != nil {
		return nil, err
	}
	body := []byte{'['}
	for i := range operations {
		if i > 0 {
			body = append(body, ',')
		}
		body = operations[i].append(body, "")
	}
	body = append(body, ']')
	if err := checkBatch(len(operations), len(body)); err != nil {
		return nil, err
	}
	req := c.request(c.docs, http.MethodPost, rest.Write)
	req.Body = body
	d.intend(req)
	req.Set(rest.HeaderIsBatch, "True")
	req.Set(rest.HeaderBatchAtomic, "True")
	req.Set(rest.HeaderBatchOrdered, "True")
	req.Set(rest.HeaderPartitionKey, key.Header())
	writeOptions(set, req)
	resp, err := c.client().do(ctx, set, req)
	if err != nil {
		return nil, err
	}
	return batchResponse(resp, operations)
}

// batchKey is the partition key of a batch: the one that the options name, or that of the first operation. An operation
// with another one is an error, and so is one that is invalid.
func (c *Container) batchKey(d *definition, set *option.Set, operations []Operation) (partition.Key, error) {
	var key partition.Key
	if !set.DefaultKey {
		key = set.PartitionKey
	}
	for i := range operations {
		o, named := &operations[i], &option.Set{}
		switch {
		case o.document() != nil || o.key != nil: // it names one itself
		case key != nil:
			named.PartitionKey = key
		default:
			named.PartitionKey, named.DefaultKey = set.PartitionKey, set.DefaultKey
		}
		own, err := o.keyFor(c, d, named)
		if err == nil && key != nil && !slices.Equal(own, key) {
			err = fmt.Errorf("cosmos: its partition key is %s, the batch's is %s: a batch stays in one logical partition", own, key)
		}
		if err != nil {
			return nil, within(fmt.Sprintf("operation %d of the batch (%s)", i+1, o), err)
		}
		key = own
	}
	return key, nil
}

// checkBatch checks the limits of a batch; size is in bytes.
func checkBatch(operations, size int) error {
	switch {
	case operations == 0:
		return errors.New("cosmos: the batch has no operations")
	case operations > MaxBatchOperations:
		return fmt.Errorf("cosmos: the batch has %d operations, more than %d", operations, MaxBatchOperations)
	case size > MaxBatchSize:
		return fmt.Errorf("cosmos: the batch has %d bytes, more than %d (2 MB): %w", size, MaxBatchSize, ErrTooLarge)
	}
	return nil
}

// wireResult is the JSON of an OperationResult.
type wireResult struct {
	StatusCode    int             `json:"statusCode"`
	SubStatusCode int             `json:"subStatusCode"`
	RequestCharge float64         `json:"requestCharge"`
	ETag          string          `json:"eTag"`
	ResourceBody  json.RawMessage `json:"resourceBody"`
	RetryAfter    float64         `json:"retryAfterMilliseconds"`
	Message       string          `json:"message"`

	err error // of an operation of a bulk whose request got no answer; StatusCode is 0 then
}

func (w *wireResult) public() OperationResult {
	return OperationResult{
		StatusCode: w.StatusCode, SubStatus: w.SubStatusCode, ETag: w.ETag, RequestCharge: w.RequestCharge, Body: w.ResourceBody,
		Message: w.Message, RetryAfter: time.Duration(w.RetryAfter * float64(time.Millisecond)),
	}
}

// decodeResults reads the results of a batch or bulk request, one for each of n operations.
func decodeResults(body []byte, n int) ([]wireResult, error) {
	var results []wireResult
	if err := json.Unmarshal(body, &results); err != nil {
		return nil, fmt.Errorf("cosmos: the answer to the batch cannot be read: %w", err)
	}
	if len(results) != n {
		return nil, fmt.Errorf("cosmos: the service answered %d results to %d operations", len(results), n)
	}
	return results, nil
}

// batchResponse decodes the answer to a batch. If the batch failed the error names the operation.
func batchResponse(resp *Response, operations []Operation) (*BatchResponse, error) {
	results, err := decodeResults(resp.Body, len(operations))
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", err, ErrUnknownOutcome)
	}
	b := &BatchResponse{Response: *resp, Results: make([]OperationResult, len(results))}
	culprit := -1
	for i := range results {
		b.Results[i] = results[i].public()
		// The others say 424: they failed because this one did.
		if results[i].StatusCode >= 400 && (culprit < 0 || results[culprit].StatusCode == http.StatusFailedDependency) {
			culprit = i
		}
	}
	if culprit < 0 {
		return b, nil
	}
	if results[culprit].SubStatusCode == 0 { // the service says it in the answer's header
		results[culprit].SubStatusCode = resp.SubStatus
		b.Results[culprit].SubStatus = resp.SubStatus
	}
	return b, &BatchError{
		Index: culprit, Operation: operations[culprit].String(),
		Err: operationError(&results[culprit], &operations[culprit], resp.ActivityID),
	}
}

// operationError is the error of one operation of a batch or bulk request.
func operationError(r *wireResult, o *Operation, activity string) *Error {
	p := r.public()
	return &Error{
		StatusCode: p.StatusCode, SubStatus: p.SubStatus, Code: statusWord(p.StatusCode), Message: p.Message,
		Operation: o.String(), ActivityID: activity, RequestCharge: p.RequestCharge, RetryAfter: p.RetryAfter,
	}
}
