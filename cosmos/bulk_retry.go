package cosmos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/cosmossql/cosmossql/internal/value"
)

// settle decides what follows the result of one operation: it is finished, or sent again.
func (b *bulk) settle(j *job, r *wireResult, d *delivery) {
	switch {
	case r.StatusCode != 0 && r.StatusCode < 400:
		b.finish(j, BulkResult{StatusCode: r.StatusCode, ETag: r.ETag, Body: r.ResourceBody})
		return
	case b.ctx.Err() != nil:
		b.finish(j, BulkResult{StatusCode: r.StatusCode, Err: b.lost(j, b.failure(j, r, d))})
		return
	}
	wait, again := b.shouldRetry(j, r, d)
	if !again {
		b.finish(j, BulkResult{StatusCode: r.StatusCode, Err: b.failure(j, r, d)})
		return
	}
	j.retries++
	b.progress.Retries++
	if r.StatusCode == http.StatusTooManyRequests {
		b.place(j, true) // the lane makes the pause
		return
	}
	j.due = time.Now().Add(wait)
	b.waiting = append(b.waiting, j)
}

// shouldRetry decides whether an operation is sent again, by the policy for single requests. Throttling does not count: in a
// bulk it is expected, and the lane slows down.
func (b *bulk) shouldRetry(j *job, r *wireResult, d *delivery) (wait time.Duration, again bool) {
	if d.single {
		return 0, false // single operations have been repeated already
	}
	if j.attempts == nil {
		j.attempts = b.container.client().rest.Attempts(b.effect(j))
	}
	switch {
	case errors.Is(r.err, ErrClosed):
		return 0, false
	case r.StatusCode == 0:
		sent := !errors.Is(r.err, rest.ErrUnreachable) || errors.Is(r.err, rest.ErrUnknownOutcome)
		j.doubt = j.doubt || sent
		return j.attempts.AfterLoss(sent)
	case r.StatusCode == http.StatusTooManyRequests:
		return 0, b.container.client().retryThrottled
	case r.StatusCode == http.StatusFailedDependency:
		// Skipped because of another operation.
		wait, again, _ = j.attempts.After(http.StatusGone, 0, 0)
		return wait, again
	case r.StatusCode == http.StatusRequestEntityTooLarge && r.SubStatusCode == 3402 && !j.alone:
		j.alone = true // the answers of all were too large together
		return 0, true
	case r.StatusCode == http.StatusRequestTimeout, r.StatusCode >= 500:
		j.doubt = true
	}
	wait, again, stale := j.attempts.After(r.StatusCode, r.SubStatusCode, r.public().RetryAfter)
	if again && stale {
		again = b.refresh(j)
	}
	return wait, again
}

// effect says whether an operation may be sent twice. All but patches may, since resolveDoubt finds out afterwards
// whether the first attempt was executed.
func (b *bulk) effect(j *job) rest.Effect {
	switch {
	case j.kind == "Read":
		return rest.Read
	case j.kind == "Patch" && !b.set.RepeatWrites:
		return rest.Write
	}
	return rest.Repeatable
}

// refresh reads the container's definition again and reports whether that changes the request of a job.
func (b *bulk) refresh(j *job) bool {
	old := b.definition
	fresh, err := b.container.definition(b.ctx, old)
	if err != nil {
		return false
	}
	key, err := j.keyFor(b.container, fresh, b.set)
	if err != nil || key.Header() == j.header && fresh.rid == old.rid {
		return false
	}
	b.definition = fresh
	j.header = ""
	if fresh.rid != old.rid {
		b.reroute()
	}
	return true
}

// reroute reads the routing map again after a split, and moves the jobs of partitions that are gone to new lanes.
func (b *bulk) reroute() {
	routing, err := b.container.routingMap(b.ctx, b.routing)
	if err != nil {
		return // the next answer will say again that the partition is gone
	}
	b.routing = routing
	for id, l := range b.lanes {
		if _, live := routing.ByID(id); live {
			continue
		}
		delete(b.lanes, id)
		for _, j := range append(l.redo, l.queue...) {
			b.place(j, false)
		}
		l.queue, l.redo = nil, nil
	}
}

// failure makes the error of a result that is no success.
func (b *bulk) failure(j *job, r *wireResult, d *delivery) error {
	if r.StatusCode == 0 {
		if j.doubt && b.effect(j) != rest.Read && !errors.Is(r.err, rest.ErrUnknownOutcome) {
			return fmt.Errorf("%w (%w)", r.err, rest.ErrUnknownOutcome)
		}
		return r.err
	}
	e := operationError(r, &j.Operation, "")
	if d.resp != nil {
		e.ActivityID = d.resp.ActivityID
	}
	if b.effect(j) != rest.Read && (r.StatusCode == http.StatusRequestTimeout || r.StatusCode >= 500) {
		e.Cause = rest.ErrUnknownOutcome
	}
	return e
}

// lost makes the error of an operation that is given up because the context is over.
func (b *bulk) lost(j *job, err error) error {
	if !errors.Is(err, b.ctx.Err()) {
		err = errors.Join(b.ctx.Err(), err)
	}
	if j.doubt && !errors.Is(err, rest.ErrUnknownOutcome) {
		err = errors.Join(err, rest.ErrUnknownOutcome)
	}
	return err
}

// resolveDoubt corrects the result of an operation of which an earlier attempt may have been executed: 404 of a delete, 409
// of a create and 412 of a replace may come from that attempt's success.
func (s *bulkSender) resolveDoubt(ctx context.Context, j *job, r *wireResult) {
	switch {
	case j.kind == "Delete" && r.StatusCode == http.StatusNotFound && r.SubStatusCode == 0:
		r.StatusCode, r.Message = http.StatusNoContent, ""
	case j.kind == "Create" && r.StatusCode == http.StatusConflict:
		s.compareStored(ctx, j, r, http.StatusCreated)
	case j.kind == "Replace" && r.StatusCode == http.StatusPreconditionFailed:
		s.compareStored(ctx, j, r, http.StatusOK)
	}
}

// compareStored makes a result a success if the stored document is the one that the operation writes.
func (s *bulkSender) compareStored(ctx context.Context, j *job, r *wireResult, success int) {
	read := *j
	read.kind, read.body, read.match, read.none = "Read", nil, "", ""
	resp, err := s.execute(ctx, &read)
	r.RequestCharge += resp.Charge
	if err != nil || !sameDocument(j.body, resp.Body) {
		return
	}
	r.StatusCode, r.SubStatusCode, r.Message, r.ETag = success, 0, "", resp.Header.Get(rest.HeaderETag)
}

// sameDocument reports whether stored equals written but for the system properties.
func sameDocument(written, stored []byte) bool {
	count := 0
	for name, text := range rawjson.Members(written) {
		plain := rawjson.Unquote(name)
		if systemProperty(plain) {
			continue
		}
		count++
		other, ok := rawjson.Get(stored, plain)
		if !ok {
			return false
		}
		a, errA := value.Parse(text)
		b, errB := value.Parse(other)
		if errA != nil || errB != nil || !value.Equal(a, b) {
			return false
		}
	}
	for name := range rawjson.Members(stored) {
		if !systemProperty(rawjson.Unquote(name)) {
			count--
		}
	}
	return count == 0
}

// systemProperty reports whether the service adds the property to every document.
func systemProperty(name string) bool {
	switch name {
	case "_rid", "_self", "_etag", "_ts", "_attachments":
		return true
	}
	return false
}
