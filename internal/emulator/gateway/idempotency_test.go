package gateway

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// A transaction that is asked for again while it is executed is refused with the status that has clients ask again;
// once it is decided they get its answer, and it is not executed twice.
func TestOnce(t *testing.T) {
	t.Parallel()
	g, err := New(store.NewAccount(store.Options{}), Options{Key: "a2V5"})
	require.NoError(t, err)
	t.Cleanup(g.Close)
	c := newCall(g, httptest.NewRecorder(), httptest.NewRequest("POST", "/operations/dtc", nil), 0)
	executed := 0
	execute := func() (reply, error) {
		executed++
		_, err := c.once("t", func() (reply, error) { return reply{}, errors.New("executed twice") })
		var refused *store.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, []int{449, subInProgress}, []int{refused.Status, refused.SubStatus})
		_, err = c.once("other", func() (reply, error) { return reply{}, nil })
		require.NoError(t, err, "another transaction is another's")
		return reply{status: 200, body: []byte("answer")}, nil
	}
	for range 2 {
		answer, err := c.once("t", execute)
		require.NoError(t, err)
		require.Equal(t, reply{status: 200, body: []byte("answer")}, answer)
	}
	require.Equal(t, 1, executed)

	// What was not decided may be tried again, whether it was refused or broke off.
	refusal := store.Errorf(429, 3200, "slow")
	_, err = c.once("u", func() (reply, error) { return reply{}, refusal })
	require.ErrorIs(t, err, refusal)
	require.Panics(t, func() { c.once("u", func() (reply, error) { panic("broken") }) })
	answer, err := c.once("u", func() (reply, error) { return reply{status: 452}, nil })
	require.NoError(t, err)
	require.Equal(t, 452, answer.status)
}

// Decided transactions are remembered for a time, and as many of them as memory is for: the oldest goes first.
func TestTransactionsAreForgotten(t *testing.T) {
	t.Parallel()
	start := time.Now()
	decide := func(ts *transactions, token string, at time.Time, bytes int) {
		_, first := ts.begin(token, at)
		require.True(t, first, token)
		ts.end(token, reply{body: make([]byte, bytes)}, true)
	}
	known := func(ts *transactions, token string, at time.Time) bool {
		_, first := ts.begin(token, at)
		if first {
			ts.end(token, reply{}, false)
		}
		return !first
	}
	t.Run("by time", func(t *testing.T) {
		t.Parallel()
		var ts transactions
		decide(&ts, "a", start, 10)
		decide(&ts, "b", start.Add(time.Minute), 10)
		require.True(t, known(&ts, "a", start.Add(keptFor-1)))
		require.False(t, known(&ts, "a", start.Add(keptFor)))
		require.True(t, known(&ts, "b", start.Add(keptFor)))
		require.Equal(t, 10, ts.bytes, "what is forgotten takes no room")
	})
	t.Run("by number", func(t *testing.T) {
		t.Parallel()
		var ts transactions
		for i := range keptTransactions + 5 {
			decide(&ts, fmt.Sprint(i), start, 1)
		}
		require.Len(t, ts.known, keptTransactions)
		require.Len(t, ts.order, keptTransactions)
		require.True(t, known(&ts, fmt.Sprint(keptTransactions+4), start))
		require.False(t, known(&ts, "4", start))
	})
	t.Run("by bytes", func(t *testing.T) {
		t.Parallel()
		var ts transactions
		for _, token := range []string{"a", "b", "c"} {
			decide(&ts, token, start, keptBytes/2)
		}
		require.False(t, known(&ts, "a", start))
		require.True(t, known(&ts, "c", start))
		require.LessOrEqual(t, ts.bytes, keptBytes)
	})
	t.Run("not while it is executed", func(t *testing.T) {
		t.Parallel()
		var ts transactions
		ts.begin("a", start)
		decide(&ts, "b", start, 10)
		late := start.Add(24 * time.Hour)
		require.True(t, known(&ts, "a", late))
		require.True(t, known(&ts, "b", late), "nor what came after it: the oldest goes first")
		ts.end("a", reply{}, true)
		require.False(t, known(&ts, "a", late))
		require.False(t, known(&ts, "b", late))
	})
}
