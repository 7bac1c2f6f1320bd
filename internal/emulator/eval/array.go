package eval

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Uncertain in the service: the results for an empty array and for elements of a type that a function does not take.
func arrayFunctions() []function {
	return []function{
		{name: "ARRAY_AVG", arity: exactly(1), args: arrays, eval: arrayAvg, example: "ARRAY_AVG([1,2,6])",
			doc: "Mean of an array of numbers; undefined if it is empty or an element is not a number."},
		{name: "ARRAY_CONCAT", arity: atLeast(2), args: arrays, eval: arrayConcat, example: "ARRAY_CONCAT([1],[2,3])",
			doc: "The elements of all arrays, one after the other."},
		{name: "ARRAY_CONTAINS", arity: between(2, 3), args: signature{isArray, isDefined, isBool | isUndefined},
			eval: arrayContains, example: `ARRAY_CONTAINS([{"a":1,"b":2}], {"a":1}, true)`,
			doc: "Whether an element equals the value; with true as third argument, whether the properties of the " +
				"value are among those of an element."},
		{name: "ARRAY_CONTAINS_ALL", arity: atLeast(2), args: signature{isArray, isAny}, eval: arrayContainsAll,
			example: "ARRAY_CONTAINS_ALL([1,2,3], 1, 3)",
			doc:     "Whether the array contains every value; undefined if one is undefined and none is missing."},
		{name: "ARRAY_CONTAINS_ANY", arity: atLeast(2), args: signature{isArray, isAny}, eval: arrayContainsAny,
			example: "ARRAY_CONTAINS_ANY([1,2], 5, 2)",
			doc:     "Whether the array contains one of the values; undefined if one is undefined and none is found."},
		{name: "ARRAY_LENGTH", arity: exactly(1), args: arrays, eval: arrayLength, example: "ARRAY_LENGTH([1,2])",
			doc: "Number of elements."},
		{name: "ARRAY_MAX", arity: exactly(1), args: arrays, eval: arrayExtreme(1),
			example: `ARRAY_MAX([12,"abc",true,null])`,
			doc:     "Largest element in sort order; undefined if there is none, or an array or object among them."},
		{name: "ARRAY_MEDIAN", arity: exactly(1), args: arrays, eval: arrayMedian, example: "ARRAY_MEDIAN([4,1,2,3])",
			doc: "Median of an array of numbers; undefined if it is empty or an element is not a number."},
		{name: "ARRAY_MIN", arity: exactly(1), args: arrays, eval: arrayExtreme(-1), example: "ARRAY_MIN([3,1,2])",
			doc: "Smallest element in sort order; undefined if there is none, or an array or object among them."},
		{name: "ARRAY_SLICE", arity: between(2, 3), args: signature{isArray, isInteger}, eval: arraySlice,
			example: "ARRAY_SLICE([7,8,9], -2, 1)",
			doc: "The elements from a position on, at most as many as the third argument says; a negative " +
				"position counts from the end."},
		{name: "ARRAY_SUM", arity: exactly(1), args: arrays, eval: arraySum, example: "ARRAY_SUM([1,2,3])",
			doc: "Sum of an array of numbers; undefined if an element is not a number."},
		{name: "ObjectToArray", arity: between(1, 3), args: signature{isObject, isString}, eval: objectToArray,
			example: `ObjectToArray({"a":1}, "name", "value")`,
			doc: `Array of an object per property, with its name and value; they are called "k" and "v" unless ` +
				`said otherwise.`},
		{
			name:    "SetDifference",
			arity:   exactly(2),
			args:    arrays,
			eval:    setDifference,
			example: "SetDifference([1,1,2],[2])",
			doc:     "The different elements of the first array that are not in the second.",
		},
		{name: "SetEqual", arity: exactly(2), args: arrays, eval: setEqual, example: "SetEqual([1,2,2],[2,1])",
			doc: "Whether the arrays have the same elements, whatever their order and number."},
		{
			name:    "SetIntersect",
			arity:   exactly(2),
			args:    arrays,
			eval:    setIntersect,
			example: "SetIntersect([1,2,3],[3,1,1])",
			doc:     "The different elements that both arrays have, in the order of the second.",
		},
		{name: "SetUnion", arity: exactly(2), args: arrays, eval: setUnion, example: "SetUnion([1,2],[2,3])",
			doc: "The different elements of both arrays."},
	}
}

func arrayLength(_ *env, a []value.Value) value.Value { return value.Int(int64(a[0].Len())) }

// The length is added up before anything is copied: a few nested calls would otherwise build what the bound then
// refuses.
func arrayConcat(e *env, a []value.Value) value.Value {
	n := 0
	for _, v := range a {
		n += v.Len()
	}
	if n > maxElems {
		return e.fail(valueTooLarge)
	}
	all := make([]value.Value, 0, n)
	for _, v := range a {
		all = slices.AppendSeq(all, v.Elems())
	}
	return e.array(all)
}

// The value sought must be defined and the array an array; a third argument that is undefined counts as false
// (COSMOS_SQL.md 7.0, R3).
func arrayContains(_ *env, a []value.Value) value.Value {
	same := value.Equal
	if len(a) == 3 && a[2].IsTrue() {
		same = partOf
	}
	return value.Bool(contains(a[0], a[1], same))
}

// By value.Equal, not by the operator =: an element of another type is simply another value.
func contains(array, v value.Value, same func(v, elem value.Value) bool) bool {
	for i := range array.Len() {
		if same(v, array.At(i)) {
			return true
		}
	}
	return false
}

// partOf reports whether v is elem, or an object all of whose properties elem has with values that they are part of.
// Uncertain in the service: whether nested objects match in part, as here, or must be equal; sources disagree. It is
// one function so that the answer can be changed in one place once it is known.
func partOf(v, elem value.Value) bool {
	if v.Kind() != value.KindObject || elem.Kind() != value.KindObject {
		return value.Equal(v, elem)
	}
	for m := range v.Members() {
		if other := elem.Get(m.Name); !other.IsDefined() || !partOf(m.Value, other) {
			return false
		}
	}
	return true
}

// AND over the values, three-valued: one that is missing settles it, whatever else is undefined. The documentation's
// examples have ([1,2], 9, undefined) false and ([1,2], 1, undefined) undefined.
func arrayContainsAll(_ *env, a []value.Value) value.Value {
	result := value.True
	for _, v := range a[1:] {
		switch {
		case !v.IsDefined():
			result = value.Undefined
		case !contains(a[0], v, value.Equal):
			return value.False
		}
	}
	return result
}

// OR in the same way: one that is found settles it.
func arrayContainsAny(_ *env, a []value.Value) value.Value {
	result := value.False
	for _, v := range a[1:] {
		switch {
		case !v.IsDefined():
			result = value.Undefined
		case contains(a[0], v, value.Equal):
			return value.True
		}
	}
	return result
}

// total adds up an array; ok is false if an element is not a number.
func total(array value.Value) (sum float64, ok bool) {
	for v := range array.Elems() {
		if v.Kind() != value.KindNumber {
			return 0, false
		}
		sum += v.AsFloat()
	}
	return sum, true
}

// The sum of an empty array is 0, as SUM of no rows is; its mean, median and extremes are undefined, as those of no
// rows are (COSMOS_SQL.md, U11).
func arraySum(_ *env, a []value.Value) value.Value {
	if sum, ok := total(a[0]); ok {
		return value.Float(sum)
	}
	return value.Undefined
}

func arrayAvg(_ *env, a []value.Value) value.Value {
	if sum, ok := total(a[0]); ok && a[0].Len() > 0 {
		return value.Float(sum / float64(a[0].Len()))
	}
	return value.Undefined
}

func arrayMedian(_ *env, a []value.Value) value.Value {
	n := a[0].Len()
	if n == 0 || !allNumbers(a[0]) {
		return value.Undefined
	}
	// An odd count gives an element as it is, an exact integer too; only the mean of two has to be a double.
	all := slices.SortedFunc(a[0].Elems(), value.Compare)
	if n%2 == 1 {
		return all[n/2]
	}
	return value.Float((all[n/2-1].AsFloat() + all[n/2].AsFloat()) / 2)
}

// arrayExtreme finds the largest element for sign 1, the smallest for -1. Written as the aggregates MIN and MAX,
// whose rules the published examples share: mixed types in sort order, no arrays or objects.
func arrayExtreme(sign int) body {
	return func(_ *env, a []value.Value) value.Value {
		best := value.Undefined
		for v := range a[0].Elems() {
			if v.Kind() > value.KindString {
				return value.Undefined
			}
			if !best.IsDefined() || sign*value.Compare(v, best) > 0 {
				best = v
			}
		}
		return best
	}
}

// Positions beyond either end are moved to it instead of being refused, a length below 1 gives [] (tests of
// Microsoft's model, published examples): no argument within its type makes it undefined.
func arraySlice(e *env, a []value.Value) value.Value {
	n := int64(a[0].Len())
	start, _ := a[1].AsInt()
	if start < 0 {
		start = max(0, n+start)
	}
	start = min(start, n)
	size := n - start
	if len(a) == 3 {
		limit, _ := a[2].AsInt()
		size = max(0, min(size, limit))
	}
	part := make([]value.Value, size)
	for i := range part {
		part[i] = a[0].At(int(start) + i)
	}
	return e.array(part)
}

// One name given replaces that of the key alone. The order is that of the members, as stored.
func objectToArray(e *env, a []value.Value) value.Value {
	name, val := "k", "v"
	if len(a) > 1 {
		name = a[1].AsString()
	}
	if len(a) > 2 {
		val = a[2].AsString()
	}
	all := make([]value.Value, 0, a[0].Len())
	for m := range a[0].Members() {
		pair := []value.Member{{Name: name, Value: value.String(m.Name)}, {Name: val, Value: m.Value}}
		if name == val { // the last one counts, as in a document
			pair = pair[1:]
		}
		all = append(all, value.Object(pair))
	}
	return e.array(all)
}

// setOf collects the keys of an array's elements. Keys make equal what = calls equal, 1 and 1.0 too, in time that
// grows with the arrays and not with their product.
func setOf(array value.Value) map[string]bool {
	set := make(map[string]bool, array.Len())
	for v := range array.Elems() {
		set[string(value.AppendKey(nil, v))] = true
	}
	return set
}

// pick returns the elements of array that are, or are not, in set, each once. It removes what it takes from set when
// in is true and adds it otherwise.
func pick(array value.Value, set map[string]bool, in bool) []value.Value {
	var kept []value.Value
	for v := range array.Elems() {
		if key := string(value.AppendKey(nil, v)); set[key] == in {
			set[key] = !in
			kept = append(kept, v)
		}
	}
	return kept
}

func setDifference(e *env, a []value.Value) value.Value {
	return e.array(pick(a[0], setOf(a[1]), false))
}

// setIntersect keeps the order of the second array, as the published examples have it.
func setIntersect(e *env, a []value.Value) value.Value {
	return e.array(pick(a[1], setOf(a[0]), true))
}

// setUnion is in the order of the first array and then of the second; uncertain in the service. The set is handed
// from one call to the next, so that the second array adds only what the first did not have.
func setUnion(e *env, a []value.Value) value.Value {
	set := make(map[string]bool, a[0].Len())
	return e.array(append(pick(a[0], set, false), pick(a[1], set, false)...))
}

// Equal lengths of the sets and one inside the other suffice; repetitions went with the keys.
func setEqual(_ *env, a []value.Value) value.Value {
	first, second := setOf(a[0]), setOf(a[1])
	for key := range first {
		if !second[key] {
			return value.False
		}
	}
	return value.Bool(len(first) == len(second))
}
