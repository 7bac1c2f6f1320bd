package store

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// Phase is how far a split or a merge of partitions has got.
type Phase int

// The phases.
const (
	Copying   Phase = iota // the old partitions serve on; that of a split is listed as splitting
	Preparing              // the old partitions answer 410/1007
	Swapping               // the new ones have taken their place and answer 410/1007, requests to the old ids 410/1002
	Done                   // the new ones serve
	Cancelled              // nothing has changed
)

// String names the phase.
func (p Phase) String() string {
	return [...]string{"copying", "preparing", "swapping", "done", "cancelled"}[p]
}

// Phases are how long the phases of a change of partitions take on the account's clock; all 0 is at once.
type Phases struct{ Copying, Preparing, Swapping time.Duration }

// of is how long a phase takes.
func (p Phases) of(phase Phase) time.Duration {
	return [...]time.Duration{p.Copying, p.Preparing, p.Swapping}[phase]
}

// RangeChange is a split or a merge of partitions that is under way. c.mu guards it.
type RangeChange struct {
	c     *shared
	olds  []*Partition // one that is split, or two neighbours that are merged
	cut   string       // where it is split
	ids   []string     // of the new partitions
	phase Phase
	grows bool  // the throughput needs it
	timed bool  // the account's clock moves it on
	due   int64 // when, in nanoseconds
}

// Phase is how far the change has got.
func (ch *RangeChange) Phase() Phase {
	ch.c.rlock()
	defer ch.c.mu.RUnlock()
	return ch.phase
}

// Old are the ids of the partitions that it replaces.
func (ch *RangeChange) Old() (ids []string) {
	for _, p := range ch.olds {
		ids = append(ids, p.ID)
	}
	return ids
}

// New are the ids of the partitions that take their place.
func (ch *RangeChange) New() []string { return slices.Clone(ch.ids) }

// Advance moves the change on to its next phase, which it returns. It is 412 if there is none, or while what has to
// come first cannot: partitions are merged when every region has the same of them.
func (ch *RangeChange) Advance() (Phase, error) {
	ch.c.lock()
	defer ch.c.mu.Unlock()
	if ch.phase >= Done {
		return ch.phase, precluded("The %s is %s already.", ch.kind(), ch.phase)
	}
	if err := ch.advance(); err != nil {
		return ch.phase, err
	}
	if ch.timed && ch.phase < Done {
		ch.due = ch.c.account.Now().Add(ch.c.account.opts.Phases.of(ch.phase)).UnixNano()
	}
	ch.c.growOn()
	ch.c.schedule()
	return ch.phase, nil
}

// Cancel takes the change back. It is 412 once the new partitions are there.
func (ch *RangeChange) Cancel() error {
	ch.c.lock()
	defer ch.c.mu.Unlock()
	if ch.phase >= Swapping {
		return precluded("The %s is %s: it cannot be taken back.", ch.kind(), ch.phase)
	}
	ch.takeBack()
	if ch.grows {
		ch.c.wanted = 0
	}
	ch.c.growOn()
	return nil
}

// takeBack leaves the old partitions as they were; c.mu is held for writing.
func (ch *RangeChange) takeBack() {
	ch.c.epoch++
	for _, p := range ch.olds {
		p.change, p.changed = nil, ch.c.epoch
	}
	ch.end(Cancelled)
}

func (ch *RangeChange) kind() string {
	if len(ch.olds) > 1 {
		return "merge"
	}
	return "split"
}

// RangeChanges are the splits and merges that are under way, oldest first.
func (c *Container) RangeChanges() []*RangeChange {
	c.rlock()
	defer c.mu.RUnlock()
	return slices.Clone(c.changes)
}

// beginSplit begins to cut a partition at an effective key, "" being the middle; c.mu is held for writing.
func (c *shared) beginSplit(i int, cut string) (*RangeChange, error) {
	p := c.partitions[i]
	if err := p.idle(); err != nil {
		return nil, err
	}
	hub := p.replicas[p.hub()]
	switch {
	case cut == "":
		cut = hub.middle(c.Definition().PartitionKey)
	case !hexadecimal(cut):
		return nil, Errorf(400, 0, "%q is not an effective partition key, which is written in hexadecimal digits.", cut)
	case partition.Compare(cut, p.Min) <= 0 || partition.Compare(cut, p.Max) >= 0:
		return nil, Errorf(400, 0, "Partition %s cannot be split at %s: it owns the effective keys from %q up to %q.",
			p.ID, cut, p.Min, p.Max)
	}
	if cut == "" {
		return nil, Errorf(400, 0, "Partition %s holds a single effective key and cannot be split.", p.ID)
	}
	return c.begin(&RangeChange{c: c, olds: []*Partition{p}, cut: cut, ids: []string{c.newID(), c.newID()}}), nil
}

// hexadecimal reports whether a text can be an effective partition key.
func hexadecimal(text string) bool { return strings.Trim(text, "0123456789ABCDEF") == "" }

// beginMerge begins to join two neighbouring partitions; c.mu is held for writing.
func (c *shared) beginMerge(a, b string) (*RangeChange, error) {
	i, j := c.index(a), c.index(b)
	if i > j {
		i, j = j, i
	}
	if i < 0 || j != i+1 {
		return nil, Errorf(400, 0, "Partitions %s and %s are not neighbours.", a, b)
	}
	ch := &RangeChange{c: c, olds: slices.Clone(c.partitions[i : j+1])}
	for _, p := range ch.olds {
		if err := cmp.Or(p.idle(), p.stuck(everywhere)); err != nil {
			return nil, err
		}
	}
	ch.ids = []string{c.newID()}
	return c.begin(ch), nil
}

// idle refuses a partition that is part of a change already.
func (p *Partition) idle() error {
	if ch := p.change; ch != nil {
		return precluded("Another change of the partition is under way: %s takes part in a %s that is %s.", p.ID,
			ch.kind(), ch.phase)
	}
	return nil
}

func (c *shared) begin(ch *RangeChange) *RangeChange {
	c.changes = append(c.changes, ch)
	c.epoch++
	for _, p := range ch.olds {
		p.change = ch
		if ch.cut != "" {
			p.changed = c.epoch
		}
	}
	return ch
}

// finish moves a change through all of its phases at once; a change that cannot is taken back. c.mu is held for
// writing.
func (ch *RangeChange) finish() error {
	for ch.phase < Done {
		if err := ch.advance(); err != nil {
			ch.takeBack()
			return err
		}
	}
	return nil
}

// advance moves the change one phase on; c.mu is held for writing.
func (ch *RangeChange) advance() error {
	switch ch.phase {
	case Preparing:
		if err := ch.swap(); err != nil {
			return err
		}
	case Swapping:
		for _, p := range ch.c.partitions {
			if p.change == ch {
				p.change = nil
			}
		}
		ch.end(Done)
		return nil
	}
	ch.phase++
	if ch.timed {
		ch.due += ch.c.account.opts.Phases.of(ch.phase).Nanoseconds()
	}
	return nil
}

// swap puts the new partitions in the place of the old ones.
func (ch *RangeChange) swap() error {
	c := ch.c
	first, last := ch.olds[0], ch.olds[len(ch.olds)-1]
	bounds := []string{first.Min, last.Max}
	parents := append(slices.Clone(first.Parents), first.ID)
	if ch.cut != "" {
		bounds = []string{first.Min, ch.cut, last.Max}
	} else {
		if err := level(ch.olds, everywhere); err != nil {
			return err
		}
		parents = slices.Compact(slices.Sorted(slices.Values(
			slices.Concat(first.Parents, last.Parents, []string{first.ID, last.ID}))))
	}
	c.epoch++
	var news []*Partition
	for i, id := range ch.ids {
		p := c.newPartition(id, bounds[i], bounds[i+1], parents)
		p.change = ch
		p.inherit(ch.olds...)
		news = append(news, p)
	}
	i := c.index(first.ID)
	c.partitions = slices.Replace(c.partitions, i, i+len(ch.olds), news...)
	return nil
}

// end takes the change off the list of those under way; c.mu is held for writing.
func (ch *RangeChange) end(phase Phase) {
	ch.phase = phase
	ch.c.changes = slices.DeleteFunc(ch.c.changes, func(other *RangeChange) bool { return other == ch })
	ch.c.schedule()
}

// start has the account's clock move a change on from now; c.mu is held for writing.
func (ch *RangeChange) start() error {
	phases := ch.c.account.opts.Phases
	if phases == (Phases{}) {
		return ch.finish()
	}
	ch.timed, ch.due = true, ch.c.account.Now().Add(phases.Copying).UnixNano()
	ch.c.schedule()
	return nil
}

// schedule notes when a change goes on next; c.mu is held for writing.
func (c *shared) schedule() {
	var next int64
	for _, ch := range c.changes {
		if ch.timed && (next == 0 || ch.due < next) {
			next = ch.due
		}
	}
	c.next.Store(next)
}

// rlock takes the lock that keeps the partitions from being split or merged, once what is due of that has happened.
func (c *shared) rlock() {
	if next := c.next.Load(); next != 0 && c.account.Now().UnixNano() >= next {
		c.lock()
		c.mu.Unlock()
	}
	c.mu.RLock()
}

// lock takes that lock for writing, and moves on the changes whose time has come. One that waits for replication is
// tried again with the next request.
func (c *shared) lock() {
	c.mu.Lock()
	if len(c.changes) == 0 {
		return
	}
	now := c.account.Now().UnixNano()
	for _, ch := range slices.Clone(c.changes) {
		for ch.timed && ch.phase < Done && ch.due <= now {
			if ch.advance() != nil {
				break
			}
		}
	}
	c.growOn()
	c.schedule()
}

// closed refuses what is asked of the partition while a change does not let it serve; c.mu is held.
func (p *Partition) closed() error {
	if ch := p.change; ch != nil && (ch.phase == Preparing || ch.phase == Swapping) {
		return Errorf(410, SubCompletingSplit,
			"The requested resource is no longer available at the server: partition %s takes part in a %s.",
			p.ID, ch.kind())
	}
	return nil
}
