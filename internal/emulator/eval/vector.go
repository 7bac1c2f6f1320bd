package eval

import (
	"math"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

func vectorFunctions() []function {
	return []function{
		{name: "VectorDistance", arity: between(2, 4),
			args: signature{isArray, isArray, isBool, isObject}, scores: true,
			bind: bindVectorDistance,
			doc: "Cosine similarity, dot product or Euclidean distance of two vectors of numbers, as the " +
				"options or the " +
				"container's vector policy say; cosine otherwise. The third argument asks for an exact search.",
			example: `VectorDistance([1,0], [1,1], true, {"distanceFunction": "euclidean"})`},
		{name: "_VectorScore", arity: between(2, 4), args: signature{isArray, isArray, isBool, isObject}, scores: true,
			internal: true, bind: bindVectorDistance,
			doc: "VectorDistance; used by rewritten queries."},
	}
}

// similarity compares two vectors of the same length. Vectors of different lengths are told apart before it is
// called.
type similarity func(a, b *vector) float64

const (
	cosine     = "cosine"
	dotProduct = "dotproduct"
	euclidean  = "euclidean"
)

// Names in lower case: option values occur as DotProduct and dotproduct both (published baselines).
var similarities = map[string]similarity{
	cosine:     func(a, b *vector) float64 { return dot(a.numbers, b.numbers) / math.Sqrt(a.square()*b.square()) },
	dotProduct: func(a, b *vector) float64 { return dot(a.numbers, b.numbers) },
	euclidean: func(a, b *vector) float64 {
		x, y := a.numbers, b.numbers[:len(a.numbers)]
		sum := 0.0
		for i := range x {
			d := x[i] - y[i]
			sum += d * d
		}
		return math.Sqrt(sum)
	},
}

// dot sums in four lanes, which the processor runs side by side. The order of summing is that of the lanes, so the
// last digit may differ from a plain loop's; float32 embeddings have seven digits.
func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	for len(a) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// vector is an argument of a distance. One that is the same for every document is read once. A query vector of 1536
// numbers is mostly a parameter, and reading it from its values again for each document would take longer than the
// distance.
type vector struct {
	numbers      []float64
	own          []float64 // numbers, where they had to be copied
	valid, known bool
	squared      float64 // of one that is known
}

func newVector(n node) (v vector) {
	if v.known = n.known; v.known {
		v.numbers, v.valid = n.val.AppendFloats(nil)
		v.squared = dot(v.numbers, v.numbers)
	}
	return v
}

// square is the scalar product of the vector with itself. Kept for the constant side of a cosine, half of whose work
// it is otherwise.
func (v *vector) square() float64 {
	if v.known {
		return v.squared
	}
	return dot(v.numbers, v.numbers)
}

// of is the vector that a holds, in buf unless it is known. The buffers are the run's, one for each side, for both
// may come from the document.
func (v *vector) of(a value.Value, buf *vector) *vector {
	if v.known {
		return v
	}
	if buf.numbers = a.Floats(); buf.numbers != nil {
		buf.valid = true
		return buf
	}
	buf.own, buf.valid = a.AppendFloats(buf.own[:0])
	buf.numbers = buf.own
	return buf
}

// Options may be a parameter or come from the document; only in the first case are they known now. The third argument
// changes nothing: every search of this server is exact.
func bindVectorDistance(c *compiler, x *nosql.Call, args []node) body {
	similar := similarities[c.distanceFunction(x)]
	if len(args) == 4 {
		c.checkSearchList(x, args[3].val.Get("searchListSizeMultiplier"))
	}
	first, second := newVector(args[0]), newVector(args[1])
	return func(e *env, a []value.Value) value.Value {
		l, r := first.of(a[0], &e.vectors[0]), second.of(a[1], &e.vectors[1])
		if !l.valid || !r.valid || len(l.numbers) != len(r.numbers) {
			return value.Undefined
		}
		compare := similar
		if len(a) == 4 {
			if asked := similarities[functionOption(a[3])]; asked != nil {
				compare = asked
			}
		}
		// The cosine of a zero vector is 0/0. Uncertain in the service, which may give 0.
		if d := compare(l, r); !math.IsNaN(d) {
			return value.Float(d)
		}
		return value.Undefined
	}
}

// The bounds are the service's (SC2213); the server has no search list that the number could lengthen.
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
// else cosine. Path and literal may stand in either order (published plans), so both arguments are looked at.
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

// constantOption is functionOption of an argument that need not be constant; "" if it is not. The direction of ORDER
// BY must be known before a document is read, so here the text of the option counts and not its value.
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

// smallerIsCloser reports whether the smallest scores of a call are the best. Only the two distance functions take at
// most four arguments; the text scores take any number.
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

// pathText writes the names of a path as a container's policies do: "/a/b"; "" if x is not a path from an alias.
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
