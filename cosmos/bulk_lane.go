package cosmos

import (
	"time"

	"github.com/cosmossql/cosmossql/internal/rest"
)

// The service's limits on a bulk request. A larger operation travels alone.
const (
	laneOperations = 100
	laneBytes      = 220_201
)

// The window of a lane is how many of its operations may be in flight. As in TCP it grows with every answer and is
// halved when the service throttles.
const (
	windowStart = 2 * laneOperations
	windowMax   = 50 * laneOperations
	windowStep  = laneOperations / 2
)

// job is an operation on its way through a bulk.
type job struct {
	Operation
	index    int
	header   string // partition key in header form
	epk      string
	charge   float64
	retries  int
	doubt    bool // an earlier attempt may have been executed
	alone    bool // must travel alone: its answer was too large with others
	attempts *rest.Attempts
	due      time.Time // not to be sent before
}

// lane holds the operations for one physical partition.
type lane struct {
	id       string
	queue    []*job
	redo     []*job // to be sent again, before the queue
	inFlight int    // operations in flight
	window   int
	until    time.Time // the service asks for a pause until then
}

// load takes the jobs of the next request off the queue, or none if there is nothing to send now. Without flush it waits
// for a full request.
func (l *lane) load(now time.Time, flush bool) []*job {
	if len(l.redo) > 0 {
		l.queue, l.redo = append(l.redo, l.queue...), nil
	}
	if len(l.queue) == 0 || now.Before(l.until) {
		return nil
	}
	room := min(l.window-l.inFlight, laneOperations)
	// With the window nearly used up, every small answer would make room for one small request: wait for more room.
	if room <= 0 || l.inFlight > 0 && room < min(len(l.queue), laneOperations, l.window/2) {
		return nil
	}
	bytes, n := 0, 0
	for n < min(len(l.queue), room) {
		j := l.queue[n]
		bytes += j.Size() + len(j.header)
		if n > 0 && (bytes > laneBytes || j.alone || l.queue[0].alone) {
			break
		}
		n++
	}
	full := n < len(l.queue) || n == laneOperations
	if !full && !flush {
		return nil
	}
	jobs := l.queue[:n:n]
	l.queue = l.queue[n:]
	l.inFlight += n
	return jobs
}

// answered adapts the window to the answer of a request: how many operations it had, and how many were throttled.
func (l *lane) answered(now time.Time, operations, throttled int, pause time.Duration) {
	l.inFlight -= operations
	if throttled == 0 {
		l.window = min(l.window+windowStep, windowMax)
		return
	}
	// What was accepted of the request is about what the partition can do now.
	l.window = max(min(l.window/2, operations-throttled+windowStep), 1)
	if until := now.Add(pause); until.After(l.until) {
		l.until = until
	}
}
