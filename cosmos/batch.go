package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// The service's limits on a batch.
const (
	MaxBatchOperations = 100
	MaxBatchSize       = 2 << 20 // bytes
)

// BatchResponse is the answer to a transactional batch.
type BatchResponse struct {
	Response
	Results []OperationResult // one for each operation, in their order
}

// OperationResult is what became of one operation of a batch.
type OperationResult struct {
	StatusCode    int
	SubStatus     int
	ETag          string
	RequestCharge float64
	Body          json.RawMessage // the document, where the service sends it
	Message       string          // what was wrong
	RetryAfter    time.Duration
}

// BatchError is the error of a batch of which an operation failed. Nothing of the batch has been done.
type BatchError struct {
	Index     int    // of the operation that failed
	Operation string // which it was, such as "Create 42"
	Err       *Error // what is wrong with it
}

// Error implements error.
func (e *BatchError) Error() string {
	return fmt.Sprintf("cosmos: operation %d of the batch (%s) failed, and nothing was done: %d %s: %s",
		e.Index, e.Operation, e.Err.StatusCode, e.Err.Code, e.Err.Message)
}

// Unwrap returns what is wrong with the operation, so that errors.Is finds [ErrConflict] and its siblings.
func (e *BatchError) Unwrap() error { return e.Err }

// TransactionalBatch executes operations on documents of one logical partition, all or none: at most 100 of them, and
// 2 MB. The partition is that of the first document, or of the option [PartitionKey]. When an operation fails the error
// is a [*BatchError] that names it.
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
	set, err := c.client().resolve(ctx, opts)
	if err != nil {
		return nil, err
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		return nil, err
	}
	key := set.PartitionKey
	body := []byte{'['}
	for i := range operations {
		o := &operations[i]
		if key == nil {
			if key, err = o.keyFor(c, d, set); err != nil {
				return nil, within(fmt.Sprintf("operation %d of the batch (%s)", i, o), err)
			}
		}
		if err := c.belongs(d, o, key); err != nil {
			return nil, within(fmt.Sprintf("operation %d of the batch (%s)", i, o), err)
		}
		if i > 0 {
			body = append(body, ',')
		}
		body = o.append(body, "")
	}
	body = append(body, ']')
	if err := checkBatch(len(operations), len(body)); err != nil {
		return nil, err
	}
	req := c.docs.request(http.MethodPost, rest.Documents, rest.Write)
	req.Body, req.Scope = body, c.address.link
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

// belongs reports an operation that is wrong or on another logical partition.
func (c *Container) belongs(d *definition, o *Operation, key partition.Key) error {
	if o.err != nil {
		return o.err
	}
	if err := d.key.Check(key); err != nil {
		return err
	}
	own := o.key
	if doc := o.document(); doc != nil {
		var err error
		if own, err = d.key.Extract(doc); err != nil {
			return err
		}
	}
	if own != nil && !equalKeys(own, key) {
		return fmt.Errorf("cosmos: its partition key is %s, the batch's is %s: a batch stays in one logical partition", own, key)
	}
	return nil
}

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

// wireResult is an OperationResult as the service writes it.
type wireResult struct {
	StatusCode    int             `json:"statusCode"`
	SubStatusCode int             `json:"subStatusCode"`
	RequestCharge float64         `json:"requestCharge"`
	ETag          string          `json:"eTag"`
	ResourceBody  json.RawMessage `json:"resourceBody"`
	RetryAfter    float64         `json:"retryAfterMilliseconds"`
	Message       string          `json:"message"`

	err error // why there is no status
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

// batchResponse finds the operation that made a batch fail, if one did.
func batchResponse(resp *Response, operations []Operation) (*BatchResponse, error) {
	results, err := decodeResults(resp.Body, len(operations))
	if err != nil {
		return nil, err
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
