package cosmos

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/rest"
)

// Response is the service's answer to one operation. It is returned beside an error, too, if there was an answer.
type Response struct {
	StatusCode    int             // HTTP status
	SubStatus     int             // the service's refinement of it; 0 if there is none
	ETag          string          // of the document or resource, quoted as the service sends it
	SessionToken  string          // for the option [SessionToken]
	ActivityID    string          // names the request in the service's logs
	Continuation  string          // for the option [Continuation]; empty if no page follows
	RequestCharge float64         // RU, those of repeated attempts included
	Body          json.RawMessage // empty where the service sends none
	Header        http.Header
	Retries       int    // attempts beyond the first
	Region        string // that answered; empty if the account names none

	tried rest.Tries
}

// Decode decodes the body into v, as encoding/json does. An answer without a body is an error.
func (r *Response) Decode(v any) error {
	if r == nil {
		return errors.New("cosmos: there is no answer to decode; look at the error that came with it")
	}
	if len(r.Body) == 0 {
		return errors.New("cosmos: the answer has no body to decode (a delete, an unchanged document, or a write " +
			"without ContentResponse)")
	}
	if err := decodeJSON(r.Body, v); err != nil {
		return fmt.Errorf("cosmos: decoding the answer: %w", err)
	}
	return nil
}
