package cosmos

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/pipeline"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Kinds of errors, for errors.Is. An [*Error] matches the one of its status.
var (
	// ErrBadRequest matches 400, and what is refused before it is sent because it cannot be right: an id, a document
	// (one that is too large is [ErrTooLarge]), a partition key, an option, an argument, the text of a statement. Only
	// an answer of the service is an [*Error].
	ErrBadRequest = errtext.ErrBadRequest

	ErrUnauthorized       = errors.New("cosmos: unauthorized")        // 401
	ErrForbidden          = errors.New("cosmos: forbidden")           // 403
	ErrNotFound           = errors.New("cosmos: not found")           // 404
	ErrTimeout            = errors.New("cosmos: timeout")             // 408
	ErrConflict           = errors.New("cosmos: conflict")            // 409
	ErrGone               = errors.New("cosmos: gone")                // 410
	ErrPreconditionFailed = errors.New("cosmos: precondition failed") // 412
	ErrTooLarge           = errors.New("cosmos: too large")           // 413
	ErrThrottled          = errors.New("cosmos: throttled")           // 429

	// ErrUnavailable matches what may work later: 503, a session that no replica has caught up with (404/1002), and an
	// account that cannot be reached.
	ErrUnavailable = rest.ErrUnreachable

	// ErrUnknownOutcome matches a write that was sent and got no answer, also because its context ended: it may have
	// been executed. Read before writing again, or use [RepeatWrites]. The error may match another kind as well, that
	// of the last answer, such as ErrConflict or ErrPreconditionFailed: ask for this one first.
	ErrUnknownOutcome = rest.ErrUnknownOutcome

	// ErrOwnerNotFound matches a request about a document whose container, or database, does not exist. [ErrNotFound]
	// does not: it says that there is no such document.
	ErrOwnerNotFound = rest.ErrOwnerNotFound

	// ErrContainerRecreated matches a request whose container was deleted and created again since the client read its
	// definition. The client has read it again: ask anew. Reads, creates and upserts without a condition are repeated
	// by the client itself.
	ErrContainerRecreated = errors.New("cosmos: the container was deleted and created again meanwhile")

	// ErrBadContinuation matches a token, given to [Continuation], that is damaged or belongs to something else, and
	// the error of [Pager.Token] for a query that has none. It matches ErrBadRequest as well.
	ErrBadContinuation = pipeline.ErrContinuation

	// ErrQueryMemory matches the error of a query that would hold more than [MaxQueryMemory].
	ErrQueryMemory = pipeline.ErrBuffer

	// ErrClosed is the error of every request of a closed client.
	ErrClosed = rest.ErrClosed
)

// Error is an answer of the service that is not a success. Match it with errors.As, or its kind with errors.Is:
//
//	_, err := orders.CreateItem(ctx, order)
//	if errors.Is(err, cosmos.ErrConflict) {
//		// there is one with this id already
//	}
type Error struct {
	StatusCode    int           // HTTP status
	SubStatus     int           // the service's refinement of it; 0 if there is none
	Code          string        // the service's name of the status, such as NotFound
	Message       string        // of the service
	Operation     string        // verb and path of the request, or kind and id of an operation of a batch or bulk
	ActivityID    string        // names the request in the service's logs
	RequestCharge float64       // RU, those of repeated attempts included
	RetryAfter    time.Duration // the pause the service asks for
	// why the request was not repeated, or ErrUnknownOutcome; nil if there is nothing to add
	Cause error

	tried rest.Tries
}

// newError makes the public error of a failure.
func newError(f *rest.Failure) *Error {
	return &Error{f.StatusCode, f.SubStatus, f.Code, f.Message, f.Operation, f.ActivityID, f.RequestCharge,
		f.RetryAfter, f.Cause, f.Tried}
}

func (e *Error) failure() *rest.Failure {
	return &rest.Failure{
		StatusCode: e.StatusCode, SubStatus: e.SubStatus, Code: e.Code, Message: e.Message, Operation: e.Operation,
		ActivityID:    e.ActivityID,
		RequestCharge: e.RequestCharge, RetryAfter: e.RetryAfter, Cause: e.Cause, Tried: e.tried,
	}
}

// Error implements error.
func (e *Error) Error() string { return e.failure().Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is the sentinel of the error's status. A 404 is [ErrNotFound] only if it says that there is
// no such resource: its substatuses are about other things, and so is a 404 whose cause is [ErrOwnerNotFound].
func (e *Error) Is(target error) bool {
	switch {
	case e.StatusCode == http.StatusNotFound:
		switch e.SubStatus {
		case rest.SubSessionUnavailable, rest.SubCreateInProgress:
			return target == ErrUnavailable
		case rest.SubOwnerNotFound:
			return target == ErrOwnerNotFound
		}
		return target == ErrNotFound && e.failure().IsNoDocument()
	case target == ErrContainerRecreated:
		return e.StatusCode == http.StatusBadRequest && e.SubStatus == rest.SubWrongContainer ||
			e.StatusCode == http.StatusGone && e.SubStatus == rest.SubNameCacheStale
	case e.StatusCode == http.StatusBadRequest && target == ErrBadContinuation:
		return strings.Contains(strings.ToLower(e.Message), "continuation token")
	}
	sentinel, known := sentinels[e.StatusCode]
	return known && target == sentinel
}

var sentinels = map[int]error{
	http.StatusBadRequest:            ErrBadRequest,
	http.StatusUnauthorized:          ErrUnauthorized,
	http.StatusForbidden:             ErrForbidden,
	http.StatusNotFound:              ErrNotFound,
	http.StatusRequestTimeout:        ErrTimeout,
	http.StatusConflict:              ErrConflict,
	http.StatusGone:                  ErrGone,
	http.StatusPreconditionFailed:    ErrPreconditionFailed,
	http.StatusRequestEntityTooLarge: ErrTooLarge,
	http.StatusTooManyRequests:       ErrThrottled,
	http.StatusServiceUnavailable:    ErrUnavailable,
}

// continuationError makes err match ErrBadRequest if it is about a token: a bad request of the caller, whether the
// service or the client finds it.
func continuationError(err error) error {
	if errors.Is(err, ErrBadContinuation) {
		return errtext.Refuse(err)
	}
	return err
}

// located adds to an error where it happened.
type located struct {
	place string
	err   error
}

// within adds to err where it happened.
func within(place string, err error) error { return &located{place, err} }

func (p *located) Error() string {
	return "cosmos: " + p.place + ": " + errtext.Of(p.err)
}

func (p *located) Unwrap() error { return p.err }
