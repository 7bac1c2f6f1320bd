package queryplan

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Omits returns the first clause of q that the plan has no word of, "" if there is none. What a plan leaves out nobody
// would do: the clause has to be done by the client in another way, or the query refused. ORDER BY of a query with
// GROUP BY, which the service's plans leave out, is [GroupOrder]'s.
func (p *Plan) Omits(q *nosql.Query) string {
	if p.Info == nil {
		if h := p.Hybrid; h != nil && h.Take == nil && (q.Top != nil || q.Limit != nil) {
			return "TOP or LIMIT"
		}
		return ""
	}
	info, grouped := p.Info, len(q.GroupBy) > 0
	folds := len(info.Aggregates) > 0 || len(info.AliasToAggregate) > 0
	switch {
	case q.Rank:
		return "ORDER BY RANK"
	case CountDistinct(q) != nil && info.DCount == nil:
		return "COUNT of DISTINCT"
	case grouped && len(info.GroupByExpressions) == 0:
		return "GROUP BY"
	case !grouped && info.DCount == nil && Aggregates(q) && !folds:
		return "an aggregate"
	case q.Distinct && info.DCount == nil && (info.DistinctType == "" || info.DistinctType == DistinctNone):
		return "DISTINCT"
	case len(q.OrderBy) > 0 && !grouped && !folds && len(info.OrderBy) == 0:
		return "ORDER BY"
	case q.Top != nil && info.Top == nil && info.Limit == nil:
		return "TOP"
	case q.Limit != nil && info.Limit == nil:
		return "LIMIT"
	case q.Offset != nil && info.Offset == nil:
		return "OFFSET"
	}
	return ""
}

// GroupKey says where a merged group has the value of a key of ORDER BY.
type GroupKey struct {
	Item       int      // number of the group's key, or -1
	Path       []string // below that
	Column     int      // number of the item of the select list, where Item is -1
	Descending bool
}

// GroupOrder returns how the groups of q are sorted: by their keys, by what the select list has, by aliases of either.
// The error names a key that is neither; the partitions do not say what it is.
func GroupOrder(q *nosql.Query) ([]GroupKey, error) {
	if len(q.GroupBy) == 0 {
		return nil, nil
	}
	var order []GroupKey
	for _, sort := range q.OrderBy {
		x := sort.X
		if item := q.Aliased(x); item != nil {
			x = item
		}
		key, found := groupKey(q, x)
		if !found {
			text := nosql.PrintCanonicalExpr(x)
			return nil, errtext.Refusef(
				"cosmos: a query with GROUP BY cannot be sorted by %s, which is neither a key of the groups nor in "+
					"the select list; add it there: SELECT …, %s AS x … ORDER BY x", text, text)
		}
		key.Descending = sort.Desc
		order = append(order, key)
	}
	return order, nil
}

func groupKey(q *nosql.Query, x nosql.Expr) (GroupKey, bool) {
	text := nosql.PrintCanonicalExpr(x)
	root, names, isPath := nosql.MemberPath(x)
	for i, g := range q.GroupBy {
		if nosql.PrintCanonicalExpr(g) == text {
			return GroupKey{Item: i}, true
		}
		above, prefix, ok := nosql.MemberPath(g)
		if ok && isPath && above == root && len(prefix) < len(names) && slices.Equal(prefix, names[:len(prefix)]) {
			return GroupKey{Item: i, Path: names[len(prefix):]}, true
		}
	}
	for i, item := range q.Select.Items {
		if nosql.PrintCanonicalExpr(item.X) == text {
			return GroupKey{Item: -1, Column: i}, true
		}
	}
	return GroupKey{}, false
}
