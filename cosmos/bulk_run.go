package cosmos

import (
	"context"
	"iter"
	"math"
	"net/http"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
)

const (
	bulkRequests = 64                     // in flight, unless MaxConcurrency says otherwise
	bulkPending  = 100 * laneOperations   // operations taken in and not finished
	bulkBytes    = 64 << 20               // their size
	bulkFlush    = 20 * time.Millisecond  // after which a request goes out though it is not full
	bulkReport   = 200 * time.Millisecond // between two calls of OnProgress
)

// bulk is the state of one Bulk. All of it belongs to the goroutine that ranges over the results; requests run on others
// and come back as deliveries.
type bulk struct {
	*bulkSender
	ctx    context.Context
	cancel context.CancelFunc
	limit  int // requests in flight

	in        chan intake
	more      bool      // the input has not ended
	taken     int       // operations taken from it
	lastTaken time.Time // when the last one was

	definition *definition
	routing    *partition.RoutingMap
	lanes      map[string]*lane
	waiting    []*job // to be sent again after a pause of their own
	deliveries chan delivery
	results    []BulkResult // finished, not yet handed out

	pending, bytes  int // taken in, not finished
	inFlight        int // requests
	progress        option.Progress
	start, reported time.Time
}

// newBulk reads what all operations need: options, definition and routing map.
func newBulk(ctx context.Context, c *Container, op *option.Operation, opts []Option) (*bulk, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	set, err := c.client().resolve(ctx, op, opts)
	if err != nil {
		return nil, err
	}
	if set.ContentResponse == nil {
		set.ContentResponse = new(bool)
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		return nil, err
	}
	routing, err := c.routingMap(ctx, nil)
	if err != nil {
		return nil, err
	}
	b := &bulk{
		bulkSender: &bulkSender{container: c, set: set}, limit: bulkRequests,
		in: make(chan intake), definition: d, routing: routing, lanes: make(map[string]*lane), start: time.Now(),
	}
	if set.MaxConcurrency > 0 {
		b.limit = set.MaxConcurrency
	}
	b.ctx, b.cancel = context.WithCancel(ctx)
	b.deliveries = make(chan delivery, b.limit)
	return b, nil
}

// run takes operations in, sends them and hands out results until all are finished.
func (b *bulk) run(ops iter.Seq[Operation], yield func(BulkResult) bool) {
	b.more = true
	go b.feed(ops)
	defer func() {
		b.cancel()
		if b.more {
			b.drain()
		}
		for ; b.inFlight > 0; b.inFlight-- {
			<-b.deliveries
		}
		b.report(true)
	}()
	timer := time.NewTimer(math.MaxInt64)
	defer timer.Stop()
	for b.more || b.pending > 0 {
		now := time.Now()
		b.dispatch(now, !b.more || b.full() || now.Sub(b.lastTaken) >= bulkFlush)
		if len(b.results) == 0 && (b.more || b.pending > 0) {
			timer.Reset(b.nextWake(now))
			b.await(timer)
		}
		if !b.handOut(yield) {
			return
		}
	}
}

// await waits for one event and handles it: input, an answer, the timer, or the end of the context.
func (b *bulk) await(timer *time.Timer) {
	in := b.in
	if !b.more || b.full() {
		in = nil
	}
	select {
	case next := <-in:
		if next.over {
			b.ended(next.left)
			if next.panicked != nil {
				panic(next.panicked)
			}
			return
		}
		b.lastTaken = time.Now()
		b.take(&job{Operation: next.op, index: b.taken})
		b.taken++
	case d := <-b.deliveries:
		b.receive(d)
	case <-timer.C:
	case <-b.ctx.Done():
		b.abandon()
		if b.inFlight > 0 {
			b.receive(<-b.deliveries)
		} else if b.more {
			b.ended(b.drain())
		}
	}
}

// receive handles the outcome of a request.
func (b *bulk) receive(d delivery) {
	b.inFlight--
	b.progress.RequestCharge += d.charge
	throttled, pause := 0, time.Duration(0)
	moved := false
	if d.single {
		b.progress.SingleOperations += len(d.jobs)
	}
	for i, j := range d.jobs {
		var r wireResult
		if d.results != nil {
			r = d.results[i]
			j.charge += r.RequestCharge
		} else {
			r = b.wholeResult(&d)
			j.charge += d.charge / float64(len(d.jobs))
		}
		if r.StatusCode == http.StatusTooManyRequests {
			throttled++
			pause = max(pause, r.public().RetryAfter)
		}
		moved = moved || r.StatusCode == http.StatusGone
		b.settle(j, &r, &d)
	}
	d.lane.answered(time.Now(), len(d.jobs), throttled, max(pause, time.Millisecond))
	if _, live := b.routing.ByID(d.lane.id); moved && live {
		b.reroute()
	}
}

// wholeResult makes the result that each operation has if the request failed as a whole.
func (b *bulk) wholeResult(d *delivery) wireResult {
	r := wireResult{StatusCode: d.resp.Status, SubStatusCode: d.resp.SubStatus, err: d.err}
	if f := d.resp.Failure; f != nil {
		r.Message, r.RetryAfter = f.Message, float64(f.RetryAfter)/float64(time.Millisecond)
	} else {
		r.StatusCode = 0 // no answer, or none that can be read
	}
	return r
}

func (b *bulk) full() bool { return b.pending >= bulkPending || b.bytes >= bulkBytes }

// take accepts an operation from the input.
func (b *bulk) take(j *job) {
	b.pending++
	b.bytes += j.Size()
	b.place(j, false)
}

// place finds the lane of a job; front puts it before those that have not been sent yet.
func (b *bulk) place(j *job, front bool) {
	if err := b.ctx.Err(); err != nil {
		b.finish(j, BulkResult{Err: err})
		return
	}
	if j.header == "" {
		key, err := j.keyFor(b.container, b.definition, b.set)
		if err != nil {
			b.finish(j, BulkResult{Err: err})
			return
		}
		j.header, j.epk = key.Header(), b.definition.key.EPK(key)
	}
	r, _ := b.routing.Find(j.epk) // a hash is below the end of the last range
	l := b.lanes[r.ID]
	if l == nil {
		l = &lane{id: r.ID, window: windowStart}
		b.lanes[r.ID] = l
	}
	if front {
		l.redo = append(l.redo, j)
	} else {
		l.queue = append(l.queue, j)
	}
}

// dispatch sends all requests that may be sent now. flush sends requests that are not full, too.
func (b *bulk) dispatch(now time.Time, flush bool) {
	if b.ctx.Err() != nil {
		return
	}
	still := b.waiting[:0]
	for _, j := range b.waiting {
		if now.Before(j.due) {
			still = append(still, j)
		} else {
			b.place(j, true)
		}
	}
	clear(b.waiting[len(still):])
	b.waiting = still
	// One request of each lane in turn, so that a long lane does not take the whole limit.
	for sent := true; sent && b.inFlight < b.limit; {
		sent = false
		for _, l := range b.lanes {
			if b.inFlight == b.limit {
				return
			}
			if jobs := l.load(now, flush); jobs != nil {
				sent = true
				b.inFlight++
				b.progress.Requests++
				go func() { b.deliveries <- b.send(b.ctx, l, jobs) }()
			}
		}
	}
}

// nextWake is how long to wait for the next event at most.
func (b *bulk) nextWake(now time.Time) time.Duration {
	next := now.Add(bulkReport)
	earlier := func(t time.Time) {
		if t.After(now) && t.Before(next) {
			next = t
		}
	}
	earlier(b.lastTaken.Add(bulkFlush))
	for _, j := range b.waiting {
		earlier(j.due)
	}
	for _, l := range b.lanes {
		if len(l.queue)+len(l.redo) > 0 {
			earlier(l.until)
		}
	}
	return next.Sub(now)
}

// abandon gives up what has not been sent, because the context is over.
func (b *bulk) abandon() {
	for _, l := range b.lanes {
		b.waiting = append(append(b.waiting, l.queue...), l.redo...)
		l.queue, l.redo = nil, nil
	}
	for _, j := range b.waiting {
		b.finish(j, BulkResult{Err: b.lost(j, b.ctx.Err())})
	}
	b.waiting = nil
}

// finish ends an operation with a result.
func (b *bulk) finish(j *job, r BulkResult) {
	r.Index, r.ID, r.Retries, r.RequestCharge = j.index, j.id, j.retries, j.charge
	b.pending--
	b.bytes -= j.Size()
	b.progress.Done++
	if r.Err != nil {
		b.progress.Failed++
	}
	b.results = append(b.results, r)
}

// handOut yields the results at hand and reports whether the caller wants more.
func (b *bulk) handOut(yield func(BulkResult) bool) bool {
	b.report(false)
	ready := b.results
	b.results = nil
	for _, r := range ready {
		if !yield(r) {
			return false
		}
	}
	return true
}
