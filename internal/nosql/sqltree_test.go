package nosql

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// sqlGrower makes trees of the SQL dialect at random, and the tree that the service is to get of each.
type sqlGrower struct{ grower }

// expr is an expression with what only the SQL dialect has at its leaves, and the same in Cosmos's words.
func (g sqlGrower) expr(depth int) (sql, cosmos Expr) {
	if depth > 0 && g.IntN(2) == 0 {
		op := g.one("AND", "OR", "=", "+", "||", "??", "<<")
		l, strictL := g.expr(depth - 1)
		r, strictR := g.expr(depth - 1)
		return &Binary{Op: op, L: l, R: r}, &Binary{Op: op, L: strictL, R: strictR}
	}
	least := 0
	if depth <= 0 {
		least = 3
	}
	switch least + g.IntN(4) {
	case 0:
		return &Call{Name: "COUNT", Star: true}, &Call{Name: "COUNT", Args: []Expr{&Literal{Kind: Number, Text: "1"}}}
	case 1:
		q, strict := g.query(depth - 1)
		return &Subquery{Kind: ArrayQuery, Query: q}, &Subquery{Kind: ArrayQuery, Query: strict}
	case 2:
		x, strict := g.expr(depth - 1)
		not := g.IntN(2) == 0
		var first Expr = &Call{Name: "IS_DEFINED", Args: []Expr{strict}}
		var second Expr = &Call{Name: "IS_NULL", Args: []Expr{strict}}
		if not {
			return &IsNull{X: x, Not: true}, &Binary{Op: "AND", L: first, R: &Unary{Op: "NOT", X: second}}
		}
		return &IsNull{X: x}, &Binary{Op: "OR", L: &Unary{Op: "NOT", X: first}, R: second}
	}
	x := g.grower.expr(depth - 1)
	return x, x
}

// query is a query whose LIMIT may stand alone, and the same with the OFFSET that the service wants.
func (g sqlGrower) query(depth int) (sql, cosmos *Query) {
	x, strict := g.expr(depth)
	cond, strictCond := g.expr(depth)
	from := []Source{{Path: &Ident{Name: "t"}}}
	sql = &Query{Select: Select{Value: true, Items: []Item{{X: x}}}, From: from, Where: cond}
	cosmos = &Query{Select: Select{Value: true, Items: []Item{{X: strict}}}, From: from, Where: strictCond}
	if g.IntN(2) == 0 {
		sql.Limit = &Literal{Kind: Number, Text: strconv.Itoa(g.IntN(100))}
		cosmos.Limit, cosmos.Offset = sql.Limit, &Literal{Kind: Number, Text: "0"}
	}
	return sql, cosmos
}

// A tree of the SQL dialect is printed as the service reads it, with the meaning that it has here.
func TestPrintAnySQLTree(t *testing.T) {
	t.Parallel()
	g := sqlGrower{grower{rand.New(rand.NewPCG(3, 5))}}
	for range 600 {
		q, strict := g.query(3)
		for _, printed := range []string{Print(q), PrintKeepingQuotes(q)} {
			for _, d := range []Dialect{Cosmos, SQL} {
				again, err := Parse(printed, d)
				require.NoError(t, err, printed)
				require.Equal(t, shape(strict), shape(again), printed)
			}
		}
	}
}

// Placeholders that have no name yet are printed in the order in which they take their arguments, each once; as soon
// as they have names the text is the service's.
func TestPrintKeepsTheOrderOfPlaceholders(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"SELECT * FROM c WHERE ? IS NULL AND c.a = ?": {"SELECT * FROM c WHERE (? IS NULL) AND c.a = ?",
			"SELECT * FROM c WHERE (NOT IS_DEFINED(@1) OR IS_NULL(@1)) AND c.a = @2"},
		"SELECT * FROM c WHERE f(?, c.b) + 1 IS NOT NULL": {"SELECT * FROM c WHERE ((f(?, c.b) + 1) IS NOT NULL)",
			"SELECT * FROM c WHERE (IS_DEFINED(f(@1, c.b) + 1) AND NOT IS_NULL(f(@1, c.b) + 1))"},
		"SELECT * FROM c LIMIT ? OFFSET ?": {"SELECT * FROM c LIMIT ? OFFSET ?", "SELECT * FROM c OFFSET @2 LIMIT @1"},
		"SELECT * FROM c OFFSET ? LIMIT ?": {"SELECT * FROM c OFFSET ? LIMIT ?", "SELECT * FROM c OFFSET @1 LIMIT @2"},
		"SELECT * FROM c LIMIT ? OFFSET 5": {"SELECT * FROM c OFFSET 5 LIMIT ?", "SELECT * FROM c OFFSET 5 LIMIT @1"},
		"SELECT * FROM c LIMIT 5 OFFSET ?": {"SELECT * FROM c OFFSET ? LIMIT 5", "SELECT * FROM c OFFSET @1 LIMIT 5"},
		"SELECT TOP ? ? AS a FROM c WHERE c.x IN (?, (SELECT ? LIMIT ? OFFSET ?)) LIMIT ? OFFSET ?": {
			"SELECT TOP ? ? AS a FROM c WHERE c.x IN (?, (SELECT ? LIMIT ? OFFSET ?)) LIMIT ? OFFSET ?",
			"SELECT TOP @1 @2 AS a FROM c WHERE c.x IN (@3, (SELECT @4 OFFSET @6 LIMIT @5)) OFFSET @8 LIMIT @7"},
	} {
		q, err := Parse(text, SQL)
		require.NoError(t, err, text)
		require.Equal(t, want[0], Print(q))
		again, err := Parse(Print(q), SQL)
		require.NoError(t, err)
		require.Equal(t, shape(q), shape(again), text)
		count := 0
		Walk(q, func(n Node) bool {
			if p, ok := n.(*Param); ok {
				count++
				require.Equal(t, count, p.Ordinal, "%s: a walk meets them in this order, too", text)
				p.Name = "@" + strconv.Itoa(count)
			}
			return true
		})
		require.Equal(t, want[1], Print(q))
	}
}
