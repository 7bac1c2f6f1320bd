package cosmos

import (
	"fmt"
	"iter"
)

// intake is a message of the goroutine that runs the input: an operation, or how the input ended.
type intake struct {
	op       Operation
	over     bool // the input has ended; op is not set
	left     bool // it was stopped and may have more operations
	panicked any  // the value that it panicked with
}

// ended notes the end of the input. If operations were left in it, one result stands for all of them.
func (b *bulk) ended(left bool) {
	b.more = false
	if left {
		err := fmt.Errorf("cosmos: operation %d and those after it were not sent: %w", b.taken, b.ctx.Err())
		b.results = append(b.results, BulkResult{Index: b.taken, Err: err})
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

// feed runs the input. A panic in it is passed on to the goroutine that ranges over the results.
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
