package store

import (
	"slices"
	"sort"
	"time"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// transaction is one on its way from the region that made it to the others.
type transaction struct {
	from    int
	number  int64   // among the region's writes of the partition
	known   []int64 // what the region had of each one's writes when it was made, itself included
	changes []Change
	ts      int64

	conflicts []feedChange
}

// delivery is a transaction on its way to one region.
type delivery struct {
	*transaction
	due int64 // nanoseconds of the server's clock
}

// within is what a delivery means for a part of the partition it was made in.
func (d delivery) within(r partition.Range) delivery {
	e := *d.transaction
	e.changes, e.conflicts = nil, nil
	for _, ch := range d.changes {
		if r.Contains(ch.epk()) {
			e.changes = append(e.changes, ch)
		}
	}
	for _, ch := range d.conflicts {
		if r.Contains(ch.conflict.epk) {
			e.conflicts = append(e.conflicts, ch)
		}
	}
	return delivery{&e, d.due}
}

// spread sends a transaction that a region has made to the others; r.mu is held. What takes no time arrives at once.
func (r *replica) spread(changes []Change, conflicts []feedChange) {
	now := r.c.account.Now()
	e := &transaction{from: r.region, number: r.progress[r.region], known: append([]int64(nil), r.progress...),
		changes: changes, ts: now.Unix(), conflicts: conflicts}
	links := &r.c.account.links
	waits := false
	for to := range r.live() {
		if to == r {
			continue
		}
		queue := to.inbox[r.region]
		if links.instant() && len(queue) == 0 && to.follows(e) {
			to.apply(e, now)
			continue
		}
		to.expect(e, now)
		waits = true
	}
	if waits || r.told {
		r.arrive(now)
	}
}

// expect puts a transaction on its way to the replica.
func (r *replica) expect(e *transaction, now time.Time) {
	queue := r.inbox[e.from]
	due := now.Add(r.c.account.links.delay(e.from, r.region)).UnixNano()
	if n := len(queue); n > 0 {
		due = max(due, queue[n-1].due)
	}
	r.inbox[e.from] = append(queue, delivery{e, due})
}

// follows reports whether a replica has all that the entry's region had when it made it: what a reader sees is always
// what some moment was.
func (r *replica) follows(e *transaction) bool {
	for region, n := range e.known {
		if region != e.from && region != r.region && r.progress[region] < n {
			return false
		}
	}
	return true
}

// letArrive applies what is due at the partition's replicas. It costs nothing where nothing is on its way.
func (p *Partition) letArrive() {
	next := p.next.Load()
	if next == 0 {
		return
	}
	if now := p.c.account.Now(); now.UnixNano() >= next {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.arrive(now)
	}
}

// arrive applies what is due; p.mu is held.
func (p *Partition) arrive(now time.Time) {
	due := now.UnixNano()
	p.told = false
	for moved := true; moved; {
		moved = false
		for to := range p.live() {
			for from := range to.inbox {
				for to.takes(from, due) {
					to.accept(from)
					moved = true
				}
			}
		}
	}
	p.settle()
	p.schedule()
}

// takes reports whether the next delivery from a region arrives by a time.
func (r *replica) takes(from int, by int64) bool {
	queue := r.inbox[from]
	return len(queue) > 0 && (queue[0].due <= by || r.overdue(queue)) && !r.c.account.links.paused(from, r.region) &&
		r.follows(queue[0].transaction)
}

// overdue reports whether bounded staleness does not let the region fall further behind.
func (r *replica) overdue(queue []delivery) bool {
	bound := r.c.account.opts.MaxStaleness
	return bound > 0 && len(queue) > bound
}

// accept applies the next delivery from a region.
func (r *replica) accept(from int) {
	queue := r.inbox[from]
	r.apply(queue[0].transaction, time.Unix(0, queue[0].due))
	queue[0] = delivery{}
	if r.inbox[from] = queue[1:]; len(queue) == 1 {
		r.inbox[from] = nil
	}
}

// schedule notes when something arrives next; p.mu is held. What waits for something else arrives with that.
func (p *Partition) schedule() {
	var next int64
	for to := range p.live() {
		for from, queue := range to.inbox {
			if len(queue) > 0 && !p.c.account.links.paused(from, to.region) && to.follows(queue[0].transaction) &&
				(next == 0 || queue[0].due < next) {
				next = queue[0].due
			}
		}
	}
	p.next.Store(next)
}

// apply makes another region's transaction happen here, which arrives at a time.
func (r *replica) apply(e *transaction, now time.Time) {
	r.lsn++
	changes := make([]Change, 0, len(e.changes))
	var meet []Change // other versions
	for _, ch := range e.changes {
		if m := r.receive(ch, now); !m.free() || r.decided(m.cur, e) {
			meet = append(meet, ch)
		} else {
			changes = append(changes, r.put(m.cur, ch))
		}
	}
	r.progress[e.from] = max(r.progress[e.from], e.number) // of one that was loaded more may be saved
	r.record(r.c.Definition(), changes, e.ts, e.from, e.number)
	r.feed(e.conflicts)
	if len(meet) > 0 {
		changes = append(changes, r.resolve(meet, now)...)
	}
	for _, ch := range changes {
		r.compact(ch.epk())
	}
}

// decided reports whether a version is here by a decision that a transaction's region did not know of, though it knew
// the version itself.
func (r *replica) decided(it *Item, e *transaction) bool {
	if it == nil {
		return false
	}
	for _, ch := range r.log[sort.Search(len(r.log), func(i int) bool { return r.log[i].LSN >= it.LSN }):] {
		if ch.LSN != it.LSN {
			break
		}
		if ch.Item == it {
			return int(ch.from) != e.from && (int(ch.from) >= len(e.known) || ch.number() > e.known[ch.from])
		}
	}
	return false
}

// resolve decides between the changes of another region and the versions that they meet, and records what comes of that
// as a write of the replica's own region: to a reader of changes it is news, whichever of the versions it has seen, in
// whatever order. The other regions are let know how far that has got.
func (r *replica) resolve(meet []Change, now time.Time) (resolved []Change) {
	r.lsn++
	known := len(r.conflicts)
	var stay []*Item // what the changes met, and is there still
	for _, ch := range meet {
		m := r.receive(ch, now)
		if m.free() || r.collide(m) {
			for _, other := range m.rivals {
				resolved = append(resolved, r.put(other, Change{}))
				r.displace(other.number)
			}
			resolved = append(resolved, r.put(m.cur, ch))
			continue
		}
		if m.cur == nil && !m.met {
			r.displace(ch.Item.number)
		}
		stay = append(append(stay, m.here()...), r.present(ch.any()))
	}
	for _, it := range stay {
		if r.current(it) && it.LSN != r.lsn {
			resolved = append(resolved, r.put(it, Change{Item: it}))
		}
	}
	r.progress[r.region]++
	e := &transaction{from: r.region, number: r.progress[r.region], known: slices.Clone(r.progress), ts: now.Unix()}
	r.record(r.c.Definition(), resolved, e.ts, e.from, e.number)
	for _, x := range r.conflicts[known:] {
		e.conflicts = append(e.conflicts, feedChange{conflict: x})
	}
	for to := range r.live() {
		if to != r {
			to.expect(e, now)
		}
	}
	r.told = true
	return resolved
}

// put makes a change that was decided happen.
func (r *replica) put(cur *Item, ch Change) Change {
	if cur != nil && ch.Item != nil && cur.number != ch.Item.number { // another document of the same id
		r.set(cur, nil)
		cur = nil
	}
	ch.Previous = cur
	if ch.Item != nil {
		ch.Item = ch.Item.at(r.lsn)
		delete(r.displaced, ch.Item.number)
		if other := r.all.at(ch.Item.number); other != nil && other != cur { // a version that has another id here
			r.set(other, nil)
		}
		r.expects(ch.Item, r.c.Definition().DefaultTTL)
	}
	r.set(cur, ch.Item)
	return ch
}

// present is the version that the replica has of an item's document.
func (r *replica) present(it *Item) *Item {
	if it == nil {
		return nil
	}
	return r.docs[docKey{it.EPK, it.ID}]
}

func sameVersion(a, b *Item) bool {
	return a == b || a != nil && b != nil && a.ETag == b.ETag
}

// at is the item as a replica has it where its transaction has another log sequence number.
func (it *Item) at(lsn int64) *Item {
	if it.LSN == lsn {
		return it
	}
	own := &Item{
		ID: it.ID, RID: it.RID, ETag: it.ETag, EPK: it.EPK, JSON: it.JSON, TS: it.TS, LSN: lsn, heavy: it.heavy,
		number: it.number,
		ttl:    it.ttl, unique: it.unique,
	}
	own.tree.Store(it.tree.Load())
	return own
}
