package gateway

// Headers that more than one place names. Response headers are written with exactly these lower-case keys: an old
// Python SDK looks them up case-sensitively.
const (
	headerActivity    = "x-ms-activity-id"
	headerAltPath     = "x-ms-alt-content-path"
	headerCharge      = "x-ms-request-charge"
	headerConsistency = "x-ms-consistency-level"
	// Its values are case-sensitive, unlike those of headerConsistency (PROTOCOL.md 1.4).
	headerStrategy     = "x-ms-cosmos-read-consistency-strategy"
	headerContentPath  = "x-ms-content-path"
	headerContinuation = "x-ms-continuation"
	headerCross        = "x-ms-documentdb-query-enablecrosspartition"
	headerETag         = "etag"
	headerIfMatch      = "if-match"
	headerIfNoneMatch  = "if-none-match"
	headerItemCount    = "x-ms-item-count"
	headerKey          = "x-ms-documentdb-partitionkey"
	headerMaxItems     = "x-ms-max-item-count"
	headerQuota        = "x-ms-resource-quota"
	headerUsage        = "x-ms-resource-usage"
	headerExecution    = "x-ms-cosmos-query-execution-info"
	headerRange        = "x-ms-documentdb-partitionkeyrangeid"
	headerRetryAfter   = "x-ms-retry-after-ms"
	headerSession      = "x-ms-session-token"
	headerSubstatus    = "x-ms-substatus"
	headerUpsert       = "x-ms-documentdb-is-upsert"
	headerStartEPK     = "x-ms-start-epk"
	headerEndEPK       = "x-ms-end-epk"
	// In lower case it failed with the service in 2022, as gocosmos notes; here any case will do.
	headerPlan          = "x-ms-cosmos-is-query-plan-request"
	headerBatch         = "x-ms-cosmos-is-batch-request"
	headerIntendedRID   = "x-ms-cosmos-intended-collection-rid"
	headerThroughput    = "x-ms-offer-throughput"
	headerAutopilot     = "x-ms-cosmos-offer-autopilot-settings"
	headerAIM           = "a-im"
	headerModifiedSince = "if-modified-since"
)
