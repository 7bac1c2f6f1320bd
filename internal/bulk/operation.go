package bulk

import (
	"context"
	"encoding/json"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Operation is an operation on its way through a bulk. Who makes one sets the exported fields but for the wire form's
// PartitionKey, which [Backend.Place] sets.
type Operation struct {
	batch.Operation
	Source  any   // what the backend knows of it
	Renames bool  // a replace whose document has another id
	Err     error // why it is invalid; nil if it is not

	index          int
	size           int     // in bytes, as it was taken in
	charge         float64 // RU of all attempts
	retries        int
	attempts       *rest.Attempts
	outcomeUnknown bool      // an earlier attempt may have been executed
	alone          bool      // must travel alone: together with others the request or its answer was too large
	due            time.Time // not to be sent before
}

// Result is what became of an operation. Its fields are those of cosmos.BulkResult. An Err that is an answer of the
// service is a [*rest.Failure] and not wrapped.
type Result struct {
	Index         int
	ID            string
	StatusCode    int
	ETag          string
	SessionToken  string
	RequestCharge float64
	Retries       int
	Body          json.RawMessage
	Err           error
}

// Answer is what became of one request.
type Answer struct {
	Results []batch.Result // one for each operation; nil if the request failed as a whole

	// Of a request that failed as a whole one of these is set.
	Failure *rest.Failure // the service refused it
	Err     error         // there is no answer, or none that is one to a bulk request

	Sent         bool // with Err: the operations may have been executed
	Closed       bool // with Err: the client is closed, nothing can be sent any more
	Foreign      bool // with Err: the server took the request for something else, and said yes
	Charge       float64
	Retries      int // of a request for a single operation: it was repeated as such requests are
	SessionToken string
	ActivityID   string
}

// Backend is what a bulk needs of the client. Its methods may be called by several goroutines at once.
type Backend interface {
	// Place names the physical partition of an operation by what is known of the container now, and sends nothing. The
	// error says that the operation is invalid.
	Place(o *Operation) (rangeID string, err error)
	// Send sends operations to a physical partition, once.
	Send(ctx context.Context, rangeID string, ops []*Operation) Answer
	// SendSingly sends an operation as a request of its own, which is repeated as such requests are. The Results of
	// an answer have one element.
	SendSingly(ctx context.Context, o *Operation) Answer
	// ReadBack reads the document id that an operation may have written.
	ReadBack(ctx context.Context, o *Operation, id string) Answer
	// PartitionGone reads the physical partitions again because a request found that one of them has changed.
	PartitionGone(ctx context.Context, rangeID string)
	// DefinitionStale reads the container's definition again because an answer contradicts it. It reports whether the
	// operation, placed anew, may be sent again and is another request then.
	DefinitionStale(ctx context.Context, o *Operation) bool
}

// Config says how to execute a bulk.
type Config struct {
	Backend  Backend
	Support  *Support
	Attempts func(rest.Effect) *rest.Attempts // counts the repeats of one operation
	Requests int                              // in flight; 0: the default
	// an operation of unknown outcome may be sent again, whatever it does
	RepeatWrites   bool
	RetryThrottled bool                  // throttled operations are sent again
	LongestPause   time.Duration         // a longer one that the service asks for ends an operation
	Progress       func(option.Progress) // told how far the bulk has got; may be nil
}

// effect says what sending an operation twice could do. The contract of a bulk is that the last writer wins, so most
// writes may be repeated. Not a patch, which would add twice, unless an ETag guards it; not an upsert under an ETag,
// which would create again what another writer deleted; not a replace that renames, since after it the old id may be
// another's.
func (c *Config) effect(o *Operation) rest.Effect {
	switch {
	case o.Kind == batch.Read:
		return rest.Read
	case c.RepeatWrites:
		return rest.Repeatable
	case o.Kind == batch.Patch && !guarded(o), o.Kind == batch.Upsert && o.IfMatch != "", o.Renames:
		return rest.Write
	}
	return rest.Repeatable
}

// guarded reports whether the operation finds its document only once as it is now.
func guarded(o *Operation) bool { return o.IfMatch != "" && o.IfMatch != "*" }
