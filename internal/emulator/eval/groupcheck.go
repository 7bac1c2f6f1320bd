package eval

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// grouping is what the select list of a grouping query may refer to. Expressions are the same when they print the
// same; nodes spares printing those that have not as many parts as any key. Printing every part of a long select list
// for every key took time that grew with its square.
type grouping struct {
	keys  map[string]bool
	nodes map[int]bool
	count map[nosql.Expr]int
}

// An aggregate without GROUP BY has no keys, and then every property outside of aggregates is refused.
func newGrouping(keys []nosql.Expr) *grouping {
	g := &grouping{keys: make(map[string]bool), nodes: make(map[int]bool), count: make(map[nosql.Expr]int)}
	for _, x := range keys {
		g.keys[canonical(x)] = true
		g.nodes[g.size(x)] = true
	}
	return g
}

// size counts the parts of x, once for each of them.
func (g *grouping) size(x nosql.Expr) int {
	n, known := g.count[x]
	if !known {
		n = 1
		eachChild(x, func(x nosql.Expr) { n += g.size(x) })
		g.count[x] = n
	}
	return n
}

func (g *grouping) has(x nosql.Expr) bool { return g.nodes[g.size(x)] && g.keys[canonical(x)] }

// checkGrouped reports the properties in the select list of a grouping query that are neither grouped by nor
// aggregated. One finding for each reference, as the service reports them, SC2102, with the place of each.
func (c *compiler) checkGrouped(s *scope, q *nosql.Query) {
	g := newGrouping(q.GroupBy)
	for _, it := range q.Select.Items {
		c.checkItem(s, it.X, g)
	}
	for i := range q.OrderBy {
		if len(q.GroupBy) > 0 && q.Aliased(q.OrderBy[i].X) == nil {
			c.checkItem(s, q.OrderBy[i].X, g)
		}
	}
}

// What is composed of keys and constants is fine: UPPER(c.n) with GROUP BY c.n (COSMOS_SQL.md 5.6).
func (c *compiler) checkItem(s *scope, x nosql.Expr, g *grouping) {
	if g.has(x) {
		return
	}
	switch x := x.(type) {
	case *nosql.Call:
		if isAggregate(x) {
			return
		}
	case *nosql.Ident, *nosql.Member, *nosql.Index:
		base, steps := unwind(x)
		if c.checkPath(s, x, base, steps, g) {
			return
		}
		for _, st := range steps {
			if ix, ok := st.(*nosql.Index); ok {
				c.checkItem(s, ix.I, g)
			}
		}
		if base != x {
			c.checkItem(s, base, g)
		}
		return
	case *nosql.Subquery:
		c.checkSubqueryItem(s, x.Query, g)
		return
	}
	eachChild(x, func(x nosql.Expr) { c.checkItem(s, x, g) })
}

// checkSubqueryItem does the same for the paths of a subquery that begin with an alias of the query around it.
// Otherwise such a path would read the alias's value in the group's first row, which no user could foresee.
func (c *compiler) checkSubqueryItem(s *scope, q *nosql.Query, g *grouping) {
	outer := make(map[*nosql.Ident]bool)
	for _, id := range nosql.Containers(q) { // so an alias at the beginning of FROM looks from inside
		outer[id] = true
	}
	nosql.FreeIdents(q, func(id *nosql.Ident, _ *nosql.Query) { outer[id] = true })
	nosql.Walk(q, func(n nosql.Node) bool {
		x, ok := n.(nosql.Expr)
		if !ok {
			return true
		}
		base, steps := unwind(x)
		if id, ok := base.(*nosql.Ident); !ok || !outer[id] {
			return true
		}
		c.checkPath(s, x, base, steps, g)
		return false
	})
}

// checkPath reports whether x is a path from one of the query's own aliases, and whether that is allowed.
func (c *compiler) checkPath(s *scope, x, base nosql.Expr, steps []nosql.Expr, g *grouping) bool {
	id, ok := base.(*nosql.Ident)
	if !ok || !s.owns(id.Name) {
		return false
	}
	// Grouped by c.a, c.a.b is the same for the whole group as well.
	if g.has(base) || slices.ContainsFunc(steps, g.has) {
		return true
	}
	c.fail(codeUngrouped, x.Pos(), "Property reference '%s' is invalid in the select list because it is not contained "+
		"in either an aggregate function or the GROUP BY clause.", nosql.Print(x))
	return true
}

// canonical is a text that is the same for expressions that are: c.a and c["a"] differ only in how they are written.
func canonical(x nosql.Expr) string {
	base, steps := unwind(x)
	id, ok := base.(*nosql.Ident)
	if !ok {
		return nosql.Print(x)
	}
	var text strings.Builder
	text.WriteString(strconv.Quote(id.Name))
	for _, s := range steps {
		m, ok := s.(*nosql.Member)
		if !ok {
			return nosql.Print(x)
		}
		text.WriteString(strconv.Quote(m.Name))
	}
	return text.String()
}
