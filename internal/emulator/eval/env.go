package eval

import (
	"context"
	"iter"
	"time"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// expr is a compiled expression. It must not keep anything of the env beyond the call. The env goes on to the next
// document at once, and its stack and buffers with it; what an expression gives back may only hold values, which
// share memory with documents and are never written to.
type expr func(e *env) value.Value

// env is the state of one run of a program. Every alias of the query and of its subqueries has a slot of its own, and
// every query block a state, so that no evaluation has to save and restore anything and nothing is allocated for a
// document that the filter refuses.
type env struct {
	ctx  context.Context
	opts *Options
	docs iter.Seq[value.Value]

	// Set by Program.Sorted alone: rows then leave as they come, where the sorter would keep them all until the last
	// document is read.
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

	// One document's text is often searched by several calls (FullTextContains in the filter and again in the select
	// list), one word by many documents.
	text    analyser
	vectors [2]vector // the arguments of the distance at hand

	// Expressions and patterns that are not constants come from documents; the same few return row after row, so
	// compiling them anew each time would cost more than the match.
	regexps   map[string]*regex
	regexTime time.Duration
	patterns  map[string]*pattern
	keySlab   []value.Value

	// A polygon with thousands of points costs milliseconds to read, and is the same for every document that is
	// tested against it.
	geometries map[geometryKey]geometry
}

// state is what a query block remembers while it runs. It lies in the env, not in the block, since one block runs for
// several queries at a time; a subquery that runs for every document begins with it emptied, not made anew.
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

// tickMask sets how often a scan looks at its context: every 1024 rows. A look at every row would cost as much as a
// simple filter; at so many, a cancelled scan of ordinary documents still ends within about a millisecond.
const tickMask = 1<<10 - 1

// tick counts a row and reports whether evaluation may go on. The bound on steps is looked at here too: JOINs over
// one small document can make 1000^10 rows without any of them being kept, which no bound on memory would end.
func (e *env) tick() bool {
	if e.ticks++; e.ticks&tickMask == 0 && e.err == nil {
		if e.err = e.ctx.Err(); e.err == nil && e.ticks > e.opts.MaxSteps {
			e.fail(stepsTooMany)
		}
	}
	return e.err == nil
}

// fail makes the run end with an error that has no code and no place, as the service's run-time errors have none. The
// first failure stands, since those that follow come from its undefined value. Undefined is returned so that the
// caller's expression ends like any other; whoever hands rows on looks at err.
func (e *env) fail(message string) value.Value {
	if e.err == nil {
		e.err = &nosql.Error{Message: message}
	}
	return value.Undefined
}

const (
	// The service has no such limits: it spills to disk and cuts queries into pages of a few seconds. These keep one
	// careless query from taking down the process in which a user's tests run: far above what a test needs, below
	// what a laptop has.
	defaultMaxRows  = 5_000_000
	defaultMaxBytes = 512 << 20
	defaultMaxSteps = 1_000_000_000
	// maxValue bounds every value that a query builds, as JSON, far above what a document can hold. Without it a few
	// nested calls could ask for more memory than there is.
	maxValue = 16 << 20
	maxElems = 1 << 20

	// The texts are the server's own, without a code, so that nobody takes them for the service's.
	valueTooLarge = "The query builds a value that is larger than the server allows."
	stepsTooMany  = "The query looks at more rows than the server allows."
	rowsTooMany   = "The query needs to keep more rows in memory than the server allows."
)

// keep counts a row, key or group that stays in memory, with all that was built since the last one, and reports
// whether there is room for it. What was built for a row that did not stay is counted with the next one that does:
// too much rather than too little, and only within one document, as scan begins anew with each.
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

// bytesPerRow is about what a row that is kept takes beside its values. A sorted row takes 96 bytes, its entry 16 and
// a key 24; a group 72 and its entry in the map.
const bytesPerRow = 160

// share counts n bytes, and the document at hand once, against the bound of all queries. The document counts once
// however many rows it gives, because they share its memory; and only when one of them is kept, because without any
// the next document frees it.
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
// Each of a chain of LETs may name the one before twice: thirty of them stand for 2^30 values in a text of a few
// hundred bytes.
func (e *env) composite(v value.Value, n int) value.Value {
	if n > maxElems || value.Size(v, maxValue) > maxValue {
		return e.fail(valueTooLarge)
	}
	e.built += n * bytesPerMember
	return v
}

// bytesPerMember is what a member takes in memory: a name and a value. It is counted for the elements of arrays as
// well, which take 24.
const bytesPerMember = 40

// The clock can be replaced because the server's users test what expires by moving it (control interface: advance),
// and queries by GetCurrentTimestamp must agree with the store's ttl.
func (e *env) now() time.Time {
	if e.opts.Now != nil {
		return e.opts.Now()
	}
	return time.Now()
}

// newKeys copies ORDER BY keys, which each row that is kept has. They are cut from a slab to save allocations. A slab
// is never grown, as rows hold parts of it; its capacity is cut so that appending to one row's keys cannot write into
// those of the next.
func (e *env) newKeys(keys []value.Value) []value.Value {
	if n := len(keys); len(e.keySlab) < n {
		e.keySlab = make([]value.Value, max(512, n))
	}
	kept := e.keySlab[:len(keys):len(keys)]
	e.keySlab = e.keySlab[len(keys):]
	copy(kept, keys)
	return kept
}
