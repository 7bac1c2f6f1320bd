package pipeline

import (
	"context"
	"encoding/json"
	"io"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/value"
)

// count hands out the number of rows, as the value or under an alias. COUNT over a subquery with DISTINCT cannot be
// added up, as partitions may have the same values (PROTOCOL.md 6.7.9).
type count struct {
	in    stage
	alias string
	n     int64
	done  bool
}

func (s *count) next(ctx context.Context, _ int) (rows, error) {
	for !s.done {
		in, err := s.in.next(ctx, 0)
		if err == io.EOF {
			s.done = true
			row := strconv.AppendInt(nil, s.n, 10)
			if s.alias != "" {
				row = value.AppendJSON(nil, value.Object([]value.Member{{Name: s.alias, Value: value.Int(s.n)}}))
			}
			return rows{docs: []json.RawMessage{row}}, nil
		}
		if err != nil {
			return rows{}, err
		}
		s.n += int64(len(in.docs))
		in.free()
	}
	return rows{}, io.EOF
}

func (s *count) more() bool { return !s.done }

func (s *count) explain(e *Explanation) {
	s.in.explain(e)
	e.add("count")
}
