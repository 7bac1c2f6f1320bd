package budget

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Cheapest is what the cheapest request costs, in RU: a read of one document of 1 KB.
const Cheapest = 1

// refreshEvery is how long the throughput of a container is taken to be what it was.
const refreshEvery = 15 * time.Minute

// Group is a throughput control group: a rate that the requests of several operations share. It is either fixed, or a
// share of what each container has provisioned, and then each container has one of its own.
type Group struct {
	Name     string
	Target   float64 // RU a second; 0 if Share says it
	Share    float64 // of the throughput of the container, above 0 up to 1
	Priority string  // of its requests
	Bucket   int     // of its requests; 0 for none

	mu      sync.Mutex
	limiter *Limiter // of Target
	shares  map[string]*share
}

// share is the limiter of one container.
type share struct {
	reading chan struct{} // has an element while the throughput is read
	limiter *Limiter
	read    time.Time
}

// Throughput tells the RU a second that are provisioned for the container at link.
type Throughput func(ctx context.Context, link string) (int, error)

// Limiter is the one of requests about the documents of the container at link.
func (g *Group) Limiter(ctx context.Context, link string, of Throughput) (*Limiter, error) {
	g.mu.Lock()
	if g.Target > 0 {
		defer g.mu.Unlock()
		if g.limiter == nil {
			g.limiter = NewLimiter(fmt.Sprintf("the throughput control group %q (%v RU/s)", g.Name, g.Target), g.Target)
		}
		return g.limiter, nil
	}
	s := g.shares[link]
	if s == nil {
		if s = (&share{reading: make(chan struct{}, 1)}); g.shares == nil {
			g.shares = map[string]*share{}
		}
		g.shares[link] = s
	}
	g.mu.Unlock()
	select {
	case s.reading <- struct{}{}:
	case <-ctx.Done():
		what := fmt.Sprintf("the throughput of %s, of which the throughput control group %q has a share", link, g.Name)
		return nil, left(ctx, what)
	}
	defer func() { <-s.reading }()
	if s.limiter != nil && time.Since(s.read) < refreshEvery {
		return s.limiter, nil
	}
	provisioned, err := of(ctx, link)
	rate := float64(provisioned) * g.Share
	switch {
	case err != nil && s.limiter != nil && ctx.Err() == nil:
		s.read = time.Now() // the old one will do
		return s.limiter, nil
	case err != nil:
		return nil,
			fmt.Errorf(
				"the throughput control group %q has a share of the throughput of %s, which could not be read: %w",
				g.Name, link, err)
	case rate < Cheapest:
		return nil,
			fmt.Errorf("the throughput control group %q has %v of the %d RU/s of %s, which is less than the %d RU "+
				"that the cheapest request costs: raise its TargetThroughputThreshold, or give it a TargetThroughput",
				g.Name, g.Share, provisioned, link, Cheapest)
	}
	name := fmt.Sprintf("the throughput control group %q (%v of the %d RU/s of %s)", g.Name, g.Share, provisioned, link)
	if s.read = time.Now(); s.limiter == nil {
		s.limiter = NewLimiter(name, rate)
	} else {
		s.limiter.setRate(name, rate)
	}
	return s.limiter, nil
}
