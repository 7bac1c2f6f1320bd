package eval

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

func TestShares(t *testing.T) {
	t.Parallel()
	spare := 0
	var m *Memory
	m = NewMemory(1000, func() bool {
		if spare == 0 {
			return false
		}
		m.taken.Add(-int64(spare))
		spare = 0
		return true
	})
	a, b := m.Share(), m.Share()
	require.NoError(t, a.Add(600))
	require.NoError(t, a.Add(400))
	require.ErrorIs(t, b.Add(1), ErrMemoryInUse)
	require.ErrorAs(t, a.Add(1), new(*nosql.Error), "alone beyond the bound: it never has a chance")
	b.Release()
	a.Release()
	a.Release()
	require.Zero(t, m.Taken())

	require.NoError(t, a.Add(1000))
	spare, a = 1000, m.Share() // as a cursor holds it
	require.NoError(t, b.Add(1000), "what only saves work goes first")
	b.Release()
	require.Zero(t, m.Taken())

	var free Share
	require.NoError(t, free.Add(math.MaxInt), "without a bound")
	free.Release()
}

// TestRunsCount: whatever a run keeps counts, and what does not stay does not.
func TestRunsCount(t *testing.T) {
	t.Parallel()
	docs := make([]value.Value, 2000)
	for i := range docs {
		docs[i] = parse(t, fmt.Sprintf(`{"a":%d}`, i))
	}
	o := Options{Params: map[string]value.Value{"@long": value.String(strings.Repeat("x", 100))}}
	for query, atLeast := range map[string]int64{
		"SELECT VALUE c.a FROM c ORDER BY c.a":                                        2000 * 100,
		"SELECT VALUE c.a FROM c ORDER BY RANK FullTextScore(c.a, 'x')":               2000 * 100,
		"SELECT c.a FROM c GROUP BY c.a":                                              2000 * 100,
		"SELECT c.a, SUM(c.a) AS s, AVG(c.a) AS v FROM c GROUP BY c.a":                2000 * 200,
		"SELECT DISTINCT VALUE c.a FROM c":                                            2000 * 100,
		"SELECT VALUE MAKELIST(c.a) FROM c":                                           2000 * 50,
		"SELECT VALUE MAKESET(c.a || @long) FROM c":                                   0,
		"SELECT VALUE MAKESET(CONCAT(ToString(c.a), @long, @long)) FROM c":            2000 * 400,
		"SELECT TOP 1000 VALUE CONCAT(ToString(c.a), @long) FROM c ORDER BY c.a DESC": 1000 * 200,
	} {
		m := NewMemory(1<<30, func() bool { return false })
		share := m.Share()
		o.Share = &share
		mustEvaluate(t, query, docs, o)
		require.GreaterOrEqual(t, m.Taken(), atLeast, query)
		require.LessOrEqual(t, m.Taken(), 10*atLeast+1<<20, query)
		share.Release()

		if atLeast > 0 {
			m = NewMemory(atLeast/2, func() bool { return false })
			share = m.Share()
			_, err := evaluate(t, query, docs, o)
			require.ErrorContains(t, err, "more rows in memory", query)
			share.Release()

			other := m.Share()
			require.NoError(t, other.Add(int(atLeast/2)))
			share = m.Share()
			_, err = evaluate(t, query, docs, o)
			require.ErrorIs(t, err, ErrMemoryInUse, query)
			share.Release()
			other.Release()
			require.Zero(t, m.Taken())
		}
	}

	m := NewMemory(100_000, func() bool { return false })
	share := m.Share()
	o.Share = &share
	for _, query := range []string{
		"SELECT TOP 10 VALUE c.a FROM c ORDER BY c.a DESC",
		"SELECT VALUE COUNT(1) FROM c",
		"SELECT * FROM c",
		"SELECT VALUE c.a FROM c ORDER BY c.a OFFSET 10 LIMIT 10",
	} {
		mustEvaluate(t, query, docs, o)
		share.Release()
	}
	own := 0
	p, err := compile("SELECT VALUE c.a FROM c ORDER BY c.a", o)
	require.NoError(t, err)
	for _, err = range p.Rows(t.Context(), func(yield func(value.Value) bool) {
		for _, d := range docs {
			if own++; own > 20 {
				return
			}
			share.Document(10_000)
			if !yield(d) {
				return
			}
		}
	}) {
	}
	require.ErrorContains(t, err, "more rows in memory", "a document that only the query holds counts with its row")
	require.Less(t, own, 20)
}
