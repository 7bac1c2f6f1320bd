package store

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/value"
)

// identity is what the server gives a document beside its content.
type identity struct {
	number uint64
	rid    string
	etag   string
	ts     int64
}

// restored is the resource with the etag and time that in had when it was saved.
func (r *Resource) restored(a *Account, in value.Value) *Resource {
	etag, ts := saved(a, in, r.etag, r.value.Get("_ts"))
	x := *r
	x.etag = etag
	x.value = with(with(r.value, "_etag", value.String(etag)), "_ts", ts)
	x.json = value.AppendJSON(nil, x.value)
	return &x
}

// saved reads the etag and time of a saved resource, or gives those of a new one. Later etags will be others.
func saved(a *Account, in value.Value, etag string, ts value.Value) (string, value.Value) {
	if e := in.Get("_etag"); e.Kind() == value.KindString && e.AsString() != "" {
		etag = e.AsString()
		var n uint32
		if _, err := fmt.Sscanf(etag, `"%08x-`, &n); err == nil {
			raise(&a.seq, n)
		}
	}
	if t := in.Get("_ts"); t.Kind() == value.KindNumber {
		ts = t
	}
	return etag, ts
}

// savedRID is the rid of a saved resource, as bytes, if it begins as its parent's does and has so many; else other.
func savedRID(in value.Value, parent []byte, n int, other []byte) []byte {
	if raw := ridBytes(in.Get("_rid").AsString()); len(raw) == n && bytes.HasPrefix(raw, parent) {
		return raw
	}
	return other
}

// savedNumbers reads which documents keep the number of their rid; 0 is for those that get a new one. Numbers given
// later are higher.
func (c *Container) savedNumbers(documents []part) []uint64 {
	numbers, used := make([]uint64, len(documents)), map[uint64]bool{}
	for i, p := range documents {
		n, ok := DocumentNumber(ridText(savedRID(p.value, c.ridBytes, 16, nil)))
		if !ok || used[n] {
			continue
		}
		numbers[i], used[n] = n, true
		c.reach(n)
	}
	return numbers
}

// reach makes the numbers given later higher than n.
func (c *Container) reach(n uint64) { raise(&c.numbers, n) }

// raise makes a counter at least n.
func raise[T cmp.Ordered](counter interface {
	Load() T
	CompareAndSwap(old, next T) bool
}, n T) {
	for at := counter.Load(); at < n && !counter.CompareAndSwap(at, n); at = counter.Load() {
	}
}

// restore adds a saved document, with the number it had unless that is 0.
func (c *Container) restore(v value.Value, number uint64) error {
	d, err := c.newDocument(v, 0)
	if err != nil {
		return err
	}
	_, err = c.update(d.EPK, "", func(tx *Tx) error {
		if tx.get(d.EPK, d.ID) != nil {
			return takenDocument()
		}
		unique, err := tx.claim(nil, d)
		if err != nil {
			return err
		}
		id := tx.identify(nil)
		if number != 0 {
			id.number, id.rid = number, childRID(c.ridBytes, kindDocument, number)
		}
		etag, ts := saved(c.account, v, id.etag, value.Int(id.ts))
		id.etag = etag
		id.ts, _ = ts.AsInt()
		_, err = tx.put(nil, d, unique, id)
		return err
	})
	return err
}

// restorePartitions makes the partitions that were saved. Their tokens have a version of which none was given before:
// the regions may be others now.
func (c *Container) restorePartitions(ranges []savedRange) {
	for _, r := range ranges {
		p := c.newPartition(r.ID, r.Min, r.Max, r.Parents)
		if r.Version > 0 {
			p.merged = r.Version
			raise(&c.account.versions, r.Version)
		}
		c.partitions = append(c.partitions, p)
		if n, err := strconv.Atoi(r.ID); err == nil {
			c.nextRange = max(c.nextRange, n+1)
		}
	}
}

// restoreProgress lets the partitions go on counting where they were: a session token given before is still good.
func (c *Container) restoreProgress(ranges []savedRange) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i, saved := range ranges {
		p := c.partitions[i]
		p.mu.Lock()
		for r := range p.live() {
			r.lsn = max(r.lsn, saved.LSN)
			for region := range r.progress {
				n := saved.Writes[Region{ID: region}.token()]
				r.progress[region] = max(r.progress[region], n)
				r.lsn = max(r.lsn, n) // which counts them, too
			}
		}
		p.mu.Unlock()
	}
}

// savedRanges are the partitions as [Account.Load] reads them. What some region has seen and the write region has not
// is not saved, but counts: a session that has seen it would wait for ever.
func (c *Container) savedRanges() (all []savedRange) {
	c.decide() // what that writes counts, too
	c.rlock()
	defer c.mu.RUnlock()
	for _, p := range c.partitions {
		s := savedRange{ID: p.ID, Min: p.Min, Max: p.Max, Parents: p.Parents, Writes: map[uint32]int64{}}
		for r := range p.live() {
			m := r.read()
			s.LSN, s.Version = max(s.LSN, m.LSN), m.version+1
			for _, region := range m.regions {
				s.Writes[region.ID] = max(s.Writes[region.ID], region.LSN)
			}
		}
		all = append(all, s)
	}
	return all
}
