package queryplan

import (
	"slices"

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

// Prepared is what can be said of the ways to answer a query before its parameters are known. It is never changed.
type Prepared struct {
	query *nosql.Query // nil if it could not be read here
	def   partition.Definition
	row   *Row // what a row has of a document, where plain
	plain bool
	one   *oneDocument // nil for a query that may find several

	whole, sequential, independent, cut bool

	searches bool // it reads documents; another runs once
}

// Prepare looks at a query of containers with a partition key. A nil q is a query that could not be read here; the
// service will have to. computed are the names of the container's computed properties, which documents do not have.
func Prepare(q *nosql.Query, def partition.Definition, computed []string) *Prepared {
	p := &Prepared{query: q, def: def}
	if q == nil {
		return p
	}
	p.row, p.plain = rowOf(q, computed)
	p.one = findsOne(q, def)
	p.searches, p.whole, p.sequential, p.independent = searches(q, nil), needsWhole(q), Sequential(q), Independent(q)
	p.cut = len(q.OrderBy) > 0 || q.Top != nil || q.Offset != nil || q.Limit != nil
	return p
}

// Choose returns the straightest way to answer the query. A key that the caller gave, whole or a prefix, decides where
// to look; otherwise WHERE may, within the feed range that the caller gave, if any.
func (p *Prepared) Choose(params map[string]value.Value, key partition.Key, feed *Range) AccessPath {
	access := AccessPath{Kind: Planned, Feed: feed, Whole: p.whole}
	id, own, one := p.one.bind(params)
	keys, narrowed := []partition.Key{key}, key != nil
	switch {
	case narrowed || p.query == nil:
	case one && own != nil:
		keys[0], narrowed = own, true
	default:
		keys, narrowed = Keys(p.query, params, p.def)
	}
	if narrowed && len(keys) == 1 && len(keys[0]) >= len(p.def.Paths) &&
		(feed == nil || feed.contains(p.def.EPK(keys[0]))) {
		access.Key = keys[0]
	}
	switch {
	case !narrowed && p.query != nil:
		access.Ranges = access.Within(FullRange())
	case narrowed && access.Key == nil:
		access.Ranges = access.Within(KeyRanges(keys, p.def))
	}
	if p.query != nil && !p.searches && access.Key == nil { // a prefix of the key may be in several partitions
		begin := access.Ranges[0].Min
		access.Ranges = []Range{{Min: begin, Max: begin, MinInclusive: true, MaxInclusive: true}}
	}
	switch {
	case p.query == nil:
	case access.Key != nil && p.sequential:
		access.Kind = SinglePartition
		if p.plain && one && !p.cut && (own == nil || slices.Equal(own, access.Key)) {
			access.Kind, access.ID, access.Row = PointRead, id, p.row
		}
	case access.Key == nil && p.independent:
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
