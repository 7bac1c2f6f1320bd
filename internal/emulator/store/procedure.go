package store

import (
	"slices"
	"strings"
)

// Met is what a conflict procedure decides between.
type Met struct {
	EPK         string
	Incoming    *Item   // of another region; nil where it has deleted the document
	Existing    *Item   // the version of the same document that is here; nil where there is none
	Tombstone   bool    // the document that was changed is deleted here
	Conflicting []*Item // other documents with its id, or a value of a unique key
}

// Resolver finds the conflict procedure of a container by the name or path of its policy. What it returns runs it in a
// transaction; an error is that of the procedure, or says that there is none.
type Resolver func(c *Container, procedure string) func(tx *Tx, m Met) error

// SetResolver has conflict procedures run. Without it their conflicts are left in the feed. It is called before the
// account is used.
func (a *Account) SetResolver(r Resolver) { a.resolver = r }

// decide lets arrive what is due, and has the conflict procedure decide what has met others by then: each conflict in a
// transaction of the write region, as a stored procedure runs, in the order in which they were found. What a partition
// does not take now stays for the next call. Nothing of the store may be locked: whoever looks at documents or writes
// some calls it first, and finds what is due decided.
func (c *shared) decide() {
	if !c.decides() {
		return
	}
	procedure, hub := c.Definition().procedure, &Container{c, -1}
	for _, queue := range c.undecided() {
		run := c.account.resolver(hub, procedure)
		for _, x := range queue {
			_, err := hub.update(x.epk(), "", func(tx *Tx) error { tx.decide(x, run); return nil })
			if err != nil {
				break // what comes after it waits for it
			}
		}
	}
}

// decides reports whether a procedure decides the container's conflicts.
func (c *shared) decides() bool { return c.Definition().procedure != "" && c.account.resolver != nil }

// undecided lists the conflicts that are to be decided now, those of each partition in their order.
func (c *shared) undecided() (all [][]*Change) {
	c.rlock()
	defer c.mu.RUnlock()
	for _, p := range c.partitions {
		p.letArrive()
		p.mu.RLock()
		if len(p.undecided) > 0 {
			all = append(all, slices.Clone(p.undecided))
		}
		p.mu.RUnlock()
	}
	return all
}

// decide runs the conflict procedure for a conflict, unless another call has. One that fails leaves it in the feed.
func (tx *Tx) decide(x *Change, run func(*Tx, Met) error) {
	i := slices.Index(tx.p.undecided, x)
	if i < 0 {
		return
	}
	// What has expired the transaction has deleted when it began.
	if m := tx.p.receive(*x, tx.c.account.Now()); !sameVersion(m.cur, m.Item) { // nor have both deleted it
		err := run(tx, Met{
			EPK: m.epk(), Incoming: m.Item, Existing: m.cur, Conflicting: m.rivals,
			Tombstone: m.Item != nil && m.Previous != nil && m.cur == nil,
		})
		if err != nil {
			tx.undo()
			tx.conflicts = append(tx.conflicts, feedChange{conflict: tx.p.conflict(m)})
		}
	}
	tx.p.undecided = slices.Delete(tx.p.undecided, i, i+1)
}

// procedureID is the id of a procedure that a policy names by its id or by a path of ids or rids; false if the path
// leads to another container.
func (c *Container) procedureID(procedure string) (id string, ok bool) {
	path := strings.Split(strings.Trim(procedure, "/"), "/")
	switch {
	case len(path) == 1:
		return path[0], true
	case len(path) != 6 || path[0] != "dbs" || path[2] != "colls" || path[4] != "sprocs":
		return "", false
	}
	here := (path[1] == c.db.ID() || path[1] == c.db.RID()) && (path[3] == c.id || path[3] == c.rid)
	return path[5], here
}

// ConflictProcedure finds the procedure that a policy names, by its id or path.
func (c *Container) ConflictProcedure(procedure string) (*Resource, error) {
	id, ok := c.procedureID(procedure)
	if !ok {
		return nil, notFound()
	}
	return c.Scripts.Find(Procedure, id)
}
