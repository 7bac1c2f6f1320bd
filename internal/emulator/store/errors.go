package store

import "fmt"

// Substatuses that go with an [Error]'s status.
const (
	SubNameStale      = 1000 // 410: another container has the name now
	SubWriteForbidden = 3    // 403: the region does not write
	SubMismatch       = 1001 // 400: the partition key given is not the document's
	SubRangeGone      = 1002 // 410: the partition key range was split or merged
	SubNoSession      = 1002 // 404: the session is ahead of what is here
	SubOwner          = 1003 // 404: the parent of the resource does not exist
	SubNotServed      = 1004 // 400: the gateway cannot serve this cross-partition query
	SubWrongRID       = 1024 // 400: the container is not the one the caller knows
	SubNotFinite      = 4001 // 400: a number of the result is NaN or infinite
	SubRateTooBig     = 3200 // 429: the throughput is used up
	SubNameTaken      = 3206 // 409: a database of this name exists
)

// Error is a refusal: the status and substatus that the service answers with, and its message.
type Error struct {
	Status, SubStatus int
	Message           string
	Info              string // additionalErrorInfo of the body, or ""
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
	msgNotFound     = "Entity with the specified id does not exist in the system."
	msgTaken        = "Entity with the specified id already exists in the system."
	msgPrecondition = "Operation cannot be performed because one of the specified precondition is not met."
)

func notFound() *Error     { return Errorf(404, 0, msgNotFound) }
func taken() *Error        { return Errorf(409, 0, msgTaken) }
func precondition() *Error { return Errorf(412, 0, msgPrecondition) }

// OwnerNotFound is the refusal of what is asked of something in a database or container that does not exist.
func OwnerNotFound() *Error { return Errorf(404, SubOwner, "Owner resource does not exist") }

// TooLarge is the refusal of a document, or of a request, beyond [MaxDocument].
func TooLarge() *Error { return Errorf(413, 0, "Request size is too large") }

// Match refuses a condition that does not hold: ifMatch, unless it is empty or "*", must be the etag.
func Match(ifMatch, etag string) error {
	if ifMatch != "" && ifMatch != "*" && ifMatch != etag {
		return precondition()
	}
	return nil
}
