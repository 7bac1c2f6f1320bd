package queryplan

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// maxKeys bounds the keys that are listed one by one; a query that allows more goes everywhere.
const maxKeys = 4096

// Keys returns the partition keys that a document must have for WHERE to be true of it, as far as the text and the
// parameters say: equalities, IN, AND, OR and the tests that few values pass. For a hierarchical key these may be
// prefixes. It reports false if documents of every key may be found. An empty list means that none can.
func Keys(q *nosql.Query, params map[string]value.Value, def partition.Definition) ([]partition.Key, bool) {
	if !searches(q, nil) {
		return nil, true // it runs once
	}
	if q.Where == nil || len(q.From) == 0 {
		return nil, false
	}
	a, ok := newAnalysis(q, params, def)
	if !ok {
		return nil, false
	}
	return a.keys(a.when(q.Where, true))
}

// KeyRanges returns the EPK ranges of keys, sorted and without overlap. No keys give the point at the very beginning,
// where nothing is found: a query needs some partition to run in.
func KeyRanges(keys []partition.Key, def partition.Definition) []Range {
	if len(keys) == 0 {
		return []Range{{MinInclusive: true, MaxInclusive: true}}
	}
	ranges := make([]Range, 0, len(keys))
	for _, key := range keys {
		r := Range{MinInclusive: true}
		if len(key) < len(def.Paths) {
			r.Min, r.Max = def.PrefixRange(key)
		} else {
			r.Min = def.EPK(key)
			r.Max, r.MaxInclusive = r.Min, true
		}
		ranges = append(ranges, r)
	}
	slices.SortFunc(ranges, func(a, b Range) int {
		if c := partition.Compare(a.Min, b.Min); c != 0 {
			return c
		}
		return partition.Compare(b.Max, a.Max)
	})
	distinct := ranges[:1]
	for _, r := range ranges[1:] {
		last := distinct[len(distinct)-1]
		if r == last || partition.Compare(r.Min, last.Max) < 0 {
			continue // a key listed twice, or one below a prefix that is listed too
		}
		distinct = append(distinct, r)
	}
	return distinct
}

// FullRange covers every partition key.
func FullRange() []Range {
	return []Range{{Min: partition.Min, Max: partition.Max, MinInclusive: true}}
}

// slot is one component of a key that is fixed, or not.
type slot struct {
	fixed bool
	value partition.Component
}

// allowed is the set of partition keys that a condition allows: all of them, or those that fit one of the tuples. A
// tuple has a slot for each component of the key.
type allowed struct {
	all    bool
	tuples [][]slot
}

var (
	everything = allowed{all: true}
	nothing    = allowed{}
)

// everythingIf is what a condition without a document in it allows.
func everythingIf(holds bool) allowed {
	if holds {
		return everything
	}
	return nothing
}

func (a *analysis) either(x, y allowed) allowed {
	if x.all || y.all || len(x.tuples)+len(y.tuples) > maxKeys {
		return everything
	}
	return allowed{tuples: append(x.tuples, y.tuples...)}
}

func (a *analysis) both(x, y allowed) allowed {
	switch {
	case x.all:
		return y
	case y.all:
		return x
	case len(x.tuples)*len(y.tuples) > maxKeys:
		return x // a wider answer is still right
	}
	out := allowed{}
	for _, t := range x.tuples {
		for _, u := range y.tuples {
			if merged, ok := unify(t, u); ok {
				out.tuples = append(out.tuples, merged)
			}
		}
	}
	return out
}

// unify returns what fits both tuples, if anything can.
func unify(t, u []slot) ([]slot, bool) {
	out := slices.Clone(t)
	for i, s := range u {
		switch {
		case !s.fixed:
		case !out[i].fixed:
			out[i] = s
		case out[i].value != s.value:
			return nil, false
		}
	}
	return out, true
}

// keys turns tuples into keys: whole ones, or for a hierarchical key prefixes.
func (a *analysis) keys(x allowed) ([]partition.Key, bool) {
	if x.all {
		return nil, false
	}
	keys := make([]partition.Key, 0, len(x.tuples))
	seen := make(map[string]bool, len(x.tuples))
	for _, tuple := range x.tuples {
		var key partition.Key
		for _, s := range tuple {
			if !s.fixed {
				break
			}
			key = append(key, s.value)
		}
		if len(key) == 0 || len(key) < len(a.paths) && !a.def.Hierarchical() {
			return nil, false
		}
		if header := key.Header(); !seen[header] {
			seen[header] = true
			keys = append(keys, key)
		}
	}
	return keys, true
}
