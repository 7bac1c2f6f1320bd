package queryplan

import (
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// aggregates maps the functions that fold many rows into one to the names that plans have for them.
var aggregates = map[string]string{
	"COUNT": "Count", "SUM": "Sum", "MIN": "Min", "MAX": "Max", "AVG": "Average",
	"COUNTIF": "CountIf", "MAKELIST": "MakeList", "MAKESET": "MakeSet",
}

// Aggregate returns the plan's name of the aggregate that x calls, or "" if x is anything else.
func Aggregate(x nosql.Expr) string {
	if call, ok := x.(*nosql.Call); ok && !call.UDF {
		return aggregates[strings.ToUpper(call.Name)]
	}
	return ""
}

// HasAggregate reports whether x is or contains an aggregate of its own query; subqueries have their own.
func HasAggregate(x nosql.Expr) bool {
	found := false
	nosql.Walk(x, func(n nosql.Node) bool {
		if _, ok := n.(*nosql.Subquery); ok {
			return false
		}
		if e, ok := n.(nosql.Expr); ok && Aggregate(e) != "" {
			found = true
		}
		return !found
	})
	return found
}

// Aggregates reports whether the select list of q has an aggregate.
func Aggregates(q *nosql.Query) bool {
	for _, item := range q.Select.Items {
		if HasAggregate(item.X) {
			return true
		}
	}
	return false
}

// IsCall reports whether x calls the built-in function with a name; upper and lower case are the same.
func IsCall(x nosql.Expr, name string) (*nosql.Call, bool) {
	call, ok := x.(*nosql.Call)
	return call, ok && call != nil && !call.UDF && strings.EqualFold(call.Name, name)
}

// VectorOrder returns the VectorDistance call that q sorts by, or nil if it sorts by anything else.
func VectorOrder(q *nosql.Query) *nosql.Call {
	if len(q.OrderBy) == 1 && !q.Rank {
		if call, ok := IsCall(q.OrderBy[0].X, "VectorDistance"); ok {
			return call
		}
	}
	return nil
}

// Independent reports whether every document contributes its rows regardless of every other one, so that the answers
// of the partitions need only be put together.
func Independent(q *nosql.Query) bool {
	return Sequential(q) && !needsWhole(q) && len(q.OrderBy) == 0 && q.Top == nil && q.Offset == nil && q.Limit == nil
}

// Sequential reports whether a single partition can answer q page by page, each page final: q does not fold or compare
// its rows.
func Sequential(q *nosql.Query) bool {
	return !q.Distinct && len(q.GroupBy) == 0 && !q.Rank && VectorOrder(q) == nil && !Aggregates(q) && !foldsSource(q)
}

// foldsSource reports whether q reads a subquery that itself runs over the whole container and folds it.
func foldsSource(q *nosql.Query) bool {
	return len(q.From) > 0 && q.From[0].Query != nil && !Sequential(q.From[0].Query)
}

// needsWhole reports whether the rows of q make sense only where all documents are together: partial results of a
// subquery cannot be merged, but for the one that [CountDistinct] knows; and what no FROM gives once for every document
// is given once for every partition, over the documents of that.
func needsWhole(q *nosql.Query) bool {
	if !overDocuments(q) {
		return searches(q, nil)
	}
	if inner := CountDistinct(q); inner != nil {
		return foldsSource(inner)
	}
	return foldsSource(q)
}

// overDocuments reports whether the rows of q come from documents by way of its first source.
func overDocuments(q *nosql.Query) bool {
	return len(q.From) > 0 && (q.From[0].Query == nil || overDocuments(q.From[0].Query))
}

// searches reports whether q, in which the names of scope stand for values, reads documents: by FROM, or in a subquery.
func searches(q *nosql.Query, scope []string) bool {
	scope = slices.Clone(scope)
	for _, source := range q.From {
		if source.Query != nil {
			if searches(source.Query, scope) {
				return true
			}
		} else if root := nosql.Root(source.Path); root == nil || !slices.Contains(scope, root.Name) {
			return true
		}
		scope = append(scope, source.Name())
	}
	found := false
	nosql.Walk(q, func(n nosql.Node) bool {
		if sub, ok := n.(*nosql.Subquery); ok {
			found = found || searches(sub.Query, scope)
			return false
		}
		return !found
	})
	return found
}

// CountDistinct returns the subquery of SELECT COUNT(1) FROM (SELECT DISTINCT …), whose distinct rows the client
// counts; nil for any other query.
func CountDistinct(q *nosql.Query) *nosql.Query {
	if len(q.Select.Items) != 1 || len(q.From) != 1 || q.From[0].Query == nil || q.From[0].In ||
		q.Where != nil || len(q.GroupBy) > 0 || len(q.OrderBy) > 0 || q.Distinct || q.Top != nil || q.Limit != nil {
		return nil
	}
	inner := q.From[0].Query
	if !inner.Distinct || len(inner.GroupBy) > 0 || Aggregates(inner) {
		return nil
	}
	count, ok := IsCall(q.Select.Items[0].X, "COUNT")
	if !ok || len(count.Args) != 1 {
		return nil
	}
	switch x := count.Args[0].(type) {
	case *nosql.Literal:
		if x.Kind != nosql.Undefined {
			return inner
		}
	case *nosql.Ident:
		if x.Name == q.From[0].Name() {
			return inner
		}
	}
	return nil
}

// PlanParams returns the names of the parameters whose values the plan of q depends on, ranges aside: those of TOP,
// OFFSET and LIMIT, of the options of vector functions, and of the weights of a fusion.
func PlanParams(q *nosql.Query) []string {
	var names []string
	add := func(x nosql.Expr) {
		nosql.Walk(x, func(n nosql.Node) bool {
			if p, ok := n.(*nosql.Param); ok {
				names = append(names, p.Name)
			}
			return true
		})
	}
	for _, x := range []nosql.Expr{q.Top, q.Offset, q.Limit} {
		if x != nil {
			add(x)
		}
	}
	for _, sort := range q.OrderBy {
		nosql.Walk(sort.X, func(n nosql.Node) bool {
			x, _ := n.(nosql.Expr)
			if call, ok := IsCall(x, "VectorDistance"); ok && len(call.Args) > 3 {
				add(call.Args[3])
			}
			if call, ok := IsCall(x, "RRF"); ok && len(call.Args) > 0 {
				last := call.Args[len(call.Args)-1]
				if _, scores := last.(*nosql.Call); !scores {
					add(last)
				}
			}
			return true
		})
	}
	return names
}
