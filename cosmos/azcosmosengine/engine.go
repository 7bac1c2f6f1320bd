// Package azcosmosengine is cosmossql's query pipeline as the query engine of azcosmos, the Azure SDK for Go. With it
// azcosmos sorts, groups, aggregates, ranks and removes duplicates across partitions, in pure Go:
//
//	pager := container.NewQueryItemsPager("SELECT * FROM c ORDER BY c.price", azcosmos.NewPartitionKey(),
//		&azcosmos.QueryOptions{QueryEngine: azcosmosengine.New()})
//
// azcosmos sends every request; the engine says which ones, and merges what they answer. What azcosmos does not hand to
// an engine is not there for its queries: no page size, no continuation of the merged result, no session token or
// consistency of one query, no request charge of a page. Package cosmos has all of these.
//
// A partition that is split or merged while a query is read ends the query in azcosmos's error (410); rows are never
// left out.
package azcosmosengine

import (
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos/queryengine"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/pipeline"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// New returns the engine, for the QueryEngine of azcosmos.QueryOptions. One engine serves any number of queries and is
// safe for concurrent use.
func New() queryengine.QueryEngine { return engine{} }

type engine struct{}

// SupportedFeatures lists the query features that the pipeline can merge, as the header of a plan request names them.
func (engine) SupportedFeatures() string { return queryplan.Features }

// CreateQueryPipeline prepares a query. plan is the service's answer to the plan request and pkranges its list of
// partition key ranges, both as JSON. A plan of a version or with clauses that the pipeline does not know is an error.
func (engine) CreateQueryPipeline(query, plan, pkranges string) (queryengine.QueryPipeline, error) {
	routing, err := routingMap(pkranges)
	if err != nil {
		return nil, err
	}
	p := &queryplan.Plan{}
	if err := json.Unmarshal([]byte(plan), p); err != nil {
		return nil, fmt.Errorf("azcosmosengine: reading the query plan: %w", err)
	}
	if p.Version == 0 {
		return nil, fmt.Errorf(
			"azcosmosengine: the server gave no query plan, and without one the partitions' answers cannot be merged")
	}
	// The plan's ranges may cut through a partition, which a request of azcosmos cannot express. The whole partition
	// gives the same rows, as WHERE is still evaluated.
	var whole []queryplan.Range
	for _, want := range p.Ranges {
		for _, owner := range routing.Overlapping(want.Min, want.Max) {
			if n := len(whole); n == 0 || whole[n-1].Min != owner.Min {
				whole = append(whole, queryplan.Range{Min: owner.Min, Max: owner.Max, MinInclusive: true})
			}
		}
	}
	p.Ranges = whole
	tree, _ := nosql.Parse(query, nosql.Cosmos) // nil for a text that only the service understands
	return newQuery(query, tree, p, routing), nil
}

// CreateReadManyPipeline prepares to read items by their ids and partition keys: one query for each physical partition
// and hundred items. partition key values are JSON, of one value or an array of them.
func (engine) CreateReadManyPipeline(items []queryengine.ItemIdentity, pkranges, kind string, version uint8,
	paths []string) (queryengine.QueryPipeline, error) {
	routing, err := routingMap(pkranges)
	if err != nil {
		return nil, err
	}
	return newReadMany(items, routing, partition.Definition{Kind: kind, Version: int(version), Paths: paths})
}

// routingMap reads the answer to the request for the partition key ranges.
func routingMap(pkranges string) (*partition.RoutingMap, error) {
	var feed struct {
		Ranges []partition.Range `json:"PartitionKeyRanges"`
	}
	if err := json.Unmarshal([]byte(pkranges), &feed); err != nil {
		return nil, fmt.Errorf("azcosmosengine: reading the partition key ranges: %w", err)
	}
	m, err := partition.NewRoutingMap(feed.Ranges)
	if err != nil {
		return nil, fmt.Errorf("azcosmosengine: %w", err)
	}
	return m, nil
}

var _ pipeline.Backend = (*backend)(nil)
