package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// article is a document of a search: its words (nil for a document without the text) and a whole number as its vector.
type article struct {
	words  []string
	vector int // 0 for a document without one
	shown  bool
}

// searchWords are their own stems and no stop words, so that the model need not know the language.
var searchWords = []string{"kiwi", "lamp", "onyx", "zebra", "drum"}

func randomArticles(r *rand.Rand, n int) []article {
	all := make([]article, n)
	for i := range all {
		if r.IntN(6) > 0 {
			all[i].words = []string{}
			for range r.IntN(9) {
				all[i].words = append(all[i].words, searchWords[r.IntN(len(searchWords))])
			}
		}
		all[i].vector, all[i].shown = r.IntN(5), r.IntN(4) > 0
	}
	return all
}

func articleDocuments(t *testing.T, all []article) []value.Value {
	t.Helper()
	var docs []value.Value
	for i, a := range all {
		text := fmt.Sprintf(`{"i":%d,"shown":%v`, i, a.shown)
		if a.words != nil {
			text += `,"t":"` + strings.Join(a.words, " ") + `"`
		}
		if a.vector != 0 {
			text += fmt.Sprintf(`,"v":[%d,0]`, a.vector)
		}
		docs = append(docs, parse(t, text+"}"))
	}
	return docs
}

func occurrences(words []string, term string) (n float64) {
	for _, w := range words {
		if w == term {
			n++
		}
	}
	return n
}

// modelBM25 is the published formula with k1 1.2 and b 0.75 over all articles, those that the filter hides too.
func modelBM25(all []article, a article, terms ...string) float64 {
	if a.words == nil {
		return -1
	}
	words := 0.0
	for _, other := range all {
		words += float64(len(other.words))
	}
	count, score := float64(len(all)), 0.0
	for _, term := range terms {
		hits := 0.0
		for _, other := range all {
			hits += min(1, occurrences(other.words, term))
		}
		tf := occurrences(a.words, term)
		idf := math.Log(1 + (count-hits+0.5)/(hits+0.5))
		if tf > 0 {
			score += idf * tf * 2.2 / (tf + 1.2*(0.25+0.75*float64(len(a.words))*count/words))
		}
	}
	return score
}

// TestTextScoresAgainstTheFormula: the order of a full text search is that of BM25 over the whole container. What a
// filter hides still counts in the statistics, and documents without the text come last.
func TestTextScoresAgainstTheFormula(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 61))
		all := randomArticles(r, 1+r.IntN(25))
		docs := articleDocuments(t, all)
		for _, terms := range [][]string{{"kiwi"}, {"kiwi", "lamp"}, {"drum", "nowhere"}, {"kiwi", "kiwi", "onyx"}} {
			for _, filter := range []string{"", " WHERE c.shown"} {
				query := "SELECT VALUE c.i FROM c" + filter + " ORDER BY RANK FullTextScore(c.t, '" +
					strings.Join(terms, "', '") + "')"
				rows := mustEvaluate(t, query, docs, Options{})
				before, last := math.Inf(1), -1
				seen := 0
				for _, row := range rows {
					n, _ := parse(t, row).AsInt()
					i, score := int(n), modelBM25(all, all[n], terms...)
					require.LessOrEqual(t, score, before+1e-12, "seed %d: %s: %v", seed, query, rows)
					if score == before && slices.Equal(all[i].words, all[last].words) {
						require.Greater(t, i, last, "equal texts stay in the order of their documents: %v", rows)
					}
					before, last, seen = score, i, seen+1
				}
				hidden := func(a article) bool { return filter != "" && !a.shown }
				require.Len(t, slices.DeleteFunc(slices.Clone(all), hidden), seen, "a search leaves no document out")
			}
		}
	}
}

// TestScoresOfPartsAgainstTheFormula: the query that clients send to partitions scores by the statistics in it.
func TestScoresOfPartsAgainstTheFormula(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 62))
		all := randomArticles(r, 2+r.IntN(10))
		words, hits := 0, [2]int{}
		for _, a := range all {
			words += len(a.words)
			for k, term := range []string{"zebra", "onyx"} {
				hits[k] += int(min(1, occurrences(a.words, term)))
			}
		}
		query := fmt.Sprintf("SELECT VALUE {i: c.i, s: _FullTextScore(c.t, ['zebra', 'onyx'], %d, %d, [%d, %d])} "+
			"FROM c", len(all), words, hits[0], hits[1])
		for i, row := range mustEvaluate(t, query, articleDocuments(t, all), Options{}) {
			score := parse(t, row).Get("s")
			if all[i].words == nil {
				require.False(t, score.IsDefined(), row)
				continue
			}
			require.InDelta(t, modelBM25(all, all[i], "zebra", "onyx"), score.AsFloat(), 1e-12, "%s: %v", query, all[i])
		}
	}
	for _, statistics := range []string{"0, 0, [0]", "0, 10, [1]", "10, 0, [1]"} {
		require.Equal(t, "0", evaluateExpr(t, "_FullTextScore('kiwi', ['kiwi'], "+statistics+")", Options{}),
			"an empty container has no average length: %s", statistics)
	}
	more := parse(t, evaluateExpr(t, "_FullTextScore('kiwi', ['kiwi'], 3, 3, [100])", Options{})).AsFloat()
	require.Zero(t, more, "more hits than documents do not make a score of less than 0")
	short := evaluateExpr(t, "_FullTextScore('kiwi lamp', ['kiwi', 'lamp'], 9, 18, [4, 0])", Options{})
	require.Equal(t, short, evaluateExpr(t, "_FullTextScore('kiwi lamp', ['kiwi', 'lamp'], 9, 18, [4])", Options{}),
		"a count that is left out is 0")
}

// modelFusion is reciprocal rank fusion: each component adds |weight| / (60 + rank), ranks are dense.
func modelFusion(components [][]float64, weights []float64, smaller []bool, rows int) []float64 {
	fused := make([]float64, rows)
	for k, scores := range components {
		different := slices.Compact(slices.Sorted(slices.Values(scores)))
		if smaller[k] == (weights[k] < 0) { // the greatest first
			slices.Reverse(different)
		}
		for i, s := range scores {
			fused[i] += math.Abs(weights[k]) / float64(60+1+slices.Index(different, s))
		}
	}
	return fused
}

// TestFusionAgainstTheModel fuses a text score with a distance, in both directions and with weights of either sign; a
// document without a vector is behind all others, whichever way the component is turned.
func TestFusionAgainstTheModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 63))
		all := randomArticles(r, 1+r.IntN(20))
		docs := articleDocuments(t, all)
		function := []string{"euclidean", "dotproduct"}[r.IntN(2)]
		weights := []float64{[]float64{1, 0.5, 2, -1}[r.IntN(4)], []float64{1, 3, -1, -0.25}[r.IntN(4)]}
		smaller := []bool{false, function == "euclidean"}
		var shown []int
		scores := make([][]float64, 2)
		for i, a := range all {
			if !a.shown {
				continue
			}
			shown = append(shown, i)
			scores[0] = append(scores[0], modelBM25(all, a, "lamp"))
			distance := float64(a.vector * 3) // from the origin, or multiplied
			if smaller[1] {
				distance = math.Abs(float64(a.vector - 3))
			}
			if a.vector == 0 {
				if distance = math.Inf(-1); smaller[1] != (weights[1] < 0) {
					distance = math.Inf(1)
				}
			}
			scores[1] = append(scores[1], distance)
		}
		fused := modelFusion(scores, weights, smaller, len(shown))
		query := fmt.Sprintf("SELECT VALUE c.i FROM c WHERE c.shown ORDER BY RANK RRF(FullTextScore(c.t, 'lamp'), "+
			"VectorDistance(c.v, [3,0], true, {'distanceFunction':'%s'}), [%g, %g])", function, weights[0], weights[1])
		rows := mustEvaluate(t, query, docs, Options{})
		require.Len(t, rows, len(shown))
		before, last := math.Inf(1), -1
		for _, row := range rows {
			n, _ := parse(t, row).AsInt()
			score := fused[slices.Index(shown, int(n))]
			require.LessOrEqual(t, score, before+1e-15, "seed %d: %s: %v by %v", seed, query, rows, fused)
			if score == before {
				require.Greater(t, int(n), last, "seed %d: equals stay in the order of their documents", seed)
			}
			before, last = score, int(n)
		}
		if len(rows) > 2 {
			require.Equal(t, rows[1:3], mustEvaluate(t, query+" OFFSET 1 LIMIT 2", docs, Options{}), query)
		}
	}
}
