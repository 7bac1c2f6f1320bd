package value

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPacked compares arrays that are held as doubles with the same element by element.
func TestPacked(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	whole := []string{"0", "1", "-7", "9007199254740991", "-9007199254740991"}
	for range 2_000 {
		texts := make([]string, packing+r.IntN(5))
		elems := make([]Value, len(texts))
		for i := range texts {
			if texts[i] = fmt.Sprint(r.NormFloat64()); r.IntN(4) == 0 {
				texts[i] = whole[r.IntN(len(whole))]
			}
			elems[i] = mustParse(t, texts[i])
		}
		text := "[" + strings.Join(texts, ",") + "]"
		held, one := mustParse(t, text), Array(elems)
		require.NotNil(t, held.Floats())
		require.Nil(t, one.Floats())
		require.True(t, Equal(held, one) && Equal(one, held))
		require.Zero(t, Compare(held, one))
		require.Equal(t, AppendKey(nil, one), AppendKey(nil, held))
		require.Equal(t, text, string(AppendJSON(nil, held)))
		require.Equal(t, AppendDocument(nil, one), AppendDocument(nil, held))
		require.Equal(t, len(text), Size(held, math.MaxInt))
		require.True(t, Finite(held))
		require.Equal(t, len(texts), held.Len())
		for i, e := range slices.Collect(held.Elems()) {
			require.True(t, Equal(elems[i], e) && e.IsInt() == elems[i].IsInt() && held.At(i).IsInt() == e.IsInt() &&
				Equal(e, held.At(i)))
		}
		require.False(t, held.At(-1).IsDefined() || held.At(len(texts)).IsDefined())
		floats, ok := one.AppendFloats(nil)
		require.True(t, ok)
		again, ok := held.AppendFloats(nil)
		require.True(t, ok)
		require.Equal(t, floats, again)
		for _, v := range []Value{held, one, mustParse(t, strings.ReplaceAll(text, ",", ", "))} {
			n, ok := v.Packed()
			require.True(t, ok)
			require.Equal(t, 8*len(texts), n)
		}
		for e := range held.Elems() { // leaving is allowed
			require.True(t, Equal(e, elems[0]))
			break
		}
	}
}

// TestNotPacked has arrays that lose something as doubles, and others that are too short or hold something else.
func TestNotPacked(t *testing.T) {
	t.Parallel()
	list := func(n int, e string) string { return "[" + strings.Repeat("0.5,", n) + e + "]" }
	for _, text := range []string{
		list(packing, "9007199254740992"), list(packing, "18446744073709551615"), list(packing, "1.0"),
		list(packing, "1e3"), list(packing, "1e300"), list(packing, `"a"`), list(packing, "null"), list(packing, "[1]"),
		list(packing-2, "1"), list(packing, " 1"), "[" + list(packing, "[]") + "]",
	} {
		v := mustParse(t, text)
		require.Nil(t, v.Floats(), text)
		require.Equal(t, strings.ReplaceAll(text, " ", ""), string(AppendJSON(nil, v)))
	}
	for name, v := range map[string]Value{
		"an array of other things": Array([]Value{Int(1), String("2")}), "a number": Int(1),
		"an object": Object([]Member{{"0", Int(1)}}),
	} {
		_, ok := v.AppendFloats(nil)
		require.False(t, ok, "%s is not a vector", name)
		_, ok = v.Packed()
		require.False(t, ok, "%s is not held as doubles", name)
	}
	large := make([]Value, packing)
	for i := range large {
		large[i] = Float(0.5)
	}
	for _, last := range []Value{Float(1 << 53), Float(-1 << 53), String("a")} {
		large[packing-1] = last
		_, ok := Array(large).Packed()
		require.False(t, ok, "%s cannot be held as a double", AppendJSON(nil, last))
	}
	negative := mustParse(t, list(packing, "-0")).At(packing)
	require.True(t, math.Signbit(negative.AsFloat()))
	require.True(t, Equal(mustParse(t, list(packing, "[1]")).At(packing).At(0), Int(1)))
}
