package planner

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// NotServable is the message of the refusal that tells a client to ask for a plan and to merge by itself.
const NotServable = "The provided cross partition query can not be directly served by the gateway. This is a first " +
	"chance (internal) exception that all newer clients will know how to handle gracefully. This exception is " +
	"traced, but unless you see it bubble up as an exception (which only happens on older SDK clients), then you can " +
	"safely ignore this message."

// Servable reports whether the gateway itself answers q across partitions. It decides by the shape of the query,
// however many partitions there are. The reason, a [*Refusal], says whether the answer carries the plan: [NotServable]
// does, with substatus 1004, and [NonValueAggregate] does not.
func Servable(q *nosql.Query) (ok bool, reason error) {
	if len(q.From) == 0 && composed(q) {
		return true, nil
	}
	if queryplan.Aggregates(q) && !q.Distinct && !(q.Select.Value && queryplan.Aggregate(q.Select.Items[0].X) != "") {
		return false, &Refusal{NonValueAggregate}
	}
	if !queryplan.Independent(q) {
		return false, &Refusal{NotServable}
	}
	return true, nil
}

// Pinned returns the partition key that WHERE fixes, if the gateway runs q in that logical partition although q is not
// [Servable] across partitions. It does so for all but aggregates and for orders by score.
func Pinned(q *nosql.Query, o Options) (partition.Key, bool) {
	keys, ok := queryplan.Keys(q, o.Params, o.Definition)
	if !ok || len(keys) != 1 || o.Definition.Check(keys[0]) != nil || q.Rank || queryplan.VectorOrder(q) != nil ||
		queryplan.Aggregates(q) {
		return nil, false
	}
	return keys[0], true
}

// ErrorInfo returns the text of the member additionalErrorInfo in the body of a [NotServable] refusal: the plan for a
// client that can do everything, or "" for a query that has none.
func ErrorInfo(q *nosql.Query, o Options) string {
	o.Features = all
	plan, err := Plan(q, o)
	if err != nil {
		return ""
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if e.Encode(plan) != nil {
		return ""
	}
	return strings.TrimSuffix(text.String(), "\n")
}

var all = ParseFeatures(
	"Aggregate, CompositeAggregate, CountIf, DCount, Distinct, GroupBy, HybridSearch, ListAndSetAggregate, " +
		"MultipleAggregates, MultipleOrderBy, NonStreamingOrderBy, NonValueAggregate, OffsetAndLimit, OrderBy, Top, " +
		"WeightedRankFusion")
