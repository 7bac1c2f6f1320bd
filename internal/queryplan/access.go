package queryplan

import (
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// AccessKind is a way to answer a query.
type AccessKind int

// The ways, the straightest first.
const (
	PointRead       AccessKind = iota // one document is read by id and key
	SinglePartition                   // the query goes as it is to one logical partition
	FanOut                            // the query goes as it is to every partition that may have something
	Planned                           // the service is asked for a plan
)

// String names the way as EXPLAIN shows it.
func (k AccessKind) String() string {
	return [...]string{"point read", "one partition", "fan-out", "planned"}[k]
}

// AccessPath is the way chosen for one query.
type AccessPath struct {
	Kind   AccessKind
	ID     string        // of the document to read
	Row    *Row          // what a row has of that document; nil for all of it
	Key    partition.Key // the one logical partition there is to search, if it is known
	Ranges []Range       // where to search, if Key is nil; nil where only the plan knows
	Feed   *Range        // the feed range that the caller limits the query to; nil for the whole container
	Whole  bool          // the query gives right rows only if a single partition answers all of it
}

// Choose returns the straightest way to answer q. A key that the caller gave, whole or a prefix, decides where to look;
// otherwise WHERE may, within the feed range that the caller gave, if any. A nil q is a query that could not be read
// here; the service will have to. computed are the names of the container's computed properties, which documents do not
// have.
func Choose(q *nosql.Query, params map[string]value.Value, def partition.Definition, key partition.Key, feed *Range,
	computed []string) AccessPath {
	access := AccessPath{Kind: Planned, Feed: feed}
	keys, narrowed := []partition.Key{key}, key != nil
	if !narrowed && q != nil {
		keys, narrowed = Keys(q, params, def)
	}
	if narrowed && len(keys) == 1 && len(keys[0]) >= len(def.Paths) &&
		(feed == nil || feed.contains(def.EPK(keys[0]))) {
		access.Key = keys[0]
	}
	switch {
	case !narrowed && q != nil:
		access.Ranges = access.Within(FullRange())
	case narrowed && access.Key == nil:
		access.Ranges = access.Within(KeyRanges(keys, def))
	}
	access.Whole = q != nil && needsWhole(q)
	switch {
	case q == nil:
	case access.Key != nil && Sequential(q):
		access.Kind = SinglePartition
		if row, plain := rowOf(q, computed); plain {
			if id, ok := pointRead(q, params, def, key); ok {
				access.Kind, access.ID, access.Row = PointRead, id, row
			}
		}
	case access.Key == nil && Independent(q):
		access.Kind = FanOut
	}
	return access
}

// Within returns what the caller's feed range has of ranges. If that is nothing, it is the point at which the feed
// range begins: the query finds nothing there, but needs some partition to run in.
func (p AccessPath) Within(ranges []Range) []Range {
	if p.Feed == nil {
		return ranges
	}
	var inside []Range
	for _, r := range ranges {
		if r.Min == r.Max {
			if p.Feed.contains(r.Min) {
				inside = append(inside, r)
			}
			continue
		}
		if partition.Compare(r.Min, p.Feed.Min) < 0 {
			r.Min = p.Feed.Min
		}
		if partition.Compare(r.Max, p.Feed.Max) > 0 {
			r.Max = p.Feed.Max
		}
		if partition.Compare(r.Min, r.Max) < 0 {
			inside = append(inside, r)
		}
	}
	if inside == nil {
		inside = []Range{{Min: p.Feed.Min, Max: p.Feed.Min, MinInclusive: true, MaxInclusive: true}}
	}
	return inside
}

// contains reports whether an EPK is in [Min, Max).
func (r Range) contains(epk string) bool {
	return partition.Compare(r.Min, epk) <= 0 && partition.Compare(epk, r.Max) < 0
}

// pointRead reports whether q asks for the one document that has an id and key, under no further condition. given is
// the key that the caller gave, nil where WHERE has it. WHERE may say it, too.
func pointRead(
	q *nosql.Query, params map[string]value.Value, def partition.Definition, given partition.Key,
) (string, bool) {
	if len(q.OrderBy) > 0 || q.Top != nil || q.Offset != nil || q.Limit != nil {
		return "", false
	}
	if given != nil {
		keys, narrowed := Keys(q, params, def)
		if !narrowed {
			return oneDocument(q, params, def, false)
		}
		if len(keys) != 1 || !slices.Equal(keys[0], given) {
			return "", false
		}
	}
	return oneDocument(q, params, def, true)
}

// Document returns id and partition key of the one document that q reads, under no further condition; ok is false if it
// may read others.
func Document(q *nosql.Query, params map[string]value.Value,
	def partition.Definition) (id string, key partition.Key, ok bool) {
	keys, narrowed := Keys(q, params, def)
	if !narrowed || len(keys) != 1 || len(keys[0]) < len(def.Paths) {
		return "", nil, false
	}
	id, ok = oneDocument(q, params, def, true)
	return id, keys[0], ok
}

// oneDocument returns the id of the document that WHERE fixes by id and, where keyed, by its key.
func oneDocument(q *nosql.Query, params map[string]value.Value, def partition.Definition, keyed bool) (string, bool) {
	if len(q.From) != 1 {
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
	if keyed {
		for _, path := range a.paths {
			want[strings.Join(path, "\x00")] = true
		}
	}
	return id, len(fixed) == len(want)
}

// pinned reads path = constant, where the path is id or a part of the key and the value is one that a key holds
// exactly.
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

// Row says what a row has of a document: properties by name, or for SELECT VALUE a single value.
type Row struct {
	Value   bool
	Columns []Column
}

// Column is a property of a row: the value that Path, below the document, leads to.
type Column struct {
	Name string
	Path []string
}

// rowOf returns what the rows of q have of their documents, nil for all of it. It is false if they have anything else
// than properties as they are.
func rowOf(q *nosql.Query, computed []string) (*Row, bool) {
	if q.Select.Star {
		return nil, true
	}
	if len(q.From) == 0 || q.Distinct {
		return nil, false
	}
	row := &Row{Value: q.Select.Value, Columns: make([]Column, 0, len(q.Select.Items))}
	names, _ := q.Columns()
	all := make([]string, 0, 2*len(q.Select.Items)) // the names of all paths
	for i, item := range q.Select.Items {
		var root string
		var ok bool
		begin := len(all)
		root, all, ok = nosql.AppendMemberPath(all, item.X)
		var path []string
		if len(all) > begin {
			path = all[begin:len(all):len(all)]
		}
		if !ok || root != q.From[0].Name() || len(path) > 0 && slices.Contains(computed, path[0]) {
			return nil, false
		}
		column := Column{Path: path}
		if !row.Value {
			column.Name = names[i]
		}
		if slices.ContainsFunc(row.Columns, func(c Column) bool { return c.Name == column.Name }) {
			return nil, false // which is an error
		}
		row.Columns = append(row.Columns, column)
	}
	if row.Value && len(row.Columns) == 1 && len(row.Columns[0].Path) == 0 {
		return nil, true
	}
	return row, true
}

// readable reports whether a point read takes the place of a query for this id. Documents may have ids with ? and #,
// which a path carries escaped; a query is left a query there, since proxies in front of emulators unescape them.
func readable(id string) bool {
	return naming.CheckItemID(id) == nil && !strings.ContainsAny(id, "?#")
}
