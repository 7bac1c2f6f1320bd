package rest

import (
	"context"
	"fmt"
	"time"
)

// pause sleeps for d. It ends with the client.
func (c *Client) pause(ctx context.Context, d time.Duration) (err error) {
	if d > 0 {
		err = c.whileOpen(ctx, func(ctx context.Context) error { return Wait(ctx, d) })
	}
	if c.closed.Load() {
		return ErrClosed
	}
	return err
}

// whileOpen waits for something under a context that also ends with the client.
func (c *Client) whileOpen(ctx context.Context, wait func(context.Context) error) error {
	open, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(c.background, stop)()
	err := wait(open)
	if err != nil && ctx.Err() == nil && c.closed.Load() {
		return ErrClosed
	}
	return err
}

// Wait sleeps for d. If the deadline of ctx is earlier it fails at once instead of using up the time that is left.
func Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return fmt.Errorf("waiting %v before the next attempt would outlast the deadline: %w",
			d.Round(time.Millisecond), context.DeadlineExceeded)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}

// contextError is the error of a context that is over, with its cause if that is another error.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == err {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
