package pipeline

import (
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Options says how to run a query.
type Options struct {
	Query     string
	Tree      *nosql.Query // what Query says; nil if it could not be read here
	Access    queryplan.AccessPath
	Identity  string // whatever beside the text makes it this query: container, parameters
	PageSize  int    // most rows of a page, and of a request; 0 or less leaves it to service and pipeline
	ReadAhead ReadAhead
	// Not more than one for each partition is ever needed.
	MaxConcurrency int    // most requests side by side; 0 means DefaultConcurrency
	MaxBuffer      int64  // bytes, see the package comment; 0 means DefaultBuffer
	Continuation   string // where to resume, see Batch
	LocalScores    bool   // full-text statistics are those of the partitions that the query reaches
	// The caller reads to the end. A continuation names every range that is left, so that one for each page of a scan
	// would grow with the square of the partitions.
	NoContinuation bool
}

// ReadAhead says when pages are fetched before they are asked for.
type ReadAhead int

const (
	// A web page asks for one page and stops: reading ahead would cost request units for rows that nobody looks at.
	AheadOnSecond ReadAhead = iota // from the second Next on: who asks for a second page will ask for a third
	AheadAtOnce                    // from the first Next on: the caller reads to the end
	AheadNever
)

// What [Options] mean when they are zero.
const (
	// Enough to keep a fast line busy (see aheadBytes), and few enough for a service that others ask, too.
	DefaultConcurrency = 32
	// Room for about a million groups or sorted rows, within what a small server can spare for a query.
	DefaultBuffer = 256 << 20
)

// Batch is a page of the merged result. Its rows are lent until Release, so that a page is read from the connection
// once and copied by nobody.
type Batch struct {
	Docs         []json.RawMessage
	Continuation string // resumes behind this page; empty after the last, without one, and where nothing can be resumed
	Release      func() // gives the buffers of Docs back; may be nil
}
