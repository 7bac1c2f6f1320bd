package statement

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// standardise rewrites q, read in the SQL dialect, into Cosmos SQL. Each rule stands in docs/standard-sql.md.
func standardise(q *nosql.Query) error {
	sortByColumns(q)
	if err := qualifyColumns(q); err != nil {
		return err
	}
	plainNames(q)
	nosql.Rewrite(q, cosmosWords)
	if q.Limit != nil && q.Offset == nil {
		q.Offset = &nosql.Literal{Kind: nosql.Number, Text: "0"}
	}
	return nosql.Resolve(q)
}

// cosmosWords puts into Cosmos's words what only SQL writes: COUNT(*), and IS NULL, which is true both for Cosmos's
// null and for a property that is not there.
func cosmosWords(x nosql.Expr) nosql.Expr {
	switch x := x.(type) {
	case *nosql.Call:
		if x.Star {
			x.Star, x.Args = false, []nosql.Expr{&nosql.Literal{Kind: nosql.Number, Text: "1"}}
		}
	case *nosql.IsNull:
		defined := &nosql.Call{Span: x.Span, NameSpan: x.Span, Name: "IS_DEFINED", Args: []nosql.Expr{x.X}}
		null := &nosql.Call{Span: x.Span, NameSpan: x.Span, Name: "IS_NULL", Args: []nosql.Expr{x.X}}
		if x.Not {
			return &nosql.Binary{Span: x.Span, Op: "AND", L: defined, R: &nosql.Unary{Span: x.Span, Op: "NOT", X: null}}
		}
		return &nosql.Binary{Span: x.Span, Op: "OR", L: &nosql.Unary{Span: x.Span, Op: "NOT", X: defined}, R: null}
	}
	return x
}

// sortByColumns replaces the alias of an item in ORDER BY by the item: Cosmos sorts by paths only.
func sortByColumns(q *nosql.Query) {
	for i := range q.OrderBy {
		name := sortedName(q, q.OrderBy[i].X)
		for j := range q.Select.Items {
			if name != "" && q.Select.Items[j].Alias == name {
				q.OrderBy[i].X = q.Select.Items[j].X
			}
		}
	}
}

// sortedName is the column name that the sort key x may be: a bare word that is not a source, or a quoted one, which is
// a string elsewhere but would be no sort key. It is "" for anything else.
func sortedName(q *nosql.Query, x nosql.Expr) string {
	switch x := x.(type) {
	case *nosql.Ident:
		if !isSource(q, x.Name) {
			return x.Name
		}
	case *nosql.Literal:
		if x.Kind == nosql.String {
			return x.Text
		}
	}
	return ""
}

func isSource(q *nosql.Query, name string) bool {
	for i := range q.From {
		if q.From[i].Name() == name {
			return true
		}
	}
	return false
}
