package planner

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// errComposition refuses what has no partial result that could be merged.
var errComposition = &Refusal{"Compositions of aggregates and other expressions are not allowed."}

// aggregate makes q give partial results: [{"item": …}] for VALUE, {"alias": {"item": …}} for a list.
func aggregate(q *nosql.Query, info *queryplan.Info) error {
	if q.Select.Value {
		partial, err := valueAggregate(q, info)
		if err != nil {
			return err
		}
		q.Select.Items = []nosql.Item{{X: partial}}
	} else {
		row, err := aliases(q, info)
		if err != nil {
			return err
		}
		q.Select.Items = []nosql.Item{{X: row, Alias: "payload"}}
	}
	return nil
}

// groupBy makes q give its group keys beside the partial result of every group. An ORDER BY stays in the text, but not
// in the plan, as the service has it: whoever merges the groups has to sort them.
func groupBy(q *nosql.Query, info *queryplan.Info) error {
	for _, x := range q.GroupBy {
		info.GroupByExpressions = append(info.GroupByExpressions, nosql.PrintCanonicalExpr(x))
	}
	row := payload(q)
	var err error
	switch {
	case !q.Select.Value:
		row, err = aliases(q, info)
	case queryplan.HasAggregate(row):
		row, err = valueAggregate(q, info)
	}
	if err != nil {
		return err
	}
	for i := range q.OrderBy { // aliases of the select list are gone from what partitions are asked
		if item := q.Aliased(q.OrderBy[i].X); item != nil {
			q.OrderBy[i].X = item
		}
	}
	q.Distinct = false // the rows of a partition are not final, so it cannot tell which are the same
	q.Select = nosql.Select{
		Items: []nosql.Item{{X: itemList(q.GroupBy), Alias: "groupByItems"}, {X: row, Alias: "payload"}}}
	return nil
}

// composed reports whether an aggregate of q stands inside another expression.
func composed(q *nosql.Query) bool {
	return slices.ContainsFunc(q.Select.Items, func(item nosql.Item) bool {
		return queryplan.Aggregate(item.X) == "" && queryplan.HasAggregate(item.X)
	})
}

// valueAggregate returns the partial result of SELECT VALUE aggregate.
func valueAggregate(q *nosql.Query, info *queryplan.Info) (nosql.Expr, error) {
	name := queryplan.Aggregate(q.Select.Items[0].X)
	if name == "" {
		return nil, errComposition
	}
	info.Aggregates = append(info.Aggregates, name)
	return array(partial(q.Select.Items[0].X.(*nosql.Call), name)), nil
}

// aliases returns the partial results of a select list and notes in info how each is merged.
func aliases(q *nosql.Query, info *queryplan.Info) (nosql.Expr, error) {
	names, _ := q.Columns()
	row := object()
	for i, item := range q.Select.Items {
		x := item.X
		var kind *string
		if name := queryplan.Aggregate(x); name != "" {
			kind = &name
			x = partial(x.(*nosql.Call), name)
		} else if queryplan.HasAggregate(x) {
			return nil, errComposition
		}
		info.GroupByAliases = append(info.GroupByAliases, names[i])
		info.AliasToAggregate[names[i]] = kind
		row.Fields = append(row.Fields, field(names[i], x))
	}
	return row, nil
}

// partial returns what a partition gives for an aggregate: enough to fold it with the others.
func partial(c *nosql.Call, name string) nosql.Expr {
	count := field("count", call("COUNT", c.Args...))
	switch name {
	case "Average":
		return itemObject(object(field("sum", call("SUM", c.Args...)), count))
	case "Min":
		return object(field("item", c), field("item2", object(field("min", c), count)))
	case "Max":
		return object(field("item", c), field("item2", object(field("max", c), count)))
	}
	return itemObject(c)
}
