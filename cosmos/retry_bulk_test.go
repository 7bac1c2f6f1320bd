package cosmos

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// withBulkFault runs something against the account of two regions of the retry table, in which bulk requests meet a
// fault.
func withBulkFault(t *testing.T, fault func() *http.Response, f func(t *testing.T, r *playedAccount, c *Container)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &playedAccount{target: isHeader("x-ms-cosmos-batch-atomic", "False")}
		r.fault = func(*http.Request) (*http.Response, error) { return fault(), nil }
		f(t, r, r.container(t))
	})
}

// A bulk that is throttled for ever goes on for as long as its caller waits, with pauses that grow. Throttled
// operations were not executed.
func TestBulkUnderEndlessThrottling(t *testing.T) {
	t.Parallel()
	for name, throttled := range map[string]func() *http.Response{
		"requests":   func() *http.Response { return httpAnswer(429, `{"message":"slow"}`, "x-ms-substatus", "3200") },
		"operations": func() *http.Response { return httpAnswer(207, `[{"statusCode":429,"subStatusCode":3200}]`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withBulkFault(t, throttled, func(t *testing.T, r *playedAccount, c *Container) {
				const patience = 10 * time.Minute
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				start := time.Now()
				err := bulkError(c.PatchMany(ctx, func(yield func(ItemKey) bool) { yield(At("1", "p")) },
					[]PatchOperation{PatchIncrement("/n", 1)}))
				require.Equal(t, patience, time.Since(start), "%v", err)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.False(t, errors.Is(err, ErrUnknownOutcome), "%v", err)
				require.Greater(t, len(r.asked), 50)
				require.Less(t, len(r.asked), 1000)
			})
		})
	}
}

// A bulk request that is refused as a whole, as by a server that knows none, was not executed: its operations are sent
// one by one. After three in a row no other is sent for a minute.
func TestBulkRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	refused := func() *http.Response { return httpAnswer(400, `{"message":"what is a batch?"}`) }
	withBulkFault(t, refused, func(t *testing.T, r *playedAccount, c *Container) {
		for range 5 {
			var stats Stats
			ctx := WithStats(t.Context(), &stats)
			require.NoError(t, bulkError(c.UpsertMany(ctx,
				Each([]map[string]string{{"id": "1", "pk": "p"}, {"id": "2", "pk": "p"}}))))
			require.Equal(t, 2, stats.Snapshot().SingleOperations)
		}
		require.Equal(t, []string{"west", "west", "west"}, r.asked)
	})
}
