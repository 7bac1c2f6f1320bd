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
	// SingleOperations is how many operations of a bulk were sent one by one, because the server knows no bulk requests.
	SingleOperations int
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
	if r.Attempts == 0 {
		return
	}
	updateStats(ctx, func(u *Usage) {
		u.RequestCharge += r.Charge
		u.Requests += r.Attempts
		u.Retries += r.Retries()
		if len(u.ActivityIDs) == keptActivities {
			u.ActivityIDs = append(u.ActivityIDs[:0], u.ActivityIDs[1:]...)
		}
		u.ActivityIDs = append(u.ActivityIDs, r.ActivityID)
		if token := r.Header.Get(rest.HeaderSessionToken); token != "" {
			u.SessionToken = token
		}
		if r.Region != "" && !slices.Contains(u.Regions, r.Region) {
			u.Regions = append(u.Regions, r.Region)
		}
	})
}

// recordPage counts a page of the context's Stats, if it has one.
func recordPage(ctx context.Context) { updateStats(ctx, func(u *Usage) { u.Pages++ }) }

// amend changes the context's Stats, if it has one.
func updateStats(ctx context.Context, change func(*Usage)) {
	if s, _ := ctx.Value(statsKey{}).(*Stats); s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		change(&s.Usage)
	}
}
