package bulk

import (
	"container/heap"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/stretchr/testify/require"
)

// operations makes n creates, each with a document of size bytes.
func operations(n, size int) []*Operation {
	list := make([]*Operation, n)
	for i := range list {
		list[i] = &Operation{Operation: batch.Operation{Kind: batch.Create, Body: []byte(strings.Repeat("x", size))},
			index: i}
	}
	return list
}

func queueOf(window, inFlight int, ops ...*Operation) *partitionQueue {
	q := &partitionQueue{window: window, inFlight: inFlight}
	for _, o := range ops {
		q.add(o, false)
	}
	return q
}

func TestQueueTakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		queue *partitionQueue
		fills bool
		want  int
	}{
		{"nothing", queueOf(200, 0), false, 0},
		{"a full request", queueOf(200, 0, operations(250, 10)...), true, 100},
		{"not full", queueOf(200, 0, operations(99, 10)...), false, 99},
		{"full by bytes", queueOf(200, 0, operations(99, 50_000)...), true, 4},
		{"one that is larger than a request", queueOf(200, 0, operations(2, 300_000)...), true, 1},
		{"window", queueOf(30, 0, operations(250, 10)...), true, 30},
		{"window used up", queueOf(30, 30, operations(250, 10)...), true, 0},
		{"little room", queueOf(200, 190, operations(250, 10)...), true, 0},
		{"little to do", queueOf(200, 190, operations(5, 10)...), false, 5},
		{"one at a time", queueOf(1, 0, operations(5, 10)...), false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := tt.queue
			waiting, inFlight := q.waiting(), q.inFlight
			require.Equal(t, tt.fills, q.fills())
			got := q.take(maxOperations)
			require.Len(t, got, tt.want)
			require.Equal(t, inFlight+tt.want, q.inFlight)
			require.Equal(t, waiting-tt.want, q.waiting())
			bytes := 0
			for _, o := range q.ops {
				bytes += o.Size()
			}
			require.Equal(t, bytes, q.bytes)
		})
	}
	q := queueOf(200, 0, operations(2, 10)...)
	again := operations(2, 10)
	again[1].alone = true
	q.add(again[0], true)
	q.add(again[1], true)
	require.True(t, q.fills())
	require.Equal(t, again[:1], q.take(maxOperations), "those to be sent again come first")
	q.inFlight = 0
	require.Equal(t, again[1:], q.take(maxOperations), "this one alone")
	require.False(t, q.fills())
	require.Len(t, q.removeAll(), 2)
	require.Zero(t, q.waiting()+q.bytes)
}

func TestQueueAdapts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	q := partitionQueue{window: windowStart, inFlight: 300}
	q.answered(now, 100, 0, 0)
	require.Equal(t, 200, q.inFlight)
	require.Equal(t, windowStart+windowStep, q.window)
	q.answered(now, 100, 60, time.Second)
	require.Equal(t, 90, q.window, "what was accepted, and a little more")
	require.Equal(t, now.Add(time.Second), q.until)
	q.answered(now, 90, 90, time.Millisecond)
	require.Equal(t, 45, q.window)
	require.Equal(t, now.Add(time.Second), q.until, "the longer pause stays")
	for range 20 {
		q.answered(now, 1, 1, time.Millisecond)
	}
	require.Equal(t, 1, q.window, "never less than one")
	for range 200 {
		q.answered(now, 0, 0, 0)
	}
	require.Equal(t, windowMax, q.window)
	require.Zero(t, q.refused)
}

func TestPause(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, tt := range []struct {
		name  string
		asked time.Duration
		want  []time.Duration
	}{
		{"none asked for", 0, []time.Duration{50 * ms, 50 * ms, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms,
			3200 * ms, 5000 * ms, 5000 * ms}},
		{"one that is hardly one", 1 * ms, []time.Duration{1 * ms, 1 * ms, 2 * ms, 4 * ms, 8 * ms, 16 * ms, 32 * ms,
			64 * ms, 128 * ms, 256 * ms, 512 * ms, 1000 * ms}},
		{"a long one", 2000 * ms, []time.Duration{2000 * ms, 2000 * ms, 2000 * ms}},
	} {
		for n, want := range tt.want {
			require.Equal(t, want, pause(tt.asked, n), "%s, %d in a row", tt.name, n)
		}
		require.Positive(t, pause(tt.asked, 1<<30))
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	var l, other list
	queues := []*partitionQueue{{id: "0"}, {id: "1"}, {id: "2"}}
	ids := func(l *list) (ids string) {
		for q := l.first; q != nil; q = q.next {
			ids += q.id
		}
		return ids
	}
	now := time.Now()
	for _, q := range queues {
		l.put(q, now)
	}
	l.put(queues[0], now.Add(1))
	require.Equal(t, "012", ids(&l), "it keeps its turn")
	require.Equal(t, now, queues[0].since)
	other.put(queues[1], now)
	require.Equal(t, "02", ids(&l))
	require.Equal(t, "1", ids(&other))
	queues[2].unlist()
	queues[0].unlist()
	queues[0].unlist()
	require.Empty(t, ids(&l))
	require.Nil(t, l.last)
}

// TestWhoseTurnItIs: of what waits, the first that is due comes first, whatever the order it came in.
func TestWhoseTurnItIs(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(61, 62))
	start := time.Unix(0, 0)
	operations, queues := new(delayed), new(pausedQueues)
	for range 200 {
		due := start.Add(time.Duration(r.IntN(50)) * time.Second)
		heap.Push(operations, &Operation{due: due})
		heap.Push(queues, &partitionQueue{resume: due})
	}
	for last := start; operations.Len() > 0; {
		o, q := heap.Pop(operations).(*Operation), heap.Pop(queues).(*partitionQueue)
		require.False(t, o.due.Before(last), "an operation that was due before comes after")
		require.Equal(t, o.due, q.resume)
		last = o.due
	}
	require.Zero(t, queues.Len())
}
