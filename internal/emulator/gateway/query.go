package gateway

import (
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// query is a query that has been read and checked. One per request: the tree is changed where a page goes on, so
// nobody else may hold it.
type query struct {
	text    string
	tree    *nosql.Query
	params  map[string]value.Value
	program *eval.Program
	resume  *place // where a resumeFilter begins, nil without one
	exclude bool   // strictly behind it
}

// readQuery reads the query in the body and compiles it; a nil container is for queries of metadata.
func (c *call) readQuery(x *store.Container) (*query, error) {
	in, err := value.Parse(c.body)
	// The body is the statement itself (recorded exchange 211).
	if strings.HasPrefix(strings.ToLower(c.header("content-type")), "application/sql") {
		in, err = value.Object([]value.Member{{Name: "query", Value: value.String(string(c.body))}}), nil
	}
	if err != nil {
		return nil, store.Malformed()
	}
	// Not recorded; the text says what is expected.
	if in.Kind() != value.KindObject || in.Get("query").Kind() != value.KindString {
		return nil, store.Errorf(400, 0,
			"The request payload is invalid: a query must be {\"query\": \"…\", \"parameters\": […]}.")
	}
	q := &query{text: in.Get("query").AsString(), params: map[string]value.Value{}}
	for p := range in.Get("parameters").Elems() {
		name := p.Get("name").AsString()
		if _, twice := q.params[name]; twice || !strings.HasPrefix(name, "@") {
			return nil, parameterError(name, twice)
		}
		// A parameter without a value is undefined and no error; so is one that is only named in the text (recorded
		// exchanges 83 and 84).
		q.params[name] = p.Get("value")
	}
	if q.tree, err = nosql.Parse(q.text, nosql.Cosmos); err != nil {
		return nil, queryError(q.text, err)
	}
	if filter := in.Get("resumeFilter"); filter.IsDefined() && filter.Kind() != value.KindNull {
		if err := q.readResume(filter); err != nil {
			return nil, err
		}
	}
	if q.program, err = eval.Compile(q.tree, c.evalOptions(x, q.params)); err != nil {
		return nil, queryError(q.text, err)
	}
	return q, nil
}

// parameterError refuses a parameter whose name is none, or stands twice. Recorded exchanges 85 and 87, word by word.
func parameterError(name string, twice bool) error {
	if twice {
		return refuseList(400, 0, "Invalid query. Specified duplicate parameter name '%s'.", name)
	}
	return refuseList(400, 0, "Invalid query. Specified parameter name '%s' is invalid. Parameter names should be in "+
		"the format of symbol '@' "+
		"followed by a valid identifier. E.g. @param1", name)
}

// The refusal by shape comes before the check of the continuation (recorded exchange 108), and before the throughput,
// as nothing has been done.
func (c *call) queryItems(x *store.Container, s search) (reply, error) {
	q, err := c.readQuery(x)
	if err != nil {
		return reply{}, err
	}
	if !s.addressed {
		if err := c.crossPartition(x, q, &s.target); err != nil {
			return reply{}, err
		}
	}
	if !c.g.opts.AnyOrder {
		if err := checkComposite(x, q); err != nil {
			return reply{}, err
		}
	}
	if err := c.admit(x, s.Key, queryCharge); err != nil {
		return reply{}, err
	}
	token, err := c.continuation()
	if err != nil {
		return reply{}, err
	}
	p, err := c.run(x, q, s, token)
	if err != nil {
		return reply{}, err
	}
	p.extra, p.row = q.cost()
	// Recorded exchange 89: the index is read backwards. Clients need it to resume among rows with equal keys.
	if len(q.tree.OrderBy) > 0 && q.tree.OrderBy[0].Desc {
		c.set(headerExecution, `{"reverseRidEnabled":false,"reverseIndexScan":true}`)
	}
	c.queryMetrics(x, q, p)
	if c.flag("x-ms-cosmos-populatequeryadvice") {
		c.set("x-ms-cosmos-query-advice", q.advice())
	}
	return c.page(x, s, token, p), nil
}

// crossPartition decides whether the gateway executes a query that does not say where to look. Where the filter fixes
// one partition key the query is that partition's; else what the gateway executes depends on the query's shape alone.
// It refuses with a single partition as well: a query that works here must not fail once the container has grown, and
// the service has the same rule (recorded exchanges 95, 106 and 123).
func (c *call) crossPartition(x *store.Container, q *query, t *target) error {
	if c.g.opts.ServeAll {
		return nil
	}
	// The service then serves ORDER BY (recorded exchange 89).
	if key, ok := planner.Pinned(q.tree, planOptions(x, q, nil)); ok {
		t.Key, t.HasKey = x.Definition().PartitionKey.EPK(key), true
		return nil
	}
	if err := c.acrossPartitions(); err != nil {
		return err
	}
	ok, reason := planner.Servable(q.tree)
	if ok {
		return nil
	}
	refusal := refuseList(400, 0, "%v", reason)
	// One of the two refusals brings the plan with it, the other does not; clients know which they have to ask for a
	// plan (PROTOCOL.md 6.3).
	if refusal.Message == planner.NotServable {
		refusal.SubStatus, refusal.Form = store.SubNotServed, store.Gateway
		refusal.Info = planner.ErrorInfo(q.tree, planOptions(x, q, nil))
	}
	return refusal
}

// acrossPartitions refuses a query that does not say where to look unless the request allows that. Recorded exchanges
// 41 and 112.
func (c *call) acrossPartitions() error {
	if c.flag(headerCross) {
		return nil
	}
	return refuse(400, 0,
		"Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition "+
			"to true, specify x-ms-documentdb-partitionkey, or revise your query to avoid this exception.")
}

// checkComposite refuses a query that sorts by several keys without a composite index on them. Tests of the service's
// SDK have the refusal (COSMOS_SQL.md 5.8), which many programs meet only in production.
func checkComposite(x *store.Container, q *query) error {
	keys := q.program.OrderBy()
	if len(keys) < 2 || len(q.aggregates()) > 0 { // an aggregate has no order
		return nil
	}
	for _, index := range x.Definition().IndexingPolicy.CompositeIndexes {
		if len(index) != len(keys) {
			continue
		}
		// An index is read in either direction, so all keys the other way round will do as well.
		same, reversed := true, true
		for i, k := range keys {
			fits := index[i].Sorts(k.Path)
			desc := strings.EqualFold(index[i].Order, "descending")
			same, reversed = same && fits && desc == k.Desc, reversed && fits && desc != k.Desc
		}
		if same || reversed {
			return nil
		}
	}
	return store.Errorf(400, 0,
		"The order by query does not have a corresponding composite index that it can be served from.")
}
