package store

import (
	"strings"
	"time"
)

// RegionState says what a region of an account does.
type RegionState int

// The states of a region.
const (
	Online   RegionState = iota
	Draining             // the account lists it, and it serves nothing
	Removed
)

// Region is one geographical region of an account. Its id is never used again.
type Region struct {
	ID    int
	Name  string
	State RegionState
}

// token is the id of the region in session tokens.
func (r Region) token() uint32 { return uint32(r.ID + 1) }

// Topology says which regions an account has. It never changes; a change makes a new one.
type Topology struct {
	Regions []Region // by id, those that were removed included
	Write   int      // the id of the write region; of several, of the one that has the last word
	Multi   bool     // every region writes
	Version int64    // of session tokens
}

func newTopology(o Options) *Topology {
	t := &Topology{Multi: o.MultiWrite}
	names := o.Regions
	if len(names) == 0 {
		names = []string{""}
	}
	for i, name := range names {
		t.Regions = append(t.Regions, Region{ID: i, Name: name})
	}
	if len(names) == 1 {
		t.Version = -1 // as the tokens of the service's accounts with one region have it
	}
	return t
}

func (t *Topology) single() bool { return len(t.Regions) == 1 }

// Find is the region of a name that is still there. Case and blanks do not count.
func (t *Topology) Find(name string) (Region, error) {
	for _, r := range t.Regions {
		if r.State != Removed && SameRegion(r.Name, name) {
			return r, nil
		}
	}
	return Region{}, Errorf(404, 0, "The account has no region %q: it has %s.", name, strings.Join(t.names(), ", "))
}

// SameRegion compares names as the service does: "westus" is "West US".
func SameRegion(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", ""))
}

// Listed are the regions that the account document shows, the write region first.
func (t *Topology) Listed() []Region {
	all := []Region{t.Regions[t.Write]}
	for _, r := range t.Regions {
		if r.State != Removed && r.ID != t.Write {
			all = append(all, r)
		}
	}
	return all
}

func (t *Topology) names() (names []string) {
	for _, r := range t.Listed() {
		names = append(names, r.Name)
	}
	return names
}

// Behind is the region that answers at a region's address. The first one's is the account's own, too: it leads to the
// write region once its own is gone.
func (t *Topology) Behind(region int) int {
	if region == 0 && t.Regions[0].State == Removed {
		return t.Write
	}
	return region
}

// Others is how many regions there are beside one.
func (t *Topology) Others() (n int) {
	for _, r := range t.Regions {
		if r.State != Removed {
			n++
		}
	}
	return n - 1
}

// Shown is the topology that the account document shows to its n-th reader: for some time after a change it is the old
// one and the new one in turns, as recorded.
func (a *Account) Shown(n uint64) *Topology {
	if f := a.flap.Load(); f != nil && n%2 == 0 && a.Now().Before(f.until) {
		return f.before
	}
	return a.Topology()
}

// flap is how the account was before the last change, which may still be seen until a time.
type flap struct {
	before *Topology
	until  time.Time
}

// Topology says which regions the account has now.
func (a *Account) Topology() *Topology { return a.topology.Load() }

// mayWrite refuses a write where its region does not write, or cannot tell the others any more.
func (c *Container) mayWrite(r *replica) error {
	if len(r.replicas) == 1 {
		return nil
	}
	t := c.topology
	switch {
	case c.region >= 0 && c.region != r.region, t.Regions[r.region].State != Online:
		return AccountNotFound(c.account.Name())
	case !t.Multi && r.region != r.hub():
		return WriteForbidden()
	}
	if next := r.next.Load(); next != 0 {
		r.arrive(c.account.Now())
	}
	return r.full()
}

// maxQueue is how many writes of a partition may be on their way from one region to another.
const maxQueue = 10_000

// full is the service's answer where replication to a region is stuck and its queue has no room.
func (r *replica) full() error {
	links := &r.c.account.links
	for to := range r.live() {
		limit := maxQueue
		if bound := r.c.account.opts.MaxStaleness; bound > 0 && links.paused(r.region, to.region) {
			limit = bound
		}
		if len(to.inbox[r.region]) >= limit {
			return Errorf(429, SubQueueFull, "The request rate is too large: replication to %s is %d writes behind.",
				r.c.topology.Regions[to.region].Name, limit)
		}
	}
	return nil
}

// WriteForbidden is the refusal of a write where the region does not write.
func WriteForbidden() *Error {
	e := Errorf(403, SubWriteForbidden, "The requested operation cannot be performed at this region")
	e.Form = Gateway
	return e
}

// AccountNotFound is the refusal of anything by a region that is not part of the account, or soon will not be.
func AccountNotFound(account string) *Error {
	return &Error{Status: 403, SubStatus: SubAccountGone, Form: Gateway, Free: true,
		Message: "Database Account " + account + " does not exist"}
}
