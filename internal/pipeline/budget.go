package pipeline

import (
	"fmt"
	"sync/atomic"
)

// budget counts the bytes that all stages of a query hold of what grows with the result. What a stage hands out at its
// end is not given back: the stages above may hold it.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take counts n more bytes, fewer if n is negative. The error names the clause, and what its writer can do.
func (b *budget) take(n int, what string) error {
	if b.used.Add(int64(n)) > b.limit {
		return fmt.Errorf("%w: %s would hold more than %d bytes; narrow the query, or add TOP or LIMIT", ErrBuffer,
			what, b.limit)
	}
	return nil
}
