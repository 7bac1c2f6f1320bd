package pipeline

import (
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Options says how to run a query.
type Options struct {
	Query          string
	Road           queryplan.Road
	Identity       string // whatever beside the text makes it this query: container, parameters
	PageSize       int    // most rows of a page, of the partitions' too; 0 leaves it to service and pipeline
	MaxConcurrency int    // most requests side by side; 0 means DefaultConcurrency
	MaxBuffer      int64  // bytes, see the package comment; 0 means DefaultBuffer
	Continuation   string // where to resume, see Batch
}

// What [Options] mean when they are zero.
const (
	DefaultConcurrency = 32
	DefaultBuffer      = 256 << 20
)

// Batch is a page of the merged result.
type Batch struct {
	Docs         []json.RawMessage
	Continuation string // resumes behind this page; empty after the last page, and for queries that cannot be resumed
	Release      func() // gives the buffers of Docs back; may be nil
}
