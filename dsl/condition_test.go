package dsl

import (
	"database/sql"
	"encoding/json"
	"errors"
	"testing"

	"database/sql/driver"

	sq "github.com/Masterminds/squirrel"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

type brokenValuer struct{}

func (brokenValuer) Value() (driver.Value, error) { return nil, errors.New("no value today") }

type pointerValuer struct{ n int64 }

func (p *pointerValuer) Value() (driver.Value, error) { return p.n, nil }

func TestConditions(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
	n := 5
	tests := []struct {
		name string
		cond any
		want string
		args []any
	}{
		{"eq", sq.Eq{"c.a": 1}, "c.a = @p1", []any{1}},
		{"keys in order", sq.Eq{"c.b": 2, "c.a": 1}, "c.a = @p1 AND c.b = @p2", []any{1, 2}},
		{"map", Eq(map[string]any{"c.a": 1}), "c.a = @p1", []any{1}},
		{"no keys", sq.Eq{}, "true", nil},
		{"not eq", sq.NotEq{"c.a": 1}, "c.a != @p1", []any{1}},
		{"nil", sq.Eq{"c.a": nil}, "NOT IS_DEFINED(c.a) OR IS_NULL(c.a)", nil},
		{"nil pointer", sq.Eq{"c.a": (*int)(nil)}, "NOT IS_DEFINED(c.a) OR IS_NULL(c.a)", nil},
		{"nil pointer of a valuer", sq.Eq{"c.a": (*pointerValuer)(nil)}, "NOT IS_DEFINED(c.a) OR IS_NULL(c.a)", nil},
		{"null of database/sql", sq.NotEq{"c.a": sql.NullString{}}, "IS_DEFINED(c.a) AND NOT IS_NULL(c.a)", nil},
		{"nil beside others", And{sq.Eq{"c.a": nil}, sq.Eq{"c.b": 1}},
			"(NOT IS_DEFINED(c.a) OR IS_NULL(c.a)) AND c.b = @p1", []any{1}},
		{"pointer", sq.Eq{"c.a": &n}, "c.a = @p1", []any{5}},
		{"valuer", sq.Eq{"c.a": &pointerValuer{7}}, "c.a = @p1", []any{int64(7)}},
		{"list", sq.Eq{"c.a": []int{1, 2}}, "c.a IN (@p1, @p2)", []any{1, 2}},
		{"array", sq.NotEq{"c.a": [2]string{"x", "y"}}, "c.a NOT IN (@p1, @p2)", []any{"x", "y"}},
		{"empty list", sq.Eq{"c.a": []int{}}, "false", nil},
		{"not in an empty list", sq.NotEq{"c.a": []int{}}, "true", nil},
		{"bytes are a value", sq.Eq{"c.a": []byte(`{"x":1}`)}, "c.a = @p1", []any{[]byte(`{"x":1}`)}},
		{"raw JSON is a value", sq.Eq{"c.a": json.RawMessage(`[1]`)}, "c.a = @p1", []any{json.RawMessage(`[1]`)}},
		{"uuid is a value", sq.Eq{"c.id": id}, "c.id = @p1", []any{id.String()}},
		{"struct is a value", sq.Eq{"c.a": Point{1, 2}}, "c.a = @p1", []any{Point{1, 2}}},
		{"less", sq.Lt{"c.a": 1}, "c.a < @p1", []any{1}},
		{"less or equal", sq.LtOrEq{"c.a": 1}, "c.a <= @p1", []any{1}},
		{"greater", sq.Gt{"c.a": 1}, "c.a > @p1", []any{1}},
		{"greater or equal", sq.GtOrEq{"c.a": 1}, "c.a >= @p1", []any{1}},
		{"like", sq.Like{"c.a": "x%"}, "c.a LIKE @p1", []any{"x%"}},
		{"not like", sq.NotLike{"c.a": "x%"}, "c.a NOT LIKE @p1", []any{"x%"}},
		{"reserved key", sq.Eq{"c.order.by": 1}, `c["order"]["by"] = @p1`, []any{1}},
		{"key that is an expression", sq.Eq{"c.a + 1": 2}, "c.a + 1 = @p1", []any{2}},
		{"key that is a comparison", sq.Eq{"c.a > 1": true}, "(c.a > 1) = @p1", []any{true}},
		{"value that is an expression", sq.Gt{"c.a": Expr("c.b + ?", 1)}, "c.a > c.b + @p1", []any{1}},
		{"empty and", sq.And{}, "true", nil},
		{"empty or", sq.Or{}, "false", nil},
		{"or inside and", sq.And{sq.Or{sq.Eq{"c.a": 1}, sq.Eq{"c.b": 2}}, sq.Eq{"c.c": 3}},
			"(c.a = @p1 OR c.b = @p2) AND c.c = @p3", []any{1, 2, 3}},
		{"text inside or", sq.Or{sq.Expr("c.a = ? AND c.b = ?", 1, 2), sq.Expr("c.c")},
			"c.a = @p1 AND c.b = @p2 OR c.c", []any{1, 2}},
		{"coalesce", Expr("c.a ?? 'x' = ?", "y"), `c.a ?? ('x' = @p1)`, []any{"y"}},
		{"conditional", Expr("c.a ? c.b = ? : false", 1), "c.a ? c.b = @p1 : false", []any{1}},
		{"mark in a string", Expr("c.a = 'why?' AND c.b = ?", 1), `c.a = 'why?' AND c.b = @p1`, []any{1}},
		{"expression for a mark after one in a string", Expr("c.a = '?' AND c.b = ?", Coalesce("c.x", 1)),
			`c.a = '?' AND c.b = (c.x ?? @p1)`, []any{1}},
		{"named", Expr("c.a = @a", sql.Named("a", 1)), "c.a = @a", []any{sql.Named("a", 1)}},
		{"between beside and", And{Between("c.a", 1, 2), Expr("c.b")},
			"(c.a BETWEEN @p1 AND @p2) AND c.b", []any{1, 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, args, err := SelectValue("c").From("c").Where(tt.cond).ToSql()
			require.NoError(t, err)
			require.Equal(t, "SELECT VALUE c FROM c WHERE "+tt.want, text)
			require.Equal(t, tt.args, args)
		})
	}
}

func TestConditionErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		cond any
		want string
	}{
		{"key that says more", Eq{"c.a = 1 OR c.b": 2, "c.a) OR (true": 1}, `c.a) OR (true`},
		{"nil where only values compare", Lt{"c.a": nil}, "only = and != take nil"},
		{"list where only values compare", Like{"c.a": []string{"x"}}, "only = and != take nil or a list"},
		{"ilike", sq.ILike{"c.a": "x"}, "there is no ILIKE"},
		{"not ilike", sq.NotILike{"c.a": "x"}, "there is no ILIKE"},
		{"valuer that fails", Eq{"c.a": brokenValuer{}}, "no value today"},
		{"error inside and", And{Eq{"c.": 1}}, `"c."`},
		{"error of squirrel", sq.ConcatExpr(5), "is not a string or Sqlizer"},
		{"numbers by hand", Expr("c.a = @p2 AND c.b = @p1", 1, 2), "@p2 is out of order"},
		{"row with a placeholder on the left", Expr("(c.a, ?) = (?, 1)", 1, 2), "write a comparison for each value"},
		{"such rows", Expr("(?, c.a) IN ((1, 2), (3, 4))", Value(1)), "write a comparison for each value"},
		{"one number twice", Expr("c.a = @p1 OR c.b = @p1", 1), "has 2 placeholders and 1 argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := SelectValue("c").From("c").Where(tt.cond).ToSql()
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// Arguments take the placeholders in the order in which the text has them, whatever it is rewritten to.
func TestPlaceholdersInTheOrderOfTheText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cond Sqlizer
		want string
	}{
		{Expr("EXISTS(SELECT 1 FROM d IN c.d LIMIT ? OFFSET ?)", 1, 2),
			"EXISTS(SELECT 1 FROM d IN c.d OFFSET @p2 LIMIT @p1)"},
		{Expr("EXISTS(SELECT 1 FROM d IN c.d LIMIT ? OFFSET ?)", Value(1), Value(2)),
			"EXISTS(SELECT 1 FROM d IN c.d OFFSET @p2 LIMIT @p1)"},
		{Expr("EXISTS(SELECT 1 FROM d IN c.d OFFSET ? LIMIT ?)", 1, 2),
			"EXISTS(SELECT 1 FROM d IN c.d OFFSET @p1 LIMIT @p2)"},
		{Expr("EXISTS(SELECT 1 FROM d IN c.d LIMIT 5 OFFSET ?) AND c.a = ?", 1, 2),
			"EXISTS(SELECT 1 FROM d IN c.d OFFSET @p1 LIMIT 5) AND c.a = @p2"},
		{Expr("(c.a, c.b) = (?, ?)", 1, Value(2)), "c.a = @p1 AND c.b = @p2"},
		{Expr("? ? ? : ?", Value(true), 2, 3), "@p1 ? @p2 : @p3"},
		{Expr("? ?? ? IS NULL", 1, 2), "@p1 ?? (NOT IS_DEFINED(@p2) OR IS_NULL(@p2))"},
	} {
		text, args, err := SelectValue("c").From("c").Where(tt.cond).ToSql()
		require.NoError(t, err)
		require.Equal(t, "SELECT VALUE c FROM c WHERE "+tt.want, text)
		for i, arg := range args {
			if arg != true {
				require.Equal(t, i+1, arg, text)
			}
		}
	}
}
