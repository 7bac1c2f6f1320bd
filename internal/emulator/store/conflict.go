package store

import (
	"maps"
	"slices"
	"time"

	"github.com/cosmossql/cosmossql/internal/value"
)

// meeting is a change of another region and what it meets here.
type meeting struct {
	Change
	cur     *Item   // the version of its document that is here; nil for none
	met     bool    // that is not the one that it replaced there
	rivals  []*Item // other documents with its id, or a value of a unique key
	expired bool    // all of those, and are only to be removed yet
}

// receive finds what a change of another region meets here.
func (r *replica) receive(ch Change, now time.Time) meeting {
	m := meeting{Change: ch, cur: r.all.at(ch.any().number), expired: true}
	m.met = !sameVersion(m.cur, ch.Previous)
	if ch.Item == nil {
		return m
	}
	if r.displaced[ch.Item.number] {
		m.met = false // it was not deleted here: the change is to this region as if it made the document
	}
	add := func(other *Item) {
		if other != nil && other != m.cur && !slices.Contains(m.rivals, other) {
			m.rivals = append(m.rivals, other)
			m.expired = m.expired && other.expired(r.c.Definition().DefaultTTL, now.Unix())
		}
	}
	add(r.present(ch.Item))
	for _, u := range ch.Item.unique {
		add(r.unique[u])
	}
	return m
}

// free reports whether nothing is in the way of the change.
func (m meeting) free() bool { return !m.met && len(m.rivals) == 0 }

// here are all versions that the change meets.
func (m meeting) here() []*Item {
	if m.cur == nil {
		return m.rivals
	}
	return append([]*Item{m.cur}, m.rivals...)
}

// collide decides whether a change of another region happens to versions that its region did not know. A delete wins
// over what was made of the document it deletes; of several versions, and of documents of which there can be one, the
// policy of the container chooses one.
func (r *replica) collide(m meeting) bool {
	for _, it := range append(m.here(), m.Item, m.Previous) {
		if it != nil {
			r.dispute(docKey{it.EPK, it.ID})
		}
	}
	if m.Item == nil { // what was made of the document elsewhere meets that
		delete(r.displaced, m.Previous.number)
	}
	def := r.c.Definition()
	switch {
	case !m.met && m.expired:
		return true
	case def.custom():
		r.lose(m)
		return false
	case m.Item == nil:
		return m.cur != nil // else it is gone
	case m.met && (m.cur == nil || !def.prefers(m.Item, m.cur)): // nil: it was deleted here
		return false
	}
	return m.expired || !slices.ContainsFunc(m.rivals, func(other *Item) bool { return !def.prefers(m.Item, other) })
}

// displace notes that the replica has another document in the place of one of another region, where that may go on to
// be written.
func (r *replica) displace(number uint64) {
	if r.displaced == nil {
		r.displaced = map[uint64]bool{}
	}
	r.displaced[number] = true
}

func (p *Partition) dispute(key docKey) {
	if p.disputed == nil {
		p.disputed = map[docKey]bool{}
	}
	p.disputed[key] = true
}

// prefers reports whether the last writer is a, by the container's policy: the higher number at the path of resolution
// wins, any number over none, then the later write.
func (d *Definition) prefers(a, b *Item) bool {
	x, y := follow(a.Value(), d.resolution), follow(b.Value(), d.resolution)
	if number := x.Kind() == value.KindNumber; number != (y.Kind() == value.KindNumber) {
		return number
	}
	if v, w := x.AsFloat(), y.AsFloat(); v != w {
		return v > w
	}
	return a.ETag > b.ETag // etags count up
}

// settle lets the hub have the last word about documents whose versions met, once nothing is on its way any more: then
// every region has the same.
func (p *Partition) settle() {
	if len(p.disputed) == 0 {
		return
	}
	for r := range p.live() {
		for _, queue := range r.inbox {
			if len(queue) > 0 {
				return
			}
		}
	}
	hub := p.replicas[p.hub()]
	for _, key := range slices.SortedFunc(maps.Keys(p.disputed), docKey.compare) { // the same in every run
		p.impose(hub, key, hub.docs[key]) // also where all agree: a region that is removed by now may not have
	}
	p.disputed = nil
	for r := range p.live() {
		r.refused, r.displaced = nil, nil
	}
}

// impose writes the hub's version of a document everywhere, in the hub's own log, too: a reader of changes may have had
// another version in another region, and what the hub wrote before as one that was not chosen there.
func (p *Partition) impose(hub *replica, key docKey, want *Item) {
	number := hub.progress[hub.region] + 1
	for r := range p.live() {
		r.lsn++
		r.progress[hub.region] = number
		if cur := r.docs[key]; cur != nil || want != nil {
			ch := r.put(cur, Change{Item: want})
			r.record(p.c.Definition(), []Change{ch}, p.c.account.Now().Unix(), hub.region, number)
			r.compact(key.epk)
		}
	}
}
