package statement

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Cosmos SQL has strings in either quotes; in SQL a word in double quotes is a name. Which of the two a text means is
// decided once, here:
//
//   - a SELECT that is valid Cosmos SQL means what Cosmos means, see [onlyConstants];
//   - in every other text a double-quoted operand is a name, see [quotedNames]; but where its place suggests that the
//     text may be meant, it is refused, see [checkMixed].
//
// Inside of arrays and objects, which SQL does not have, a double-quoted element is JSON, a text.

// quotedNames makes names of the double-quoted operands of q, which text was read for in the SQL dialect. gocosmos's
// "\"text\"", "[1]" and "{\"a\": 1}" stay the values that they hold.
func quotedNames(q *nosql.Query, text string) error {
	if err := checkMixed(q, text); err != nil {
		return err
	}
	_, err := nameOperands(q, text)
	return err
}

// quotedValue is [quotedNames] for a value of VALUES or SET.
func quotedValue(x nosql.Expr, text string) (nosql.Expr, error) {
	n, err := nameOperands(x, text)
	value, _ := n.(nosql.Expr)
	return value, err
}

func nameOperands(n nosql.Node, text string) (nosql.Node, error) {
	elements := jsonElements(n)
	var failed error
	n = nosql.Rewrite(n, func(x nosql.Expr) nosql.Expr {
		lit, ok := doubleQuoted(x, text)
		if !ok || elements[lit] || failed != nil {
			return x
		}
		if value, ok := gocosmosValue(lit); ok {
			return value
		}
		if s := strings.TrimSpace(lit.Text); s == "" || json.Valid([]byte(s)) {
			failed = ambiguous(lit, text, "")
			return x
		}
		return &nosql.Ident{Span: lit.Span, Name: lit.Text, Quoted: true}
	})
	return n, failed
}

// doubleQuoted is x as a string that text has in double quotes.
func doubleQuoted(x nosql.Node, text string) (*nosql.Literal, bool) {
	lit, ok := x.(*nosql.Literal)
	ok = ok && lit.Kind == nosql.String && lit.End > lit.Start && lit.End <= len(text) && text[lit.Start] == '"'
	return lit, ok
}

// jsonElements is the literals that stand in arrays and objects.
func jsonElements(n nosql.Node) map[*nosql.Literal]bool {
	elements := make(map[*nosql.Literal]bool)
	add := func(x nosql.Expr) {
		if lit, ok := x.(*nosql.Literal); ok {
			elements[lit] = true
		}
	}
	nosql.Walk(n, func(n nosql.Node) bool {
		switch n := n.(type) {
		case *nosql.Array:
			for _, x := range n.Items {
				add(x)
			}
		case *nosql.Object:
			for _, f := range n.Fields {
				add(f.Value)
			}
		}
		return true
	})
	return elements
}

// gocosmosValue is the JSON string, array or object that lit holds, which is how gocosmos writes them.
func gocosmosValue(lit *nosql.Literal) (nosql.Expr, bool) {
	s := strings.TrimSpace(lit.Text)
	if s == "" || !strings.ContainsRune(`{["`, rune(s[0])) || !json.Valid([]byte(s)) {
		return nil, false
	}
	value, err := nosql.ParseExpr(s, nosql.Cosmos)
	if err != nil {
		return nil, false
	}
	// The places in s are none in the text: all of the value stands where lit does.
	nosql.Walk(value, func(n nosql.Node) bool {
		switch n := n.(type) {
		case *nosql.Literal:
			n.Span = nosql.Span{Start: lit.Start, End: lit.Start}
		case *nosql.Array:
			n.Span = lit.Span
		case *nosql.Object:
			n.Span = lit.Span
		}
		return true
	})
	return value, true
}

// ambiguous refuses lit, which may be a text or a property. alias is what the documents are called; "" for none.
func ambiguous(lit *nosql.Literal, text, alias string) error {
	message := fmt.Sprintf("%s may mean a text or the JSON in it: write %s for the text, %s for the other.",
		text[lit.Start:lit.End], nosql.SingleQuoted(lit.Text), lit.Text)
	switch {
	case alias != "":
		property := nosql.Print(&nosql.Member{X: &nosql.Ident{Name: alias}, Name: lit.Text})
		message = fmt.Sprintf("%s may mean a text or a property: write %s for the text, %s for the property.",
			text[lit.Start:lit.End], nosql.SingleQuoted(lit.Text), property)
	case strings.TrimSpace(lit.Text) == "":
		message = fmt.Sprintf("%s is not a name: write %s for the text.", text[lit.Start:lit.End],
			nosql.SingleQuoted(lit.Text))
	}
	return &nosql.Error{Message: message, Start: lit.Start, End: lit.End}
}

// checkMixed refuses an operation between a path of an alias, written as Cosmos SQL has it, and a double-quoted
// operand: in c.status = "active" it is a text for whoever thinks in Cosmos SQL and a property for whoever thinks in
// SQL.
func checkMixed(q *nosql.Query, text string) error {
	aliases := sourceNames(q)
	var failed error
	eachOperation(q, func(x nosql.Expr) {
		var lit *nosql.Literal
		var alias string
		elements := jsonElements(x)
		nosql.Walk(x, func(n nosql.Node) bool {
			if found, ok := doubleQuoted(n, text); ok && !elements[found] && lit == nil {
				lit = found
			}
			switch n := n.(type) {
			case *nosql.Subquery:
				return false // it is looked into by itself
			case *nosql.Ident:
				if !n.Quoted && aliases[n.Name] {
					alias = n.Name
				}
			case *nosql.Member:
				return !quotedStep(n, text)
			}
			return true
		})
		if lit != nil && alias != "" && failed == nil {
			failed = ambiguous(lit, text, alias)
		}
	})
	return failed
}

// quotedStep reports whether the path m has a step in double quotes that is not in brackets, which only SQL writes.
func quotedStep(m *nosql.Member, text string) bool {
	for {
		if !m.Bracket && m.End > 0 && m.End <= len(text) && text[m.End-1] == '"' {
			return true
		}
		inner, ok := m.X.(*nosql.Member)
		if !ok {
			return false
		}
		m = inner
	}
}

// sourceNames is the names that the sources of q and of its subqueries have.
func sourceNames(q *nosql.Query) map[string]bool {
	names := make(map[string]bool)
	nosql.Walk(q, func(n nosql.Node) bool {
		if within, ok := n.(*nosql.Query); ok {
			for _, s := range within.From {
				if name := s.Name(); name != "" {
					names[name] = true
				}
			}
		}
		return true
	})
	return names
}

// eachOperation calls visit for what AND, OR and NOT join in the clauses of q, of its subqueries too.
func eachOperation(q *nosql.Query, visit func(nosql.Expr)) {
	nosql.Walk(q, func(n nosql.Node) bool {
		within, ok := n.(*nosql.Query)
		if !ok {
			return true
		}
		for _, it := range within.Select.Items {
			splitLogic(it.X, visit)
		}
		splitLogic(within.Where, visit)
		for _, x := range within.GroupBy {
			splitLogic(x, visit)
		}
		for _, s := range within.OrderBy {
			splitLogic(s.X, visit)
		}
		return true
	})
}

// splitLogic calls visit for the operands of the AND, OR and NOT that x is made of.
func splitLogic(x nosql.Expr, visit func(nosql.Expr)) {
	switch y := x.(type) {
	case nil:
	case *nosql.Unary:
		if y.Op == "NOT" {
			splitLogic(y.X, visit)
			return
		}
		visit(x)
	case *nosql.Binary:
		if y.Op == "AND" || y.Op == "OR" {
			splitLogic(y.L, visit)
			splitLogic(y.R, visit)
			return
		}
		visit(x)
	default:
		visit(x)
	}
}

// onlyConstants refuses a query that is valid Cosmos SQL but compares a double-quoted text with constants alone, as in
// WHERE "status" = 'active': nobody means that.
func onlyConstants(q *nosql.Query, text string) error {
	if len(q.From) == 0 {
		return nil // SELECT "a" < "b" may well be meant
	}
	var failed error
	alias := q.From[0].Name()
	nosql.Walk(q, func(n nosql.Node) bool {
		x, ok := n.(nosql.Expr)
		if !ok || failed != nil || !isComparison(x) {
			return failed == nil
		}
		elements := jsonElements(x)
		var lit *nosql.Literal
		constant := true
		nosql.Walk(x, func(n nosql.Node) bool {
			switch n := n.(type) {
			case *nosql.Ident, *nosql.Subquery:
				constant = false
			case *nosql.Literal:
				if found, ok := doubleQuoted(n, text); ok && !elements[found] && lit == nil {
					lit = found
				}
			}
			return constant
		})
		if constant && lit != nil {
			failed = ambiguous(lit, text, alias)
		}
		return true
	})
	return failed
}

func isComparison(x nosql.Expr) bool {
	switch x := x.(type) {
	case *nosql.Binary:
		switch x.Op {
		case "=", "!=", "<", "<=", ">", ">=":
			return true
		}
	case *nosql.In, *nosql.Like, *nosql.Between:
		return true
	}
	return false
}
