package eval

import (
	"math"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

func vectorFunctions() []function {
	return []function{
		{name: "VectorDistance", arity: between(2, 4), args: signature{isArray, isArray, isBool, isObject}, scores: true,
			bind: bindVectorDistance,
			doc: "Cosine similarity, dot product or Euclidean distance of two vectors of numbers, as the options or the " +
				"container's vector policy say; cosine otherwise. The third argument asks for an exact search.",
			example: `VectorDistance([1,0], [1,1], true, {"distanceFunction": "euclidean"})`},
		{name: "_VectorScore", arity: between(2, 4), args: signature{isArray, isArray, isBool, isObject}, scores: true,
			internal: true, bind: bindVectorDistance,
			doc: "VectorDistance; used by rewritten queries."},
	}
}

// similarity compares two vectors of the same length.
type similarity func(a, b value.Value) value.Value

const (
	cosine     = "cosine"
	dotProduct = "dotproduct"
	euclidean  = "euclidean"
)

var similarities = map[string]similarity{
	cosine: func(a, b value.Value) value.Value {
		return value.Float(dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b)))
	},
	dotProduct: func(a, b value.Value) value.Value { return value.Float(dot(a, b)) },
	euclidean: func(a, b value.Value) value.Value {
		sum := 0.0
		for i := range a.Len() {
			d := a.At(i).AsFloat() - b.At(i).AsFloat()
			sum += d * d
		}
		return value.Float(math.Sqrt(sum))
	},
}

func dot(a, b value.Value) float64 {
	sum := 0.0
	for i := range a.Len() {
		sum += a.At(i).AsFloat() * b.At(i).AsFloat()
	}
	return sum
}

func bindVectorDistance(c *compiler, x *nosql.Call, args []node) body {
	similar := similarities[c.distanceFunction(x)]
	if len(args) == 4 {
		c.checkSearchList(x, args[3].val.Get("searchListSizeMultiplier"))
	}
	return func(_ *env, a []value.Value) value.Value {
		if a[0].Len() != a[1].Len() || !allNumbers(a[0]) || !allNumbers(a[1]) {
			return value.Undefined
		}
		compare := similar
		if len(a) == 4 {
			if asked := similarities[functionOption(a[3])]; asked != nil {
				compare = asked
			}
		}
		// The cosine of a zero vector is 0/0. Uncertain in the service, which may give 0.
		if v := compare(a[0], a[1]); !math.IsNaN(v.AsFloat()) {
			return v
		}
		return value.Undefined
	}
}

func (c *compiler) checkSearchList(x *nosql.Call, v value.Value) {
	if !v.IsDefined() {
		return
	}
	if n := v.AsFloat(); n < 1 || n > 100 {
		c.fail(codeVectorOptions, x.Span, "The 'searchListSizeMultiplier' value %s specified in the VectorDistance "+
			"function is outside the supported range. The value must be between 1 and 100.", value.AppendJSON(nil, v))
	}
}

// distanceFunction returns the function a call asks for: its options, else the policy of a path among its arguments,
// else cosine.
func (c *compiler) distanceFunction(x *nosql.Call) string {
	if len(x.Args) == 4 {
		if name := c.constantOption(x.Args[3]); similarities[name] != nil {
			return name
		}
	}
	for _, arg := range x.Args[:min(2, len(x.Args))] {
		if policy, ok := c.opts.Vectors[pathText(arg)]; ok {
			if name := strings.ToLower(policy.Function); similarities[name] != nil {
				return name
			}
		}
	}
	return cosine
}

func functionOption(options value.Value) string {
	return strings.ToLower(options.Get("distanceFunction").AsString())
}

// constantOption is functionOption of an argument that need not be constant; "" if it is not.
func (c *compiler) constantOption(x nosql.Expr) string {
	switch x := x.(type) {
	case *nosql.Param:
		return functionOption(c.opts.Params[x.Name])
	case *nosql.Object:
		for _, f := range x.Fields {
			if f.Name != "distanceFunction" {
				continue
			}
			switch v := f.Value.(type) {
			case *nosql.Literal:
				return strings.ToLower(literal(v).AsString())
			case *nosql.Param:
				return strings.ToLower(c.opts.Params[v.Name].AsString())
			}
		}
	}
	return ""
}

// smallerIsCloser reports whether the smallest scores of a call are the best.
func (c *compiler) smallerIsCloser(x *nosql.Call) bool {
	f := lookup(x.Name)
	return f.arity.max == 4 && c.distanceFunction(x) == euclidean
}

func allNumbers(v value.Value) bool {
	for e := range v.Elems() {
		if e.Kind() != value.KindNumber {
			return false
		}
	}
	return true
}

// pathText writes the names of a path as a container's policies do: "/a/b"; "" if x is no path from an alias.
func pathText(x nosql.Expr) string {
	base, steps := unwind(x)
	if _, ok := base.(*nosql.Ident); !ok {
		return ""
	}
	var text strings.Builder
	for _, s := range steps {
		m, ok := s.(*nosql.Member)
		if !ok {
			return ""
		}
		text.WriteString("/" + m.Name)
	}
	return text.String()
}
