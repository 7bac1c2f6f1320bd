package queryplan

import (
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// oneDocument is the WHERE of a query for one document: `id = …` and, but for those whose callers give the key, an
// equality for each part of the partition key, under no further condition.
type oneDocument struct {
	id  nosql.Expr
	key []nosql.Expr // nil where WHERE does not say it
}

// findsOne reads the WHERE of a query; nil if it is anything else, or its From is.
func findsOne(q *nosql.Query, def partition.Definition) *oneDocument {
	if len(q.From) != 1 {
		return nil
	}
	a, ok := newAnalysis(q, nil, def)
	if !ok || len(a.prefix) > 0 {
		return nil
	}
	one := &oneDocument{key: make([]nosql.Expr, len(a.paths))}
	parts := 0
	conditions := conjuncts(q.Where, nil)
	for _, condition := range conditions {
		part, isKey, x := a.pinned(condition)
		isID := len(part) == 1 && part[0] == "id"
		if x == nil || isID && one.id != nil {
			return nil
		}
		if isID {
			one.id = x
		}
		if isKey >= 0 {
			if one.key[isKey] != nil {
				return nil
			}
			one.key[isKey] = x
			parts++
		}
	}
	switch {
	case one.id == nil:
		return nil
	case parts == len(one.key):
		return one
	case len(conditions) == 1:
		return &oneDocument{id: one.id}
	}
	return nil
}

// pinned reads path = x, where the path is the id or a part of the key; component is the number of that part, -1 for
// none. For anything else x is nil. Whether x is a constant is seen when it is bound.
func (a *analysis) pinned(condition nosql.Expr) (path []string, component int, x nosql.Expr) {
	eq, ok := condition.(*nosql.Binary)
	if !ok || eq.Op != "=" {
		return nil, -1, nil
	}
	x = eq.R
	if path, ok = a.path(eq.L); !ok {
		x = eq.L
		if path, ok = a.path(eq.R); !ok {
			return nil, -1, nil
		}
	}
	component = slices.IndexFunc(a.paths, func(p []string) bool { return slices.Equal(p, path) })
	if component < 0 && !(len(path) == 1 && path[0] == "id") {
		return nil, -1, nil
	}
	return path, component, x
}

func conjuncts(x nosql.Expr, list []nosql.Expr) []nosql.Expr {
	if and, ok := x.(*nosql.Binary); ok && and.Op == "AND" {
		return conjuncts(and.R, conjuncts(and.L, list))
	}
	return append(list, x)
}

// bind returns the id of the document, and the key where WHERE says it. It is false for values of which several
// documents may have one that is equal, or none.
func (o *oneDocument) bind(params map[string]value.Value) (string, partition.Key, bool) {
	if o == nil {
		return "", nil, false
	}
	id, ok := Constant(o.id, params)
	if !ok || id.Kind() != value.KindString || !readable(id.AsString()) {
		return "", nil, false
	}
	if o.key == nil {
		return id.AsString(), nil, true
	}
	key := make(partition.Key, len(o.key))
	for i, x := range o.key {
		v, ok := Constant(x, params)
		if !ok || !exact(v) {
			return "", nil, false
		}
		key[i] = component(v)
	}
	return id.AsString(), key, true
}

// exact reports whether the documents whose key is v are those whose property equals it. The key is a double; beyond
// 2^53 it stands for several numbers, and only one of them is asked for.
func exact(v value.Value) bool {
	switch v.Kind() {
	case value.KindUndefined, value.KindArray, value.KindObject:
		return false
	case value.KindNumber:
		f := v.AsFloat()
		return f < 1<<53 && f > -1<<53
	}
	return true
}

// Document returns id and partition key of the one document that q reads, under no further condition; ok is false if it
// may read others.
func Document(q *nosql.Query, params map[string]value.Value,
	def partition.Definition) (id string, key partition.Key, ok bool) {
	id, key, ok = findsOne(q, def).bind(params)
	return id, key, ok && key != nil
}

// readable reports whether a point read takes the place of a query for this id. Documents may have ids with ? and #,
// which a path carries escaped; a query is left a query there, since proxies in front of emulators unescape them.
func readable(id string) bool {
	return naming.CheckItemID(id) == nil && !strings.ContainsAny(id, "?#")
}
