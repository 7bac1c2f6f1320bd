package eval

import (
	"context"
	"iter"
	"time"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// expr is a compiled expression. It must not keep anything of the env beyond the call.
type expr func(e *env) value.Value

// env is the state of one run of a program. Every alias of the query and of its subqueries has a slot of its own, and
// every query block a state, so that no evaluation has to save and restore anything and nothing is allocated for a
// document that the filter refuses.
type env struct {
	ctx  context.Context
	opts *Options
	docs iter.Seq[value.Value]

	inOrder bool // the documents come in the order of ORDER BY

	doc    value.Value   // the document at hand
	keys   []value.Value // the ORDER BY keys of the row at hand
	slots  []value.Value // by alias
	places []int         // by name of a path: where the last object had it
	states []state       // by query block
	stack  []value.Value // arguments of the calls under way
	buf    []byte        // for keys of values; not in use while anything is evaluated

	yield func(Row, error) bool
	ticks int // rows looked at
	kept  int // rows that stay in memory
	held  int // bytes that those hold beside the documents
	built int // bytes built since the last row was kept, or since the document at hand was begun
	err   error

	text    analyser
	vectors [2]vector // the arguments of the distance at hand

	regexps   map[string]*regex
	regexTime time.Duration
	patterns  map[string]*pattern
	keySlab   []value.Value

	geometries map[geometryKey]geometry
}

// state is what a query block remembers while it runs.
type state struct {
	passed  int64               // rows that reached OFFSET and LIMIT
	seen    map[string]struct{} // DISTINCT: keys of the rows before
	groups  groups
	sorted  sorter
	scores  []scored
	corpora []corpus

	// What the sink of a subquery collects.
	rows   int
	result value.Value
	list   []value.Value
}

// tickMask sets how often a scan looks at its context: every 1024 rows.
const tickMask = 1<<10 - 1

// tick counts a row and reports whether evaluation may go on.
func (e *env) tick() bool {
	if e.ticks++; e.ticks&tickMask == 0 && e.err == nil {
		if e.err = e.ctx.Err(); e.err == nil && e.ticks > e.opts.MaxSteps {
			e.fail(stepsTooMany)
		}
	}
	return e.err == nil
}

// fail makes the run end with an error that has no code and no place, as the service's run-time errors have none.
func (e *env) fail(message string) value.Value {
	if e.err == nil {
		e.err = &nosql.Error{Message: message}
	}
	return value.Undefined
}

const (
	defaultMaxRows  = 5_000_000
	defaultMaxBytes = 512 << 20
	defaultMaxSteps = 1_000_000_000
	// maxValue bounds every value that a query builds, as JSON, far above what a document can hold. Without it a few
	// nested calls could ask for more memory than there is.
	maxValue = 16 << 20
	maxElems = 1 << 20

	valueTooLarge = "The query builds a value that is larger than the server allows."
	stepsTooMany  = "The query looks at more rows than the server allows."
	rowsTooMany   = "The query needs to keep more rows in memory than the server allows."
)

// keep counts a row, key or group that stays in memory, with all that was built since the last one, and reports
// whether there is room for it.
func (e *env) keep() bool {
	e.kept++
	e.held += e.built
	if e.kept > e.opts.MaxRows || e.held > e.opts.MaxBytes {
		e.fail(rowsTooMany)
		return false
	}
	built := e.built
	e.built = 0
	return e.share(bytesPerRow + built)
}

// bytesPerRow is about what a row that is kept takes beside its values.
const bytesPerRow = 160

// share counts n bytes, and the document at hand once, against the bound of all queries.
func (e *env) share(n int) bool {
	s := e.opts.Share
	if s == nil {
		return true
	}
	n += s.document
	s.document = 0
	if err := s.Add(n); err != nil {
		e.err = err
		return false
	}
	return true
}

// str returns a string that was built.
func (e *env) str(s string) value.Value {
	if len(s) > maxValue {
		return e.fail(valueTooLarge)
	}
	e.built += len(s)
	return value.String(s)
}

// array returns an array that was built.
func (e *env) array(elems []value.Value) value.Value {
	return e.composite(value.Array(elems), len(elems))
}

// object returns an object that was built.
func (e *env) object(members []value.Member) value.Value {
	return e.composite(value.Object(members), len(members))
}

// composite checks v, which has n parts. Its parts have been checked, but it may have the same large one many times.
func (e *env) composite(v value.Value, n int) value.Value {
	if n > maxElems || value.Size(v, maxValue) > maxValue {
		return e.fail(valueTooLarge)
	}
	e.built += n * bytesPerMember
	return v
}

// bytesPerMember is what a member takes in memory: a name and a value.
const bytesPerMember = 40

func (e *env) now() time.Time {
	if e.opts.Now != nil {
		return e.opts.Now()
	}
	return time.Now()
}

// newKeys copies ORDER BY keys, which each row that is kept has. They are cut from a slab to save allocations.
func (e *env) newKeys(keys []value.Value) []value.Value {
	if n := len(keys); len(e.keySlab) < n {
		e.keySlab = make([]value.Value, max(512, n))
	}
	kept := e.keySlab[:len(keys):len(keys)]
	e.keySlab = e.keySlab[len(keys):]
	copy(kept, keys)
	return kept
}
