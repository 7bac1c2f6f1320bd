package statement

import (
	"fmt"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// qualifyColumns makes a property of the documents of every bare name that is not an alias. A name that leads into a
// path stays an error: an x in x.id that FROM does not know is more often a mistyped alias than a property.
func qualifyColumns(q *nosql.Query) error {
	tables := derivedTables(q)
	leading := leadingNames(q)
	owner := make(map[*nosql.Ident]string)
	var failed error
	nosql.FreeIdents(q, func(x *nosql.Ident, within *nosql.Query) {
		t := tables[within]
		table, src := "", sourceOf(within, x)
		if len(t.From) > 0 {
			table = t.From[0].Name()
		}
		if failed == nil && src == nil && !leading[x] {
			failed = pseudoColumn(x, table)
		}
		if failed != nil || table == "" {
			return
		}
		switch {
		case src != nil && src.In:
			owner[x] = table
		case src != nil:
			failed = columnError(x,
				"Cosmos DB joins a document with its own arrays only, as in x IN "+table+"."+x.Name+".")
		case leading[x]:
			failed = columnError(x, "For a property of the documents write "+table+"."+x.Name+".")
		case within == t || len(within.From) == 0:
			owner[x] = table
		default:
			failed = columnError(x,
				"In a subquery with a FROM of its own write the alias too, as in "+table+"."+x.Name+".")
		}
	})
	if failed != nil {
		return failed
	}
	nosql.Rewrite(q, func(x nosql.Expr) nosql.Expr {
		id, ok := x.(*nosql.Ident)
		if !ok || owner[id] == "" {
			return x
		}
		return &nosql.Member{Span: id.Span, X: &nosql.Ident{Span: id.Span, Name: owner[id]}, Name: id.Name}
	})
	return nil
}

func columnError(x *nosql.Ident, way string) error {
	return &nosql.Error{
		Code:    nosql.CodeUnresolved,
		Message: fmt.Sprintf("Identifier '%s' could not be resolved. %s", x.Name, way),
		Start:   x.Start,
		End:     x.End,
	}
}

// derivedTables says for q and every query in it whose documents a bare name in it means: those of q, or of the
// subquery that stands first in FROM, where Cosmos has no alias of an outer query.
func derivedTables(q *nosql.Query) map[*nosql.Query]*nosql.Query {
	tables := make(map[*nosql.Query]*nosql.Query)
	for table := q; table != nil; {
		nosql.Walk(table, func(n nosql.Node) bool {
			if within, ok := n.(*nosql.Query); ok {
				tables[within] = table
			}
			return true
		})
		if len(table.From) == 0 {
			break
		}
		table = table.From[0].Query
	}
	return tables
}

// leadingNames is the identifiers that a path leads on from.
func leadingNames(q *nosql.Query) map[*nosql.Ident]bool {
	leading := make(map[*nosql.Ident]bool)
	nosql.Walk(q, func(n nosql.Node) bool {
		var x nosql.Expr
		switch n := n.(type) {
		case *nosql.Member:
			x = n.X
		case *nosql.Index:
			x = n.X
		}
		if id, ok := x.(*nosql.Ident); ok {
			leading[id] = true
		}
		return true
	})
	return leading
}

// sourceOf is the source of q whose path x begins, or nil.
func sourceOf(q *nosql.Query, x *nosql.Ident) *nosql.Source {
	for i := range q.From {
		if nosql.Root(q.From[i].Path) == x {
			return &q.From[i]
		}
	}
	return nil
}
