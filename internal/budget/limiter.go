// Package budget holds requests back so that what they cost stays within a rate of request units a second.
package budget

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Limiter lets requests through, one after the other, at a rate of request units (RU) a second. What a request costs is
// known when it is answered: until then what the last ones cost is set aside for it, and what is wrong with that is
// made up for by those that follow. It saves up the units of one second at most.
type Limiter struct {
	turn chan struct{} // held by the request that is next; the others wait for it in their order

	mu       sync.Mutex
	name     string    // for errors
	rate     float64   // RU a second
	balance  float64   // RU that may be spent at the time at; below zero: a debt
	at       time.Time // zero until the first request
	estimate float64   // RU that a request costs; 0 if none is known yet
	refunded chan struct{}
}

// NewLimiter makes a limiter of so many RU a second, which must be above zero. name is for errors, such as
// "MaxRUPerSecond(2000)".
func NewLimiter(name string, perSecond float64) *Limiter {
	return &Limiter{name: name, rate: perSecond, turn: make(chan struct{}, 1), refunded: make(chan struct{}, 1)}
}

// setRate changes the rate, and with it the name. What was saved up or is owed stays.
func (l *Limiter) setRate(name string, perSecond float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill(time.Now())
	l.name, l.rate = name, perSecond
}

// String is the limiter's name, for errors.
func (l *Limiter) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.name
}

// Acquire waits until a request may be sent. It fails if ctx ends first, and at once if the deadline of ctx is earlier
// than the time at which the request may be sent. Settle takes what it returns.
func (l *Limiter) Acquire(ctx context.Context) (reserved float64, err error) {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return 0, left(ctx, l.String())
	}
	defer func() { <-l.turn }()
	for {
		wait, reserved := l.reserve(time.Now())
		if wait <= 0 {
			return reserved, nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return 0, fmt.Errorf("%s lets the next request through in %v, which would outlast the deadline: %w",
				l, wait.Round(time.Millisecond), context.DeadlineExceeded)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-l.refunded:
		case <-ctx.Done():
			timer.Stop()
			return 0, left(ctx, l.String())
		}
		timer.Stop()
	}
}

// left is the error of one whose context ended while it waited for something, with its cause if that is another error.
func left(ctx context.Context, what string) error {
	if err, cause := ctx.Err(), context.Cause(ctx); cause != err {
		return fmt.Errorf("waiting for %s: %w: %w", what, err, cause)
	}
	return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
}

// reserve sets aside what a request is expected to cost, or says how long to wait for that. What costs more than a
// second's units is let through with these, and the rest is a debt. While it is not known what requests cost, each is
// taken to cost all of them.
func (l *Limiter) reserve(now time.Time) (wait time.Duration, reserved float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill(now)
	cost := l.estimate
	if cost == 0 {
		cost = l.rate
	}
	if missing := min(cost, l.rate) - l.balance; missing > 0 {
		return max(time.Duration(missing/l.rate*float64(time.Second)), time.Microsecond), 0
	}
	l.balance -= cost
	return 0, cost
}

func (l *Limiter) refill(now time.Time) {
	if l.at.IsZero() {
		l.balance = l.rate
	} else {
		l.balance = min(l.balance+l.rate*now.Sub(l.at).Seconds(), l.rate)
	}
	l.at = now
}

// Settle says what the request cost that reserved was set aside for. learn says that others may cost the same: it was
// carried out.
func (l *Limiter) Settle(reserved, charge float64, learn bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.balance += reserved - charge
	switch {
	case !learn || charge <= 0:
	case l.estimate == 0:
		l.estimate = charge
	default:
		l.estimate += (charge - l.estimate) / 8
	}
	select {
	case l.refunded <- struct{}{}:
	default:
	}
}
