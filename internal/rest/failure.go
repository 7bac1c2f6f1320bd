package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/cosmossql/cosmossql/internal/errtext"
)

// Failure is the error made of an answer that is not a success. Its fields are those of cosmos.Error, which converts
// it.
type Failure struct {
	StatusCode    int
	SubStatus     int
	Code          string
	Message       string
	Operation     string // verb and path
	ActivityID    string
	RequestCharge float64       // RU, of all attempts
	RetryAfter    time.Duration // the pause that the service asks for
	Cause         error         // why the request was not repeated, or ErrUnknownOutcome
	Tried         Tries         // none for an operation of a batch or bulk
}

// Error implements error.
func (f *Failure) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cosmos: %s: %d", f.Operation, f.StatusCode)
	if f.SubStatus != 0 {
		fmt.Fprintf(&b, "/%d", f.SubStatus)
	}
	if f.Code != "" {
		b.WriteString(" " + f.Code)
	}
	if f.Message != "" {
		b.WriteString(": " + f.Message)
	}
	if n := len(f.Tried.earlier) + 1; f.StatusCode == http.StatusTooManyRequests && n > 1 {
		fmt.Fprintf(&b, ", after %d attempts", n)
	}
	if f.StatusCode == http.StatusTooManyRequests && f.RetryAfter > 0 && f.Cause == nil {
		fmt.Fprintf(&b, "; it asks for a pause of %v before the next", f.RetryAfter)
	}
	if f.StatusCode == http.StatusForbidden && f.SubStatus == SubNotByEntra {
		b.WriteString(" — identities of Entra ID work with documents; databases, containers, throughput, users and " +
			"scripts are managed with an account key, or outside of the data plane: in the portal, with the Azure " +
			"CLI or a template")
	}
	if f.Cause != nil {
		b.WriteString(": " + errtext.Of(f.Cause))
	}
	if f.ActivityID != "" {
		b.WriteString(" (activity " + f.ActivityID + ")")
	}
	return b.String()
}

// Unwrap returns the cause, if there is one.
func (f *Failure) Unwrap() error { return f.Cause }

// Errors of requests without an answer that settles them.
var (
	// ErrUnknownOutcome marks a write that may have been executed or not: it was sent, and no answer came or an unsure
	// one.
	ErrUnknownOutcome = errors.New("cosmos: the outcome of the write is unknown")
	// ErrUnreachable marks a request that no region answered.
	ErrUnreachable = errors.New("cosmos: unavailable")
	// ErrClosed marks a request of a client that is closed.
	ErrClosed = errors.New("cosmos: the client is closed")
)

// Lost is a request without an answer: the connection failed or the context ended.
type Lost struct {
	Operation string
	Err       error
	Sentinels []error // the sentinels that describe it
}

// Error implements error.
func (l *Lost) Error() string {
	text := "cosmos: " + l.Operation + ": " + line(l.Err.Error())
	for _, m := range l.Sentinels {
		if m == ErrUnknownOutcome {
			text += "; the outcome of the write is unknown"
		}
	}
	return text
}

// Unwrap returns the cause and the sentinels.
func (l *Lost) Unwrap() []error { return append([]error{l.Err}, l.Sentinels...) }

// failure makes the error of an answer that is not a success.
func (r *Response) failure(req *Request) *Failure {
	f := &Failure{
		StatusCode: r.Status, SubStatus: r.SubStatus, Operation: req.operation(),
		ActivityID: r.ActivityID, RequestCharge: r.Charge,
	}
	f.RetryAfter, _ = r.retryAfter()
	var body struct{ Code, Message string }
	if err := json.Unmarshal(r.Body, &body); err != nil || body.Message == "" {
		// Not the service's JSON: the page of a proxy, say. Its beginning helps to find out whose.
		body.Message = excerpt(r.Body)
	}
	f.Code, f.Message = line(body.Code), clean(body.Message)
	if f.Code == "" {
		f.Code = strings.ReplaceAll(http.StatusText(r.Status), " ", "")
	}
	return f
}

// operation names the request in errors: its verb and path.
func (r *Request) operation() string {
	if r.Path == "/" {
		return r.Verb + " /"
	}
	return r.Verb + " " + line(strings.TrimPrefix(r.Path, "/"))
}

// excerpt is the beginning of a body that is not JSON, on one line.
func excerpt(body []byte) string {
	text := line(strings.ToValidUTF8(strings.Join(strings.Fields(string(body[:min(len(body), 400)])), " "), ""))
	if len(body) > 400 {
		text += "…"
	}
	return text
}

// clean removes what the service wraps a message in, such as `Message: {"Errors":["…"]}\r\nActivityId: …, Request URI:
// …`, and the diagnostics of replicas that follow those of documents. What is left stands on one line.
func clean(message string) string { return line(unwrap(message)) }

// line puts a text on one line: a log takes what follows a line break for another message.
func line(text string) string {
	if !strings.ContainsFunc(text, unicode.IsControl) {
		return text
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == ' ' }), " ")
}

// unwrap finds the message proper.
func unwrap(message string) string {
	text := message
	for _, tail := range []string{"\r\nActivityId:", "\nActivityId:", "\r\nRequestStartTime:"} {
		text, _, _ = strings.Cut(text, tail)
	}
	text = strings.TrimSuffix(strings.TrimSpace(text), ",")
	text = strings.TrimSpace(strings.TrimPrefix(text, "Message:"))
	start := strings.IndexByte(text, '{')
	if start < 0 {
		return text
	}
	var wrapped struct {
		Errors []json.RawMessage
	}
	if json.NewDecoder(strings.NewReader(text[start:])).Decode(&wrapped) != nil || len(wrapped.Errors) == 0 {
		return text
	}
	parts := make([]string, 0, len(wrapped.Errors))
	for _, e := range wrapped.Errors {
		parts = append(parts, clause(e))
	}
	return strings.Join(parts, "; ")
}

// clause returns the text of one entry of an error list: a string, or an object with the position in the query.
func clause(e json.RawMessage) string {
	var text string
	if json.Unmarshal(e, &text) == nil {
		return text
	}
	var detail struct {
		Code, Message string
		Location      *struct{ Start, End int }
	}
	if json.Unmarshal(e, &detail) != nil || detail.Message == "" {
		return string(e)
	}
	var notes []string
	if detail.Code != "" {
		notes = append(notes, detail.Code)
	}
	if detail.Location != nil {
		notes = append(notes, fmt.Sprintf("characters %d to %d", detail.Location.Start, detail.Location.End))
	}
	if len(notes) == 0 {
		return detail.Message
	}
	return fmt.Sprintf("%s (%s)", detail.Message, strings.Join(notes, ", "))
}
