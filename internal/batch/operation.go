// Package batch holds the wire form of transactional batches and bulk requests: the operations that a request lists,
// and the results that an answer lists.
package batch

import "github.com/go-json-experiment/json/jsontext"

// The kinds of operations, as the service names them.
const (
	Create  = "Create"
	Upsert  = "Upsert"
	Replace = "Replace"
	Patch   = "Patch"
	Delete  = "Delete"
	Read    = "Read"
)

// The service's limits on a request.
const (
	MaxOperations = 100     // more are 400 "Batch request has more operations than what is supported."
	MaxBytes      = 2 << 20 // of the body
)

// Operation is one operation of a request.
type Operation struct {
	Kind                 string // one of the constants
	ID                   string // of the document
	Body                 []byte // JSON: the document, or the patch
	IfMatch, IfNoneMatch string
	PartitionKey         string // in header form; empty in a transactional batch, whose header has it
}

// Document is the whole document that the operation carries; nil if it names one only.
func (o *Operation) Document() []byte {
	if o.Kind == Patch {
		return nil
	}
	return o.Body
}

// String returns the kind and the document's id, such as "Create 42".
func (o *Operation) String() string { return o.Kind + " " + o.ID }

// Size is about how many bytes the operation has in a request.
func (o *Operation) Size() int {
	const frame = 100 // names, kind and punctuation
	return len(o.Body) + len(o.ID) + len(o.IfMatch) + len(o.IfNoneMatch) + len(o.PartitionKey) + frame
}

// Append writes the operation as it stands in a request.
func (o *Operation) Append(b []byte) []byte {
	b = append(append(append(b, `{"operationType":"`...), o.Kind...), '"')
	if o.PartitionKey != "" {
		b = appendText(b, `,"partitionKey":`, o.PartitionKey)
	}
	if o.Kind != Create && o.Kind != Upsert {
		b = appendText(b, `,"id":`, o.ID)
	}
	if o.IfMatch != "" {
		b = appendText(b, `,"ifMatch":`, o.IfMatch)
	}
	if o.IfNoneMatch != "" {
		b = appendText(b, `,"ifNoneMatch":`, o.IfNoneMatch)
	}
	if o.Body != nil {
		b = append(append(b, `,"resourceBody":`...), o.Body...)
	}
	return append(b, '}')
}

func appendText(b []byte, name, value string) []byte {
	b, _ = jsontext.AppendQuote(append(b, name...), value) // ids and etags have been checked, keys are ASCII
	return b
}
