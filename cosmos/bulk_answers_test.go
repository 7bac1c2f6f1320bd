package cosmos

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An answer to a bulk request that is not one may be a stranger's, or come after everything was executed: patches are
// not sent again, and upserts are, in bulk requests.
func TestBulkAnswerThatIsNoArrayIsLost(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`<html>`, ``, `{"id":"whatever"}`, `[]`, `[{"statusCode":200},`,
		`[{"statusCode":200},{"statusCode":200}]`, `[{}]`, `["x"]`} {
		var sane atomic.Bool
		s := &script{}
		f := newFake(t, func(w http.ResponseWriter, c call) {
			if !sane.Load() {
				reply(w, 200, body, "x-ms-activity-id", "a")
				return
			}
			s.serve(w, c)
		})
		keys := slices.Values([]ItemKey{At("1", "a")})
		r := Collect(f.orders().PatchMany(t.Context(), keys, []PatchOperation{PatchIncrement("/n", 1)}))[0]
		require.ErrorIs(t, r.Err, ErrUnknownOutcome, body)
		require.Zero(t, r.StatusCode, body)
		require.Equal(t, 1, f.sent(), body)
		sane.Store(true)
		for r := range f.orders().UpsertMany(t.Context(), Each(manyOrders(50))) {
			require.NoError(t, r.Err)
		}
		require.Equal(t, 2, f.sent(), "one odd answer does not end bulk requests")
	}
}

func manyOrders(n int) []order {
	list := make([]order, n)
	for i := range list {
		list[i] = order{ID: fmt.Sprint(i), Customer: "a"}
	}
	return list
}

// One refusal, whatever it says, does not end bulk requests: the operations of that one travel alone, the next ones
// together.
func TestOneOddAnswerDoesNotEndBulk(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 405, 415, 501} {
		var singles, refusals, refused atomic.Int32
		s := &script{}
		f := newFake(t, func(w http.ResponseWriter, c call) {
			switch {
			case !strings.HasPrefix(c.body, "["):
				singles.Add(1)
				reply(w, 201, c.body, "etag", "e")
			case refusals.Add(1) == 1: // of all 50 or, where the list is read slowly, of some
				refused.Store(int32(strings.Count(c.body, `"operationType"`)))
				refuse(status, "0")(w, c)
			default:
				s.serve(w, c)
			}
		})
		var st Stats
		for range 2 {
			for r := range f.orders().UpsertMany(WithStats(t.Context(), &st), Each(manyOrders(50))) {
				require.NoError(t, r.Err)
			}
		}
		require.Positive(t, refused.Load())
		require.Equal(t, refused.Load(), singles.Load())
		require.EqualValues(t, singles.Load(), st.Snapshot().SingleOperations, "the stats say so")
	}
}

// A server that takes the array of a bulk request for something else, and says yes: what may be sent twice is sent
// singly in the end.
func TestBulkMisunderstood(t *testing.T) {
	t.Parallel()
	var singles atomic.Int32
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if strings.HasPrefix(c.body, "[") {
			reply(w, 201, `{"id":"whatever"}`)
			return
		}
		singles.Add(1)
		reply(w, 201, c.body, "etag", "e")
	})
	for r := range f.orders().UpsertMany(t.Context(), Each(manyOrders(2))) {
		require.NoError(t, r.Err)
		require.Equal(t, "e", r.ETag)
	}
	require.EqualValues(t, 2, singles.Load())
}

// When single operations fail too, it was not the bulk request that was wrong.
func TestBulkThatFailsEitherWay(t *testing.T) {
	t.Parallel()
	f := newFake(t, refuse(400, "0"))
	r := Collect(f.orders().CreateMany(t.Context(), Each([]order{{ID: "1", Customer: "a"}})))[0]
	require.ErrorIs(t, r.Err, ErrBadRequest)
	require.True(t, f.bulk.Known(time.Now()))
}

func TestBulkUnauthorized(t *testing.T) {
	t.Parallel()
	f := newFake(t, refuse(401, "0"))
	results := Collect(f.orders().
		CreateMany(t.Context(), Each([]order{{ID: "1", Customer: "a"}, {ID: "2", Customer: "a"}})))
	for _, r := range results {
		require.ErrorIs(t, r.Err, ErrUnauthorized)
		require.ErrorContains(t, r.Err, "the message")
	}
	require.Equal(t, 1, f.sent())
}

func TestBulkAfterClose(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	require.NoError(t, f.Close())
	results := Collect(f.orders().CreateMany(t.Context(), Each([]order{{ID: "1", Customer: "a"}})))
	require.ErrorIs(t, results[0].Err, ErrClosed)
}
