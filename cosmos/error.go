package cosmos

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/rest"
)

// What went wrong, for errors.Is. An [*Error] matches by its status.
var (
	ErrBadRequest         = errors.New("cosmos: bad request")         // 400
	ErrUnauthorized       = errors.New("cosmos: unauthorized")        // 401
	ErrForbidden          = errors.New("cosmos: forbidden")           // 403
	ErrNotFound           = errors.New("cosmos: not found")           // 404
	ErrTimeout            = errors.New("cosmos: timeout")             // 408
	ErrConflict           = errors.New("cosmos: conflict")            // 409
	ErrGone               = errors.New("cosmos: gone")                // 410
	ErrPreconditionFailed = errors.New("cosmos: precondition failed") // 412
	ErrTooLarge           = errors.New("cosmos: too large")           // 413
	ErrThrottled          = errors.New("cosmos: throttled")           // 429

	// ErrUnavailable matches 503, a session that no replica has caught up with (404/1002), and an account that cannot be
	// reached at all: what may well work later.
	ErrUnavailable = rest.ErrUnreachable

	// ErrUnknownOutcome matches a write that was sent and not answered, also because its context ended: it may have been
	// executed or not. Look before writing again, or see [RepeatWrites].
	ErrUnknownOutcome = rest.ErrUnknownOutcome

	// ErrClosed is the error of every request of a closed client.
	ErrClosed = rest.ErrClosed
)

// Error is an answer of the service that is not a success. Match it with errors.As, or its kind with errors.Is:
//
//	_, err := orders.Create(ctx, order)
//	if errors.Is(err, cosmos.ErrConflict) {
//		// there is one with this id already
//	}
type Error struct {
	StatusCode    int
	SubStatus     int    // finer than StatusCode; 0 where the service says no more
	Code          string // the service's word for the status, such as NotFound
	Message       string
	Operation     string // what was asked: verb and link
	ActivityID    string // names the request in the service's logs
	RequestCharge float64
	RetryAfter    time.Duration // the pause the service asks for
	Cause         error         // why it was not repeated, where the service's answer would have allowed that
}

// Error implements error.
func (e *Error) Error() string { return (*rest.Failure)(e).Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is the sentinel of the error's status.
func (e *Error) Is(target error) bool {
	if e.StatusCode == http.StatusNotFound && e.SubStatus == 1002 {
		// The replica lags behind the session: that says nothing about the document.
		return target == ErrUnavailable
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

// placed is an error with the place where it happened.
type placed struct {
	place string
	err   error
}

// within says where err happened, without repeating this package's prefix.
func within(place string, err error) error { return &placed{place, err} }

func (p *placed) Error() string {
	return "cosmos: " + p.place + ": " + strings.TrimPrefix(p.err.Error(), "cosmos: ")
}

func (p *placed) Unwrap() error { return p.err }
