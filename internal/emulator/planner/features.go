package planner

import (
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// Features are the abilities that a client announced, by name.
type Features map[string]bool

// ParseFeatures reads the list of a supported-query-features header.
func ParseFeatures(header string) Features {
	f := Features{}
	for name := range strings.SplitSeq(header, ",") {
		if name = strings.TrimSpace(name); name != "" {
			f[name] = true
		}
	}
	return f
}

// lacks returns the refusal of a query that needs what the client did not announce, or nil.
func (f Features) lacks(q *nosql.Query) error {
	var missing []string
	for _, name := range needs(q) {
		if !f[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if missing[0] == "NonValueAggregate" {
		return &Refusal{NonValueAggregate}
	}
	var b strings.Builder
	b.WriteString("Query contains 1 or more unsupported features. Upgrade your SDK to a version that does support " +
		"the requested features:\r")
	for _, name := range missing {
		b.WriteString("\nQuery contained " + name + ", which the calling client does not support.")
	}
	return &Refusal{b.String()}
}

// NonValueAggregate is the refusal of aggregates that are not the only VALUE of a query, as clients recognise it.
const NonValueAggregate = "Cross partition query only supports 'VALUE <AggregateFunc>' for aggregates."

// needs lists the features that the plan of q asks for. The gateway gives DCount plans without being told of it.
func needs(q *nosql.Query) []string {
	var list []string
	add := func(need bool, name string) {
		if need {
			list = append(list, name)
		}
	}
	if q.Rank {
		add(true, "HybridSearch")
		rrf, _ := queryplan.IsCall(q.OrderBy[0].X, "RRF")
		add(weighted(rrf), "WeightedRankFusion")
		return list
	}
	if queryplan.CountDistinct(q) == nil {
		list = append(list, aggregateNeeds(q)...)
	}
	add(len(q.GroupBy) > 0, "GroupBy")
	add(q.Distinct, "Distinct")
	vector := queryplan.VectorOrder(q) != nil
	add(vector, "NonStreamingOrderBy")
	add(len(q.OrderBy) == 1 && !vector, "OrderBy")
	add(len(q.OrderBy) > 1, "MultipleOrderBy")
	add(q.Top != nil, "Top")
	add(q.Limit != nil, "OffsetAndLimit")
	return list
}

func aggregateNeeds(q *nosql.Query) []string {
	var list []string
	count := 0
	for _, item := range q.Select.Items {
		name := queryplan.Aggregate(item.X)
		if name == "" {
			continue
		}
		count++
		switch name {
		case "CountIf":
			list = append(list, "CountIf")
		case "MakeList", "MakeSet":
			list = append(list, "ListAndSetAggregate")
		}
	}
	switch {
	case count == 0:
		return nil
	case q.Select.Value:
		return append([]string{"Aggregate"}, list...)
	case len(q.GroupBy) == 0:
		list = append([]string{"NonValueAggregate"}, list...)
	}
	if count > 1 {
		list = append(list, "MultipleAggregates")
	}
	return list
}
