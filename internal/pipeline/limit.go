package pipeline

import (
	"context"
	"io"
)

// skip drops the first rows: OFFSET. The partitions cannot drop them: which rows of theirs come first is known only
// when all are merged. A plan sends them OFFSET 0 and LIMIT with both added up (PROTOCOL.md 6.6).
type skip struct {
	in   stage
	left int64
}

func (s *skip) next(ctx context.Context, want int) (rows, error) {
	if want > 0 {
		want = int(cappedSum(int64(want), s.left))
	}
	in, err := s.in.next(ctx, want)
	if err != nil {
		return rows{}, err
	}
	n := min(s.left, int64(len(in.docs)))
	s.left -= n
	in.docs = in.docs[n:]
	return in, nil
}

func (s *skip) more() bool { return s.in.more() }

func (s *skip) explain(e *Explanation) {
	s.in.explain(e)
	e.add("skip %d", s.left)
}

// What is still to be dropped: a page may have ended within OFFSET.
func (s *skip) save(t *token) bool {
	t.Skip = &s.left
	return save(s.in, t)
}

// take lets the first rows through and asks for no more: LIMIT and TOP. Asking for no more is what makes LIMIT 10 of
// a large container cheap.
type take struct {
	in   stage
	left int64
}

// want is 0 where any number will do, and then stays 0: the source knows from the plan how many are left.
func (s *take) next(ctx context.Context, want int) (rows, error) {
	if s.left == 0 {
		return rows{}, io.EOF
	}
	in, err := s.in.next(ctx, int(min(int64(want), s.left)))
	if err != nil {
		return rows{}, err
	}
	in.docs = in.docs[:min(s.left, int64(len(in.docs)))]
	s.left -= int64(len(in.docs))
	return in, nil
}

func (s *take) more() bool { return s.left > 0 && s.in.more() }

func (s *take) explain(e *Explanation) {
	s.in.explain(e)
	e.add("take %d", s.left)
}

func (s *take) save(t *token) bool {
	ok := save(s.in, t)
	t.Takes = append(t.Takes, s.left)
	return ok
}
