package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Rows is the result of one query, page by page, from the first request to the last. It is not safe for concurrent
// use.
type Rows struct {
	options     Options
	fetcher     fetcher
	top         stage // nil until the first page is asked for
	rest        rows  // of a batch that is larger than a page
	began       bool  // a page was returned
	done        bool
	analyze     bool   // the rows of each stage are counted
	fingerprint string // made for the first token
}

// Open returns the rows of a query. Nothing is asked before the first Next.
func Open(b Backend, o Options) *Rows {
	o.PageSize = max(o.PageSize, 0)
	r := &Rows{options: o}
	r.fetcher.init(b, o)
	return r
}

// Next returns the next page, which has at least one row, or io.EOF. After any other error it may be called again and
// tries the same page. Requests made ahead carry the values and the deadline of the ctx of the Next that made them.
// Pages without a row, which the service sends, are passed over: an empty page would look like the end.
func (r *Rows) Next(ctx context.Context) (*Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.done {
		return nil, io.EOF
	}
	r.fetcher.ahead = r.options.ReadAhead == AheadAtOnce || r.options.ReadAhead == AheadOnSecond && r.began
	if r.top == nil {
		top, err := r.build(ctx)
		if err != nil {
			return nil, err
		}
		r.top = top
	}
	if len(r.rest.docs) > 0 {
		return r.cut(r.rest)
	}
	for {
		page, err := r.top.next(ctx, r.options.PageSize)
		switch {
		case err == io.EOF:
			r.done = true
			return nil, err
		case err != nil:
			return nil, err
		case len(page.docs) > 0:
			r.began = true
			return r.cut(page)
		}
		page.free()
	}
}

// More reports whether there may be another page. It is false only if there is none. That it may be true at the end
// is the service's way, too: a full last page has a continuation.
func (r *Rows) More() bool {
	return !r.done && (r.top == nil || len(r.rest.docs) > 0 || r.top.more())
}

// cut makes a page of at most PageSize rows. Only stages that cannot be resumed hand out more than that at once.
func (r *Rows) cut(page rows) (*Batch, error) {
	r.rest = rows{}
	// No continuation: the stage stands behind all of them, and rows in between have no place that could be named.
	if n := r.options.PageSize; n > 0 && len(page.docs) > n {
		// whoever releases one must not release the others
		page.docs, r.rest = page.docs[:n:n], rows{docs: page.docs[n:]}
		return &Batch{Docs: page.docs}, nil
	}
	batch := &Batch{Docs: page.docs, Release: page.release}
	if r.options.NoContinuation || !r.More() {
		return batch, nil
	}
	t := &token{}
	if !save(r.top, t) || len(t.Ranges) == 0 {
		return batch, nil
	}
	if r.fingerprint == "" {
		r.fingerprint = fingerprint(r.options)
	}
	t.Query = r.fingerprint
	var err error
	batch.Continuation, err = t.encode()
	return batch, err
}

// Resumable returns an error that says how the query has to be written to be resumed at the place that Next has come
// to, if it cannot be. A Pager asks it when its caller wants a token and there is none, to say why.
func (r *Rows) Resumable() error {
	if r.top == nil || !r.More() || save(r.top, &token{}) && len(r.rest.docs) == 0 {
		return nil
	}
	return notResumable("DISTINCT without ORDER BY, aggregates, GROUP BY, a vector order or ORDER BY RANK")
}

// Close ends all requests under way and waits for their goroutines. Closing twice is fine.
func (r *Rows) Close() error {
	r.done, r.rest = true, rows{}
	r.fetcher.close()
	return nil
}

// build chooses and connects the stages.
func (r *Rows) build(ctx context.Context) (stage, error) {
	o := r.options
	var from *token
	if o.Continuation != "" {
		var err error
		if from, err = decode(o.Continuation, fingerprint(o)); err != nil {
			return nil, err
		}
	}
	proto := cursor{fetcher: &r.fetcher, query: o.Query, key: o.Access.Key}
	if o.Access.Whole {
		proto.whole = subqueryOverAll
	}
	proto.min, proto.max = bounds(o.Access)
	switch o.Access.Kind {
	case queryplan.PointRead:
		return &pointRead{fetcher: &r.fetcher, access: o.Access}, nil
	// No plan is needed, and none is asked for: one request less.
	case queryplan.SinglePartition, queryplan.FanOut:
		cursors, err := r.fetcher.open(ctx, from, o.Access.Ranges, proto)
		return r.fetcher.newSource(cursors, o.PageSize), err
	}
	plan, err := r.fetcher.plan(ctx, o.Access)
	switch {
	case err != nil:
		return nil, err
	case plan.Version == 0:
		return r.unplanned(ctx, proto)
	}
	if plan.Hybrid != nil {
		if from != nil {
			return nil, notResumable("ORDER BY RANK")
		}
		targets, err := r.fetcher.open(ctx, nil, searched(o.Access, plan), proto)
		return &hybrid{fetcher: &r.fetcher, plan: plan, targets: targets, local: r.options.LocalScores}, err
	}
	return r.planned(ctx, plan, from, proto)
}

// plan asks for the plan, and warms up the routing map meanwhile if it will be needed. Both take a round trip, and
// neither needs the other.
func (f *fetcher) plan(ctx context.Context, access queryplan.AccessPath) (*queryplan.Plan, error) {
	var plan *queryplan.Plan
	requests, requesting := errgroup.WithContext(ctx)
	requests.Go(func() (err error) {
		plan, err = f.backend.Plan(requesting)
		return err
	})
	if access.Key == nil {
		requests.Go(func() error {
			_, err := f.backend.Ranges(requesting, partition.Min, partition.Max, false)
			return err
		})
	}
	if err := requests.Wait(); err != nil {
		return nil, err
	}
	// A plan that is understood by half would give half of the rows.
	if plan.Version > queryplan.Version || plan.Version > 0 && plan.Info == nil && plan.Hybrid == nil {
		return nil, fmt.Errorf("cosmos: the service gave a query plan of version "+
			"%d that this version of cosmossql cannot follow", plan.Version)
	}
	return plan, nil
}

// unplanned passes the query on as it is to a server that knows no plans, which can be right only where a single
// place is asked. vNext and other emulators answer a plan request with an empty plan, or with rows (PROTOCOL.md 12).
func (r *Rows) unplanned(ctx context.Context, proto cursor) (stage, error) {
	if r.options.Continuation != "" {
		return nil, notResumable("no plan")
	}
	cursors, err := r.fetcher.open(ctx, nil, searched(r.options.Access, nil), proto)
	if err != nil {
		return nil, err
	}
	if len(cursors) > 1 {
		return nil, fmt.Errorf("cosmos: the server gives no query plans, and without one this query cannot be merged "+
			"from %d partitions; "+
			"name a partition key", len(cursors))
	}
	return &unplanned{r.fetcher.newSource(cursors, r.options.PageSize)}, nil
}

// unplanned is the source of a query that a server without plans answers. No continuation stands for it.
type unplanned struct{ *source }

func (unplanned) save(*token) bool { return false }

func (s unplanned) explain(e *Explanation) {
	e.targets(s.queue)
	e.add("pages of a server without plans")
}

func notResumable(what string) error {
	return fmt.Errorf("%w: a query with %s cannot be resumed, because its rows are made from all partitions together; "+
		"read it to the end with one Pager, or give it an order that its rows come in: "+
		"SELECT DISTINCT VALUE c.name FROM c ORDER BY c.name, SELECT … ORDER BY", ErrContinuation, what)
}

// pointRead reads one document instead of running a query. A read costs 1 RU where the cheapest query costs 2.3
// (FACTS.md 24).
type pointRead struct {
	fetcher *fetcher
	access  queryplan.AccessPath
	done    bool
}

func (s *pointRead) more() bool { return !s.done }

func (s *pointRead) explain(e *Explanation) {
	e.Query, e.Targets = "", []Target{{Key: s.access.Key.Header()}}
	e.add("read document %s", s.access.ID)
	if row := s.access.Row; row != nil {
		paths := make([]string, len(row.Columns))
		for i, column := range row.Columns {
			paths[i] = strings.Join(column.Path, ".")
		}
		e.add("take %v of it", paths)
	}
}

func (s *pointRead) next(ctx context.Context, _ int) (rows, error) {
	if s.done {
		return rows{}, io.EOF
	}
	page, err := s.fetcher.backend.Read(ctx, s.access.ID, s.access.Key)
	if err != nil {
		return rows{}, err
	}
	s.done = true
	if s.access.Row == nil || len(page.Docs) == 0 {
		return rows{page.Docs, page.Release}, nil
	}
	row, defined := project(page.Docs[0], s.access.Row)
	if !defined {
		return rows{}, nil
	}
	return rows{docs: []json.RawMessage{row}}, nil
}

// project makes a row of a document. It is false for a value that is not defined. From the document's text and
// without reading it into values: numbers stay as they are written.
func project(doc []byte, row *queryplan.Row) (json.RawMessage, bool) {
	if row.Value {
		v, defined := rawjson.Get(doc, row.Columns[0].Path...)
		return bytes.Clone(v), defined
	}
	// One pass finds the first name of every path; the last member of a name counts.
	var room [16][]byte
	tops := append(room[:0], make([][]byte, len(row.Columns))...)
	for name, v := range rawjson.Members(doc) {
		for i, column := range row.Columns {
			if len(column.Path) > 0 && rawjson.NameIs(name, column.Path[0]) {
				tops[i] = v
			}
		}
	}
	out := append(make([]byte, 0, len(doc)/2), '{')
	for i, column := range row.Columns {
		v, defined := doc, true
		if len(column.Path) > 0 {
			if tops[i] == nil {
				continue
			}
			v, defined = rawjson.Get(tops[i], column.Path[1:]...)
		}
		if !defined {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = value.AppendJSON(out, value.String(column.Name))
		out = append(append(out, ':'), v...)
	}
	return append(out, '}'), true
}
