package nosql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is bounded may be as large as the bound, and is refused one larger; the place is where it becomes too large.
func TestBoundsAreExact(t *testing.T) {
	t.Parallel()
	const head = "SELECT VALUE "
	const deep, long = "nested more than 256 levels deep", "more than 65536 operators and path steps"
	many := strings.Repeat
	for name, tt := range map[string]struct {
		of    func(n int) string
		bound int
		want  string
	}{
		"arrays":   {func(n int) string { return many("[", n-2) + "1" + many("]", n-2) }, maxDepth, deep},
		"signs":    {func(n int) string { return many("- ", n-2) + "1" }, maxDepth, deep},
		"NOT":      {func(n int) string { return many("NOT ", n-2) + "c" }, maxDepth, deep},
		"objects":  {func(n int) string { return many("{a: ", n-2) + "1" + many("}", n-2) }, maxDepth, deep},
		"calls":    {func(n int) string { return many("f(", n-2) + "1" + many(")", n-2) }, maxDepth, deep},
		"indexes":  {func(n int) string { return "c" + many("[c", n-2) + many("]", n-2) }, maxDepth, deep},
		"lists":    {func(n int) string { return many("1 IN (", n-2) + "1" + many(")", n-2) }, maxDepth, deep},
		"branches": {func(n int) string { return many("c ? 1 : ", n-2) + "2" }, maxDepth, deep},
		"queries": {func(n int) string { // each takes two levels, its own and that of its item
			return many("(SELECT ", n/2-1) + many("[", n%2) + "1" + many("]", n%2) + many(")", n/2-1)
		}, maxDepth, deep},
		"parentheses": {func(n int) string { return many("(", n) + "1" + many(")", n) }, maxParens,
			"more than 8192 parentheses within each other"},
		"operators":         {func(n int) string { return "1" + many("+1", n) }, maxLinks, long},
		"coalesce":          {func(n int) string { return "1" + many("??1", n) }, maxLinks, long},
		"steps":             {func(n int) string { return "c" + many(".a", n) }, maxLinks, long},
		"steps of a source": {func(n int) string { return "(SELECT 1 FROM c" + many(".a", n) + ")" }, maxLinks, long},
		"length": {func(n int) string { return "'" + many("x", n-len(head)-2) + "'" }, MaxLength,
			"longer than 512 KB"},
	} {
		for _, d := range []Dialect{Cosmos, SQL} {
			text := head + tt.of(tt.bound)
			_, err := Parse(text, d)
			require.NoError(t, err, name)
			text = head + tt.of(tt.bound+1)
			_, err = Parse(text, d)
			var e *Error
			require.ErrorAs(t, err, &e, name)
			require.Equal(t, CodeSyntax, e.Code)
			require.Contains(t, e.Message, "The query")
			require.Contains(t, e.Message, tt.want, name)
			require.LessOrEqual(t, e.End, len(text))
		}
	}
}

// Siblings have their levels side by side: what stands behind something deep may be as deep.
func TestLevelsAreLeftAgain(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 250) + strings.Repeat("]", 250)
	signs := strings.Repeat("-", 1) + strings.Repeat(" -", 249) + "1"
	parens := strings.Repeat("(", 8000) + "1" + strings.Repeat(")", 8000)
	for _, x := range []string{deep, signs, "NOT " + signs, parens, "f(" + deep + ")", "(SELECT VALUE " + deep + ")"} {
		for _, d := range []Dialect{Cosmos, SQL} {
			_, err := Parse("SELECT "+x+" AS a, "+x+" AS b, ["+x+", "+x+"] FROM c WHERE "+x+" = "+x+" ORDER BY c."+
				"a["+x+"]", d)
			require.NoError(t, err, "%.60s", x)
		}
	}
}

// A chain as long as it may be is resolved and printed without deep recursion, and flat.
func TestLongChainIsPrinted(t *testing.T) {
	t.Parallel()
	q, err := Parse("SELECT VALUE 1"+strings.Repeat("+1", maxLinks), Cosmos)
	require.NoError(t, err)
	require.NoError(t, Resolve(q))
	require.Len(t, Print(q), len("SELECT VALUE 1")+maxLinks*len(" + 1"))
}

// IS NULL and comparisons of rows name their operand more than once in Cosmos's words. Within each other a short text
// would become one without end, which is refused as the text itself would be if it was that long.
func TestRepeatedOperandsAreBounded(t *testing.T) {
	t.Parallel()
	nulls := func(n int) string { return strings.Repeat("(", n) + "c.a" + strings.Repeat(" IS NULL)", n) }
	nested := func(n int) string {
		return strings.Repeat("(", n) + "c.a" + strings.Repeat(", 1) IN ((1, 1), (2, 2))", n)
	}
	rows := func(n int) string {
		return "('" + strings.Repeat("x", 1000) + "', c.a) IN ((1, 2)" + strings.Repeat(", (1, 2)", n-1) + ")"
	}
	for _, text := range []string{nulls(12), nested(12), rows(400), "f(" + nulls(5) + ", " + nulls(5) + ") IS NOT NULL",
		"c.a = 1" + strings.Repeat(" OR c.a IS NULL", 5000), "(c.a, c.b) = (" + nulls(9) + ", " + nulls(9) + ")"} {
		x, err := ParseExpr(text, SQL)
		require.NoError(t, err, "%.60s", text)
		require.Less(t, len(Print(x)), 4*MaxLength, "%.60s", text)
	}
	for _, text := range []string{nulls(40), nulls(250), nested(40), nested(200), rows(600), rows(30_000),
		"f(" + nulls(15) + ", c.b IS NULL) IS NULL", "((" + nulls(9) + ", 1) IN " + strings.TrimPrefix(rows(200),
			"('"+strings.Repeat("x", 1000)+"', c.a) IN ") + ")",
		nulls(14) + strings.Repeat(" OR "+nulls(14), 10), "'" + strings.Repeat("x", 300<<10) + "' IS NULL"} {
		_, err := ParseExpr(text, SQL)
		require.ErrorContains(t, err, "The query is longer than 512 KB in the service's words", "%.60s", text)
	}
}
