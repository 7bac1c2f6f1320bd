package store

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// links are the ways on which writes travel from region to region.
type links struct {
	mu     sync.Mutex
	random *rand.Rand
	all    link // of pairs that have none of their own
	pairs  map[pair]link
	slow   atomic.Bool // some pair has a delay or is paused
}

type pair struct{ from, to int }

// link is one way: how long a write takes on it, between two times, and whether it takes any.
type link struct {
	min, max time.Duration
	paused   bool
}

func (l *links) init(seed uint64) {
	l.random = rand.New(rand.NewPCG(seed, 21))
	l.pairs = map[pair]link{}
}

// instant reports whether no write takes any time.
func (l *links) instant() bool { return !l.slow.Load() }

func (l *links) of(from, to int) link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.find(from, to)
}

func (l *links) find(from, to int) link {
	if way, own := l.pairs[pair{from, to}]; own {
		return way
	}
	return l.all
}

func (l *links) paused(from, to int) bool { return !l.instant() && l.of(from, to).paused }

// delay is how long a write takes that begins its way now.
func (l *links) delay(from, to int) time.Duration {
	if l.instant() {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	way := l.find(from, to)
	if way.max <= way.min {
		return way.min
	}
	return way.min + time.Duration(l.random.Int64N(int64(way.max-way.min)+1))
}

// change changes the ways from a region to another; -1 is every region.
func (l *links) change(regions []Region, from, to int, f func(*link)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if from < 0 && to < 0 {
		f(&l.all)
	}
	for _, a := range regions {
		for _, b := range regions {
			if a.ID != b.ID && (from < 0 || from == a.ID) && (to < 0 || to == b.ID) {
				way := l.find(a.ID, b.ID)
				f(&way)
				l.pairs[pair{a.ID, b.ID}] = way
			}
		}
	}
	slow := l.all != link{}
	for _, way := range l.pairs {
		slow = slow || way != link{}
	}
	l.slow.Store(slow)
}

// SetDelay has writes take between two times from a region to another; -1 is every region.
func (a *Account) SetDelay(from, to int, least, most time.Duration) error {
	switch {
	case a.opts.Synchronous && most > 0:
		return precluded("an account of consistency level Strong replicates before it acknowledges: there is no delay")
	case least < 0 || most < least:
		return Errorf(400, 0, "A delay of replication between %v and %v is impossible.", least, most)
	}
	return a.changeLinks(from, to, func(l *link) { l.min, l.max = least, most })
}

// Pause stops replication from a region to another, or lets it go on; -1 is every region.
func (a *Account) Pause(from, to int, paused bool) error {
	if a.opts.Synchronous && paused {
		return precluded(
			"an account of consistency level Strong replicates before it acknowledges: replication cannot be paused")
	}
	return a.changeLinks(from, to, func(l *link) { l.paused = paused })
}

func (a *Account) changeLinks(from, to int, f func(*link)) error {
	if from == to && from >= 0 {
		return Errorf(400, 0,
			"A region does not replicate to itself: name two regions, or one and \"\" for all others.")
	}
	a.links.change(a.Topology().Regions, from, to, f)
	now := a.Now()
	for _, c := range a.containers() {
		c.mu.RLock()
		for _, p := range c.partitions {
			p.mu.Lock()
			p.arrive(now)
			p.mu.Unlock()
		}
		c.mu.RUnlock()
	}
	return nil
}

// containers are all of the account.
func (a *Account) containers() (all []*Container) {
	for _, d := range a.Databases() {
		all = append(all, d.Containers()...)
	}
	return all
}

// Link is how writes travel from one region to another.
type Link struct {
	Least, Most time.Duration
	Paused      bool
	Waiting     int // writes that are on their way
}

// Link is how writes travel from one region to another now.
func (a *Account) Link(from, to int) Link {
	l := a.links.of(from, to)
	return Link{l.min, l.max, l.paused, a.waiting(to, func(region int) bool { return region == from })}
}

// Behind is how many writes are on their way to a region.
func (a *Account) Behind(region int) int { return a.waiting(region, func(int) bool { return true }) }

// waiting is how many writes of the regions that are chosen are on their way to a region.
func (a *Account) waiting(region int, chosen func(from int) bool) (n int) {
	for _, c := range a.containers() {
		c.decide() // what a conflict procedure writes is on its way, too
		c.mu.RLock()
		for _, p := range c.partitions {
			p.letArrive()
			p.mu.RLock()
			if region < len(p.replicas) && p.replicas[region] != nil {
				for from, queue := range p.replicas[region].inbox {
					if chosen(from) {
						n += len(queue)
					}
				}
			}
			p.mu.RUnlock()
		}
		c.mu.RUnlock()
	}
	return n
}

// precluded is the refusal of something that cannot be done now.
func precluded(format string, args ...any) *Error { return Errorf(412, 0, format, args...) }
