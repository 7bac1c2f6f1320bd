// Package eval evaluates the query language over documents. A query is compiled once, into closures; the program then
// runs over any sequence of documents, by any number of goroutines at a time.
package eval

import (
	"context"
	"iter"
	"time"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Options is what a query means beyond its text.
type Options struct {
	// Params are the parameters, by name with the @.
	Params map[string]value.Value
	// Computed are the container's computed properties.
	Computed []ComputedProperty
	// Functions finds the container's user-defined functions; nil on a server that runs none.
	Functions Functions
	// Vectors describes the container's vector paths, by path as in its policy ("/a/b").
	Vectors map[string]Vector
	// Languages gives the language of a full-text path ("/a/b"); "" stands for every path that is not listed.
	// Without an entry it is en-US.
	Languages map[string]string
	// Texts remembers the analysed texts of other queries; nil remembers none. Only texts are remembered, which say
	// the same whatever the container; a changed document has another text.
	Texts *Texts
	// Planar makes geometry flat (the container's Geometry setting) instead of on the WGS84 ellipsoid.
	Planar bool
	// DropMissing leaves documents out of a query with one ORDER BY key when they do not have it, as the service's
	// older indexes do. Sources disagree: one remark of the documentation has such documents dropped, the tests of
	// the service's SDK get them back, undefined first (COSMOS_SQL.md, X2); so they come unless this is set.
	DropMissing bool
	// MaxRows bounds the rows that sorting, grouping and DISTINCT keep in memory; 0 means 5 million.
	MaxRows int
	// MaxBytes bounds the memory that those rows take beside the documents; 0 means 512 MB.
	MaxBytes int
	// Share, unless nil, counts what the runs keep against the bound of all queries. It has no lock of its own, so a
	// program that has one must not run twice at a time.
	Share *Share
	// MaxSteps bounds the rows that a run looks at, joined ones and those of subqueries included; 0 means a billion.
	MaxSteps int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// ComputedProperty is one entry of a container's computedProperties: Query is SELECT VALUE expr FROM c.
type ComputedProperty struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

// Vector is one entry of a container's vector policy.
type Vector struct {
	Function string // cosine, dotproduct or euclidean
	DataType string // float32, float16, int8 or uint8
}

// Function is a user-defined function, compiled. Calls come from several goroutines at a time; the arguments are all
// defined and the function's to keep. It must end when ctx does.
type Function func(ctx context.Context, args []value.Value) (value.Value, error)

// Functions finds the user-defined function of a name, written without "udf."; names are case-sensitive. It is asked
// while a query is compiled, once for every call in the text. The error says why there is none: no such function, or
// one that cannot be compiled.
type Functions func(name string) (Function, error)

// Row is one result.
type Row struct {
	Value value.Value // the row itself
	// The caller tells by it where a page ended, and what a continuation must name.
	Doc  value.Value   // the document it was made from; undefined when it was made from several or none
	Keys []value.Value // its ORDER BY keys
}

// Program is a compiled query. It is safe for concurrent use. All that depends on a run lies in an env, which every
// run makes for itself; what is here was settled when the query was compiled. A cursor may therefore run a program
// again for the next page while another request does.
type Program struct {
	opts      Options
	root      *block
	slots     int
	blocks    int
	places    int
	streaming bool
	// So that the gateway can send the stored bytes of a document instead of printing it anew: SELECT * gives
	// integers up to 2^64-1 as they were written, which a projection rounds to doubles (recorded exchanges 202 and
	// 63).
	whole      bool
	documents  bool
	equalities []Equality
	required   []Requirement
	orderBy    []OrderKey
	index      []OrderKey // orderBy where documents that come in its order give the rows in their order
	// COUNT without a filter is answered from the number of documents, without a look at one.
	counts bool
}

// OrderKey is one key of ORDER BY as an index would name it.
type OrderKey struct {
	Path []string
	Desc bool
}

// Compile checks q and turns it into a program. The error is a [*nosql.Error] or a [nosql.ErrorList], with the
// service's codes. Findings are collected, since the service reports several of them together. Names are resolved
// first and alone, so that one misspelt alias is one finding.
func Compile(q *nosql.Query, o Options) (*Program, error) {
	if err := nosql.Resolve(q); err != nil {
		return nil, err
	}
	c := newCompiler(&o)
	root := c.block(q, nil, true, func(e *env, v value.Value) bool {
		// Only here, at the end: within an expression Infinity and NaN are numbers like others, and WHERE may compare
		// them. The service answers 400 with substatus 4001 once one reaches a result (recorded exchange 169).
		if !value.Finite(v) {
			e.err = &nosql.Error{Code: CodeNotFinite, Message: notFinite}
			return false
		}
		// A projection writes an integer beyond int64 as a double (recorded exchange 63).
		return e.yield(Row{Value: v.Rounded(), Doc: e.doc, Keys: e.keys}, nil)
	})
	if err := c.errs.Err(); err != nil {
		return nil, err
	}
	return c.program(q, root), nil
}

// The service's text (recorded exchange 169).
const notFinite = "The response content contains a numeric value that cannot be represented in JSON (e.g. " +
	"Infinity and NaN)."

func newCompiler(o *Options) *compiler {
	if o.MaxRows == 0 {
		o.MaxRows = defaultMaxRows
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxSteps == 0 {
		o.MaxSteps = defaultMaxSteps
	}
	// Constants are evaluated in an env of their own, which has no documents, no slots and no state: an expression
	// that would need one of them is not constant.
	c := &compiler{opts: o, streams: true, scratch: &env{ctx: context.Background(), opts: o}}
	if len(o.Computed) > 0 {
		c.computed = make(map[string]string, len(o.Computed))
		for _, p := range o.Computed {
			c.computed[p.Name] = p.Query
		}
	}
	return c
}

func (c *compiler) program(q *nosql.Query, root *block) *Program {
	p := &Program{
		opts:       *c.opts,
		root:       root,
		slots:      c.slots,
		blocks:     c.blocks,
		places:     c.places,
		streaming:  c.streams && root.streams,
		documents:  c.readsDoc,
		equalities: c.equalities(q),
	}
	// An index would leave out the very documents whose words the scores are made from.
	if !q.Rank { // its statistics are those of all documents
		p.required = c.requirements(q)
	}
	// With a JOIN a row is not a document, and its keys may come from either side; nothing below is then worth an
	// index.
	if len(q.From) == 1 {
		_, path := q.From[0].Path.(*nosql.Ident)
		whole := path && !q.From[0].In
		p.whole = whole && (q.Select.Star || selectsAlias(q))
		if whole && !q.Rank {
			p.orderBy = c.orderKeys(q)
			// What DISTINCT has seen is lost where a page goes on at a place. More keys than one would need an index
			// of as many; equal documents must come in the order of their resource ids, which a single index gives.
			if len(root.aggs) == 0 && len(q.GroupBy) == 0 && !q.Distinct && len(p.orderBy) == 1 {
				p.index = p.orderBy
			}
			p.counts = root.counts(q)
		}
	}
	return p
}

// selectsAlias reports whether q is SELECT VALUE c FROM c.
func selectsAlias(q *nosql.Query) bool {
	if !q.Select.Value || len(q.GroupBy) > 0 {
		return false
	}
	id, ok := q.Select.Items[0].X.(*nosql.Ident)
	return ok && id.Name == q.From[0].Name()
}

// One key that is not a path makes the whole list useless to an index, hence nil for all.
func (c *compiler) orderKeys(q *nosql.Query) []OrderKey {
	var keys []OrderKey
	for i := range q.OrderBy {
		path, ok := c.documentPath(q.From[0].Name(), q.OrderBy[i].X)
		if !ok {
			return nil
		}
		keys = append(keys, OrderKey{Path: path, Desc: q.OrderBy[i].Desc})
	}
	return keys
}

// Streaming reports whether rows come document by document, in the order of the documents, so that evaluation can
// stop after one and go on with the next: no ORDER BY, GROUP BY, aggregate, DISTINCT, TOP or OFFSET LIMIT. The
// gateway cuts such a query into pages by remembering the last document; any other has to be run again, or kept.
func (p *Program) Streaming() bool { return p.streaming }

// SelectsWhole reports whether every row is a whole document, as SELECT * FROM c has it.
func (p *Program) SelectsWhole() bool { return p.whole }

// NeedsDocuments reports whether the program reads documents at all; a query without FROM does not. SELECT 1 is one
// row, not one a document and not one a partition (recorded exchange 54).
func (p *Program) NeedsDocuments() bool { return p.documents }

// Equalities returns what the filter says about single properties: each top-level AND term path = constant or
// path IN (constants). A document that breaks one of them need not be looked at.
func (p *Program) Equalities() []Equality { return p.equalities }

// OrderBy returns the keys of ORDER BY when all of them are paths of stored properties, as composite indexes need
// them; nil otherwise.
func (p *Program) OrderBy() []OrderKey { return p.orderBy }

// Requirements returns what the filter requires of single properties, as ordered indexes can tell it: a document that
// breaks one of them need not be looked at. There are none where documents that the filter refuses matter, too.
func (p *Program) Requirements() []Requirement { return p.required }

// Index returns the one key of ORDER BY if documents that come in its order give the rows in theirs: [Program.Sorted].
func (p *Program) Index() (key OrderKey, ok bool) {
	if len(p.index) == 0 {
		return OrderKey{}, false
	}
	return p.index[0], true
}

// Sorted is [Program.Rows] over documents that come in the order of [Program.Index], those with the same value in the
// order of their resource ids, or backwards where the key descends. Rows come as their documents do.
func (p *Program) Sorted(ctx context.Context, docs iter.Seq[value.Value]) iter.Seq2[Row, error] {
	return p.rows(ctx, docs, true)
}

// Counts reports whether all that the program makes of the documents is how many there are: [Program.Counted].
func (p *Program) Counts() bool { return p.counts }

// Counted gives the rows of a program that counts, over n documents. The number goes where the scan would have put
// it, so that the select list around COUNT is evaluated as always.
func (p *Program) Counted(ctx context.Context, n int) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		e := p.env(ctx)
		e.yield = yield
		g := p.root.onlyGroup(e)
		for i := range g.accs {
			g.accs[i].count = int64(n)
		}
		if p.root.finish(e); e.err != nil {
			yield(Row{}, e.err)
		}
	}
}

// Rows evaluates the program over docs, which are whole documents in the order of their resource ids. After an error
// nothing follows. The values of a row may share memory with the documents.
func (p *Program) Rows(ctx context.Context, docs iter.Seq[value.Value]) iter.Seq2[Row, error] {
	return p.rows(ctx, docs, false)
}

// A context that has ended is reported before the first document, which tick would only do after a thousand.
func (p *Program) rows(ctx context.Context, docs iter.Seq[value.Value], inOrder bool) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		e := p.env(ctx)
		e.docs, e.yield, e.inOrder = docs, yield, inOrder
		if err := e.ctx.Err(); err != nil {
			yield(Row{}, err)
			return
		}
		if p.root.run(e); e.err != nil {
			yield(Row{}, e.err)
		}
	}
}

func (p *Program) env(ctx context.Context) *env {
	return &env{
		text:   analyser{known: p.opts.Texts},
		ctx:    ctx,
		opts:   &p.opts,
		slots:  make([]value.Value, p.slots),
		places: make([]int, p.places),
		states: make([]state, p.blocks),
	}
}

// Condition is a compiled filter. It is safe for concurrent use.
type Condition struct{ p *Program }

// CompileCondition compiles the filter of q, as patch requests have one: FROM c WHERE … Errors are those of
// [Compile]. The select list is replaced, on a copy, so that a row means a match and nothing is projected.
func CompileCondition(q *nosql.Query, o Options) (*Condition, error) {
	test := *q
	test.Select = nosql.Select{Value: true, Items: []nosql.Item{{X: &nosql.Literal{Kind: nosql.True}}}}
	p, err := Compile(&test, o)
	if err != nil {
		return nil, err
	}
	return &Condition{p}, nil
}

// Match reports whether doc passes the filter. The loop ends with the first row: a JOIN in the condition may give
// more.
func (c *Condition) Match(ctx context.Context, doc value.Value) (bool, error) {
	for _, err := range c.p.Rows(ctx, func(yield func(value.Value) bool) { yield(doc) }) {
		return err == nil, err
	}
	return false, nil
}
