package budget

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// One that leaves with a cause of its own is told both: that its context ended, and why.
func TestLeftWithACause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter("a budget", 10)
		run(t, l, 1, 1, 100)
		why := errors.New("the user went away")
		for name, wait := range map[string]func(ctx context.Context) error{
			"next": func(ctx context.Context) error { _, err := l.Acquire(ctx); return err },
			"behind another": func(ctx context.Context) error {
				l.turn <- struct{}{}
				defer func() { <-l.turn }()
				_, err := l.Acquire(ctx)
				return err
			},
		} {
			ctx, leave := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { leave(why) })
			err := wait(ctx)
			require.ErrorIs(t, err, why, name)
			require.ErrorIs(t, err, context.Canceled, name)
		}
	})
}

// Who waits for another's look at the throughput of a container need not wait for longer than its context lasts.
func TestLeftWhileAnotherReadsTheThroughput(t *testing.T) {
	reading, answer := make(chan struct{}), make(chan struct{})
	of := func(context.Context, string) (int, error) {
		close(reading)
		<-answer
		return 1000, nil
	}
	g := &Group{Name: "nightly", Share: 0.1}
	first, left := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := g.Limiter(context.Background(), "dbs/d/colls/c", of)
		first <- err
	}()
	<-reading
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	go func() {
		_, err := g.Limiter(ctx, "dbs/d/colls/c", of)
		left <- err
	}()
	select {
	case err := <-left:
		require.ErrorIs(t, err, context.Canceled)
	case <-time.After(10 * time.Second):
		t.Error("it waits for the other")
	}
	close(answer)
	require.NoError(t, <-first)
}
