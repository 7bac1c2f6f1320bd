package store

import (
	"maps"
	"slices"
	"strings"
)

// collide decides whether a change of another region happens to a version that its region did not know. A delete wins
// over what was made of the document it deletes; of two versions the policy of the container chooses one.
func (r *replica) collide(cur *Item, ch Change) bool {
	for _, it := range []*Item{cur, ch.Item, ch.Previous} {
		if it != nil {
			r.dispute(docKey{it.EPK, it.ID})
		}
	}
	if r.c.Definition().custom() {
		r.lose(cur, ch)
		return false
	}
	switch {
	case ch.Item == nil:
		return cur != nil && cur.number == ch.Previous.number // else it is gone, or another document
	case cur == nil: // it was deleted here
		return false
	case !r.c.Definition().prefers(ch.Item, cur):
		return false
	}
	other := r.present(ch.Item)
	return other == nil || other == cur // else it was given an id that is taken here
}

func (p *Partition) dispute(key docKey) {
	if p.disputed == nil {
		p.disputed = map[docKey]bool{}
	}
	p.disputed[key] = true
}

// prefers reports whether the last writer is a, by the container's policy: the higher value of the path of resolution
// wins, then the later write.
func (d *Definition) prefers(a, b *Item) bool {
	at := d.source.Get("conflictResolutionPolicy").Get("conflictResolutionPath").AsString()
	path := strings.Split(strings.Trim(at, "/"), "/")
	x, y := follow(a.Value(), path), follow(b.Value(), path)
	if x.IsDefined() != y.IsDefined() {
		return x.IsDefined()
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
		r.refused = nil
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
