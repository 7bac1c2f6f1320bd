package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// query is a query that has been read and checked.
type query struct {
	text    string
	tree    *nosql.Query
	params  map[string]value.Value
	program *eval.Program
}

// readQuery reads the query in the body and compiles it; a nil container is for queries of metadata.
func (c *Call) readQuery(x *store.Container) (*query, error) {
	in, err := value.Parse(c.body)
	if err != nil || in.Kind() != value.KindObject || in.Get("query").Kind() != value.KindString {
		return nil, store.Errorf(400, 0, "The request payload is invalid: a query must be {\"query\": \"…\", \"parameters\": […]}.")
	}
	q := &query{text: in.Get("query").AsString(), params: map[string]value.Value{}}
	for p := range in.Get("parameters").Elems() {
		name := p.Get("name").AsString()
		if _, twice := q.params[name]; twice || !strings.HasPrefix(name, "@") {
			return nil, store.Errorf(400, 0, "The query parameter name %q is invalid: it must begin with @ and occur once.", name)
		}
		q.params[name] = p.Get("value")
	}
	if q.tree, err = nosql.Parse(q.text, nosql.Cosmos); err != nil {
		return nil, queryError(q.text, err)
	}
	if q.program, err = eval.Compile(q.tree, c.evalOptions(x, q.params)); err != nil {
		return nil, queryError(q.text, err)
	}
	return q, nil
}

// evalOptions is what a query of a container means beyond its text.
func (c *Call) evalOptions(x *store.Container, params map[string]value.Value) eval.Options {
	o := eval.Options{Params: params, Now: c.g.account.Now}
	if x == nil {
		return o
	}
	def := x.Definition()
	for _, p := range def.ComputedProperties {
		o.Computed = append(o.Computed, eval.ComputedProperty(p))
	}
	o.Vectors = map[string]eval.Vector{}
	for _, v := range def.VectorEmbeddingPolicy.VectorEmbeddings {
		o.Vectors[v.Path] = eval.Vector{Function: strings.ToLower(v.DistanceFunction), DataType: strings.ToLower(v.DataType)}
	}
	o.Languages = map[string]string{}
	if l := def.FullTextPolicy.DefaultLanguage; l != "" {
		o.Languages[""] = l
	}
	for _, p := range def.FullTextPolicy.FullTextPaths {
		if p.Language != "" {
			o.Languages[p.Path] = p.Language
		}
	}
	o.Planar = strings.EqualFold(def.GeospatialConfig.Type, "Geometry")
	return o
}

// queryError is the refusal of a query text, with the places of the errors in characters.
func queryError(text string, err error) error {
	type location struct {
		Start int `json:"start"`
		End   int `json:"end"`
	}
	type finding struct {
		Severity string    `json:"severity"`
		Location *location `json:"location,omitempty"`
		Code     string    `json:"code,omitempty"`
		Message  string    `json:"message"`
	}
	var list nosql.ErrorList
	var one *nosql.Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = nosql.ErrorList{one}
	default:
		return store.Errorf(400, 0, "%v", err)
	}
	findings := make([]finding, len(list))
	for i, e := range list {
		findings[i] = finding{Severity: "Error", Code: e.Code, Message: e.Message}
		if e.End > e.Start && e.End <= len(text) {
			findings[i].Location = &location{utf8.RuneCountInString(text[:e.Start]), utf8.RuneCountInString(text[:e.End])}
		}
	}
	body, _ := json.Marshal(map[string]any{"errors": findings}) // plain data
	return store.Errorf(400, 0, "%s", body)
}

func (c *Call) queryItems() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	size, err := c.pageSize()
	if err != nil {
		return reply{}, err
	}
	q, err := c.readQuery(x)
	if err != nil {
		return reply{}, err
	}
	t, err := c.target(x)
	if err != nil {
		return reply{}, err
	}
	if !t.addressed {
		if err := c.crossPartition(x, q, &t); err != nil {
			return reply{}, err
		}
	}
	if c.g.opts.Composite {
		if err := checkComposite(x, q); err != nil {
			return reply{}, err
		}
	}
	if err := c.admit(x, t.Key, 2.3); err != nil {
		return reply{}, err
	}
	if size == 0 {
		size = defaultPageSize
	}
	p, err := c.run(x, q, t, size)
	if err != nil {
		return reply{}, err
	}
	c.queryMetrics(p)
	return c.page(x.RID(), "Documents", p), nil
}

// crossPartition decides whether the gateway executes a query that does not say where to look. Where the filter fixes one
// partition key the query is that partition's, and everything goes but an aggregate, which the service leaves to the
// client even then.
func (c *Call) crossPartition(x *store.Container, q *query, t *target) error {
	def := x.Definition().PartitionKey
	keys, ok := queryplan.Keys(q.tree, q.params, def)
	pinned := ok && len(keys) == 1 && def.Check(keys[0]) == nil
	switch {
	case c.g.opts.ServeAll:
		return nil
	case pinned && !(c.flag(headerCross) && queryplan.Aggregates(q.tree)):
		t.Key, t.HasKey = def.EPK(keys[0]), true
		return nil
	case !c.flag(headerCross):
		return store.Errorf(400, 0, "Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition "+
			"to true, specify x-ms-documentdb-partitionkey, or revise your query to avoid this exception.")
	}
	ok, reason := planner.Servable(q.tree)
	if ok {
		return nil
	}
	refusal := store.Errorf(400, 0, "%v", reason)
	if refusal.Message == planner.NotServable {
		refusal.SubStatus = store.SubNotServed
		refusal.Info = planner.ErrorInfo(q.tree, planOptions(x, q, nil))
	}
	return refusal
}

// run makes one page of a query.
func (c *Call) run(x *store.Container, q *query, t target, size int) (*page, error) {
	token, err := c.continuation()
	if err != nil {
		return nil, err
	}
	var p *page
	err = x.View(t.Scope, func(slices []*store.Slice) (err error) {
		if q.program.Streaming() && q.program.NeedsDocuments() {
			p, err = c.runStream(q, slices, token, size)
		} else {
			p, err = c.runWhole(x, q, t, slices, token, size)
		}
		return err
	})
	return p, err
}

// runStream makes a page of a query that gives rows document by document.
func (c *Call) runStream(q *query, slices []*store.Slice, token *continuation, size int) (*page, error) {
	segments := everything()
	if token != nil {
		if len(token.Segments) == 0 {
			return nil, store.Errorf(400, 0, "Invalid Continuation Token.")
		}
		segments = token.Segments
	}
	rows := func(docs iter.Seq[value.Value]) iter.Seq2[eval.Row, error] {
		return q.program.Rows(c.r.Context(), docs)
	}
	s := &streamer{call: c, size: size, rows: rows, whole: q.program.SelectsWhole(), ids: q.ids()}
	p, err := s.read(slices, segments)
	return p, asQueryError(q.text, err)
}

// ids are the only ids that documents of the result can have; nil if the filter does not say.
func (q *query) ids() []string {
	for _, e := range q.program.Equalities() {
		if len(e.Path) == 1 && e.Path[0] == "id" {
			ids := []string{}
			for _, v := range e.Values {
				if v.Kind() == value.KindString {
					ids = append(ids, v.AsString())
				}
			}
			return ids
		}
	}
	return nil
}

// asQueryError keeps refusals as they are and makes the others, which are the evaluator's, refusals of the query.
func asQueryError(text string, err error) error {
	var e *store.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return queryError(text, err)
}

// runWhole makes a page of a query whose rows depend on all documents: sorted, grouped, counted.
func (c *Call) runWhole(x *store.Container, q *query, t target, slices []*store.Slice, token *continuation, size int) (*page, error) {
	marks := make([]store.Mark, len(slices))
	for i, s := range slices {
		marks[i] = s.Mark()
		if err := c.checkSession(marks[i]); err != nil {
			return nil, err
		}
	}
	id := func(token string) string { return fmt.Sprint(x.RID(), t.Scope, string(c.body), token) }
	at := state(x, slices)
	var cur *cursor
	if token != nil {
		if token.Last == nil {
			return nil, store.Errorf(400, 0, "Invalid Continuation Token.")
		}
		cur = c.g.cursors.take(id(c.header(headerContinuation)), at)
	}
	read := 0
	if cur == nil {
		rows, err := evaluate(q.tree, q.program.Rows(c.r.Context(), all(slices, &read)))
		if err != nil {
			return nil, asQueryError(q.text, err)
		}
		cur = &cursor{rows: rows, state: at}
		if token != nil {
			cur.next = after(q.tree, rows, token.Last)
		}
	}
	p := paginate(cur.rows, cur.next, size)
	p.marks, p.read = marks, read
	if p.next != nil {
		cur.next = p.next.Last.Count
		cur.id = id(p.next.encode())
		c.g.cursors.keep(cur)
	}
	return p, nil
}

// all yields the documents of all slices and counts them.
func all(slices []*store.Slice, read *int) iter.Seq[value.Value] {
	return func(yield func(value.Value) bool) {
		for _, s := range slices {
			for it := range s.Items(0) {
				*read++
				if !yield(it.Value) {
					return
				}
			}
		}
	}
}

// page replies with a page of documents.
func (c *Call) page(rid, name string, p *page) reply {
	if p.next != nil {
		c.set(headerContinuation, p.next.encode())
	}
	c.sessionHeader(p.marks...)
	return c.feed(rid, name, p.rows, p.charge())
}

// listItems replies with a page of the documents themselves.
func (c *Call) listItems() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	size, err := c.pageSize()
	if err != nil {
		return reply{}, err
	}
	t, err := c.target(x)
	if err != nil {
		return reply{}, err
	}
	token, err := c.continuation()
	if err != nil {
		return reply{}, err
	}
	segments := everything()
	if token != nil {
		segments = token.Segments
	}
	if err := c.admit(x, t.Key, 1); err != nil {
		return reply{}, err
	}
	if size == 0 {
		size = defaultPageSize
	}
	var p *page
	err = x.View(t.Scope, func(slices []*store.Slice) (err error) {
		s := &streamer{call: c, size: size, rows: documents, whole: true}
		p, err = s.read(slices, segments)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return c.page(x.RID(), "Documents", p), nil
}

// planOptions is what the plan of a query depends on.
func planOptions(x *store.Container, q *query, key partition.Key) planner.Options {
	def := x.Definition()
	return planner.Options{
		Params: q.params, Definition: def.PartitionKey, Key: key,
		Distance: func(path []string) string {
			for _, v := range def.VectorEmbeddingPolicy.VectorEmbeddings {
				if strings.Trim(v.Path, "/") == strings.Join(path, "/") {
					return v.DistanceFunction
				}
			}
			return ""
		},
	}
}

// queryPlan replies with the plan of a query.
func (c *Call) queryPlan() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	q, err := c.readQuery(x)
	if err != nil {
		return reply{}, err
	}
	t, err := c.target(x)
	if err != nil {
		return reply{}, err
	}
	o := planOptions(x, q, t.key)
	o.Features = planner.ParseFeatures(c.header("x-ms-cosmos-supported-query-features"))
	plan, err := planner.Plan(q.tree, o)
	if err != nil {
		return reply{}, store.Errorf(400, 0, "%v", err)
	}
	body, err := json.Marshal(plan)
	return reply{http.StatusOK, body, chargeRead}, err
}

// checkComposite refuses a query that sorts by several keys without a composite index on them.
func checkComposite(x *store.Container, q *query) error {
	keys := q.program.OrderBy()
	if len(keys) < 2 {
		return nil
	}
	for _, index := range x.Definition().IndexingPolicy.CompositeIndexes {
		if len(index) != len(keys) {
			continue
		}
		same, reversed := true, true
		for i, k := range keys {
			fits := strings.Trim(index[i].Path, "/") == strings.Join(k.Path, "/")
			desc := strings.EqualFold(index[i].Order, "descending")
			same, reversed = same && fits && desc == k.Desc, reversed && fits && desc != k.Desc
		}
		if same || reversed {
			return nil
		}
	}
	return store.Errorf(400, 0, "The order by query does not have a corresponding composite index that it can be served from.")
}
