package nosql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// levels are those of the service's grammar, from the loosest; each is left associative but ??.
var levels = [][]string{
	{"??"}, {"OR"}, {"AND"}, {"=", "!=", "<", ">", "<=", ">=", "<<", ">>", ">>>"}, {"||"}, {"|", "^", "&", "+", "-"},
	{"*", "/", "%"},
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
					if i < j || a == "??" {
						want = fmt.Sprintf("(1 %s (2 %s 3))", a, b)
					}
					x, err := ParseExpr(text, Cosmos)
					require.NoError(t, err, text)
					require.Equal(t, want, PrintCanonicalExpr(x), text)

					again, err := ParseExpr(Print(x), SQL)
					require.NoError(t, err, Print(x))
					require.Equal(t, want, PrintCanonicalExpr(again), "%s printed for both dialects as %s",
						text, Print(x))
				}
			}
		}
	}
}

// Predicates stand between AND and comparisons, BETWEEN beside OR, and conditionals under everything.
func TestPredicatesAndOperators(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1 + 2 IN (3) AND 4":                  "(((1 + 2) IN (3)) AND 4)",
		"1 AND 2 | 3 LIKE 4 || 5":             "(1 AND ((2 | 3) LIKE (4 || 5)))",
		"1 LIKE 2 = 3 AND 4":                  "((1 LIKE (2 = 3)) AND 4)",
		"1 BETWEEN 2 + 3 AND 4 = 5":           "(1 BETWEEN (2 + 3) AND (4 = 5))",
		"1 OR (2 BETWEEN 3 AND 4) OR 5":       "((1 OR (2 BETWEEN 3 AND 4)) OR 5)",
		"NOT 1 NOT IN (2)":                    "((NOT 1) NOT IN (2))",
		"NOT 1 = 2":                           "((NOT 1) = 2)",
		"NOT 1 AND 2":                         "((NOT 1) AND 2)",
		"1 = 2 = 3":                           "((1 = 2) = 3)",
		"1 < 2 << 1":                          "((1 < 2) << 1)",
		"1 | 2 + 3":                           "((1 | 2) + 3)",
		"6 & 2 + 1 * 5":                       "((6 & 2) + (1 * 5))",
		"c.flags & 4 = 4":                     "((c.flags & 4) = 4)",
		"'a' || 'b' = 'ab'":                   `(("a" || "b") = "ab")`,
		"1 = 2 ? 3 OR 4 : 5 ?? 6":             "((1 = 2) ? (3 OR 4) : (5 ?? 6))",
		"1 ? 2 : 3 ? 4 : 5":                   "(1 ? 2 : (3 ? 4 : 5))",
		"1 ? 2 ? 3 : 4 : 5":                   "(1 ? (2 ? 3 : 4) : 5)",
		"-1 + ~2 * - 3":                       "((- 1) + ((~ 2) * (- 3)))",
		"1 IN (2 ? 3 : 4, 5)":                 "(1 IN ((2 ? 3 : 4), 5))",
		"1 NOT LIKE 2 ESCAPE '!' AND 3":       `((1 NOT LIKE 2 ESCAPE "!") AND 3)`,
		"NOT 1 NOT BETWEEN 2 AND 3":           "((NOT 1) NOT BETWEEN 2 AND 3)",
		"1 BETWEEN 2 AND 3 ?? 4":              "((1 BETWEEN 2 AND 3) ?? 4)",
		"1 ?? 2 BETWEEN 3 AND 4":              "(1 ?? (2 BETWEEN 3 AND 4))",
		"1 ?? 2 IN (3) ?? 4":                  "(1 ?? ((2 IN (3)) ?? 4))",
		"1 = 2 ?? 3":                          "((1 = 2) ?? 3)",
		"true AND false ?? true":              "((true AND false) ?? true)",
		"NOT 1 ?? 2":                          "((NOT 1) ?? 2)",
		"(LET x = 1 = 2 IN x << 1) + (LET)":   "((LET x = (1 = 2) IN (x << 1)) + LET)",
		"f(1, 2 + 3)[4].a * g.b - {a: 5}.a":   `((f(1, (2 + 3))[4].a * g.b) - {"a": 5}.a)`,
		"rank.let + let.rank - RANK(1) + let": "(((rank.let + let.rank) - RANK(1)) + let)",
	} {
		x, err := ParseExpr(in, Cosmos)
		require.NoError(t, err, in)
		require.Equal(t, want, PrintCanonicalExpr(x), in)
		requireRoundTrip(t, "SELECT VALUE "+in, Cosmos)
	}
}

// BETWEEN is an operand of AND, OR and NOT only in parentheses, but in the SQL dialect, whose NOT takes all of it.
func TestBareBetween(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1 BETWEEN 2 AND 3 AND 4":     "((1 BETWEEN 2 AND 3) AND 4)",
		"1 AND 2 BETWEEN 3 AND 4":     "(1 AND (2 BETWEEN 3 AND 4))",
		"1 OR 2 NOT BETWEEN 3 AND 4":  "(1 OR (2 NOT BETWEEN 3 AND 4))",
		"1 BETWEEN 2 AND 3 OR 4":      "((1 BETWEEN 2 AND 3) OR 4)",
		"1 AND NOT 2 BETWEEN 3 AND 4": "(1 AND (NOT (2 BETWEEN 3 AND 4)))",
	} {
		_, err := ParseExpr(in, Cosmos)
		require.ErrorContains(t, err, "incorrect syntax near", in)
		x, err := ParseExpr(in, SQL)
		require.NoError(t, err, in)
		require.Equal(t, want, PrintCanonicalExpr(x), in)
		again, err := ParseExpr(Print(x), Cosmos)
		require.NoError(t, err, Print(x))
		require.Equal(t, want, PrintCanonicalExpr(again), in)
	}
}

// A chain stays flat, so that it can be read again however long it is; the planner's texts nest, and can be read, too.
func TestLongChains(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"OR", "AND", "+", "||", "??", "=", "|"} {
		text := "1" + strings.Repeat(" "+op+" 1", 2000)
		x, err := ParseExpr(text, Cosmos)
		require.NoError(t, err)
		require.Equal(t, text, Print(x))
		again, err := ParseExpr(PrintCanonicalExpr(x), Cosmos)
		require.NoError(t, err, op)
		require.Equal(t, text, Print(again))
	}
	_, err := ParseExpr(strings.Repeat("(", 9000)+"1"+strings.Repeat(")", 9000), Cosmos)
	require.ErrorContains(t, err, "more than 8192 parentheses within each other")
}

func TestPrintWhereReadersDoubt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a.b & 4 = 4 AND a.c + 1 * 2 >= 3 OR a.d": "(a.b & 4) = 4 AND a.c + 1 * 2 >= 3 OR a.d",
		"1 | 2 + 3 - 4":                "(1 | 2) + 3 - 4",
		"1 + 2 - 3 + 4":                "1 + 2 - 3 + 4",
		"1 - (2 - 3)":                  "1 - (2 - 3)",
		"'a' || 'b' || 'c' = 'abc'":    `("a" || "b" || "c") = "abc"`,
		"1 << 2 = 4":                   "(1 << 2) = 4",
		"a = 1 ?? 2 ?? 3":              "(a = 1) ?? 2 ?? 3",
		"(1 ?? 2) ?? 3":                "(1 ?? 2) ?? 3",
		"NOT a = b":                    "(NOT a) = b",
		"NOT a AND NOT b":              "NOT a AND NOT b",
		"1 < 2 = true":                 "(1 < 2) = true",
		"a IN (1) AND b LIKE 'x' OR c": `a IN (1) AND b LIKE "x" OR c`,
		"a BETWEEN 1 AND 2 ?? 3":       "(a BETWEEN 1 AND 2) ?? 3",
		"a = b BETWEEN 1 = c AND 2":    "(a = b) BETWEEN (1 = c) AND 2",
		"a = b IN (1 = 2)":             "(a = b) IN (1 = 2)",
		"a < b NOT LIKE c != 'x'":      `(a < b) NOT LIKE (c != "x")`,
		"a + 1 BETWEEN b * 2 AND -c":   "a + 1 BETWEEN b * 2 AND -c",
	} {
		x, err := ParseExpr(in, Cosmos)
		require.NoError(t, err, in)
		require.Equal(t, want, Print(x), in)
	}
}
