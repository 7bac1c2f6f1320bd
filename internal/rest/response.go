package rest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Response is the last answer to a request, with what all its attempts cost.
type Response struct {
	Status     int // 0 when no answer came
	SubStatus  int
	Header     http.Header
	Body       []byte
	Charge     float64 // RU, of all attempts
	Attempts   int
	ActivityID string   // of the last attempt
	Region     string   // that answered; empty when the account named none
	Failure    *Failure // the error of an answer that is not a success

	// OutcomeUnknown says of a write with an answer that an attempt before it may have been executed. An error says so
	// itself.
	OutcomeUnknown bool

	Tried Tries

	answer        answer // what the last attempt brought
	authorization string // that it was sent with
}

// Retries returns the number of attempts beyond the first.
func (r *Response) Retries() int { return max(r.Attempts-1, 0) }

// Value returns the value of a header field of the answer, whose name is in canonical form; "" if it has none. It saves
// the check of the name that http.Header.Get makes, for all the fields that are looked at.
func (r *Response) Value(name string) string {
	if values := r.Header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// ContainerRID is the resource id of the container that answered; "" where the answer does not say. It is the base64 of
// 8 bytes; some answers carry a document's id in its place.
func (r *Response) ContainerRID() string {
	if rid := r.Value(HeaderContentPath); len(rid) == 12 {
		return rid
	}
	return ""
}

// success reports whether the answer is what was asked for. 304 is; redirects are not, since the service sends none.
func (r *Response) success() bool {
	return r.Status/100 == 2 || r.Status == http.StatusNotModified
}

// longestPause is what a longer pause counts as: a time.Duration does not hold every number.
const longestPause = 24 * time.Hour

// retryAfter is the pause that the service asks for.
func (r *Response) retryAfter() (time.Duration, bool) {
	millis, seconds := r.Value(HeaderRetryAfter), r.Value("Retry-After")
	if millis == "" && seconds == "" { // as on nearly every answer: the errors below would be its dearest part
		return 0, false
	}
	if ms, err := strconv.ParseFloat(millis, 64); err == nil && ms >= 0 {
		return time.Duration(min(ms, float64(longestPause/time.Millisecond)) * float64(time.Millisecond)), true
	}
	if s, err := strconv.ParseInt(seconds, 10, 64); err == nil && s >= 0 {
		return time.Duration(min(s, int64(longestPause/time.Second))) * time.Second, true
	}
	return 0, false
}

// maxErrorBody is how much of the body of an answer that is not a success is read.
const maxErrorBody = 1 << 20

// errTooMuch is the error of an answer that is larger than the client takes.
var errTooMuch = errors.New("the answer is too large")

// read reads the answer of one attempt, body included, if it has at most limit bytes; charges add up.
func (r *Response) read(answer *http.Response, req *Request, limit int64) error {
	r.Status, r.Header = answer.StatusCode, answer.Header
	if sub := r.Value(HeaderSubStatus); sub != "" {
		var err error
		if r.SubStatus, err = strconv.Atoi(sub); err != nil {
			r.SubStatus = SubUnreadable
		}
	}
	charge, err := strconv.ParseFloat(r.Value(HeaderRequestCharge), 64)
	if err == nil && charge >= 0 && !math.IsInf(charge, 0) {
		r.Charge += charge
	}
	if id := r.Value(HeaderActivityID); id != "" {
		r.ActivityID = id
	}
	if !r.success() {
		// What is left is of no use. Reading it would keep the connection, and cost more than a new one.
		r.Body, err = readBody(answer.Body, -1, nil, 0, maxErrorBody)
		if errors.Is(err, errTooMuch) {
			err = nil
		}
	} else {
		r.Body, err = readBody(answer.Body, answer.ContentLength, req.Buffer, req.Hint, limit)
	}
	if errors.Is(err, errTooMuch) {
		return fmt.Errorf("%w: it has more than %d bytes; MaxResponseBytes of the client's options sets the limit", err,
			limit)
	}
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}

// grown returns b with twice the room, or with room for one byte more than limit: what is left behind is garbage, so
// the last step is the largest one.
func grown(b []byte, limit int64) []byte {
	size := max(2*int64(cap(b)), 4096)
	if size >= limit {
		size = max(limit, int64(len(b))) + 1
	}
	more := make([]byte, len(b), size)
	copy(more, b)
	return more
}

// readBody reads to the end, without which the connection could not be used again. length is the announced one; -1 if
// there is none. After limit bytes it returns what it has, and errTooMuch.
func readBody(src io.ReadCloser, length int64, buffer []byte, hint int, limit int64) ([]byte, error) {
	defer src.Close()
	b := buffer[:0]
	if length > limit {
		return b, errTooMuch
	}
	if length == 0 {
		_, err := io.Copy(io.Discard, src)
		return b, err
	}
	// One byte more than announced, so that the read that finds the end needs no larger buffer. Pages have at most 4
	// MB: for a larger announcement the buffer grows only as bytes arrive.
	if length > 0 {
		b = slices.Grow(b, int(min(length, 8<<20))+1)
	} else if cap(b) == 0 {
		b = make([]byte, 0, max(hint, 4096))
	}
	for {
		if len(b) == cap(b) {
			b = grown(b, limit)
		}
		n, err := src.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case err == io.EOF:
			return b, nil
		case err != nil:
			return b, err
		case int64(len(b)) > limit:
			return b[:limit], errTooMuch
		}
	}
}
