package store

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/cosmossql/cosmossql/internal/value"
)

// fill brings what the source has into a global secondary index that is new. Writes of the source that come meanwhile
// do it themselves.
func (c *Container) fill() {
	x := c.Definition().secondary
	if x == nil {
		return
	}
	source, err := find(c.account, &c.db.containers, x.source)
	if err != nil {
		return // deleted meanwhile, and this one with it
	}
	defer c.CatchUp()
	source.rlock()
	defer source.mu.RUnlock()
	for _, p := range source.partitions {
		r := source.at(p)
		r.mu.Lock()
		var all []Change
		for _, it := range r.docs {
			all = append(all, Change{Item: it})
		}
		slices.SortFunc(all, func(a, b Change) int { return cmp.Compare(a.Item.number, b.Item.number) })
		c.note(all)
		r.mu.Unlock()
	}
}

// note has a global secondary index follow changes of its source, whose partition is locked.
func (c *Container) note(changes []Change) {
	c.followers.noting.Lock()
	defer c.followers.noting.Unlock()
	c.followers.noted = append(c.followers.noted, changes...)
}

// lead has the container's global secondary indexes follow what was noted. Nothing of the store is locked.
func (c *Container) lead() {
	for _, x := range c.indexes() {
		x.CatchUp()
	}
}

// CatchUp does in a global secondary index what was noted of its source, in order, as far as it can: what a range that
// is moving or a region that is gone does not take comes with the next call. It is done where the index is written,
// whatever region asks.
func (c *Container) CatchUp() {
	if !c.IsSecondary() {
		return
	}
	f, hub := &c.followers, c.In(-1)
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		if len(f.owed) == 0 {
			f.noting.Lock()
			f.owed, f.noted, f.since = f.noted, nil, f.made
			f.noting.Unlock()
		}
		if len(f.owed) == 0 {
			return
		}
		switch err := hub.apply(f.owed[0], f.since); err {
		case nil:
			f.owed = f.owed[1:]
		case errMade:
			f.owed = nil
		default:
			return
		}
	}
}

// errMade says that the index was made anew of its source meanwhile.
var errMade = errors.New("store: the index was made anew")

// apply does what a change of the source means for the index, unless that was made anew since.
func (c *Container) apply(ch Change, since int) error {
	var before, now *Document
	if ch.Previous != nil {
		before = c.indexed(ch.Previous)
	}
	if ch.Item != nil {
		now = c.indexed(ch.Item)
	}
	if before != nil && (now == nil || now.EPK != before.EPK) {
		_, err := c.Update(before.EPK, "", func(tx *Tx) error {
			if c.followers.madeSince(since) {
				return errMade
			}
			if tx.get(before.EPK, before.ID) != nil {
				return tx.Delete(before.EPK, before.ID, "")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if now == nil {
		return nil
	}
	_, err := c.Update(now.EPK, "", func(tx *Tx) error {
		if c.followers.madeSince(since) {
			return errMade
		}
		return tx.follow(now)
	})
	return err
}

// follow puts a document of the source into the index. What the index adds to it may make it larger than a document can
// be: the index then has nothing of it, as of others that no container takes, and goes on with what comes next.
func (tx *Tx) follow(d *Document) error {
	_, _, err := tx.Upsert(d, "")
	if refusal := (*Error)(nil); !errors.As(err, &refusal) || refusal.Status != TooLarge().Status {
		return err
	}
	if tx.get(d.EPK, d.ID) == nil {
		return nil
	}
	return tx.Delete(d.EPK, d.ID, "")
}

func (f *followers) madeSince(since int) bool {
	f.noting.Lock()
	defer f.noting.Unlock()
	return f.made != since
}

// unsettle notes that a failover has lost writes of the container: what its global secondary indexes have of them, or
// it has itself if it is one, is not what the source has any more. Nothing else reads or writes any of them.
func (c *shared) unsettle() {
	c.followers.stale = c.IsSecondary()
	for _, x := range c.indexes() {
		x.followers.stale = true
	}
}

// remake makes a global secondary index what its source has, as far as it is not. What was noted of the source before
// is part of that. The account's lock and those of all containers are held.
func (c *Container) remake() {
	f := &c.followers
	f.noting.Lock()
	f.noted, f.stale = nil, false
	f.made++
	f.noting.Unlock()
	now, want := c.account.Now().Unix(), map[docKey]*Document{}
	source := c.db.containers.byID[c.Definition().secondary.source]
	ttl := source.Definition().DefaultTTL
	for _, p := range source.partitions {
		for it := range p.replicas[p.hub()].all.from(0) {
			if d := c.indexed(it); d != nil && !it.expired(ttl, now) {
				want[docKey{d.EPK, d.ID}] = d
			}
		}
	}
	txs := make([]*Tx, len(c.partitions))
	for i, p := range c.partitions {
		tx := &Tx{c: c, def: c.Definition(), p: p.replicas[p.hub()], now: now}
		txs[i] = tx
		for it := range tx.p.all.from(0) {
			key := docKey{it.EPK, it.ID}
			if want[key] == nil {
				tx.change(it, nil, false)
			} else if have, err := c.newDocument(it.Value(), 0); err == nil && value.Equal(have.own(),
				want[key].own()) {
				delete(want, key)
			}
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(want), docKey.compare) {
		i := slices.IndexFunc(c.partitions, func(p *Partition) bool { return p.Contains(key.epk) })
		txs[i].follow(want[key]) // what is refused the source could not have brought, either
	}
	for _, tx := range txs {
		tx.commit()
	}
}
