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

func TestParseSQL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, out string
		alsoCosmos    bool // the strict dialect reads it too, some of them as something else
	}{
		{
			name: "is null",
			in:   "SELECT * FROM c WHERE c.a IS NULL OR c.b is not null",
			out: "SELECT * FROM c WHERE (NOT IS_DEFINED(c.a) OR IS_NULL(c.a)) OR (IS_DEFINED(c.b) " +
				"AND NOT IS_NULL(c.b))",
		},
		{
			name:       "an alias called is",
			in:         "SELECT c.a is FROM c",
			out:        "SELECT c.a AS is FROM c",
			alsoCosmos: true,
		},
		{
			name: "count star",
			in:   "SELECT COUNT(*), count(*) FROM c",
			out:  "SELECT COUNT(1), count(1) FROM c",
		},
		{
			name: "limit",
			in:   "SELECT * FROM c LIMIT 5",
			out:  "SELECT * FROM c OFFSET 0 LIMIT 5",
		},
		{
			name: "limit offset",
			in:   "SELECT * FROM c LIMIT 5 OFFSET ?;",
			out:  "SELECT * FROM c OFFSET ? LIMIT 5",
		},
		{
			name: "marks and conditionals",
			in:   "SELECT VALUE ? ? ? : c.a ?? ? FROM c",
			out:  "SELECT VALUE ? ? ? : (c.a ?? ?) FROM c",
		},
		{
			name: "numbered",
			in:   "SELECT VALUE [@1, $2, :3, @p4] FROM c",
			out:  "SELECT VALUE [@p1, @p2, @p3, @p4] FROM c",
		},
		{
			name: "a colon of a conditional",
			in:   "SELECT VALUE c.a ?:1::2 FROM c",
			out:  "SELECT VALUE c.a ? @p1 : @p2 FROM c",
		},
		{
			name: "quoted names",
			in:   `SELECT "o"."a b", o.x AS "y" FROM "my-orders" "o"`,
			out:  `SELECT "o"["a b"], o.x AS y FROM "my-orders" AS o`,
		},
		{
			name:       "a quoted word alone is a string",
			in:         `SELECT * FROM c WHERE c.a = "b"`,
			alsoCosmos: true,
		},
		{
			name: "doubled quotes",
			in:   `SELECT VALUE ['it''s', "say ""hi""", '''', '']`,
			out:  `SELECT VALUE ["it's", "say \"hi\"", "'", ""]`,
		},
		{
			name: "reserved words after a dot",
			in:   "SELECT c.order, c.value.group FROM c.join AS c",
			out:  `SELECT c["order"], c["value"]["group"] FROM c["join"] AS c`,
		},
		{
			name: "left and right",
			in:   "SELECT c.left, c.right.a, LEFT(c.a, 1) AS left FROM c",
			out:  `SELECT c["left"], c["right"].a, LEFT(c.a, 1) AS "left" FROM c`,
		},
		{
			name:       "literal words",
			in:         "SELECT VALUE [TRUE, False, Null, Null()]",
			out:        "SELECT VALUE [true, false, null, Null()]",
			alsoCosmos: true,
		},
		{
			name:       "not binds loosely",
			in:         "SELECT VALUE NOT c.a = 1 AND NOT NOT c.b IN (1) FROM c",
			out:        "SELECT VALUE NOT (c.a = 1) AND NOT (NOT (c.b IN (1))) FROM c",
			alsoCosmos: true,
		},
		{
			name:       "concat binds tightly",
			in:         "SELECT VALUE 'a' || 'b' = 'c'",
			out:        `SELECT VALUE ("a" || "b") = "c"`,
			alsoCosmos: true,
		},
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

// What only the SQL dialect reads has errors of its own.
func TestErrorsOfStandardSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT * FROM c WHERE c.a = $0": "Placeholders are numbered from 1. (SC1001, line 1," +
			" column 29)",
		"SELECT * FROM c WHERE c.a = :99999999999999999999": "Placeholders are numbered from 1. (SC1001, line 1," +
			" column 29)",
		`SELECT c.a AS "" FROM c`: "A name is not empty. (SC1001, line 1, column 15)",
		"SELECT c.a AS '' FROM c": "A name is not empty. (SC1001, line 1, column 15)",
	} {
		_, err := Parse(text, SQL)
		require.EqualError(t, err, want, text)
	}
	p := NewParser("INSERT c", SQL)
	p.Expect("INSERT", "INTO")
	require.ErrorContains(t, p.Err(), "incorrect syntax near 'c'")
}

// Every bound is an error, at once and without deep recursion.
func TestBounds(t *testing.T) {
	t.Parallel()
	deep := func(open, inner, shut string, n int) string {
		return "SELECT VALUE " + strings.Repeat(open, n) + inner + strings.Repeat(shut, n)
	}
	for _, c := range []struct{ name, text, message string }{
		{
			name:    "parentheses",
			text:    deep("(", "1", ")", 9000),
			message: "The query has more than 8192 parentheses within each other.",
		},
		{
			name:    "signs",
			text:    deep("- ", "1", "", 300),
			message: "The query is nested more than 256 levels deep.",
		},
		{
			name:    "arrays",
			text:    deep("[", "", "]", 300),
			message: "The query is nested more than 256 levels deep.",
		},
		{
			name:    "subqueries",
			text:    deep("(SELECT ", "1", ")", 300),
			message: "The query is nested more than 256 levels deep.",
		},
		{
			name:    "conditionals",
			text:    deep("1 ? 1 : ", "1", "", 300),
			message: "The query is nested more than 256 levels deep.",
		},
		{
			name:    "operators",
			text:    deep("1+", "1", "", 70_000),
			message: "The query has more than 65536 operators and path steps.",
		},
		{
			name:    "path",
			text:    deep("c", ".a", "", 1) + strings.Repeat(".a", 70_000),
			message: "The query has more than 65536 operators and path steps.",
		},
		{
			name:    "from path",
			text:    "SELECT * FROM c" + strings.Repeat(".a", 70_000),
			message: "The query has more than 65536 operators and path steps.",
		},
		{
			name:    "length",
			text:    "SELECT '" + strings.Repeat("x", MaxLength) + "'",
			message: "The query text is longer than 512 KB.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, Cosmos)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.message, e.Message)
		})
	}
	_, err := Parse(deep("(", "1", ")", 8000), Cosmos)
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
