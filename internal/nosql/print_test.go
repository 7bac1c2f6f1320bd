package nosql

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrintCanonical(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, out string }{
		{
			name: "clauses",
			in:   "SELECT TOP 5 r.a FROM Root r WHERE r.k='v' ORDER BY r.k DESC",
			out:  "SELECT TOP 5 r.a\nFROM Root AS r\nWHERE (r.k = \"v\")\nORDER BY r.k DESC",
		},
		{
			name: "in",
			in:   "SELECT * FROM c WHERE c.k IN (1, 2)",
			out:  "SELECT *\nFROM c\nWHERE (c.k IN (1, 2))",
		},
		{
			name: "where of no operation",
			in:   "SELECT * FROM c WHERE IS_DEFINED(c.a)",
			out:  "SELECT *\nFROM c\nWHERE (IS_DEFINED(c.a))",
		},
		{
			name: "every operation",
			in:   "SELECT VALUE NOT a ? -1 + 2 * 3 : a LIKE 'x' OR (a BETWEEN 1 AND 2) FROM a",
			out:  "SELECT VALUE ((NOT a) ? ((- 1) + (2 * 3)) : ((a LIKE \"x\") OR (a BETWEEN 1 AND 2)))\nFROM a",
		},
		{
			name: "brackets stay",
			in:   `SELECT r["a"], r.a[0] FROM r OFFSET 1 LIMIT 2`,
			out:  "SELECT r[\"a\"], r.a[0]\nFROM r\nOFFSET 1 LIMIT 2",
		},
		{
			name: "step into an operation",
			in:   "SELECT VALUE (1 ?? c).a FROM c",
			out:  "SELECT VALUE (1 ?? c).a\nFROM c",
		},
		{
			name: "group",
			in:   "SELECT c.g, COUNT(1) AS n FROM c JOIN t IN c.t GROUP BY c.g",
			out:  "SELECT c.g, COUNT(1) AS n\nFROM c\nJOIN t IN c.t\nGROUP BY c.g",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q, err := Parse(c.in, Cosmos)
			require.NoError(t, err)
			require.Equal(t, c.out, PrintCanonical(q))
			again, err := Parse(c.out, Cosmos)
			require.NoError(t, err)
			require.Equal(t, shape(q), shape(again))
		})
	}
}

// The planner puts its marks into the tree as names.
func TestPrintCanonicalMarks(t *testing.T) {
	t.Parallel()
	mark := &Ident{Name: "{documentdb-formattableorderbyquery-filter}"}
	q, err := Parse("SELECT c._rid FROM c WHERE c.a = '{documentdb-'", Cosmos)
	require.NoError(t, err)
	a := q.Where
	q.Where = mark
	require.Equal(t, "SELECT c._rid\nFROM c\nWHERE ({documentdb-formattableorderbyquery-filter})", PrintCanonical(q))
	q.Where = &Binary{Op: "AND", L: a, R: &Ident{Name: "(" + mark.Name + ")"}}
	require.Equal(t, `SELECT c._rid`+"\nFROM c\n"+
		`WHERE ((c.a = "\u007bdocumentdb-") AND ({documentdb-formattableorderbyquery-filter}))`,
		PrintCanonical(q))
	require.Equal(t, "(1 + 2)", PrintCanonicalExpr(
		&Binary{Op: "+", L: &Literal{Kind: Number, Text: "1"}, R: &Literal{Kind: Number, Text: "2"}}))
}

// What is read as standard SQL again keeps the quotes of its strings, for there "text" is a name; whatever is in them,
// and wherever they stand.
func TestPrintKeepingQuotes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, kept, plain string }{
		{`c.a = 'x'`, `c.a = 'x'`, `c.a = "x"`},
		{`c.a = "x"`, `c.a = "x"`, `c.a = "x"`},
		{`"a b" + 1`, `"a b" + 1`, `"a b" + 1`},
		{`c['a'] = 'it''s "b"'`, `c["a"] = 'it\'s "b"'`, `c["a"] = "it's \"b\""`},
		{`f('a\\', "b") LIKE 'c\n' ESCAPE '!'`, `f('a\\', "b") LIKE 'c\n' ESCAPE '!'`,
			`f("a\\", "b") LIKE "c\n" ESCAPE "!"`},
		{`{'k': ['v', "w"]}`, `{"k": ['v', "w"]}`, `{"k": ["v", "w"]}`},
		{`EXISTS(SELECT 'a' AS 'b' FROM t IN c.t WHERE t IN ('d'))`,
			`EXISTS(SELECT 'a' AS b FROM t IN c.t WHERE t IN ('d'))`,
			`EXISTS(SELECT "a" AS b FROM t IN c.t WHERE t IN ("d"))`},
		{`c.a = '{documentdb-x}'`, `c.a = '\u007bdocumentdb-x}'`, `c.a = "\u007bdocumentdb-x}"`},
	} {
		x, err := ParseExpr(tt.in, SQL)
		require.NoError(t, err, tt.in)
		require.Equal(t, tt.kept, PrintKeepingQuotes(x), tt.in)
		require.Equal(t, tt.plain, Print(x), tt.in)
		again, err := ParseExpr(tt.kept, SQL)
		require.NoError(t, err, tt.kept)
		require.Equal(t, shape(x), shape(again), tt.kept)
	}
}

// IS NULL in Cosmos's words names its operand twice, but a ? takes one argument: it stays IS NULL until it has a name.
func TestPrintIsNullOfMarks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, out string }{
		{"? IS NULL", "(? IS NULL)"},
		{"c[?] IS NOT NULL AND c.b = ?", "(c[?] IS NOT NULL) AND c.b = ?"},
		{"c.a + ? IS NULL", "((c.a + ?) IS NULL)"},
		{"NOT f(?) IS NULL", "NOT (f(?) IS NULL)"},
	} {
		x, err := ParseExpr(tt.in, SQL)
		require.NoError(t, err, tt.in)
		require.Equal(t, tt.out, Print(x), tt.in)
		again, err := ParseExpr(tt.out, SQL)
		require.NoError(t, err, tt.out)
		require.Equal(t, tt.out, Print(again))
		Walk(again, func(n Node) bool {
			if p, ok := n.(*Param); ok && p.Name == "" {
				p.Name = "@named"
			}
			return true
		})
		require.NotContains(t, Print(again), "IS N", "named, it is written in Cosmos's words: %s", Print(again))
	}
}

// A string literal that we print is JSON, which every reader of Cosmos SQL knows.
func FuzzStrings(f *testing.F) {
	for _, s := range []string{"", "a", `"\`, "\x00\x1f\n", "it's", "😀\u2028", "{documentdb-x", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		literal := string(AppendString(nil, s))
		var want string
		require.NoError(t, json.Unmarshal([]byte(literal), &want))
		require.Equal(t, want, Unquote(literal))
		for _, d := range []Dialect{Cosmos, SQL} {
			x, err := ParseExpr(literal, d)
			require.NoError(t, err)
			require.Equal(t, want, x.(*Literal).Text)
		}
	})
}
