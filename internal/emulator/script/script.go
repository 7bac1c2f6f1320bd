// Package script is what the gateway and a JavaScript engine agree on. The engine itself is in the package engine
// below, so that a server that runs no JavaScript does not link one.
package script

import (
	"context"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Engine runs the scripts of a container. It is safe for concurrent use.
type Engine interface {
	// Function compiles a user-defined function for one query. now is the clock that it sees.
	Function(s Source, now func() time.Time) (eval.Function, error)
	// Run runs a stored procedure or a trigger. What went wrong in it is an [*Error].
	Run(ctx context.Context, in Invocation) (Result, error)
}

// Source is the text of a script.
type Source struct{ ID, Body string }

// Invocation is one run of a stored procedure or trigger.
type Invocation struct {
	Source
	Now        func() time.Time // the clock that it sees
	Args       []value.Value    // of a stored procedure
	Operation  string           // Create, Replace, Upsert, Delete or Execute, as getOperationType has it
	Collection Collection
	Request    value.Value // the document that was sent, which a pre-trigger may change; undefined if there is none
	Response   value.Value // the document that a post-trigger finds written; undefined if there is none
}

// Result is what a script leaves behind.
type Result struct {
	Request  value.Value // the document, as a pre-trigger left it
	Response value.Value // what setBody got; undefined without a call
	Log      string      // of console.log
}

// Page is a page of documents or rows.
type Page struct {
	Rows []value.Value
	Next string // the continuation; "" after the last page
}

// Query is a query of a script; Text "" is all documents.
type Query struct {
	Text         string
	Params       map[string]value.Value
	PageSize     int // 0 is the server's default
	Continuation string
}

// Collection is a script's access to the documents of its logical partition, in its transaction. Errors are those that
// the script's callback gets. Links are of rids or names.
type Collection interface {
	SelfLink() string
	AltLink() string
	// Accept counts an operation and reports whether it may still be done.
	Accept() bool
	Create(doc value.Value) (value.Value, error)
	Upsert(doc value.Value, ifMatch string) (value.Value, error)
	Read(link string) (value.Value, error)
	Replace(link string, doc value.Value, ifMatch string) (value.Value, error)
	Delete(link, ifMatch string) error
	Query(q Query) (Page, error)
}

// Error is an exception of a script, or a bound that it has broken.
type Error struct {
	Number  int    // of new Error(number, message) or of the operation that failed; 0 if there is none
	Message string // as the service words it
	Log     string // of console.log until then
	Timeout bool   // it ran too long
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }
