// Package engine runs stored procedures, triggers and user-defined functions on goja.
//
// A script has no access to anything but its arguments and the [script.Collection] that it is given: there are no
// require, timers, network or files, and no code can be made of text (eval, Function). It is bounded in time, memory,
// depth and size (limits.go). What goja itself does in one step, without looking whether it is to stop, is bounded by
// guards (guard.go); should a step outlast the bound nevertheless, the script is left behind: nothing that it does has
// an effect.
//
// api.js is the service's server-side API (getContext, collection, the chained queries) over the functions of
// native.go; convert.go takes values in and out, compile.go reads the texts.
package engine

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Options bound what a script may use.
type Options struct {
	Timeout time.Duration // of a run, or of all calls of a function in a query; 0 is 5 seconds, as in the service
	Memory  int           // bytes by which the process may grow meanwhile; 0 is 128 MB
}

// Engine is a [script.Engine].
type Engine struct {
	opts     Options
	watch    watch
	programs programs
}

var _ script.Engine = (*Engine)(nil)

// New returns an engine.
func New(o Options) *Engine {
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Memory <= 0 {
		o.Memory = 128 << 20
	}
	e := &Engine{opts: o}
	e.watch.memory = uint64(o.Memory)
	return e
}

//go:embed api.js
var apiText string

var apiProgram = sync.OnceValue(func() *goja.Program { return goja.MustCompile("api.js", apiText, true) })

// machine is a JavaScript world of its own.
type machine struct {
	*goja.Runtime
	api     *goja.Object
	log     strings.Builder
	logged  bool           // also an empty line
	inside  int            // calls of guarded functions within one another
	joining []*goja.Object // arrays whose texts are being made, within one another
}

// newMachine makes a world with the API and a clock. native are its functions for the collection; nil for a function in
// a query.
func newMachine(now func() time.Time, native func(*machine) *goja.Object) *machine {
	m := &machine{Runtime: goja.New()}
	m.SetMaxCallStackSize(maxCalls)
	m.SetTimeSource(now)
	tools := m.guard()
	if native != nil {
		tools.Set("collection", native(m))
	}
	start, err := m.RunProgram(apiProgram())
	if err != nil {
		panic(err) // the text is ours
	}
	f, _ := goja.AssertFunction(start)
	api, err := f(goja.Undefined(), tools)
	if err != nil {
		panic(err)
	}
	m.api = api.ToObject(m.Runtime)
	return m
}

// load makes the script's function.
func (m *machine) load(p *program) (goja.Callable, error) {
	v, err := m.RunProgram(p.code)
	if err != nil {
		return nil, err
	}
	f, ok := goja.AssertFunction(v)
	if !ok {
		return nil, errors.New("the script is not a function")
	}
	return f, nil
}

// Function compiles a user-defined function. Its calls share one world and one bound of time: those of a query.
func (e *Engine) Function(s script.Source, now func() time.Time) (eval.Function, error) {
	p, err := e.programs.get(s)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var m *machine
	var call goja.Callable
	var stopped error // what has ended all calls
	left := e.opts.Timeout
	return func(ctx context.Context, args []value.Value) (out value.Value, err error) {
		mu.Lock()
		defer mu.Unlock()
		if stopped == nil && left <= 0 {
			stopped = &script.Error{Message: timedOut, Timeout: true}
		}
		if stopped != nil {
			return value.Undefined, stopped
		}
		began := time.Now()
		if call == nil { // also after a text that could not be loaded
			m = newMachine(now, nil)
		}
		err = e.bounded(ctx, s.ID, m.Runtime, left, func() (err error) {
			if call == nil {
				if call, err = m.load(p); err != nil {
					return err
				}
			}
			in := make([]goja.Value, len(args))
			for i, a := range args {
				in[i] = m.toJS(a)
			}
			v, err := call(goja.Undefined(), in...)
			if err != nil {
				return err
			}
			out, err = m.fromJS(v)
			return err
		})
		left -= time.Since(began)
		if err == nil {
			return out, nil
		}
		failed := e.failure(s.ID, err, "")
		if x := (*goja.InterruptedError)(nil); errors.Is(err, errAbandoned) || errors.As(err, &x) {
			stopped = failed
		}
		return value.Undefined, failed
	}, nil
}

// Run runs a stored procedure or trigger.
func (e *Engine) Run(ctx context.Context, in script.Invocation) (script.Result, error) {
	p, err := e.programs.get(in.Source)
	if err != nil {
		return script.Result{}, err
	}
	c := &collection{Collection: in.Collection, until: time.Now().Add(e.opts.Timeout * 4 / 5)}
	m := newMachine(in.Now, c.native)
	var res script.Result
	err = e.bounded(ctx, in.ID, m.Runtime, e.opts.Timeout, func() error {
		f, err := m.load(p)
		if err != nil {
			return err
		}
		args := make([]goja.Value, len(in.Args))
		for i, a := range in.Args {
			args[i] = m.toJS(a)
		}
		main := m.ToValue(func(goja.FunctionCall) goja.Value { return pass(f, goja.Undefined(), args) })
		if _, err := m.call("start", main, m.ToValue(in.Operation), m.toJS(in.Request),
			m.toJS(in.Response)); err != nil {
			return err
		}
		for more := true; more; {
			v, err := m.call("next")
			if err != nil {
				return err
			}
			more = v.ToBoolean()
		}
		v, err := m.call("result")
		if err != nil {
			return err
		}
		out := v.ToObject(m.Runtime)
		if res.Request, err = m.fromJS(out.Get("request")); err != nil {
			return err
		}
		res.Response, err = m.fromJS(out.Get("response"))
		return err
	})
	c.end()
	var log string
	if !errors.Is(err, errAbandoned) { // else the script may still be writing
		log = m.log.String()
	}
	if err != nil {
		return script.Result{}, e.failure(in.ID, err, log)
	}
	res.Log = log
	return res, nil
}

// call calls a function of the API.
func (m *machine) call(name string, args ...goja.Value) (goja.Value, error) {
	f, _ := goja.AssertFunction(m.api.Get(name))
	return f(goja.Undefined(), args...)
}

// failure words what ended a script, as the service does: exception and stack.
func (e *Engine) failure(id string, err error, log string) error {
	var refused *script.Error
	var interrupted *goja.InterruptedError
	var deep *goja.StackOverflowError
	out := &script.Error{Log: log}
	switch {
	case errors.As(err, &refused):
		out.Number, out.Message = refused.Number, refused.Message
	case errors.As(err, &interrupted):
		out.Message = fmt.Sprint(interrupted.Value())
		out.Timeout = out.Message == timedOut
	case errors.As(err, &deep):
		out.Message = exceptionText("RangeError: Maximum call stack size exceeded", nil, id)
	case errors.Is(err, errAbandoned):
		out.Message, out.Timeout = timedOut, true
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	default:
		out.Message = exceptionText("Error: "+err.Error(), nil, id)
	}
	return out
}

// thrownText reads an exception: its number, and text and stack.
func thrownText(x *goja.Exception, id string) (number int, message string) {
	// A getter of what was thrown may throw in its turn, or have to be stopped.
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *goja.InterruptedError:
			panic(p)
		default:
			number, message = 0, exceptionText("an exception that cannot be read", x.Stack(), id)
		}
	}()
	text := x.Value()
	if o, ok := text.(*goja.Object); ok {
		if n := o.Get("number"); n != nil && !goja.IsUndefined(n) {
			number = int(n.ToInteger())
		}
		name, body := o.Get("name"), o.Get("message")
		if name != nil && body != nil {
			return number, exceptionText(name.String()+": "+body.String(), x.Stack(), id)
		}
	}
	return number, exceptionText(text.String(), x.Stack(), id)
}

func exceptionText(exception string, stack []goja.StackFrame, id string) string {
	const longest = 4 << 10
	if len(exception) > longest {
		exception = strings.ToValidUTF8(exception[:longest], "") + "…"
	}
	var b strings.Builder
	b.WriteString("Encountered exception while executing Javascript. Exception = " + exception +
		"\r\nStack trace: " + exception)
	shown := 0
	for _, f := range stack {
		if f.SrcName() != id+".js" {
			continue // the API's own
		}
		if shown++; shown > maxFrames {
			break
		}
		name := f.FuncName()
		if name == "<anonymous>" { // so goja calls it
			name = "Anonymous function"
		}
		at := f.Position()
		fmt.Fprintf(&b, "\n   at %s (%s:%d:%d)", name, f.SrcName(), at.Line, at.Column)
	}
	return b.String()
}

const maxFrames = 20
