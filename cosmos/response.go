package cosmos

import (
	"encoding/json"
	"net/http"
)

// Response is the service's answer to one operation.
type Response struct {
	StatusCode    int
	ETag          string
	SessionToken  string
	ActivityID    string
	Continuation  string
	RequestCharge float64         // request units, those of repeated attempts included
	Body          json.RawMessage // empty where the service sends none
	Header        http.Header
	Retries       int // attempts beyond the first
}

// Decode decodes the body into v, as encoding/json does.
func (r *Response) Decode(v any) error { return json.Unmarshal(r.Body, v) }
