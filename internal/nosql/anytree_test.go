package nosql

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// grower makes trees at random, of every kind of node that the strict dialect has.
type grower struct{ *rand.Rand }

func (g grower) one(names ...string) string { return names[g.IntN(len(names))] }

func (g grower) name() string { return g.one("a", "b", "c", "rank", "udf", "x1", "_y") }

func (g grower) text() string {
	return g.one("", "a", "it's", `say "x"`, "a\nb", `\`, "\u00e9\U0001F600", "{documentdb-x}", "-- no comment")
}

func (g grower) literal() *Literal {
	switch g.IntN(7) {
	case 0:
		return &Literal{Kind: Undefined, Text: "undefined"}
	case 1:
		return &Literal{Kind: Null, Text: "null"}
	case 2:
		return &Literal{Kind: True, Text: "true"}
	case 3:
		return &Literal{Kind: False, Text: "false"}
	case 4:
		return &Literal{Kind: String, Text: g.text()}
	}
	return &Literal{Kind: Number, Text: g.one("0", "12", "1.5", ".5", "12.", "1e3", "0x1F", "NaN", "Infinity")}
}

func (g grower) list(depth, least int) []Expr {
	var xs []Expr
	for range least + g.IntN(3) {
		xs = append(xs, g.expr(depth))
	}
	return xs
}

func (g grower) expr(depth int) Expr {
	if depth <= 0 {
		switch g.IntN(4) {
		case 0:
			return &Param{Name: "@" + g.name()}
		case 1:
			return &Ident{Name: g.name()}
		}
		return g.literal()
	}
	depth--
	switch g.IntN(14) {
	case 0:
		return &Member{X: g.expr(depth), Name: g.name()}
	case 1:
		return &Member{X: g.expr(depth), Name: g.one("a", "order", "a b", ""), Bracket: true}
	case 2:
		return &Index{X: g.expr(depth), I: &Binary{Op: "+", L: g.expr(depth), R: g.expr(depth)}}
	case 3:
		return &Array{Items: g.list(depth, 0)}
	case 4:
		o := &Object{}
		for i := range g.IntN(3) {
			o.Fields = append(o.Fields, Field{Name: g.text() + strconv.Itoa(i), Value: g.expr(depth)})
		}
		return o
	case 5:
		return &Unary{Op: g.one("-", "+", "~", "NOT"), X: g.expr(depth)}
	case 6, 7, 8:
		these := levels[g.IntN(len(levels))]
		return &Binary{Op: g.one(these...), L: g.expr(depth), R: g.expr(depth)}
	case 9:
		return &Cond{If: g.expr(depth), Then: g.expr(depth), Else: g.expr(depth)}
	case 10:
		return &In{X: g.expr(depth), Not: g.IntN(2) == 0, List: g.list(depth, 1)}
	case 11:
		like := &Like{X: g.expr(depth), Not: g.IntN(2) == 0, Pattern: g.expr(depth)}
		if g.IntN(2) == 0 {
			like.Escape = &Literal{Kind: String, Text: "!"}
		}
		return like
	case 12:
		return &Between{X: g.expr(depth), Not: g.IntN(2) == 0, Low: g.expr(depth), High: g.expr(depth)}
	}
	if g.IntN(2) == 0 {
		return &Subquery{Kind: SubqueryKind(g.IntN(6)), Query: g.query(depth)}
	}
	return &Call{Name: g.one("f", "LEFT", "Count"), UDF: g.IntN(2) == 0, Args: g.list(depth, 0)}
}

func (g grower) path() Expr {
	var x Expr = &Ident{Name: g.name()}
	for range g.IntN(3) {
		switch g.IntN(3) {
		case 0:
			x = &Member{X: x, Name: g.name()}
		case 1:
			x = &Member{X: x, Name: g.text(), Bracket: true}
		default:
			x = &Index{X: x, I: &Literal{Kind: Number, Text: "7"}}
		}
	}
	return x
}

func (g grower) source(depth int) Source {
	s := Source{In: g.IntN(2) == 0}
	if s.In || g.IntN(2) == 0 {
		s.Alias = g.name()
	}
	if g.IntN(3) == 0 {
		s.Query = g.query(depth)
	} else {
		s.Path = g.path()
	}
	return s
}

func (g grower) query(depth int) *Query {
	depth--
	q := &Query{Distinct: g.IntN(3) == 0}
	if g.IntN(4) == 0 {
		q.Top = &Literal{Kind: Number, Text: "5"}
	}
	switch g.IntN(3) {
	case 0:
		q.Select.Star = true
	case 1:
		q.Select.Value = true
		q.Select.Items = []Item{{X: g.expr(depth)}}
	default:
		for range 1 + g.IntN(2) {
			q.Select.Items = append(q.Select.Items, Item{X: g.expr(depth), Alias: g.one("", g.name())})
		}
	}
	for range g.IntN(3) {
		q.From = append(q.From, g.source(depth))
	}
	if g.IntN(2) == 0 {
		q.Where = g.expr(depth)
	}
	if g.IntN(4) == 0 {
		q.GroupBy = g.list(depth, 1)
	}
	if g.IntN(4) == 0 {
		q.OrderBy = []Sort{{X: g.path()}, {X: g.path(), Dir: "DESC", Desc: true}, {X: g.path(), Dir: "ASC"}}
	}
	if g.IntN(4) == 0 {
		q.Offset, q.Limit = &Param{Name: "@o"}, &Literal{Kind: Number, Text: "3"}
	}
	return q
}

// Any tree, not only one that a text was read into, is printed so that both dialects read the same tree again.
func TestPrintAnyTree(t *testing.T) {
	t.Parallel()
	g := grower{rand.New(rand.NewPCG(1, 2))}
	for range 3000 {
		q := g.query(4)
		want := shape(q)
		for name, text := range map[string]string{"one line": Print(q), "canonical": PrintCanonical(q)} {
			again, err := Parse(text, Cosmos)
			require.NoError(t, err, text)
			require.Equal(t, want, shape(again), "%s: %s", name, text)
		}
		again, err := Parse(Print(q), SQL)
		require.NoError(t, err, Print(q))
		require.Equal(t, want, shape(again), "in the SQL dialect: %s", Print(q))
	}
}
