package gateway

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// kind is the kind of an answer, which decides what headers it has.
type kind int

// The kinds. Each has the headers that the recordings of the service have for it.
const (
	// No charge, no session token and no lsn (PROTOCOL.md 1.5).
	ofGateway kind = iota // answered before any partition was asked
	// Recorded exchange 33.
	ofAccount     // neither activity nor charge
	ofPlan        // the same
	ofMetadata    // a database, user, permission, offer
	ofContainer   // a container's definition
	ofDocument    // one document
	ofRows        // a page of a query
	ofFeed        // a page of a feed
	ofBatch       // several operations
	ofScript      // a script's definition
	ofRun         // what a script made
	ofTransaction // a distributed transaction
)

// kinds are the kinds of the operations' answers; what is not listed is of documents. Headers are told by the
// operation, not by the handler, so that refusals of an operation have those of its kind too.
var kinds = map[Operation]kind{
	ReadAccount:          ofAccount,
	QueryPlan:            ofPlan,
	UnknownOperation:     ofGateway,
	ListDatabases:        ofFeed,
	CreateDatabase:       ofMetadata,
	ReadDatabase:         ofMetadata,
	DeleteDatabase:       ofMetadata,
	ListContainers:       ofFeed,
	CreateContainer:      ofContainer,
	ReadContainer:        ofContainer,
	ReplaceContainer:     ofContainer,
	DeleteContainer:      ofContainer,
	ReadRanges:           ofFeed,
	ListOffers:           ofFeed,
	ReadOffer:            ofMetadata,
	ReplaceOffer:         ofMetadata,
	List:                 ofFeed,
	ChangeFeed:           ofFeed,
	Create:               ofDocument,
	Upsert:               ofDocument,
	Read:                 ofDocument,
	Replace:              ofDocument,
	Patch:                ofDocument,
	Delete:               ofDocument,
	Query:                ofRows,
	Batch:                ofBatch,
	Bulk:                 ofBatch,
	DeletePartitionKey:   ofRun,
	ManageUsers:          ofMetadata,
	ManagePermissions:    ofMetadata,
	ManageEncryptionKeys: ofMetadata,
	ManageScripts:        ofScript,
	ExecuteScript:        ofRun,
	ListConflicts:        ofFeed,
	CommitTransaction:    ofTransaction,
	AbortTransaction:     ofTransaction,
	ReadTransaction:      ofTransaction,
}

// inDocuments reports whether a partition of documents answers, which has a range id. Metadata lives in a partition
// of its own, the range M of PROTOCOL.md 3.7, which answers do not name.
func (k kind) inDocuments() bool {
	switch k {
	case ofContainer, ofDocument, ofRows, ofBatch, ofScript, ofRun:
		return true
	}
	return false
}

// answered notes that partitions have answered, and how far they are. One token for each, with commas between: the
// compound form (PROTOCOL.md 8.1). The single headers are those of the last, since they have room for one.
func (c *call) answered(marks ...store.Mark) {
	var b strings.Builder
	for _, m := range marks {
		if m.Range == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(sessionToken(m))
		c.replica.answers, c.replica.rangeID, c.replica.lsn = true, m.Range, m.LSN
		c.replica.count, c.replica.bytes = m.Count, m.Bytes
	}
	if b.Len() > 0 {
		c.replica.token = b.String()
	}
}

// write sends the reply.
func (c *call) write(res reply) {
	// The request has been carried out; only now its answer is replaced, as that of a service whose answer was lost
	// in a proxy is.
	if f := c.instead; f != nil {
		c.instead = nil
		res = c.refuseBy(*f)
	}
	c.setHeaders(&res)
	c.sent = res
	// Before the first byte goes out.
	c.observe()
	// Neither may have a body (RFC 9110), and net/http would complain about one.
	if res.status == http.StatusNoContent || res.status == http.StatusNotModified {
		res.body = nil
	} else {
		c.set("Content-Length", strconv.Itoa(len(res.body)))
	}
	if c.spoil != NoSpoil {
		c.writeSpoiled(res)
		return
	}
	switch c.cut {
	// The work is done: a client cannot tell this from a request that never arrived, which is what the fault is for.
	case CutAfter:
		c.hangUp()
		return
	case CutBody:
		res.body = res.body[:len(res.body)/2]
	}
	c.w.WriteHeader(res.status)
	var err error // a client that is gone needs no answer
	if c.r.Method != http.MethodHead {
		_, err = c.w.Write(res.body)
	}
	if c.cut == CutBody {
		c.hangUp()
	}
	if res.buffer != nil && err == nil { // else a frame of HTTP/2 may still be made of it
		buffers.Put(res.buffer)
	}
}

// setHeaders writes the headers that go with the kind of the answer. net/http adds the date, and takes the content
// type away from a 304. The lists are recorded/header_sets.json, and a test replays the recordings against them.
func (c *call) setHeaders(res *reply) {
	failed := res.status >= 400
	// net/http looks for this one, and for the length, by their usual names, and would write its own beside others.
	c.set("Content-Type", "application/json")
	c.set("server", "Microsoft-HTTPAPI/2.0")
	c.set("strict-transport-security", "max-age=31536000")
	// Of the day of the recordings; clients only log it.
	c.set("x-ms-gatewayversion", "version=2.14.0")
	// Recorded exchanges 45, 138 and 143 have it, creates do not.
	if c.r.Method != http.MethodPost {
		c.set("content-location", c.g.opts.Scheme+"://"+c.host()+c.r.URL.EscapedPath())
	}
	if !failed && c.op.name != CreateDatabase { // as recorded
		c.set("cache-control", "no-store, no-cache")
		c.set("pragma", "no-cache")
		// No activity id either (recorded exchanges 33 and 59).
		if res.kind == ofAccount || res.kind == ofPlan {
			return
		}
	}
	c.set(headerActivity, c.activity)
	if res.kind == ofGateway {
		return
	}
	c.setReplica(res)
	if failed {
		// Exchange 169, whose result was not finite.
		if c.op.name == Query && c.replica.answers { // the query failed where its rows are
			c.set("x-ms-cosmos-is-partition-key-delete-pending", "false")
			c.setUsage()
		}
		return
	}
	c.setOwner(res.kind)
	// Recorded exchanges 3 and 37.
	if res.kind == ofContainer && res.status != http.StatusNoContent {
		c.set("x-ms-cosmos-max-content-length", "2097152")
		c.set("collection-partition-index", "0")
		c.set("collection-service-index", "0")
		if c.container.Shares() {
			c.set("x-ms-share-throughput", "true")
		}
	}
	if res.kind == ofRows {
		// Clients decide by it how rows with equal keys follow each other (PROTOCOL.md 6.9).
		if !c.has(headerExecution) {
			c.set(headerExecution, `{"reverseRidEnabled":false,"reverseIndexScan":false}`)
		}
		c.set("x-ms-cosmos-is-partition-key-delete-pending", "false")
	}
	switch res.kind {
	case ofDocument, ofRows:
		c.setUsage()
	// Feeds of metadata have none but the quotas of their own kind.
	case ofFeed:
		if c.op.name == List || c.op.name == ChangeFeed {
			c.setUsage()
		}
	}
}

// setOwner names what owns the resource that is answered: the database of a container, the container of a document.
// JavaScript keeps its session tokens by these paths (PROTOCOL.md 8.3): of a container it is the database, of a
// document the container.
func (c *call) setOwner(k kind) {
	switch {
	// The alternative path is that of the procedure itself (recorded exchange 160).
	case c.op.name == ExecuteScript:
		c.set(headerAltPath, c.container.Path()+"/sprocs/"+c.path[5])
		c.set(headerContentPath, c.container.RID())
	case c.user != nil:
		c.set(headerAltPath, "dbs/"+c.database.ID()+"/users/"+c.user.ID())
		c.set(headerContentPath, c.user.RID())
	case k == ofContainer, c.op.name == ListContainers, c.op.name == ManageUsers:
		c.set(headerAltPath, "dbs/"+c.database.ID())
		if k != ofContainer || !c.op.writes {
			c.set(headerContentPath, c.database.RID())
		}
	// Content paths only if something was written (recorded exchanges 193 and 194).
	case k == ofBatch && c.nothing:
	case c.container != nil:
		c.set(headerAltPath, c.container.Path())
		c.set(headerContentPath, c.container.RID())
	}
}

// setUsage writes the quota of documents, in KB, and what the partition uses of it. The service's numbers lag and
// differ between its replicas; these are exact.
func (c *call) setUsage() {
	r := c.place(ofDocument)
	kb := strconv.FormatInt((r.bytes+1023)/1024, 10)
	c.set(headerQuota, "documentSize=10240;documentsSize=10485760;documentsCount=-1;collectionSize=10485760;")
	c.set(headerUsage,
		"documentSize=0;documentsSize="+kb+";documentsCount="+strconv.Itoa(r.count)+";collectionSize="+kb+";")
}

// quota writes how many resources of some kinds there may be, and are. Three arguments a kind: name, bound, number.
func (c *call) quota(what ...any) {
	var q, u strings.Builder
	for i := 0; i < len(what); i += 3 {
		fmt.Fprintf(&q, "%s=%d;", what[i], what[i+1])
		fmt.Fprintf(&u, "%s=%d;", what[i], what[i+2])
	}
	c.set(headerQuota, q.String())
	c.set(headerUsage, u.String())
}

// host is the address that the client used. HTTP/1.0 has no Host.
func (c *call) host() string {
	if c.r.Host != "" {
		return c.r.Host
	}
	return c.g.endpoint(c.region)
}

// internalPartition is the id of a partition that nobody outside the service can do anything with. A constant, so
// that nothing depends on it.
const internalPartition = "66666666-6666-6666-6666-666666666666"
