package bulk

import (
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
)

const (
	// maxOperations of a request: the service's limit.
	maxOperations = batch.MaxOperations
	// maxBytes of a request. The service takes 2 MB; this is where the official .NET and JavaScript clients close one
	// (MaxDirectModeBatchRequestBodySizeInBytes): 100 documents of 2 KB, little enough to send again after a lost
	// answer. A larger operation travels alone.
	maxBytes = 220_201
)

// The window of a partition is how many of its operations may be in flight. As in TCP it grows by a step with every
// answer and is halved when the service throttles. It starts with two requests, so that one is on its way while the
// other is executed, and ends at fifty, the degree of concurrency at which the official .NET client ends.
const (
	windowStart = 2 * maxOperations
	windowMax   = 50 * maxOperations
	windowStep  = maxOperations / 2
)

// Pauses of a partition that throttles. Without a usable pause of the service's they are those of single requests. With
// one it doubles with each answer in a row to requests of which nothing was accepted, up to a second: a pause of 1 ms
// that the service repeats for seconds would be a thousand requests.
const (
	pauseFirst = 50 * time.Millisecond
	pauseMost  = 5 * time.Second
	askedMost  = time.Second
)

// partitionQueue holds the operations that wait for one physical partition.
type partitionQueue struct {
	id       string
	ops      []*Operation
	redo     []*Operation // to be sent again, before ops
	bytes    int          // the size of both
	alone    int          // how many of them must travel alone
	inFlight int          // operations
	window   int
	until    time.Time // the service asks for a pause until then
	paused   bool      // stands among the paused queues
	resume   time.Time // until when
	refused  int       // answers in a row of which every operation was throttled

	list       *list // that it stands in; nil if none
	prev, next *partitionQueue
	since      time.Time // when it was put into the list
}

// add puts an operation at the end, or before those that have not been sent yet.
func (q *partitionQueue) add(o *Operation, front bool) {
	if front {
		q.redo = append(q.redo, o)
	} else {
		q.ops = append(q.ops, o)
	}
	q.bytes += o.Size()
	if o.alone {
		q.alone++
	}
}

// waiting is how many operations wait.
func (q *partitionQueue) waiting() int { return len(q.ops) + len(q.redo) }

// fills reports whether there is enough for a full request.
func (q *partitionQueue) fills() bool {
	return q.waiting() >= maxOperations || q.bytes > maxBytes || q.alone > 0
}

// take takes the operations of the next request, at most most, or none if the window has no room for them.
func (q *partitionQueue) take(most int) []*Operation {
	n, room := q.waiting(), min(q.window-q.inFlight, most)
	// With the window nearly used up, every small answer would make room for one small request: wait for more room.
	if n == 0 || room <= 0 || q.inFlight > 0 && room < min(n, most, max(q.window/2, 1)) {
		return nil
	}
	if len(q.redo) > 0 {
		q.ops, q.redo = append(q.redo, q.ops...), nil
	}
	bytes := 0
	for n = 0; n < min(len(q.ops), room); n++ {
		o := q.ops[n]
		size := o.Size()
		if n > 0 && (bytes+size > maxBytes || o.alone || q.ops[0].alone) {
			break
		}
		bytes += size
	}
	ops := q.ops[:n:n]
	q.ops = q.ops[n:]
	q.bytes -= bytes
	if ops[0].alone {
		q.alone--
	}
	q.inFlight += n
	return ops
}

// removeAll takes all operations that wait.
func (q *partitionQueue) removeAll() []*Operation {
	ops := append(q.redo, q.ops...)
	q.ops, q.redo, q.bytes, q.alone = nil, nil, 0, 0
	return ops
}

// answered adapts the window to the answer of a request: how many operations it had, how many of them were throttled,
// and the longest pause that they ask for, 0 if none does.
func (q *partitionQueue) answered(now time.Time, operations, throttled int, asked time.Duration) {
	q.inFlight -= operations
	if throttled == 0 {
		q.refused = 0
		q.window = min(q.window+windowStep, windowMax)
		return
	}
	if throttled < operations {
		q.refused = 0
	} else {
		q.refused++
	}
	// What was accepted of the request is about what the partition can do now.
	q.window = max(min(q.window/2, operations-throttled+windowStep), 1)
	if until := now.Add(pause(asked, q.refused)); until.After(q.until) {
		q.until = until
	}
}

// pause is how long to wait after throttling, for the n-th time in a row.
func pause(asked time.Duration, n int) time.Duration {
	doublings := min(max(n-1, 0), 20)
	if asked > 0 {
		return max(asked, min(asked<<doublings, askedMost))
	}
	return min(pauseFirst<<doublings, pauseMost)
}

// list is a list of queues, the longest waiting first. Everything it does takes the same time, however long it is.
type list struct{ first, last *partitionQueue }

// put moves q to the end of l, unless it stands in l already.
func (l *list) put(q *partitionQueue, now time.Time) {
	if q.list == l {
		return
	}
	q.unlist()
	q.list, q.prev, q.since = l, l.last, now
	if l.last == nil {
		l.first = q
	} else {
		l.last.next = q
	}
	l.last = q
}

// unlist takes q out of the list that it stands in.
func (q *partitionQueue) unlist() {
	l := q.list
	if l == nil {
		return
	}
	if q.prev == nil {
		l.first = q.next
	} else {
		q.prev.next = q.next
	}
	if q.next == nil {
		l.last = q.prev
	} else {
		q.next.prev = q.prev
	}
	q.list, q.prev, q.next = nil, nil, nil
}
