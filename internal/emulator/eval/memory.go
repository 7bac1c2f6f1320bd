package eval

import (
	"errors"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// ErrMemoryInUse ends a run that needs memory which other queries hold. It may succeed later. The gateway answers 429
// with it, which clients repeat after a pause by themselves.
var ErrMemoryInUse = errors.New("the memory of queries is in use")

// Memory bounds what all queries of a server keep at a time: rows that wait to be sorted, groups, results, pages. It
// is safe for concurrent use. A bound of each query does not bound a server: a hundred of them at a time may each
// stay below theirs.
type Memory struct {
	limit   int64
	taken   atomic.Int64
	reclaim func() bool
}

// NewMemory returns a bound of so many bytes. Before a query is refused, reclaim may give back what is kept only to
// save work; it reports whether there was any.
func NewMemory(limit int64, reclaim func() bool) *Memory {
	return &Memory{limit: limit, reclaim: reclaim}
}

// Taken is how many bytes are held now.
func (m *Memory) Taken() int64 { return m.taken.Load() }

// Share begins the share of one query.
func (m *Memory) Share() Share { return Share{memory: m} }

// The sum is raised before it is looked at, so that two that take the last room at a time cannot both have it. As
// long as something could be given back it is tried again.
func (m *Memory) take(n int64) error {
	for {
		if m.taken.Add(n) <= m.limit {
			return nil
		}
		m.taken.Add(-n)
		if !m.reclaim() {
			return ErrMemoryInUse
		}
	}
}

// Share is what one query holds of a Memory until it is released. One goroutine at a time uses it. The zero value is
// without a bound. used is what the query asked for, taken what it has of the Memory, in steps; the difference is
// room for the next rows.
type Share struct {
	memory      *Memory
	used, taken int64
	document    int
}

// shareStep is how much a share takes at once, so that queries rarely touch what they have in common.
const shareStep = 64 << 10

// Add holds n bytes more, or fewer. The error is [ErrMemoryInUse], or that of a query which needs more than all
// queries may hold. A query that alone needs more than there is would be repeated for ever if it were told to wait.
func (s *Share) Add(n int) error {
	if s.memory == nil {
		return nil
	}
	if s.used += int64(n); s.used <= s.taken {
		return nil
	}
	if s.used > s.memory.limit {
		return &nosql.Error{Message: rowsTooMany}
	}
	less := s.used - s.taken
	more := min(max(less, shareStep), s.memory.limit-s.taken)
	err := s.memory.take(more)
	// Near the bound the whole step may not be there where the little that is needed is.
	if err != nil && less < more {
		more = less
		err = s.memory.take(more)
	}
	if err != nil {
		return err
	}
	s.taken += more
	return nil
}

// Document says how many bytes the document at hand takes that only the query holds: they count if a row of it is kept.
func (s *Share) Document(n int) { s.document = n }

// Release gives everything back. Calling it again does nothing, so that it can be deferred beside the paths that hand
// the share on.
func (s *Share) Release() {
	if s.memory != nil {
		s.memory.taken.Add(-s.taken)
	}
	s.used, s.taken = 0, 0
}
