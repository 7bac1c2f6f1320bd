// Package queryplan holds what the client's pipeline and the in-process server must agree on: the query plan as it goes
// over the wire, and what the text of a query alone says about the partitions it can reach.
package queryplan

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Plan is the answer to a query plan request. Info is nil for hybrid searches, Hybrid for all others.
type Plan struct {
	Version int     `json:"partitionedQueryExecutionInfoVersion"`
	Info    *Info   `json:"queryInfo,omitempty"`
	Ranges  []Range `json:"queryRanges"`
	Hybrid  *Hybrid `json:"hybridSearchQueryInfo"`
}

// Version is the plan version that the service gives and that the pipeline understands.
const Version = 2

// Features are the query features that the pipeline can merge, as a query plan request lists them.
const Features = "Aggregate, CompositeAggregate, CountIf, DCount, Distinct, GroupBy, HybridSearch, " +
	"ListAndSetAggregate, MultipleAggregates, MultipleOrderBy, NonStreamingOrderBy, NonValueAggregate, " +
	"OffsetAndLimit, OrderBy, Top, WeightedRankFusion"

// The values of [Info.DistinctType].
const (
	DistinctNone      = "None"
	DistinctOrdered   = "Ordered"   // equal rows follow each other
	DistinctUnordered = "Unordered" // they may be anywhere
)

// The values of [Info.OrderBy].
const (
	Ascending  = "Ascending"
	Descending = "Descending"
)

// Info says how to merge what the partitions answer to RewrittenQuery, or to the original query if that is empty.
type Info struct {
	DistinctType        string             `json:"distinctType"`
	Top                 *int64             `json:"top"`
	Offset              *int64             `json:"offset"`
	Limit               *int64             `json:"limit"`
	OrderBy             []string           `json:"orderBy"`
	OrderByExpressions  []string           `json:"orderByExpressions"`
	GroupByExpressions  []string           `json:"groupByExpressions"`
	GroupByAliases      []string           `json:"groupByAliases"`
	Aggregates          []string           `json:"aggregates"`
	AliasToAggregate    map[string]*string `json:"groupByAliasToAggregateType"`
	RewrittenQuery      string             `json:"rewrittenQuery"`
	HasSelectValue      bool               `json:"hasSelectValue"`
	DCount              *DCount            `json:"dCountInfo"`
	NonStreamingOrderBy bool               `json:"hasNonStreamingOrderBy"`
}

// UnmarshalJSON reads a plan. Flags may be numbers.
func (i *Info) UnmarshalJSON(text []byte) error {
	type fields Info
	entry := struct {
		*fields
		HasSelectValue      flag `json:"hasSelectValue"`
		NonStreamingOrderBy flag `json:"hasNonStreamingOrderBy"`
	}{fields: (*fields)(i)}
	err := json.Unmarshal(text, &entry)
	i.HasSelectValue, i.NonStreamingOrderBy = bool(entry.HasSelectValue), bool(entry.NonStreamingOrderBy)
	return err
}

// flag is a bool that some planners write as 0 or 1.
type flag bool

func (f *flag) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "true", "1":
		*f = true
	case "false", "0", "null":
		*f = false
	default:
		return fmt.Errorf("%s is not a flag", text)
	}
	return nil
}

// DCount says that the rows are to be counted. Alias names the property that holds the count, or is empty if the count
// itself is the row.
type DCount struct {
	Alias string `json:"dCountAlias"`
}

// Range is a range of effective partition keys that the query can find something in. A point has Min equal to Max and
// both inclusive.
type Range struct {
	Min          string `json:"min"`
	Max          string `json:"max"`
	MinInclusive bool   `json:"isMinInclusive"`
	MaxInclusive bool   `json:"isMaxInclusive"`
}

// UnmarshalJSON reads a range. The gateway gives EPKs. Some servers pass on the ranges of the service's own library,
// whose bounds are partition key values, [] and "Infinity" at the ends. Those are not hashed here: such a range becomes
// the full range, which is wider but gives the same rows, since WHERE is still evaluated.
func (r *Range) UnmarshalJSON(text []byte) error {
	var entry struct {
		Min          json.RawMessage `json:"min"`
		Max          json.RawMessage `json:"max"`
		MinInclusive flag            `json:"isMinInclusive"`
		MaxInclusive flag            `json:"isMaxInclusive"`
	}
	if err := json.Unmarshal(text, &entry); err != nil {
		return err
	}
	lo, isEPK := rawjson.String(entry.Min)
	hi, both := rawjson.String(entry.Max)
	if !isEPK || !both || hi == "Infinity" {
		*r = FullRange()[0]
		return nil
	}
	*r = Range{lo, hi, bool(entry.MinInclusive), bool(entry.MaxInclusive)}
	return nil
}

// UnmarshalJSON reads a plan.
func (p *Plan) UnmarshalJSON(text []byte) error {
	type fields Plan
	if err := json.Unmarshal(text, (*fields)(p)); err != nil {
		return err
	}
	if whole := FullRange(); slices.Contains(p.Ranges, whole[0]) {
		p.Ranges = whole // the others are parts of it, and must not be searched twice
	}
	return nil
}

// Hybrid says how to run ORDER BY RANK: gather statistics, run each component, fuse their ranks.
type Hybrid struct {
	GlobalStatisticsQuery    string  `json:"globalStatisticsQuery"`
	Components               []Info  `json:"componentQueryInfos"`
	ComponentsWithoutPayload []Info  `json:"componentWithoutPayloadQueryInfos"`
	Projection               *Info   `json:"projectionQueryInfo"`
	Weights                  Doubles `json:"componentWeights"`
	Skip                     *int64  `json:"skip"`
	Take                     *int64  `json:"take"`
	RequiresGlobalStatistics bool    `json:"requiresGlobalStatistics"`
}
