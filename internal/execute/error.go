package execute

import "strings"

// placed is an error with the place where it happened. The prefix that both carry is said once.
type placed struct {
	place string
	err   error
}

func (p *placed) Error() string {
	return "cosmos: " + p.place + ": " + strings.TrimPrefix(p.err.Error(), "cosmos: ")
}

func (p *placed) Unwrap() error { return p.err }
