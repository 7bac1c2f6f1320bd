package cosmos

import (
	"context"
	"slices"
	"sync"

	"github.com/cosmossql/cosmossql/internal/rest"
)

const keptActivities = 64

// Stats adds up the usage of the requests made with a context; see [WithStats]. Requests of several
// goroutines may share one; [Stats.Snapshot] may be called while they run. It must not be copied.
type Stats struct {
	mu   sync.Mutex
	used Usage
}

// Usage is the cost of a number of requests.
type Usage struct {
	RequestCharge float64  // RU
	Requests      int      // attempts sent
	Pages         int      // pages of queries and feeds
	Retries       int      // attempts beyond the first of each request
	ActivityIDs   []string // the newest 64
	SessionToken  string   // of the newest answer that had one
	Regions       []string // that answered, each once
	// SingleOperations is how many operations of bulks were sent one by one because the server does not support bulk
	// requests.
	SingleOperations int

	QueryMetrics QueryExecution   // of all answers, where the option [QueryMetrics] asked for them
	Indexes      IndexUtilization // of the newest answer that told, where [IndexMetrics] asked
	Advice       []Advice         // of the newest answer that had some, where [QueryAdvice] asked
}

// Snapshot returns the usage so far.
func (s *Stats) Snapshot() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.used
	u.ActivityIDs = slices.Clone(u.ActivityIDs)
	u.Regions = slices.Clone(u.Regions)
	return u
}

type statsKey struct{}

// WithStats returns a context whose requests are added to s.
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
		u.tellOf(r.Header)
		if r.Region != "" && !slices.Contains(u.Regions, r.Region) {
			u.Regions = append(u.Regions, r.Region)
		}
	})
}

// recordPage counts a page of the context's Stats, if it has one.
func recordPage(ctx context.Context) { updateStats(ctx, func(u *Usage) { u.Pages++ }) }

// updateStats changes the context's Stats, if it has one.
func updateStats(ctx context.Context, change func(*Usage)) {
	if s, _ := ctx.Value(statsKey{}).(*Stats); s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		change(&s.used)
	}
}
