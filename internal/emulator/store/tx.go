package store

import (
	"iter"
	"slices"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Tx is a transaction on one physical partition. It is used within the function given to [Container.Update] only.
// Nobody sees its writes before they are all done.
type Tx struct {
	c       *Container
	def     *Definition
	p       *replica
	now     int64
	changes []Change // in order; undone from the end
	units   float64  // that the operations since the last call of [Tx.Units] have cost

	conflicts []feedChange // done when it is committed
}

// Units is what the operations since its last call have cost, those that were refused included.
func (tx *Tx) Units() float64 {
	units := tx.units
	tx.units = 0
	return units
}

// Update runs fn as one transaction on the partition that owns epk: either all of its writes happen, under one log
// sequence number, or, if fn returns an error, none. A non-empty rangeID must be the partition's: else it is gone.
// The mark is good also with an error.
func (c *Container) Update(epk, rangeID string, fn func(*Tx) error) (Mark, error) {
	c.decide()
	mark, err := c.update(epk, rangeID, fn)
	c.relieve(mark)
	return mark, err
}

func (c *Container) update(epk, rangeID string, fn func(*Tx) error) (Mark, error) {
	defer c.lead()
	c.rlock()
	defer c.mu.RUnlock()
	owner := c.owner(epk)
	if rangeID != "" && rangeID != owner.ID {
		return Mark{}, c.rangeGone(rangeID)
	}
	if err := owner.closed(); err != nil {
		return Mark{}, err
	}
	p := c.at(owner)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := c.mayWrite(p); err != nil {
		return Mark{}, err
	}
	tx := &Tx{c: c, def: c.Definition(), p: p, now: c.account.Now().Unix()}
	tx.expire()
	committed := false
	defer func() {
		if !committed {
			tx.undo() // fn panicked: no half of a transaction may stay behind
		}
	}()
	err := fn(tx)
	if err != nil {
		tx.undo()
	}
	tx.commit()
	committed = true
	return p.mark(), err
}

func (c *shared) rangeGone(id string) *Error {
	return Errorf(410, SubRangeGone, "PartitionKeyRange with id '%s' in collection '%s' doesn't exist", id, c.rid)
}

// undo takes back what the transaction has written, the last change first.
func (tx *Tx) undo() {
	for _, ch := range slices.Backward(tx.changes) {
		tx.p.set(ch.Item, ch.Previous)
	}
	for _, ch := range tx.changes {
		tx.p.compact(ch.epk()) // a logical partition that it has begun is none
	}
	tx.changes, tx.conflicts = nil, nil
}

// Mark is how far the partition is.
func (tx *Tx) Mark() Mark { return tx.p.mark() }

func (tx *Tx) commit() {
	if len(tx.changes)+len(tx.conflicts) == 0 {
		return
	}
	r := tx.p
	r.lsn++
	number := r.lsn
	if len(r.progress) > 0 {
		r.progress[r.region]++
		number = r.progress[r.region]
		r.mixed = r.mixed || tx.c.topology.Multi
	}
	r.record(tx.def, tx.changes, tx.now, r.region, number)
	r.feed(tx.conflicts)
	for _, ch := range tx.changes {
		r.compact(ch.epk())
	}
	if len(r.replicas) > 1 {
		r.spread(tx.changes, tx.conflicts)
	}
	for _, x := range tx.c.indexes() {
		x.note(tx.changes)
	}
}

// get finds the live document.
func (tx *Tx) get(epk, id string) *Item {
	it := tx.p.docs[docKey{epk, id}]
	if it == nil || it.expired(tx.def.DefaultTTL, tx.now) {
		return nil
	}
	return it
}

// Read finds a document.
func (tx *Tx) Read(epk, id string) (*Item, error) {
	tx.units++
	it := tx.get(epk, id)
	if it == nil {
		return nil, missingDocument()
	}
	tx.units += float64((len(it.JSON) - 1) / 1024)
	return it, nil
}

// Items yields the live documents of a logical partition in the order of their numbers, from one on, the transaction's
// own writes included.
func (tx *Tx) Items(epk string, from uint64) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		logical := tx.p.keys[epk]
		if logical == nil {
			return
		}
		for it := range logical.from(from) {
			if !it.expired(tx.def.DefaultTTL, tx.now) && !yield(it) {
				return
			}
		}
	}
}

// ByRID finds a document of a logical partition by its rid; nil if there is none.
func (tx *Tx) ByRID(epk, rid string) *Item {
	if number, ok := DocumentNumber(rid); ok {
		for it := range tx.Items(epk, number) {
			if it.RID == rid {
				return it
			}
			break
		}
	}
	return nil
}

// Create adds a document whose id its logical partition does not have yet.
func (tx *Tx) Create(d *Document) (*Item, error) {
	if tx.get(d.EPK, d.ID) != nil {
		tx.units += tx.c.Units(d) / 4
		return nil, takenDocument()
	}
	return tx.write(nil, d)
}

// Replace puts d in the place of the document id, and may give it another id that is free. A non-empty ifMatch must be
// the etag of that document, or "*".
func (tx *Tx) Replace(id string, d *Document, ifMatch string) (*Item, error) {
	old, err := tx.matching(d.EPK, id, ifMatch)
	if err != nil {
		return nil, err
	}
	if d.ID != id && tx.get(d.EPK, d.ID) != nil {
		tx.units += tx.c.Units(d) / 4
		return nil, takenDocument()
	}
	return tx.write(old, d)
}

// Upsert adds the document, or puts it in the place of the one with its id; created tells which. Uncertain in the
// service: an ifMatch for a document that does not exist, which is ignored here.
func (tx *Tx) Upsert(d *Document, ifMatch string) (item *Item, created bool, err error) {
	old := tx.get(d.EPK, d.ID)
	if old != nil {
		if !matches(ifMatch, old.ETag) {
			tx.units += refusedWrite
			return nil, false, changedDocument()
		}
	}
	item, err = tx.write(old, d)
	return item, old == nil, err
}

// Delete removes a document.
func (tx *Tx) Delete(epk, id, ifMatch string) error {
	old, err := tx.matching(epk, id, ifMatch)
	if err != nil {
		return err
	}
	tx.units += tx.def.units(weight(old.Value(), 0)-5, len(old.JSON), false) // the system properties are five
	tx.change(old, nil, false)
	return nil
}

// DeleteAll removes every document of a logical partition and says how many there were.
func (tx *Tx) DeleteAll(epk string) int {
	logical := tx.p.keys[epk]
	if logical == nil {
		return 0
	}
	before := len(tx.changes)
	for it := range logical.from(0) {
		tx.change(it, nil, false)
	}
	return len(tx.changes) - before
}

// Patch changes a document by operations, if it meets the condition; a nil condition is always met.
func (tx *Tx) Patch(epk, id string, p Patch, condition func(value.Value) (bool, error), ifMatch string) (*Item, error) {
	old, err := tx.matching(epk, id, ifMatch)
	if err != nil {
		return nil, err
	}
	if condition != nil {
		met, err := condition(old.Value())
		if err != nil {
			return nil, err
		}
		if !met {
			return nil, changedDocument()
		}
	}
	changed, err := p.apply(old.Value(), tx.def)
	if err != nil {
		return nil, err
	}
	d, err := tx.c.newDocument(changed, len(old.JSON))
	if err != nil {
		return nil, err
	}
	d.patched(changed)
	return tx.write(old, d)
}

// matching finds a document whose etag is ifMatch, unless that is empty or "*".
func (tx *Tx) matching(epk, id, ifMatch string) (*Item, error) {
	it := tx.get(epk, id)
	if it == nil {
		tx.units += refusedWrite
		return nil, missingDocument()
	}
	if !matches(ifMatch, it.ETag) {
		tx.units += refusedWrite
		return nil, changedDocument()
	}
	return it, nil
}

// write stores d as a new document or in the place of old.
func (tx *Tx) write(old *Item, d *Document) (*Item, error) {
	unique, err := tx.claim(old, d)
	if err != nil {
		return nil, err
	}
	return tx.put(old, d, unique, tx.identify(old))
}

// claim gives the entries that d, in the place of old, takes in the unique key indexes, if they are free.
func (tx *Tx) claim(old *Item, d *Document) ([]string, error) {
	unique := tx.uniqueEntries(d)
	for _, u := range unique {
		if other := tx.p.unique[u]; other != nil && other != old && !other.expired(tx.def.DefaultTTL, tx.now) {
			tx.units += tx.c.Units(d) / 4
			return nil, takenDocument()
		}
	}
	return unique, nil
}

// identify gives a write its identity: a new one, or that of the document replaced with a new etag.
func (tx *Tx) identify(old *Item) (id identity) {
	id.etag, id.ts = tx.c.account.stamp()
	if old != nil {
		id.number, id.rid = old.number, old.RID
		return id
	}
	id.number = tx.c.numbers.Add(1)
	id.rid = childRID(tx.c.ridBytes, kindDocument, id.number)
	return id
}

func (tx *Tx) put(old *Item, d *Document, unique []string, id identity) (*Item, error) {
	it, err := d.item("dbs/"+tx.c.db.RID()+"/colls/"+tx.c.rid+"/docs/"+id.rid+"/", id.rid, id.etag, id.number, id.ts)
	if err != nil {
		return nil, err
	}
	if len(it.JSON) > MaxDocument {
		return nil, TooLarge()
	}
	if old == nil {
		tx.units += tx.def.units(weight(d.own(), 0), len(it.JSON), false)
	} else {
		tx.units += tx.def.units(difference(old.Value(), d.own(), 0), len(it.JSON), true)
	}
	it.LSN, it.unique = tx.p.lsn+1, unique
	tx.p.expects(it, tx.def.DefaultTTL)
	tx.change(old, it, false)
	return it, nil
}

func (tx *Tx) change(old, item *Item, expired bool) {
	tx.p.set(old, item)
	tx.changes = append(tx.changes, Change{Item: item, Previous: old, Expired: expired})
}

// uniqueEntries are the entries that a document takes in the unique key indexes. A missing value counts like null.
func (tx *Tx) uniqueEntries(d *Document) []string {
	if len(tx.def.uniquePaths) == 0 {
		return nil
	}
	doc := d.own()
	entries := make([]string, len(tx.def.uniquePaths))
	for i, paths := range tx.def.uniquePaths {
		key := strconv.AppendInt([]byte(d.EPK+"/"), int64(i), 10)
		for _, path := range paths {
			v := follow(doc, path)
			if !v.IsDefined() {
				v = value.Null
			}
			key = value.AppendKey(key, v)
		}
		entries[i] = string(key)
	}
	return entries
}
