package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// fusedModel is the documents by reciprocal rank fusion, written down once more: every component ranks all that some
// component found, without gaps, and adds weight / (60 + rank). top is how many rows each search gives; 0 for all.
func fusedModel(docs []ranked, h *queryplan.Hybrid, top int) []string {
	better := func(i int) func(a, b ranked) int {
		return func(a, b ranked) int {
			c := cmp.Compare(a.scores[i], b.scores[i])
			if h.Components[i].OrderBy[0] == queryplan.Descending {
				return -c
			}
			return c
		}
	}
	found := map[int]bool{}
	for i := range h.Components {
		best := slices.SortedFunc(slices.Values(docs), better(i))
		if top > 0 {
			best = best[:min(top, len(best))]
		}
		for _, d := range best {
			found[d.id] = true
		}
	}
	docs = slices.DeleteFunc(slices.Clone(docs), func(d ranked) bool { return !found[d.id] })
	fused := map[int]float64{}
	for i := range h.Components {
		weight := 1.0
		if i < len(h.Weights) {
			weight = h.Weights[i]
		}
		for _, d := range docs {
			before := map[float64]bool{} // different scores that are better
			for _, other := range docs {
				if better(i)(other, d) < 0 {
					before[other.scores[i]] = true
				}
			}
			fused[d.id] += weight / float64(60+1+len(before))
		}
	}
	slices.SortStableFunc(docs, func(a, b ranked) int { return cmp.Compare(fused[b.id], fused[a.id]) })
	if h.Skip != nil {
		docs = docs[min(int(*h.Skip), len(docs)):]
	}
	if h.Take != nil {
		docs = docs[:min(int(*h.Take), len(docs))]
	}
	var rows []string
	for _, d := range docs {
		rows = append(rows, fmt.Sprint(d.id))
	}
	return rows
}

// randomHybrid makes documents with scores and a plan over them. Scores may be equal where each search gives all its
// rows; where it gives the best ones they differ, as it is open which of equals those are.
func randomHybrid(r *rand.Rand) (docs []ranked, h *queryplan.Hybrid, top int) {
	components := 1 + r.IntN(3)
	h = &queryplan.Hybrid{RequiresGlobalStatistics: r.IntN(2) == 0}
	if r.IntN(2) == 0 {
		top = 1 + r.IntN(12)
	}
	for i := range components {
		c := component(i, []string{queryplan.Ascending, queryplan.Descending}[r.IntN(2)])
		if top > 0 {
			n := int64(top)
			c.Top = &n
		}
		h.Components = append(h.Components, c)
		if r.IntN(2) == 0 && len(h.Weights) == i {
			h.Weights = append(h.Weights, []float64{0.25, 1, 2}[r.IntN(3)])
		}
	}
	n := r.IntN(40)
	places := make([][]int, components)
	for i := range places {
		places[i] = r.Perm(n)
	}
	for k := range n {
		d := ranked{id: 100 + k}
		for i := range components {
			score := float64(places[i][k])
			if top == 0 {
				score = float64(r.IntN(6))
			}
			d.scores = append(d.scores, score)
		}
		docs = append(docs, d)
	}
	if r.IntN(2) == 0 {
		skip := int64(r.IntN(5))
		h.Skip = &skip
	}
	if r.IntN(2) == 0 {
		take := int64(r.IntN(15))
		h.Take = &take
	}
	return docs, h, top
}

// TestFusionAgainstTheModel: random documents over random partitions, which split and merge meanwhile, in pages.
func TestFusionAgainstTheModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 41))
		docs, h, top := randomHybrid(r)
		f := searching(1+r.IntN(6), docs, h)
		f.page = 1000 // what a page of a moved partition holds is not the point here
		if seed%2 == 0 {
			f.before = moving(seed, 5)
		}
		want := fusedModel(docs, h, top)
		synctest.Test(t, func(t *testing.T) {
			o := Options{Access: planned, PageSize: r.IntN(7), LocalScores: r.IntN(2) == 0,
				MaxConcurrency: r.IntN(4)}
			require.Equal(t, want, readAll(t, f, o), "seed %d", seed)
		})
	}
}

// TestSearchesThatFailAreMadeAgain: an error of any request, for statistics or for a search, ends the call; the next
// one gives all rows, none of them twice.
func TestSearchesThatFailAreMadeAgain(t *testing.T) {
	t.Parallel()
	passing := errors.New("passing")
	for failing := range 12 {
		r := rand.New(rand.NewPCG(uint64(failing), 42))
		docs, h, top := randomHybrid(r)
		f := searching(3, docs, h)
		requests := 0
		f.before = func(f *fake, _ Fetch) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			if requests++; requests == failing+1 {
				return passing
			}
			return nil
		}
		rows := Open(f, Options{Access: planned, PageSize: 4})
		got, failures := readPast(t, rows, passing, func() {})
		require.NoError(t, rows.Close())
		require.Equal(t, fusedModel(docs, h, top), got, "request %d failed", failing)
		require.LessOrEqual(t, failures, 1)
		if failing < 3 {
			require.Equal(t, 1, failures, "each partition is asked once at least")
		}
	}
}

// TestRanksAreHeldWithinTheBudget: a search that gives all its rows holds them all, and says so where there is no room.
func TestRanksAreHeldWithinTheBudget(t *testing.T) {
	t.Parallel()
	var docs []ranked
	for i := range 200 {
		docs = append(docs, ranked{i, []float64{float64(i), float64(-i)}})
	}
	h := &queryplan.Hybrid{Components: []queryplan.Info{
		component(0, queryplan.Descending), component(1, queryplan.Descending)}}
	rows := Open(searching(3, docs, h), Options{Access: planned, MaxBuffer: 200 * rowOverhead})
	_, err := rows.Next(t.Context())
	require.ErrorIs(t, err, ErrBuffer)
	require.ErrorContains(t, err, "add TOP or LIMIT")
	require.NoError(t, rows.Close())

	best := int64(10)
	h.Components[0].Top, h.Components[1].Top = &best, &best
	got := readAll(t, searching(3, docs, h), Options{Access: planned, MaxBuffer: 200 * rowOverhead})
	require.Equal(t, fusedModel(docs, h, 10), got, "the best of each search need little room")
}
