package store

import (
	"sync"
	"time"
)

// bucket meters the request units of one partition. Each second refills its share of the throughput; a request may
// overdraw it, and those after it wait until the debt is paid, as in the service.
type bucket struct {
	mu    sync.Mutex
	level float64
	last  time.Time
}

// spend takes a charge out of a bucket that refills by rate a second. If the bucket is overdrawn it takes nothing and
// returns how long to wait.
func (b *bucket) spend(charge, rate float64, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last.IsZero() {
		b.level, b.last = rate, now
	}
	b.level = min(rate, b.level+rate*max(0, now.Sub(b.last).Seconds()))
	b.last = now
	if b.level <= 0 {
		// A millisecond more than the debt takes, so that the caller finds it paid when it comes back.
		return time.Duration(-b.level/rate*float64(time.Second)) + time.Millisecond
	}
	b.level -= charge
	return 0
}

// Admit meters a request on the partition that owns epk, or on the named range, against the partition's share of the
// container's throughput. It is 429/3200 once that is used up, with the time to wait.
func (c *Container) Admit(epk, rangeID string, charge float64) (time.Duration, error) {
	rate := float64(c.Throughput().Max())
	if rate == 0 {
		return 0, nil
	}
	c.rlock()
	defer c.mu.RUnlock()
	p := c.owner(epk)
	if i := c.index(rangeID); i >= 0 {
		p = c.partitions[i]
	}
	wait := c.at(p).bucket.spend(charge, rate/float64(len(c.partitions)), c.account.Now())
	if wait > 0 {
		return wait, Errorf(429, SubRateTooBig, "The request rate is too large. Please retry after sometime. "+
			"Learn more: http://aka.ms/cosmosdb-error-429")
	}
	return 0, nil
}
