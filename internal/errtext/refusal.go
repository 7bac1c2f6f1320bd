package errtext

import (
	"errors"
	"fmt"
)

// ErrBadRequest is cosmos.ErrBadRequest: what the service does not take, or what is refused before it is asked.
var ErrBadRequest = errors.New("cosmos: bad request")

// Refuse makes err an [ErrBadRequest], for what is wrong with a request and is found before it is sent: who passes on
// an id, a document or a statement need not know which of client and service looks at it first.
func Refuse(err error) error {
	if err == nil || errors.Is(err, ErrBadRequest) {
		return err
	}
	return refusal{err}
}

// Refusef is Refuse of an error with the text.
func Refusef(format string, args ...any) error { return Refuse(fmt.Errorf(format, args...)) }

type refusal struct{ error }

func (r refusal) Unwrap() error        { return r.error }
func (r refusal) Is(target error) bool { return target == ErrBadRequest }
