// Package crosspartition_test holds queries across partitions to the one promise that matters: the rows are those of a
// container with a single partition.
package crosspartition_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/cosmossql/cosmossql/cosmos"
)

// TestMain looks for leaks. The clock of the server's regular expressions stops by itself, a while later.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2.runClock"))
}

// runs is how many queries are run: COSMOS_QUERY_RUNS of them, for example 20000, or as many as pass in a few seconds.
func runs(t *testing.T) int {
	t.Helper()
	text := os.Getenv("COSMOS_QUERY_RUNS")
	if text == "" {
		return 300
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "COSMOS_QUERY_RUNS")
	return n
}

// TestSameRowsOverAnyPartitions runs random queries over random documents in 1, 2, 5 and 32 physical partitions, which
// split and merge meanwhile in half of the runs, and compares every result row for row with what the evaluator makes of
// the same documents in one heap.
func TestSameRowsOverAnyPartitions(t *testing.T) {
	t.Parallel()
	total := runs(t)
	for _, partitions := range []int{1, 2, 5, 32} {
		t.Run(fmt.Sprint(partitions), func(t *testing.T) {
			t.Parallel()
			const perWorld = 500 // queries over the same documents
			for done := 0; done < total/4; done += perWorld {
				seed := uint64(1000*partitions + done)
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
					check(t, partitions, seed, min(perWorld, total/4-done))
				})
			}
		})
	}
}

func check(t *testing.T, partitions int, seed uint64, n int) {
	g := newGenerator(seed)
	docs := make([]string, 60)
	for i := range docs {
		docs[i] = g.document(i)
	}
	w := plainWorld(t, partitions, docs)
	for i := range n {
		q := g.query()
		r := run{container: g.one("flat", "flat", "old", "tree"), resuming: g.chance(20)}
		if size := g.IntN(12); size > 0 {
			r.options = append(r.options, cosmos.PageSize(size))
		}
		if g.chance(50) {
			r.options = append(r.options, cosmos.MaxConcurrency(1+g.IntN(4)))
		}
		if g.chance(50) {
			r.moving = rand.New(rand.NewPCG(seed, uint64(i)))
		}
		about := fmt.Sprintf("run %d of seed %d, %d partitions: %s, @p = %s, %+v", i, seed, partitions,
			q.text, q.params, r)
		rows, err := w.does(t, q, r)
		require.NoError(t, err, about)
		w.compare(t, q, rows, about)
	}
}
