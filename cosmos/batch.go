package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// The service's limits on a transactional batch.
const (
	MaxBatchOperations = batch.MaxOperations
	MaxBatchSize       = batch.MaxBytes // of the request's body
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
	SessionToken  string          // of its partition, of a [Transaction]; that of a batch stands in the response
}

// BatchError is the error of a transactional batch or a [Transaction] of which an operation failed or is invalid, so
// that nothing was done. If it is also an [ErrUnknownOutcome], an earlier attempt may have done everything.
type BatchError struct {
	Index     int    // of the operation that failed, from 0
	Operation string // its kind and document id, such as "Create 42"
	// Failed are all operations that failed, of a [Transaction]; Index is the first one.
	Failed []int
	// Err is why it failed. If the operation was refused before anything was sent, the status is 400, there is no
	// activity id, and the cause says why.
	Err *Error

	unsent      bool
	transaction bool
}

// Error implements error.
func (e *BatchError) Error() string {
	whole := "batch"
	if e.transaction {
		whole = "transaction"
	}
	text := fmt.Sprintf("cosmos: operation %d of the %s (%s)", e.Index+1, whole, e.Operation)
	switch {
	case e.Err == nil:
		return text + " failed, and nothing was done"
	case e.unsent:
		return text + " is refused, and nothing was sent: " + e.Err.Message
	}
	end := "and nothing was done"
	if errors.Is(e.Err, ErrUnknownOutcome) {
		end = "but an earlier attempt may have been executed"
	}
	text += fmt.Sprintf(" failed, %s: %d %s", end, e.Err.StatusCode, e.Err.Code)
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
// option [PartitionKey]. If an operation fails, or is refused before anything is sent, the error is a [*BatchError].
// The response comes beside the error where the service answered, with the results of all operations if it judged
// them.
//
//	_, err := orders.TransactionalBatch(ctx, []cosmos.Operation{
//		cosmos.OpCreate(line),
//		cosmos.OpPatch("order-42", []cosmos.PatchOperation{cosmos.PatchIncrement("/lines", 1)}),
//		cosmos.OpDelete("draft-42", cosmos.IfMatch(etag)),
//	}, cosmos.PartitionKey("ada"))
func (c *Container) TransactionalBatch(ctx context.Context, operations []Operation,
	opts ...Option) (_ *BatchResponse, err error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	ctx, traced := c.client().begin(ctx, "execute_batch", c.address.link, len(operations))
	defer func() { traced.ends(0, err) }()
	set, err := c.client().resolve(ctx, option.TransactionalBatch, opts)
	if err != nil {
		return nil, err
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		return nil, err
	}
	b, err := c.batch(ctx, set, d, operations)
	switch {
	case outdated(err):
		fresh, lookErr := c.definition(ctx, d)
		if lookErr != nil || fresh.rid == d.rid {
			return b, err
		}
		if !allRepeatable(operations) {
			return b, fmt.Errorf("%w: %w", errRecreated, err)
		}
		again, againErr := c.batch(ctx, set, fresh, operations)
		if refused := (*BatchError)(nil); errors.As(againErr, &refused) && refused.unsent {
			return b, fmt.Errorf("%w: %w", errRecreated, err) // by its new key it is not one batch any more
		}
		return again, againErr
	case err == nil && c.elsewhere(ctx, d, &b.Response) && !allRepeatable(operations):
		return b, fmt.Errorf("cosmos: the batch was executed, but in another container than was meant: %w",
			errRecreated)
	}
	return b, err
}

// allRepeatable reports whether the operations mean the same in a container that was created again under its name.
func allRepeatable(operations []Operation) bool {
	return !slices.ContainsFunc(operations, func(o Operation) bool { return !o.repeatable() })
}

// outdated reports whether err may come from outdated knowledge of the container. Nothing was done then.
func outdated(err error) bool {
	var e *Error
	return errors.As(err, &e) && outdatedAnswer(e.StatusCode, e.SubStatus)
}

// batch sends a batch to the container that d defines.
func (c *Container) batch(ctx context.Context, set *option.Set, d *definition,
	operations []Operation) (*BatchResponse, error) {
	key, err := c.batchKey(d, set, operations)
	if err != nil {
		return nil, err
	}
	body, err := batchBody(operations)
	if err != nil {
		return nil, err
	}
	req := c.request(c.docs, http.MethodPost, rest.Write)
	req.Body, req.Shape = body, rest.Array
	d.intend(req)
	req.Set(rest.HeaderIsBatch, "True")
	req.Set(rest.HeaderBatchAtomic, "True")
	req.Set(rest.HeaderBatchOrdered, "True")
	req.Set(rest.HeaderPartitionKey, key.Header())
	writeOptions(set, req)
	requestOptions(set, req)
	resp, err := c.client().rest.Do(ctx, req)
	record(ctx, resp)
	if err == nil {
		return batchResponse(resp, operations)
	}
	if resp.Status == 0 {
		return nil, publicError(err)
	}
	return &BatchResponse{Response: *publicResponse(resp)}, publicError(err)
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
			err = errtext.Refusef("cosmos: its partition key is %s, the batch's is %s: "+
				"a batch stays in one logical partition", own, key)
		}
		if err != nil {
			return nil, refusedOperation(operations, i, err)
		}
		key = own
	}
	return key, nil
}

// refusedOperation is the error of a batch whose operation i is refused before anything is sent.
func refusedOperation(operations []Operation, i int, err error) *BatchError {
	o := strings.TrimSpace(operations[i].String())
	return &BatchError{Index: i, Operation: o, unsent: true, Err: &Error{
		StatusCode: http.StatusBadRequest, Code: statusWord(http.StatusBadRequest), Operation: o,
		Message: errtext.Of(err), Cause: err,
	}}
}

// batchBody is the body of a batch. Beyond the limits, the error names the first operation that does not fit.
func batchBody(operations []Operation) ([]byte, error) {
	if len(operations) == 0 {
		return nil, errtext.Refusef("cosmos: the batch has no operations")
	}
	body := []byte{'['}
	for i := range operations {
		if i == MaxBatchOperations {
			return nil, refusedOperation(operations, i,
				fmt.Errorf("the batch has %d operations, more than %d", len(operations), MaxBatchOperations))
		}
		if i > 0 {
			body = append(body, ',')
		}
		o := operations[i].wire()
		if body = o.Append(body); len(body)+1 > MaxBatchSize {
			return nil, refusedOperation(operations, i,
				fmt.Errorf("the batch has more than %d bytes (2 MB): %w", MaxBatchSize, errtext.Inner(ErrTooLarge)))
		}
	}
	return append(body, ']'), nil
}

// batchResponse decodes the answer to a batch. If the batch failed the error names the operation.
func batchResponse(resp *rest.Response, operations []Operation) (*BatchResponse, error) {
	b := &BatchResponse{Response: *publicResponse(resp)}
	results, err := batch.Results(resp.Body, len(operations))
	if err != nil {
		return b, fmt.Errorf("%w (%w)", err, ErrUnknownOutcome)
	}
	b.Results = make([]OperationResult, len(results))
	culprit := -1
	for i, r := range results {
		b.Results[i] = publicResult(&r)
		// The others say 424: they failed because this one did.
		if r.StatusCode >= 400 && (culprit < 0 || results[culprit].StatusCode == http.StatusFailedDependency) {
			culprit = i
		}
	}
	if culprit < 0 {
		return b, nil
	}
	if results[culprit].SubStatus == 0 { // the service says it in the answer's header
		results[culprit].SubStatus, b.Results[culprit].SubStatus = resp.SubStatus, resp.SubStatus
	}
	o := operations[culprit].wire()
	failure := newError(results[culprit].Failure(&o, resp.ActivityID))
	if resp.OutcomeUnknown {
		failure.Cause = ErrUnknownOutcome
	}
	return b, &BatchError{Index: culprit, Operation: o.String(), Err: failure}
}
