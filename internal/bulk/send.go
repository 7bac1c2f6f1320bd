package bulk

import (
	"context"
	"net/http"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// sender executes requests. It is used by several goroutines at once.
type sender struct{ *Config }

// send executes a request and decides what follows for each of its operations, which nobody else touches meanwhile.
func (s sender) send(ctx context.Context, r request) *delivery {
	d := &delivery{request: r, outcomes: make([]outcome, len(r.ops)), decisions: make([]decision, len(r.ops))}
	if s.Support.Known(time.Now()) {
		s.sendTogether(ctx, d)
	} else {
		s.sendSingly(ctx, d)
	}
	for i, o := range r.ops {
		out := &d.outcomes[i]
		d.decisions[i] = s.decide(o, out, len(r.ops) > 1)
		if d.decisions[i].action == finished && o.outcomeUnknown {
			d.charge += s.verify(ctx, o, out)
		}
	}
	s.refresh(ctx, d)
	return d
}

// sendTogether sends the operations in one request, or one by one if the answer is that of a server without bulk
// requests.
func (s sender) sendTogether(ctx context.Context, d *delivery) {
	a := s.Backend.Send(ctx, d.queue.id, d.ops)
	d.charge += a.Charge
	switch {
	case a.Results != nil:
		s.Support.Answered()
	case a.Foreign:
		// What was sent may have been executed in some way: only what may be sent twice is sent again.
		s.Support.Refused(time.Now())
	case a.Failure != nil && notUnderstood(a.Failure):
		if s.sendSingly(ctx, d) {
			s.Support.Refused(time.Now())
		}
		return
	}
	tooLarge := false
	for i := range d.ops {
		out := &d.outcomes[i]
		*out = a.outcome(i, len(d.ops))
		tooLarge = tooLarge || !out.whole && answerTooLarge(out)
	}
	for i := range d.outcomes {
		// If the answer as a whole was too large, one operation says so and the others are said to depend on it.
		if out := &d.outcomes[i]; tooLarge && out.StatusCode == http.StatusFailedDependency {
			out.StatusCode, out.SubStatus = http.StatusRequestEntityTooLarge, 3402
		}
	}
}

// notUnderstood reports whether a request is refused as a whole as by a server without bulk requests. Nothing of it was
// executed then. The service itself refuses one so if one of its operations is malformed: sent one by one, the others
// are executed.
func notUnderstood(f *rest.Failure) bool {
	switch f.StatusCode {
	case http.StatusBadRequest:
		return f.SubStatus == 0
	case http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType, http.StatusNotImplemented:
		return true
	}
	return false
}

// sendSingly sends the operations one by one, as ordinary requests with their repeats, and reports whether one
// succeeded.
func (s sender) sendSingly(ctx context.Context, d *delivery) (worked bool) {
	for i, o := range d.ops {
		a := s.Backend.SendSingly(ctx, o)
		d.charge += a.Charge
		d.single++
		o.retries += a.Retries
		d.outcomes[i] = a.outcome(0, 1)
		d.outcomes[i].final = true
		worked = worked || d.outcomes[i].Succeeded()
	}
	return worked
}

// outcome is what the answer to a request of n operations says about operation i.
func (a *Answer) outcome(i, n int) outcome {
	out := outcome{err: a.Err, sent: a.Sent, closed: a.Closed, session: a.SessionToken, activityID: a.ActivityID}
	switch f := a.Failure; {
	case a.Results != nil:
		out.Result = a.Results[i]
		return out
	case f != nil:
		out.Result = batch.Result{StatusCode: f.StatusCode, SubStatus: f.SubStatus, Message: f.Message,
			RetryAfter: f.RetryAfter}
	}
	out.whole = true
	out.RequestCharge = a.Charge / float64(n)
	return out
}

// refresh reads again what answers show to be outdated.
func (s sender) refresh(ctx context.Context, d *delivery) {
	for i, o := range d.ops {
		switch what := &d.decisions[i]; what.action {
		case elsewhere:
			if !d.moved {
				d.moved = true
				s.Backend.PartitionGone(ctx, d.queue.id)
			}
		case redefined:
			if !s.Backend.DefinitionStale(ctx, o) {
				what.action = finished
				if o.outcomeUnknown {
					d.charge += s.verify(ctx, o, &d.outcomes[i])
				}
			}
		}
	}
}
