package store

import "fmt"

// Substatuses that go with an [Error]'s status.
const (
	SubNameStale       = 1000 // 410: another container has the name now
	SubWriteForbidden  = 3    // 403: the region does not write
	SubMismatch        = 1001 // 400: the partition key given is not the document's
	SubRangeGone       = 1002 // 410: the partition key range was split or merged
	SubCompletingSplit = 1007 // 410: a split or merge of the partition is about to end
	SubNoSession       = 1002 // 404: the session is ahead of what is here
	SubNotServed       = 1004 // 400: the gateway cannot serve this cross-partition query
	SubWrongRID        = 1024 // 400: the container is not the one the caller knows
	SubNotFinite       = 4001 // 400: a number of the result is NaN or infinite
	SubNoResources     = 3092 // 429: the server has no resources left for the request
	SubRateTooBig      = 3200 // 429: the throughput is used up
	SubQueueFull       = 3075 // 429: replication is too far behind
	SubAccountGone     = 1008 // 403: the region is not part of the account
)

// Form says who refuses, which is how the service dresses the message.
type Form int

// The forms.
const (
	// of a partition, or of what keeps the metadata: a JSON list of texts, and the replica's address
	Replica     Form = iota
	Diagnosed        // of a document that is missing, there already, or another: a text, and the replica's diagnostics
	Gateway          // before any partition was asked: a plain text
	GatewayList      // the same as a JSON list of texts
	Bare             // a text alone
)

// Error is a refusal: the status and substatus that the service answers with, and its message.
type Error struct {
	Status, SubStatus int
	Message           string
	Info              string // additionalErrorInfo of the body, or ""
	Form              Form
	Charge            float64 // request units; 0: what refusals of its kind cost
	Free              bool    // costs nothing, and says so
}

// Error returns the message with the status.
func (e *Error) Error() string {
	if e.SubStatus != 0 {
		return fmt.Sprintf("%d/%d: %s", e.Status, e.SubStatus, e.Message)
	}
	return fmt.Sprintf("%d: %s", e.Status, e.Message)
}

// Errorf returns an *Error with a formatted message.
func Errorf(status, sub int, format string, args ...any) *Error {
	return &Error{Status: status, SubStatus: sub, Message: fmt.Sprintf(format, args...)}
}

// The messages that several refusals share, in the service's words as far as they are known.
const (
	msgMissing      = "Resource Not Found. Learn more: https://aka.ms/cosmosdb-tsg-not-found"
	msgTaken        = "Resource with specified id, name, or unique index already exists."
	msgPrecondition = "Operation cannot be performed because one of the specified precondition is not met."
)

// refusals of resources of metadata.
func notFound() *Error     { return Errorf(404, 0, msgMissing) }
func taken() *Error        { return Errorf(409, 0, msgTaken) }
func precondition() *Error { return Errorf(412, 0, msgPrecondition) }

// Invalid is the refusal of a body, or of a member of it, that is not of the type it should have.
func Invalid() *Error { return Errorf(400, 0, "One of the specified inputs is invalid") }

// Malformed is the refusal of a body that is not JSON.
func Malformed() *Error {
	return Errorf(400, 0, "The request payload is invalid. Ensure to provide a valid request payload.")
}

// diagnosed is a refusal of a document with the replica's diagnostics.
func diagnosed(status int, text string) *Error {
	return &Error{Status: status, Message: text, Form: Diagnosed}
}

// Refusals of documents.
func missingDocument() *Error {
	return diagnosed(404,
		"Entity with the specified id does not exist in the system. More info: https://aka.ms/cosmosdb-tsg-not-found")
}

func takenDocument() *Error {
	return diagnosed(409, "Entity with the specified id already exists in the system.")
}

func changedDocument() *Error { return diagnosed(412, msgPrecondition) }

// NotFound is the refusal of a document that does not exist.
func NotFound() *Error { return missingDocument() }

// TooLarge is the refusal of a document, or of a request, beyond [MaxDocument].
func TooLarge() *Error { return Errorf(413, 0, "Request size is too large") }

// Match refuses a condition that does not hold: ifMatch, unless it is empty or "*", must be the etag.
func Match(ifMatch, etag string) error {
	if !matches(ifMatch, etag) {
		return precondition()
	}
	return nil
}

func matches(ifMatch, etag string) bool { return ifMatch == "" || ifMatch == "*" || ifMatch == etag }
