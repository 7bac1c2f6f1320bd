package statement

import (
	"fmt"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// What SQL and Cosmos SQL both accept, and read differently, is refused here where the text does not tell which is
// meant.

// prefixes is what stands in front of a string in SQL and makes a value of another kind of it. Cosmos SQL reads the
// string as the alias of a property of that name.
var prefixes = map[string]bool{"E": true, "N": true, "X": true, "B": true, "U": true, "DATE": true, "TIME": true,
	"TIMESTAMP":   true,
	"TIMESTAMPTZ": true, "INTERVAL": true}

// checkPrefixes refuses DATE '2026-01-02' as an item of q.
func checkPrefixes(q *nosql.Query, text string) error {
	var failed error
	nosql.Walk(q, func(n nosql.Node) bool {
		within, ok := n.(*nosql.Query)
		for i := 0; ok && i < len(within.Select.Items); i++ {
			it := within.Select.Items[i]
			id, isName := it.X.(*nosql.Ident)
			if !isName || id.Quoted || !prefixes[strings.ToUpper(id.Name)] || it.AliasSpan.Start == 0 {
				continue
			}
			l := nosql.NewLexer(text[id.End:], nosql.SQL)
			if t := l.Next(); t.Kind == nosql.Text && failed == nil {
				failed = &nosql.Error{
					Code:    nosql.CodeSyntax,
					Message: "Syntax error, incorrect syntax near '" + text[it.AliasSpan.Start:it.AliasSpan.End] + "'.",
					Start:   it.AliasSpan.Start, End: it.AliasSpan.End,
				}
			}
		}
		return failed == nil
	})
	return failed
}

// checkNot refuses NOT c.a = 1 in a SELECT that is not valid Cosmos SQL: Cosmos negates c.a, SQL the comparison.
func checkNot(q *nosql.Query, text string) error {
	aliases := sourceNames(q)
	var failed error
	nosql.Walk(q, func(n nosql.Node) bool {
		u, ok := n.(*nosql.Unary)
		if !ok || u.Op != "NOT" || failed != nil || !bareNot(u, text) || !hasAliasPath(u.X, aliases, text) {
			return failed == nil
		}
		at := u.X.Pos()
		operand := text[at.Start:at.End]
		failed = &nosql.Error{
			Message: fmt.Sprintf("NOT %[1]s negates its first operand in Cosmos "+
				"SQL and the whole in SQL: write NOT (%[1]s), "+
				"or parentheses around NOT and its operand.", operand),
			Start: u.Start, End: u.End,
		}
		return false
	})
	return failed
}

// bareNot reports whether the operand of u is an operation without parentheses around it.
func bareNot(u *nosql.Unary, text string) bool {
	switch x := u.X.(type) {
	case *nosql.Binary:
		if x.Op == "AND" || x.Op == "OR" {
			return false
		}
	case *nosql.In, *nosql.Like, *nosql.Between:
	default:
		return false
	}
	l := nosql.NewLexer(text[u.Start:], nosql.SQL)
	l.Next() // NOT
	return u.Start+l.Next().Start == u.X.Pos().Start
}

// hasAliasPath reports whether x has a path of an alias as Cosmos SQL writes it.
func hasAliasPath(x nosql.Expr, aliases map[string]bool, text string) bool {
	found := false
	nosql.Walk(x, func(n nosql.Node) bool {
		switch n := n.(type) {
		case *nosql.Subquery:
			return false
		case *nosql.Ident:
			found = found || !n.Quoted && aliases[n.Name]
		case *nosql.Member:
			return !quotedStep(n, text)
		}
		return !found
	})
	return found
}
