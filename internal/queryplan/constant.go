package queryplan

import (
	"math"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Constant returns the value of an expression that no document has a part in: a literal, a parameter, a number with a
// sign, or an array or object of these. It reports false for any other.
func Constant(x nosql.Expr, params map[string]value.Value) (value.Value, bool) {
	switch x := x.(type) {
	case *nosql.Param:
		v, ok := params[x.Name]
		return v, ok
	case *nosql.Literal:
		return literal(x)
	case *nosql.Unary:
		v, ok := Constant(x.X, params)
		if !ok || v.Kind() != value.KindNumber {
			break
		}
		switch n, exact := v.AsInt(); {
		case x.Op == "+":
			return v, true
		case x.Op == "-" && exact && n != 0 && n != math.MinInt64:
			return value.Int(-n), true
		case x.Op == "-":
			return value.Float(-v.AsFloat()), true
		}
	case *nosql.Array:
		items := make([]value.Value, 0, len(x.Items))
		for _, item := range x.Items {
			v, ok := Constant(item, params)
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
			v, ok := Constant(field.Value, params)
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
