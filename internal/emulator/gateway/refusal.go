package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// refuse is a refusal of the gateway itself, before any partition is asked. Such an answer has no charge, no session
// token and no lsn.
func refuse(status, sub int, format string, args ...any) *store.Error {
	e := store.Errorf(status, sub, format, args...)
	e.Form = store.Gateway
	return e
}

// refuseList is one whose text stands in a JSON list. Aggregates without VALUE and names of parameters (recorded
// exchanges 58 and 85).
func refuseList(status, sub int, format string, args ...any) *store.Error {
	e := refuse(status, sub, format, args...)
	e.Form = store.GatewayList
	return e
}

// refusal is the reply to a call that failed. Whatever is not a refusal is a fault of this server: 500, with its
// text, so that it can be reported.
func (c *call) refusal(err error) reply {
	var e *store.Error
	if !errors.As(err, &e) {
		e = store.Errorf(500, 0, "%v", err)
	}
	k := c.refusalKind(e) // finds the container, which the text and the session token are of
	// Absent and not 0 otherwise (FACTS.md 9).
	if e.SubStatus != 0 {
		c.set(headerSubstatus, strconv.Itoa(e.SubStatus))
	}
	members := []value.Member{{Name: "code", Value: value.String(code(e.Status))}}
	// OPTIONS has no message at all; every other error must have one, as JavaScript crashes without (PROTOCOL.md
	// 4.8).
	if text := c.message(e); text != "" {
		members = append(members, value.Member{Name: "message", Value: value.String(text)})
	}
	if e.Info != "" {
		members = append(members, value.Member{Name: "additionalErrorInfo", Value: value.String(e.Info)})
	}
	body := value.AppendJSON(nil, value.Object(members))
	if e.Status == http.StatusForbidden && e.SubStatus == store.SubAccountGone { // a 410/1008 is about a partition
		body = accountNotFound(c.g.account.Name(), c.message(e))
	}
	return reply{status: e.Status, body: body, kind: k, charge: c.refusalCharge(e), free: e.Charge < 0,
		sub: e.SubStatus}
}

// refusalKind decides the headers of a refusal: of the gateway, of the metadata's partition, or of a partition of
// documents, whatever was asked of it. That is so also before the handler has found the container, as with an injected
// fault: a client keeps the session token of a 409, and one of the metadata would be ahead of every document.
func (c *call) refusalKind(e *store.Error) kind {
	if e.Form >= store.Gateway {
		return ofGateway
	}
	if k := kinds[c.op.name]; k == ofContainer || !k.inDocuments() && k != ofFeed {
		return ofMetadata
	}
	if c.container == nil && len(c.path) > 3 {
		c.container, _ = c.g.account.Container(c.path[1], c.path[3])
	}
	if c.container == nil {
		return ofMetadata
	}
	return ofDocument
}

// refusalCharge is what a refusal costs. A refusal costs, too: 1.24 for a write, 0.38 for a throttled request
// (FACTS.md 23 and 24).
func (c *call) refusalCharge(e *store.Error) float64 {
	switch {
	case e.Free, c.op.name == UnknownOperation:
		return 0
	case e.Charge > 0:
		return e.Charge
	case e.Status == http.StatusTooManyRequests:
		return chargeThrottled
	case e.Status == http.StatusNotFound && e.Form == store.Replica:
		return chargeRead
	case c.op.name == Query:
		return queryCharge
	case c.op.writes:
		return chargeRefused
	}
	return 1
}

// code is the name of a status in error bodies. It is the reason phrase without blanks; 449 is Microsoft's own, which
// net/http does not name.
func code(status int) string {
	if status == 449 {
		return "RetryWith"
	}
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

// version ends the messages of the service. It stands at the end of all messages but those of form Bare.
const version = "Microsoft.Azure.Documents.Common/2.14.0"

// message dresses an error's text as the service does: see [store.Form].
func (c *call) message(e *store.Error) string {
	text := e.Message
	if e.Form == store.Bare {
		return text
	}
	if e.Form == store.Diagnosed {
		return text + c.diagnostics(e)
	}
	// Findings of a query are JSON already, with a small e (recorded exchange 165).
	if strings.HasPrefix(text, `{"errors"`) {
		text = "Message: " + text
	} else if e.Form != store.Gateway {
		text = `Message: {"Errors":[` + string(value.AppendJSON(nil, value.String(text))) + "]}"
	}
	text += "\r\nActivityId: " + c.activity + ", "
	if e.Form == store.Replica {
		text += "Request URI: " + c.replicaURI() + ", RequestStats: , SDK: "
	}
	return text + version
}

// replicaURI is an address of the form that replicas have. Documents' end in a slash, the metadata's do not. Writes
// are answered by the primary, p, reads here by a secondary, s. The ids are the recordings' placeholders.
func (c *call) replicaURI() string {
	role, end := "s", ""
	if c.op.writes {
		role = "p"
	}
	app, service, partition := "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222",
		"33333333-3333-3333-3333-333333333333"
	if k := kinds[c.op.name]; k != ofContainer && (c.container != nil || k == ofDocument && c.body == nil) {
		app, service, partition, end = "44444444-4444-4444-4444-444444444444", "55555555-5555-5555-5555-555555555555",
			internalPartition, "/"
	}
	return "/apps/" + app + "/services/" + service + "/partitions/" + partition +
		"/replicas/100000000000000001" + role + end
}

// diagnostics is what the service appends to the text of a missing, existing or changed document. Programs tell what
// was missing by its last line. gocosmos looks for ResourceType: Document in it. The form is that of exchange 142,
// the only one recorded whole.
func (c *call) diagnostics(e *store.Error) string {
	const form = "2006-01-02T15:04:05.0000000Z"
	began, now := c.began.UTC().Format(form), time.Now().UTC().Format(form)
	r := c.place(ofDocument)
	return fmt.Sprintf(", \r\nRequestStartTime: %s, RequestEndTime: %s,  Number of regions attempted:1\r\n"+
		`{"systemHistory":[{"dateUtc":"%s","cpu":2.797,"memory":429467720.000,`+
		`"threadInfo":{"isThreadStarving":"False",`+
		`"threadWaitIntervalInMs":0.0453,"availableThreads":32764,"minThreads":104,"maxThreads":32767},`+
		`"numberOfOpenTcpConnection":4127}]}`+
		"\r\nRequestStart: %s; ResponseTime: %s; StoreResult: StorePhysicalAddress: "+
		"rntbd://replica.example:14301%s, LSN: %d, "+
		"GlobalCommittedLsn: %d, PartitionKeyRangeId: %s, IsValid: True, StatusCode: %d, SubStatusCode: %d, "+
		"RequestCharge: %v, ItemLSN: -1, "+
		"SessionToken: -1#%d, UsingLocalLSN: False, TransportException: null, BELatencyMs: 0.807, ActivityId: %s, "+
		"RetryAfterInMs: , "+
		"globalNRegionCommittedGLSN: -1, ReplicaHealthStatuses: [(port: 14301 | status: Connected | lkt: 10/10/2026 "+
		"9:01:55 AM)], "+
		`TransportRequestTimeline: {"requestTimeline":[{"event": "Created", "startTimeUtc": "%s", `+
		`"durationInMs": 0.0068}],`+
		`"serviceEndpointStats":{"inflightRequests":1,"openConnections":1}};`+
		"\r\n ResourceType: Document, OperationType: %s\r\n, %s",
		began, now, began, began, now, c.replicaURI(), r.lsn, r.lsn, r.rangeID, e.Status, e.SubStatus,
		cents(c.refusalCharge(e)), r.lsn, c.activity, began,
		c.op.name, version)
}
