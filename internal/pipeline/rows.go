package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Rows is the result of a query, page by page. It is not safe for concurrent use.
type Rows struct {
	options Options
	fetcher *fetcher
	top     stage             // nil until the first page is asked for
	rest    []json.RawMessage // of a batch that is larger than a page
	done    bool
}

// Open returns the rows of a query. Nothing is asked before the first Next.
func Open(b Backend, o Options) *Rows {
	return &Rows{options: o, fetcher: newFetcher(b, o)}
}

// Next returns the next page, which has at least one row, or io.EOF. After any other error it may be called again and
// tries the same page. Requests made ahead carry the values and the deadline of the ctx of the Next that made them.
func (r *Rows) Next(ctx context.Context) (*Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.top == nil {
		if r.done {
			return nil, io.EOF
		}
		top, err := r.build(ctx)
		if err != nil {
			return nil, err
		}
		r.top = top
	}
	if len(r.rest) > 0 {
		return r.cut(rows{docs: r.rest})
	}
	for !r.done {
		page, err := r.top.next(ctx)
		switch {
		case err == io.EOF:
			r.done = true
		case err != nil:
			return nil, err
		case len(page.docs) > 0:
			return r.cut(page)
		case page.release != nil:
			page.release()
		}
	}
	return nil, io.EOF
}

// cut makes a page of at most PageSize rows. Only stages that cannot be resumed hand out more than that at once.
func (r *Rows) cut(page rows) (*Batch, error) {
	r.rest = nil
	if n := r.options.PageSize; n > 0 && len(page.docs) > n {
		page.docs, r.rest = page.docs[:n:n], page.docs[n:]
		return &Batch{Docs: page.docs}, nil
	}
	batch := &Batch{Docs: page.docs, Release: page.release}
	t := &token{Query: fingerprint(r.options)}
	if !r.top.save(t) || len(t.Shares) == 0 {
		return batch, nil
	}
	var err error
	batch.Continuation, err = t.encode()
	return batch, err
}

// Close ends all requests under way and waits for their goroutines. Closing twice is fine.
func (r *Rows) Close() error {
	r.done, r.rest = true, nil
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
	proto := cursor{fetcher: r.fetcher, query: o.Query, pageSize: o.PageSize, key: o.Road.Key, alone: o.Road.Whole}
	switch o.Road.Kind {
	case queryplan.PointRead:
		return &pointRead{fetcher: r.fetcher, road: o.Road}, nil
	case queryplan.OnePartition, queryplan.Parallel:
		cursors, err := r.fetcher.open(ctx, from, o.Road.Ranges, proto)
		return r.source(cursors, true), err
	}
	plan, err := r.fetcher.plan(ctx, o.Road)
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
		return newHybrid(r.fetcher, plan, o), nil
	}
	return r.planned(ctx, plan, from, proto)
}

// plan asks for the plan, and warms up the routing map meanwhile if it will be needed.
func (f *fetcher) plan(ctx context.Context, road queryplan.Road) (*queryplan.Plan, error) {
	var plan *queryplan.Plan
	requests := []func(context.Context) error{func(ctx context.Context) (err error) {
		plan, err = f.backend.Plan(ctx)
		return err
	}}
	if road.Key == nil {
		requests = append(requests, func(ctx context.Context) error {
			_, err := f.backend.Ranges(ctx, partition.Min, partition.Max, false)
			return err
		})
	}
	if err := together(ctx, requests...); err != nil {
		return nil, err
	}
	if plan.Version > queryplan.Version || plan.Version > 0 && plan.Info == nil && plan.Hybrid == nil {
		return nil, fmt.Errorf("cosmos: the service gave a query plan of version %d that this version of cosmossql cannot follow", plan.Version)
	}
	return plan, nil
}

// unplanned passes the query on as it is to a server that knows no plans, which can be right only where a single place
// is asked.
func (r *Rows) unplanned(ctx context.Context, proto cursor) (stage, error) {
	if r.options.Continuation != "" {
		return nil, notResumable("no plan")
	}
	ranges := r.options.Road.Ranges
	if ranges == nil {
		ranges = queryplan.FullRange()
	}
	cursors, err := r.fetcher.open(ctx, nil, ranges, proto)
	if err != nil {
		return nil, err
	}
	if len(cursors) > 1 {
		return nil, fmt.Errorf("cosmos: the server gives no query plans, and without one this query cannot be merged from %d partitions; "+
			"name a partition key", len(cursors))
	}
	return &unresumable{r.source(cursors, false)}, nil
}

// unresumable is a stage that no continuation stands for.
type unresumable struct{ stage }

func (unresumable) save(*token) bool { return false }

// open returns the cursors that a query starts with, or goes on with.
func (f *fetcher) open(ctx context.Context, from *token, ranges []queryplan.Range, proto cursor) ([]*cursor, error) {
	switch {
	case from != nil:
		return f.resumed(ctx, from, proto)
	case proto.key != nil:
		return []*cursor{&proto}, nil
	}
	return f.targets(ctx, ranges, proto)
}

func (r *Rows) source(cursors []*cursor, turns bool) *source {
	return &source{queue: cursors, window: cap(r.fetcher.slots), turns: turns}
}

func notResumable(what string) error {
	return fmt.Errorf("%w: a query with %s cannot be resumed", ErrContinuation, what)
}

// pointRead reads one document instead of running a query.
type pointRead struct {
	fetcher *fetcher
	road    queryplan.Road
	done    bool
}

func (s *pointRead) next(ctx context.Context) (rows, error) {
	if s.done {
		return rows{}, io.EOF
	}
	page, err := s.fetcher.backend.Read(ctx, s.road.ID, s.road.Key)
	if err != nil {
		return rows{}, err
	}
	s.done = true
	return rows{page.Docs, page.Release}, nil
}

func (s *pointRead) save(*token) bool { return false }
