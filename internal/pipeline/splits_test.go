package pipeline

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

func TestFanOutResumesAcrossSplits(t *testing.T) {
	t.Parallel()
	f := newFake(2, numbered(200, 1))
	f.page = 9
	o := Options{Access: fanOut}
	var got []string
	for i := 0; ; i++ {
		f.split(i)
		rows := Open(f, o)
		batch, err := rows.Next(t.Context())
		require.NoError(t, err)
		require.NoError(t, rows.Close())
		got = append(got, texts(batch.Docs)...)
		if o.Continuation = batch.Continuation; o.Continuation == "" {
			break
		}
	}
	want := merged(f)
	slices.Sort(want)
	slices.Sort(got)
	require.Equal(t, want, got)
}

// TestSplitAsksTheSameContinuation: the children of a range go on where their parent stood, with its bounds.
func TestSplitAsksTheSameContinuation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, splitAsks)
}

func splitAsks(t *testing.T) {
	f := newFake(1, numbered(40, 1))
	rows := Open(f, Options{Access: fanOut, PageSize: 10})
	defer rows.Close()
	f.before = func(f *fake, request Fetch) error {
		if request.Continuation != "" && request.RangeID == "0" {
			f.split(0)
		}
		return nil
	}
	_, err := rows.Next(t.Context())
	require.NoError(t, err)
	_, err = rows.Next(t.Context())
	require.NoError(t, err)
	synctest.Wait() // both children have been asked then
	require.Equal(t, Fetch{RangeID: "0", PageSize: 10, Continuation: "10+1"}, f.requests[1])
	require.Contains(t, f.requests[2:], Fetch{RangeID: "1", PageSize: 10, Continuation: "10+1"})
	require.Contains(t, f.requests[2:], Fetch{RangeID: "2", PageSize: 10, Continuation: "10+1"})
}

func TestMergedRangeIsAskedForTheOldPart(t *testing.T) {
	t.Parallel()
	f := newFake(2, numbered(40, 1))
	bound := f.ranges[0].Max
	f.before = func(f *fake, request Fetch) error {
		if request.RangeID == "0" {
			f.merge(0)
		}
		return nil
	}
	require.Len(t, readAll(t, f, Options{Access: fanOut, MaxConcurrency: 1}), 40)
	require.Equal(t, []Fetch{{RangeID: "0"}, {RangeID: "2", Min: "", Max: bound}}, f.requests[:2])
}

func TestPartitionThatNeverSettles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, neverSettles) // with pauses of seconds in between
}

func neverSettles(t *testing.T) {
	f := newFake(2, numbered(10, 1))
	f.before = func(*fake, Fetch) error { return fmt.Errorf("again: %w", ErrGone) }
	rows := Open(f, Options{Access: fanOut, MaxConcurrency: 1})
	_, err := rows.Next(t.Context())
	require.ErrorIs(t, err, ErrGone)
	require.ErrorContains(t, err, "moved 10 times in a row")
	require.NoError(t, rows.Close())
	key := partition.Key{partition.String("a")}
	rows = Open(f, Options{Access: queryplan.AccessPath{Kind: queryplan.SinglePartition, Key: key}})
	_, err = rows.Next(t.Context())
	require.ErrorIs(t, err, ErrGone)
	require.NoError(t, rows.Close())
	rows = Open(f, Options{Access: fanOut})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = rows.Next(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded, "nobody waits longer than he wants to")
	require.NoError(t, rows.Close())
}
