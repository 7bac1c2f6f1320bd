package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/dsl"
)

func TestSearches(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"three of them", nil, `
SELECT p.name, p.price FROM products AS p ORDER BY p.price DESC OFFSET 0 LIMIT 3 []
  Drill        129.00
  Teapot        39.00
  Saw           31.00
SELECT p.name, p.price FROM products AS p WHERE p.category = @p1 AND p.price <= @p2` +
			` ORDER BY p.price OFFSET 0 LIMIT 10 [tools 50]
  Hammer        24.50
  Saw           31.00
SELECT p.name, p.price FROM products AS p WHERE CONTAINS(p.name, @p1, true)` +
			` AND (ARRAY_CONTAINS(p.tags, @p2) OR ARRAY_CONTAINS(p.tags, @p3))` +
			` ORDER BY p.name OFFSET 0 LIMIT 10 [tea new sale]
  Tea strainer   4.90
  Teapot        39.00
`},
		{"what somebody types is a value", []string{"-name", "' OR true --"}, `
SELECT p.name, p.price FROM products AS p WHERE CONTAINS(p.name, @p1, true)` +
			` ORDER BY p.name OFFSET 0 LIMIT 10 [' OR true --]
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), &out, "", tt.args))
			require.Equal(t, tt.want[1:], out.String())
		})
	}
}

func TestSortKeysAreChosen(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), new(bytes.Buffer), "", []string{"-sort", "p.price; DROP"})
	require.ErrorContains(t, err, `-sort "p.price; DROP": sort by name, price or dearest`)
}

// The conditions of one search do not stay for the next.
func TestBuildersAreValues(t *testing.T) {
	t.Parallel()
	b := dsl.Select("*").From("c")
	_ = b.Where("c.a = 1")
	text, _, err := b.ToSql()
	require.NoError(t, err)
	require.Equal(t, "SELECT * FROM c", text)
}
