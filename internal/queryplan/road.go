package queryplan

import (
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// RoadKind is a way to answer a query.
type RoadKind int

// The ways, the straightest first.
const (
	PointRead    RoadKind = iota // one document is read by id and key
	OnePartition                 // the query goes as it is to one logical partition
	Parallel                     // the query goes as it is to every partition that may have something
	Planned                      // the service is asked for a plan
)

// String names the way as EXPLAIN shows it.
func (k RoadKind) String() string {
	return [...]string{"point read", "one logical partition", "parallel", "planned"}[k]
}

// Road is the way chosen for one query.
type Road struct {
	Kind   RoadKind
	ID     string        // of the document to read
	Key    partition.Key // the one logical partition there is to search, if it is known
	Ranges []Range       // where to search, if Key is nil; nil where only the plan knows
	Whole  bool          // the query gives right rows only if a single partition answers all of it
}

// Choose returns the straightest way to answer q. A key that the caller gave, whole or a prefix, decides where to look;
// otherwise WHERE may. A nil q is a query that could not be read here; the service will have to.
func Choose(q *nosql.Query, params map[string]value.Value, def partition.Definition, key partition.Key) Road {
	road := Road{Kind: Planned}
	keys, narrowed := []partition.Key{key}, key != nil
	if !narrowed && q != nil {
		keys, narrowed = Keys(q, params, def)
	}
	if narrowed && len(keys) == 1 && len(keys[0]) >= len(def.Paths) {
		road.Key = keys[0]
	}
	switch {
	case !narrowed && q != nil:
		road.Ranges = FullRange()
	case narrowed && road.Key == nil:
		road.Ranges = KeyRanges(keys, def)
	}
	road.Whole = q != nil && needsWhole(q)
	switch {
	case q == nil:
	case road.Key != nil && Sequential(q):
		road.Kind = OnePartition
		if id, ok := pointRead(q, params, def, road.Key); ok && key == nil {
			road.Kind, road.ID = PointRead, id
		}
	case road.Key == nil && Independent(q):
		road.Kind = Parallel
	}
	return road
}

// pointRead reports whether q asks for the one document that has an id and key, whole and under no further condition.
func pointRead(q *nosql.Query, params map[string]value.Value, def partition.Definition, key partition.Key) (string, bool) {
	if !selectsDocument(q) || len(q.From) != 1 || len(q.OrderBy) > 0 || q.Top != nil || q.Offset != nil || q.Limit != nil {
		return "", false
	}
	a, ok := newAnalysis(q, params, def)
	if !ok || len(a.prefix) > 0 {
		return "", false
	}
	id, fixed := "", map[string]bool{}
	for _, condition := range conjuncts(q.Where, nil) {
		name, v, ok := a.pinned(condition)
		if !ok || fixed[name] {
			return "", false
		}
		fixed[name] = true
		if name == "id" {
			if v.Kind() != value.KindString || !readable(v.AsString()) {
				return "", false
			}
			id = v.AsString()
		}
	}
	want := map[string]bool{"id": true}
	for _, path := range a.paths {
		want[strings.Join(path, "\x00")] = true
	}
	return id, len(fixed) == len(want)
}

// pinned reads path = constant, where the path is id or a part of the key and the value is one that a key holds exactly.
func (a *analysis) pinned(x nosql.Expr) (name string, v value.Value, ok bool) {
	eq, ok := x.(*nosql.Binary)
	if !ok || eq.Op != "=" {
		return "", value.Undefined, false
	}
	l, r := eq.L, eq.R
	if v, ok = a.constant(l); ok {
		l = r
	} else if v, ok = a.constant(r); !ok {
		return "", value.Undefined, false
	}
	path, ok := a.path(l)
	if !ok {
		return "", value.Undefined, false
	}
	if _, isKey := a.component(l); !isKey && (len(path) != 1 || path[0] != "id") {
		return "", value.Undefined, false
	}
	switch v.Kind() {
	case value.KindUndefined, value.KindArray, value.KindObject:
		return "", value.Undefined, false
	case value.KindNumber:
		// The key is a double; beyond 2^53 it stands for several numbers, and only one of them is asked for.
		if f := v.AsFloat(); f >= 1<<53 || f <= -1<<53 {
			return "", value.Undefined, false
		}
	}
	return strings.Join(path, "\x00"), v, true
}

func conjuncts(x nosql.Expr, list []nosql.Expr) []nosql.Expr {
	if and, ok := x.(*nosql.Binary); ok && and.Op == "AND" {
		return conjuncts(and.R, conjuncts(and.L, list))
	}
	return append(list, x)
}

// selectsDocument reports whether the rows of q are documents as they are.
func selectsDocument(q *nosql.Query) bool {
	if q.Select.Star {
		return true
	}
	if !q.Select.Value || len(q.Select.Items) != 1 || len(q.From) == 0 {
		return false
	}
	root, ok := q.Select.Items[0].X.(*nosql.Ident)
	return ok && root.Name == q.From[0].Name()
}

// readable reports whether a document with this id can be addressed by it.
func readable(id string) bool {
	return id != "" && id != "." && id != ".." && len(id) <= 1023 && !strings.ContainsAny(id, `/\?#`) && utf8.ValidString(id)
}
