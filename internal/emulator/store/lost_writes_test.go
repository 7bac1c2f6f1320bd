package store

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// witness notes what a globe acknowledges and what it tells of.
type witness struct {
	*globe
	random   *rand.Rand
	made     map[string]Change // by version
	known    map[string]bool   // versions that a later write was made upon
	told     map[string]bool   // versions that the feed of conflicts, a failover or a procedure has told of
	changing []*RangeChange
	events   []string
}

func newWitness(t *testing.T, seed uint64, policy string) *witness {
	w := &witness{globe: newGlobe(t, 3, func(o *Options) { o.MultiWrite, o.Seed = true, seed }),
		random: rand.New(rand.NewPCG(seed, 21)),
		made:   map[string]Change{}, known: map[string]bool{}, told: map[string]bool{}}
	w.SetResolver(func(*Container, string) func(*Tx, Met) error { return w.resolve })
	w.policy(policy)
	require.NoError(t, w.SetDelay(-1, -1, 0, 5*time.Second))
	return w
}

// deleted is what a deletion of a document is told of by, where it has no etag.
func deleted(id string) string { return "deleted " + id }

// note notes what a transaction has written.
func (w *witness) note(changes []Change) {
	for _, ch := range changes {
		if ch.Previous != nil {
			w.known[ch.Previous.ETag] = true
		}
		w.made[ch.version()] = ch
	}
}

// tell notes what is lost by what was told.
func (w *witness) tell(lost Lost) {
	w.told[lost.ETag] = true
	if lost.ETag == "" {
		w.told[deleted(lost.Item)] = true
	}
}

// resolve is a conflict procedure that notes what it was given and what it has written.
func (w *witness) resolve(tx *Tx, m Met) error {
	for _, it := range append([]*Item{m.Incoming, m.Existing}, m.Conflicting...) {
		if it != nil {
			w.told[it.ETag] = true
		}
	}
	if m.Incoming == nil && m.Existing != nil {
		w.told[deleted(m.Existing.ID)] = true
	}
	before := len(tx.changes)
	err := higher(tx, m)
	w.note(tx.changes[before:])
	return err
}

// event changes regions, ranges or links; what cannot be done now is refused. Otherwise it is false.
func (w *witness) event(region int) bool {
	ranges := w.c.Ranges()
	i := w.random.IntN(len(ranges))
	what, err := "", error(nil)
	switch w.random.IntN(80) {
	case 0:
		what = "split"
		_, err = w.c.Split(ranges[i].ID)
	case 1:
		what = "merge"
		_, err = w.c.Merge(ranges[max(i-1, 0)].ID, ranges[i].ID)
	case 2:
		what = "split in phases"
		var change *RangeChange
		if change, err = w.c.BeginSplit(ranges[i].ID, ""); err == nil {
			w.changing = append(w.changing, change)
		}
	case 3, 4, 5:
		what = "advance"
		for _, change := range w.changing {
			change.Advance()
		}
	case 6:
		what, err = "move", w.MoveWrites(region)
	case 7:
		what = "force"
		var lost []Lost
		lost, err = w.ForceWrites(region)
		for _, l := range lost {
			w.tell(l)
			for _, it := range w.c.Items() {
				require.NotEqual(w.t, l.ETag, it.ETag, "it is not lost")
			}
		}
	case 8:
		what, err = "pause", w.Pause(region, w.region(), true)
	case 9, 10, 11:
		what, err = "resume", w.Pause(-1, -1, false)
	case 12:
		what, err = "drain", w.Drain(region)
	case 13:
		what = "cancel"
		for _, r := range w.Topology().Regions {
			if r.State == Draining {
				err = w.CancelDrain(r.ID)
			}
		}
	case 14:
		if what = "remove"; w.Topology().Others() > 1 {
			err = w.Remove(region)
		}
	case 15:
		if what = "add"; w.Topology().Others() < 4 {
			_, err = w.AddRegion(fmt.Sprint("region ", len(w.Topology().Regions)))
		}
	case 16:
		what, err = "mode", w.SetMultiWrite(!w.Topology().Multi)
	case 17:
		what = "partition"
		var lost []Lost
		lost, err = w.c.FailOverPartition(ranges[i].ID, region, w.random.IntN(2) == 0)
		for _, l := range lost {
			w.tell(l)
		}
	case 18:
		what = "delete a conflict"
		if all, _ := w.c.In(region).Conflicts(Scope{}); len(all) > 0 {
			x := all[w.random.IntN(len(all))]
			if err = w.c.In(region).DeleteConflict(x.epk, x.ID()); err == nil {
				w.tell(x.lost)
			}
		}
	default:
		return false
	}
	w.events = append(w.events, fmt.Sprint(what, " ", region, " ", err))
	return true
}

// region is any region that serves.
func (w *witness) region() int {
	online := slices.DeleteFunc(w.Topology().Listed(), func(r Region) bool { return r.State != Online })
	return online[w.random.IntN(len(online))].ID
}

// write writes one or two documents, or deletes or renames one, and may be refused.
func (w *witness) write(region int) {
	id, pk, c := fmt.Sprint("d", w.random.IntN(4)), fmt.Sprint("p", w.random.IntN(2)), w.c.In(region)
	document := func(id string) *Document {
		d, err := c.Parse(fmt.Appendf(nil, `{"id":%q,"pk":%q,"mail":%d,"v":%d}`, id, pk, w.random.IntN(4),
			w.random.IntN(10)))
		require.NoError(w.t, err)
		return d
	}
	d, other, what := document(id), document("other"), w.random.IntN(10)
	var changes []Change
	_, err := c.Update(d.EPK, "", func(tx *Tx) (err error) {
		switch what {
		case 0, 1:
			err = tx.Delete(d.EPK, id, "")
		case 2:
			_, err = tx.Replace("d1", d, "")
		case 3:
			if _, _, err = tx.Upsert(other, ""); err != nil {
				return err
			}
			fallthrough
		default:
			_, _, err = tx.Upsert(d, "")
		}
		changes = slices.Clone(tx.changes)
		return err
	})
	if err == nil {
		w.note(changes)
		w.events = append(w.events, fmt.Sprintln("write", what, id, pk, region, changes[0].version()))
	}
}

// silently are the versions that are neither there, when everything has arrived, nor were known to a later write or
// told of.
func (w *witness) silently() (lost []string) {
	require.NoError(w.t, w.Pause(-1, -1, false))
	for _, change := range w.changing {
		for change.Phase() < Done {
			_, err := change.Advance()
			require.NoError(w.t, err)
		}
	}
	w.now = w.now.Add(time.Hour)
	w.c.Items() // what the procedures write now takes its time, too
	w.same()
	there := map[uint64]bool{}
	for _, it := range w.c.Items() {
		there[it.number], w.told[it.ETag] = true, true
	}
	conflicts, err := w.c.Conflicts(Scope{})
	require.NoError(w.t, err)
	for _, x := range conflicts {
		w.tell(x.lost)
	}
	for _, r := range w.Topology().Listed() {
		own, err := w.c.In(r.ID).Conflicts(Scope{})
		require.NoError(w.t, err)
		require.Equal(w.t, conflicts, own)
	}
	for _, p := range w.c.partitions {
		require.Empty(w.t, p.undecided)
		for r := range p.live() {
			require.Empty(w.t, r.refused)
		}
	}
	for _, version := range slices.Sorted(maps.Keys(w.made)) {
		ch := w.made[version]
		if ch.Item != nil && !w.known[version] && !w.told[version] ||
			ch.Item == nil && there[ch.Previous.number] && !w.told[deleted(ch.Previous.ID)] {
			lost = append(lost, version)
		}
	}
	return lost
}

// Whatever happens to regions and ranges meanwhile: a write that was acknowledged is there in the end, or a later one
// that knew of it, or the feed of conflicts, the failover that lost it or the procedure was told of it.
func TestNoWriteIsLostSilently(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]string{
		"feed":                        `"conflictResolutionPolicy":{"mode":"Custom"}`,
		"feed and unique keys":        uniqueMail + `,"conflictResolutionPolicy":{"mode":"Custom"}`,
		"procedure":                   resolvedByProcedure,
		"procedure and unique keys":   uniqueMail + "," + resolvedByProcedure,
		"last writer and unique keys": uniqueMail, // which converges, and tells nothing
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(100) {
				w := newWitness(t, seed, policy)
				for range 100 {
					w.now = w.now.Add(time.Duration(w.random.IntN(1000)) * time.Millisecond)
					if region := w.region(); !w.event(region) {
						w.write(region)
					}
				}
				if lost := w.silently(); w.c.Definition().custom() {
					require.Empty(t, lost, "seed %d: %q", seed, w.events)
				}
			}
		})
	}
}
