package dsl

import (
	"database/sql"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"
)

// Which argument each parameter gets: named ones keep their names, wherever they stand among the others, and numbers
// are those of the text.
func TestParametersAndTheirArguments(t *testing.T) {
	t.Parallel()
	price, p := sql.Named("price", 9.5), sql.Named("p", 1)
	sub := Select("*").From("k IN c.kids").Where("k.a = ? AND k.b < @price", 2, price)
	for _, tt := range []struct {
		name string
		cond Sqlizer
		want string
		args []any
	}{
		{"a name before marks", Expr("c.a < @price AND c.b = ? AND c.d = ?", price, 1, 2),
			"c.a < @price AND c.b = @p1 AND c.d = @p2", []any{price, 1, 2}},
		{"a name between marks", Expr("c.a = ? AND c.b < @price AND c.d = ?", 1, price, 2),
			"c.a = @p1 AND c.b < @price AND c.d = @p2", []any{1, price, 2}},
		{"a name that begins like a number", Expr("c.a = @p AND c.b = ? AND c.d = @p1x", p, 1, sql.Named("p1x", 2)),
			"c.a = @p AND c.b = @p1 AND c.d = @p1x", []any{p, 1, sql.Named("p1x", 2)}},
		{"a name whose value comes with the options", Expr("c.a < @price AND c.b = ?", 1),
			"c.a < @price AND c.b = @p1", []any{1}},
		{"expressions among values", Expr("? = ? AND c.b = ? AND ? > 1", Expr("c.a"), 1, 2, Expr("c.d + ?", 3)),
			"c.a = @p1 AND c.b = @p2 AND c.d + @p3 > 1", []any{1, 2, 3}},
		{"expressions that hold expressions", Expr("? OR c.b = ?", And{Eq{"c.a": Coalesce("c.x", 1)},
			Exists(sub)}, 4), "c.a = (c.x ?? @p1) AND EXISTS(SELECT * FROM k IN c.kids " +
			"WHERE k.a = @p2 AND k.b < @price) OR c.b = @p3", []any{1, 2, price, 4}},
		{"a value that is an expression of squirrel", Eq{"c.a": sq.Expr("c.b + ?", 1)}, "c.a = c.b + @p1", []any{1}},
		{"numbers that a builder gave", sq.ConcatExpr("c.a = ", sq.Expr("@p1 + @p2", 1, 2)), "c.a = @p1 + @p2",
			[]any{1, 2}},
		{"dollars and colons are numbers too", Expr("c.a = $1 AND c.b = :2", 1, 2), "c.a = @p1 AND c.b = @p2",
			[]any{1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, args, err := SelectValue("c").From("c").Where(tt.cond).ToSql()
			require.NoError(t, err)
			require.Equal(t, "SELECT VALUE c FROM c WHERE "+tt.want, text)
			require.Equal(t, tt.args, args)

			text, args, err = Update("c").Set("seen", 0).Where(tt.cond).ToSql()
			require.NoError(t, err)
			require.NotContains(t, text, "?) ", "no mark is left")
			require.Equal(t, append([]any{0}, tt.args...), args)
			require.Contains(t, text, "SET seen = @p1 WHERE ")
		})
	}
}

// A parameter without an argument, and an argument without a parameter, are told with both counts, before anything is
// sent.
func TestParametersWithoutArguments(t *testing.T) {
	t.Parallel()
	price := sql.Named("price", 9.5)
	for _, tt := range []struct {
		text string
		args []any
		want string
	}{
		{"c.a = ? AND c.b = ?", []any{1}, "has 2 placeholders and 1 argument"},
		{"c.a = ?", []any{1, 2, 3}, "has 1 placeholder and 3 arguments"},
		{"c.a < @price AND c.b = ?", []any{price}, "has 1 placeholder and 0 arguments"},
		{"c.a < @price", []any{price, 1, 2}, "has 0 placeholders and 2 arguments"},
		{"c.a = @p1", []any{sql.Named("p1", 1)}, "has 1 placeholder and 0 arguments"},
		{"c.a = ?", []any{Expr("c.")}, `"c."`},
		{"c.a = @p0", []any{1}, "@p0 is out of order"},
		{"c.a = @p99999999999999999999", []any{1}, "@p99999999999999999999"},
		{"c.a = @p2", []any{1}, "@p2 is out of order"},
		{"c.a = @p2 AND c.b = @p1", []any{1, 2}, "@p2 is out of order"},
		{"c.a = ? AND c.b = @p3", []any{1, 2}, "@p3 is out of order"},
	} {
		for _, s := range []Sqlizer{
			Select("*").From("c").Where(tt.text, tt.args...), Delete("c").Where(tt.text, tt.args...),
			SelectValue(Expr(tt.text, tt.args...)).From("c"), Select("*").From("c").OrderByClause(tt.text, tt.args...),
			Select().Column(tt.text, tt.args...).From("c"), Insert("c").Document(Expr(tt.text, tt.args...)),
		} {
			text, args, err := s.ToSql()
			require.ErrorContains(t, err, tt.want, "%s of %T", tt.text, s)
			require.Empty(t, text)
			require.Empty(t, args)
		}
	}
}
