package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/value"
)

// groupBy folds the groups of all partitions. It holds every group, and hands them out in the order that the query
// has for them, or in that in which they were first met. It ends only with the last partition, as any of them may
// have rows of any group.
type groupBy struct {
	in     stage
	info   *queryplan.Info
	budget *budget
	sort   []queryplan.GroupKey
	groups map[string]*group
	order  []*group
	key    []byte
	done   bool
}

// An aggregate that cannot be merged is refused here and not in the middle of the rows.
func newGroupBy(in stage, info *queryplan.Info, sort []queryplan.GroupKey, budget *budget) (*groupBy, error) {
	_, err := newGroup(info)
	return &groupBy{in: in, info: info, sort: sort, budget: budget, groups: map[string]*group{}}, err
}

func (s *groupBy) next(ctx context.Context, _ int) (rows, error) {
	for !s.done {
		in, err := s.in.next(ctx, 0)
		if err == io.EOF {
			s.done = true
			break
		}
		if err != nil {
			return rows{}, err
		}
		for _, doc := range in.docs {
			if err := s.add(doc); err != nil {
				return rows{}, err
			}
		}
		in.free()
	}
	s.sorted()
	var out []json.RawMessage
	for _, g := range s.order {
		if row, ok := g.row(); ok {
			out = append(out, row)
		}
	}
	s.groups, s.order = nil, nil
	if len(out) == 0 {
		return rows{}, io.EOF
	}
	return rows{docs: out}, nil
}

// add folds {"groupByItems": [{"item": key}, …], "payload": …} into its group.
func (s *groupBy) add(doc []byte) error {
	items, _ := rawjson.Get(doc, "groupByItems")
	s.key = s.key[:0]
	var keys []value.Value
	for item := range rawjson.Elements(items) {
		key, err := unwrap(item)
		if err != nil {
			return fmt.Errorf("cosmos: a group key: %w", err)
		}
		s.key = value.AppendKey(s.key, key)
		keys = append(keys, key)
	}
	payload, _ := rawjson.Get(doc, "payload")
	v := value.Undefined
	if payload != nil {
		// Values alias their text, and a group lives longer than its page.
		var err error
		if v, err = value.Parse(append([]byte(nil), payload...)); err != nil {
			return fmt.Errorf("cosmos: a group: %w", err)
		}
	}
	g := s.groups[string(s.key)]
	if g == nil {
		g, _ = newGroup(s.info) // newGroupBy has refused what is not known
		if err := s.budget.take(len(payload)+len(s.key)+rowOverhead, "GROUP BY"); err != nil {
			return err
		}
		for _, key := range keys {
			if len(s.sort) > 0 {
				g.keys = append(g.keys, clone(key))
			}
		}
		s.groups[string(s.key)] = g
		s.order = append(s.order, g)
	}
	g.add(v)
	return nil
}

func (s *groupBy) more() bool { return !s.done || len(s.order) > 0 }

func (s *groupBy) explain(e *Explanation) {
	s.in.explain(e)
	e.add("group by %v", s.info.GroupByExpressions)
	if len(s.sort) > 0 {
		e.add("sort groups")
	}
}

// sorted puts the groups in the order of the query. Stable: groups with equal keys stay in the order in which they
// were met.
func (s *groupBy) sorted() {
	if len(s.sort) == 0 {
		return
	}
	order := make(ordering, len(s.sort))
	for i, key := range s.sort {
		order[i] = key.Descending
	}
	type sorted struct {
		group *group
		keys  []value.Value
	}
	groups := make([]sorted, len(s.order))
	for i, g := range s.order {
		groups[i] = sorted{g, make([]value.Value, len(s.sort))}
		for k, key := range s.sort {
			groups[i].keys[k] = g.sortKey(key)
		}
	}
	slices.SortStableFunc(groups, func(a, b sorted) int { return order.compare(a.keys, b.keys) })
	for i := range groups {
		s.order[i] = groups[i].group
	}
}

// sortKey returns what the group is sorted by. A column of the select list, or a key of the group that need not be in
// it.
func (g *group) sortKey(key queryplan.GroupKey) value.Value {
	v := value.Undefined
	switch {
	case key.Item < 0 && key.Column < len(g.aliases):
		return g.column(key.Column)
	case key.Item >= 0 && key.Item < len(g.keys):
		v = g.keys[key.Item]
	}
	for _, name := range key.Path {
		v = v.Get(name)
	}
	return v
}
