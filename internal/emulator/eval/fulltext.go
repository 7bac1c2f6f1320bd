package eval

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

func fullTextFunctions() []function {
	// Objects are the fuzzy terms of the newest documentation.
	search := signature{isString, isString | isObject}
	return []function{
		{name: "FullTextContains", arity: exactly(2), args: search, bind: bindFullText(containsAll),
			doc: "Whether the text contains the term; a term of several words must occur as they stand. " +
				`{"term": "red", "distance": 1} in place of a term allows each word so many edits, at most 2.`,
			example: `FullTextContains("A red bicycle", "bicycles")`},
		{name: "FullTextContainsAll", arity: atLeast(2), args: search, bind: bindFullText(containsAll),
			doc:     "Whether the text contains every term.",
			example: `FullTextContainsAll("A red bicycle", "red", "car")`},
		{name: "FullTextContainsAny", arity: atLeast(2), args: search, bind: bindFullText(containsAny),
			doc:     "Whether the text contains at least one of the terms.",
			example: `FullTextContainsAny("A red bicycle", "red", "car")`},
		// Older documentation has one array of terms, newer a list; plans turn either into an array (COSMOS_SQL.md
		// 7.5).
		{name: "FullTextScore", arity: atLeast(2), args: signature{isString, isString | isArray}, rank: codeScore,
			doc: "BM25 score of the text for the terms; only in ORDER BY RANK."},
		{name: "RRF", arity: atLeast(2), args: signature{isNumber}, rank: codeRank,
			doc: "Reciprocal rank fusion of two or more scores, with optional weights; only in ORDER BY RANK."},
		// These two stand in the queries that a plan gives to the client, and users do not write them; the names are
		// the service's.
		{name: "_FullTextWordCount", arity: exactly(1), args: texts, internal: true, bind: bindWordCount,
			doc: "Number of analysed words; used by rewritten queries."},
		{name: "_FullTextScore", arity: exactly(5), args: signature{isString, isArray, isNumber, isNumber, isArray},
			internal: true, scores: true, bind: bindScore,
			doc: "BM25 score from given statistics; used by rewritten queries."},
	}
}

// languageOf returns the language of the text that x names. The policy names languages by path; a text that is not a
// path, or has none, is read in the container's default language.
func (c *compiler) languageOf(x nosql.Expr) *language {
	name, ok := c.opts.Languages[pathText(x)]
	if !ok {
		name = c.opts.Languages[""]
	}
	return languageFor(name)
}

// bindFullText makes the code of a search; terms that are constants are analysed once.
func bindFullText(test func(words []string, terms []term) bool) func(*compiler, *nosql.Call, []node) body {
	return func(c *compiler, x *nosql.Call, args []node) body {
		lang := c.languageOf(x.Args[0])
		// All terms or none: a search with one term from the document analyses them all per document, which hardly
		// anybody writes.
		fixed := true
		constants := make([]value.Value, 0, len(args)-1)
		for _, a := range args[1:] {
			fixed = fixed && a.known
			constants = append(constants, a.val)
		}
		known, valid := new(analyser).searchTerms(lang, constants)
		return func(e *env, a []value.Value) value.Value {
			terms, ok := known, valid
			if !fixed {
				terms, ok = e.text.searchTerms(lang, a[1:])
			}
			if !ok {
				return value.Undefined
			}
			return value.Bool(test(e.text.analyse(lang, a[0].AsString()).words, terms))
		}
	}
}

// searchTerms reads terms that are strings or objects with a term and a distance; false if one is neither. The bound
// of two edits is the documentation's; a larger distance makes the call undefined rather than slow.
func (a *analyser) searchTerms(l *language, vs []value.Value) ([]term, bool) {
	terms := make([]term, len(vs))
	for i, v := range vs {
		if v.Kind() == value.KindObject {
			distance, ok := v.Get("distance").AsInt()
			if !ok || distance < 0 || distance > maxDistance || v.Get("term").Kind() != value.KindString {
				return nil, false
			}
			terms[i].distance = int(distance)
			v = v.Get("term")
		}
		terms[i].words = a.term(l, v.AsString()).words
	}
	return terms, true
}

func containsAll(words []string, terms []term) bool {
	return !slices.ContainsFunc(terms, func(t term) bool { return t.occurrences(words) == 0 })
}

func containsAny(words []string, terms []term) bool {
	return slices.ContainsFunc(terms, func(t term) bool { return t.occurrences(words) > 0 })
}

// The length that BM25 uses, which differs from the number of words: analyse says how.
func bindWordCount(c *compiler, x *nosql.Call, _ []node) body {
	lang := c.languageOf(x.Args[0])
	return func(e *env, a []value.Value) value.Value {
		return value.Int(int64(e.text.analyse(lang, a[0].AsString()).length))
	}
}

// bindScore scores with statistics that the client has summed over all partitions: documents, words, and the number
// of documents that contain each term. A partition alone would rank by its own documents, and the fused order would
// depend on how the container is split.
func bindScore(c *compiler, x *nosql.Call, args []node) body {
	lang := c.languageOf(x.Args[0])
	var known []term
	if args[1].known {
		known = new(analyser).scoreTerms(lang, args[1].val)
	}
	return func(e *env, a []value.Value) value.Value {
		all := corpus{documents: a[2].AsFloat(), words: a[3].AsFloat()}
		for v := range a[4].Elems() {
			all.hits = append(all.hits, v.AsFloat())
		}
		terms := known
		if terms == nil {
			terms = e.text.scoreTerms(lang, a[1])
		}
		text := e.text.analyse(lang, a[0].AsString())
		occurs := make([]float64, 0, len(terms))
		for _, t := range terms {
			occurs = append(occurs, float64(t.occurrences(text.words)))
		}
		return value.Float(all.score(occurs, float64(text.length)))
	}
}

// scoreTerms analyses an array of terms.
func (a *analyser) scoreTerms(l *language, list value.Value) []term {
	terms := make([]term, 0, list.Len())
	for v := range list.Elems() {
		terms = append(terms, a.term(l, v.AsString()))
	}
	return terms
}
