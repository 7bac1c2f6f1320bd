package rest

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	probePause    = 5 * time.Second // from the time a region is left until it is asked whether it answers again
	probePauseMax = 5 * time.Minute // the same for one that answers and fails again and again
	relapse       = time.Minute     // a region that is left so soon after it came back is asked less often
	// from the time a partition is avoided in a region until one request tries it again
	partitionOpen = time.Minute
	openMax       = 20 * time.Minute // the same for one that fails again and again
	faultWindow   = 5 * time.Minute  // faults that are older than this do not count
	// more faults of reads than this, in a row, and the partition is avoided in the region
	readFaults    = 10
	writeFaults   = 5    // the same for writes
	maxPartitions = 4096 // whose faults are remembered
)

// health is what is known of a region that has had faults. A region without is not known here.
type health struct {
	faults  blame     // in a row
	last    time.Time // of these
	down    bool      // it is tried last
	back    time.Time // when it last came back
	probe   time.Time // when to ask it again
	pause   time.Duration
	probing bool
}

// blame notes faults of a region. Several in a row, or a grave one, and it is avoided until it answers again.
func (r *regions) blame(name string, b blame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name == "" || len(r.reads) < 2 {
		return // there is nothing to avoid it for
	}
	h := r.health[name]
	if h == nil {
		if r.health == nil {
			r.health = make(map[string]*health)
		}
		h = &health{}
		r.health[name] = h
	}
	r.troubled.Store(true)
	now := time.Now()
	h.faults, h.last = min(h.faults+b, atOnce), now
	if h.faults < atOnce || h.down {
		return
	}
	if h.pause == 0 || now.Sub(h.back) > relapse {
		h.pause = probePause
	} else {
		h.pause = min(2*h.pause, probePauseMax)
	}
	h.down, h.probe = true, now.Add(h.pause)
}

// praise notes that a region has answered a request that was sent at a time. An answer to one that was under way when a
// fault came tells of the time before, and must not hide the fault.
func (r *regions) praise(name string, sent time.Time) {
	if !r.troubled.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.health[name]
	if h == nil || sent.Before(h.last) {
		return
	}
	if h.faults = 0; h.down {
		h.down, h.back = false, time.Now()
		return
	}
	if time.Since(h.back) > relapse {
		delete(r.health, name)
		r.troubled.Store(len(r.health) > 0)
	}
}

// probes returns the regions to ask whether they answer again, and takes note that somebody asks.
func (r *regions) probes() (list []region) {
	if !r.troubled.Load() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for _, known := range [2][]region{r.reads, r.writes} {
		for _, reg := range known {
			if h := r.health[reg.name]; h != nil && h.down && !h.probing && !now.Before(h.probe) {
				h.probing = true
				list = append(list, reg)
			}
		}
	}
	return list
}

// probed notes how a probe that was sent at a time ended.
func (r *regions) probed(name string, sent time.Time, well bool) {
	if well {
		r.praise(name, sent)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.health[name]; h != nil {
		h.probing = false
		h.probe = time.Now().Add(h.pause)
	}
}

// isDown reports whether a region is avoided. The caller holds the lock.
func (r *regions) isDown(name string) bool {
	h := r.health[name]
	return h != nil && h.down
}

// breaker avoids single partitions in single regions: a replica set that fails while the rest of its region works.
type breaker struct {
	troubled atomic.Bool
	mu       sync.Mutex
	faults   map[circuit]*circuitState
}

// circuit is one partition in one region. Reads and writes fail for different reasons.
type circuit struct {
	scope, rangeID, region string
	write                  bool
}

type circuitState struct {
	faults int // in a row
	last   time.Time
	until  time.Time     // when one request may try it again; zero: it is not avoided
	pause  time.Duration // until then
}

func circuitOf(req *Request, rangeID, region string) circuit {
	return circuit{req.Scope, rangeID, region, req.Effect != Read}
}

// blame notes a fault and reports whether the partition is known.
func (b *breaker) blame(req *Request, rangeID, region string) bool {
	if rangeID == "" || region == "" || req.Scope == "" {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	key, now := circuitOf(req, rangeID, region), time.Now()
	s := b.faults[key]
	if s == nil {
		if len(b.faults) >= maxPartitions {
			return true
		}
		if b.faults == nil {
			b.faults = make(map[circuit]*circuitState)
		}
		s = &circuitState{}
		b.faults[key] = s
		b.troubled.Store(true)
	}
	if now.Sub(s.last) > faultWindow && s.until.IsZero() {
		s.faults = 0
	}
	s.faults++
	s.last = now
	most := readFaults
	if key.write {
		most = writeFaults
	}
	if s.faults > most && !now.Before(s.until) {
		s.pause = max(partitionOpen, min(2*s.pause, openMax))
		s.until = now.Add(s.pause)
	}
	return true
}

// praise notes that the partition has answered a request that was sent at a time.
func (b *breaker) praise(req *Request, rangeID, region string, sent time.Time) {
	if !b.troubled.Load() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	key := circuitOf(req, rangeID, region)
	if s := b.faults[key]; s == nil || sent.Before(s.last) {
		return
	}
	delete(b.faults, key)
	b.troubled.Store(len(b.faults) > 0)
}

// order moves the regions that the request's partition is avoided in to the end, and names them.
func (b *breaker) order(req *Request, rangeID string, list []region) (order []region, names []string) {
	if rangeID == "" || !b.troubled.Load() {
		return list, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	var avoided []region
	kept := make([]region, 0, len(list))
	for _, reg := range list {
		s := b.faults[circuitOf(req, rangeID, reg.name)]
		switch {
		case s == nil || s.until.IsZero():
			kept = append(kept, reg)
		case now.Before(s.until):
			avoided = append(avoided, reg)
		default:
			// This request tries it; the others wait for what comes of it.
			s.until = now.Add(s.pause)
			kept = append(kept, reg)
		}
	}
	return append(kept, avoided...), appendNames(nil, avoided)
}
