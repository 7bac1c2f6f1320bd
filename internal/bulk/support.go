package bulk

import (
	"sync"
	"time"
)

const (
	// refusals in a row after which a server that has never answered a bulk request is taken for one that knows none.
	// One alone may be a proxy's, or about one operation of the request.
	refusals = 3
	// askAgain is after how long such a server is asked again.
	askAgain = time.Minute
)

// Support is what a client knows of whether its server knows bulk requests: some emulators do not. The zero value knows
// nothing yet. It is safe for concurrent use.
type Support struct {
	mu       sync.Mutex
	answered bool // once is enough
	refused  int  // in a row
	until    time.Time
}

// Known reports whether bulk requests are worth sending.
func (s *Support) Known(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answered || s.refused < refusals || !now.Before(s.until)
}

// Answered notes an answer to a bulk request.
func (s *Support) Answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered, s.refused = true, 0
}

// Refused notes an answer of a server that seems to know no bulk requests.
func (s *Support) Refused(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused++
	s.until = now.Add(askAgain)
}
