package queryplan

import (
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

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
	if _, a.prefix, ok = nosql.MemberPath(source.Path); !ok {
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
		if v, ok := Constant(x, a.params); ok {
			return everythingIf(v.Kind() == value.KindBool && v.IsTrue() == want)
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
		list, constant := Constant(x.Args[0], a.params)
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
	if v, ok := Constant(l, a.params); ok {
		if w, ok := Constant(r, a.params); ok {
			return everythingIf(v.IsDefined() && w.IsDefined() && value.Equal(v, w))
		}
		l, r = r, l
	}
	v, ok := Constant(r, a.params)
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
	if v.Kind() == value.KindUndefined {
		return nothing
	}
	return a.oneOf(i, component(v))
}

// component is v as a part of a key: an array or object counts as no value.
func component(v value.Value) partition.Component {
	switch v.Kind() {
	case value.KindNull:
		return partition.Null
	case value.KindBool:
		return partition.Bool(v.IsTrue())
	case value.KindNumber:
		return partition.Number(v.AsFloat())
	case value.KindString:
		return partition.String(v.AsString())
	}
	return partition.Undefined
}

func (a *analysis) oneOf(i int, values ...partition.Component) allowed {
	out := allowed{tuples: make([][]slot, len(values))}
	for k, v := range values {
		out.tuples[k] = make([]slot, len(a.paths))
		out.tuples[k][i] = slot{true, v}
	}
	return out
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
	root, path, ok := nosql.MemberPath(x)
	if !ok || root != a.root || len(path) == 0 {
		return nil, false
	}
	return slices.Concat(a.prefix, path), true
}
