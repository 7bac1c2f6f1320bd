package cosmos

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/rest"
)

// Tracer is told of what a client does: of every operation, such as a CreateItem or a page of a query, and of every
// attempt to send one of its requests. It never sees a document, a parameter of a query or a secret. Its methods are
// called by many goroutines at a time, and by the one that does the work: they should be quick. The context that a
// Begins method returns is the one of what begins, and what is called for its end.
type Tracer interface {
	OperationBegins(ctx context.Context, b OperationBegin) context.Context
	OperationEnds(ctx context.Context, e OperationEnd)
	AttemptBegins(ctx context.Context, b AttemptBegin) context.Context
	AttemptEnds(ctx context.Context, e AttemptEnd)
}

// ClientTracer is what a [Tracer] may implement as well: it is told when a client is made and when it is closed, once
// each. host is that of the account's endpoint, with its port.
type ClientTracer interface {
	ClientOpens(host string)
	ClientCloses(host string)
}

// OperationBegin is an operation that begins.
type OperationBegin struct {
	// Name is what the semantic conventions of OpenTelemetry call it: create_item, query_items, execute_batch …
	Name      string
	Database  string // empty for operations on the account
	Container string // empty for operations on a database
	BatchSize int    // of a batch: how many operations it has
	Host      string // of the account's endpoint, with its port
	Procedure string // that is run, read or written
	ClientID  string // tells the clients of a program apart
	UserAgent string // as it is sent
}

// OperationEnd is what came of an operation.
type OperationEnd struct {
	OperationBegin
	StatusCode    int // of the last answer; 0: there was none
	SubStatus     int
	RequestCharge float64  // RU, of all attempts
	Attempts      int      // that were sent
	ActivityID    string   // of the last attempt
	Regions       []string // that were asked, each once
	Rows          int      // of a page of a query or feed
	RequestBytes  int      // of the body of the last request
	Consistency   string   // level of the last attempt, if it is known
	Duration      time.Duration
	Err           error // nil also for a page after the last one
}

// AttemptBegin is an attempt to send one request of an operation.
type AttemptBegin struct {
	Method       string // of HTTP
	Host         string // to which it is sent, with its port
	Region       string // of the account; empty if it names none
	Number       int    // of the attempt of its request, from 1
	ActivityID   string // names it in the service's logs
	RequestBytes int    // of the body

	// Hedge is above zero if the attempt belongs to a read that was sent to further regions before the first one
	// answered ([ClientOptions].HedgeThreshold): it counts those asked before.
	Hedge int
	// Avoided are regions that are asked last because they, or the partition in them, have failed too often.
	Avoided []string
	// Consistency is the level of a request about documents: its own or the account's. It is empty where it is not
	// known or no tracer asks for it.
	Consistency string
}

// AttemptEnd is what came of an attempt.
type AttemptEnd struct {
	AttemptBegin
	StatusCode    int // of HTTP; 0: no answer
	SubStatus     int
	RequestCharge float64 // RU
	ResponseBytes int     // of the body
	Duration      time.Duration
	Err           error // why there is no answer of the service
}

// attempts passes attempts on to a Tracer, and counts them for their operation.
type attempts struct{ tracer Tracer }

func attemptTracer(t Tracer) rest.Tracer {
	if t == nil {
		return nil
	}
	return attempts{t}
}

func (a attempts) AttemptBegins(ctx context.Context, b rest.AttemptBegin) context.Context {
	if o, _ := ctx.Value(operationKey{}).(*tracedOperation); o != nil {
		o.sent(&b)
	}
	return a.tracer.AttemptBegins(ctx, AttemptBegin(b))
}

func (a attempts) AttemptEnds(ctx context.Context, e rest.AttemptEnd) {
	if o, _ := ctx.Value(operationKey{}).(*tracedOperation); o != nil {
		o.count(&e)
	}
	a.tracer.AttemptEnds(ctx, attemptEnd(e))
}

func attemptEnd(e rest.AttemptEnd) AttemptEnd {
	return AttemptEnd{
		AttemptBegin: AttemptBegin(e.AttemptBegin), StatusCode: e.StatusCode, SubStatus: e.SubStatus,
		RequestCharge: e.RequestCharge,
		ResponseBytes: e.ResponseBytes, Duration: e.Duration, Err: e.Err,
	}
}

// tracedOperation is an operation that has begun; nil if nobody is told.
type tracedOperation struct {
	tracer Tracer
	ctx    context.Context
	start  time.Time

	mu  sync.Mutex // attempts may run side by side
	end OperationEnd
}

type operationKey struct{}

// begin tells the tracer, if there is one, of an operation that begins. link is that of the container or database. What
// runs as a part of another operation is none of its own.
func (c *Client) begin(ctx context.Context, name, link string, batch int) (context.Context, *tracedOperation) {
	if c.tracer == nil || ctx.Value(operationKey{}) != nil {
		return ctx, nil
	}
	o := &tracedOperation{tracer: c.tracer, start: time.Now()}
	ids := strings.Split(link, "/")
	o.end.Name, o.end.BatchSize, o.end.Host, o.end.ClientID, o.end.UserAgent = name, batch, c.host, c.id, c.agent
	if len(ids) > 1 {
		o.end.Database = ids[1]
	}
	if len(ids) > 3 && ids[2] == string(rest.Containers) {
		o.end.Container = ids[3]
	}
	if len(ids) > 5 && ids[4] == string(rest.Procedures) {
		o.end.Procedure = ids[5]
	}
	o.ctx = context.WithValue(c.tracer.OperationBegins(ctx, o.end.OperationBegin), operationKey{}, o)
	return o.ctx, o
}

// traced tells of an operation that several requests make up; the function returned tells of its end.
func (c *Client) traced(ctx context.Context, name, link string) (context.Context, func(error)) {
	if c == nil {
		return ctx, func(error) {}
	}
	ctx, o := c.begin(ctx, name, link, 0)
	return ctx, func(err error) { o.ends(0, err) }
}

// sent counts an attempt that begins: one of a hedged read may go on when the operation has its answer.
func (o *tracedOperation) sent(b *rest.AttemptBegin) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.end.Attempts++
	o.end.RequestBytes, o.end.Consistency = b.RequestBytes, b.Consistency
	if b.Region != "" && !slices.Contains(o.end.Regions, b.Region) {
		o.end.Regions = append(o.end.Regions, b.Region)
	}
}

// count adds what an attempt cost, and notes what came of it.
func (o *tracedOperation) count(e *rest.AttemptEnd) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.end.RequestCharge += e.RequestCharge
	if errors.Is(e.Err, context.Canceled) && o.ctx.Err() == nil {
		return // it was given up since another region of a hedged read has answered
	}
	o.end.ActivityID, o.end.StatusCode, o.end.SubStatus = e.ActivityID, e.StatusCode, e.SubStatus
}

// page tells of the end of a page, which may be nil. Its cost is that of the page, whenever it was fetched.
func (o *tracedOperation) page(p *Page, err error) {
	if o == nil {
		return
	}
	rows := 0
	if p != nil && p.Response != nil {
		rows = len(p.Items)
		o.mu.Lock()
		o.end.RequestCharge = p.Response.RequestCharge
		o.mu.Unlock()
	}
	o.ends(rows, err)
}

// ends tells of the end. rows is how many a page has.
func (o *tracedOperation) ends(rows int, err error) {
	if o == nil {
		return
	}
	o.mu.Lock()
	end := o.end
	end.Regions = slices.Clone(end.Regions)
	o.mu.Unlock()
	var e *Error
	if errors.As(err, &e) {
		end.StatusCode, end.SubStatus = e.StatusCode, e.SubStatus
	}
	if err != io.EOF {
		end.Err = err
	}
	end.Rows, end.Duration = rows, time.Since(o.start)
	o.tracer.OperationEnds(o.ctx, end)
}

// operationName is what the semantic conventions call a request that is an operation by itself.
func operationName(req *rest.Request) string {
	verb := map[string]string{http.MethodPost: "create", http.MethodGet: "read", http.MethodPut: "replace",
		http.MethodDelete: "delete", http.MethodPatch: "patch"}[req.Verb]
	noun := map[rest.Kind]string{
		rest.Account: "account", rest.Databases: "database", rest.Containers: "container", rest.Documents: "item",
		rest.Ranges: "partition_key_ranges",
		rest.Offers: "throughput", rest.Procedures: "stored_procedure", rest.Triggers: "trigger",
		rest.Functions: "user_defined_function",
		rest.Users:     "user", rest.Permissions: "permission", rest.Conflicts: "conflict",
	}[req.Kind]
	switch {
	case req.Scope != "" && req.Kind == rest.Procedures:
		return "execute_stored_procedure"
	case req.Scope != "" && req.Kind == rest.Containers:
		return "delete_all_items_by_partition_key"
	case req.Value(rest.HeaderIsQuery) != "":
		return "query_" + noun + "s"
	case req.Kind != rest.Ranges && req.Verb == http.MethodGet && strings.HasSuffix(req.Path, "/"+string(req.Kind)):
		return "read_all_" + noun + "s"
	case req.Value(rest.HeaderIsUpsert) != "":
		verb = "upsert"
	}
	return verb + "_" + noun
}

// itemOperation is what the semantic conventions call an operation on a document.
func (k OperationKind) itemOperation() string { return strings.ToLower(string(k)) + "_item" }
