package dsl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The functions that the examples do not show, and what those do with wrong operands.
func TestFunctions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		call Sqlizer
		want string
		args []any
	}{
		{"starts with, folded", StartsWithFold("c.a", "x"), "STARTSWITH(c.a, @p1, true)", []any{"x"}},
		{"ends with", EndsWith("c.a", "x"), "ENDSWITH(c.a, @p1)", []any{"x"}},
		{"contains", Contains("c.a", "x"), "CONTAINS(c.a, @p1)", []any{"x"}},
		{"regular expression without modifiers", RegexMatch("c.a", "x", ""), "RegexMatch(c.a, @p1)", []any{"x"}},
		{"array length", ArrayLength("c.a"), "ARRAY_LENGTH(c.a)", nil},
		{"contains all terms", FullTextContainsAll("c.a", "x", "y"), "FullTextContainsAll(c.a, @p1, @p2)",
			[]any{"x", "y"}},
		{"intersects", Intersects("c.a", Point{1, 2}), "ST_INTERSECTS(c.a, @p1)", []any{Point{1, 2}}},
		{"argument from a subquery", Call("ABS", Select("MAX(k)").From("k IN c.ks")),
			"ABS((SELECT MAX(k) FROM k IN c.ks))", nil},
		{"text of an operand is bounded by it", StartsWith("c.a ?? c.b", "x"),
			"STARTSWITH(c.a ?? c.b, @p1)", []any{"x"}},
		{"value that looks like text", ArrayContains("c.a", "c.b) OR (true"), "ARRAY_CONTAINS(c.a, @p1)",
			[]any{"c.b) OR (true"}},
		{"not of a comparison", Not("c.a = ?", 1), "NOT (c.a = @p1)", []any{1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, args, err := SelectValue(tt.call).ToSql()
			require.NoError(t, err)
			require.Equal(t, "SELECT VALUE "+tt.want, text)
			require.Equal(t, tt.args, args)
		})
	}
}

func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		call Sqlizer
		want string
	}{
		{"name that is more", Call("ABS(1) + ABS", "c.a"), "is not the name of a function"},
		{"operand that is more", StartsWith("c.a, 'x') OR STARTSWITH(c.b", "y"), "STARTSWITH(c.b"},
		{"two operands in one text", Call("ABS", "c.a, c.b"), "c.a, c.b"},
		{"operand of a wrong type", ArrayLength(5), "int is neither text nor an expression"},
		{"error of a nested call", Not(Coalesce("c.", 1)), `"c."`},
		{"error of a subquery", ArrayOf(Select()), "without columns"},
		{"bins of months", DateBin(Month, 1, "c.when"), "no bins of unit"},
		{"object with a wrong field", Object{"a": "c."}, `"c."`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := SelectValue(tt.call).ToSql()
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestPointIsGeoJSON(t *testing.T) {
	t.Parallel()
	data, err := Point{Longitude: 10.75, Latitude: 59.91}.MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"Point","coordinates":[10.75,59.91]}`, string(data))
}
