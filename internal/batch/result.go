package batch

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Result is what became of one operation.
type Result struct {
	StatusCode, SubStatus int
	RequestCharge         float64 // RU
	ETag                  string
	Body                  []byte        // JSON of the document; nil if the service did not send it
	RetryAfter            time.Duration // the pause that the service asks for; 0 if it asks for none
	Message               string
}

// Succeeded reports whether the operation was executed. A read that finds the document unchanged (304) was.
func (r *Result) Succeeded() bool { return r.StatusCode != 0 && r.StatusCode < http.StatusBadRequest }

// Failure is the error of an operation that did not succeed.
func (r *Result) Failure(o *Operation, activityID string) *rest.Failure {
	return &rest.Failure{
		StatusCode:    r.StatusCode,
		SubStatus:     r.SubStatus,
		Code:          strings.ReplaceAll(http.StatusText(r.StatusCode), " ", ""),
		Message:       r.Message,
		Operation:     o.String(),
		ActivityID:    activityID,
		RequestCharge: r.RequestCharge,
		RetryAfter:    r.RetryAfter,
	}
}

// Results reads the answer to a request of n operations: one result for each, in their order. Bodies are pieces of the
// answer.
func Results(answer []byte, n int) ([]Result, error) {
	if rawjson.Kind(answer) != '[' || !rawjson.Valid(answer) {
		return nil, fmt.Errorf("cosmos: the answer to the batch cannot be read: it is not a JSON array: %s",
			excerpt(answer))
	}
	results := make([]Result, 0, n)
	for element := range rawjson.Elements(answer) {
		r, err := result(element)
		if err != nil {
			return nil, fmt.Errorf("cosmos: the answer to the batch cannot be read: result %d: %w", len(results), err)
		}
		results = append(results, r)
	}
	if len(results) != n {
		return nil, fmt.Errorf("cosmos: the service answered %d results to %d operations", len(results), n)
	}
	return results, nil
}

var (
	statusCode    = []byte("statusCode")
	subStatusCode = []byte("subStatusCode")
	requestCharge = []byte("requestCharge")
	eTag          = []byte("eTag") // emulators write etag
	resourceBody  = []byte("resourceBody")
	retryAfter    = []byte("retryAfterMilliseconds")
	message       = []byte("message")
)

func result(text []byte) (r Result, err error) {
	number := func(text []byte) (f float64) {
		if rawjson.Kind(text) != 'n' {
			var parseErr error
			if f, parseErr = strconv.ParseFloat(string(text), 64); parseErr != nil {
				err = fmt.Errorf("%s is not a number", excerpt(text))
			}
		}
		return f
	}
	for name, value := range rawjson.Members(text) {
		switch {
		case bytes.EqualFold(name, statusCode):
			r.StatusCode = int(number(value))
		case bytes.EqualFold(name, requestCharge):
			r.RequestCharge = number(value)
		case bytes.EqualFold(name, eTag):
			r.ETag, _ = rawjson.String(value)
		case bytes.EqualFold(name, resourceBody):
			if rawjson.Kind(value) != 'n' {
				r.Body = value[:len(value):len(value)]
			}
		case bytes.EqualFold(name, subStatusCode):
			r.SubStatus = int(number(value))
		case bytes.EqualFold(name, retryAfter):
			// A time.Duration does not hold every number of milliseconds.
			const longest = 24 * time.Hour
			r.RetryAfter = time.Duration(
				min(max(number(value), 0), float64(longest.Milliseconds())) * float64(time.Millisecond))
		case bytes.EqualFold(name, message):
			r.Message, _ = rawjson.String(value)
		}
	}
	if err == nil && (r.StatusCode < 100 || r.StatusCode > 999) {
		err = errors.New("it has no status code")
	}
	return r, err
}

// excerpt is the beginning of a text, on one line.
func excerpt(text []byte) string {
	const limit = 60
	short := strings.ToValidUTF8(strings.Join(strings.Fields(string(text[:min(len(text), limit)])), " "), "")
	if len(text) > limit {
		short += "…"
	}
	return strconv.Quote(short)
}
