package nosql

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// levels is the table of COSMOS_SQL.md §3, from the loosest; each level is left associative.
var levels = [][]string{
	{"??"}, {"OR"}, {"AND"}, {"||"}, {"|"}, {"^"}, {"&"}, {"=", "!="}, {"<", ">", "<=", ">="}, {"<<", ">>", ">>>"}, {"+", "-"}, {"*", "/", "%"},
}

// Every pair of operators groups as the table says.
func TestEveryPairOfOperators(t *testing.T) {
	t.Parallel()
	for i, these := range levels {
		for j, those := range levels {
			for _, a := range these {
				for _, b := range those {
					text := fmt.Sprintf("1 %s 2 %s 3", a, b)
					want := fmt.Sprintf("((1 %s 2) %s 3)", a, b)
					if i < j {
						want = fmt.Sprintf("(1 %s (2 %s 3))", a, b)
					}
					x, err := ParseExpr(text, Cosmos)
					require.NoError(t, err, text)
					require.Equal(t, want, PrintCanonicalExpr(x), text)

					again, err := ParseExpr(Print(x), SQL)
					require.NoError(t, err, Print(x))
					require.Equal(t, want, PrintCanonicalExpr(again), "%s printed for both dialects as %s", text, Print(x))
				}
			}
		}
	}
}

// Predicates stand between AND and ||, and conditionals under everything.
func TestPredicatesAndOperators(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1 + 2 IN (3) AND 4":                "(((1 + 2) IN (3)) AND 4)",
		"1 AND 2 | 3 LIKE 4 || 5":           "(1 AND ((2 | 3) LIKE (4 || 5)))",
		"1 BETWEEN 2 + 3 AND 4 = 5 AND 6":   "((1 BETWEEN (2 + 3) AND (4 = 5)) AND 6)",
		"1 OR 2 BETWEEN 3 AND 4 OR 5":       "((1 OR (2 BETWEEN 3 AND 4)) OR 5)",
		"NOT 1 NOT IN (2)":                  "((NOT 1) NOT IN (2))",
		"1 = 2 ? 3 OR 4 : 5 ?? 6":           "((1 = 2) ? (3 OR 4) : (5 ?? 6))",
		"1 ? 2 : 3 ? 4 : 5":                 "(1 ? 2 : (3 ? 4 : 5))",
		"1 ? 2 ? 3 : 4 : 5":                 "(1 ? (2 ? 3 : 4) : 5)",
		"-1 + ~2 * - 3":                     "((- 1) + ((~ 2) * (- 3)))",
		"1 IN (2 ? 3 : 4, 5)":               "(1 IN ((2 ? 3 : 4), 5))",
		"1 NOT LIKE 2 ESCAPE '!' AND 3":     `((1 NOT LIKE 2 ESCAPE "!") AND 3)`,
		"NOT 1 NOT BETWEEN 2 AND 3 AND 4":   "(((NOT 1) NOT BETWEEN 2 AND 3) AND 4)",
		"1 ?? 2 IN (3) ?? 4":                "((1 ?? (2 IN (3))) ?? 4)",
		"f(1, 2 + 3)[4].a * g.b - {a: 5}.a": `((f(1, (2 + 3))[4].a * g.b) - {"a": 5}.a)`,
	} {
		x, err := ParseExpr(in, Cosmos)
		require.NoError(t, err, in)
		require.Equal(t, want, PrintCanonicalExpr(x), in)
	}
}
