// Package execute executes the statements that change documents, databases and containers: which requests a statement
// becomes, what follows when another writer was faster, and what a transaction may hold.
//
// It reaches the service through the interfaces [Container] and [Account].
package execute

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Container is what statements act on. Its methods are safe for concurrent use.
type Container interface {
	// Definition returns the container's partition key.
	Definition(ctx context.Context) (partition.Definition, error)

	// Do carries out one operation. The outcome's Status is set beside an error, too, if there was an answer.
	Do(ctx context.Context, op Op) (Outcome, error)

	// Batch carries out operations of one logical partition, all or none. Where one of them failed, there are outcomes
	// beside the error.
	Batch(ctx context.Context, key partition.Key, ops []Op) ([]Outcome, error)

	// Query yields the rows of a query, of one logical partition unless key is nil. A row is valid until the next.
	Query(ctx context.Context, text string, params []statement.Arg, key partition.Key) iter.Seq2[json.RawMessage, error]
}

// Kind is what an operation does.
type Kind int

// The kinds of operation.
const (
	Create Kind = iota
	Upsert
	Patch
	Delete
	Read
)

// Op is one operation on one document.
type Op struct {
	Kind     Kind
	ID       string
	Key      partition.Key
	Document json.RawMessage       // of Create and Upsert
	Patch    []statement.Operation // of Patch; at most [maxPatchOps]
	IfMatch  string                // the ETag that the document must still have; "" for any
	Answer   bool                  // the outcome needs the document
}

// Outcome is the answer to an operation.
type Outcome struct {
	Status   int // HTTP status
	ETag     string
	Document json.RawMessage
}

// notFound and preconditionFailed are the two ways in which another writer may have been faster.
func (o Outcome) notFound() bool           { return o.Status == http.StatusNotFound }
func (o Outcome) preconditionFailed() bool { return o.Status == http.StatusPreconditionFailed }

// Result is the result of a statement.
type Result struct {
	Affected  int64
	Documents []json.RawMessage // the documents affected, where the statement has RETURNING
}

// maxPatchOps is what the service takes in one patch.
const maxPatchOps = 10

// patches divides patch operations into operations of at most maxPatchOps each, which are sent as one batch. etag is the
// condition of the first; answer applies to the last.
func patches(id string, key partition.Key, ops []statement.Operation, etag string, answer bool) []Op {
	var cut []Op
	for start := 0; start < len(ops); start += maxPatchOps {
		cut = append(cut, Op{Kind: Patch, ID: id, Key: key, Patch: ops[start:min(start+maxPatchOps, len(ops))]})
	}
	cut[0].IfMatch = etag
	cut[len(cut)-1].Answer = answer
	return cut
}

// run executes the operations of one change. It returns the outcome of the last one, or of the one that failed.
func run(ctx context.Context, c Container, ops []Op) (Outcome, error) {
	if len(ops) == 1 {
		return c.Do(ctx, ops[0])
	}
	outcomes, err := c.Batch(ctx, ops[0].Key, ops)
	if i := Failed(outcomes); i >= 0 {
		return outcomes[i], err
	}
	if len(outcomes) == 0 {
		return Outcome{}, err
	}
	return outcomes[len(outcomes)-1], err
}

// Failed returns the index of the operation for which a batch failed, or -1. The others have the status of operations
// that were never tried.
func Failed(outcomes []Outcome) int {
	for i, o := range outcomes {
		if o.Status >= http.StatusBadRequest && o.Status != http.StatusFailedDependency {
			return i
		}
	}
	return -1
}
