package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

type plan struct {
	Done []string `json:"done"`
}

func checkpoints(t *testing.T) (*store.Checkpoints[plan], *cosmostest.Server) {
	container, srv := container(t, store.CheckpointContainer("threads"))
	c, err := store.OpenCheckpoints[plan](t.Context(), container)
	require.NoError(t, err)
	return c, srv
}

func TestCheckpoints(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, _ := checkpoints(t)
	first, err := c.Load(ctx, "t")
	require.NoError(t, err)
	require.Zero(t, first.Step)
	one, err := c.Save(ctx, first, plan{[]string{"a"}})
	require.NoError(t, err)
	two, err := c.Save(ctx, one, plan{[]string{"a", "b"}})
	require.NoError(t, err)
	latest, err := c.Load(ctx, "t")
	require.NoError(t, err)
	require.Equal(t, two, latest)

	// Nothing is saved on top of what is not the latest: the beginning, an earlier one, one of the history.
	list, err := c.History(ctx, "t", 10)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, plan{[]string{"a", "b"}}, list[0].State)
	for _, stale := range []store.Checkpoint[plan]{first, one, list[1]} {
		_, err = c.Save(ctx, stale, plan{})
		require.ErrorIs(t, err, store.ErrStale)
		require.ErrorContains(t, err, `thread "t"`)
	}
	latest, err = c.Load(ctx, "t")
	require.NoError(t, err)
	require.Equal(t, two, latest)

	other, err := c.Load(ctx, "another thread")
	require.NoError(t, err)
	require.Zero(t, other.Step)

	for range 3 {
		latest, err = c.Save(ctx, latest, plan{})
		require.NoError(t, err)
	}
	require.NoError(t, c.Prune(ctx, "t", 2))
	list, err = c.History(ctx, "t", 10)
	require.NoError(t, err)
	require.Equal(t, []int{5, 4}, []int{list[0].Step, list[1].Step})
	require.Len(t, list, 2)
	_, err = c.Save(ctx, latest, plan{})
	require.NoError(t, err)
	_, err = c.Save(ctx, one, plan{}) // its successor's document is gone, and it is stale all the same
	require.ErrorIs(t, err, store.ErrStale)
	_, err = c.History(ctx, "t", 0)
	require.ErrorContains(t, err, "1 to 1000")
}

// Of those who save on top of one checkpoint, the first one included, exactly one succeeds.
func TestCheckpointRace(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, _ := checkpoints(t)
	for step := range 4 {
		on, err := c.Load(ctx, "t")
		require.NoError(t, err)
		require.Equal(t, step, on.Step)
		var won atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := c.Save(ctx, on, plan{})
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, store.ErrStale) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Equal(t, int32(1), won.Load())
	}
}

// Updates at once are all there in the end.
func TestCheckpointUpdate(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, srv := checkpoints(t)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 4 {
				_, err := c.Update(ctx, "t", func(p plan) (plan, error) { return plan{append(p.Done, "x")}, nil })
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	latest, err := c.Load(ctx, "t")
	require.NoError(t, err)
	require.Equal(t, 24, latest.Step)
	require.Len(t, latest.State.Done, 24)

	refused := errors.New("refused")
	_, err = c.Update(ctx, "t", func(p plan) (plan, error) { return p, refused })
	require.ErrorIs(t, err, refused)

	// A lost answer is neither a success nor a stale checkpoint.
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Batch), Times: 1, Cut: cosmostest.CutAfter})
	_, err = c.Update(ctx, "t", func(p plan) (plan, error) { return plan{append(p.Done, "x")}, nil })
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	require.NotErrorIs(t, err, store.ErrStale)
	latest, err = c.Load(ctx, "t")
	require.NoError(t, err)
	require.Len(t, latest.State.Done, 25)
}
