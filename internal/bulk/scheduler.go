package bulk

import (
	"container/heap"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

const (
	// defaultRequests in flight: enough for every partition of most containers, few enough for one host's connections.
	defaultRequests = 64
	// maxPendingBytes is the size of the operations taken in and not finished. Over a thousand partitions it is 60
	// documents of 1 KB for each.
	maxPendingBytes = 64 << 20
	// maxPending is how many those may be, for each request in flight, and half as many for each partition. If the
	// queue that has waited longest is sent when there are more, it has twice the average: about a full request.
	maxPending = maxOperations
	// idleFlush is how long the input has to be silent before requests go out that are not full.
	idleFlush = 20 * time.Millisecond
	// longestWait is how long an operation waits for others to fill its request while the input goes on: the interval
	// at which the official JavaScript client sends what it has.
	longestWait = time.Second
)

// scheduler decides what is sent when. It is a state machine: what happens is told by its methods, with the time, and
// it does nothing by itself. What it does for an operation does not depend on how many partitions there are.
type scheduler struct {
	place  func(*Operation) (rangeID string, err error)
	limit  int  // requests in flight
	single bool // the server knows no bulk requests: one operation a request

	queues  map[string]*partitionQueue
	full    list         // queues with enough for a full request
	partial list         // the others that have operations
	paused  pausedQueues // that wait for the end of a pause
	delayed delayed      // operations to be sent again after a pause of their own

	ended    error // of the context; nothing is sent any more
	inFlight int   // requests
	pending  int   // operations taken in and not finished
	bytes    int   // their size
	arrived  time.Time
	verified map[string]bool // ETags of documents whose creation was proved by reading them back
	results  []Result        // finished, not yet handed out
	progress option.Progress
}

// request is what goes to a partition at once.
type request struct {
	queue *partitionQueue
	ops   []*Operation
}

// delivery is a request with what became of it.
type delivery struct {
	request
	outcomes  []outcome  // one for each operation
	decisions []decision // likewise
	charge    float64
	moved     bool // the partitions were read again
	single    int  // how many operations were sent one by one
}

func newScheduler(c *Config) *scheduler {
	s := &scheduler{
		place: c.Backend.Place, limit: c.Requests,
		queues: make(map[string]*partitionQueue), verified: make(map[string]bool),
	}
	if s.limit <= 0 {
		s.limit = defaultRequests
	}
	return s
}

// fills reports whether no more operations can be taken in.
func (s *scheduler) fills() bool {
	return s.bytes >= maxPendingBytes || s.pending >= maxPending*(s.limit+len(s.queues)/2)
}

// add takes an operation in.
func (s *scheduler) add(now time.Time, o *Operation) {
	o.size = o.Size()
	s.pending++
	s.bytes += o.size
	s.arrived = now
	s.enqueue(now, o, false)
}

// enqueue puts an operation into the queue of its partition, in front if it is sent again.
func (s *scheduler) enqueue(now time.Time, o *Operation, front bool) {
	if s.ended != nil {
		s.finish(o, Result{Err: s.abandoned(o, s.ended)})
		return
	}
	if o.Err != nil {
		s.finish(o, Result{Err: o.Err})
		return
	}
	id, err := s.place(o)
	if err != nil {
		s.finish(o, Result{Err: mark(o, err)})
		return
	}
	q := s.queues[id]
	if q == nil {
		q = &partitionQueue{id: id, window: windowStart}
		s.queues[id] = q
	}
	q.add(o, front)
	s.enlist(now, q)
}

// enlist puts a queue where it is looked for when a request may be sent.
func (s *scheduler) enlist(now time.Time, q *partitionQueue) {
	switch {
	case q.waiting() == 0:
		q.unlist()
	case now.Before(q.until):
		q.unlist()
		if !q.paused {
			q.paused, q.resume = true, q.until
			heap.Push(&s.paused, q)
		}
	case q.fills():
		s.full.put(q, now)
	default:
		s.partial.put(q, now)
	}
}

// next returns a request that may be sent now, or nil. done says that the input has ended.
func (s *scheduler) next(now time.Time, done bool) *request {
	if s.ended != nil || s.inFlight >= s.limit {
		return nil
	}
	for l := &s.full; ; {
		q := l.first
		switch {
		case q != nil:
			q.unlist() // its window may be used up; then the next answer to it brings it back
			most := maxOperations
			if s.single {
				most = 1
			}
			ops := q.take(most)
			if ops == nil {
				continue
			}
			s.enlist(now, q)
			s.inFlight++
			s.progress.Requests++
			return &request{q, ops}
		case l == &s.full && s.partial.first != nil && (done || s.fills() || s.single || s.flushes(now)):
			l = &s.partial
		default:
			return nil
		}
	}
}

// flushes reports whether it is time for requests that are not full.
func (s *scheduler) flushes(now time.Time) bool {
	return now.Sub(s.arrived) >= idleFlush || now.Sub(s.partial.first.since) >= longestWait
}

// wake tells when the scheduler has to be asked again though nothing has happened; the zero time if never.
func (s *scheduler) wake() time.Time {
	var at time.Time
	earlier := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	if s.partial.first != nil && s.inFlight < s.limit {
		earlier(s.arrived.Add(idleFlush))
		earlier(s.partial.first.since.Add(longestWait))
	}
	if len(s.paused) > 0 {
		earlier(s.paused[0].resume)
	}
	if len(s.delayed) > 0 {
		earlier(s.delayed[0].due)
	}
	return at
}

// advance ends the pauses that are over.
func (s *scheduler) advance(now time.Time) {
	for len(s.delayed) > 0 && !now.Before(s.delayed[0].due) {
		s.enqueue(now, heap.Pop(&s.delayed).(*Operation), true)
	}
	for len(s.paused) > 0 && !now.Before(s.paused[0].resume) {
		q := heap.Pop(&s.paused).(*partitionQueue)
		q.paused = false
		s.enlist(now, q)
	}
}

// handle takes what became of a request.
func (s *scheduler) handle(now time.Time, d *delivery) {
	s.inFlight--
	s.progress.RequestCharge += d.charge
	s.progress.SingleOperations += d.single
	refused, asked := 0, time.Duration(0)
	for i := range d.outcomes {
		if out := &d.outcomes[i]; out.StatusCode == http.StatusTooManyRequests {
			refused++
			asked = max(asked, out.RetryAfter)
		}
	}
	d.queue.answered(now, len(d.ops), refused, asked)
	if d.moved {
		s.reroute(now, d.queue)
	}
	for i, o := range d.ops {
		s.handleResult(now, o, &d.outcomes[i], d.decisions[i])
	}
	s.enlist(now, d.queue)
	if q := d.queue; q.waiting() == 0 && q.inFlight == 0 && d.moved {
		delete(s.queues, q.id) // of a partition that is gone; if not, it comes again
	}
}

// handleResult finishes an operation, or has it sent again.
func (s *scheduler) handleResult(now time.Time, o *Operation, out *outcome, what decision) {
	o.charge += out.RequestCharge
	if out.verified && o.Kind == batch.Create {
		if s.verified[out.ETag] {
			// The document is there once, and another operation of this bulk, equal to this one, has created it.
			*out = outcome{Result: batch.Result{
				StatusCode: http.StatusConflict, Message: "another operation of this bulk created the same document",
			}}
			o.outcomeUnknown = false
		}
		s.verified[out.ETag] = true
	}
	switch {
	case out.Succeeded():
		s.finish(o, Result{StatusCode: out.StatusCode, ETag: out.ETag, SessionToken: out.session, Body: out.Body})
		return
	case s.ended != nil:
		s.finish(o, Result{StatusCode: out.StatusCode, Err: s.abandoned(o, s.failure(o, out, s.ended))})
		return
	case what.action == finished:
		s.finish(o, Result{StatusCode: out.StatusCode, SessionToken: out.session, Err: s.failure(o, out, nil)})
		return
	}
	o.retries++
	s.progress.Retries++
	if what.wait <= 0 {
		s.enqueue(now, o, true) // after throttling its queue makes the pause
		return
	}
	o.due = now.Add(what.wait)
	heap.Push(&s.delayed, o)
}

// reroute finds the queues of the operations that wait for a partition that may be gone.
func (s *scheduler) reroute(now time.Time, q *partitionQueue) {
	for _, o := range q.removeAll() {
		s.enqueue(now, o, false)
	}
}

// end ends the work because the context has: what has not been sent is given up.
func (s *scheduler) end(err error) {
	s.ended = err
	for _, q := range s.queues {
		q.unlist()
		for _, o := range q.removeAll() {
			s.finish(o, Result{Err: s.abandoned(o, err)})
		}
	}
	for _, o := range s.delayed {
		s.finish(o, Result{Err: s.abandoned(o, err)})
	}
	s.delayed, s.paused = nil, nil
}

// failure makes the error of an outcome that is not a success. cause is why the operation is not sent again, or nil.
func (s *scheduler) failure(o *Operation, out *outcome, cause error) error {
	if out.StatusCode == 0 {
		return mark(o, out.err)
	}
	f := out.Failure(&o.Operation, out.activityID)
	if o.outcomeUnknown {
		cause = errors.Join(cause, rest.ErrUnknownOutcome)
	}
	f.Cause = cause
	return f
}

// abandoned makes the error of an operation that is given up because the context is over.
func (s *scheduler) abandoned(o *Operation, err error) error {
	if !errors.Is(err, s.ended) {
		err = errors.Join(s.ended, err)
	}
	return mark(o, err)
}

// mark adds to an error that the operation may have been executed.
func mark(o *Operation, err error) error {
	if !o.outcomeUnknown || errors.Is(err, rest.ErrUnknownOutcome) {
		return err
	}
	return fmt.Errorf("%w (%w)", err, rest.ErrUnknownOutcome)
}

// finish ends an operation with a result.
func (s *scheduler) finish(o *Operation, r Result) {
	r.Index, r.ID, r.Retries, r.RequestCharge = o.index, o.ID, o.retries, o.charge
	s.pending--
	s.bytes -= o.size
	s.progress.Done++
	if r.Err != nil {
		s.progress.Failed++
	}
	s.results = append(s.results, r)
}
