package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/cosmossql/cosmossql/internal/budget"
)

// Effect says what repeating a request could do.
type Effect uint8

const (
	// Read changes nothing: repeat it as often as needed.
	Read Effect = iota
	// Write must not be repeated unless it is certain that it was not executed.
	Write
	// Repeatable is a write whose caller vouches that executing it twice does no harm.
	Repeatable
)

// Request is one operation on an account. It may be sent several times; only Stale changes it in between.
type Request struct {
	Verb    string  // HTTP method
	Kind    Kind    // resource type, second line of the text to sign
	Link    string  // third line of the text to sign: ids as they are, no slash at the ends
	Path    string  // decoded path with its leading slash
	RawPath string  // the same percent-encoded; empty if that is no different
	Header  []Field // what the operation needs beyond the standing headers
	Body    []byte
	Buffer  []byte // memory for the body of the answer, replaced if it is too small; may be nil
	Hint    int    // bytes of the body, about, for answers that do not announce it and find no Buffer

	// Shape is the JSON that a success has as its body. Accept, if set, reads that body instead; an error says that it
	// is damaged, which counts as a broken connection.
	Shape  Shape
	Accept func(body []byte) error

	Effect Effect
	// Ranged marks a request for one partition key range. If the range is gone (410) it is not repeated: the caller has
	// to find the ranges that took its place.
	Ranged bool

	// Finish marks a request whose caller may leave it: if its context ends the answer is still read, beside the caller
	// and for a moment, so that its connection can be used again.
	Finish bool

	// Once marks a request that its caller repeats by itself, if at all.
	Once bool

	// Range is the partition key range that is expected to answer a request that does not name one; "" if that is not
	// known. Moved is called if another one did answer, or if the service says that the range is gone: the ranges are
	// not what they were. If the request is sent again, it reads them and corrects Range.
	Range string
	Moved Mover

	// Budget and Group bound what requests cost in a second; nil for no bound.
	Budget *budget.Limiter
	Group  *budget.Group

	leg     *leg     // of a hedged read; nil elsewhere
	avoided []string // regions that come last, for their faults
	level   string   // of consistency, for a tracer
	hub     bool     // only the region that writes the partition is to answer

	// Excluded are names of regions that are not to be used.
	Excluded []string

	// Scope is the link of the container whose session the request belongs to; empty for databases, containers and the
	// like.
	Scope string
	// Consistency overrides the client's level. SessionToken overrides the client's own tokens.
	Consistency, SessionToken string

	// Stale is called if the answer says that what the client knows of the container is outdated. It reads that again,
	// corrects the request and reports whether anything changed, so that it is worth sending again.
	Stale Renewer

	room [6]Field // for the Header of an operation on a document
}

// Room is memory for the Header, enough for what most operations on a document need.
func (r *Request) Room() []Field { return r.room[:0] }

// Mover is told that the ranges of a container are not what they were. It is an interface, and not a func, as Renewer
// is, so that one value can be both.
type Mover interface {
	Moved(ctx context.Context, r *Request, again bool)
}

// Renewer reads the definition of a container again.
type Renewer interface {
	Renew(ctx context.Context, r *Request) bool
}

// Set adds a header field or replaces the one of the same name.
func (r *Request) Set(name, value string) {
	for i := range r.Header {
		if r.Header[i].Name == name {
			r.Header[i].Value = value
			return
		}
	}
	r.Header = append(r.Header, Field{name, value})
}

// check refuses what cannot be sent.
func (r *Request) check() error {
	for _, f := range r.Header {
		if !sendable(f.Value) {
			return unsendable(f.Name)
		}
	}
	switch {
	case !sendable(r.SessionToken):
		return unsendable(HeaderSessionToken)
	case !sendable(r.Consistency):
		return unsendable(HeaderConsistency)
	}
	return nil
}

// sendable reports whether a header can carry the text: it has no line break and no other control character.
func sendable(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func unsendable(name string) error {
	return fmt.Errorf(
		"cosmos: the value of the header %s has a control character, such as a line break, and cannot be sent",
		strings.ToLower(name))
}

// Value returns the value of a header field of the request, "" if it has none.
func (r *Request) Value(name string) string {
	for i := range r.Header {
		if r.Header[i].Name == name {
			return r.Header[i].Value
		}
	}
	return ""
}

// rangeID is the partition key range that will answer, "" if that is not known.
func (r *Request) rangeID() string {
	if id := r.Value(HeaderRangeID); id != "" {
		return id
	}
	return r.Range
}

// Escape percent-encodes one id for a path.
func Escape(id string) string { return url.PathEscape(id) }

// httpHeader makes the header of one attempt. All values share one array, since http.Header needs a slice for each.
func (r *Request) httpHeader(standing []Field) http.Header {
	values := make([]string, 0, len(r.Header)+len(standing))
	h := make(http.Header, cap(values))
	for _, list := range [2][]Field{standing, r.Header} {
		for _, f := range list {
			values = append(values, f.Value)
			h[f.Name] = values[len(values)-1 : len(values) : len(values)]
		}
	}
	return h
}
