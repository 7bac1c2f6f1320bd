package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
)

// The bounds of a script beside time and memory.
const (
	maxCalls  = 2_000     // nested calls
	maxInside = 500       // nested calls of built-in functions
	maxBody   = 512 << 10 // bytes of a script's text
	maxNested = 200       // brackets in one another in the text
	maxArrows = 100       // arrow functions in one another in the text, without brackets
	maxDepth  = 128       // nested arrays and objects of a value that is taken out, as in a document
	maxValues = 1 << 20   // values in one that is taken out
	maxText   = 4 << 20   // characters of a text that goja works on in one step
	maxLength = 1 << 20   // elements of an array that goja works on in one step
	maxLog    = 64 << 10  // bytes of console.log
)

const (
	timedOut    = "The script has been stopped: it ran longer than the server allows."
	tooMuch     = "The script has been stopped: it used more memory than the server allows."
	patience    = 2 * time.Second // for a step of goja to end after the bound
	watchPeriod = 2 * time.Millisecond
)

// Nothing else in a process of this module uses regexp2/v2: a pattern that goes back and forth ends.
func init() { regexp2.DefaultMatchTimeout = time.Second }

var errAbandoned = errors.New("the script did not stop")

// bounded runs fn, which uses vm, within a time and the engine's memory. A step that outlasts the bound is left behind:
// the error is then errAbandoned, and vm must not be used again.
func (e *Engine) bounded(ctx context.Context, id string, vm *goja.Runtime, limit time.Duration, fn func() error) error {
	vm.ClearInterrupt()
	done := make(chan error, 1)
	end := e.watch.add(vm, time.Now().Add(limit))
	go func() {
		done <- attempt(func() error {
			err := attempt(fn)
			// What was thrown is read here, since its properties may be functions of the script.
			if x := (*goja.Exception)(nil); errors.As(err, &x) {
				number, text := thrownText(x, id)
				return &script.Error{Number: number, Message: text}
			}
			return err
		})
	}()
	defer end()
	timer := time.NewTimer(limit + patience)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		vm.Interrupt(ctx.Err().Error())
	case <-timer.C:
		return errAbandoned
	}
	select {
	case err := <-done:
		if err == nil {
			return nil
		}
		return ctx.Err()
	case <-timer.C:
		return errAbandoned
	}
}

// attempt calls fn and gives what it panics with as an error.
func attempt(fn func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error:
			err = &script.Error{Message: fmt.Sprintf("The JavaScript engine failed: %v\n%s", p, debug.Stack())}
		case error: // an exception, or an interruption between two calls
			err = p
		default:
			err = &script.Error{Message: fmt.Sprintf("The JavaScript engine failed: %v\n%s", p, debug.Stack())}
		}
	}()
	return fn()
}

// grown is by how much a figure is above what it was.
func grown(now, base uint64) uint64 { return now - min(now, base) }

// watch stops scripts that run too long or take too much memory. One goroutine looks after all of them, as long as
// there are any.
type watch struct {
	memory  uint64
	mu      sync.Mutex
	seen    map[*goja.Runtime]*watched
	running bool
}

type watched struct {
	deadline time.Time
	base     uint64 // the heap when the script was first seen
}

func (w *watch) add(vm *goja.Runtime, deadline time.Time) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen == nil {
		w.seen = map[*goja.Runtime]*watched{}
	}
	w.seen[vm] = &watched{deadline: deadline}
	if !w.running {
		w.running = true
		go w.run()
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.seen, vm)
	}
}

func (w *watch) run() {
	ticker := time.NewTicker(watchPeriod)
	defer ticker.Stop()
	for range ticker.C {
		if !w.look() {
			return
		}
	}
}

// look stops what has to be stopped and reports whether there is anything left to look after.
func (w *watch) look() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) == 0 {
		w.running = false
		return false
	}
	now := time.Now()
	heap, live := heapBytes()
	for vm, s := range w.seen {
		if s.base == 0 {
			s.base = heap
		}
		switch {
		case now.After(s.deadline):
			vm.Interrupt(timedOut)
		// What is garbage does not count, unless there is very much of it: a text that doubles outruns the collector.
		case grown(live, s.base) > w.memory, grown(heap, s.base)/4 > w.memory:
			vm.Interrupt(tooMuch)
		}
	}
	return true
}

// heapBytes is what is on the heap, and what of it was in use when garbage was last collected.
func heapBytes() (heap, live uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64(), sample[1].Value.Uint64()
}
