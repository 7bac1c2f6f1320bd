package cosmos

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/rest"
)

// Diagnostics tells of each attempt of an operation, oldest first: where it went, what came of it, how long it took and
// what it cost. It has no document, parameter or secret, so it can be logged. Its JSON is an object with the member
// attempts.
type Diagnostics struct {
	Attempts []AttemptEnd
}

// Diagnostics tells of the attempts of the operation. The operations of a batch or bulk share a request and have none
// of their own.
func (r *Response) Diagnostics() Diagnostics {
	if r == nil {
		return Diagnostics{}
	}
	return diagnostics(r.tried.All())
}

// Diagnostics tells of the attempts of the operation that failed. The operations of a batch or bulk share a request and
// have none of their own.
func (e *Error) Diagnostics() Diagnostics { return diagnostics(e.tried.All()) }

func diagnostics(tried []rest.AttemptEnd) (d Diagnostics) {
	for _, a := range tried {
		d.Attempts = append(d.Attempts, attemptEnd(a))
	}
	return d
}

// String writes a line for each attempt.
func (d Diagnostics) String() string {
	var b strings.Builder
	for i, a := range d.Attempts {
		fmt.Fprintf(&b, "%d: %s %s", i+1, a.Method, a.Host)
		if a.Region != "" {
			fmt.Fprintf(&b, " (%s)", a.Region)
		}
		if a.Hedge > 0 {
			fmt.Fprintf(&b, ", hedge %d", a.Hedge)
		}
		if len(a.Avoided) > 0 {
			fmt.Fprintf(&b, ", avoiding %s", strings.Join(a.Avoided, ", "))
		}
		switch {
		case a.StatusCode == 0:
			fmt.Fprintf(&b, ": no answer: %v", a.Err)
		case a.SubStatus != 0:
			fmt.Fprintf(&b, ": %d/%d", a.StatusCode, a.SubStatus)
		default:
			fmt.Fprintf(&b, ": %d", a.StatusCode)
		}
		fmt.Fprintf(&b, ", %v, %.2f RU, activity id %s\n", a.Duration.Round(time.Microsecond), a.RequestCharge,
			a.ActivityID)
	}
	return b.String()
}

// MarshalJSON writes durations in milliseconds, and leaves out what an attempt does not have.
func (d Diagnostics) MarshalJSON() ([]byte, error) {
	type attempt struct {
		Method        string   `json:"method"`
		Host          string   `json:"host"`
		Region        string   `json:"region,omitempty"`
		Hedge         int      `json:"hedge,omitempty"`
		Avoided       []string `json:"avoidedRegions,omitempty"`
		StatusCode    int      `json:"statusCode,omitempty"`
		SubStatus     int      `json:"subStatus,omitempty"`
		Milliseconds  float64  `json:"durationMs"`
		RequestCharge float64  `json:"requestCharge"`
		RequestBytes  int      `json:"requestBytes"`
		ResponseBytes int      `json:"responseBytes"`
		ActivityID    string   `json:"activityId"`
		Error         string   `json:"error,omitempty"`
	}
	list := make([]attempt, len(d.Attempts))
	for i, a := range d.Attempts {
		list[i] = attempt{
			a.Method, a.Host, a.Region, a.Hedge, a.Avoided, a.StatusCode, a.SubStatus,
			float64(a.Duration.Microseconds()) / 1000, a.RequestCharge, a.RequestBytes,
			a.ResponseBytes, a.ActivityID, "",
		}
		if a.Err != nil {
			list[i].Error = a.Err.Error()
		}
	}
	return json.Marshal(map[string]any{"attempts": list})
}
