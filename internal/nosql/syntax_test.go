package nosql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		near       string // what the message quotes; "" for the end of the text
		start      int
	}{
		{"nothing", "", "", 0},
		{"no list", "SELECT", "", 6},
		{"no list but FROM", "SELECT FROM c", "FROM", 7},
		{"trailing comma", "SELECT c.a, FROM c", "FROM", 12},
		{"two values", "SELECT VALUE 1, 2", ",", 14},
		{"star and more", "SELECT *, c.a FROM c", ",", 8},
		{"qualified star", "SELECT c.* FROM c", "*", 9},
		{"count star", "SELECT COUNT(*) FROM c", "*", 13},
		{"reserved alias", "SELECT c.a AS value FROM c", "value", 14},
		{"reserved member", "SELECT c.order FROM c", "order", 9},
		{"member begins with a digit", "SELECT c.12a FROM c", ".12a", 8},
		{"number runs into a name", "SELECT VALUE 12a", "12a", 13},
		{"exponent without digits", "SELECT VALUE -0.E", "0.E", 14},
		{"quoted alias of a source", "SELECT * FROM c AS 'x'", "'x'", 19},
		{"block comment", "SELECT VALUE /* c */ 1", "/", 13},
		{"bare between before and", "SELECT * FROM c WHERE c.a BETWEEN 1 AND 2 AND c.b", "AND", 42},
		{"bare between after and", "SELECT * FROM c WHERE c.b AND c.a BETWEEN 1 AND 2", "BETWEEN", 34},
		{"bare not between after or", "SELECT * FROM c WHERE c.b OR c.a NOT BETWEEN 1 AND 2", "BETWEEN", 37},
		{"let outside of parentheses", "SELECT VALUE LET x = 1 IN x", "=", 19},
		{"doubled quote", "SELECT VALUE 'it''s'", "'s'", 17},
		{"open string", "SELECT VALUE 'abc", "'abc", 13},
		{"unknown escape", `SELECT VALUE 'a\qb'`, "'a", 13},
		{"control character in a string", "SELECT VALUE 'a\nb'", "'a", 13},
		{"semicolon", "SELECT 1;", ";", 8},
		{"limit alone", "SELECT * FROM c LIMIT 1", "LIMIT", 16},
		{"offset alone", "SELECT * FROM c OFFSET 1", "", 24},
		{"negative top", "SELECT TOP -1 * FROM c", "-", 11},
		{"fraction in limit", "SELECT * FROM c OFFSET 0 LIMIT 1.5", "1.5", 31},
		{"top before distinct", "SELECT TOP 1 DISTINCT c.a FROM c", "DISTINCT", 13},
		{"empty in", "SELECT VALUE 1 IN ()", ")", 19},
		{"call in join", "SELECT * FROM c JOIN x IN F(c.a)", "(", 27},
		{"parameter in from", "SELECT * FROM @c", "@c", 14},
		{"number for a parameter", "SELECT VALUE @1", "@1", 13},
		{"question mark", "SELECT * FROM c WHERE c.a = ?", "?", 28},
		{"is null", "SELECT * FROM c WHERE c.a IS NULL", "IS", 26},
		{"half a conditional", "SELECT VALUE 1 ? 2", "", 18},
		{"not what", "SELECT VALUE 1 NOT 2", "2", 19},
		{"two predicates in a row", "SELECT VALUE 1 IN (1) IN (true)", "IN", 22},
		{"object with a trailing comma", "SELECT VALUE {a: 1,}", "}", 19},
		{"clauses out of order", "SELECT * FROM c ORDER BY c.a WHERE c.a", "WHERE", 29},
		{"rank of an operation", "SELECT * FROM c ORDER BY RANK f(c) + 1", "+", 35},
		{"after the end", "SELECT * FROM c d e", "e", 18},
		{"not ASCII", "SELECT c.ö FROM c", "ö", 9},
		{"not UTF-8", "SELECT \xff FROM c", "\uFFFD", 7},
		{"not SELECT", "UPDATE c SET a = 1", "UPDATE", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, Cosmos)
			var e *Error
			require.ErrorAs(t, err, &e)
			code, want := CodeSyntax, "Syntax error, incorrect syntax near '"+c.near+"'."
			switch c.near {
			case "":
				code, want = CodeEnd, "Syntax error, unexpected end-of-file."
			case ";":
				code, want = CodeToken, "Syntax error, invalid token ';'."
			}
			require.Equal(t, want, e.Message)
			require.Equal(t, code, e.Code)
			require.Equal(t, c.start, e.Start)
		})
	}
}
