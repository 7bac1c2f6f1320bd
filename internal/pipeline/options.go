package pipeline

import (
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Options says how to run a query.
type Options struct {
	Query          string
	Tree           *nosql.Query // what Query says; nil if it could not be read here
	Access         queryplan.AccessPath
	Identity       string // whatever beside the text makes it this query: container, parameters
	PageSize       int    // most rows of a page, and of a request; 0 or less leaves it to service and pipeline
	ReadAhead      ReadAhead
	MaxConcurrency int    // most requests side by side; 0 means DefaultConcurrency
	MaxBuffer      int64  // bytes, see the package comment; 0 means DefaultBuffer
	Continuation   string // where to resume, see Batch
	LocalScores    bool   // full-text statistics are those of the partitions that the query reaches
}

// ReadAhead says when pages are fetched before they are asked for.
type ReadAhead int

const (
	AheadOnSecond ReadAhead = iota // from the second Next on: who asks for a second page will ask for a third
	AheadAtOnce                    // from the first Next on: the caller reads to the end
	AheadNever
)

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
