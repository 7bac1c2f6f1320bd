package pipeline

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Backend sends the requests of one query. Its methods are called from several goroutines at once. It repeats what
// deserves repeating by itself; the pipeline knows only about partitions that have moved. It is all that the pipeline
// knows of a service: its tests run on a fake of a few lines, and nothing here reads a header or a status.
type Backend interface {
	// Plan asks the service for the query plan, or takes it from a cache.
	Plan(ctx context.Context) (*queryplan.Plan, error)
	// Ranges returns the partition key ranges that overlap [lo, hi), or own the point lo if hi equals it, in order.
	// With refresh the routing map that is cached is known to be old.
	Ranges(ctx context.Context, lo, hi string, refresh bool) ([]partition.Range, error)
	// Fetch asks for one page. The error wraps [ErrGone] if the partition key range is not there any more. Any other
	// error ends the query: whatever may be repeated has been repeated below.
	Fetch(ctx context.Context, f Fetch) (*Page, error)
	// Read reads one document; the page is empty if there is none. A missing document is an empty page and not an
	// error, since the query that it answers would have no row either.
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
	// Whoever wanted it may go while the answer is on its way: the backend then reads it all the same, so that the
	// connection can be used again.
	Ahead bool // nobody waits for the page yet, or will perhaps
}

// Page is one answer. The backend has taken the rows out of the answer's envelope without reading them.
type Page struct {
	Docs          []json.RawMessage // the rows as JSON, which the pipeline does not change
	Continuation  string            // empty after the last page
	ExecutionInfo string            // the header x-ms-cosmos-query-execution-info
	// It comes with the first page of such a partition already: its rows must then all be there before one can be
	// handed out.
	Unsorted bool   // "_streaming":false: the partition could not sort, ORDER BY is left to the client
	Release  func() // called when Docs are not used any more; may be nil, and may never be called
}

var (
	// ErrGone is wrapped by the error of a [Backend] whose partition was split, merged or moved: status 410. The
	// routing map has to be read again, and the query goes on in the partitions that are there now (PROTOCOL.md
	// 6.11).
	ErrGone = errors.New("cosmos: the partition key range is gone")
	// ErrContinuation is wrapped by the errors about a continuation that cannot be resumed from.
	ErrContinuation = errors.New("cosmos: bad continuation")
	// ErrBuffer is wrapped by the error of a query that has to hold more than [Options.MaxBuffer]. An error and no
	// slower way, as nothing is ever written to disk.
	ErrBuffer = errors.New("cosmos: the query needs too much memory")
)
