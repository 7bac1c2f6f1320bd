// Package queryplan holds what the client's pipeline and the in-process server must agree on: the query plan as it goes
// over the wire, and what the text of a query alone says about the partitions it can reach.
package queryplan

// Plan is the answer to a query plan request. Info is nil for hybrid searches, Hybrid for all others.
type Plan struct {
	Version int     `json:"partitionedQueryExecutionInfoVersion"`
	Info    *Info   `json:"queryInfo"`
	Ranges  []Range `json:"queryRanges"`
	Hybrid  *Hybrid `json:"hybridSearchQueryInfo,omitempty"`
}

// Version is the plan version that the service gives and that the pipeline understands.
const Version = 2

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

// Hybrid says how to run ORDER BY RANK: gather statistics, run each component, fuse their ranks.
type Hybrid struct {
	GlobalStatisticsQuery    string    `json:"globalStatisticsQuery"`
	Components               []Info    `json:"componentQueryInfos"`
	ComponentsWithoutPayload []Info    `json:"componentWithoutPayloadQueryInfos"`
	Projection               *Info     `json:"projectionQueryInfo"`
	Weights                  []float64 `json:"componentWeights"`
	Skip                     *int64    `json:"skip"`
	Take                     *int64    `json:"take"`
	RequiresGlobalStatistics bool      `json:"requiresGlobalStatistics"`
}

// The marks that stand in rewritten queries and that the client replaces before it sends them.
const (
	FilterMark         = "{documentdb-formattableorderbyquery-filter}"
	TotalDocumentCount = "{documentdb-formattablehybridsearchquery-totaldocumentcount}"
	totalWordCount     = "{documentdb-formattablehybridsearchquery-totalwordcount-"
	hitCounts          = "{documentdb-formattablehybridsearchquery-hitcountsarray-"
)
