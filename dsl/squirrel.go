package dsl

import sq "github.com/Masterminds/squirrel"

// Sqlizer is squirrel's: anything that knows its text and arguments. Those of squirrel and of this package may be
// mixed.
type Sqlizer = sq.Sqlizer

// The conditions of squirrel, under this package's name. They are the same types: sq.Eq is a dsl.Eq.
type (
	Eq      = sq.Eq      // {"c.a": 1} is c.a = @p1; nil tests for null or missing; a slice becomes IN
	NotEq   = sq.NotEq   // {"c.a": 1} is c.a != @p1, which a missing c.a does not pass
	Lt      = sq.Lt      // {"c.a": 1} is c.a < @p1
	LtOrEq  = sq.LtOrEq  // {"c.a": 1} is c.a <= @p1
	Gt      = sq.Gt      // {"c.a": 1} is c.a > @p1
	GtOrEq  = sq.GtOrEq  // {"c.a": 1} is c.a >= @p1
	Like    = sq.Like    // {"c.a": "x%"} is c.a LIKE @p1
	NotLike = sq.NotLike // {"c.a": "x%"} is c.a NOT LIKE @p1
	And     = sq.And     // (a AND b)
	Or      = sq.Or      // (a OR b)
)

// Expr is text with its arguments, one for each ?. A [Sqlizer] among the arguments is put in the place of its ?.
func Expr(text string, args ...any) Sqlizer { return orFailed(parse(text, args)) }
