package bulk

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/require"
)

// The input waits for ever: the bulk ends with its context, and with its loop.
func TestRunEndsWhateverItsInputDoes(t *testing.T) {
	t.Parallel()
	for _, leave := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newService(1)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			more := make(chan *Operation, 1)
			more <- create(1)
			blocked := func(yield func(*Operation) bool) {
				for o := range more {
					if !yield(o) {
						return
					}
				}
			}
			var results []Result
			Run(ctx, s.config(), blocked, func(r Result) bool {
				results = append(results, r)
				return !leave
			})
			require.NoError(t, results[0].Err)
			if leave {
				require.Less(t, time.Since(s.start), 100*time.Millisecond)
			} else {
				require.Equal(t, 300*time.Millisecond, time.Since(s.start))
				require.Len(t, results, 2)
				require.Equal(t, 1, results[1].Index)
				require.ErrorIs(t, results[1].Err, context.DeadlineExceeded)
				require.ErrorContains(t, results[1].Err, "operation 1 and those after it were not sent")
			}
			close(more) // its goroutine ends when it next yields, or when it ends by itself
		})
	}
}

// The context ends while operations are queued, delayed and in flight: each has a result, which says whether it may
// have been executed.
func TestRunCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		s.latency = time.Second
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		ops := []*Operation{}
		for i := range 300 {
			ops = append(ops, create(i))
		}
		results := s.run(ctx, s.config(), ops...)
		require.Len(t, results, 300)
		for i, r := range results {
			require.ErrorIs(t, r.Err, context.DeadlineExceeded)
			require.Equal(t, i < windowStart, errors.Is(r.Err, rest.ErrUnknownOutcome), "operation %d", i)
		}
		require.Less(t, time.Since(s.start), 200*time.Millisecond)
	})
}

func TestRunInputPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		broken := func(yield func(*Operation) bool) {
			yield(create(1))
			panic("the input is broken")
		}
		require.PanicsWithValue(t, "the input is broken", func() {
			Run(t.Context(), s.config(), broken, func(Result) bool { return true })
		})
	})
}
