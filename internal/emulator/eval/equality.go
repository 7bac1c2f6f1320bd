package eval

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Equality says that a document can only pass the filter if the property at Path has one of Values. No values at all
// say that no document passes: c.a = undefined.
type Equality struct {
	Path   []string
	Values []value.Value
}

// filtered reports whether q filters whole documents. Over FROM c.kids or a subquery an alias is not the document,
// and its paths are not the index's.
func filtered(q *nosql.Query) bool {
	if q.Where == nil || len(q.From) == 0 || q.From[0].In || q.From[0].Query != nil {
		return false
	}
	_, whole := q.From[0].Path.(*nosql.Ident)
	return whole
}

// equalities lists what the filter of q requires of single properties of a document. Only terms of the outermost AND
// count: what stands below OR or NOT does not bind every row. They narrow what is read and replace nothing; the
// filter is evaluated all the same, so leaving one out is always safe.
func (c *compiler) equalities(q *nosql.Query) []Equality {
	if !filtered(q) {
		return nil
	}
	var all []Equality
	for _, x := range chain("AND", q.Where) {
		if eq, ok := c.equality(q.From[0].Name(), x); ok {
			all = append(all, eq)
		}
	}
	return all
}

func (c *compiler) equality(alias string, x nosql.Expr) (Equality, bool) {
	switch x := x.(type) {
	case *nosql.Binary:
		if x.Op != "=" {
			break
		}
		if path, ok := c.documentPath(alias, x.L); ok {
			return c.fixed(path, x.R)
		}
		if path, ok := c.documentPath(alias, x.R); ok {
			return c.fixed(path, x.L)
		}
	case *nosql.In:
		if path, ok := c.documentPath(alias, x.X); ok && !x.Not {
			return c.fixed(path, x.List...)
		}
	}
	return Equality{}, false
}

// documentPath reads alias.a.b as the names a, b of stored properties. An array index ends it, since no index of the
// server goes into arrays; a computed property is not stored.
func (c *compiler) documentPath(alias string, x nosql.Expr) ([]string, bool) {
	base, steps := unwind(x)
	id, ok := base.(*nosql.Ident)
	if !ok || id.Name != alias || len(steps) == 0 {
		return nil, false
	}
	path := make([]string, len(steps))
	for i, x := range steps {
		m, ok := x.(*nosql.Member)
		if !ok {
			return nil, false
		}
		path[i] = m.Name
	}
	_, computed := c.computed[path[0]]
	return path, !computed
}

// fixed is the equality of path with constants, if that is what xs are. One value that is only known per document
// makes the list useless: any document might equal it.
func (c *compiler) fixed(path []string, xs ...nosql.Expr) (Equality, bool) {
	eq := Equality{Path: path, Values: make([]value.Value, 0, len(xs))}
	for _, x := range xs {
		v, ok := c.fixedValue(x)
		if !ok {
			return Equality{}, false
		}
		if v.IsDefined() { // nothing equals undefined
			eq.Values = append(eq.Values, v)
		}
	}
	return eq, true
}
