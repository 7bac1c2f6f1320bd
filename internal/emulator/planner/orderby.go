package planner

import (
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// orderBy makes every row of q carry its sort keys beside its payload, so that a client can merge sorted answers.
func orderBy(q *nosql.Query, info *queryplan.Info, o Options) {
	keys := make([]nosql.Expr, len(q.OrderBy))
	for i, sort := range q.OrderBy {
		keys[i] = sort.X
		direction := queryplan.Ascending
		if sort.Desc {
			direction = queryplan.Descending
		}
		info.OrderBy = append(info.OrderBy, direction)
		info.OrderByExpressions = append(info.OrderByExpressions, nosql.PrintCanonicalExpr(sort.X))
	}
	if call := queryplan.VectorOrder(q); call != nil {
		info.NonStreamingOrderBy = true
		info.OrderBy[0] = bestFirst(call, o)
	}
	if q.Distinct && q.Select.Value && len(keys) == 1 && same(keys[0], q.Select.Items[0].X) {
		info.DistinctType = queryplan.DistinctOrdered
	}
	envelope(q, keys, payload(q), queryplan.FilterPlaceholder)
}

// envelope rewrites q to SELECT _rid, keys AS orderByItems, row AS payload, with room for the client's filter.
func envelope(q *nosql.Query, keys []nosql.Expr, row nosql.Expr, filter string) {
	where := mark("(" + filter + ")")
	switch {
	case q.Where != nil:
		where = and(q.Where, where)
	case !q.Select.Value:
		where = mark(filter) // alone it gets its parentheses from WHERE
	}
	if q.Select.Value { // rows that are undefined must not take part in the merge
		where = and(where, call("IS_DEFINED", row))
	}
	q.Where = where
	q.Distinct = false
	q.Select = nosql.Select{
		Items: []nosql.Item{rid(q), {X: itemList(keys), Alias: "orderByItems"}, {X: row, Alias: "payload"}}}
}

// bestFirst returns the direction in which the most similar vectors come first. The function is named by the options
// of the call, or by the container's policy for the path; cosine is the default.
func bestFirst(call *nosql.Call, o Options) string {
	name := ""
	if len(call.Args) > 3 {
		options, _ := queryplan.Constant(call.Args[3], o.Params)
		name = options.Get("distanceFunction").AsString()
	}
	for _, arg := range call.Args[:min(2, len(call.Args))] {
		if _, path, ok := nosql.MemberPath(arg); ok && name == "" && o.Distance != nil {
			name = o.Distance(path)
		}
	}
	if strings.EqualFold(name, "euclidean") {
		return queryplan.Ascending
	}
	return queryplan.Descending
}

// same reports whether two expressions have the same canonical text.
func same(x, y nosql.Expr) bool { return nosql.PrintCanonicalExpr(x) == nosql.PrintCanonicalExpr(y) }
