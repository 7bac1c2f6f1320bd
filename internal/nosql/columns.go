package nosql

import "strconv"

// Columns is the names of the properties that q's rows have, in the order of its select list: the alias, else the last
// name of a path, else $1, $2, … counted over the items with neither. It is false for SELECT * and SELECT VALUE, whose
// rows have no names of the query's own.
func (q *Query) Columns() ([]string, bool) {
	if q.Select.Star || q.Select.Value {
		return nil, false
	}
	names := make([]string, len(q.Select.Items))
	unnamed := 0
	for i := range q.Select.Items {
		it := &q.Select.Items[i]
		if names[i] = it.Alias; names[i] == "" {
			names[i] = impliedName(it.X)
		}
		if names[i] == "" {
			unnamed++
			names[i] = "$" + strconv.Itoa(unnamed)
		}
	}
	return names, true
}

// Aliased is the item of a grouping query that ORDER BY names by its alias alone, or nil. Everywhere else aliases of
// the select list cannot be referred to.
func (q *Query) Aliased(x Expr) Expr {
	id, ok := x.(*Ident)
	if !ok || len(q.GroupBy) == 0 {
		return nil
	}
	for i := range q.From {
		if q.From[i].Name() == id.Name {
			return nil
		}
	}
	for i := range q.Select.Items {
		if q.Select.Items[i].Alias == id.Name {
			return q.Select.Items[i].X
		}
	}
	return nil
}

// Name is the alias under which the rest of the query sees s: the one written, else the last name of its path. It is
// "" for a subquery and a path that ends in [0]: nothing can refer to those.
func (s Source) Name() string {
	if s.Alias != "" || s.Path == nil {
		return s.Alias
	}
	return impliedName(s.Path)
}

// impliedName is the name that x has without an alias, or "".
func impliedName(x Expr) string {
	switch x := x.(type) {
	case *Ident:
		return x.Name
	case *Member:
		return x.Name
	}
	return ""
}

// MemberPath splits a.b.c into its root a and the names b and c; false where x is anything else. A path of only a root
// has no names.
func MemberPath(x Expr) (root string, names []string, ok bool) { return AppendMemberPath(nil, x) }

// AppendMemberPath is [MemberPath] that appends the names to dst.
func AppendMemberPath(dst []string, x Expr) (root string, names []string, ok bool) {
	switch x := x.(type) {
	case *Ident:
		return x.Name, dst, true
	case *Member:
		if root, names, ok = AppendMemberPath(dst, x.X); ok {
			return root, append(names, x.Name), true
		}
	}
	return "", dst, false
}

// Root is the identifier that the path x begins with, or nil where x is not a path.
func Root(x Expr) *Ident {
	for {
		switch y := x.(type) {
		case *Ident:
			return y
		case *Member:
			x = y.X
		case *Index:
			x = y.X
		default:
			return nil
		}
	}
}
