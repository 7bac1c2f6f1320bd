package planner

import (
	"math"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// component is one scoring function of ORDER BY RANK.
type component struct {
	score     nosql.Expr  // what a partition computes, with marks for the statistics
	text      *nosql.Call // the FullTextScore that it is, nil for a vector score
	weight    float64
	ascending bool   // lower scores rank higher
	word      string // the direction as the text writes it
}

// planHybrid plans ORDER BY RANK: statistics first, then a query for every scoring function, each giving all scores.
func planHybrid(q *nosql.Query, o Options) (*queryplan.Hybrid, error) {
	page, err := paging(q, o.Params)
	if err != nil {
		return nil, err
	}
	calls, given, err := scoring(q, o.Params)
	if err != nil {
		return nil, err
	}
	components := make([]component, len(calls))
	for i, c := range calls {
		if !scores(c) {
			return nil, errNotScoring
		}
		weight := 1.0
		if i < len(given) {
			weight = given[i]
		}
		components[i] = newComponent(c, i, weight, o)
	}
	h := &queryplan.Hybrid{
		GlobalStatisticsQuery:    statistics(q, components),
		ComponentsWithoutPayload: []queryplan.Info{},
		Weights:                  []float64{},
		Skip:                     page.offset,
		Take:                     page.limit,
	}
	if page.top != nil {
		h.Take = page.top
	}
	for _, w := range given {
		h.Weights = append(h.Weights, math.Abs(w))
	}
	for i, c := range components {
		h.RequiresGlobalStatistics = h.RequiresGlobalStatistics || c.text != nil
		h.Components = append(h.Components,
			*planComponent(q, components, i, page, o.Features["HybridSearchSkipOrderByRewrite"]))
	}
	return h, nil
}

// scoring returns the scoring functions of q and the weights that RRF gives them, if it does.
func scoring(q *nosql.Query, params map[string]value.Value) ([]*nosql.Call, []float64, error) {
	rrf, ok := queryplan.IsCall(q.OrderBy[0].X, "RRF")
	if !ok {
		return []*nosql.Call{rrf}, nil, nil
	}
	var calls []*nosql.Call
	for _, arg := range rrf.Args {
		if c, ok := arg.(*nosql.Call); ok {
			calls = append(calls, c)
		}
	}
	if !weighted(rrf) {
		return calls, nil, nil
	}
	given, err := weights(rrf.Args[len(rrf.Args)-1], params, len(calls))
	return calls, given, err
}

// errNotScoring refuses ORDER BY RANK by anything that gives no score; the evaluator says it first, with the place.
var errNotScoring = &Refusal{
	"The ORDER BY RANK clause must be followed by a VectorDistance and/or a FullTextScore function call."}

// scores reports whether c, which may be nil, is a scoring function with its arguments.
func scores(c *nosql.Call) bool {
	if c == nil || len(c.Args) < 2 {
		return false
	}
	_, text := queryplan.IsCall(c, "FullTextScore")
	_, vector := queryplan.IsCall(c, "VectorDistance")
	return text || vector
}

// weighted reports whether RRF, which may be nil, has weights behind its scores.
func weighted(rrf *nosql.Call) bool {
	if rrf == nil || len(rrf.Args) == 0 {
		return false
	}
	switch rrf.Args[len(rrf.Args)-1].(type) {
	case *nosql.Array, *nosql.Param:
		return true
	}
	return false
}

// errWeights refuses weights that the plan cannot name, or that do not go with the scores.
var errWeights = &Refusal{"The weights of RRF must be a constant array of numbers, as long as the list of scores."}

// weights reads the last argument of RRF, an array of n numbers or a parameter that is one.
func weights(x nosql.Expr, params map[string]value.Value, n int) ([]float64, error) {
	list, ok := queryplan.Constant(x, params)
	if !ok || list.Kind() != value.KindArray || list.Len() != n {
		return nil, errWeights
	}
	out := make([]float64, 0, n)
	for w := range list.Elems() {
		f := w.AsFloat()
		if w.Kind() != value.KindNumber || math.IsInf(f, 0) {
			return nil, errWeights
		}
		out = append(out, f)
	}
	return out, nil
}

// newComponent describes a scoring function. A negative weight wants the least similar first.
func newComponent(c *nosql.Call, index int, weight float64, o Options) component {
	if _, ok := queryplan.IsCall(c, "FullTextScore"); ok {
		score := call("_FullTextScore", c.Args[0], array(words(c)...), mark(queryplan.TotalDocumentCount),
			mark(queryplan.TotalWordCount(index)), mark(queryplan.HitCounts(index)))
		if weight < 0 {
			return component{score: score, text: c, weight: weight, ascending: true, word: "ASC"}
		}
		return component{score: score, text: c, weight: weight, word: "DESC"}
	}
	// A vector score without a direction means best first, whatever the distance function.
	score := component{score: call("_VectorScore", c.Args...), weight: weight,
		ascending: bestFirst(c, o) == queryplan.Ascending}
	if weight < 0 {
		score.ascending = !score.ascending
		score.word = "DESC"
		if score.ascending {
			score.word = "ASC"
		}
	}
	return score
}

// words returns the search words of FullTextScore(path, word, …).
func words(c *nosql.Call) []nosql.Expr {
	if len(c.Args) == 2 {
		if list, ok := c.Args[1].(*nosql.Array); ok {
			return list.Items
		}
	}
	return c.Args[1:]
}

// statistics is the query for how many documents there are, how many words, and how many documents hold each word.
func statistics(q *nosql.Query, components []component) string {
	list := array()
	for _, c := range components {
		if c.text == nil {
			continue
		}
		hits := array()
		for _, word := range words(c.text) {
			hits.Items = append(hits.Items, call("COUNTIF", call("FullTextContains", c.text.Args[0], word)))
		}
		list.Items = append(list.Items, object(
			field("totalWordCount", call("SUM", call("_FullTextWordCount", c.text.Args[0]))), field("hitCounts", hits)))
	}
	return nosql.PrintCanonical(&nosql.Query{
		Select: nosql.Select{Items: []nosql.Item{{X: call("COUNT", number(1)), Alias: "documentCount"},
			{X: list, Alias: "fullTextStatistics"}}},
		From: q.From,
	})
}

// componentSize is how many of its best rows each partition gives for a component: enough that a document good in one
// ranking is found in the others too.
func componentSize(page counts) *int64 {
	const least, most = 120, math.MaxInt32 // what every client's integers hold; the service's own figure overflows
	var n int64
	switch {
	case page.top != nil:
		n = *page.top
	case page.limit != nil:
		n = page.reach()
	default:
		return nil
	}
	n = max(min(2*min(n, math.MaxInt64/2), most), least)
	return &n
}

// planComponent plans the query that ranks by component i. With flat the client did without the envelope of sort keys.
func planComponent(q *nosql.Query, components []component, i int, page counts, flat bool) *queryplan.Info {
	info, c := newInfo(), components[i]
	rewritten := *q
	rewritten.Rank, rewritten.Top, rewritten.Offset, rewritten.Limit = false, nil, nil, nil
	size := componentSize(page)
	switch {
	case size == nil:
	case page.top != nil:
		rewritten.Top = number(*size)
	default:
		rewritten.Offset, rewritten.Limit = number(0), number(*size)
	}

	direction := queryplan.Descending
	if c.ascending {
		direction = queryplan.Ascending
	}
	rewritten.OrderBy = []nosql.Sort{{X: c.score, Dir: c.word, Desc: c.word == "DESC"}}

	row, scores := payload(q), array()
	for _, other := range components {
		scores.Items = append(scores.Items, other.scoreOrWorst(flat))
	}
	if flat {
		rewritten.Select = nosql.Select{
			Items: []nosql.Item{rid(q), {X: row, Alias: "payload"}, {X: scores, Alias: "componentScores"}}}
	} else {
		info.OrderBy = []string{direction}
		info.OrderByExpressions = []string{nosql.PrintCanonicalExpr(c.score)}
		info.NonStreamingOrderBy = true
		if rewritten.Top != nil {
			info.Top = size
		} else if size != nil {
			zero := int64(0)
			info.Offset, info.Limit = &zero, size
		}
		rewritten.Select = nosql.Select{Star: true}
		envelope(&rewritten, []nosql.Expr{c.score}, object(field("payload", row), field("componentScores", scores)),
			queryplan.FilterPlaceholder)
	}
	info.RewrittenQuery = nosql.PrintCanonical(&rewritten)
	return info
}

// scoreOrWorst is the score, or the worst there is for a document that has none. A flat list of scores is always read
// as the higher the better, so the scores of a component whose lower ones rank higher are negated.
func (c component) scoreOrWorst(flat bool) nosql.Expr {
	worst := "-1.79769e+308"
	switch {
	case c.ascending:
		worst = worst[1:]
	case c.text != nil:
		worst = "-1"
	}
	score := &nosql.Binary{Op: "??", L: c.score, R: &nosql.Literal{Kind: nosql.Number, Text: worst}}
	if flat && c.ascending {
		return &nosql.Binary{Op: "*", L: &nosql.Literal{Kind: nosql.Number, Text: "-1"}, R: score}
	}
	return score
}
