package nosql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// everything has each kind of node.
const everything = "SELECT DISTINCT TOP @n c.a[0] ? [1] : {x: -2}, udf.f(@p) ?? (SELECT VALUE 3) AS y, z.q FROM c " +
	"JOIN z IN (SELECT 4) " +
	"WHERE c.b IN (5, 6) AND c.c LIKE 'l' ESCAPE '!' OR (c.d BETWEEN 7 AND 8) GROUP BY c.e ORDER BY c.f " +
	"OFFSET 9 LIMIT 10"

func TestWalk(t *testing.T) {
	t.Parallel()
	q, err := Parse(everything, Cosmos)
	require.NoError(t, err)
	var literals string
	var idents, queries int
	Walk(q, func(n Node) bool {
		switch n := n.(type) {
		case *Literal:
			literals += n.Text + " "
		case *Ident:
			idents++
		case *Query:
			queries++
		}
		return true
	})
	require.Equal(t, "0 1 2 3 4 5 6 l ! 7 8 9 10 ", literals)
	require.Equal(t, 8, idents)
	require.Equal(t, 3, queries)

	seen := 0
	Walk(q, func(n Node) bool { seen++; return n == Node(q) })
	require.Equal(t, 12, seen, "the parts of the query, and nothing under them")
	Walk(nil, func(Node) bool { t.Error("there is nothing to visit"); return true })
}

// What Rewrite makes of an expression is what f makes of it, whatever stands in it.
func TestRewriteOfExpressions(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"c.a IS NULL":               "(NOT IS_DEFINED(d.a) OR IS_NULL(d.a))",
		"(LET x = c.a IN x + c.b)":  "(LET x = d.a IN x + d.b)",
		"c":                         "d",
		"EXISTS(SELECT * FROM t c)": "EXISTS(SELECT * FROM t AS c)",
	} {
		x, err := ParseExpr(in, SQL)
		require.NoError(t, err)
		require.Equal(t, want, Print(Rewrite(x, func(x Expr) Expr {
			if id, ok := x.(*Ident); ok && id.Name == "c" {
				return &Ident{Name: "d"}
			}
			return x
		})), in)
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	q, err := Parse(everything, Cosmos)
	require.NoError(t, err)
	require.Same(t, q, Rewrite(q, func(x Expr) Expr {
		switch x := x.(type) {
		case *Literal:
			if x.Kind == Number {
				return &Literal{Kind: Number, Text: "1" + x.Text}
			}
		case *Ident:
			return &Ident{Name: x.Name + x.Name}
		}
		return x
	}))
	require.Equal(t, "SELECT DISTINCT TOP @n cc.a[10] ? [11] : {\"x\": -12},"+
		" udf.f(@p) ?? (SELECT VALUE 13) AS y, zz.q FROM cc JOIN z IN (SELECT 14) "+
		"WHERE cc.b IN (15, 16) AND cc.c LIKE \"l\" ESCAPE \"!\" OR (cc.d BETWEEN 17 AND 18) GROUP BY cc.e "+
		"ORDER BY cc.f OFFSET 19 LIMIT 110", Print(q))
}

// Rewrite comes to an expression when its parts are what it made of them, so that a part is not found as it was, and
// what it makes is not rewritten again.
func TestRewriteFromTheLeavesUp(t *testing.T) {
	t.Parallel()
	texts(t, func(text string, d Dialect, q *Query) {
		made := map[Expr]bool{}
		Rewrite(q, func(x Expr) Expr {
			require.False(t, made[x], "%s: %s is rewritten twice", text, Print(x))
			walkExpr(x, func(n Node) bool {
				part, ok := n.(Expr)
				if lit, isText := n.(*Literal); isText && lit.Kind == String && !made[lit] {
					return false // the text of ESCAPE
				}
				require.True(t, !ok || made[part], "%s: %s before its part %s", text, Print(x), Print(n))
				return false
			})
			fresh := &Unary{Op: "NOT", X: x}
			made[fresh] = true
			return fresh
		})
	})
}

// A walk that is told to leave a node out goes on behind it.
func TestWalkLeavesOut(t *testing.T) {
	t.Parallel()
	texts(t, func(text string, d Dialect, q *Query) {
		var all []Node
		Walk(q, func(n Node) bool {
			all = append(all, n)
			return true
		})
		for _, left := range all {
			under := map[Node]bool{}
			Walk(left, func(n Node) bool {
				under[n] = n != left
				return true
			})
			var seen, want []Node
			Walk(q, func(n Node) bool {
				seen = append(seen, n)
				return n != left
			})
			for _, n := range all {
				if !under[n] {
					want = append(want, n)
				}
			}
			require.Len(t, seen, len(want), text)
			for i := range want {
				require.True(t, want[i] == seen[i], text)
			}
		}
	})
}
