package cosmos_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

func TestBulkLeftEarly(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	var taken atomic.Int64 // the input ends at its next yield, after the loop was left
	endless := func(yield func(any) bool) {
		for i := 0; yield(book{ID: fmt.Sprint(i), Author: fmt.Sprint(i)}); i++ {
			taken.Add(1)
		}
	}
	for r := range books.CreateMany(t.Context(), endless) {
		require.NoError(t, r.Err)
		break
	}
	require.Less(t, taken.Load(), int64(50_000), "what is taken in is bounded")
}

func TestBulkCancelled(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx, cancel := context.WithCancel(t.Context())
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Bulk), Hold: func(c context.Context) {
		cancel()
		<-c.Done()
	}})
	results := cosmos.Collect(books.CreateMany(ctx, cosmos.Each(manyBooks(500))))
	require.NotEmpty(t, results)
	unknown := 0
	for _, r := range results {
		require.ErrorIs(t, r.Err, context.Canceled)
		if errors.Is(r.Err, cosmos.ErrUnknownOutcome) {
			unknown++
		}
	}
	require.Positive(t, unknown, "what was sent may have been executed")
	results = cosmos.Collect(books.CreateMany(ctx, cosmos.Each(manyBooks(3))))
	require.Len(t, results, 1)
	require.ErrorIs(t, results[0].Err, context.Canceled)
}

func TestBulkInputPanics(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	source := iter.Seq[any](func(yield func(any) bool) {
		yield(book{ID: "1", Author: "Ann"})
		panic("the input is broken")
	})
	require.PanicsWithValue(t, "the input is broken", func() { cosmos.Collect(books.CreateMany(t.Context(), source)) })
}

// The input waits for ever: Bulk ends with its context, and with its loop.
func TestBulkEndsWhateverItsInputDoes(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	for _, leave := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		more := make(chan cosmos.Operation, 1)
		more <- cosmos.OpUpsert(book{ID: "1", Author: "Ann"})
		done := make(chan []cosmos.BulkResult)
		go func() {
			var results []cosmos.BulkResult
			for r := range books.Bulk(ctx, func(yield func(cosmos.Operation) bool) {
				for o := range more {
					if !yield(o) {
						return
					}
				}
			}) {
				if results = append(results, r); leave {
					break
				}
				cancel()
			}
			done <- results
		}()
		select {
		case results := <-done:
			require.NoError(t, results[0].Err)
			if !leave {
				require.ErrorIs(t, results[1].Err, context.Canceled)
			}
		case <-time.After(10 * time.Second):
			require.Fail(t, "Bulk waits for its input")
		}
		cancel()
		close(more)
	}
}
