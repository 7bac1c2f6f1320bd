package queryplan

import (
	"slices"
	"strconv"
	"strings"

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
	if len(q.From) == 0 {
		return nil, true
	}
	if q.Where == nil {
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

// analysis finds out which partition keys a condition allows.
type analysis struct {
	params map[string]value.Value
	root   string   // what the query calls the document
	prefix []string // the path of root below the document
	paths  [][]string
	def    partition.Definition
}

func newAnalysis(q *nosql.Query, params map[string]value.Value, def partition.Definition) (*analysis, bool) {
	a := &analysis{params: params, def: def}
	source := q.From[0]
	if source.Path == nil || source.In || source.Name() == "" {
		return nil, false
	}
	a.root = source.Name()
	var ok bool
	if _, a.prefix, ok = memberPath(source.Path); !ok {
		return nil, false
	}
	for i := range def.Paths {
		path, err := def.PathSegments(i)
		if err != nil {
			return nil, false
		}
		a.paths = append(a.paths, path)
	}
	return a, len(a.paths) > 0
}

// memberPath splits a.b.c into its root and the names below it.
func memberPath(x nosql.Expr) (root string, path []string, ok bool) {
	switch x := x.(type) {
	case *nosql.Ident:
		return x.Name, nil, true
	case *nosql.Member:
		root, path, ok = memberPath(x.X)
		return root, append(path, x.Name), ok
	}
	return "", nil, false
}

// slot is one component of a key that is fixed, or not.
type slot struct {
	fixed bool
	value partition.Component
}

// allowed is what a condition allows: everything, or what fits one of the tuples.
type allowed struct {
	all    bool
	tuples [][]slot
}

var (
	everything = allowed{all: true}
	nothing    = allowed{}
)

// when returns the keys that documents may have for which x is exactly want.
func (a *analysis) when(x nosql.Expr, want bool) allowed {
	switch x := x.(type) {
	case *nosql.Binary:
		switch x.Op {
		case "AND", "OR":
			// x AND y is true if both are, false if one is; x OR y the other way round.
			if (x.Op == "AND") == want {
				return a.both(a.when(x.L, want), a.when(x.R, want))
			}
			return a.either(a.when(x.L, want), a.when(x.R, want))
		case "=", "!=":
			if (x.Op == "=") == want {
				return a.equal(x.L, x.R)
			}
		}
	case *nosql.Unary:
		if x.Op == "NOT" {
			return a.when(x.X, !want)
		}
	case *nosql.In:
		if x.Not != want {
			list := nothing
			for _, item := range x.List {
				list = a.either(list, a.equal(x.X, item))
			}
			return list
		}
	case *nosql.IsNull:
		if i, ok := a.component(x.X); ok && x.Not != want {
			return a.oneOf(i, partition.Undefined, partition.Null)
		}
	case *nosql.Call:
		return a.call(x, want)
	case *nosql.Literal, *nosql.Param:
		if v, ok := a.constant(x); ok {
			return is(v.Kind() == value.KindBool && v.AsBool() == want)
		}
	default:
		if i, ok := a.component(x); ok {
			return a.oneOf(i, partition.Bool(want))
		}
	}
	return everything
}

// call treats the functions that tell few values apart.
func (a *analysis) call(x *nosql.Call, want bool) allowed {
	if x.UDF || len(x.Args) == 0 {
		return everything
	}
	name := strings.ToUpper(x.Name)
	if name == "ARRAY_CONTAINS" && len(x.Args) >= 2 && want {
		list, constant := a.constant(x.Args[0])
		i, ok := a.component(x.Args[1])
		if !ok || !constant {
			return everything
		}
		found := nothing
		for item := range list.Elems() {
			found = a.either(found, a.fixed(i, item))
		}
		return found
	}
	i, ok := a.component(x.Args[0])
	if !ok || len(x.Args) != 1 {
		return everything
	}
	switch {
	case name == "IS_DEFINED" && !want, (name == "IS_ARRAY" || name == "IS_OBJECT") && want:
		return a.oneOf(i, partition.Undefined) // an array or object counts as no value
	case name == "IS_NULL" && want:
		return a.oneOf(i, partition.Null)
	case (name == "IS_BOOL" || name == "IS_BOOLEAN") && want:
		return a.oneOf(i, partition.Bool(false), partition.Bool(true))
	}
	return everything
}

// equal treats l = r where one side is a part of the key and the other constant.
func (a *analysis) equal(l, r nosql.Expr) allowed {
	if v, ok := a.constant(l); ok {
		if w, ok := a.constant(r); ok {
			return is(v.IsDefined() && w.IsDefined() && value.Equal(v, w))
		}
		l, r = r, l
	}
	v, ok := a.constant(r)
	if !ok {
		return everything
	}
	if i, ok := a.component(l); ok {
		return a.fixed(i, v)
	}
	if abs, ok := IsCall(l, "ABS"); ok && len(abs.Args) == 1 && v.Kind() == value.KindNumber {
		if i, ok := a.component(abs.Args[0]); ok {
			return a.oneOf(i, partition.Number(v.AsFloat()), partition.Number(-v.AsFloat()))
		}
	}
	return everything
}

// fixed allows the keys whose component i equals v.
func (a *analysis) fixed(i int, v value.Value) allowed {
	switch v.Kind() {
	case value.KindUndefined:
		return nothing
	case value.KindNull:
		return a.oneOf(i, partition.Null)
	case value.KindBool:
		return a.oneOf(i, partition.Bool(v.AsBool()))
	case value.KindNumber:
		return a.oneOf(i, partition.Number(v.AsFloat()))
	case value.KindString:
		return a.oneOf(i, partition.String(v.AsString()))
	}
	return a.oneOf(i, partition.Undefined)
}

func (a *analysis) oneOf(i int, values ...partition.Component) allowed {
	out := allowed{tuples: make([][]slot, len(values))}
	for k, v := range values {
		out.tuples[k] = make([]slot, len(a.paths))
		out.tuples[k][i] = slot{true, v}
	}
	return out
}

func is(possible bool) allowed {
	if possible {
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

// component returns which part of the key x is.
func (a *analysis) component(x nosql.Expr) (int, bool) {
	path, ok := a.path(x)
	if !ok {
		return 0, false
	}
	for i, p := range a.paths {
		if slices.Equal(p, path) {
			return i, true
		}
	}
	return 0, false
}

// path returns the path of x below the document.
func (a *analysis) path(x nosql.Expr) ([]string, bool) {
	root, path, ok := memberPath(x)
	if !ok || root != a.root || len(path) == 0 {
		return nil, false
	}
	return slices.Concat(a.prefix, path), true
}

// constant returns the value of an expression that no document has a part in.
func (a *analysis) constant(x nosql.Expr) (value.Value, bool) {
	switch x := x.(type) {
	case *nosql.Param:
		v, ok := a.params[x.Name]
		return v, ok
	case *nosql.Literal:
		return literal(x)
	case *nosql.Unary:
		if v, ok := a.constant(x.X); ok && x.Op == "-" && v.Kind() == value.KindNumber {
			if n, exact := v.AsInt(); exact && n != 0 {
				return value.Int(-n), true
			}
			return value.Float(-v.AsFloat()), true
		}
	case *nosql.Array:
		items := make([]value.Value, 0, len(x.Items))
		for _, item := range x.Items {
			v, ok := a.constant(item)
			if !ok {
				return value.Undefined, false
			}
			if v.IsDefined() {
				items = append(items, v)
			}
		}
		return value.Array(items), true
	case *nosql.Object:
		members := make([]value.Member, 0, len(x.Fields))
		for _, field := range x.Fields {
			v, ok := a.constant(field.Value)
			if !ok {
				return value.Undefined, false
			}
			if v.IsDefined() {
				members = append(members, value.Member{Name: field.Name, Value: v})
			}
		}
		return value.Object(members), true
	}
	return value.Undefined, false
}

func literal(x *nosql.Literal) (value.Value, bool) {
	switch x.Kind {
	case nosql.Undefined:
		return value.Undefined, true
	case nosql.Null:
		return value.Null, true
	case nosql.True, nosql.False:
		return value.Bool(x.Kind == nosql.True), true
	case nosql.String:
		return value.String(x.Text), true
	}
	if n, err := strconv.ParseInt(x.Text, 10, 64); err == nil {
		return value.Int(n), true
	}
	f, err := strconv.ParseFloat(x.Text, 64)
	return value.Float(f), err == nil && f == f
}
