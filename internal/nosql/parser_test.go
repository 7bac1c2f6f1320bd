package nosql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The text each query is read from and, if it differs, the text it prints as.
func TestParseAndPrint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, out string }{
		{
			name: "star",
			in:   "SELECT * FROM c",
		},
		{
			name: "keywords in any case",
			in:   "sElEcT dIsTiNcT tOp 3 vAlUe c.a fRoM c",
			out:  "SELECT DISTINCT TOP 3 VALUE c.a FROM c",
		},
		{
			name: "top parameter",
			in:   "SELECT TOP @n c.a FROM c",
		},
		{
			name: "comment",
			in:   "SELECT VALUE 1 -- one\n+ 2--two",
			out:  "SELECT VALUE 1 + 2",
		},
		{
			name: "alias without AS",
			in:   "SELECT c.a b FROM c d",
			out:  "SELECT c.a AS b FROM c AS d",
		},
		{
			name: "words that are not keywords",
			in:   "SELECT c.rank, c.first, ALL.x AS LAST FROM ALL",
		},
		{
			name: "brackets",
			in:   `SELECT c["a b"], c['q'], c[0], c[@p], c[1 + 1] FROM c`,
			out:  `SELECT c["a b"], c["q"], c[0], c[@p], c[1 + 1] FROM c`,
		},
		{
			name: "literals",
			in:   "SELECT VALUE [1., .5, 1e3, 0x1F, true, false, null, undefined, NaN, Infinity, 'x']",
			out:  `SELECT VALUE [1., .5, 1e3, 0x1F, true, false, null, undefined, NaN, Infinity, "x"]`,
		},
		{
			name: "object keys",
			in:   `SELECT VALUE {a: 1, "b c": 2, 'd': {}}`,
			out:  `SELECT VALUE {"a": 1, "b c": 2, "d": {}}`,
		},
		{
			name: "escapes",
			in:   `SELECT VALUE '\u0041\t\"\'\\\/\ud83d\ude00\ud800'`,
			out:  "SELECT VALUE \"A\\t\\\"'\\\\/😀\uFFFD\"",
		},
		{
			name: "calls",
			in:   "SELECT VALUE abs (udf.f(1, c.a)) FROM c",
			out:  "SELECT VALUE abs(udf.f(1, c.a)) FROM c",
		},
		{
			name: "udf is a name too",
			in:   "SELECT udf.f FROM udf",
		},
		{
			name: "left and right",
			in:   "SELECT VALUE LEFT(RIGHT('abc', 2), 1)",
			out:  `SELECT VALUE LEFT(RIGHT("abc", 2), 1)`,
		},
		{
			name: "from path",
			in:   "SELECT * FROM c.a['b'][0]",
			out:  `SELECT * FROM c.a["b"][0]`,
		},
		{
			name: "joins",
			in:   "SELECT x, y FROM c JOIN x IN c.a JOIN (SELECT VALUE c.b) y JOIN z IN (SELECT VALUE [1])",
			out:  "SELECT x, y FROM c JOIN x IN c.a JOIN (SELECT VALUE c.b) AS y JOIN z IN (SELECT VALUE [1])",
		},
		{
			name: "subqueries",
			in: "SELECT (SELECT VALUE 1), EXISTS(SELECT 1), ARRAY(SELECT 1), ALL(SELECT 1), first(SELECT 1), " +
				"LAST(SELECT 1)",
			out: "SELECT (SELECT VALUE 1), EXISTS(SELECT 1), ARRAY(SELECT 1), ALL(SELECT 1), FIRST(SELECT 1), " +
				"LAST(SELECT 1)",
		},
		{
			name: "words of subqueries as functions",
			in:   "SELECT VALUE [ALL(c.a), first (1, 2), LAST((SELECT 1)), all(), First(LAST(SELECT 1))] FROM c",
			out:  "SELECT VALUE [ALL(c.a), first(1, 2), LAST((SELECT 1)), all(), First(LAST(SELECT 1))] FROM c",
		},
		{
			name: "all clauses",
			in:   "SELECT c.g FROM c WHERE c.a GROUP BY c.g, c.h ORDER BY c.g ASC, c.h DESC, c.i OFFSET 1 LIMIT @l",
		},
		{
			name: "rank",
			in:   "SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), 1)",
			out:  `SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, "a"), 1)`,
		},
		{
			name: "rank is a name too",
			in:   "SELECT * FROM rank ORDER BY rank.a",
		},
		{
			name: "precedence",
			in:   "SELECT VALUE 1 + 2 * 3 - 4 / 5 % 6 < 7 AND 8 = 9 OR NOT true",
		},
		{
			name: "bits",
			in:   "SELECT VALUE 1 = 2 & 3 != 4 | 5 ^ 6",
			out:  "SELECT VALUE (1 = (2 & 3)) != ((4 | 5) ^ 6)",
		},
		{
			name: "parentheses kept",
			in:   "SELECT VALUE (1 + 2) * 3 - (4 - 5)",
		},
		{
			name: "parentheses dropped",
			in:   "SELECT VALUE ((1 * 2) + 3) = (4)",
			out:  "SELECT VALUE 1 * 2 + 3 = 4",
		},
		{
			name: "not equal",
			in:   "SELECT VALUE 1 <> 2",
			out:  "SELECT VALUE 1 != 2",
		},
		{
			name: "not binds tightly",
			in:   "SELECT VALUE NOT c.a = 1 FROM c",
			out:  "SELECT VALUE (NOT c.a) = 1 FROM c",
		},
		{
			name: "not of a comparison",
			in:   "SELECT VALUE NOT (c.a = 1) FROM c",
		},
		{
			name: "signs",
			in:   "SELECT VALUE - -1 + +~2",
			out:  "SELECT VALUE -(-1) + +(~2)",
		},
		{
			name: "ternary",
			in:   "SELECT VALUE a ? b : c ? d : e FROM a JOIN b IN a.b JOIN c IN a.c JOIN d IN a.d JOIN e IN a.e",
		},
		{
			name: "ternary in condition",
			in:   "SELECT VALUE (1 ? 2 : 3) ? 4 : 5",
		},
		{
			name: "coalesce",
			in:   "SELECT VALUE 1 ?? 2 ?? 3 ? 4 ?? 5 : 6 ?? 7",
			out:  "SELECT VALUE (1 ?? 2 ?? 3) ? 4 ?? 5 : (6 ?? 7)",
		},
		{
			name: "concat",
			in:   "SELECT VALUE 'a' || 'b' = 'c'",
			out:  `SELECT VALUE ("a" || "b") = "c"`,
		},
		{
			name: "shift",
			in:   "SELECT VALUE 1 << 2 + 3 >>> 4 >> 5",
			out:  "SELECT VALUE ((1 << (2 + 3)) >>> 4) >> 5",
		},
		{
			name: "in",
			in:   "SELECT VALUE 1 + 1 NOT IN (1, 2) AND 3 IN (3)",
		},
		{
			name: "like",
			in:   "SELECT VALUE 'a' LIKE 'b' ESCAPE '!' OR 'a' NOT LIKE 'c'",
			out:  `SELECT VALUE "a" LIKE "b" ESCAPE "!" OR "a" NOT LIKE "c"`,
		},
		{
			name: "between",
			in:   "SELECT VALUE (1 BETWEEN 0 AND 2) AND (1 NOT BETWEEN 0 AND 2)",
		},
		{
			name: "between alone",
			in:   "SELECT VALUE 1 BETWEEN 0 AND 2 ? 3 : 4 BETWEEN 5 AND 6",
			out:  "SELECT VALUE (1 BETWEEN 0 AND 2) ? 3 : (4 BETWEEN 5 AND 6)",
		},
		{
			name: "let",
			in:   "SELECT VALUE (LET x = c.a + 1 IN x * x) FROM c",
		},
		{
			name: "words that are names too",
			in:   "SELECT rank.let AS rank, 1 AS let FROM rank ORDER BY rank.rank, rank.a",
		},
		{
			name: "aliases in quotes",
			in:   `SELECT c.a AS 'value', c.b "b", c.c AS "My \"Id\"" FROM c`,
			out:  `SELECT c.a AS "value", c.b AS b, c.c AS "My \"Id\"" FROM c`,
		},
		{
			name: "steps into anything",
			in:   "SELECT VALUE [@p.a, {a: 1}.a, [1][0], (1).a, ('x').y, f(1).a, (SELECT 1).a, (1 + 2).a]",
			out:  `SELECT VALUE [@p.a, {"a": 1}.a, [1][0], (1).a, ("x").y, f(1).a, (SELECT 1).a, (1 + 2).a]`,
		},
		{
			name: "a mark of the planner in a string",
			in:   `SELECT VALUE "{documentdb-x}"`,
			out:  `SELECT VALUE "\u007bdocumentdb-x}"`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q, err := Parse(c.in, Cosmos)
			require.NoError(t, err)
			want := c.out
			if want == "" {
				want = c.in
			}
			require.Equal(t, want, Print(q))
			requireRoundTrip(t, c.in, Cosmos)
		})
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	text := "SELECT (1 + 2) * c.a AS x, udf.f(c['b']) FROM c JOIN t IN c.t WHERE NOT c.x IN (1) ORDER BY c.y DESC"
	q, err := Parse(text, Cosmos)
	require.NoError(t, err)
	at := func(s Span) string { return text[s.Start:s.End] }
	require.Equal(t, text, at(q.Pos()))
	require.Equal(t, "(1 + 2) * c.a AS x", at(q.Select.Items[0].Span))
	mul := q.Select.Items[0].X.(*Binary)
	require.Equal(t, "(1 + 2) * c.a", at(mul.Pos()))
	require.Equal(t, "1 + 2", at(mul.L.Pos()))
	require.Equal(t, "c.a", at(mul.R.Pos()))
	call := q.Select.Items[1].X.(*Call)
	require.Equal(t, "udf.f(c['b'])", at(call.Pos()))
	require.Equal(t, "udf.f", at(call.NameSpan))
	require.Equal(t, "c['b']", at(call.Args[0].Pos()))
	require.Equal(t, "t IN c.t", at(q.From[1].Span))
	require.Equal(t, "NOT c.x IN (1)", at(q.Where.Pos()))
	require.Equal(t, "c.y DESC", at(q.OrderBy[0].Span))
}

func TestParseExpr(t *testing.T) {
	t.Parallel()
	x, err := ParseExpr("c.a = @p AND c.b", Cosmos)
	require.NoError(t, err)
	require.Equal(t, "c.a = @p AND c.b", Print(x))
	for _, bad := range []string{"", "c.a, c.b", "c.a FROM c", "SELECT 1"} {
		_, err := ParseExpr(bad, Cosmos)
		require.Error(t, err, bad)
	}
}

func TestParseCondition(t *testing.T) {
	t.Parallel()
	q, err := ParseCondition("from c where c.n > 3")
	require.NoError(t, err)
	require.Equal(t, "FROM c WHERE c.n > 3", Print(q))
	require.NoError(t, Resolve(q))
	for _, bad := range []string{"c.n > 3", "from c", "select * from c where c.n", "from c where c.n order by c.n"} {
		_, err := ParseCondition(bad)
		require.Error(t, err, bad)
	}
}

// The pieces internal/statement reads a text with.
func TestParserByPieces(t *testing.T) {
	t.Parallel()
	p := NewParser(`insert INTO "a b" (x) values (1 + 2, 'v') junk`, SQL)
	require.False(t, p.Accept("INSERT", "OR"))
	require.True(t, p.Accept("INSERT", "INTO"))
	require.Equal(t, "a b", p.Identifier().Name)
	p.Expect("(")
	require.Equal(t, "x", p.Identifier().Name)
	p.Expect(")", "VALUES", "(")
	require.Equal(t, "1 + 2", Print(p.Expr()))
	require.True(t, p.Accept(","))
	require.Equal(t, Text, p.Token().Kind)
	require.Equal(t, ")", p.Text(p.Peek()))
	require.Equal(t, `"v"`, Print(p.Expr()))
	p.Expect(")")
	require.Equal(t, len(`insert INTO "a b" (x) values (1 + 2, 'v')`), p.EndOfLast())
	require.NoError(t, p.Err())
	p.End()
	require.EqualError(t, p.Err(), "Syntax error, incorrect syntax near 'junk'. (SC1001, line 1, column 43)")
	require.Equal(t, EOF, p.Advance().Kind)
	p.FailAt(Span{0, 6}, "later")
	require.ErrorContains(t, p.Err(), "junk", "the first error stays")
}
