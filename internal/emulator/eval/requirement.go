package eval

import (
	"math"
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Requirement says that a document can only pass the filter if the property at Path lies in one of the intervals,
// which are in order and have nothing in common. None at all says that no document passes. It may let documents
// through that the filter refuses, never the other way round.
type Requirement struct {
	Path []string
	In   []value.Interval
}

// requirements lists what the filter of q requires of single properties of a document: equalities first, then what its
// comparisons leave of each path. The store stops looking for a better index once one leaves few documents, and that is
// most often an equality.
func (c *compiler) requirements(q *nosql.Query) (all []Requirement) {
	if !filtered(q) {
		return nil
	}
	for _, eq := range c.equalities(q) {
		all = append(all, Requirement{eq.Path, intervals(eq.Values)})
	}
	equalities := len(all)
	for _, x := range chain("AND", q.Where) {
		path, between, ok := c.comparison(q.From[0].Name(), x)
		if !ok {
			continue
		}
		i := slices.IndexFunc(all[equalities:], func(r Requirement) bool { return slices.Equal(r.Path, path) })
		if i < 0 {
			all = append(all, Requirement{path, between})
			continue
		}
		r := &all[equalities+i]
		if len(r.In) == 0 || len(between) == 0 {
			r.In = nil
		} else if r.In[0], ok = r.In[0].And(between[0]); !ok {
			r.In = nil
		}
	}
	return all
}

// intervals are those of single values, in order and without what equals nothing. NaN equals nothing, so no document
// can have it here.
func intervals(values []value.Value) (in []value.Interval) {
	values = slices.Clone(values)
	slices.SortFunc(values, value.Compare)
	for _, v := range slices.CompactFunc(values, value.Equal) {
		if equal(v, v).IsTrue() {
			in = append(in, value.Only(v))
		}
	}
	return in
}

// mirrored are the comparisons as they read from the other side.
var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}

// comparison is a comparison of a path with a constant, or BETWEEN, as the interval in which the value must lie; none
// where no value does. NOT BETWEEN would be two intervals and all of the other types; it is left to the filter.
func (c *compiler) comparison(alias string, x nosql.Expr) (path []string, in []value.Interval, ok bool) {
	switch x := x.(type) {
	case *nosql.Binary:
		op := x.Op
		if mirrored[op] == "" {
			break
		}
		bound := x.R
		if path, ok = c.documentPath(alias, x.L); !ok {
			if path, ok = c.documentPath(alias, x.R); !ok {
				break
			}
			op, bound = mirrored[op], x.L
		}
		v, ok := c.fixedValue(bound)
		if !ok {
			break
		}
		return path, half(op, v), true
	case *nosql.Between:
		path, ok := c.documentPath(alias, x.X)
		if !ok || x.Not {
			break
		}
		low, ok := c.fixedValue(x.Low)
		high, alike := c.fixedValue(x.High)
		if !ok || !alike {
			break
		}
		above, below := half(">=", low), half("<=", high)
		if above == nil || below == nil {
			return path, nil, true
		}
		if above[0], ok = above[0].And(below[0]); !ok {
			above = nil
		}
		return path, above, true
	}
	return nil, nil, false
}

// fixedValue is the constant that a path is compared with. A negative number is a minus before a literal; longer
// constant expressions are rare, and leaving them to the filter is correct.
func (c *compiler) fixedValue(x nosql.Expr) (v value.Value, ok bool) {
	switch x := x.(type) {
	case *nosql.Literal:
		return literal(x), true
	case *nosql.Param:
		return c.opts.Params[x.Name], true
	case *nosql.Unary:
		if l, isLiteral := x.X.(*nosql.Literal); isLiteral && x.Op == "-" {
			return negate(literal(l)), true
		}
	}
	return value.Undefined, false
}

// half is the values for which a comparison with v is true. A comparison holds within one type only, so the interval
// ends where the type does; arrays and objects have no order, undefined and NaN are in none.
func half(op string, v value.Value) []value.Interval {
	switch {
	case !v.IsDefined(), v.Kind() > value.KindString, v.Kind() == value.KindNumber && math.IsNaN(v.AsFloat()):
		return nil
	case op == "<" || op == "<=":
		return []value.Interval{{Kind: v.Kind(), High: v, OpenHigh: op == "<"}}
	}
	return []value.Interval{{Kind: v.Kind(), Low: v, OpenLow: op == ">"}}
}
