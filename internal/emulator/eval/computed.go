package eval

import (
	"fmt"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// maxComputed is how many computed properties a container may have. Uncertain in the service.
const maxComputed = 20

// CheckComputed tells why a container's computed properties are not acceptable; nil when they are. It is asked when a
// container is made or replaced, so that a query never meets a definition that does not compile. The first fault is
// reported: the client shows one message anyway.
func CheckComputed(properties []ComputedProperty) error {
	if len(properties) > maxComputed {
		return &nosql.Error{Message: fmt.Sprintf("A container can have at most %d computed properties.", maxComputed)}
	}
	seen := make(map[string]bool, len(properties))
	for _, p := range properties {
		if p.Name == "" || seen[p.Name] {
			return computedError(p.Name, "its name is empty or used twice")
		}
		seen[p.Name] = true
		q, err := nosql.Parse(p.Query, nosql.Cosmos)
		if err != nil {
			return computedError(p.Name, err.Error())
		}
		if reason := unfit(q); reason != "" {
			return computedError(p.Name, reason)
		}
		if _, err := Compile(q, Options{}); err != nil {
			return computedError(p.Name, err.Error())
		}
	}
	return nil
}

func computedError(name, reason string) error {
	return &nosql.Error{Message: fmt.Sprintf("The computed property '%s' is not valid: %s.", name, reason)}
}

// unfit says what keeps q from being the query of a computed property; "" when nothing does. The clauses are those
// that the documentation excludes (COSMOS_SQL.md 5.11). A computed property is one value of one document.
func unfit(q *nosql.Query) string {
	if !q.Select.Value || q.Distinct || q.Top != nil || q.Where != nil || len(q.GroupBy) > 0 || len(q.OrderBy) > 0 ||
		q.Offset != nil || q.Limit != nil || len(q.From) != 1 || q.From[0].Query != nil || q.From[0].In {
		return "its query must have the form SELECT VALUE expression FROM c"
	}
	if _, ok := q.From[0].Path.(*nosql.Ident); !ok {
		return "its query must read the whole item"
	}
	return unfitExpr(q.Select.Items[0].X)
}

// The documentation wants it deterministic: whatever need not be the same for a document at any time is refused,
// clocks, random numbers, parameters and functions of the user.
func unfitExpr(x nosql.Expr) string {
	reason := ""
	switch x := x.(type) {
	case *nosql.Subquery:
		return "subqueries are not allowed"
	case *nosql.Param:
		return "parameters are not allowed"
	case *nosql.Call:
		switch f := lookup(x.Name); {
		case x.UDF:
			return "user-defined functions are not allowed"
		case f != nil && (f.fold != nil || f.volatile || f.rank != ""):
			return fmt.Sprintf("the function %s is not allowed", f.name)
		}
	}
	eachChild(x, func(x nosql.Expr) {
		if reason == "" {
			reason = unfitExpr(x)
		}
	})
	return reason
}

// computedProperty compiles the computed property name of the document that at binds. Other computed properties are
// not visible in it. It is compiled into the query that names it, over the alias that the query has, so that nothing
// is stored twice and an index on the path is not needed. The checks are repeated, for programs may be compiled over
// containers whose definitions nobody has checked.
func (c *compiler) computedProperty(name, query string, at binding) node {
	q, err := nosql.Parse(query, nosql.Cosmos)
	if err == nil {
		if reason := unfit(q); reason != "" {
			err = computedError(name, reason)
		}
	}
	if err != nil {
		return c.fail("", nosql.Span{}, "%s", err)
	}
	others := c.computed
	c.computed = nil
	at.name = q.From[0].Name()
	n := c.expr(&scope{names: []binding{at}}, q.Select.Items[0].X)
	c.computed = others
	return n
}
