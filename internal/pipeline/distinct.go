package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash/maphash"

	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// orderedDistinct drops rows that equal the one before them. A merge brings equal rows together, so one hash is all
// it has to remember, and a token can carry that.
type orderedDistinct struct {
	in   stage
	last []byte // hash of the row handed out last
	key  []byte
}

func (s *orderedDistinct) next(ctx context.Context, want int) (rows, error) {
	in, err := s.in.next(ctx, want)
	if err != nil {
		return rows{}, err
	}
	out := make([]json.RawMessage, 0, len(in.docs))
	for _, doc := range in.docs {
		if s.key, err = rowKey(s.key, doc); err != nil {
			return rows{}, err
		}
		// The same in every process, as it travels in tokens; 16 bytes of it cannot be hit by accident.
		sum := sha256.Sum256(s.key)
		if hash := sum[:16]; !bytes.Equal(hash, s.last) {
			s.last = hash
			out = append(out, doc)
		}
	}
	return rows{docs: out, release: in.release}, nil
}

func (s *orderedDistinct) more() bool { return s.in.more() }

func (s *orderedDistinct) explain(e *Explanation) {
	s.in.explain(e)
	e.add("distinct, %s", queryplan.DistinctOrdered)
}

func (s *orderedDistinct) save(t *token) bool {
	t.Last = s.last
	return save(s.in, t)
}

// distinct drops rows that were seen before, anywhere. It holds a hash of every row handed out. 128 bits of a hash
// that is seeded anew for each query: two different rows are taken for one with a chance of less than 1 in 10^26 even
// among a million, and nobody can prepare rows that do.
type distinct struct {
	in     stage
	budget *budget
	seeds  [2]maphash.Seed
	seen   map[[2]uint64]struct{}
	key    []byte
}

func newDistinct(in stage, budget *budget) *distinct {
	return &distinct{in: in, budget: budget, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		seen: map[[2]uint64]struct{}{}}
}

func (s *distinct) next(ctx context.Context, want int) (rows, error) {
	in, err := s.in.next(ctx, want)
	if err != nil {
		return rows{}, err
	}
	const entry = 32 // bytes: two words and their share of the table
	out := make([]json.RawMessage, 0, len(in.docs))
	for _, doc := range in.docs {
		if s.key, err = rowKey(s.key, doc); err != nil {
			return rows{}, err
		}
		hash := [2]uint64{maphash.Bytes(s.seeds[0], s.key), maphash.Bytes(s.seeds[1], s.key)}
		if _, seen := s.seen[hash]; seen {
			continue
		}
		if err := s.budget.take(entry, "DISTINCT"); err != nil {
			return rows{}, err
		}
		s.seen[hash] = struct{}{}
		out = append(out, doc)
	}
	return rows{docs: out, release: in.release}, nil
}

func (s *distinct) more() bool { return s.in.more() }

func (s *distinct) explain(e *Explanation) {
	s.in.explain(e)
	e.add("distinct, %s", queryplan.DistinctUnordered)
}

// rowKey writes the bytes that equal rows have in common over key. Equal is meant as the language means it: 1 and
// 1.0, and members in any order (COSMOS_SQL.md 5.7).
func rowKey(key, doc []byte) ([]byte, error) {
	v, err := value.Parse(doc)
	if err != nil {
		return key, fmt.Errorf("cosmos: a row: %w", err)
	}
	return value.AppendKey(key[:0], v), nil
}
