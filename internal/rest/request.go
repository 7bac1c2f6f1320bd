package rest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// Effect says what repeating a request could do.
type Effect uint8

const (
	// Read changes nothing: repeat it as often as needed.
	Read Effect = iota
	// Write must not be repeated unless it is certain that it was not executed.
	Write
	// Repeatable is a write whose caller vouches that executing it twice does no harm.
	Repeatable
)

// Request is one operation on an account. It may be sent several times; nothing in it changes but through Stale.
type Request struct {
	Verb    string  // HTTP method
	Kind    Kind    // resource type, second line of the text to sign
	Link    string  // third line of the text to sign: ids as they are, no slash at the ends
	Path    string  // decoded path with its leading slash
	RawPath string  // the same percent-encoded, where that differs
	Header  []Field // what the operation needs beyond the standing headers
	Body    []byte
	Buffer  []byte // where the answer's body is read into, if it has room; nil allocates

	Effect Effect
	// Ranged marks a request for one partition key range: when the range is gone, its caller has to think again.
	Ranged bool

	// Once marks a request that is sent a single time: its caller repeats what deserves it.
	Once bool

	// Range is the partition key range that will answer, where it is known without being addressed. Elsewhere is called when
	// another one did: the partition was split or merged.
	Range     string
	Elsewhere func()

	// Scope is the link of the container whose session the request belongs to; empty for databases, containers and the like.
	Scope string
	// Consistency overrides the client's level. SessionToken overrides the client's own tokens.
	Consistency, SessionToken string

	// Stale is called when the answer says that what the client knew of the container is outdated. It refreshes that
	// knowledge, corrects the request and reports whether sending it again could help.
	Stale func(ctx context.Context, r *Request) bool
}

// Field is one header field, its name in canonical form.
type Field struct{ Name, Value string }

// Set adds a header field or replaces the one of the same name.
func (r *Request) Set(name, value string) {
	for i := range r.Header {
		if r.Header[i].Name == name {
			r.Header[i].Value = value
			return
		}
	}
	r.Header = append(r.Header, Field{name, value})
}

// rangeID is the partition key range that will answer, if the request tells.
func (r *Request) rangeID() string {
	for i := range r.Header {
		if r.Header[i].Name == HeaderRangeID {
			return r.Header[i].Value
		}
	}
	return r.Range
}

// Header names, in the canonical form of net/http.
const (
	HeaderActivityID       = "X-Ms-Activity-Id"
	HeaderAIM              = "A-Im"
	HeaderAllowTentative   = "X-Ms-Cosmos-Allow-Tentative-Writes"
	HeaderAltContentPath   = "X-Ms-Alt-Content-Path"
	HeaderAutopilot        = "X-Ms-Cosmos-Offer-Autopilot-Settings"
	HeaderBatchAtomic      = "X-Ms-Cosmos-Batch-Atomic"
	HeaderBatchContinue    = "X-Ms-Cosmos-Batch-Continue-On-Error"
	HeaderBatchOrdered     = "X-Ms-Cosmos-Batch-Ordered"
	HeaderBucket           = "X-Ms-Cosmos-Throughput-Bucket"
	HeaderConsistency      = "X-Ms-Consistency-Level"
	HeaderContentPath      = "X-Ms-Content-Path"
	HeaderContinuation     = "X-Ms-Continuation"
	HeaderCorrelatedID     = "X-Ms-Cosmos-Correlated-Activityid"
	HeaderCrossPartition   = "X-Ms-Documentdb-Query-Enablecrosspartition"
	HeaderEndEPK           = "X-Ms-End-Epk"
	HeaderETag             = "Etag"
	HeaderExecutionInfo    = "X-Ms-Cosmos-Query-Execution-Info"
	HeaderExpiry           = "X-Ms-Documentdb-Expiry-Seconds"
	HeaderIfMatch          = "If-Match"
	HeaderIfModifiedSince  = "If-Modified-Since"
	HeaderIfNoneMatch      = "If-None-Match"
	HeaderIndexing         = "X-Ms-Indexing-Directive"
	HeaderIsBatch          = "X-Ms-Cosmos-Is-Batch-Request"
	HeaderIsPlan           = "X-Ms-Cosmos-Is-Query-Plan-Request"
	HeaderIsQuery          = "X-Ms-Documentdb-Isquery"
	HeaderIsUpsert         = "X-Ms-Documentdb-Is-Upsert"
	HeaderItemCount        = "X-Ms-Item-Count"
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
	HeaderWireFormat       = "X-Ms-Cosmos-Changefeed-Wire-Format-Version"
	headerDate             = "X-Ms-Date"
	headerVersion          = "X-Ms-Version"
	headerAuthorization    = "Authorization"
	headerAccept           = "Accept"
	headerUserAgent        = "User-Agent"
	HeaderContentType      = "Content-Type"
	ContentJSON            = "application/json"
	ContentQuery           = "application/query+json"
	apiVersion             = "2020-07-15"
	standingHeaders        = 10 // headers that send adds at most
)

// Escape percent-encodes one id for a path.
func Escape(id string) string { return url.PathEscape(id) }

// header lays out the fields of one attempt. All values share one array, since http.Header wants a slice for each.
func (r *Request) header(standing []Field) http.Header {
	values := make([]string, 0, len(r.Header)+len(standing))
	h := make(http.Header, cap(values))
	for _, list := range [2][]Field{standing, r.Header} {
		for _, f := range list {
			values = append(values, f.Value)
			h[f.Name] = values[len(values)-1 : len(values) : len(values)]
		}
	}
	return h
}

// body is a request body that remembers whether anybody began to send it.
type body struct {
	bytes.Reader
	begun *atomic.Bool
}

func (b *body) Read(p []byte) (int, error) {
	b.begun.Store(true)
	return b.Reader.Read(p)
}

func (b *body) WriteTo(w io.Writer) (int64, error) {
	b.begun.Store(true)
	return b.Reader.WriteTo(w)
}

func (b *body) Close() error { return nil }

// on builds the HTTP request of one attempt at the base address. begun is set as soon as the body is being sent.
func (r *Request) on(ctx context.Context, base *url.URL, header http.Header, begun *atomic.Bool) *http.Request {
	u := &url.URL{Scheme: base.Scheme, Host: base.Host, Path: r.Path, RawPath: r.RawPath}
	if base.Path != "" && base.Path != "/" {
		u.Path, u.RawPath = strings.TrimSuffix(base.Path, "/")+r.Path, ""
		if r.RawPath != "" {
			u.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + r.RawPath
		}
	}
	req := &http.Request{Method: r.Verb, URL: u, Host: u.Host, Header: header}
	if r.Body != nil {
		req.ContentLength = int64(len(r.Body))
		req.GetBody = func() (io.ReadCloser, error) {
			b := &body{begun: begun}
			b.Reset(r.Body)
			return b, nil
		}
		req.Body, _ = req.GetBody()
	}
	return req.WithContext(ctx)
}
