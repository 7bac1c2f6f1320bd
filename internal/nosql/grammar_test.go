package nosql

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGrammar holds COSMOS_SQL.md 1 and 2 a line at a time: what the service's own grammar takes, printed in canonical
// form, and what it refuses ("" with the text at the fault, which is "" at the end).
func TestGrammar(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, canonical, near string }{
		// white space, comments, keywords
		{"SELECT\t1\r\n-- note\n", "SELECT 1", ""},
		{"SELECT\u00a01\u202f", "SELECT 1", ""},
		{"sElEcT vAlUe TRUE", "SELECT VALUE TRUE", ""}, // a name, which is not resolved
		{"SELECT VALUE true", "SELECT VALUE true", ""},
		{"SELECT 1 --", "SELECT 1", ""},
		{"SELECT 5 --1", "SELECT 5", ""},
		{"SELECT 1 // note", "", "/"},
		{"SELECT /**/ 1", "", "/"},

		// numbers
		{"SELECT VALUE [12, 12., 12.5, .5, 1e3, 1.5E-3, 0x1F, 0XaB]",
			"SELECT VALUE [12, 12., 12.5, .5, 1e3, 1.5E-3, 0x1F, 0XaB]", ""},
		{"SELECT VALUE 1.2.3", "", ".3"},
		{"SELECT VALUE 0x", "", "0x"},
		{"SELECT VALUE 1e", "", "1e"},
		{"SELECT VALUE NaN + Infinity", "SELECT VALUE (NaN + Infinity)", ""},
		{"SELECT VALUE - -1", "SELECT VALUE (- (- 1))", ""},

		// names, members, aliases
		{"SELECT c.a.b['x y'][0][\"q\"] FROM c", `SELECT c.a.b["x y"][0]["q"] FROM c`, ""},
		{"SELECT c._12a FROM c", "SELECT c._12a FROM c", ""},
		{"SELECT c.rank, c.let, c.first, c.all FROM c", "SELECT c.rank, c.let, c.first, c.all FROM c", ""},
		{"SELECT c.value FROM c", "", "value"},
		{"SELECT c['value'] FROM c", `SELECT c["value"] FROM c`, ""},
		{"SELECT c.a x, c.b AS y FROM c", "SELECT c.a AS x, c.b AS y FROM c", ""},
		{"SELECT c.a 'x y', c.b AS \"z\" FROM c", `SELECT c.a AS "x y", c.b AS z FROM c`, ""},
		{"SELECT * FROM c r", "SELECT * FROM c AS r", ""},
		{"SELECT * FROM c AS 'r'", "", "'r'"},
		{"SELECT * FROM c AS order", "", "order"},
		{"SELECT LEFT(c.a, 1), RIGHT (c.a, 1) FROM c", "SELECT LEFT(c.a, 1), RIGHT(c.a, 1) FROM c", ""},
		{"SELECT udf.f(1), udf . f(2)", "SELECT udf.f(1), udf.f(2)", ""},

		// clauses and their order
		{"SELECT DISTINCT TOP 5 VALUE c.a FROM c", "SELECT DISTINCT TOP 5 VALUE c.a FROM c", ""},
		{"SELECT TOP @n * FROM c OFFSET @o LIMIT @l", "SELECT TOP @n * FROM c OFFSET @o LIMIT @l", ""},
		{"SELECT TOP 'a' * FROM c", "", "'a'"},
		{"SELECT TOP 5 DISTINCT c.a FROM c", "", "DISTINCT"},
		{"SELECT c.a FROM c GROUP BY c.a ORDER BY c.a DESC", "SELECT c.a FROM c GROUP BY c.a ORDER BY c.a DESC", ""},
		{"SELECT c.a FROM c ORDER BY c.a GROUP BY c.a", "", "GROUP"},
		{"SELECT * FROM c WHERE c.a ORDER BY c.b ASC, c.d", "SELECT * FROM c WHERE (c.a) ORDER BY c.b ASC, c.d", ""},
		{"SELECT TOP 1.5 * FROM c", "SELECT TOP 1.5 * FROM c", ""}, // refused later, with a code of its own
		{"SELECT * FROM c OFFSET 1.5 LIMIT 1", "", "1.5"},
		{"SELECT * FROM c OFFSET 0x1 LIMIT 1", "", "0x1"},
		{"SELECT * FROM c OFFSET 1", "", ""},
		{"SELECT * FROM c LIMIT 1", "", "LIMIT"},
		{"SELECT * FROM c, d", "", ","},
		{"SELECT VALUE *", "", "*"},
		{"SELECT VALUE 1, 2", "", ","},
		{"SELECT", "", ""},
		{"SELECT 1;", "", ";"},
		{"", "", ""},

		// sources
		{"SELECT * FROM c.a[0]['b']", `SELECT * FROM c.a[0]["b"]`, ""},
		{"SELECT * FROM c.a[c.i]", "", "c"},
		{"SELECT VALUE k FROM k IN c.kids", "SELECT VALUE k FROM k IN c.kids", ""},
		{"SELECT * FROM (SELECT VALUE 1) AS t", "SELECT * FROM (SELECT VALUE 1) AS t", ""},
		{"SELECT VALUE x FROM c JOIN x IN (SELECT VALUE [1]) JOIN (SELECT VALUE 2) y",
			"SELECT VALUE x FROM c JOIN x IN (SELECT VALUE [1]) JOIN (SELECT VALUE 2) AS y", ""},
		{"SELECT VALUE x FROM c JOIN x IN F(c)", "", "("},

		// predicates
		{"SELECT VALUE c.a IN (1, 'x') FROM c", `SELECT VALUE (c.a IN (1, "x")) FROM c`, ""},
		{"SELECT VALUE c.a NOT LIKE 'a%' ESCAPE '!' FROM c", `SELECT VALUE (c.a NOT LIKE "a%" ESCAPE "!") FROM c`, ""},
		{"SELECT VALUE (c.a BETWEEN 1 AND 2) AND c.b FROM c",
			"SELECT VALUE ((c.a BETWEEN 1 AND 2) AND c.b) FROM c", ""},
		{"SELECT VALUE c.a BETWEEN 1 AND 2 AND c.b FROM c", "", "AND"},
		{"SELECT VALUE c.a ? 1 : c.b ?? 2 FROM c", "SELECT VALUE (c.a ? 1 : (c.b ?? 2)) FROM c", ""},
		{"SELECT VALUE 1 = 2 & 3", "SELECT VALUE (1 = (2 & 3))", ""},
		{"SELECT VALUE NOT 1 = 2", "SELECT VALUE ((NOT 1) = 2)", ""},
		{"SELECT VALUE 'a' || 'b' = 'ab'", `SELECT VALUE (("a" || "b") = "ab")`, ""},
		{"SELECT VALUE c.a != 1 AND c.a <> 2 FROM c", "SELECT VALUE ((c.a != 1) AND (c.a != 2)) FROM c", ""},

		// constructors and subqueries
		{"SELECT VALUE {a: 1, 'b c': [], \"d\": {}}", `SELECT VALUE {"a": 1, "b c": [], "d": {}}`, ""},
		{"SELECT VALUE {a: 1,}", "", "}"},
		{"SELECT VALUE [1,]", "", "]"},
		{"SELECT VALUE EXISTS(SELECT 1) AND ARRAY (SELECT 1) = ALL(SELECT 1)",
			"SELECT VALUE (EXISTS(SELECT 1) AND (ARRAY(SELECT 1) = ALL(SELECT 1)))", ""},
		{"SELECT VALUE FIRST(SELECT VALUE 1) + LAST(SELECT VALUE 2)",
			"SELECT VALUE (FIRST(SELECT VALUE 1) + LAST(SELECT VALUE 2))", ""},
		{"SELECT VALUE EXISTS SELECT 1", "", "SELECT"},
		{"SELECT VALUE f(SELECT 1)", "", "SELECT"},
		{"SELECT VALUE ALL (SELECT 1), FIRST", "", ","},
		{"SELECT VALUE FIRST + LAST[0] FROM c", "SELECT VALUE (FIRST + LAST[0]) FROM c", ""},
		{"SELECT VALUE f((SELECT VALUE 1))", "SELECT VALUE f((SELECT VALUE 1))", ""},

		// parameters
		{"SELECT @a, c[@b] FROM c WHERE c.x = @c_1", "SELECT @a, c[@b] FROM c WHERE (c.x = @c_1)", ""},
		{"SELECT @", "", "@"},
		{"SELECT * FROM @c", "", "@c"},
	} {
		q, err := Parse(tt.text, Cosmos)
		if tt.canonical == "" {
			require.Error(t, err, tt.text)
			var e *Error
			require.ErrorAs(t, err, &e, tt.text)
			require.True(t, IsSyntax(e.Code), "%s: %v", tt.text, err)
			if tt.near == "" {
				require.Contains(t, e.Message, "unexpected end-of-file", tt.text)
			} else {
				require.Contains(t, e.Message, "'"+tt.near+"'", tt.text)
			}
			continue
		}
		require.NoError(t, err, tt.text)
		printed := PrintCanonical(q)
		require.Equal(t, tt.canonical, strings.ReplaceAll(printed, "\n", " "), tt.text)
		again, err := Parse(printed, Cosmos)
		require.NoError(t, err, printed)
		require.Equal(t, printed, PrintCanonical(again), "what is printed prints the same")
	}
}

// TestPlacesOfDuplicates: SC2022 is at the second name alone, which is the alias where there is one and the expression
// where there is none (recorded exchange 53).
func TestPlacesOfDuplicates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"SELECT c.a, c.b AS a FROM c":               {"a@19"},
		"SELECT c.a AS x, c.b AS x FROM c":          {"x@24"},
		"SELECT c.a, c.b.a FROM c":                  {"c.b.a@12"},
		"SELECT c['a'], c.a FROM c":                 {"c.a@15"},
		"SELECT 1 AS \"$1\", 2 FROM c":              {"2@18"},
		"SELECT c.a, c.a, c.a FROM c":               {"c.a@12", "c.a@17"},
		"SELECT c.a, c.A FROM c":                    nil,
		"SELECT c.a, 1, 2 FROM c":                   nil,
		"SELECT VALUE {x: 1, x: 2} FROM c":          nil,
		"SELECT c.x, ARRAY(SELECT c.x) FROM c":      nil,
		"SELECT ARRAY(SELECT c.x, c.x) AS l FROM c": {"c.x@25"},
	} {
		q, err := Parse(text, Cosmos)
		require.NoError(t, err, text)
		err = Resolve(q)
		var got []string
		var list ErrorList
		var one *Error
		switch {
		case errors.As(err, &list):
		case errors.As(err, &one):
			list = ErrorList{one}
		}
		for _, e := range list {
			require.Equal(t, CodeDuplicate, e.Code, text)
			got = append(got, fmt.Sprintf("%s@%d", text[e.Start:e.End], e.Start))
		}
		require.Equal(t, want, got, text)
	}
}

// TestWordsBehindAQuery: in the driver's dialect WITH may follow a query, where the statement around it goes on; to the
// service it is an alias like any other word.
func TestWordsBehindAQuery(t *testing.T) {
	t.Parallel()
	q, err := Parse("SELECT * FROM c WITH", Cosmos)
	require.NoError(t, err)
	require.Equal(t, "WITH", q.From[0].Name())
	for _, text := range []string{"SELECT * FROM c WITH x", "SELECT c.a FROM c WHERE c.a = 1 WITH"} {
		_, err := Parse(text, SQL)
		require.ErrorContains(t, err, "near 'WITH'", text)
	}
}
