package store

import (
	"cmp"
	"slices"
)

// Part is a logical partition of a container that a distributed transaction takes part in.
type Part struct {
	Container *Container
	EPK       string
}

// byRID is the order in which several containers are locked.
func byRID(a, b *Container) int { return cmp.Compare(a.rid, b.rid) }

// Distributed runs fn as one transaction on the partitions that own the parts, of any containers: either all of its
// writes happen or, if fn returns an error, none. fn gets a transaction for each part; parts of one physical
// partition share it. Nobody sees any of it before it is all done, since every partition is locked at once: what fn
// reads is a snapshot. There is a mark for each part, good also with an error.
func Distributed(parts []Part, fn func([]*Tx) error) ([]Mark, error) {
	for _, p := range parts {
		p.Container.decide()
	}
	marks, err := distributed(parts, fn)
	for i, m := range marks {
		parts[i].Container.lead()
		parts[i].Container.relieve(m)
	}
	return marks, err
}

func distributed(parts []Part, fn func([]*Tx) error) ([]Mark, error) {
	// Two transactions lock what they share in the same order.
	containers := make([]*Container, 0, len(parts))
	for _, p := range parts {
		containers = append(containers, p.Container)
	}
	slices.SortFunc(containers, byRID)
	for _, c := range slices.CompactFunc(containers, func(a, b *Container) bool { return a.rid == b.rid }) {
		c.rlock()
		defer c.mu.RUnlock()
	}
	txs, shared := make([]*Tx, len(parts)), map[*replica]*Tx{}
	for i, p := range parts {
		owner := p.Container.at(p.Container.owner(p.EPK))
		if err := owner.closed(); err != nil {
			return nil, err
		}
		if shared[owner] == nil {
			shared[owner] = &Tx{c: p.Container, def: p.Container.Definition(), p: owner,
				now: p.Container.account.Now().Unix()}
		}
		txs[i] = shared[owner]
	}
	all := make([]*Tx, 0, len(shared))
	for _, tx := range shared {
		all = append(all, tx)
	}
	slices.SortFunc(all,
		func(a, b *Tx) int { return cmp.Or(cmp.Compare(a.c.rid, b.c.rid), cmp.Compare(a.p.Min, b.p.Min)) })
	for _, tx := range all {
		tx.p.mu.Lock()
		defer tx.p.mu.Unlock()
		if err := tx.c.mayWrite(tx.p); err != nil {
			return nil, err
		}
		tx.expire()
	}
	committed := false
	defer func() {
		if !committed { // fn refused, or panicked
			for _, tx := range all {
				tx.undo()
			}
		}
	}()
	err := fn(txs)
	if committed = err == nil; committed {
		for _, tx := range all {
			tx.commit()
		}
	}
	marks := make([]Mark, len(parts))
	for i, tx := range txs {
		marks[i] = tx.p.mark()
	}
	return marks, err
}
