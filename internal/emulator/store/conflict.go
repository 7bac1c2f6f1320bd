package store

import "strings"

// collide decides what a change of another region does to a version that its region did not know. A delete wins over
// what was made of the document it deletes; of two versions the policy of the container chooses one.
func (r *replica) collide(cur *Item, ch Change) (Change, bool) {
	for _, it := range []*Item{cur, ch.Item, ch.Previous} {
		if it != nil {
			r.dispute(docKey{it.EPK, it.ID})
		}
	}
	switch {
	case ch.Item == nil:
		if cur == nil || cur.number != ch.Previous.number {
			return ch, false // it is gone, or another document
		}
		return r.put(cur, ch), true
	case cur == nil: // it was deleted here
		return ch, false
	case !r.c.Definition().prefers(ch.Item, cur):
		return ch, false
	}
	if other := r.present(ch.Item); other != nil && other != cur {
		return ch, false // it was given an id that is taken here
	}
	return r.put(cur, ch), true
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
	for key := range p.disputed {
		delete(p.disputed, key)
		want, differs := hub.docs[key], false
		for r := range p.live() {
			differs = differs || !sameVersion(r.docs[key], want)
		}
		if differs {
			p.impose(hub, key, want)
		}
	}
}

// impose writes the hub's version of a document everywhere.
func (p *Partition) impose(hub *replica, key docKey, want *Item) {
	hub.progress[hub.region]++
	hub.lsn++
	for r := range p.live() {
		if r == hub {
			continue
		}
		r.lsn++
		r.progress[hub.region] = hub.progress[hub.region]
		if cur := r.docs[key]; !sameVersion(cur, want) {
			ch := r.put(cur, Change{Item: want})
			r.record(p.c.Definition(), []Change{ch}, p.c.account.Now().Unix())
			r.compact(key.epk)
		}
	}
}
