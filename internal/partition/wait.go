package partition

import (
	"context"
	"fmt"
	"time"
)

// MaxSplits bounds how often in a row a range is looked for among partitions that move.
const MaxSplits = 10

// AwaitSplit pauses before the routing map is read for the n-th time in a row because the partitions moved: not at all
// the first time, then 50 ms, twice as long each time, 5 s at most. A split under way takes its time. It fails at
// once if the deadline of ctx is earlier than the end of the pause.
func AwaitSplit(ctx context.Context, n int) error {
	const first, most = 50 * time.Millisecond, 5 * time.Second
	if n < 2 {
		return ctx.Err()
	}
	pause := min(first<<min(n-2, 10), most)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
		return fmt.Errorf("cosmos: waiting %v for the end of a split would outlast the deadline: %w", pause,
			context.DeadlineExceeded)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
