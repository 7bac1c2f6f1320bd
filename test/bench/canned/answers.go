package canned

import (
	"fmt"
	"strings"
)

// The headers of every answer, as many and as long as the service's gateway sends them.
const common = "Cache-Control: no-store, no-cache\r\nPragma: no-cache\r\nContent-Type: application/json\r\n" +
	"Server: Microsoft-HTTPAPI/2.0\r\n" +
	"Strict-Transport-Security: max-age=31536000\r\nx-ms-last-state-change-utc: Mon, 23 Nov 2026 20:31:14.250 GMT\r\n" +
	"lsn: 23873\r\n" +
	"x-ms-schemaversion: 1.16\r\nx-ms-quorum-acked-lsn: 23872\r\nx-ms-current-write-quorum: 3\r\n" +
	"x-ms-current-replica-set-size: 4\r\n" +
	"x-ms-xp-role: 1\r\nx-ms-global-Committed-lsn: 23872\r\nx-ms-number-of-read-regions: 0\r\n" +
	"x-ms-transport-request-id: 4\r\n" +
	"x-ms-cosmos-llsn: 23873\r\nx-ms-cosmos-physical-partition-id: fd3ad3a5-5a1c-4bb2-8b9a-a9a3e0f2a6b1\r\n" +
	"x-ms-resource-quota: documentSize=51200;documentsSize=52428800;documentsCount=-1;collectionSize=52428800;\r\n" +
	"x-ms-resource-usage: documentSize=96;documentsSize=98820;documentsCount=100000;collectionSize=99840;\r\n" +
	"x-ms-serviceversion: version=2.14.0.0\r\nx-ms-gatewayversion: version=2.14.0\r\n" +
	"x-ms-activity-id: 0bf61919-1d04-4e40-8c00-fbbcec5b355c\r\n" +
	"x-ms-session-token: 0:-1#23873\r\nx-ms-documentdb-partitionkeyrangeid: 0\r\n" +
	"x-ms-alt-content-path: dbs/db/colls/c\r\n" +
	"x-ms-content-path: V1cKANXMGgA=\r\nDate: Tue, 24 Nov 2026 01:37:07 GMT\r\n"

const metrics = "x-ms-documentdb-query-metrics: totalExecutionTimeInMs=0.85;queryCompileTimeInMs=0.05;" +
	"queryLogicalPlanBuildTimeInMs=0.02;" +
	"queryPhysicalPlanBuildTimeInMs=0.03;queryOptimizationTimeInMs=0.00;VMExecutionTimeInMs=0.53;" +
	"indexLookupTimeInMs=0.11;" +
	"instructionCount=1214;documentLoadTimeInMs=0.32;systemFunctionExecuteTimeInMs=0.00;" +
	"userFunctionExecuteTimeInMs=0.00;" +
	"retrievedDocumentCount=100;retrievedDocumentSize=110000;outputDocumentCount=100;outputDocumentSize=110200;" +
	"writeOutputTimeInMs=0.06;indexUtilizationRatio=1.00\r\n"

const etag = "etag: \"0000d826-0000-0700-0000-673f1d0e0000\"\r\nx-ms-cosmos-item-llsn: 23871\r\n" +
	"x-ms-item-lsn: 23871\r\n"

const container = `{"id":"c","indexingPolicy":{"indexingMode":"consistent","automatic":true,` +
	`"includedPaths":[{"path":"/*"}],` +
	`"excludedPaths":[{"path":"/\"_etag\"/?"}]},"partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},` +
	`"_rid":"V1cKANXMGgA=",` +
	`"_ts":1795484227,"_self":"dbs/V1cKAA==/colls/V1cKANXMGgA=/","_etag":"\"x\"","_docs":"docs/","_sprocs":"sprocs/",` +
	`"_triggers":"triggers/","_udfs":"udfs/","_conflicts":"conflicts/"}`

const ranges = `{"_rid":"V1cKANXMGgA=","PartitionKeyRanges":[{"_rid":"V1cKANXMGgACAAAAAAAAUA==","id":"0",` +
	`"_etag":"\"0\"","minInclusive":"",` +
	`"maxExclusive":"FF","ridPrefix":0,"_self":"dbs/x/","throughputFraction":1,"status":"online","parents":[],` +
	`"_ts":1795484227,"lsn":23}],"_count":1}`

const plan = `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"distinctType":"None","top":null,"offset":null,` +
	`"limit":null,"orderBy":[],` +
	`"orderByExpressions":[],"groupByExpressions":[],"groupByAliases":[],"aggregates":[],` +
	`"groupByAliasToAggregateType":{},` +
	`"rewrittenQuery":"","hasSelectValue":false,"dCountInfo":null,"hasNonStreamingOrderBy":false},` +
	`"hybridSearchQueryInfo":null,` +
	`"queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}]}`

// answers are the whole answers of a server, status line and all, made once.
type answers struct {
	account, ranges, unchanged, container, read, create, minimal, plan, one []byte
}

func newAnswers(endpoint string) answers {
	account := fmt.Sprintf(
		`{"_self":"","id":"canned","_rid":"canned","media":"//media/","addresses":"//addresses/","_dbs":"//dbs/",`+
			`"writableLocations":[{"name":"West Europe","databaseAccountEndpoint":%q}],`+
			`"readableLocations":[{"name":"West Europe","databaseAccountEndpoint":%[1]q}],`+
			`"enableMultipleWriteLocations":false,"userConsistencyPolicy":{"defaultConsistencyLevel":"Session"},`+
			`"userReplicationPolicy":{"asyncReplication":false,"minReplicaSetSize":3,"maxReplicasetSize":4},`+
			`"queryEngineConfiguration":"{}"}`, endpoint)
	doc := string(NewDocument(1).Stored().JSON())
	return answers{
		account:   answer("200 Ok", "", account),
		ranges:    answer("200 Ok", "etag: \"23\"\r\nx-ms-request-charge: 2\r\n", ranges),
		unchanged: []byte("HTTP/1.1 304 Not Modified\r\n" + common + "etag: \"23\"\r\n\r\n"),
		container: answer("200 Ok", "etag: \"x\"\r\nx-ms-request-charge: 1\r\n", container),
		read:      answer("200 Ok", etag+"x-ms-request-charge: 1\r\n", doc),
		create:    answer("201 Created", etag+"x-ms-request-charge: 13.33\r\n", doc),
		minimal: answer("201 Created",
			etag+"x-ms-request-charge: 13.33\r\nPreference-Applied: return=minimal\r\n", ""),
		plan: answer("200 Ok", "", plan),
		one:  answer("200 Ok", metrics+"x-ms-item-count: 1\r\nx-ms-request-charge: 2.83\r\n", string(page(1))),
	}
}

func answer(status, headers, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %s\r\n%s%sContent-Length: %d\r\n\r\n%s", status, common, headers, len(body), body)
}

// chunked is a body as the service sends large ones, in chunks of 16 KB.
func chunked(body []byte) []byte {
	var b strings.Builder
	for len(body) > 0 {
		n := min(len(body), 16<<10)
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return []byte(b.String() + "0\r\n\r\n")
}
