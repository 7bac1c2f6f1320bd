package store

// Expire deletes what has outlived its time to live. Readers do not see such documents anyway, but the feed of all
// changes shows that they end.
func (c *Container) Expire() {
	c = &Container{c.shared, -1} // the write region does so
	for _, r := range c.Ranges() {
		// Nothing is written, so nothing can fail; a partition that was split just now has expired its documents, and
		// one that does not serve will.
		c.Update(r.Min, "", func(*Tx) error { return nil })
	}
}

// expire deletes what has outlived its time to live.
func (tx *Tx) expire() {
	p, ttl := tx.p, tx.def.DefaultTTL
	if ttl == nil || p.nextExpiry > tx.now {
		return
	}
	p.nextExpiry = 1<<63 - 1
	for it := range p.all.from(0) {
		if it.expired(ttl, tx.now) {
			tx.change(it, nil, true)
		} else if life := it.lifetime(ttl); life > 0 {
			p.nextExpiry = min(p.nextExpiry, it.TS+life)
		}
	}
	// A transaction of its own: what follows may be undone, this may not.
	tx.commit()
	tx.changes = nil
}

// expects notes when a document that was written ends, if that is sooner than what ends next. 0 stays: all are still
// to be looked at.
func (r *replica) expects(it *Item, defaultTTL *int64) {
	if life := it.lifetime(defaultTTL); life > 0 {
		r.nextExpiry = min(r.nextExpiry, it.TS+life)
	}
}

// lifetime is how many seconds the item lives after its last write; 0 or less is for ever.
func (it *Item) lifetime(defaultTTL *int64) int64 {
	switch {
	case defaultTTL == nil:
		return 0
	case it.ttl != 0:
		return it.ttl
	}
	return *defaultTTL
}

// expired reports whether the item has outlived its lifetime.
func (it *Item) expired(defaultTTL *int64, now int64) bool {
	life := it.lifetime(defaultTTL)
	return life > 0 && now >= it.TS+life
}
