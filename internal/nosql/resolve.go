package nosql

import (
	"fmt"
	"slices"
)

// Resolve checks the names of q: every identifier in an expression is an alias in scope, or one [*Error] with the code
// [CodeUnresolved] is reported for it; the aliases of a query differ from one another, and so do the names of its
// select list. The error is an [*Error] or an [ErrorList] in the order of the text. The service's code for repeated
// aliases is not known: that error has none.
//
// The leading name of the first source is whatever the container is called, unless the query stands inside another
// one: there it must be one of the aliases outside.
func Resolve(q *Query) error {
	var r resolver
	r.query(q, nil)
	slices.SortStableFunc(r.errs, func(a, b *Error) int { return a.Start - b.Start })
	return r.errs.Err()
}

// scope is the aliases one query adds to those around it.
type scope struct {
	outer *scope
	names []string
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.outer {
		for _, n := range s.names {
			if n == name {
				return true
			}
		}
	}
	return false
}

// empty reports whether there is no alias at all.
func (s *scope) empty() bool {
	for ; s != nil; s = s.outer {
		if len(s.names) > 0 {
			return false
		}
	}
	return true
}

type resolver struct {
	errs ErrorList
	// roots collects the identifiers that name the container.
	roots []*Ident
	// free, if set, gets every identifier that is not an alias, instead of an error for it.
	free func(x *Ident, within *Query)
}

func (r *resolver) query(q *Query, outer *scope) {
	s := &scope{outer: outer}
	for i := range q.From {
		r.source(q, i, s)
	}
	for i := range q.Select.Items {
		r.expr(q.Select.Items[i].X, q, s)
	}
	r.expr(q.Where, q, s)
	for _, x := range q.GroupBy {
		r.expr(x, q, s)
	}
	for i := range q.OrderBy {
		if q.Aliased(q.OrderBy[i].X) == nil {
			r.expr(q.OrderBy[i].X, q, s)
		}
	}
	r.columns(q)
}

// source resolves the i-th source of q against those before it, and adds its alias.
func (r *resolver) source(q *Query, i int, s *scope) {
	src := &q.From[i]
	if src.Query != nil {
		r.query(src.Query, s)
	} else if root := Root(src.Path); root != nil && !s.has(root.Name) {
		if i == 0 && s.empty() {
			r.roots = append(r.roots, root)
		} else {
			r.unresolved(root, q)
		}
	}
	name := src.Name()
	if name == "" {
		return
	}
	for _, other := range s.names {
		if other == name {
			r.report("", src.Span, fmt.Sprintf("The alias '%s' is given to more than one source of the FROM clause.",
				name))
			return
		}
	}
	s.names = append(s.names, name)
}

func (r *resolver) expr(x Expr, q *Query, s *scope) {
	if x == nil {
		return
	}
	Walk(x, func(n Node) bool {
		switch n := n.(type) {
		case *Ident:
			if !s.has(n.Name) {
				r.unresolved(n, q)
			}
		case *Query:
			r.query(n, s)
			return false
		case *Let:
			r.expr(n.Value, q, s)
			r.expr(n.Body, q, &scope{outer: s, names: []string{n.Name}})
			return false
		}
		return true
	})
}

func (r *resolver) unresolved(x *Ident, within *Query) {
	if r.free != nil {
		r.free(x, within)
		return
	}
	r.report(CodeUnresolved, x.Span, fmt.Sprintf("Identifier '%s' could not be resolved.", x.Name))
}

// columns reports names that the select list has twice.
func (r *resolver) columns(q *Query) {
	names, ok := q.Columns()
	if !ok || len(names) < 2 {
		return
	}
	seen := make(map[string]bool, len(names))
	for i, name := range names {
		if seen[name] {
			it := &q.Select.Items[i]
			at := it.AliasSpan
			if it.Alias == "" {
				at = it.Span
			}
			r.report(CodeDuplicate, at, fmt.Sprintf("Object creation error, "+
				"property name '%s' specified more than once.", name))
		}
		seen[name] = true
	}
}

func (r *resolver) report(code string, at Span, message string) {
	r.errs = append(r.errs, &Error{Code: code, Message: message, Start: at.Start, End: at.End})
}

// Containers is the identifiers that name the container in q: usually one, the first word of FROM. There is none where
// q has no FROM, and several where subqueries without an outer alias begin anew.
func Containers(q *Query) []*Ident {
	r := resolver{free: func(*Ident, *Query) {}}
	r.query(q, nil)
	return r.roots
}

// FreeIdents calls visit for every identifier of q that is not an alias in scope, with the query it stands in. They are
// what SQL calls columns.
func FreeIdents(q *Query, visit func(x *Ident, within *Query)) {
	r := resolver{free: visit}
	r.query(q, nil)
}
