package cosmos

import (
	"context"
	"slices"
	"sync"
)

// Stats collects what the requests made with a context cost and did; see [WithStats]. It is safe for concurrent use;
// read the fields when the calls are over, or [Stats.Snapshot] while they run.
type Stats struct {
	Usage
	mu sync.Mutex
}

// Usage is what a number of requests cost and did.
type Usage struct {
	RequestCharge float64
	Requests      int      // attempts sent
	Pages         int      // pages of queries and feeds
	Retries       int      // attempts beyond the first of each request
	ActivityIDs   []string // the newest 64
	SessionToken  string   // of the newest answer that had one
	Regions       []string // that answered, each once
}

// Snapshot returns what was collected so far.
func (s *Stats) Snapshot() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.Usage
	u.ActivityIDs = slices.Clone(u.ActivityIDs)
	u.Regions = slices.Clone(u.Regions)
	return u
}

type statsKey struct{}

// WithStats returns a context whose requests are added up in s.
func WithStats(ctx context.Context, s *Stats) context.Context {
	return context.WithValue(ctx, statsKey{}, s)
}
