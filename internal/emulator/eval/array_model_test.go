package eval

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// randomValue is a value of any kind, out of few parts, so that two of them are often equal or part of each other.
func randomValue(t *testing.T, r *rand.Rand, depth int) value.Value {
	t.Helper()
	switch kind := r.IntN(6); {
	case kind == 0 && depth > 0:
		elems := make([]value.Value, r.IntN(4))
		for i := range elems {
			elems[i] = randomValue(t, r, depth-1)
		}
		return value.Array(elems)
	case kind <= 2 && depth > 0:
		var members []value.Member
		for _, name := range []string{"a", "b", "c"} {
			if r.IntN(2) == 0 {
				members = append(members, value.Member{Name: name, Value: randomValue(t, r, depth-1)})
			}
		}
		return value.Object(members)
	}
	return parse(t, pick1(r, sampleValues[1:]))
}

// modelPart says whether v is part of w: the same, or an object whose properties are parts of those of w.
func modelPart(v, w value.Value) bool {
	if v.Kind() != value.KindObject || w.Kind() != value.KindObject {
		return value.Equal(v, w)
	}
	for m := range v.Members() {
		if other := w.Get(m.Name); !other.IsDefined() || !modelPart(m.Value, other) {
			return false
		}
	}
	return true
}

// TestArraysAgainstTheModel: what the array functions say of random arrays and values, some of them undefined.
func TestArraysAgainstTheModel(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(97, 98))
	for range 600 {
		elems := make([]value.Value, r.IntN(6))
		for i := range elems {
			elems[i] = randomValue(t, r, 2)
		}
		array, v := value.Array(elems), randomValue(t, r, 2)
		has := func(v value.Value) bool {
			return slices.ContainsFunc(elems, func(e value.Value) bool { return value.Equal(e, v) })
		}
		text := string(value.AppendJSON(nil, array)) + " and " + string(value.AppendJSON(nil, v))
		require.Equal(t, has(v), callWith(t, "ARRAY_CONTAINS", array, v).IsTrue(), text)
		require.Equal(t, has(v), callWith(t, "ARRAY_CONTAINS", array, v, value.False).IsTrue(), text)
		part := slices.ContainsFunc(elems, func(e value.Value) bool { return modelPart(v, e) })
		require.Equal(t, part, callWith(t, "ARRAY_CONTAINS", array, v, value.True).IsTrue(), text)

		// Of several values one decides; where none does, one that is undefined leaves it open.
		values := make([]value.Value, 1+r.IntN(3))
		some, all, open := false, true, false
		for i := range values {
			if r.IntN(4) > 0 {
				values[i] = v
				if len(elems) > 0 && r.IntN(2) == 0 {
					values[i] = elems[r.IntN(len(elems))]
				}
				some, all = some || has(values[i]), all && has(values[i])
			} else {
				open = true
			}
		}
		args := append([]value.Value{array}, values...)
		for name, decided := range map[string]struct{ is, result bool }{
			"ARRAY_CONTAINS_ANY": {some || !open, some}, "ARRAY_CONTAINS_ALL": {!all || !open, all},
		} {
			got := callWith(t, name, args...)
			require.Equal(t, decided.is, got.IsDefined(), "%s of %s", name, text)
			if decided.is {
				require.Equal(t, decided.result, got.IsTrue(), "%s of %s", name, text)
			}
		}

		extremes := !slices.ContainsFunc(elems, func(e value.Value) bool { return e.Kind() > value.KindString })
		for name, sign := range map[string]int{"ARRAY_MIN": -1, "ARRAY_MAX": 1} {
			got := callWith(t, name, array)
			require.Equal(t, extremes && len(elems) > 0, got.IsDefined(), "%s of %s", name, text)
			for _, e := range elems {
				require.True(t, !extremes || sign*value.Compare(got, e) >= 0, "%s of %s", name, text)
			}
			require.True(t, !got.IsDefined() || has(got), "%s of %s", name, text)
		}
		require.EqualValues(t, len(elems), callWith(t, "ARRAY_LENGTH", array).AsFloat())
		double := callWith(t, "ARRAY_CONCAT", array, array)
		require.True(t, value.Equal(value.Array(slices.Concat(elems, elems)), double), text)
		if len(elems) == 0 {
			continue
		}
		at := r.IntN(len(elems) + 2)
		chosen := callWith(t, "CHOOSE", append([]value.Value{value.Int(int64(at))}, elems...)...)
		require.Equal(t, at >= 1 && at <= len(elems), chosen.IsDefined(), "CHOOSE %d of %s", at, text)
		require.True(t, !chosen.IsDefined() || value.Equal(chosen, elems[at-1]), "CHOOSE %d of %s", at, text)
	}
}

// TestTextsOfValuesReadBack: ToString and the StringTo functions are each other's inverse: of the functions that read
// a text, the one for the value's type gives the value, all others nothing.
func TestTextsOfValuesReadBack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(99, 100))
	readers := map[value.Kind]string{value.KindNull: "StringToNull", value.KindBool: "StringToBoolean",
		value.KindNumber: "StringToNumber", value.KindArray: "StringToArray", value.KindObject: "StringToObject"}
	for range 800 {
		v := randomValue(t, r, 3)
		text := callWith(t, "ToString", v)
		if v.Kind() == value.KindString {
			require.True(t, value.Equal(v, text), "a string stays as it is")
			text = value.String(string(value.AppendJSON(nil, v))) // as JSON, which none of them reads
		}
		require.Equal(t, string(value.AppendJSON(nil, v)), text.AsString())
		for _, around := range []string{"", " ", "\t\n"} {
			for kind, reader := range readers {
				got := callWith(t, reader, value.String(around+text.AsString()+around))
				require.Equal(t, kind == v.Kind(), got.IsDefined(), "%s of %q", reader, text.AsString())
				require.True(t, !got.IsDefined() || value.Equal(v, got), "%s of %q", reader, text.AsString())
				spoilt := callWith(t, reader, value.String(text.AsString()+"]"))
				require.False(t, spoilt.IsDefined(), "%s of %q and more", reader, text.AsString())
			}
		}
		if v.Kind() == value.KindObject {
			pairs := callWith(t, "ObjectToArray", v, value.String("name"), value.String("value"))
			require.Equal(t, v.Len(), pairs.Len())
			for pair := range pairs.Elems() {
				require.Equal(t, 2, pair.Len())
				require.True(t, value.Equal(v.Get(pair.Get("name").AsString()), pair.Get("value")))
			}
		}
	}
}
