package nosql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The text each query is read from and, if it differs, the text it prints as.
func TestParseAndPrint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, out string }{
		{"star", "SELECT * FROM c", ""},
		{"keywords in any case", "sElEcT dIsTiNcT tOp 3 vAlUe c.a fRoM c", "SELECT DISTINCT TOP 3 VALUE c.a FROM c"},
		{"top parameter", "SELECT TOP @n c.a FROM c", ""},
		{"comment", "SELECT VALUE 1 -- one\n+ 2--two", "SELECT VALUE 1 + 2"},
		{"alias without AS", "SELECT c.a b FROM c d", "SELECT c.a AS b FROM c AS d"},
		{"words that are no keywords", "SELECT c.rank, c.first, ALL.x AS LAST FROM ALL", ""},
		{"brackets", `SELECT c["a b"], c['q'], c[0], c[@p], c[1 + 1] FROM c`, `SELECT c["a b"], c["q"], c[0], c[@p], c[1 + 1] FROM c`},
		{"literals", "SELECT VALUE [1., .5, 1e3, 0x1F, true, false, null, undefined, NaN, Infinity, 'x']",
			`SELECT VALUE [1., .5, 1e3, 0x1F, true, false, null, undefined, NaN, Infinity, "x"]`},
		{"object keys", `SELECT VALUE {a: 1, "b c": 2, 'd': {}}`, `SELECT VALUE {"a": 1, "b c": 2, "d": {}}`},
		{"escapes", `SELECT VALUE '\u0041\t\"\'\\\/\ud83d\ude00\ud800'`, "SELECT VALUE \"A\\t\\\"'\\\\/😀\uFFFD\""},
		{"calls", "SELECT VALUE abs (udf.f(1, c.a)) FROM c", "SELECT VALUE abs(udf.f(1, c.a)) FROM c"},
		{"udf is a name too", "SELECT udf.f FROM udf", ""},
		{"left and right", "SELECT VALUE LEFT(RIGHT('abc', 2), 1)", `SELECT VALUE LEFT(RIGHT("abc", 2), 1)`},
		{"from path", "SELECT * FROM c.a['b'][0]", `SELECT * FROM c.a["b"][0]`},
		{"joins", "SELECT x, y FROM c JOIN x IN c.a JOIN (SELECT VALUE c.b) y JOIN z IN (SELECT VALUE [1])",
			"SELECT x, y FROM c JOIN x IN c.a JOIN (SELECT VALUE c.b) AS y JOIN z IN (SELECT VALUE [1])"},
		{"subqueries", "SELECT (SELECT VALUE 1), EXISTS(SELECT 1), ARRAY(SELECT 1), ALL(SELECT 1), first(SELECT 1), LAST(SELECT 1)",
			"SELECT (SELECT VALUE 1), EXISTS(SELECT 1), ARRAY(SELECT 1), ALL(SELECT 1), FIRST(SELECT 1), LAST(SELECT 1)"},
		{"all clauses", "SELECT c.g FROM c WHERE c.a GROUP BY c.g, c.h ORDER BY c.g ASC, c.h DESC, c.i OFFSET 1 LIMIT @l", ""},
		{"rank", "SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), 1)", `SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, "a"), 1)`},
		{"rank is a name too", "SELECT * FROM rank ORDER BY rank.a", ""},
		{"precedence", "SELECT VALUE 1 + 2 * 3 - 4 / 5 % 6 < 7 AND 8 = 9 OR NOT true", ""},
		{"bits", "SELECT VALUE 1 = 2 & 3 != 4 | 5 ^ 6", ""},
		{"parentheses kept", "SELECT VALUE (1 + 2) * 3 - (4 - 5)", ""},
		{"parentheses dropped", "SELECT VALUE ((1 * 2) + 3) = (4)", "SELECT VALUE 1 * 2 + 3 = 4"},
		{"not equal", "SELECT VALUE 1 <> 2", "SELECT VALUE 1 != 2"},
		{"not binds tightly", "SELECT VALUE NOT c.a = 1 FROM c", "SELECT VALUE (NOT c.a) = 1 FROM c"},
		{"not of a comparison", "SELECT VALUE NOT (c.a = 1) FROM c", ""},
		{"signs", "SELECT VALUE - -1 + +~2", "SELECT VALUE -(-1) + +(~2)"},
		{"ternary", "SELECT VALUE a ? b : c ? d : e FROM a JOIN b IN a.b JOIN c IN a.c JOIN d IN a.d JOIN e IN a.e", ""},
		{"ternary in condition", "SELECT VALUE (1 ? 2 : 3) ? 4 : 5", ""},
		{"coalesce", "SELECT VALUE 1 ?? 2 ?? 3 ? 4 ?? 5 : 6 ?? 7", "SELECT VALUE (1 ?? 2 ?? 3) ? 4 ?? 5 : (6 ?? 7)"},
		{"concat", "SELECT VALUE 'a' || 'b' = 'c'", `SELECT VALUE "a" || ("b" = "c")`},
		{"shift", "SELECT VALUE 1 << 2 + 3 >>> 4 >> 5", "SELECT VALUE ((1 << (2 + 3)) >>> 4) >> 5"},
		{"in", "SELECT VALUE 1 + 1 NOT IN (1, 2) AND 3 IN (3)", ""},
		{"like", "SELECT VALUE 'a' LIKE 'b' ESCAPE '!' OR 'a' NOT LIKE 'c'", `SELECT VALUE "a" LIKE "b" ESCAPE "!" OR "a" NOT LIKE "c"`},
		{"between", "SELECT VALUE 1 BETWEEN 0 AND 2 AND 1 NOT BETWEEN 0 AND 2", "SELECT VALUE (1 BETWEEN 0 AND 2) AND (1 NOT BETWEEN 0 AND 2)"},
		{"steps into anything", "SELECT VALUE [@p.a, {a: 1}.a, [1][0], (1).a, ('x').y, f(1).a, (SELECT 1).a, (1 + 2).a]",
			`SELECT VALUE [@p.a, {"a": 1}.a, [1][0], (1).a, ("x").y, f(1).a, (SELECT 1).a, (1 + 2).a]`},
		{"a mark of the planner in a string", `SELECT VALUE "{documentdb-x}"`, `SELECT VALUE "\u007bdocumentdb-x}"`},
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

func TestParseSQL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, out string
		alsoCosmos    bool // the strict dialect reads it too, some of them as something else
	}{
		{"is null", "SELECT * FROM c WHERE c.a IS NULL OR c.b is not null",
			"SELECT * FROM c WHERE (NOT IS_DEFINED(c.a) OR IS_NULL(c.a)) OR (IS_DEFINED(c.b) AND NOT IS_NULL(c.b))", false},
		{"an alias called is", "SELECT c.a is FROM c", "SELECT c.a AS is FROM c", true},
		{"count star", "SELECT COUNT(*), count(*) FROM c", "SELECT COUNT(1), count(1) FROM c", false},
		{"limit", "SELECT * FROM c LIMIT 5", "SELECT * FROM c OFFSET 0 LIMIT 5", false},
		{"limit offset", "SELECT * FROM c LIMIT 5 OFFSET ?;", "SELECT * FROM c OFFSET ? LIMIT 5", false},
		{"marks and conditionals", "SELECT VALUE ? ? ? : c.a ?? ? FROM c", "SELECT VALUE ? ? ? : (c.a ?? ?) FROM c", false},
		{"numbered", "SELECT VALUE [@1, $2, :3, @p4] FROM c", "SELECT VALUE [@p1, @p2, @p3, @p4] FROM c", false},
		{"a colon of a conditional", "SELECT VALUE c.a ?:1::2 FROM c", "SELECT VALUE c.a ? @p1 : @p2 FROM c", false},
		{"quoted names", `SELECT "o"."a b", o.x AS "y" FROM "my-orders" "o"`, `SELECT "o"["a b"], o.x AS y FROM "my-orders" AS o`, false},
		{"a quoted word alone is a string", `SELECT * FROM c WHERE c.a = "b"`, "", true},
		{"doubled quotes", `SELECT VALUE ['it''s', "say ""hi""", '''', '']`, `SELECT VALUE ["it's", "say \"hi\"", "'", ""]`, false},
		{"reserved words after a dot", "SELECT c.order, c.value.group FROM c.join AS c", `SELECT c["order"], c["value"]["group"] FROM c["join"] AS c`, false},
		{"literal words", "SELECT VALUE [TRUE, False, Null, Null()]", "SELECT VALUE [true, false, null, Null()]", true},
		{"not binds loosely", "SELECT VALUE NOT c.a = 1 AND NOT NOT c.b IN (1) FROM c", "SELECT VALUE NOT (c.a = 1) AND NOT (NOT (c.b IN (1))) FROM c", true},
		{"concat binds tightly", "SELECT VALUE 'a' || 'b' = 'c'", `SELECT VALUE ("a" || "b") = "c"`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q, err := Parse(c.in, SQL)
			require.NoError(t, err)
			want := c.out
			if want == "" {
				want = c.in
			}
			require.Equal(t, want, Print(q))
			_, err = Parse(c.in, Cosmos)
			require.Equal(t, c.alsoCosmos, err == nil, "the strict dialect: %v", err)
		})
	}
}

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
		{"quoted alias", "SELECT c.a AS 'x' FROM c", "'x'", 14},
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
			require.Equal(t, CodeSyntax, e.Code)
			want := "Syntax error, unexpected end-of-file."
			if c.near != "" {
				want = "Syntax error, incorrect syntax near '" + c.near + "'."
			}
			require.Equal(t, want, e.Message)
			require.Equal(t, c.start, e.Start)
		})
	}
}

func TestErrorSaysWhere(t *testing.T) {
	t.Parallel()
	_, err := Parse("SELECT *\nFROM c WHERE c.ä = 1", Cosmos)
	require.EqualError(t, err, "Syntax error, incorrect syntax near 'ä'. (SC1001, line 2, column 16)")
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, Span{24, 26}, Span{e.Start, e.End})
}

// Every bound is an error, at once and without deep recursion.
func TestBounds(t *testing.T) {
	t.Parallel()
	deep := func(open, inner, shut string, n int) string {
		return "SELECT VALUE " + strings.Repeat(open, n) + inner + strings.Repeat(shut, n)
	}
	for _, c := range []struct{ name, text, message string }{
		{"parentheses", deep("(", "1", ")", 300), "The query is nested more than 256 levels deep."},
		{"signs", deep("- ", "1", "", 300), "The query is nested more than 256 levels deep."},
		{"arrays", deep("[", "", "]", 300), "The query is nested more than 256 levels deep."},
		{"subqueries", deep("(SELECT ", "1", ")", 300), "The query is nested more than 256 levels deep."},
		{"conditionals", deep("1 ? 1 : ", "1", "", 300), "The query is nested more than 256 levels deep."},
		{"operators", deep("1+", "1", "", 70_000), "The query has more than 65536 operators and path steps."},
		{"path", deep("c", ".a", "", 1) + strings.Repeat(".a", 70_000), "The query has more than 65536 operators and path steps."},
		{"from path", "SELECT * FROM c" + strings.Repeat(".a", 70_000), "The query has more than 65536 operators and path steps."},
		{"length", "SELECT '" + strings.Repeat("x", MaxLength) + "'", "The query text is longer than 512 KB."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, Cosmos)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.message, e.Message)
		})
	}
	_, err := Parse(deep("(", "1", ")", 250), Cosmos)
	require.NoError(t, err)
	q, err := Parse(deep("1+", "1", "", 60_000), Cosmos)
	require.NoError(t, err)
	require.NoError(t, Resolve(q))
	require.Len(t, Print(q), len("SELECT VALUE 1")+60_000*len(" + 1"))
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
	require.Equal(t, "> c.a = @p AND c.b", string(AppendExpr([]byte("> "), x)))
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
