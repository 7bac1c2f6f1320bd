package queryplan

import (
	"math"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

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
	return value.Float(f), err == nil && !math.IsNaN(f)
}
