package nosql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPlaceOfAForeignCharacter: a character that no token begins with, put between any two tokens of a valid query, is
// what the error points to: not at a token before it, nor at one behind.
func TestPlaceOfAForeignCharacter(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, c := range conformanceCases(t) {
		for _, d := range []Dialect{Cosmos, SQL} {
			if _, err := Parse(c.Query, d); err != nil || strings.Contains(c.Query, "--") {
				continue
			}
			for at := range placesBetween(c.Query, d) {
				text := c.Query[:at] + "\n#" + c.Query[at:]
				_, err := Parse(text, d)
				var e *Error
				require.ErrorAs(t, err, &e, text)
				require.Equal(t, at+1, e.Start, "%v: %s", err, text)
				require.Equal(t, 1, e.Column, text)
				tried++
			}
		}
	}
	require.Greater(t, tried, 4000)
}

// placesBetween is where a token of text ends and the next begins.
func placesBetween(text string, d Dialect) map[int]bool {
	places := make(map[int]bool)
	l := NewLexer(text, d)
	for token := l.Next(); token.Kind != EOF; token = l.Next() {
		// LEFT and RIGHT are words of their own without the parenthesis, and the fault themselves.
		if word := strings.ToUpper(text[token.Start:token.End]); word != "LEFT" && word != "RIGHT" {
			places[token.End] = true
		}
	}
	return places
}

// TestEveryEndIsAnEnd: a query that breaks off where it cannot end says so, and where the text ends.
func TestEveryEndIsAnEnd(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"SELECT", "SELECT VALUE", "SELECT TOP", "SELECT TOP 1", "SELECT DISTINCT", "SELECT c.", "SELECT c.a AS",
		"SELECT c.a,", "SELECT (", "SELECT (1", "SELECT [", "SELECT [1", "SELECT [1,", "SELECT {", `SELECT {"a"`,
		"SELECT {a:", "SELECT {a: 1", "SELECT {a: 1,", "SELECT f(", "SELECT f(1", "SELECT f(1,", "SELECT c[",
		"SELECT c[0", "SELECT 1 +", "SELECT -", "SELECT NOT", "SELECT 1 ?", "SELECT 1 ? 2", "SELECT 1 ? 2 :",
		"SELECT 1 ??", "SELECT 1 IN", "SELECT 1 IN (", "SELECT 1 IN (2", "SELECT 1 IN (2,", "SELECT 1 NOT",
		"SELECT 1 BETWEEN", "SELECT 1 BETWEEN 2", "SELECT 1 BETWEEN 2 AND", "SELECT 'a' LIKE",
		"SELECT 'a' LIKE 'b' ESCAPE", "SELECT EXISTS", "SELECT EXISTS(", "SELECT EXISTS(SELECT 1", "SELECT ARRAY(",
		"SELECT * FROM", "SELECT * FROM c AS", "SELECT * FROM c JOIN", "SELECT * FROM c JOIN t IN",
		"SELECT * FROM c JOIN t IN c.", "SELECT * FROM (SELECT 1", "SELECT * FROM c WHERE", "SELECT * FROM c GROUP",
		"SELECT * FROM c GROUP BY", "SELECT * FROM c GROUP BY c.a,", "SELECT * FROM c ORDER",
		"SELECT * FROM c ORDER BY",
		"SELECT * FROM c ORDER BY c.a,", "SELECT * FROM c OFFSET", "SELECT * FROM c OFFSET 1",
		"SELECT * FROM c OFFSET 1 LIMIT", "SELECT udf.", "SELECT udf.f(", "SELECT (LET x = 1 IN",
	} {
		for _, space := range []string{"", " ", "\n", " -- a note"} {
			_, err := Parse(text+space, Cosmos)
			var e *Error
			require.ErrorAs(t, err, &e, text)
			require.Equal(t, CodeEnd, e.Code, text)
			require.Equal(t, "Syntax error, unexpected end-of-file.", e.Message, text)
			require.Equal(t, len(text+space), e.Start, text)
		}
	}
}

// TestNumbersAtTheBounds: a number is kept digit by digit, however large or small it is.
func TestNumbersAtTheBounds(t *testing.T) {
	t.Parallel()
	for _, number := range []string{
		"0", "00", "007", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615",
		"18446744073709551616", strings.Repeat("9", 400), "1e308", "1e309", "1E+400", "4.9e-324", "1e-400", "0.1",
		"1.", ".5", "1.e5", ".5E-3", "0x0", "0xFFFFFFFFFFFFFFFF", "0X1f", "0.30000000000000004",
		"1.7976931348623157e308",
	} {
		for _, d := range []Dialect{Cosmos, SQL} {
			for _, signed := range []string{number, "-" + number, "+" + number} {
				x, err := ParseExpr(signed, d)
				require.NoError(t, err, signed)
				require.Equal(t, signed, Print(x))
			}
			q, err := Parse("SELECT c.a FROM c OFFSET 0 LIMIT "+number, d)
			if strings.Trim(number, "0123456789") != "" {
				require.ErrorContains(t, err, "incorrect syntax near '"+number+"'", "a count has digits only")
				continue
			}
			require.NoError(t, err, number)
			require.Equal(t, number, q.Limit.(*Literal).Text)
		}
	}
	for _, text := range []string{"1_000", "1e", "1e+", "0x", "0xG", "1a", "1.5.5", "1..2", "0b1", "1n"} {
		_, err := ParseExpr(text, Cosmos)
		require.ErrorContains(t, err, "Syntax error", text)
	}
}

// TestNamesBesideWords: what only begins like a reserved word, or is one in quotes or behind @, is a name like any
// other, in every place.
func TestNamesBesideWords(t *testing.T) {
	t.Parallel()
	for _, group := range words {
		for _, w := range group {
			for _, name := range []string{w.text + "S", "_" + w.text, strings.ToLower(w.text) + "1", w.text + "_"} {
				text := "SELECT " + name + ".a AS " + name + ", {\"" + name + "\": " + name + "." + name + "} AS b " +
					"FROM " + name + " JOIN x IN " + name + "." + name + " WHERE " + name + "." + name + " = @" + name
				if isLiteralWord(name) || Reserved(name) {
					continue
				}
				q, err := Parse(text, Cosmos)
				require.NoError(t, err, text)
				require.NoError(t, Resolve(q), text)
				require.Equal(t, text, Print(q))
			}
			q, err := Parse(`SELECT c["`+w.text+`"], @`+w.text+` AS "`+w.text+`" FROM c`, Cosmos)
			require.NoError(t, err, w.text)
			require.Equal(t, `SELECT c["`+w.text+`"], @`+w.text+` AS "`+w.text+`" FROM c`, Print(q))
		}
	}
}

// isLiteralWord reports whether a name reads as a literal.
func isLiteralWord(name string) bool {
	x, err := ParseExpr(name, Cosmos)
	_, literal := x.(*Literal)
	return err == nil && literal
}

// TestArrayAndExistsAsColumns: the SQL dialect takes ARRAY and EXISTS for columns, but not where a list or a query
// follows.
func TestArrayAndExistsAsColumns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT array FROM t":                      `SELECT "array" FROM t`,
		"SELECT id FROM t WHERE exists = true":     `SELECT id FROM t WHERE "exists" = true`,
		"SELECT ARRAY(SELECT 1) FROM t":            `SELECT ARRAY(SELECT 1) FROM t`,
		"SELECT id FROM t WHERE EXISTS(SELECT 1)":  `SELECT id FROM t WHERE EXISTS(SELECT 1)`,
		"SELECT id FROM t WHERE EXISTS (SELECT 1)": `SELECT id FROM t WHERE EXISTS(SELECT 1)`,
	} {
		q, err := Parse(text, SQL)
		require.NoError(t, err, text)
		require.Equal(t, want, Print(q))
	}
	for text, near := range map[string]string{
		"SELECT ARRAY[1, 2] FROM t":              "[",
		"SELECT id FROM t WHERE EXISTS SELECT 1": "SELECT",
	} {
		_, err := Parse(text, SQL)
		require.ErrorContains(t, err, "near '"+near+"'", text)
	}
}

// TestAliasesInQuotes: in a list a string may be the alias, with AS and without; of a source it may be one only in the
// SQL dialect, and of nothing where it is empty.
func TestAliasesInQuotes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text   string
		strict bool // Cosmos reads it
		sql    bool
	}{
		{`SELECT c.a AS "x y" FROM c`, true, true},
		{`SELECT c.a "x y" FROM c`, true, true},
		{`SELECT c.a 'x y' FROM c`, true, true},
		{`SELECT VALUE c.a AS "x" FROM c`, false, true},
		{`SELECT VALUE c.a "x" FROM c`, false, false},
		{`SELECT c.a FROM c AS "x y"`, false, true},
		{`SELECT c.a FROM c "x y"`, false, true},
		{`SELECT c.a FROM c 'x y'`, false, false},
		{`SELECT c.a AS "" FROM c`, false, false},
		{`SELECT c.a '' FROM c`, false, false},
	} {
		_, err := Parse(tt.text, Cosmos)
		require.Equal(t, tt.strict, err == nil, "Cosmos: %s: %v", tt.text, err)
		_, err = Parse(tt.text, SQL)
		require.Equal(t, tt.sql, err == nil, "SQL: %s: %v", tt.text, err)
	}
}
