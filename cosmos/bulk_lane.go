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

// The window of a lane is how many of its operations may be in flight. It starts at two full requests, grows while all
// goes well and is halved when the service throttles: what a partition bears is found as TCP finds what a line bears.
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

// lane is the way to one physical partition.
type lane struct {
	id       string
	queue    []*job
	redo     []*job // to be sent again, before the queue
	inFlight int    // operations in flight
	window   int
	until    time.Time // the service asks for a pause until then
}

// load takes the jobs of the next request off the queue; nil when there is no reason to send now. Unless flush is set it
// waits until a request is full.
func (l *lane) load(now time.Time, flush bool) []*job {
	if len(l.redo) > 0 {
		l.queue, l.redo = append(l.redo, l.queue...), nil
	}
	if len(l.queue) == 0 || now.Before(l.until) {
		return nil
	}
	room := min(l.window-l.inFlight, laneOperations)
	// With the window nearly used up, a small request would go out for every small answer: better wait for room.
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

// answered adapts the window to how a request went.
func (l *lane) answered(now time.Time, operations, throttled int, pause time.Duration) {
	l.inFlight -= operations
	if throttled == 0 {
		l.window = min(l.window+windowStep, windowMax)
		return
	}
	// What has been accepted of a request is what the partition bears just now.
	l.window = max(min(l.window/2, operations-throttled+windowStep), 1)
	if until := now.Add(pause); until.After(l.until) {
		l.until = until
	}
}
