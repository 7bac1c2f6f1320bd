package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

// higher is a conflict procedure that decides as the policy of the path /n does.
const higher = `function (incoming, existing, isTombstone, others) {
	var fail = function (err) { if (err) throw err; };
	var done = function (accepted) { if (!accepted) throw new Error("not accepted"); };
	if (others.concat(existing || []).some(function (d) { return d.n >= incoming.n; })) return;
	if (existing) return done(__.replaceDocument(existing._self, incoming, fail));
	others.forEach(function (d) { done(__.deleteDocument(d._self, {}, fail)); });
	done(__.createDocument(__.getSelfLink(), incoming, fail));
}`

// TestMovingWriters: every region of the moving world writes the same documents. Once it has come to rest all regions
// have the same, and what was acknowledged is there, was the ground of a later write, lost as the policy of conflicts
// says, is in the feed of conflicts, or was told of by the forced failover that lost it.
func TestMovingWriters(t *testing.T) {
	seed := firstSeed()
	for name, policy := range map[string]*cosmos.ConflictResolutionPolicy{
		"last writer": {Mode: "LastWriterWins", Path: "/n"},
		"feed":        {Mode: "Custom"},
		"procedure":   {Mode: "Custom", Procedure: "higher"},
	} {
		for i := range uint64(*seeds) {
			t.Run(fmt.Sprintf("%s/seed=%d", name, seed+i), func(t *testing.T) {
				t.Parallel()
				moveWriters(t, seed+i, policy)
			})
		}
	}
}

// version is a write that was acknowledged, or whose outcome is unknown.
type version struct {
	id   string
	upon int    // the number of the version that it replaced; 0 for none
	over string // that one's etag, which is another where a procedure has written it anew
	etag string
	sure bool
}

// writers are what the regions' clients have written.
type writers struct {
	*moving
	in       []*cosmos.Container // of each region's client
	last     atomic.Int64        // number of a version
	versions map[int]version     // m.mu guards it
	told     map[int]bool        // versions that a forced failover or the feed of conflicts has told of
}

func moveWriters(t *testing.T, seed uint64, policy *cosmos.ConflictResolutionPolicy) {
	w := &writers{moving: newMoving(t, seed, cosmostest.MultiWrite(), script.JavaScript()),
		versions: map[int]version{}, told: map[int]bool{}}
	w.lost = w.tell
	for _, region := range regions {
		client := w.client(t, region)
		defer client.Close()
		w.in = append(w.in, client.Database(w.made.Database).Container("written"))
	}
	_, err := w.in[0].Database().CreateContainer(t.Context(), cosmos.ContainerProperties{ID: "written",
		PartitionKey: cosmos.PartitionKeyDefinition{Paths: []string{"/pk"}}, ConflictResolutionPolicy: policy})
	require.NoError(t, err)
	_, err = w.in[0].StoredProcedures().Create(t.Context(), cosmos.StoredProcedure{ID: "higher", Body: higher})
	require.NoError(t, err)
	w.made = &cosmostest.Container{Database: w.made.Database, ID: "written"}
	w.run(t, seed, 2*len(regions), func(worker, _ int, random *rand.Rand) {
		w.step(t.Context(), w.in[worker%len(regions)], fmt.Sprint(random.IntN(5)))
	})
	w.rest(t)
	w.verify(t, policy)
	w.report(t)
}

// step changes a document, or makes it, and looks whether the session unsees that.
func (w *writers) step(ctx context.Context, in *cosmos.Container, id string) {
	w.failing.RLock()
	defer w.failing.RUnlock()
	w.steps.Add(1)
	key := cosmos.PartitionKey(id)
	before, read, err := cosmos.ReadItem[stored](ctx, in, id, key)
	if err != nil && !errors.Is(err, cosmos.ErrNotFound) {
		w.note(err)
		return
	}
	n, v := int(w.last.Add(1)), version{id: id, upon: before.N}
	var written *cosmos.Response
	item := map[string]any{"id": id, "pk": id, "n": n}
	if err == nil {
		v.over = read.ETag
		written, err = in.ReplaceItem(ctx, id, item, cosmos.IfMatch(v.over))
	} else {
		written, err = in.CreateItem(ctx, item)
	}
	w.note(err)
	if v.sure = err == nil; v.sure {
		v.etag = written.ETag
	} else if !errors.Is(err, cosmos.ErrUnknownOutcome) {
		return
	}
	w.mu.Lock()
	w.versions[n] = v
	w.mu.Unlock()
	after, read, err := cosmos.ReadItem[stored](ctx, in, id, key)
	w.note(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	if v.sure && (err == nil && w.older(read.ETag, n) || errors.Is(err, cosmos.ErrNotFound)) {
		w.wrong = append(w.wrong, fmt.Sprintf("%s is %d to a session that has written %d", id, after.N, n))
	}
}

// note counts the outcome of a request. That another worker was first is not a failure.
func (w *writers) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil:
	case errors.Is(err, cosmos.ErrUnknownOutcome):
		w.unknown.Add(1)
	case errors.Is(err, cosmos.ErrPreconditionFailed), errors.Is(err, cosmos.ErrConflict),
		errors.Is(err, cosmos.ErrNotFound):
		w.events["another was first"]++
	default:
		w.fail(err)
	}
}

// older reports whether an etag is of a version that another was made upon, at whatever remove.
func (w *writers) older(etag string, n int) bool {
	for ; n != 0; n = w.versions[n].upon {
		if w.versions[n].over == etag {
			return true
		}
	}
	return false
}

// tell notes what a forced failover has lost. A version that a procedure has written anew has an etag that nobody
// knows: it may be any of the document.
func (w *writers) tell(lost []cosmostest.LostWrite) error {
	for _, l := range lost {
		var all, one []int
		for n, v := range w.versions {
			if v.id == l.Item {
				all = append(all, n)
				if v.etag == l.ETag {
					one = append(one, n)
				}
			}
		}
		if len(one) == 0 {
			one = all
		}
		for _, n := range one {
			w.told[n] = true
		}
	}
	return nil
}

// rest waits until everything has arrived everywhere, and what procedures have made of it.
func (w *writers) rest(t *testing.T) {
	quiet := 0
	require.Eventually(t, func() bool {
		quiet++
		for _, region := range regions {
			if n, err := w.srv.ReplicationLag(region); err != nil || n > 0 {
				quiet = 0
			}
		}
		return quiet > 1
	}, time.Minute, 10*time.Millisecond)
}

// look reads documents and the feed of conflicts in a region. It is false where another region answered: the account's
// document is an old one for a moment.
func (w *writers) look(t *testing.T, region string, ids map[string]int) (docs map[string]int, feed []string, ok bool) {
	client := w.client(t, region)
	defer client.Close()
	in := client.Database(w.made.Database).Container(w.made.ID)
	docs, ok = map[string]int{}, true
	for id := range ids {
		read, err := in.ReadItem(t.Context(), id, cosmos.PartitionKey(id))
		require.NoError(t, err)
		var s stored
		require.NoError(t, read.Decode(&s))
		docs[id], ok = s.N, ok && read.Region == region
	}
	for x, err := range in.Conflicts(t.Context()) {
		require.NoError(t, err)
		var lost stored
		require.NoError(t, x.Decode(&lost))
		feed, w.told[lost.N] = append(feed, x.ID), true
	}
	return docs, feed, ok
}

// verify holds what each region has against what the clients were told.
func (w *writers) verify(t *testing.T, policy *cosmos.ConflictResolutionPolicy) {
	want, err := w.documents()
	require.NoError(t, err)
	var feed []string
	for i, region := range regions {
		docs, own, ok := w.look(t, region, want)
		for start := time.Now(); !ok && time.Since(start) < time.Minute; {
			docs, own, ok = w.look(t, region, want)
		}
		require.True(t, ok, "%s answers nothing itself", region)
		require.Equal(t, want, docs, region)
		if i > 0 {
			require.ElementsMatch(t, feed, own, region)
		}
		feed = own
	}
	w.events["versions"], w.events["conflicts in the feed"] = len(w.versions), len(feed)
	upon := map[int]bool{}
	for _, v := range w.versions {
		upon[v.upon] = true
	}
	for n, v := range w.versions {
		switch now := want[v.id]; {
		case !v.sure || n == now || upon[n] || w.told[n]:
		case n < now && (policy.Path != "" || policy.Procedure != ""): // which chose the higher
			w.events["lost by the policy"]++
		default:
			w.wrong = append(w.wrong, fmt.Sprintf("%s is %d, acknowledged was %d", v.id, now, n))
		}
	}
}
