package cosmos

import (
	"fmt"
	"iter"
)

// intake is what the input's goroutine says: an operation, or how the input ended.
type intake struct {
	op       Operation
	over     bool
	left     bool // it did not end, it was stopped
	panicked any
}

// ended notes the end of the input. One result stands for all operations that were left in it.
func (b *bulk) ended(left bool) {
	b.more = false
	if left {
		err := fmt.Errorf("cosmos: operation %d and those after it were not sent: %w", b.taken, b.ctx.Err())
		b.results = append(b.results, Result{Index: b.taken, Err: err})
	}
}

// drain waits for the end of the input, which is being stopped, and reports whether it had more.
func (b *bulk) drain() (more bool) {
	for {
		next := <-b.in
		more = more || next.left || !next.over
		if next.over {
			return more
		}
	}
}

// feed runs the input. A panic in it belongs to the goroutine that ranges over the results.
func (b *bulk) feed(ops iter.Seq[Operation]) {
	last := intake{over: true}
	defer func() {
		last.panicked = recover()
		b.in <- last
	}()
	for o := range ops {
		if b.ctx.Err() != nil {
			last.left = true
			return
		}
		select {
		case b.in <- intake{op: o}:
		case <-b.ctx.Done():
			last.left = true
			return
		}
	}
}
