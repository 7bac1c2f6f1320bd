package execute

import "strings"

// placed adds to an error where it happened. The prefix "cosmos: " is not repeated.
type placed struct {
	place string
	err   error
}

func (p *placed) Error() string {
	return "cosmos: " + p.place + ": " + strings.TrimPrefix(p.err.Error(), "cosmos: ")
}

func (p *placed) Unwrap() error { return p.err }
