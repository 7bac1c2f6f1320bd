package rest

import (
	"time"
)

// Policy bounds the repeating of requests. The zero value of a field is its default.
type Policy struct {
	Throttled     int           // the most repeats of a throttled request; 0: 9, negative: none
	ThrottledWait time.Duration // the longest sum of the pauses that the service asks for; 0: 30 s
}

func (p Policy) throttled() int {
	if p.Throttled == 0 {
		return 9
	}
	return max(p.Throttled, 0)
}

func (p Policy) throttledWait() time.Duration {
	if p.ThrottledWait == 0 {
		return 30 * time.Second
	}
	return p.ThrottledWait
}

const (
	connectTries   = 3   // repeats when the connection fails and there is no other region
	hopTries       = 1   // the same where there is one
	bulkTries      = 10  // the same for an operation of a bulk: among thousands, more meet a bad connection
	topologyTries  = 120 // repeats while the account's regions change
	splitTries     = 10  // repeats while a partition moves or splits
	topologyPause  = time.Second
	conflictBudget = 10 * time.Second // sum of the pauses after 449
)
