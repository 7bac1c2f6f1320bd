package cosmos

import (
	"errors"
	"time"
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
	ErrUnavailable        = errors.New("cosmos: unavailable")         // 503
	ErrClosed             = errors.New("cosmos: client is closed")
)

// Error is an answer of the service that is not a success. Match it with errors.As, or its kind with errors.Is.
type Error struct {
	StatusCode    int
	SubStatus     int
	Code          string // the service's word for the status, such as NotFound
	Message       string
	ActivityID    string
	RequestCharge float64
	RetryAfter    time.Duration
}

// Error implements error.
func (e *Error) Error() string { return "cosmos: " + e.Message }

// Is reports whether target is the sentinel of the error's status.
func (e *Error) Is(target error) bool { return false }
