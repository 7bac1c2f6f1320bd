package dsl

import sq "github.com/Masterminds/squirrel"

// In the functions below x is the text of a property's path. They need the container's vector and full-text policies
// and indexes.

// FullTextContains is true where the text x has the term, in any of the forms that its language gives it.
func FullTextContains(x any, term any) Sqlizer { return callValues("FullTextContains", x, term) }

// FullTextContainsAll is true where the text x has all the terms.
func FullTextContainsAll(x any, terms ...any) Sqlizer {
	return callValues("FullTextContainsAll", x, terms...)
}

// FullTextContainsAny is true where the text x has one of the terms.
func FullTextContainsAny(x any, terms ...any) Sqlizer {
	return callValues("FullTextContainsAny", x, terms...)
}

// FullTextScore says how well the text x answers the terms. It stands only in [SelectBuilder.OrderByRank] and [RRF].
func FullTextScore(x any, terms ...any) Sqlizer { return callValues("FullTextScore", x, terms...) }

// VectorDistance says how close the vector x is to vector, by the measure of the container's policy. As a sort key, in
// [SelectBuilder.OrderByClause], it puts the closest first.
func VectorDistance(x any, vector any) Sqlizer { return callValues("VectorDistance", x, vector) }

// RRF joins rankings by reciprocal rank fusion; scores are [FullTextScore] and [VectorDistance]. It stands only in
// [SelectBuilder.OrderByRank].
func RRF(scores ...Sqlizer) Sqlizer {
	args := make([]any, len(scores))
	for i, s := range scores {
		args[i] = s
	}
	return Call("RRF", args...)
}

// OrderByRank puts what answers best first: ORDER BY RANK score, where score is [FullTextScore] or [RRF]. The result is
// held in memory: Top or Limit bounds it.
func (b SelectBuilder) OrderByRank(score Sqlizer) SelectBuilder {
	e, err := scalar(score)
	if err != nil {
		return b.fail(err)
	}
	b.sq = b.sq.OrderByClause(sq.Expr("RANK "+e.text, e.args...))
	return b
}
