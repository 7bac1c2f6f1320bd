// Package limiter counts what clients do, over all processes of a service: fixed windows, one document for each client
// and window, which ends itself.
package limiter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Limiter is what a service asks before it does something.
type Limiter interface {
	// Take takes n of what the client has left in this window, all or nothing.
	Take(ctx context.Context, client string, n int) (Decision, error)
	// Used is how much the client has taken in this window.
	Used(ctx context.Context, client string) (int, error)
}

// Decision is the answer to Take.
type Decision struct {
	Allowed bool
	Left    int       // in this window; of a refusal it is not known and 0
	Reset   time.Time // when the next window begins
}

type limiter struct {
	counters *cosmos.Container
	limit    int
	window   time.Duration
	now      func() time.Time
}

type counter struct {
	ID    string `json:"id"`
	Count int    `json:"count"`
	TTL   int    `json:"ttl"` // seconds
}

// Open returns a limiter that lets each client have limit in every window. Its counters are in a container, which it
// creates if need be. now is the time; nil is time.Now.
func Open(
	ctx context.Context, db *cosmos.Database, container string, limit int, window time.Duration, now func() time.Time,
) (Limiter, error) {
	if window < time.Second || limit < 1 {
		return nil, fmt.Errorf("limiter: limit %d in %s: both must be at least 1, the window in seconds", limit, window)
	}
	_, err := db.CreateContainerIfNotExists(ctx, cosmos.ContainerProperties{
		ID:           container,
		PartitionKey: cosmos.PartitionKeyPaths("/id"),
		DefaultTTL:   new(-1), // each counter says for how long it lives
	})
	if err != nil {
		return nil, fmt.Errorf("limiter: open %s: %w", container, err)
	}
	if now == nil {
		now = time.Now
	}
	return &limiter{counters: db.Container(container), limit: limit, window: window, now: now}, nil
}

func (l *limiter) Take(ctx context.Context, client string, n int) (Decision, error) {
	if n < 1 {
		return Decision{}, fmt.Errorf("limiter: take %d: must be at least 1", n)
	}
	id, reset := l.current(client)
	if n > l.limit {
		return Decision{Reset: reset}, nil
	}
	for {
		resp, err := l.counters.PatchItem(ctx, id,
			[]cosmos.PatchOperation{cosmos.PatchIncrement("/count", n)},
			cosmos.PatchCondition(fmt.Sprintf("from c where c.count <= %d", l.limit-n)))
		if errors.Is(err, cosmos.ErrNotFound) {
			resp, err = l.counters.CreateItem(ctx, counter{ID: id, Count: n, TTL: l.seconds()})
			if errors.Is(err, cosmos.ErrConflict) {
				continue // another was faster
			}
		}
		if errors.Is(err, cosmos.ErrPreconditionFailed) {
			return Decision{Reset: reset}, nil
		}
		if err != nil {
			return Decision{}, fmt.Errorf("limiter: take %d for %s: %w", n, client, err)
		}
		var now counter
		if err := resp.Decode(&now); err != nil {
			return Decision{}, err
		}
		return Decision{Allowed: true, Left: l.limit - now.Count, Reset: reset}, nil
	}
}

func (l *limiter) Used(ctx context.Context, client string) (int, error) {
	id, _ := l.current(client)
	now, _, err := cosmos.ReadItem[counter](ctx, l.counters, id)
	if errors.Is(err, cosmos.ErrNotFound) {
		return 0, nil
	}
	return now.Count, err
}

// current names the counter of this window, and says when the window ends. Clients may have any name, ids have no
// slashes.
func (l *limiter) current(client string) (id string, end time.Time) {
	start := l.now().UTC().Truncate(l.window)
	return fmt.Sprintf("%s@%d", url.QueryEscape(client), start.UnixNano()), start.Add(l.window)
}

// seconds is how long a counter lives after its last change: never less than its window, whatever the clocks say.
func (l *limiter) seconds() int { return int(2*l.window/time.Second) + 1 }
