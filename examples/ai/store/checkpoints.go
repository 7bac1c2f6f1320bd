package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// CheckpointContainer is the definition of a container for [Checkpoints]: a thread is a logical partition.
func CheckpointContainer(id string) cosmos.ContainerProperties {
	return cosmos.ContainerProperties{
		ID:           id,
		PartitionKey: cosmos.PartitionKeyPaths("/thread"),
		IndexingPolicy: &cosmos.IndexingPolicy{ // states are looked up by step, never searched
			IncludedPaths: []cosmos.IndexedPath{{Path: "/step/?"}},
			ExcludedPaths: []cosmos.IndexedPath{{Path: "/*"}},
		},
	}
}

// ErrStale is the error of a checkpoint that was saved on top of one that is not the latest any more. Load the latest
// and decide again, or let [Checkpoints.Update] do so.
var ErrStale = errors.New("store: the thread has gone on since this checkpoint was loaded")

// Checkpoint is the state of a thread after a step.
type Checkpoint[S any] struct {
	Thread string
	Step   int // 0 before the first one
	State  S

	etag string // of the thread's latest document, as it was read
}

// Checkpoints keeps the states of threads (of agents, workflows, conversations), with compare-and-swap: a state is
// saved only on top of the one that it was made from, so that of two workers that take up the same thread one is
// told.
type Checkpoints[S any] struct {
	container *cosmos.Container
}

// OpenCheckpoints opens the checkpoints in a container such as [CheckpointContainer] describes.
func OpenCheckpoints[S any](ctx context.Context, container *cosmos.Container) (*Checkpoints[S], error) {
	if err := partitionedBy(ctx, container, "/thread", "store.CheckpointContainer(%q)"); err != nil {
		return nil, err
	}
	return &Checkpoints[S]{container}, nil
}

// latestID is the document that has a thread's state. Beside it every step has one of its own, for the history.
const latestID = "latest"

type checkpointRecord[S any] struct {
	ID     string `json:"id"`
	Thread string `json:"thread"`
	Step   int    `json:"step"`
	State  S      `json:"state"`
}

// Load returns the latest checkpoint of a thread, in one point read. A thread that has none is at step 0 with a zero
// state, on which the first can be saved.
func (c *Checkpoints[S]) Load(ctx context.Context, thread string) (Checkpoint[S], error) {
	r, resp, err := cosmos.ReadItem[checkpointRecord[S]](ctx, c.container, latestID, cosmos.PartitionKey(thread))
	if errors.Is(err, cosmos.ErrNotFound) {
		return Checkpoint[S]{Thread: thread}, nil
	}
	if err != nil {
		return Checkpoint[S]{}, err
	}
	return Checkpoint[S]{Thread: thread, Step: r.Step, State: r.State, etag: resp.ETag}, nil
}

// Save stores the state that follows a checkpoint, and returns its checkpoint. It fails with [ErrStale] if another
// was saved on top of that one first; then nothing is stored. With [cosmos.ErrUnknownOutcome] it may have been: load
// and see.
func (c *Checkpoints[S]) Save(ctx context.Context, on Checkpoint[S], state S) (Checkpoint[S], error) {
	next := checkpointRecord[S]{ID: latestID, Thread: on.Thread, Step: on.Step + 1, State: state}
	latest := cosmos.OpCreate(next) // the first of two first ones wins by its id
	if on.etag != "" {
		latest = cosmos.OpReplace(latestID, next, cosmos.IfMatch(on.etag))
	}
	step := next
	step.ID = stepID(next.Step)
	resp, err := c.container.TransactionalBatch(ctx, []cosmos.Operation{latest, cosmos.OpCreate(step)})
	switch {
	case errors.Is(err, cosmos.ErrUnknownOutcome): // it may be this very checkpoint that is in the way
		return Checkpoint[S]{}, err
	case errors.Is(err, cosmos.ErrPreconditionFailed),
		errors.Is(err, cosmos.ErrConflict),
		errors.Is(err, cosmos.ErrNotFound) && on.etag != "":
		return Checkpoint[S]{}, fmt.Errorf("%w: thread %q, step %d: %w", ErrStale, on.Thread, on.Step, err)
	case err != nil:
		return Checkpoint[S]{}, err
	}
	return Checkpoint[S]{Thread: on.Thread, Step: next.Step, State: state, etag: resp.Results[0].ETag}, nil
}

func stepID(step int) string { return fmt.Sprintf("step-%09d", step) }

// updateTries bounds Update: of those who race for a step one wins each time.
const updateTries = 50

// Update loads the latest state, lets change make the next one of it, and saves that, again from the start if another
// was faster. change may thus be called several times; its error ends the update.
func (c *Checkpoints[S]) Update(ctx context.Context, thread string, change func(S) (S, error)) (Checkpoint[S], error) {
	var stale error
	for try := range updateTries {
		on, err := c.Load(ctx, thread)
		if err != nil {
			return Checkpoint[S]{}, err
		}
		state, err := change(on.State)
		if err != nil {
			return Checkpoint[S]{}, err
		}
		saved, err := c.Save(ctx, on, state)
		if !errors.Is(err, ErrStale) {
			return saved, err
		}
		stale = err
		select { // apart from each other, the racers are not in each other's way for long
		case <-time.After(rand.N(time.Duration(min(try+1, 20)) * 5 * time.Millisecond)):
		case <-ctx.Done():
			return Checkpoint[S]{}, context.Cause(ctx)
		}
	}
	return Checkpoint[S]{}, fmt.Errorf("store: given up after %d tries: %w", updateTries, stale)
}

// History returns up to n checkpoints of a thread, the latest first. Nothing can be saved on top of older ones.
func (c *Checkpoints[S]) History(ctx context.Context, thread string, n int) ([]Checkpoint[S], error) {
	if n < 1 || n > 1000 {
		return nil, fmt.Errorf("store: a history of %d checkpoints; it is of 1 to 1000", n)
	}
	query := fmt.Sprintf("SELECT TOP %d * FROM c WHERE c.id != @latest ORDER BY c.step DESC", n)
	var list []Checkpoint[S]
	for r, err := range cosmos.Query[checkpointRecord[S]](ctx, c.container, query,
		cosmos.Parameter{Name: "@latest", Value: latestID}, cosmos.PartitionKey(thread)) {
		if err != nil {
			return nil, err
		}
		list = append(list, Checkpoint[S]{Thread: thread, Step: r.Step, State: r.State, etag: staleETag})
	}
	return list, nil
}

// staleETag is one that no document has: a checkpoint of the history does not justify a new one.
const staleETag = `"history"`

// Prune deletes the checkpoints of a thread but for the last keep. The latest one always stays.
func (c *Checkpoints[S]) Prune(ctx context.Context, thread string, keep int) error {
	latest, err := c.Load(ctx, thread)
	if err != nil {
		return err
	}
	var keys []cosmos.ItemKey
	query := "SELECT VALUE c.id FROM c WHERE c.step <= @last AND c.id != @latest"
	for id, err := range cosmos.Query[string](ctx, c.container, query, cosmos.PartitionKey(thread),
		cosmos.Parameter{Name: "@last", Value: latest.Step - keep},
		cosmos.Parameter{Name: "@latest", Value: latestID}) {
		if err != nil {
			return err
		}
		keys = append(keys, cosmos.At(id, thread))
	}
	return failures(c.container.DeleteMany(ctx, slices.Values(keys)), 404)
}
