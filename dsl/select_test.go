package dsl

import (
	"sync"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSelectEveryClause(t *testing.T) {
	t.Parallel()
	sub := Select("*").From("k IN c.kids").Where("k.age > ?", 3)
	b := Select("c.id", "c.a.b AS ab").
		Column("c.n + ? AS m", 1).
		Column(As(SelectValue("COUNT(1)").From("t IN c.tags").Where("t = ?", 2), "n")).
		Distinct().
		From("c").
		Join("x IN c.xs").
		JoinSelect(SelectValue("k").From("k IN c.kids").Where("k.age > ?", 3), "k").
		Where("c.a = ?", 4).
		Where(Exists(sub.Where("k.age < ?", 5))).
		GroupBy("c.a", "c.b").
		OrderBy("c.a", "c.b DESC").
		OrderByClause("c[?]", "x").
		Offset(6).
		Limit(7).
		With("option")

	text, args, err := b.ToSql()
	require.NoError(t, err)
	require.Equal(t, `SELECT DISTINCT c.id, c.a.b AS ab, c.n + @p1 AS m,`+
		` (SELECT VALUE COUNT(1) FROM t IN c.tags WHERE t = @p2) AS n`+
		` FROM c JOIN x IN c.xs JOIN (SELECT VALUE k FROM k IN c.kids WHERE k.age > @p3) AS k`+
		` WHERE c.a = @p4 AND EXISTS(SELECT * FROM k IN c.kids WHERE k.age > @p5 AND k.age < @p6)`+
		` GROUP BY c.a, c.b ORDER BY c.a, c.b DESC, c[@p7] OFFSET 6 LIMIT 7`, text)
	require.Equal(t, []any{1, 2, 3, 4, 3, 5, "x", "option"}, args)
}

func TestSelectText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		b    SelectBuilder
		want string
	}{
		{"no from", Select("1 AS one"), `SELECT 1 AS one`},
		{"several columns in one text", Select("c.a, c.b AS x").From("c"), `SELECT c.a, c.b AS x FROM c`},
		{"offset alone keeps the rest", Select("*").From("c").Offset(5), `SELECT * FROM c OFFSET 5 LIMIT 2147483647`},
		{"limit zero", Select("*").From("c").Limit(0), `SELECT * FROM c OFFSET 0 LIMIT 0`},
		{"top", Select("*").From("c").Top(5), `SELECT TOP 5 * FROM c`},
		{"value of a column builder", SelectValue(Select("MAX(k)").From("k IN c.ks")).From("c"),
			`SELECT VALUE (SELECT MAX(k) FROM k IN c.ks) FROM c`},
		{"container of a database", Select("*").From("shop.orders o"), `SELECT * FROM shop.orders AS o`},
		{"quoted container of a quoted database", Select("*").From("my-shop.my-orders AS o"),
			`SELECT * FROM "my-shop"["my-orders"] AS o`},
		{"quoted container of a plain database", Select("*").From("shop.my-orders o"),
			`SELECT * FROM shop["my-orders"] AS o`},
		{"container with letters of the world", Select("*").From("größen g"), `SELECT * FROM "größen" AS g`},
		{"last from counts", Select("*").From("a").From("b"), `SELECT * FROM b`},
		{"nil and empty conditions", Select("*").From("c").Where(nil).Where(""), `SELECT * FROM c`},
		{"a comment stays out", Select("*").From("c").Where("true -- AND").Where("c.x"),
			`SELECT * FROM c WHERE true AND c.x`},
		{"standard SQL", Select("COUNT(*) AS n").From("c").Where("c.a IS NULL AND c.b <> 1"),
			`SELECT COUNT(1) AS n FROM c WHERE (NOT IS_DEFINED(c.a) OR IS_NULL(c.a)) AND c.b != 1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, args, err := tt.b.ToSql()
			require.NoError(t, err)
			require.Equal(t, tt.want, text)
			require.Empty(t, args)
		})
	}
}

func TestSelectErrors(t *testing.T) {
	t.Parallel()
	from := Select("*").From("c")
	tests := []struct {
		name string
		b    SelectBuilder
		want string
	}{
		{"no columns", Select().From("c"), "without columns"},
		{"value of two", SelectValue("c.a").Columns("c.b").From("c"), "SELECT VALUE takes one expression"},
		{"top and limit", from.Top(1).Limit(1), "Top does not combine"},
		{"column with a second clause", Select("c.x FROM c WHERE true"), "says more than its place"},
		{"column with a keyword", Select("DISTINCT c.x").From("c"), "says more than its place"},
		{"column that does not parse", Select("c.").From("c"), `"c."`},
		{"empty column", Select(" ").From("c"), "an empty text"},
		{"from with a condition", Select("*").From("c WHERE true"), "says more than its place"},
		{"from with quotes", Select("*").From(`c"; DROP`), `c\"; DROP`},
		{"join with a condition", from.Join("t IN c.ts WHERE true"), "says more than its place"},
		{"order with a limit", from.OrderBy("c.a OFFSET 1 LIMIT 1"), "says more than its place"},
		{"group with an order", from.GroupBy("c.a ORDER BY c.b"), "ORDER"},
		{"condition that closes a parenthesis", from.Where("true) OR (true"), `"true) OR (true"`},
		{"too few arguments", from.Where("c.a = ? AND c.b = ?", 1), "has 2 placeholders and 1 argument"},
		{"too many arguments", from.Where("c.a = ?", 1, 2), "has 1 placeholder and 2 arguments"},
		{"arguments beside an expression", from.Where(Eq{"c.a": 1}, 2), "arguments beside"},
		{"arguments beside a named column", Select().Column(As("c.a", "x"), 2).From("c"), "arguments beside"},
		{"not a condition", from.Where(42), "int is neither text nor an expression"},
		{"alias that is not a name", Select().Column(As("c.a", "a b")).From("c"), `alias "a b" is not a plain name`},
		{"alias that is reserved", from.FromSelect(from, "select"), `alias "select"`},
		{"alias outside of the columns", from.Where(As("c.a", "a")), "outside a list of columns"},
		{"error inside a subquery", from.Where(Exists(Select("c.").From("c"))), `"c."`},
		{"error inside a source", Select("*").FromSelect(Select(), "x"), "without columns"},
		{"error inside a joined source", from.JoinSelect(Select(), "x"), "without columns"},
		{"options of a subquery", from.Where(Exists(from.With(1))), "With belongs to the outermost query"},
		{"options of a source", Select("*").FromSelect(from.With(1), "x"), "With belongs to the outermost query"},
		{"rank of something else", from.OrderByRank(Value(1)), "RANK"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, args, err := tt.b.ToSql()
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "cosmos: dsl: ")
			require.Empty(t, text)
			require.Empty(t, args)
		})
	}
}

// The first error is the one told: what follows is often its consequence.
func TestSelectKeepsFirstError(t *testing.T) {
	t.Parallel()
	_, _, err := Select("c.").From("c").Where("c.a = ?").ToSql()
	require.ErrorContains(t, err, `"c."`)
	require.NotContains(t, err.Error(), "placeholders")
}

func TestSelectIsAValue(t *testing.T) {
	t.Parallel()
	base := Select("c.a").From("c").Where("c.x = ?", 0)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			_, args, err := base.Columns("c.b").Where("c.y = ?", i).With(i).ToSql()
			assert.NoError(t, err)
			assert.Equal(t, []any{0, i, i}, args)
		})
	}
	wg.Wait()
	text, args, err := base.ToSql()
	require.NoError(t, err)
	require.Equal(t, "SELECT c.a FROM c WHERE c.x = @p1", text)
	require.Equal(t, []any{0}, args)
}

// Squirrel's own helpers know nothing of this package; a builder inside them comes with numbers of its own.
func TestSelectInsideSquirrel(t *testing.T) {
	t.Parallel()
	sub := Select("*").From("k IN c.kids").Where("k.a = ? AND k.b = ?", 2, 3)
	text, args, err := Select("*").From("c").
		Where("c.x = ?", 1).
		Where(sq.Expr("EXISTS(?)", sub)).
		Where(sq.ConcatExpr("NOT EXISTS(", sub, ")")).
		Where("c.y = ?", 4).
		ToSql()
	require.NoError(t, err)
	require.Equal(t,
		"SELECT * FROM c WHERE c.x = @p1 AND EXISTS(SELECT * FROM k IN c.kids WHERE k.a = @p2 AND k.b = @p3)"+
			" AND NOT EXISTS(SELECT * FROM k IN c.kids WHERE k.a = @p4 AND k.b = @p5) AND c.y = @p6", text)
	require.Equal(t, []any{1, 2, 3, 2, 3, 4}, args)
}

func TestZeroBuilders(t *testing.T) {
	t.Parallel()
	var b SelectBuilder
	text, _, err := b.Columns("c.a").From("c").Where("c.b").Limit(1).ToSql()
	require.NoError(t, err)
	require.Equal(t, "SELECT c.a FROM c WHERE c.b OFFSET 0 LIMIT 1", text)
	for _, s := range []Sqlizer{b, InsertBuilder{}, UpdateBuilder{}, DeleteBuilder{}.Where("true")} {
		_, _, err := s.ToSql()
		require.ErrorContains(t, err, "cosmos: dsl: ")
	}
	_, err = Runnable{}.Exec()
	require.Error(t, err)
}
