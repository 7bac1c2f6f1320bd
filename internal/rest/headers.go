package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Field is one header field, its name in canonical form.
type Field struct{ Name, Value string }

// Header names, in the canonical form of net/http.
const (
	HeaderBypassCache       = "X-Ms-Dedicatedgateway-Bypass-Cache"
	HeaderContinuationLimit = "X-Ms-Documentdb-Responsecontinuationtokenlimitinkb"
	HeaderWantQuota         = "X-Ms-Documentdb-Populatequotainfo"
	HeaderQuota             = "X-Ms-Resource-Quota"
	HeaderUsage             = "X-Ms-Resource-Usage"
	HeaderIndexProgress     = "X-Ms-Documentdb-Collection-Index-Transformation-Progress"
	HeaderWantQueryMetrics  = "X-Ms-Documentdb-Populatequerymetrics"
	HeaderQueryMetrics      = "X-Ms-Documentdb-Query-Metrics"
	HeaderWantIndexMetrics  = "X-Ms-Cosmos-Populateindexmetrics"
	HeaderIndexMetrics      = "X-Ms-Cosmos-Index-Utilization"
	HeaderWantAdvice        = "X-Ms-Cosmos-Populatequeryadvice"
	HeaderAdvice            = "X-Ms-Cosmos-Query-Advice"

	headerAccept           = "Accept"
	HeaderActivityID       = "X-Ms-Activity-Id"
	HeaderAIM              = "A-Im"
	HeaderAllowTentative   = "X-Ms-Cosmos-Allow-Tentative-Writes"
	headerAuthorization    = "Authorization"
	HeaderAutopilot        = "X-Ms-Cosmos-Offer-Autopilot-Settings"
	HeaderBatchAtomic      = "X-Ms-Cosmos-Batch-Atomic"
	HeaderBatchContinue    = "X-Ms-Cosmos-Batch-Continue-On-Error"
	HeaderBatchOrdered     = "X-Ms-Cosmos-Batch-Ordered"
	HeaderBucket           = "X-Ms-Cosmos-Throughput-Bucket"
	HeaderConsistency      = "X-Ms-Consistency-Level"
	HeaderContentPath      = "X-Ms-Content-Path"
	HeaderContentType      = "Content-Type"
	HeaderContinuation     = "X-Ms-Continuation"
	HeaderCorrelatedID     = "X-Ms-Cosmos-Correlated-Activityid"
	HeaderCrossPartition   = "X-Ms-Documentdb-Query-Enablecrosspartition"
	headerDate             = "X-Ms-Date"
	HeaderEndEPK           = "X-Ms-End-Epk"
	HeaderETag             = "Etag"
	HeaderExecutionInfo    = "X-Ms-Cosmos-Query-Execution-Info"
	HeaderExpiry           = "X-Ms-Documentdb-Expiry-Seconds"
	headerHubOnly          = "X-Ms-Cosmos-Hub-Region-Processing-Only"
	HeaderIfMatch          = "If-Match"
	HeaderIfModifiedSince  = "If-Modified-Since"
	HeaderIfNoneMatch      = "If-None-Match"
	HeaderIntendedRID      = "X-Ms-Cosmos-Intended-Collection-Rid"
	HeaderIndexing         = "X-Ms-Indexing-Directive"
	HeaderIsBatch          = "X-Ms-Cosmos-Is-Batch-Request"
	HeaderIsPlan           = "X-Ms-Cosmos-Is-Query-Plan-Request"
	HeaderIsQuery          = "X-Ms-Documentdb-Isquery"
	HeaderIsUpsert         = "X-Ms-Documentdb-Is-Upsert"
	HeaderLogResults       = "X-Ms-Documentdb-Script-Log-Results"
	HeaderMaxItemCount     = "X-Ms-Max-Item-Count"
	HeaderMaxStaleness     = "X-Ms-Dedicatedgateway-Max-Age"
	HeaderMigrateAutoscale = "X-Ms-Cosmos-Migrate-Offer-To-Autopilot"
	HeaderMigrateManual    = "X-Ms-Cosmos-Migrate-Offer-To-Manual-Throughput"
	HeaderMinThroughput    = "X-Ms-Cosmos-Min-Throughput"
	HeaderOfferPending     = "X-Ms-Offer-Replace-Pending"
	HeaderPartitionKey     = "X-Ms-Documentdb-Partitionkey"
	HeaderPostTriggers     = "X-Ms-Documentdb-Post-Trigger-Include"
	HeaderPrefer           = "Prefer"
	HeaderPreTriggers      = "X-Ms-Documentdb-Pre-Trigger-Include"
	HeaderPriority         = "X-Ms-Cosmos-Priority-Level"
	HeaderQueryFeatures    = "X-Ms-Cosmos-Supported-Query-Features"
	HeaderQueryVersion     = "X-Ms-Cosmos-Query-Version"
	HeaderRangeID          = "X-Ms-Documentdb-Partitionkeyrangeid"
	HeaderReadKeyType      = "X-Ms-Read-Key-Type"
	HeaderRequestCharge    = "X-Ms-Request-Charge"
	HeaderRetryAfter       = "X-Ms-Retry-After-Ms"
	HeaderScriptLogging    = "X-Ms-Documentdb-Script-Enable-Logging"
	HeaderSessionToken     = "X-Ms-Session-Token"
	HeaderStartEPK         = "X-Ms-Start-Epk"
	HeaderSubStatus        = "X-Ms-Substatus"
	HeaderThroughput       = "X-Ms-Offer-Throughput"
	headerUserAgent        = "User-Agent"
	headerVersion          = "X-Ms-Version"
	HeaderWireFormat       = "X-Ms-Cosmos-Changefeed-Wire-Format-Version"
)

const (
	// ContentJSON is the Content-Type of documents and definitions, and the only one that answers are asked for in.
	ContentJSON = "application/json"
	// ContentQuery is the Content-Type of a query with its parameters.
	ContentQuery = "application/query+json"

	apiVersion      = "2020-07-15" // of the REST API, sent as x-ms-version
	standingHeaders = 10           // the most header fields that Client.send adds to those of the request
)

// ownHeaders are those that are the client's to send: of each request, of some, or by an option.
var ownHeaders = []string{
	"Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Cookie", "Date", "Expect", "Host",
	"Keep-Alive",
	"Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	headerAccept, HeaderActivityID, HeaderAIM, HeaderAllowTentative, headerAuthorization, HeaderAutopilot,
	HeaderBatchAtomic,
	HeaderBatchContinue, HeaderBatchOrdered, HeaderBucket, HeaderBypassCache, HeaderConsistency, HeaderContentType,
	HeaderContinuation, HeaderContinuationLimit, HeaderCorrelatedID, HeaderCrossPartition, headerDate, HeaderEndEPK,
	HeaderExpiry, headerHubOnly, HeaderIfMatch, HeaderIfModifiedSince, HeaderIfNoneMatch, HeaderIntendedRID,
	HeaderIndexing, HeaderIsBatch,
	HeaderIsPlan, HeaderIsQuery, HeaderIsUpsert, HeaderMaxItemCount, HeaderMaxStaleness, HeaderMigrateAutoscale,
	HeaderMigrateManual, HeaderPartitionKey, HeaderPostTriggers, HeaderPrefer, HeaderPreTriggers, HeaderPriority,
	HeaderQueryFeatures, HeaderQueryVersion, HeaderRangeID, HeaderReadKeyType, HeaderScriptLogging, HeaderSessionToken,
	HeaderStartEPK, HeaderThroughput, headerUserAgent, headerVersion, HeaderWantAdvice, HeaderWantIndexMetrics,
	HeaderWantQueryMetrics, HeaderWantQuota, HeaderWireFormat,
}

// notInNames tells the characters that the name of a header cannot have.
func notInNames(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// CheckHeader returns why a program cannot add a header field to requests by itself. name is in canonical form.
func CheckHeader(name, value string) error {
	switch {
	case name == "" || strings.ContainsFunc(name, notInNames):
		return fmt.Errorf("cosmos: %q is not the name of a header", name)
	case slices.Contains(ownHeaders, name):
		return fmt.Errorf("cosmos: the header %s is the client's own: use the option that it stands for",
			strings.ToLower(name))
	case !sendable(value):
		return unsendable(name)
	}
	return nil
}

// stamp is the text of one second, for the x-ms-date header.
type stamp struct {
	second int64 // Unix time
	text   string
}

var lastStamp atomic.Pointer[stamp]

// date formats t, in UTC, for the x-ms-date header. Requests of the same second share the text.
func date(t time.Time) string {
	second := t.Unix()
	if s := lastStamp.Load(); s != nil && s.second == second {
		return s.text
	}
	s := &stamp{second, t.UTC().Format(http.TimeFormat)}
	lastStamp.Store(s)
	return s.text
}
