package partition

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAwaitSplit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for n, want := range map[int]time.Duration{
			0:   0,
			1:   0,
			2:   50 * time.Millisecond,
			3:   100 * time.Millisecond,
			8:   3200 * time.Millisecond,
			9:   5 * time.Second,
			100: 5 * time.Second,
		} {
			start := time.Now()
			require.NoError(t, AwaitSplit(t.Context(), n))
			require.Equal(t, want, time.Since(start), "the %d. time", n)
		}
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		start := time.Now()
		err := AwaitSplit(short, 2)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "would outlast the deadline")
		require.Zero(t, time.Since(start), "at once")

		long, cancelLong := context.WithTimeout(t.Context(), 51*time.Millisecond)
		defer cancelLong()
		require.NoError(t, AwaitSplit(long, 2), "the deadline is behind the end of the pause")
		start = time.Now()
		ended, end := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Millisecond, end)
		require.ErrorIs(t, AwaitSplit(ended, 2), context.Canceled)
		require.Equal(t, 5*time.Millisecond, time.Since(start), "as soon as it is cancelled")
		require.ErrorIs(t, AwaitSplit(ended, 1), context.Canceled)
	})
}
