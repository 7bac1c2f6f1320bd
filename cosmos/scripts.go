package cosmos

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// StoredProcedure is a JavaScript function that the service runs in a transaction of one logical partition.
type StoredProcedure struct {
	ID   string `json:"id"`
	Body string `json:"body"`
	RID  string `json:"_rid,omitempty"`
	ETag string `json:"_etag,omitempty"`
	TS   int64  `json:"_ts,omitempty"`
	// Response is the answer that it came with; beside an error there is nothing else.
	Response *Response `json:"-"`
}

func (p StoredProcedure) resourceID() string       { return p.ID }
func (p *StoredProcedure) setResponse(r *Response) { p.Response = r }

// Trigger is a JavaScript function that runs with writes that name it: see [PreTriggers] and [PostTriggers].
type Trigger struct {
	ID        string           `json:"id"`
	Body      string           `json:"body"`
	Type      TriggerType      `json:"triggerType"`      // Pre or Post
	Operation TriggerOperation `json:"triggerOperation"` // All, Create, Update, Delete or Replace
	RID       string           `json:"_rid,omitempty"`
	ETag      string           `json:"_etag,omitempty"`
	TS        int64            `json:"_ts,omitempty"`
	// Response is the answer that it came with; beside an error there is nothing else.
	Response *Response `json:"-"`
}

func (t Trigger) resourceID() string       { return t.ID }
func (t *Trigger) setResponse(r *Response) { t.Response = r }

// UserDefinedFunction is a JavaScript function that queries call as udf.id(…).
type UserDefinedFunction struct {
	ID   string `json:"id"`
	Body string `json:"body"`
	RID  string `json:"_rid,omitempty"`
	ETag string `json:"_etag,omitempty"`
	TS   int64  `json:"_ts,omitempty"`
	// Response is the answer that it came with; beside an error there is nothing else.
	Response *Response `json:"-"`
}

func (f UserDefinedFunction) resourceID() string       { return f.ID }
func (f *UserDefinedFunction) setResponse(r *Response) { f.Response = r }

// StoredProcedures manages the container's stored procedures.
func (c *Container) StoredProcedures() *Resources[StoredProcedure] {
	return &Resources[StoredProcedure]{client: c.client(), owner: c.where(), kind: rest.Procedures,
		array: "StoredProcedures", what: "stored procedure", err: c.check()}
}

// Triggers manages the container's triggers.
func (c *Container) Triggers() *Resources[Trigger] {
	return &Resources[Trigger]{client: c.client(), owner: c.where(), kind: rest.Triggers, array: "Triggers",
		what: "trigger", err: c.check()}
}

// UserDefinedFunctions manages the container's user-defined functions.
func (c *Container) UserDefinedFunctions() *Resources[UserDefinedFunction] {
	return &Resources[UserDefinedFunction]{client: c.client(), owner: c.where(), kind: rest.Functions,
		array: "UserDefinedFunctions", what: "function", err: c.check()}
}

// ExecuteStoredProcedure runs a stored procedure (POST sprocs/{id}) in the logical partition that the option
// [PartitionKey] names. args are anything that encoding/json encodes. The response's body is the JSON that the
// procedure answered; with [ScriptLogging], [ScriptLog] returns its console output.
func (c *Container) ExecuteStoredProcedure(ctx context.Context, procedure string, args []any,
	opts ...Option) (*Response, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := naming.CheckID("stored procedure", procedure); err != nil {
		return nil, err
	}
	set, err := c.client().resolve(ctx, option.ExecuteStoredProcedure, opts)
	if err != nil {
		return nil, err
	}
	req := c.address.child(rest.Procedures, procedure).request(http.MethodPost, rest.Procedures, rest.Write)
	req.Scope, req.Shape = c.address.link, rest.Anything
	req.Body = []byte{'['}
	for i, a := range args {
		text, err := argument.Encode(a)
		if err != nil {
			return nil, within(fmt.Sprintf("argument %d of procedure %q", i, procedure), err)
		}
		if i > 0 {
			req.Body = append(req.Body, ',')
		}
		req.Body = append(req.Body, text...)
	}
	req.Body = append(req.Body, ']')
	if set.ScriptLogging {
		req.Set(rest.HeaderScriptLogging, "true")
	}
	if err := c.routeNamed(ctx, req, set, false); err != nil {
		return nil, err
	}
	return c.client().do(ctx, set, req)
}

// ScriptLogging has the console output of a stored procedure sent back.
func ScriptLogging(want bool) Option { return option.New(option.ScriptLogging, want) }

// ScriptLog returns the console output that came with the answer of [Container.ExecuteStoredProcedure]; "" if there is
// none.
func ScriptLog(r *Response) string {
	if r == nil {
		return ""
	}
	text, err := url.PathUnescape(r.Header.Get(rest.HeaderLogResults))
	if err != nil {
		return r.Header.Get(rest.HeaderLogResults)
	}
	return text
}
