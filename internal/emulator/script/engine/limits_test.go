package engine

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

// A script that takes too much memory is stopped, and told apart from one that takes too long. It is not parallel: what
// others take counts, too.
func TestMemoryIsBounded(t *testing.T) {
	e := New(Options{Timeout: time.Minute, Memory: 16 << 20})
	const body = "() => { const all = []; for (let i = 0;; i++) all.push('x'.repeat(1e5) + i) }"
	f, err := e.Function(script.Source{ID: "f", Body: body}, time.Now)
	require.NoError(t, err)
	for range 2 { // a function that has been stopped does not begin again
		_, err = f(t.Context(), nil)
		var refused *script.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, &script.Error{Message: tooMuch}, refused)
	}
	_, err = e.Run(t.Context(), script.Invocation{
		Source: script.Source{ID: "p", Body: body}, Now: time.Now, Collection: newShelf(t),
	})
	require.Equal(t, &script.Error{Message: tooMuch}, err)
	got, err := apply(t, "() => 1", "[]")
	require.NoError(t, err)
	require.Equal(t, "1", got, "another script runs")
}

// A script that runs too long is stopped wherever it is, and cannot keep itself from it.
func TestTimeIsBounded(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"for (;;);", "try { for (;;); } finally { for (;;); }", "for (;;) { try { for (;;); } catch (e) {} }",
		"[1].map(() => { for (;;); })", "'x'.replace(/x/, () => { for (;;); })", "[2, 1].sort(() => { for (;;); })",
		// An operation late in the time is not accepted.
		"if (!c.filter(() => { for (;;); }).isAccepted) for (;;);",
		"for (;;) c.createDocument(link, {toJSON() { for (;;); }})",
		"r.setBody({get a() { for (;;); }})", "(async () => { for (;;) await 1 })()",
		"throw {get name() { for (;;); }}",
	} {
		res, err := New(Options{Timeout: 10 * time.Millisecond, Memory: 1 << 30}).Run(t.Context(), script.Invocation{
			Source: script.Source{ID: "p", Body: "() => { const r = getContext().getResponse(), " +
				"c = getContext().getCollection(), link = c.getSelfLink(); " + body + " }"},
			Now: time.Now, Collection: newShelf(t, `{"id":"x"}`), Operation: "Execute",
		})
		require.Equal(t, &script.Error{Message: timedOut, Timeout: true}, err, body)
		require.Equal(t, script.Result{}, res, body)
	}
}

// The bound of a query's function is that of all its calls, and its own: another query has its own time.
func TestTimeOfAFunctionIsUsedUp(t *testing.T) {
	t.Parallel()
	e := New(Options{Timeout: 10 * time.Millisecond, Memory: 1 << 30})
	source := script.Source{ID: "f", Body: "(on) => { while (on); return 1 }"}
	f, err := e.Function(source, time.Now)
	require.NoError(t, err)
	for _, on := range []bool{true, false} {
		_, err = f(t.Context(), []value.Value{value.Bool(on)})
		require.Equal(t, &script.Error{Message: timedOut, Timeout: true}, err)
	}
	fresh, err := New(Options{Timeout: time.Minute, Memory: 1 << 30}).Function(source, time.Now)
	require.NoError(t, err)
	got, err := fresh(t.Context(), []value.Value{value.Bool(false)})
	require.NoError(t, err)
	require.Equal(t, "1", show(got))
}

// A request that is given up ends its script, and what it gave up is told, not the script's error.
func TestCancelledContextEndsAProcedure(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &cancelling{shelf: newShelf(t), cancel: cancel}
	_, err := calm().Run(ctx, script.Invocation{
		Source: script.Source{ID: "p", Body: "() => __.readDocument('x', () => { for (;;); })"}, Now: time.Now,
		Collection: s, Operation: "Execute",
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"read x"}, s.asked)
}

// cancelling is a collection whose read ends the request.
type cancelling struct {
	*shelf
	cancel func()
}

func (c *cancelling) Read(link string) (value.Value, error) {
	c.cancel()
	return c.shelf.Read(link)
}

// A script whose step does not end is left behind in the end; what it does later has no effect.
func TestScriptsThatAreLeftBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, end := newShelf(t), make(chan struct{})
		began := time.Now()
		_, err := New(Options{Memory: 1 << 30}).Run(t.Context(), script.Invocation{
			Source: script.Source{ID: "p", Body: `() => {
				console.log("begun");
				__.createDocument(__.getSelfLink(), {id: "early"});
				Date.now();
				__.createDocument(__.getSelfLink(), {id: "late"});
			}`},
			Now:        func() time.Time { <-end; return time.Time{} },
			Collection: s, Operation: "Execute",
		})
		require.Equal(t, &script.Error{Message: timedOut, Timeout: true}, err)
		require.Equal(t, 5*time.Second+patience, time.Since(began), "what the service allows, and a little")
		close(end)
		synctest.Wait()
		require.Equal(t, []string{`create {"id":"early"}`}, s.asked)
		time.Sleep(time.Second) // in which the engine finds nothing left to watch
	})
}

// A function that is left behind is not called again: its world may be in use still.
func TestFunctionsThatAreLeftBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		f, err := New(Options{Memory: 1 << 30}).Function(
			script.Source{ID: "f", Body: "(wait) => wait ? Date.now() : 1"},
			func() time.Time { <-end; return time.Time{} })
		require.NoError(t, err)
		left := &script.Error{Message: timedOut, Timeout: true}
		_, err = f(t.Context(), []value.Value{value.Bool(true)})
		require.Equal(t, left, err)
		began := time.Now()
		_, err = f(t.Context(), []value.Value{value.Bool(false)})
		require.Equal(t, left, err)
		require.Equal(t, began, time.Now(), "at once")
		close(end)
		synctest.Wait()
		time.Sleep(time.Second) // in which the engine finds nothing left to watch
	})
}

// Functions of one engine run side by side, each in a world of its own, with globals of its own.
func TestWorldsAreApart(t *testing.T) {
	t.Parallel()
	e := calm()
	source := script.Source{ID: "f", Body: "var n = 0; function f() { Array.prototype.extra = ++n; return [n, " +
		"[].extra] }"}
	var wg sync.WaitGroup
	for range 4 {
		f, err := e.Function(source, time.Now)
		require.NoError(t, err)
		wg.Go(func() {
			for i := range 20 {
				got, err := f(t.Context(), nil)
				if err != nil || show(got) != strings.ReplaceAll("[N,N]", "N", itoa(int64(i+1))) {
					t.Errorf("call %d: %s %v", i, show(got), err)
				}
			}
		})
	}
	wg.Wait()
}

// A function that is called by several goroutines takes them one by one.
func TestCallsOfAFunctionTakeTurns(t *testing.T) {
	t.Parallel()
	f, err := calm().Function(script.Source{ID: "f", Body: "var n = 0; function f() { return ++n }"}, time.Now)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				if _, err := f(t.Context(), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got, err := f(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "101", show(got))
}

// The stack of an error is of the script's own calls, as many as help.
func TestStackOfAnError(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{"function f() {\n  g(() => { null.x });\n}\nfunction g(h) { [1].forEach(h) }",
			"\n   at Anonymous function (f.js:2:18)\n   at g (f.js:4:28)\n   at f (f.js:2:4)"},
		{"function f(n) { if (n === 0) throw new Error('x'); f(n === undefined ? 50 : n - 1) }",
			"\n   at f (f.js:1:36)" + strings.Repeat("\n   at f (f.js:1:53)", maxFrames-1)},
		{"function f() { JSON.stringify({toJSON() { throw new Error('x') }}) }",
			"\n   at toJSON (f.js:1:49)\n   at f (f.js:1:30)"},
		{"() => { throw 'x' }", "\n   at Anonymous function (f.js:1:9)"},
	} {
		_, err := apply(t, test.body, "[]")
		require.Error(t, err, test.body)
		_, stack, _ := strings.Cut(err.Error(), "Stack trace: ")
		_, frames, _ := strings.Cut(stack, "\n")
		require.Equal(t, test.want, "\n"+frames, test.body)
	}
}

// The text of an exception that is long is cut, at a whole character.
func TestLongExceptions(t *testing.T) {
	t.Parallel()
	_, err := apply(t, "() => { throw new Error('é'.repeat(1e5)) }", "[]")
	require.Error(t, err)
	require.Less(t, len(err.Error()), 9<<10)
	require.Contains(t, err.Error(), "é…\r\nStack trace: Error: é")
	require.NotContains(t, err.Error(), "\uFFFD")
}
