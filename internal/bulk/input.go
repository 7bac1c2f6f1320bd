package bulk

import (
	"context"
	"iter"
	"sync"
)

// The most that the input's goroutine has ready for the loop.
const (
	readyOperations = 10 * maxOperations
	readyBytes      = 4 << 20
)

// input runs the caller's input on a goroutine of its own, so that a bulk ends with its context even if the input waits
// for something. That goroutine ends when the input next yields.
type input struct {
	ctx     context.Context
	arrived chan struct{} // something is ready, or the input has ended
	room    chan struct{} // what was ready has been taken

	mu       sync.Mutex
	ready    []*Operation
	bytes    int
	next     int // index of the next operation
	ended    bool
	panicked any // the value that it panicked with
}

func newInput(ctx context.Context) *input {
	return &input{ctx: ctx, arrived: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// run runs the input to its end, or to that of the context.
func (in *input) run(ops iter.Seq[*Operation]) {
	complete := false
	defer func() {
		panicked := recover()
		in.mu.Lock()
		in.ended, in.panicked = complete || panicked != nil, panicked
		in.mu.Unlock()
		signal(in.arrived)
	}()
	for o := range ops {
		if in.ctx.Err() != nil || !in.put(o) {
			return
		}
	}
	complete = true
}

// put makes an operation ready, as soon as there is room for it.
func (in *input) put(o *Operation) bool {
	in.mu.Lock()
	for len(in.ready) >= readyOperations || in.bytes >= readyBytes {
		in.mu.Unlock()
		select {
		case <-in.room:
		case <-in.ctx.Done():
			return false
		}
		in.mu.Lock()
	}
	o.index = in.next
	in.next++
	in.ready = append(in.ready, o)
	in.bytes += o.Size()
	first := len(in.ready) == 1
	in.mu.Unlock()
	if first {
		signal(in.arrived)
	}
	return true
}

// take takes what is ready. ended says that nothing follows.
func (in *input) take(into []*Operation) (ops []*Operation, ended bool, panicked any) {
	in.mu.Lock()
	ops, in.ready, in.bytes = in.ready, into[:0], 0
	ended, panicked = in.ended, in.panicked
	in.mu.Unlock()
	signal(in.room)
	return ops, ended, panicked
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
