// Package pipeline answers a query from all the partitions of a container, so that the rows are those that a container
// with a single partition would give, in the same order.
//
// A query takes one of the roads of [queryplan.Choose]. On the way the partitions' pages run through stages, each a
// small type with one job, composed in the order that the query plan says:
//
//	source     pages of the partitions: in turn, or one partition after the other      a page per partition
//	merge      sorted answers merged into one (ORDER BY)                               two pages per partition, or
//	                                                                                   all of one that cannot sort
//	best       the best rows of all answers (vector order)                             the rows that TOP or LIMIT asks for
//	aggregate  partial aggregates folded                                               one row
//	distinct   rows seen before dropped                                                32 bytes per distinct row
//	group      groups of the partitions folded (GROUP BY)                              a row per group
//	skip, take OFFSET, LIMIT, TOP                                                      nothing
//	count      rows counted (COUNT of DISTINCT)                                        nothing
//	hybrid     ranks of several searches fused (ORDER BY RANK)                         the best rows of each search
//
// The last column is the memory that a stage holds. What grows with the result, not with the pages in flight, counts
// against [Options.MaxBuffer], and a query that needs more ends with an [ErrBuffer].
package pipeline

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Backend sends the requests of one query. Its methods are called from several goroutines at once. It repeats what
// deserves repeating by itself; the pipeline knows only about partitions that have moved.
type Backend interface {
	// Plan asks the service for the query plan, or takes it from a cache.
	Plan(ctx context.Context) (*queryplan.Plan, error)
	// Ranges returns the partition key ranges that overlap [lo, hi), or own the point lo if hi equals it, in order.
	// With refresh the routing map that is cached is known to be old.
	Ranges(ctx context.Context, lo, hi string, refresh bool) ([]partition.Range, error)
	// Fetch asks for one page. The error wraps [ErrGone] if the partition key range is not there any more.
	Fetch(ctx context.Context, f Fetch) (*Page, error)
	// Read reads one document; the page is empty if there is none.
	Read(ctx context.Context, id string, key partition.Key) (*Page, error)
}

// Fetch describes one request: what to ask, where, and from where on.
type Fetch struct {
	Query        string        // text; the parameters are the query's own
	Key          partition.Key // ask one logical partition, or
	RangeID      string        // ask a physical partition, or
	Min, Max     string        // the part [Min, Max) of it; both empty for the whole
	Continuation string
	PageSize     int // most rows wanted; 0 leaves it to the service
}

// Page is one answer.
type Page struct {
	Docs          []json.RawMessage // the rows as JSON, which the pipeline does not change
	Continuation  string            // empty after the last page
	ExecutionInfo string            // the header x-ms-cosmos-query-execution-info
	Unsorted      bool              // "_streaming":false: the partition could not sort, ORDER BY is left to the client
	Release       func()            // called when Docs are not used any more; may be nil, and may never be called
}

var (
	// ErrGone is wrapped by the error of a [Backend] whose partition was split, merged or moved: status 410.
	ErrGone = errors.New("cosmos: the partition key range is gone")
	// ErrContinuation is wrapped by the errors about a continuation that cannot be resumed from.
	ErrContinuation = errors.New("cosmos: bad continuation")
	// ErrBuffer is wrapped by the error of a query that has to hold more than [Options.MaxBuffer].
	ErrBuffer = errors.New("cosmos: the query needs too much memory")
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
