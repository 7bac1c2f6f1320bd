package store

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Conflict is a write that met another region's and did not happen, in a container whose policy leaves it to its users
// to decide between them.
type Conflict struct {
	*Resource
	epk string
}

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
	r.conflicts = append(r.conflicts, r.c.newConflict(ch.epk(), r.c.numbers.Add(1), value.Object([]value.Member{
		{Name: "id"}, {Name: "resourceType", Value: value.String("document")},
		{Name: "operationType", Value: value.String(operation)}, {Name: "resourceId", Value: value.String(winner.RID)},
		{Name: "content", Value: value.String(content)}, {Name: "conflict_lsn", Value: value.Int(r.lsn)},
	})))
}

// newConflict makes a conflict of its JSON and of its number within the container, which its id follows from.
func (c *shared) newConflict(epk string, number uint64, in value.Value) *Conflict {
	rid := childRID(c.ridBytes, kindConflict, number)
	self := "dbs/" + c.db.RID() + "/colls/" + c.rid + "/conflicts/" + rid + "/"
	return &Conflict{c.account.newResource(with(in, "id", value.String(rid)), rid, rid, self), epk}
}

// Conflicts lists the conflicts of a scope, oldest first in each partition. Every region shows those that the write
// region has found.
func (c *Container) Conflicts(s Scope) (all []*Conflict, err error) {
	err = c.View(s, func(parts []*Slice) error {
		for _, part := range parts {
			all = append(all, part.conflicts()...)
		}
		return nil
	})
	return all, err
}

func (s *Slice) conflicts() (all []*Conflict) {
	s.p.mu.RLock()
	defer s.p.mu.RUnlock()
	for _, x := range s.p.Partition.conflicts {
		if s.holds(&Item{EPK: x.epk}) {
			all = append(all, x)
		}
	}
	return all
}

// Conflict finds a conflict of a logical partition.
func (c *Container) Conflict(epk, id string) (*Conflict, error) {
	all, err := c.Conflicts(Scope{Key: epk, HasKey: true})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(x *Conflict) bool { return x.ID() == id })
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

// conflictKey is the member of a saved conflict that says which logical partition it is of.
const conflictKey = "effectivePartitionKey"

// dumpConflicts writes the feed of conflicts.
func (c *Container) dumpConflicts(b *bufio.Writer) {
	var all []*Conflict
	c.Inspect(func(s *Slice) { all = append(all, s.conflicts()...) })
	if len(all) == 0 {
		return
	}
	b.WriteString(",\n   \"conflicts\": [")
	for i, x := range all {
		separate(b, i, "\n    ")
		fmt.Fprintf(b, "{%q: %q, ", conflictKey, x.epk)
		writeMembers(b, x.Value())
		b.WriteByte('}')
	}
	b.WriteByte(']')
}

// restoreConflict adds a saved conflict to the feed.
func (c *Container) restoreConflict(v value.Value) error {
	epk := v.Get(conflictKey).AsString()
	if epk == "" || epk == partition.Max || !hexadecimal(epk) {
		return Errorf(400, 0, "%s is not an effective partition key, but %q", conflictKey, epk)
	}
	in := value.Object(slices.DeleteFunc(slices.Collect(v.Members()), func(m value.Member) bool {
		return m.Name == conflictKey
	}))
	var number uint64
	if rid := savedRID(v, c.ridBytes, 16, nil); rid != nil && rid[15]>>4 == kindConflict {
		number = childNumber(rid)
		c.reach(number)
	} else {
		number = c.numbers.Add(1)
	}
	x := c.newConflict(epk, number, in)
	x.Resource = x.restored(c.account, v)
	c.rlock()
	defer c.mu.RUnlock()
	p := c.owner(epk)
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.ContainsFunc(p.conflicts, func(other *Conflict) bool { return other.ID() == x.ID() }) {
		return taken()
	}
	p.conflicts = append(p.conflicts, x)
	return nil
}
