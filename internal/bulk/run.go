package bulk

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
)

// reportEvery is the time between two reports of the progress.
const reportEvery = 200 * time.Millisecond

// run is the state of one bulk. All of it belongs to the goroutine that ranges over the results.
type run struct {
	*scheduler
	sender
	ctx        context.Context // ends with the caller's, and when the loop over the results is left
	in         *input
	taken      int          // operations taken from the input
	spare      []*Operation // memory for the input
	done       bool         // nothing is taken from the input any more
	deliveries chan *delivery

	start, reported time.Time
}

// Run executes operations and yields a result for each, as it completes. If ctx ends, a last result stands for all that
// were not taken from ops. It returns when everything is finished, ctx has ended or yield has returned false, whatever
// ops does, and tells how far it has got.
func Run(ctx context.Context, c Config, ops iter.Seq[*Operation], yield func(Result) bool) option.Progress {
	inner, cancel := context.WithCancel(ctx)
	b := &run{scheduler: newScheduler(&c), sender: sender{&c}, ctx: inner, in: newInput(inner), start: time.Now()}
	b.deliveries = make(chan *delivery, b.limit)
	go b.in.run(ops)
	defer func() {
		cancel()
		for ; b.inFlight > 0; b.inFlight-- {
			<-b.deliveries
		}
		b.report(time.Now(), true)
	}()
	b.loop(yield)
	return b.progress
}

// loop handles one event after the other and hands out results.
func (b *run) loop(yield func(Result) bool) {
	timer := time.NewTimer(math.MaxInt64)
	defer timer.Stop()
	for !b.done || b.pending > 0 {
		now := time.Now()
		if b.ended == nil && b.ctx.Err() != nil {
			b.stop()
		}
		b.advance(now)
		b.single = !b.Support.Known(now)
		for {
			r := b.next(now, b.done)
			if r == nil {
				break
			}
			go func() { b.deliveries <- b.send(b.ctx, *r) }()
		}
		if len(b.results) == 0 && (!b.done || b.pending > 0) {
			timer.Reset(b.untilWake(now))
			b.await(timer)
		}
		b.report(time.Now(), false)
		ready := b.results
		b.results = nil
		for _, r := range ready {
			if !yield(r) {
				return
			}
		}
	}
}

// untilWake is how long to wait for the next event at most.
func (b *run) untilWake(now time.Time) time.Duration {
	wait := time.Duration(math.MaxInt64)
	if at := b.wake(); !at.IsZero() {
		wait = at.Sub(now)
	}
	if b.Progress != nil {
		wait = min(wait, reportEvery)
	}
	return max(wait, 0)
}

// await waits for one event and handles it: input, an answer, the timer, or the end of the context.
func (b *run) await(timer *time.Timer) {
	arrived := b.in.arrived
	if b.done || b.fills() {
		arrived = nil
	}
	over := b.ctx.Done()
	if b.ended != nil {
		over = nil
	}
	select {
	case <-arrived:
		b.take(time.Now())
	case d := <-b.deliveries:
		b.handle(time.Now(), d)
	case <-timer.C:
	case <-over:
		b.stop()
	}
}

// take takes operations from the input.
func (b *run) take(now time.Time) {
	ops, ended, panicked := b.in.take(b.spare)
	b.taken += len(ops)
	for _, o := range ops {
		b.add(now, o)
	}
	clear(ops)
	b.spare, b.done = ops, ended
	if panicked != nil {
		panic(panicked)
	}
}

// stop ends the work because the context has. If operations were left in the input, one result stands for all of them.
func (b *run) stop() {
	b.end(b.ctx.Err())
	if b.done {
		return
	}
	b.done = true
	if ops, ended, _ := b.in.take(nil); len(ops) > 0 || !ended {
		err := fmt.Errorf("cosmos: operation %d and those after it were not sent: %w", b.taken, b.ctx.Err())
		b.results = append(b.results, Result{Index: b.taken, Err: err})
	}
}

// report reports the progress; unless last is set, not more often than every reportEvery.
func (b *run) report(now time.Time, last bool) {
	if b.Progress == nil || !last && now.Sub(b.reported) < reportEvery {
		return
	}
	b.reported = now
	b.progress.Elapsed = now.Sub(b.start)
	if s := b.progress.Elapsed.Seconds(); s > 0 {
		b.progress.Rate = float64(b.progress.Done) / s
	}
	b.Progress(b.progress)
}
