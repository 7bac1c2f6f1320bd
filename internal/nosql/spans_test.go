package nosql

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var regexpOrdinal = regexp.MustCompile(`Ordinal:[0-9]+ `)

// sqlTexts are queries that only the SQL dialect reads, or reads otherwise.
var sqlTexts = []string{
	"SELECT id, o.total AS sum FROM orders o WHERE o.a IS NULL AND NOT o.b IS NOT NULL",
	"SELECT COUNT(*), value, top FROM t WHERE order = 3 AND group IN (1, ?) ORDER BY desc DESC LIMIT ? OFFSET 2;",
	`SELECT "o"."a b" AS "x", o.order.by FROM "my-orders" "o" WHERE "o"."it""s" = 'it''s'`,
	"SELECT VALUE a BETWEEN ? AND $2 OR NOT b = :3 AND @4 ?? @p5 FROM t LIMIT 10",
	"SELECT * FROM t WHERE NOT a LIKE 'x%' ESCAPE '!' AND b NOT BETWEEN 1 AND 2 AND c",
	"SELECT {order: 1, value: TRUE}, [Null, False], (SELECT limit FROM t LIMIT 1) AS limit FROM t",
	"SELECT VALUE (LET x = (a IS NULL) IN x) FROM t WHERE EXISTS(SELECT 1 FROM u IN t.u WHERE u IS NULL)",
	"SELECT a FROM t WHERE a ? :1 : :2 IS NULL",
}

// texts calls try for queries of both dialects that can be read.
func texts(t *testing.T, try func(text string, d Dialect, q *Query)) {
	tried := 0
	for _, d := range []Dialect{Cosmos, SQL} {
		for _, c := range conformanceCases(t) {
			if q, err := Parse(c.Query, d); err == nil {
				try(c.Query, d, q)
				tried++
			}
		}
	}
	for _, text := range append(sqlTexts, everything) {
		q, err := Parse(text, SQL)
		require.NoError(t, err, text)
		try(text, SQL, q)
	}
	require.Greater(t, tried, 400)
}

// The span of an expression is its own text: read alone it is the same expression again. It lies within the span of
// what it is a part of, and behind the parts before it.
func TestSpansAreTheTextOfTheNode(t *testing.T) {
	t.Parallel()
	texts(t, func(text string, d Dialect, q *Query) {
		var check func(n Node)
		check = func(parent Node) {
			before := parent.Pos().Start
			Walk(parent, func(n Node) bool {
				if n == parent {
					return true
				}
				at := n.Pos()
				require.True(t, before <= at.Start && at.Start < at.End && at.End <= parent.Pos().End,
					"%s: %+v of %+v", text, at, parent.Pos())
				before = at.End
				own := text[at.Start:at.End]
				switch n := n.(type) {
				case *Query:
					again, err := Parse(own, d)
					require.NoError(t, err, own)
					require.Equal(t, unnumbered(n), unnumbered(again), own)
				case Expr:
					if id, ok := n.(*Ident); ok && id.Quoted { // alone, "o" is a text
						require.Equal(t, id.Name, strings.Trim(own, `"`))
						return false
					}
					again, err := ParseExpr(own, d)
					require.NoError(t, err, "%s in %s", own, text)
					require.Equal(t, unnumbered(n), unnumbered(again), own)
				}
				check(n)
				return false
			})
		}
		around := kinds(text[:q.Start]+text[q.End:], d)
		require.Empty(t, strings.TrimPrefix(around, "symbol:;"), "%s: what is around the query", text)
		check(q)
	})
}

// unnumbered is the shape of n, in which a ? does not count those before it.
func unnumbered(n Node) string {
	return regexpOrdinal.ReplaceAllString(shape(n), "")
}

// Clauses, items, aliases, sources and keys know where they stand, for the errors that point at them; a clause that is
// not there stands nowhere.
func TestSpansOfClauses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text             string
		top, order, page string
		parts            []string // items with their aliases, sources, sort keys
	}{
		{"SELECT TOP 5 c.a x, c.b AS 'y z' , 1 FROM c ORDER BY c.a DESC , c.b", "TOP 5",
			"ORDER BY c.a DESC , c.b", "",
			[]string{"c.a x", "x", "c.b AS 'y z'", "'y z'", "1", "", "c", "c.a DESC", "c.b"}},
		{"select distinct top @n value c.a from c as d", "top @n", "", "", []string{"c.a", "", "c as d"}},
		{"SELECT * FROM k IN c.kids JOIN (SELECT 1) y JOIN z IN y.z OFFSET 1 LIMIT @l ", "", "",
			"OFFSET 1 LIMIT @l",
			[]string{"k IN c.kids", "(SELECT 1) y", "z IN y.z"}},
		{"SELECT * FROM c LIMIT 3 OFFSET ? ;", "", "", "LIMIT 3 OFFSET ?", []string{"c"}},
		{"SELECT * FROM c LIMIT 3", "", "", "LIMIT 3", []string{"c"}},
		{`SELECT "a" AS value, b AS order FROM "c" "d"`, "", "", "",
			[]string{`"a" AS value`, "value", "b AS order", "order", `"c" "d"`}},
		{"SELECT 1 FROM c -- none\n ORDER BY RANK f(c.a) -- at all", "", "ORDER BY RANK f(c.a)", "",
			[]string{"1", "", "c", "f(c.a)"}},
	} {
		q, err := Parse(tt.text, SQL)
		require.NoError(t, err, tt.text)
		at := func(s Span) string { return tt.text[s.Start:s.End] }
		require.Equal(t, tt.top, at(q.TopSpan))
		require.Equal(t, tt.order, at(q.OrderBySpan))
		require.Equal(t, tt.page, at(q.PageSpan))
		require.Equal(t, tt.page == "", q.PageSpan == Span{}, tt.text)
		var parts []string
		for _, it := range q.Select.Items {
			parts = append(parts, at(it.Span), at(it.AliasSpan))
		}
		for _, s := range q.From {
			parts = append(parts, at(s.Span))
		}
		for _, s := range q.OrderBy {
			parts = append(parts, at(s.Span))
		}
		require.Equal(t, tt.parts, parts)
	}
}
