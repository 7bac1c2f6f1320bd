package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// group gathers one row of the result: a value for every alias, or one value for SELECT VALUE. An aggregate without
// GROUP BY is a group too, the only one.
type group struct {
	aliases []string
	folds   []fold        // nil where the value is that of the first row
	firsts  []value.Value // those values
	whole   bool          // SELECT VALUE
	rows    int
	keys    []value.Value // by which it is one, where groups are sorted
}

func newGroup(info *queryplan.Info) (*group, error) {
	g := &group{aliases: info.GroupByAliases, whole: info.HasSelectValue}
	if g.whole {
		g.aliases = []string{""}
	}
	g.folds, g.firsts = make([]fold, len(g.aliases)), make([]value.Value, len(g.aliases))
	for i, alias := range g.aliases {
		name := ""
		if g.whole && len(info.Aggregates) > 0 {
			name = info.Aggregates[0]
		} else if kind := info.AliasToAggregate[alias]; kind != nil {
			name = *kind
		}
		if name == "" {
			continue
		}
		// Leaving its column out would be a wrong answer.
		if g.folds[i] = newFold(name); g.folds[i] == nil {
			return nil, fmt.Errorf("cosmos: the service plans an aggregate that this version cannot merge: %s", name)
		}
	}
	return g, nil
}

// add folds the payload of a row in. A single VALUE aggregate comes as [part]. Columns that are not aggregates are
// the same in all rows of a group, so the first row's will do.
func (g *group) add(payload value.Value) {
	g.rows++
	for i, f := range g.folds {
		part := payload
		switch {
		case !g.whole:
			part = payload.Get(g.aliases[i])
		case f != nil:
			part = payload.At(0)
		}
		switch {
		case f != nil:
			f.add(part)
		case g.rows == 1:
			g.firsts[i] = part
		}
	}
}

// column returns the value of an item of the select list.
func (g *group) column(i int) value.Value {
	if g.folds[i] != nil {
		return g.folds[i].result()
	}
	return g.firsts[i]
}

// row returns the finished row; false if it is undefined. Undefined columns are left out, so a row may be {}; SELECT
// VALUE of something undefined gives no row (COSMOS_SQL.md 4.2).
func (g *group) row() ([]byte, bool) {
	members := make([]value.Member, 0, len(g.aliases))
	for i, alias := range g.aliases {
		v := g.column(i)
		if g.whole {
			return value.AppendJSON(nil, v), v.IsDefined()
		}
		if v.IsDefined() {
			members = append(members, value.Member{Name: alias, Value: v})
		}
	}
	return value.AppendJSON(nil, value.Object(members)), true
}

// aggregate folds everything into one row, or none if that is undefined. It holds one row. Over no rows it gives what
// the folds say of nothing: 0 for COUNT and SUM, no row for the others.
type aggregate struct {
	in     stage
	group  *group
	budget *budget
	done   bool
}

func newAggregate(in stage, info *queryplan.Info, budget *budget) (*aggregate, error) {
	g, err := newGroup(info)
	return &aggregate{in: in, group: g, budget: budget}, err
}

func (s *aggregate) next(ctx context.Context, _ int) (rows, error) {
	for !s.done {
		in, err := s.in.next(ctx, 0)
		if err == io.EOF {
			s.done = true
			if row, ok := s.group.row(); ok {
				return rows{docs: []json.RawMessage{row}}, nil
			}
			break
		}
		if err != nil {
			return rows{}, err
		}
		for _, doc := range in.docs {
			if err := s.budget.take(len(doc), "the list of an aggregate"); err != nil {
				return rows{}, err
			}
			payload, err := value.Parse(doc)
			if err != nil {
				return rows{}, fmt.Errorf("cosmos: a partial aggregate: %w", err)
			}
			if !s.group.whole {
				payload = payload.Get("payload")
			}
			s.group.add(payload)
		}
	}
	return rows{}, io.EOF
}

func (s *aggregate) more() bool { return !s.done }

func (s *aggregate) explain(e *Explanation) {
	s.in.explain(e)
	e.add("aggregate")
}
