package eval

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// scored is a row of an ORDER BY RANK query: what its final place will be computed from. Ranks need all rows: a row's
// final score depends on how many others are better in each component.
type scored struct {
	row, doc value.Value
	parts    []measure // by component
	score    float64
}

// measure is what a component finds in one document: a score, or the facts that make one when the statistics of all
// documents are known.
type measure struct {
	hits    []float64 // how often each term occurs
	words   float64
	score   float64
	missing bool
}

// component is one score of ORDER BY RANK. The weight's sign turns the order of the component, its size scales what
// the component adds.
type component struct {
	weight float64
	// smaller says that smaller scores are better.
	smaller bool

	text   expr // full text: the property, and the analysed terms
	terms  []term
	lang   *language
	vector expr // or the vector distance
}

const (
	rankMessage = "The ORDER BY RANK clause must be followed by a VectorDistance and/or a FullTextScore function call."
	// rankConstant is the k of reciprocal rank fusion. The client libraries of the service have it as a constant,
	// too.
	rankConstant = 60
	// Below every BM25 score, so that documents without the text come last, but come (COSMOS_SQL.md 7.5).
	missingText = -1
)

// rank is the terminal of a block with ORDER BY RANK. Each document is measured before the filter, which costs an
// analysis for documents that are not wanted and is what makes the statistics those of the container, as the
// service's own first query for them does.
func (c *compiler) rank(b *block, s *scope, q *nosql.Query, out sink) stage {
	parts := c.components(s, q)
	b.finish = b.emitRanked(parts, out)
	return func(e *env) bool {
		if !e.tick() {
			return false
		}
		st := &e.states[b.id]
		if st.corpora == nil {
			st.corpora = newCorpora(parts)
		}
		measures := make([]measure, len(parts))
		for i := range parts {
			measures[i] = parts[i].measure(e, &st.corpora[i])
		}
		if !b.admits(e) {
			return e.err == nil // its words have been counted: the statistics are those of the whole container
		}
		row := b.project(e)
		if !row.IsDefined() || e.err != nil {
			return e.err == nil
		}
		st.scores = append(st.scores, scored{row: row, doc: e.doc, parts: measures})
		return e.keep()
	}
}

// components compiles what follows ORDER BY RANK: one score, or RRF over several. A direction is refused here
// although the grammar has it; uncertain in the service, whose sources say that it is ignored or refused.
func (c *compiler) components(s *scope, q *nosql.Query) []component {
	c.checkRanked(q)
	at := q.OrderBySpan
	call, ok := q.OrderBy[0].X.(*nosql.Call)
	if !ok || len(q.OrderBy) > 1 {
		c.fail(codeRank, at, rankMessage)
		return nil
	}
	if q.OrderBy[0].Dir != "" {
		c.fail("", q.OrderBy[0].Span,
			"Specifying a sort order (ASC or DESC) in the ORDER BY RANK clause is not allowed.")
		return nil
	}
	if !strings.EqualFold(call.Name, "RRF") {
		return []component{c.component(s, call, 1)}
	}
	scores, weights := call.Args, []float64(nil)
	if n := len(scores); n > 0 {
		switch list := scores[n-1].(type) {
		case *nosql.Array, *nosql.Param:
			scores = scores[:n-1]
			weights = c.weights(s, list, len(scores))
		}
	}
	// A single score has nothing to be fused with; the service says SC2221.
	if len(scores) < 2 {
		c.fail(codeRank, at, rankMessage)
		return nil
	}
	parts := make([]component, 0, len(scores))
	for i, x := range scores {
		call, ok := x.(*nosql.Call)
		if !ok {
			c.fail(codeRank, x.Pos(), rankMessage)
			continue
		}
		weight := 1.0
		if i < len(weights) {
			weight = weights[i]
		}
		parts = append(parts, c.component(s, call, weight))
	}
	return parts
}

// The service reports these together, SC2224 beside SC2223, each with its place.
func (c *compiler) checkRanked(q *nosql.Query) {
	if n := len(q.From); n > 1 {
		all := nosql.Span{Start: q.From[0].Span.Start, End: q.From[n-1].Span.End}
		c.fail(codeRankJoin, all, "The JOIN operator is not allowed with the ORDER BY RANK clause.")
	}
	for i := range q.From {
		switch src := &q.From[i]; {
		case src.Query != nil:
			c.fail(codeRankSubquery, src.Span,
				"Subqueries in the FROM clause are not allowed with the ORDER BY RANK clause.")
		case src.In:
			c.fail(codeRankIn, src.Span,
				"The FROM clause with the IN operator is not allowed with the ORDER BY RANK clause.")
		}
	}
}

// weights reads the last argument of RRF, an array or a parameter that is one. The items as written are counted as
// well as the numbers: [1, c.x] has two and is not constant. The wording is the server's own, the service's is long.
func (c *compiler) weights(s *scope, x nosql.Expr, n int) []float64 {
	v := c.expr(s, x).val // undefined unless constant
	weights := make([]float64, 0, n)
	for w := range v.Elems() {
		if w.Kind() == value.KindNumber && !math.IsNaN(w.AsFloat()) && !math.IsInf(w.AsFloat(), 0) {
			weights = append(weights, w.AsFloat())
		}
	}
	given := v.Len()
	if list, ok := x.(*nosql.Array); ok {
		given = len(list.Items)
	}
	if len(weights) != n || given != n {
		c.fail(codeWeights, x.Pos(),
			"The weights of RRF must be a constant array of numbers, as long as the list of scores.")
	}
	return weights
}

// The same checks as those of a call elsewhere: the functions of ORDER BY RANK are not compiled as calls.
func (c *compiler) component(s *scope, call *nosql.Call, weight float64) component {
	p := component{weight: weight}
	f := lookup(call.Name)
	switch {
	case f == nil:
		c.fail(codeFunction, call.NameSpan, "'%s' is not a recognized built-in function name.", call.Name)
	case !f.arity.admits(len(call.Args)):
		c.fail(codeArity, call.Span, "The %s function requires %s argument(s).", f.name, f.arity)
	case f.rank == codeScore:
		p.text = c.expr(s, call.Args[0]).eval
		p.lang = c.languageOf(call.Args[0])
		p.terms = c.terms(s, p.lang, call.Args[1:])
	case f.scores && f.arity.max > 0:
		p.vector = c.expr(s, call).eval
		p.smaller = c.smallerIsCloser(call)
	default:
		c.fail(codeRank, call.Span, rankMessage)
	}
	return p
}

// terms analyses the constant search terms; one array of them is accepted in place of a list. They must be constants,
// because statistics are gathered over all documents for the same terms.
func (c *compiler) terms(s *scope, lang *language, xs []nosql.Expr) []term {
	var terms []term
	for _, x := range xs {
		n := c.expr(s, x)
		switch {
		case n.val.Kind() == value.KindString:
			terms = append(terms, new(analyser).term(lang, n.val.AsString()))
		case n.val.Kind() == value.KindArray:
			for v := range n.val.Elems() {
				terms = append(terms, new(analyser).term(lang, v.AsString()))
			}
		default:
			c.fail("", x.Pos(), "The search terms of FullTextScore must be string constants or parameters.")
		}
	}
	return terms
}

// measure looks at the document at hand and counts its words in the statistics. A document without the text counts as
// a document, but has no words.
func (p *component) measure(e *env, all *corpus) measure {
	if p.vector != nil {
		v := p.vector(e)
		return measure{score: v.AsFloat(), missing: !v.IsDefined()}
	}
	all.documents++
	v := p.text(e)
	if v.Kind() != value.KindString {
		return measure{missing: true}
	}
	text := e.text.analyse(p.lang, v.AsString())
	m := measure{words: float64(text.length), hits: make([]float64, len(p.terms))}
	all.words += m.words
	for i, term := range p.terms {
		if m.hits[i] = float64(term.occurrences(text.words)); m.hits[i] > 0 {
			all.hits[i]++
		}
	}
	return m
}

// value is the score of a document once the statistics are complete. A missing vector is put behind all others,
// whichever way the component is sorted: plans write -1.79769e+308 or its opposite for it (COSMOS_SQL.md 10.3).
func (p *component) value(m *measure, all *corpus) float64 {
	switch {
	case m.missing && p.vector == nil:
		return missingText
	case m.missing && p.smaller != (p.weight < 0):
		return math.MaxFloat64
	case m.missing:
		return -math.MaxFloat64
	case p.vector != nil:
		return m.score
	default:
		return all.score(m.hits, m.words)
	}
}

// emitRanked gives the rows by reciprocal rank fusion, best first. With one component that is the order of its
// scores. Rows of the same fused score stay in the order of their documents.
func (b *block) emitRanked(parts []component, out sink) stage {
	return func(e *env) bool {
		st := &e.states[b.id]
		for i := range parts {
			fuse(&parts[i], st.scores, i, st.corpora)
		}
		slices.SortStableFunc(st.scores, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
		for i := range st.scores {
			row := &st.scores[i]
			e.doc = row.doc
			if !e.tick() || !out(e, row.row) {
				return false
			}
		}
		return true
	}
}

// fuse adds what component i contributes to every row: weight / (60 + rank), where equal scores share a rank and the
// next one follows without a gap. A negative weight ranks the worst first. Ranks are dense, as those of the client
// libraries are: ranks 1 and 2 make 1/61 + 1/62.
func fuse(p *component, rows []scored, i int, corpora []corpus) {
	values := make([]float64, len(rows))
	order := make([]int, len(rows))
	for r := range rows {
		values[r], order[r] = p.value(&rows[r].parts[i], &corpora[i]), r
	}
	ascending := p.smaller != (p.weight < 0)
	slices.SortStableFunc(order, func(a, b int) int {
		if ascending {
			return cmp.Compare(values[a], values[b])
		}
		return cmp.Compare(values[b], values[a])
	})
	rank := 0
	for k, r := range order {
		if k == 0 || values[r] != values[order[k-1]] {
			rank++
		}
		rows[r].score += math.Abs(p.weight) / float64(rankConstant+rank)
	}
}
