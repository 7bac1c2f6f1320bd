package store

import (
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Conflict is a write that met another region's and did not happen, in a container whose policy leaves it to its users
// to decide between them.
type Conflict struct {
	ID, ETag string
	epk      string
	value    value.Value
}

// Value is the conflict's JSON, parsed.
func (x *Conflict) Value() value.Value { return x.value }

// JSON is the conflict as the feed of conflicts shows it.
func (x *Conflict) JSON() []byte { return value.AppendJSON(nil, x.value) }

// custom reports whether the users decide between versions that meet. A procedure that the policy names does not run
// here: its conflicts stay in the feed, as those of a procedure that fails do in the service.
func (d *Definition) custom() bool {
	return strings.EqualFold(d.source.Get("conflictResolutionPolicy").Get("mode").AsString(), "Custom")
}

// lose puts a change that does not happen in the feed of conflicts, if the replica is the one that has the last word.
func (r *replica) lose(cur *Item, ch Change) {
	if r.region != r.hub() || cur == nil && ch.Item == nil || sameVersion(cur, ch.Item) {
		return
	}
	operation, content, winner := "replace", "", cur
	switch {
	case ch.Item == nil:
		operation = "delete"
	case ch.Previous == nil:
		operation = "create"
	}
	if ch.Item != nil {
		content = string(ch.Item.JSON)
	}
	if winner == nil { // it was deleted
		winner = ch.any()
	}
	etag, ts := r.c.account.stamp()
	rid := childRID(r.c.ridBytes, kindConflict, r.c.numbers.Add(1))
	self := "dbs/" + r.c.db.RID() + "/colls/" + r.c.rid + "/conflicts/" + rid + "/"
	r.conflicts = append(r.conflicts, &Conflict{ID: rid, ETag: etag, epk: ch.epk(), value: value.Object([]value.Member{
		{Name: "id", Value: value.String(rid)}, {Name: "resourceType", Value: value.String("document")},
		{Name: "operationType", Value: value.String(operation)}, {Name: "resourceId", Value: value.String(winner.RID)},
		{Name: "content", Value: value.String(content)}, {Name: "conflict_lsn", Value: value.Int(r.lsn)},
		{Name: "_rid", Value: value.String(rid)}, {Name: "_self", Value: value.String(self)},
		{Name: "_etag", Value: value.String(etag)}, {Name: "_ts", Value: value.Int(ts)},
	})})
}

// Conflicts lists the conflicts of a scope, oldest first in each partition. Every region shows those that the write
// region has found.
func (c *Container) Conflicts(s Scope) (all []*Conflict, err error) {
	err = c.View(s, func(parts []*Slice) error {
		for _, part := range parts {
			part.p.mu.RLock()
			for _, x := range part.p.conflicts {
				if part.holds(&Item{EPK: x.epk}) {
					all = append(all, x)
				}
			}
			part.p.mu.RUnlock()
		}
		return nil
	})
	return all, err
}

// Conflict finds a conflict of a logical partition.
func (c *Container) Conflict(epk, id string) (*Conflict, error) {
	all, err := c.Conflicts(Scope{Key: epk, HasKey: true})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(x *Conflict) bool { return x.ID == id })
	if i < 0 {
		return nil, missingDocument()
	}
	return all[i], nil
}

// DeleteConflict removes a conflict that is resolved.
func (c *Container) DeleteConflict(epk, id string) error {
	x, err := c.Conflict(epk, id)
	if err != nil {
		return err
	}
	c.rlock()
	defer c.mu.RUnlock()
	p := c.owner(epk)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.conflicts, x) {
		return missingDocument() // another has removed it
	}
	p.conflicts = slices.DeleteFunc(p.conflicts, func(other *Conflict) bool { return other == x })
	return nil
}
