package bulk

import (
	"net/http"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// outcome is what one attempt of an operation came to.
type outcome struct {
	batch.Result        // StatusCode 0: there is no answer, and err says why
	err          error  // nil if there is an answer
	sent         bool   // it may have been executed although there is no answer, or one that says that it was not
	closed       bool   // there is no answer because the client is closed
	whole        bool   // the answer was to the request, not to the operation
	final        bool   // it was sent by itself, and repeated as single requests are
	verified     bool   // a document that was read back proves the success
	session      string // session token of the answer
	activityID   string
}

// action is what follows an outcome.
type action uint8

const (
	finished  action = iota
	again            // send it again after the pause
	throttled        // send it again when the pause of its partition is over
	elsewhere        // send it again after the pause, when the partitions have been read again
	redefined        // send it again if reading the container's definition changes its request
)

// decision is an action with its pause.
type decision struct {
	action
	wait time.Duration
}

// decide says what follows the outcome of an attempt, by the policy for single requests. Throttling does not count:
// in a bulk it is expected, and the partition's queue slows down. It notes in o what has to be known of the attempt
// later. others says that other operations travelled in the same request.
func (c *Config) decide(o *Operation, out *outcome, others bool) decision {
	effect := c.effect(o)
	if unsure(out) && effect != rest.Read {
		o.outcomeUnknown = true
	}
	if out.Succeeded() || out.final || out.closed {
		return decision{}
	}
	if o.attempts == nil {
		o.attempts = c.Attempts(effect)
	}
	switch out.StatusCode {
	case 0:
		if wait, repeat := o.attempts.AfterLoss(out.sent); repeat {
			return decision{again, wait}
		}
		return decision{}
	case http.StatusTooManyRequests:
		if c.RetryThrottled && out.RetryAfter <= c.LongestPause {
			return decision{action: throttled}
		}
		return decision{}
	case http.StatusFailedDependency:
		// Skipped because of another operation of the request.
		if wait, repeat, _ := o.attempts.After(http.StatusGone, 0, 0); repeat {
			return decision{again, wait}
		}
		return decision{}
	case http.StatusRequestEntityTooLarge:
		// Too large together with others: the request, or its answer, which says nothing of what was executed.
		if others && (out.whole || answerTooLarge(out) && effect != rest.Write) {
			o.alone = true
			return decision{action: again}
		}
		return decision{}
	}
	wait, repeat, stale := o.attempts.After(out.StatusCode, out.SubStatus, out.RetryAfter)
	switch {
	case !repeat:
		return decision{}
	case stale:
		return decision{redefined, wait}
	case out.StatusCode == http.StatusGone:
		return decision{elsewhere, wait}
	}
	return decision{again, wait}
}

// unsure reports whether a write with this outcome may have been executed.
func unsure(out *outcome) bool {
	switch s := out.StatusCode; {
	case out.sent, answerTooLarge(out):
		return true
	case s == http.StatusGone:
		return out.SubStatus == 1022
	case s == http.StatusNotImplemented:
		return false
	default:
		return s == http.StatusRequestTimeout || s >= 500
	}
}

// answerTooLarge reports whether the answer to a request, not the request, was too large.
func answerTooLarge(out *outcome) bool {
	return out.StatusCode == http.StatusRequestEntityTooLarge && out.SubStatus == 3402
}
