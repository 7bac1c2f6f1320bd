package cosmos

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"slices"
)

// Result is what became of one document of [Container.CreateMany] and its siblings.
type Result struct {
	Index         int    // the document's place in the input, from 0
	ID            string // the document's id
	StatusCode    int
	ETag          string
	RequestCharge float64
	Retries       int
	Body          json.RawMessage // the document as stored, where the service was asked for it
	Err           error           // nil when the document was written
}

const defaultConcurrency = 32

// CreateMany creates the documents of items concurrently and yields one [Result] for each as it completes; [Collect]
// puts them into the order of items. Nothing is sent before the sequence is ranged over. Leaving the loop early stops
// the work: documents in flight may still have been written. [MaxConcurrency] bounds the requests in flight.
//
//	for _, r := range cosmos.Collect(orders.CreateMany(ctx, cosmos.Each(batch))) {
//		if r.Err != nil {
//			log.Printf("order %d: %v", r.Index, r.Err)
//		}
//	}
func (c *Container) CreateMany(ctx context.Context, items iter.Seq[any], opts ...Option) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		limit := defaultConcurrency
		if set, err := c.client().resolve(ctx, opts); err == nil && set.MaxConcurrency > 0 {
			limit = set.MaxConcurrency
		}
		ctx, cancel := context.WithCancel(ctx)
		next, stop := iter.Pull(items)
		results := make(chan Result, limit)
		flying, more := 0, true
		// Whoever leaves early leaves no goroutine behind.
		defer func() {
			stop()
			cancel()
			for ; flying > 0; flying-- {
				<-results
			}
		}()
		for index := 0; more || flying > 0; {
			if more && flying < limit {
				var item any
				if item, more = next(); more {
					flying++
					go func(i int) { results <- c.createOne(ctx, i, item, opts) }(index)
					index++
				}
				continue
			}
			r := <-results
			flying--
			if !yield(r) {
				return
			}
		}
	}
}

func (c *Container) createOne(ctx context.Context, index int, item any, opts []Option) Result {
	r := Result{Index: index}
	if doc, id, err := encodeItem(item); err == nil {
		r.ID, item = id, doc
	}
	resp, err := c.Create(ctx, item, opts...)
	r.Err = err
	if resp != nil {
		r.StatusCode, r.ETag, r.RequestCharge, r.Retries = resp.StatusCode, resp.ETag, resp.RequestCharge, resp.Retries
		if err == nil {
			r.Body = resp.Body
		}
	}
	return r
}

// Each makes the elements of a slice an input of [Container.CreateMany].
func Each[T any](items []T) iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, item := range items {
			if !yield(item) {
				return
			}
		}
	}
}

// Collect runs a sequence of results to its end and returns them in the order of the input.
func Collect(results iter.Seq[Result]) []Result {
	return slices.SortedFunc(results, func(a, b Result) int { return cmp.Compare(a.Index, b.Index) })
}
