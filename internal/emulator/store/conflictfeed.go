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
	epk  string
	lost Lost // the write
}

// feedChange is one of a feed of conflicts, which travels from region to region as those of documents do.
type feedChange struct {
	conflict *Conflict
	deleted  bool
}

// feed makes changes of the feed of conflicts happen in a region.
func (r *replica) feed(changes []feedChange) {
	for _, ch := range changes {
		if ch.deleted {
			r.conflicts = slices.DeleteFunc(r.conflicts, func(x *Conflict) bool { return x.rid == ch.conflict.rid })
		} else {
			r.conflicts = append(r.conflicts, ch.conflict)
		}
	}
}

// custom reports whether the users decide between versions that meet.
func (d *Definition) custom() bool {
	return strings.EqualFold(d.source.Get("conflictResolutionPolicy").Get("mode").AsString(), "Custom")
}

// lose puts a change that does not happen in the feed of conflicts, if the replica is the one that has the last word;
// where there is a conflict procedure, that gets it first.
func (r *replica) lose(m meeting) {
	if sameVersion(m.cur, m.Item) { // or both have deleted it
		return
	}
	if r.region != r.hub() { // which will tell
		r.refuse(m.Change)
		return
	}
	if r.c.decides() {
		ch := m.Change
		if !m.met { // what the other region has made it upon need never have been here
			ch.Previous = m.cur
		}
		r.undecided = append(r.undecided, &ch)
		return
	}
	r.conflicts = append(r.conflicts, r.conflict(m))
}

// refuse notes a change that the replica does not take, in the place of the one that it was made upon.
func (r *replica) refuse(ch Change) {
	if r.refused == nil {
		r.refused = map[string]Change{}
	}
	if ch.Previous != nil {
		delete(r.refused, ch.Previous.ETag)
	}
	r.refused[ch.version()] = ch
}

// conflict is what the feed says of a change that does not happen.
func (r *replica) conflict(m meeting) *Conflict {
	operation, content, winner := "replace", "", m.any() // it was deleted
	switch {
	case m.Item == nil:
		operation = "delete"
	case m.Previous == nil:
		operation = "create"
	}
	if m.Item != nil {
		content = string(m.Item.JSON)
	}
	if m.met && m.cur != nil {
		winner = m.cur
	} else if len(m.rivals) > 0 {
		winner = m.rivals[0]
	}
	return r.c.newConflict(m.epk(), r.loss(m.Change), r.c.numbers.Add(1), value.Object([]value.Member{
		{Name: "id"}, {Name: "resourceType", Value: value.String("document")},
		{Name: "operationType", Value: value.String(operation)}, {Name: "resourceId", Value: value.String(winner.RID)},
		{Name: "content", Value: value.String(content)}, {Name: "conflict_lsn", Value: value.Int(r.lsn)},
	}))
}

// newConflict makes a conflict of its JSON and of its number within the container, which its id follows from.
func (c *shared) newConflict(epk string, lost Lost, number uint64, in value.Value) *Conflict {
	rid := childRID(c.ridBytes, kindConflict, number)
	self := "dbs/" + c.db.RID() + "/colls/" + c.rid + "/conflicts/" + rid + "/"
	return &Conflict{c.account.newResource(with(in, "id", value.String(rid)), rid, rid, self), epk, lost}
}

// Conflicts lists the conflicts of a scope, oldest first in each partition, as the region has them: the write region
// finds them, and they come to the others as its writes do.
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
	for _, x := range s.p.conflicts {
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

// DeleteConflict removes a conflict that is resolved, which is a write of the region.
func (c *Container) DeleteConflict(epk, id string) error {
	_, err := c.Update(epk, "", func(tx *Tx) error {
		i := slices.IndexFunc(tx.p.conflicts, func(x *Conflict) bool { return x.epk == epk && x.ID() == id })
		if i < 0 {
			return missingDocument()
		}
		tx.conflicts = append(tx.conflicts, feedChange{conflict: tx.p.conflicts[i], deleted: true})
		return nil
	})
	return err
}

// conflictKey is the member of a saved conflict that says which logical partition it is of.
const conflictKey = "effectivePartitionKey"

// dumpConflicts writes the feed of conflicts, with those that the conflict procedure could not get yet.
func (c *Container) dumpConflicts(b *bufio.Writer) {
	var all []*Conflict
	c.Inspect(func(s *Slice) {
		all = append(all, s.conflicts()...)
		s.p.mu.RLock()
		defer s.p.mu.RUnlock()
		for _, x := range s.p.undecided {
			all = append(all, s.p.conflict(s.p.receive(*x, c.account.Now())))
		}
	})
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
	content, _ := value.Parse([]byte(in.Get("content").AsString())) // a delete has none
	lost := Lost{c.db.ID(), c.id, content.Get("id").AsString(), content.Get("_etag").AsString()}
	x := c.newConflict(epk, lost, number, in)
	x.Resource = x.restored(c.account, v)
	_, err := c.update(epk, "", func(tx *Tx) error {
		if slices.ContainsFunc(tx.p.conflicts, func(other *Conflict) bool { return other.ID() == x.ID() }) {
			return taken()
		}
		tx.conflicts = append(tx.conflicts, feedChange{conflict: x})
		return nil
	})
	return err
}
