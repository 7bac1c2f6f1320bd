package exec_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

func contextWithTimeout(t *testing.T, seconds int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), time.Duration(seconds)*time.Second)
}

// many are documents with every form of key.
func many() []string {
	var all []string
	for i := range 50 {
		all = append(all, fmt.Sprintf(`{"id":"d%d","pk":"p%d","n":%d}`, i, i%3, i%2))
	}
	return append(all, `{"id":"none","n":1}`, `{"id":"null","pk":null,"n":1}`, `{"id":"object","pk":{},"n":1}`)
}

func TestSearchedChange(t *testing.T) {
	t.Parallel()
	for text, left := range map[string]int{
		"UPDATE c SET n = 9 WHERE c.n = 1 RETURNING *": 53,
		"DELETE FROM c WHERE c.n = 1 RETURNING *":      25,
	} {
		w := newWorld(t, many()...)
		r, err := w.run(t, t.Context(), text)
		require.NoError(t, err)
		require.EqualValues(t, 28, r.Affected)
		require.Len(t, r.Documents, 28)
		require.Len(t, w.docs(t), left)
		require.Zero(t, w.affected(t, text))
	}
}

func TestSearchedChangeMeetsOtherWriters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		writer func(t *testing.T, w *world) // once, before the first change
		want   int64
		left   []string
	}{
		{"still selected", func(t *testing.T, w *world) { w.put(t, `{"id":"a","pk":"p","n":5}`) }, 1,
			[]string{`{"id":"a","n":6,"pk":"p"}`}},
		{"not selected any more", func(t *testing.T, w *world) { w.put(t, `{"id":"a","pk":"p","n":-1}`) }, 0,
			[]string{`{"id":"a","n":-1,"pk":"p"}`}},
		{"gone", func(t *testing.T, w *world) {
			_, err := w.c.DeleteItem(t.Context(), "a", cosmos.PartitionKey("p"))
			require.NoError(t, err)
		}, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, one)
			w.each(cosmostest.Patch, 1, func() { tt.writer(t, w) })
			require.Equal(t, tt.want, w.affected(t, "UPDATE c SET n = n + 1 WHERE c.n >= 0"))
			require.Equal(t, tt.left, w.docs(t))
		})
	}
}

var stoppedAfter = regexp.MustCompile(`stopped after (at least )?(\d+) of 60 documents`)

func changed(t *testing.T, err error) (n int, atLeast bool) {
	t.Helper()
	m := stoppedAfter.FindStringSubmatch(err.Error())
	require.NotNil(t, m, "%v", err)
	n, err = strconv.Atoi(m[2])
	require.NoError(t, err)
	return n, m[1] != ""
}

func (w *world) sixty(t *testing.T) {
	t.Helper()
	for i := range 60 {
		w.put(t, fmt.Sprintf(`{"id":"%d","pk":"p","n":0}`, i))
	}
}

func (w *world) ones(t *testing.T) (n int) {
	t.Helper()
	for got, err := range cosmos.Query[int](t.Context(), w.c, "SELECT VALUE COUNT(1) FROM c WHERE c.n = 1") {
		require.NoError(t, err)
		n = got
	}
	return n
}

// requireOnePrefix requires that an error says once whose it is.
func requireOnePrefix(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, 0, strings.Index(err.Error(), "cosmos: "))
	require.LessOrEqual(t, strings.Count(errors.Unwrap(err).Error(), "cosmos: "), 1)
}

// One document of many cannot be changed. What was begun is waited for, so the number is that of the changed ones.
func TestCountsAreExact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sixty(t)
	w.Inject(cosmostest.Fault{Status: 400, Delay: 10 * time.Millisecond, Match: func(r cosmostest.Request) bool {
		return r.Operation == cosmostest.Patch && r.Item == "20"
	}})
	_, err := w.run(t, t.Context(), "UPDATE c SET n = 1 WHERE c.pk = 'p'")
	require.ErrorIs(t, err, cosmos.ErrBadRequest)
	require.NotErrorIs(t, err, cosmos.ErrUnknownOutcome)
	requireOnePrefix(t, err)
	n, atLeast := changed(t, err)
	require.False(t, atLeast)
	require.Equal(t, w.ones(t), n)
}

// Answers that are lost make the number a lower bound, which the error says.
func TestCountsAreLowerBoundsWhereUnknown(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cosmostest.Fault{
		"refused":  {Status: 400},
		"deadline": {Hold: func(ctx context.Context) { <-ctx.Done() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sixty(t)
			fault.Match = func(r cosmostest.Request) bool { return r.Operation == cosmostest.Patch && r.Item == "20" }
			w.Inject(fault)
			var cut atomic.Int32
			w.Inject(cosmostest.Fault{Cut: cosmostest.CutAfter, Match: func(r cosmostest.Request) bool {
				return r.Operation == cosmostest.Patch && r.Item != "20" && cut.Add(1) <= 3
			}})
			ctx, cancel := contextWithTimeout(t, 1)
			defer cancel()
			_, err := w.run(t, ctx, "UPDATE c SET n = 1 WHERE c.pk = 'p'", cosmos.MaxConcurrency(60))
			require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
			n, atLeast := changed(t, err)
			require.True(t, atLeast)
			require.LessOrEqual(t, n, w.ones(t))
		})
	}
}
