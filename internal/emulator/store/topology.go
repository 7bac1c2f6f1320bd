package store

import (
	"slices"
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
	t := c.account.Topology()
	switch {
	case c.region >= 0 && c.region != r.region, t.Regions[r.region].State != Online:
		return AccountNotFound()
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
				r.c.account.Topology().Regions[to.region].Name, limit)
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
func AccountNotFound() *Error {
	return &Error{Status: 403, SubStatus: SubAccountGone, Form: Gateway, Free: true, Message: "Database Account cosmostest does not exist"}
}

// change replaces the topology while nothing is written or read. f may change it; where it returns an error nothing
// has changed. Each change raises the version of session tokens.
func (a *Account) change(f func(*Topology, []*Partition) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*Container
	for _, d := range a.databases.list {
		all = append(all, d.containers.list...)
	}
	slices.SortFunc(all, byRID) // as distributed transactions do
	var parts []*Partition
	for _, c := range all {
		c.mu.Lock()
		defer c.mu.Unlock()
		parts = append(parts, c.partitions...)
	}
	t := *a.topology.Load()
	t.Regions = slices.Clone(t.Regions)
	t.Version++
	if err := f(&t, parts); err != nil {
		return err
	}
	if a.opts.Flap > 0 {
		a.flap.Store(&flap{a.Topology(), a.Now().Add(a.opts.Flap)})
	}
	a.topology.Store(&t)
	for _, p := range parts {
		p.schedule()
	}
	return nil
}

// busy refuses a change while another one is under way.
func (t *Topology) busy() error {
	for _, r := range t.Regions {
		if r.State == Draining {
			return precluded("Another change of the account's regions is under way: %s is being removed.", r.Name)
		}
	}
	return nil
}

// AddRegion adds a region, which has all that the write region has, and returns its id.
func (a *Account) AddRegion(name string) (id int, err error) {
	err = a.change(func(t *Topology, parts []*Partition) error {
		if err := t.busy(); err != nil {
			return err
		}
		if _, err := t.Find(name); err == nil || name == "" {
			return Errorf(409, 0, "The account has a region %q already, or it has no name.", name)
		}
		id = len(t.Regions)
		t.Regions = append(t.Regions, Region{ID: id, Name: name})
		for _, p := range parts {
			p.join(id)
		}
		return nil
	})
	return id, err
}

// join gives the partition a replica in a new region.
func (p *Partition) join(id int) {
	hub := p.replicas[p.hub()]
	for r := range p.live() {
		r.progress = append(r.progress, make([]int64, id+1-len(r.progress))...)
		r.inbox = append(r.inbox, make([][]delivery, id+1-len(r.inbox))...)
	}
	p.replicas = append(p.replicas, p.copyOf(hub, id))
}

// copyOf is a replica that has all that another one has; what is on its way to that one is on its way to it.
func (p *Partition) copyOf(r *replica, region int) *replica {
	own := &replica{Partition: p, region: region, docs: map[docKey]*Item{}, keys: map[string]*run{}, unique: map[string]*Item{}}
	own.progress, own.inbox = slices.Clone(r.progress), make([][]delivery, len(r.inbox))
	for from := range r.inbox {
		own.inbox[from] = slices.Clone(r.inbox[from])
	}
	for it := range r.all.from(0) {
		own.set(nil, it)
	}
	own.lsn, own.log, own.logLimit, own.nextExpiry = r.lsn, slices.Clone(r.log), r.logLimit, r.nextExpiry
	return own
}

// Drain begins to remove a region: it serves nothing any more, and the account still lists it.
func (a *Account) Drain(id int) error {
	return a.change(func(t *Topology, _ []*Partition) error {
		if err := t.busy(); err != nil {
			return err
		}
		if err := t.removable(id); err != nil {
			return err
		}
		t.Regions[id].State = Draining
		return nil
	})
}

// CancelDrain brings a region back that was to be removed.
func (a *Account) CancelDrain(id int) error {
	return a.change(func(t *Topology, _ []*Partition) error {
		if t.Regions[id].State != Draining {
			return precluded("%s is not being removed.", t.Regions[id].Name)
		}
		t.Regions[id].State = Online
		return nil
	})
}

// Remove removes a region. What it has written and the others have not seen yet they see now.
func (a *Account) Remove(id int) error {
	return a.change(func(t *Topology, parts []*Partition) error {
		if t.Regions[id].State == Online {
			if err := t.busy(); err != nil {
				return err
			}
		}
		if err := t.removable(id); err != nil {
			return err
		}
		t.Regions[id].State = Removed
		for _, p := range parts {
			p.flush(func(from, _ int) bool { return from == id || p.replicas[id].waitsFor(from) })
			p.replicas[id] = nil
			if p.writer == id {
				p.writer = -1
			}
		}
		return nil
	})
}

// waitsFor reports whether something is on its way to the replica from a region.
func (r *replica) waitsFor(from int) bool { return len(r.inbox[from]) > 0 }

func (t *Topology) removable(id int) error {
	switch r := t.Regions[id]; {
	case r.State == Removed:
		return Errorf(404, 0, "The region %s was removed.", r.Name)
	case id == t.Write:
		return precluded("%s is the write region: move that to another one first.", r.Name)
	}
	return nil
}

// flush lets arrive what is on its way between regions that are chosen, with all that has to arrive before it, whether
// its time has come or not.
func (p *Partition) flush(chosen func(from, to int) bool) {
	for moved := true; moved; {
		moved = false
		wanted := false
		for to := range p.live() {
			for from := range to.inbox {
				for to.waitsFor(from) && chosen(from, to.region) {
					wanted = true
					if !to.follows(to.inbox[from][0].transaction) {
						break
					}
					to.accept(from)
					moved = true
				}
			}
		}
		if wanted && !moved { // something else has to arrive first
			moved = p.flushAny()
		}
	}
}

// flushAny lets one entry arrive that can.
func (p *Partition) flushAny() bool {
	for to := range p.live() {
		for from := range to.inbox {
			if to.waitsFor(from) && to.follows(to.inbox[from][0].transaction) {
				to.accept(from)
				return true
			}
		}
	}
	return false
}

// SetMultiWrite lets every region write, or only one.
func (a *Account) SetMultiWrite(multi bool) error {
	return a.change(func(t *Topology, _ []*Partition) error {
		switch {
		case multi && a.opts.Synchronous:
			return Errorf(400, 0, "An account of consistency level Strong has one write region.")
		case t.Multi == multi:
			return precluded("The account is in that write mode already.")
		}
		if err := t.busy(); err != nil {
			return err
		}
		t.Multi = multi
		return nil
	})
}
