package cosmos

import (
	"context"
	"encoding/json"
	"iter"
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

// CreateMany creates the documents of items concurrently and yields one [Result] for each as it completes; [Collect]
// puts them into the order of items. Nothing is sent before the sequence is ranged over. Leaving the loop early stops
// the work: documents in flight may still have been written.
func (c *Container) CreateMany(ctx context.Context, items iter.Seq[any], opts ...Option) iter.Seq[Result] {
	return nil
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
	return nil
}
