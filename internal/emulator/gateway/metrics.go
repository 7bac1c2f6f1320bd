package gateway

import (
	"encoding/base64"
	"fmt"
	"net/url"
)

// queryMetrics puts the numbers of a query into the reply that its request asks for.
func (c *call) queryMetrics(p *page) {
	if c.flag("x-ms-documentdb-populatequerymetrics") {
		c.setMetrics(p)
	}
	const header = "x-ms-cosmos-index-utilization"
	if c.flag("x-ms-cosmos-populateindexmetrics") {
		c.set(header, base64.StdEncoding.EncodeToString([]byte(
			`{"UtilizedSingleIndexes":[],"PotentialSingleIndexes":[],"UtilizedCompositeIndexes":[],"PotentialCompositeIndexes":[]}`)))
	}
	if c.flag("x-ms-cosmos-populateindexmetrics-V2") {
		c.set(header, url.PathEscape(`{"Utilized":{"SingleIndexes":[],"CompositeIndexes":[]},"Potential":{"SingleIndexes":[],"CompositeIndexes":[]}}`))
	}
}

// setMetrics writes what a query did. Times are not measured: they say that there are some.
func (c *call) setMetrics(p *page) {
	const before = "totalExecutionTimeInMs=0.25;queryCompileTimeInMs=0.05;queryLogicalPlanBuildTimeInMs=0.02;queryPhysicalPlanBuildTimeInMs=0.03;" +
		"queryOptimizationTimeInMs=0.01;VMExecutionTimeInMs=0.10;indexLookupTimeInMs=0.02;instructionCount=9;documentLoadTimeInMs=0.04;" +
		"systemFunctionExecuteTimeInMs=0.00;userFunctionExecuteTimeInMs=0.00;"
	c.set("x-ms-documentdb-query-metrics", before+fmt.Sprintf("retrievedDocumentCount=%d;retrievedDocumentSize=%d;outputDocumentCount=%d;"+
		"outputDocumentSize=%d;writeOutputTimeInMs=0.01;indexUtilizationRatio=1.00", p.read, p.load, len(p.rows), p.bytes))
}
