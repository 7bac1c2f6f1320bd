package cosmos

import (
	"context"
	"slices"
	"sync"

	"github.com/cosmossql/cosmossql/internal/rest"
)

const keptActivities = 64

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

// record adds a request to the context's Stats, if it has one.
func record(ctx context.Context, r *rest.Response) {
	s, _ := ctx.Value(statsKey{}).(*Stats)
	if s == nil || r.Attempts == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.RequestCharge += r.Charge
	s.Requests += r.Attempts
	s.Retries += r.Retries()
	if len(s.ActivityIDs) == keptActivities {
		s.ActivityIDs = append(s.ActivityIDs[:0], s.ActivityIDs[1:]...)
	}
	s.ActivityIDs = append(s.ActivityIDs, r.ActivityID)
	if token := r.Header.Get(rest.HeaderSessionToken); token != "" {
		s.SessionToken = token
	}
	if r.Region != "" && !slices.Contains(s.Regions, r.Region) {
		s.Regions = append(s.Regions, r.Region)
	}
}

// recordPage counts a page of the context's Stats, if it has one.
func recordPage(ctx context.Context) {
	if s, _ := ctx.Value(statsKey{}).(*Stats); s != nil {
		s.mu.Lock()
		s.Pages++
		s.mu.Unlock()
	}
}
