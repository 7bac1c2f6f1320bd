package gateway

import (
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Request units of queries, as recorded over documents below 1 KB.
const (
	queryCharge = 2.25 // a query of nothing
	// Recorded between 0.55 and 0.6 (exchanges 46 and 55); the others are means in the same way.
	filterCharge = 0.57   // a filter on an index
	valueCharge  = 0.19   // LIKE; VALUE of a path under a filter
	countCharge  = 0.7    // aggregates
	rowCharge    = 0.0144 // each row of a whole document
	columnCharge = 0.013  // each row of one column
	moreColumns  = 0.0019 // each further column
	scriptCharge = 0.31   // user-defined functions
)

// cost says what a page of the query costs beside its rows, and each row. Clients and tests that add up charges must
// see which query is dear; the numbers themselves depend on the day (FACTS.md 24).
func (q *query) cost() (extra, row float64) {
	t := q.tree
	if t.Where != nil {
		extra = filterCharge
		if like := false; t.Select.Value && isPath(t.Select.Items[0].X) {
			extra += valueCharge
		} else if nosql.Walk(t.Where, func(n nosql.Node) bool {
			_, ok := n.(*nosql.Like)
			like = like || ok
			return true
		}); like {
			extra += valueCharge
		}
	}
	if len(q.aggregates()) > 0 {
		extra = countCharge
	}
	if q.callsScripts() {
		extra += scriptCharge
	}
	row = rowCharge
	if n := len(t.Select.Items); n > 0 && !t.Select.Value {
		// Recorded for one column and for two (FACTS.md 24); what more of them cost is a guess, kept within bounds.
		row = columnCharge + moreColumns*float64(min(n, 5)-1)
	}
	return extra, row
}

// callsScripts reports whether the query calls user-defined functions. Recorded exchange 158.
func (q *query) callsScripts() (found bool) {
	nosql.Walk(q.tree, func(n nosql.Node) bool {
		call, ok := n.(*nosql.Call)
		found = found || ok && call.UDF
		return !found
	})
	return found
}

// isPath reports whether an expression is a member of a document, however deep.
func isPath(x nosql.Expr) bool {
	m, ok := x.(*nosql.Member)
	if !ok {
		return false
	}
	_, root := m.X.(*nosql.Ident)
	return root || isPath(m.X)
}

// aggregates are the names of the aggregates that the query selects. MAKELIST and MAKESET are not among them: nothing
// of their cost is recorded.
func (q *query) aggregates() (names []string) {
	for _, item := range q.tree.Select.Items {
		nosql.Walk(item.X, func(n nosql.Node) bool {
			switch n := n.(type) {
			case *nosql.Call:
				switch strings.ToUpper(n.Name) {
				case "COUNT", "SUM", "AVG", "MIN", "MAX", "COUNTIF":
					names = append(names, n.Name)
				}
			case *nosql.Query: // a subquery's are its own
				return false
			}
			return true
		})
	}
	return names
}
