package value

import (
	"cmp"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exact is the number v without any rounding.
func exact(v Value) *big.Float {
	f := new(big.Float).SetPrec(2000)
	if n, ok := v.AsInt(); ok && v.IsInt() {
		return f.SetInt64(n)
	}
	return f.SetFloat64(v.AsFloat())
}

// edgeNumbers are integers and doubles around the places where one of the two runs out of digits or of room.
func edgeNumbers(r *rand.Rand) []Value {
	var all []Value
	for _, base := range []float64{0, 1, 1 << 31, 1 << 32, 1 << 52, 1 << 53, 1 << 62, 1 << 63, 1 << 64} {
		for _, f := range []float64{base, -base} {
			all = append(all, Float(f), Float(math.Nextafter(f, math.Inf(1))), Float(math.Nextafter(f, math.Inf(-1))))
			if math.Abs(f) < 1<<63 {
				n := int64(f)
				all = append(all, Int(n), Int(n+1), Int(n-1))
			}
		}
	}
	all = append(all, Int(math.MaxInt64), Int(math.MinInt64), Float(math.MaxFloat64), Float(-math.MaxFloat64),
		Float(5e-324), Float(math.Copysign(0, -1)))
	for range 60 {
		n := int64(r.Uint64()) >> r.IntN(60)
		all = append(all, Int(n), Float(float64(n)), Float(float64(n)+0.5),
			Float(math.Ldexp(r.Float64()-0.5, r.IntN(140)-70)))
	}
	return all
}

// TestNumbersAgainstExactArithmetic: integers and doubles compare as the numbers that they are, beyond 2^53 too; what
// groups and sets go by agrees.
func TestNumbersAgainstExactArithmetic(t *testing.T) {
	t.Parallel()
	all := edgeNumbers(rand.New(rand.NewPCG(23, 24)))
	exacts := make([]*big.Float, len(all))
	for i, v := range all {
		exacts[i] = exact(v)
		n, whole := v.AsInt()
		want, accuracy := exacts[i].Int64()
		require.Equal(t, accuracy == big.Exact, whole, "AsInt of %s", exacts[i].String())
		if whole {
			require.Equal(t, want, n)
		}
	}
	for i, a := range all {
		for j, b := range all {
			want := exacts[i].Cmp(exacts[j])
			if got := Compare(a, b); got != want {
				require.Fail(t, "not the order of numbers", "%s and %s: %d", exacts[i], exacts[j], got)
			}
			require.Equal(t, want == 0, Equal(a, b))
			require.Equal(t, want == 0, string(AppendKey(nil, a)) == string(AppendKey(nil, b)), "%s and %s",
				exacts[i], exacts[j])
			if c := cmp.Compare(Rank(a), Rank(b)); c != 0 && c != want {
				require.Fail(t, "the rank is wrong", "%s and %s", exacts[i], exacts[j])
			}
		}
	}
}

// TestDoublesAreWrittenAsCWritesThem: %.15g where that reads back, else %.17g, and whole numbers below 2^53 in full.
func TestDoublesAreWrittenAsCWritesThem(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(25, 26))
	check := func(f float64) {
		want := strconv.FormatFloat(f, 'g', 15, 64)
		if back, err := strconv.ParseFloat(want, 64); err != nil || back != f {
			want = strconv.FormatFloat(f, 'g', 17, 64)
		}
		switch {
		case f == 0:
			want = "0"
		case f == math.Trunc(f) && math.Abs(f) < 1<<53:
			want = strconv.FormatInt(int64(f), 10)
		}
		if got := string(AppendFloat(nil, f)); got != want {
			require.Fail(t, "written otherwise", "%v: %s, not %s", f, got, want)
		}
	}
	for range 15_000 {
		if f := math.Float64frombits(r.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			check(f)
		}
		check(math.Ldexp(r.Float64()-0.5, r.IntN(120)-60))
		check(float64(r.Int64N(1<<62)-1<<61) / math.Pow10(r.IntN(12)))
		// Decimals of up to 17 digits, with the point anywhere.
		digits := strconv.FormatUint(r.Uint64()>>r.IntN(60), 10)
		digits = digits[:min(len(digits), 13+r.IntN(5))]
		f, err := strconv.ParseFloat(digits+"e"+strconv.Itoa(r.IntN(40)-25), 64)
		require.NoError(t, err)
		check(f)
	}
}

// modelCompare is the documented order written down once more, over the parts of a value.
func modelCompare(a, b Value) int {
	if c := cmp.Compare(a.Kind(), b.Kind()); c != 0 {
		return c
	}
	switch a.Kind() {
	case KindBool:
		return cmp.Compare(strconv.FormatBool(a.IsTrue()), strconv.FormatBool(b.IsTrue()))
	case KindNumber:
		if x, y := a.AsFloat(), b.AsFloat(); math.IsNaN(x) || math.IsNaN(y) || math.IsInf(x, 0) || math.IsInf(y, 0) {
			return cmp.Compare(x, y)
		}
		return exact(a).Cmp(exact(b))
	case KindString:
		return strings.Compare(a.AsString(), b.AsString())
	case KindArray:
		return slices.CompareFunc(slices.Collect(a.Elems()), slices.Collect(b.Elems()), modelCompare)
	case KindObject:
		byName := func(m, n Member) int { return strings.Compare(m.Name, n.Name) }
		return slices.CompareFunc(slices.SortedFunc(a.Members(), byName), slices.SortedFunc(b.Members(), byName),
			func(m, n Member) int {
				if c := byName(m, n); c != 0 {
					return c
				}
				return modelCompare(m.Value, n.Value)
			})
	}
	return 0
}

// TestOrderAgainstTheModel compares random values, whole and read from their texts.
func TestOrderAgainstTheModel(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(27, 28))
	for range 10_000 {
		a, b := random(r, 3), random(r, 3)
		want := modelCompare(a, b)
		if Compare(a, b) != want || Equal(a, b) != (want == 0) {
			require.Fail(t, "another order", "%s and %s: %d", AppendJSON(nil, a), AppendJSON(nil, b), Compare(a, b))
		}
		if !Finite(a) || !Finite(b) {
			continue // their texts hold strings in place of numbers
		}
		x, y := mustParse(t, string(AppendJSON(nil, a))), mustParse(t, string(AppendJSON(nil, b)))
		require.Equal(t, want, Compare(x, y), "%s and %s", AppendJSON(nil, a), AppendJSON(nil, b))
		require.Equal(t, want, Compare(a, y), "%s and %s", AppendJSON(nil, a), AppendJSON(nil, b))
	}
}

// TestIntervalsAreEmptyOrNot: two intervals have something in common, as far as their bounds tell, exactly when the
// greater lower bound lies below the lesser upper one, or on it where neither is open.
func TestIntervalsAreEmptyOrNot(t *testing.T) {
	t.Parallel()
	bounds := []Value{Undefined, Int(1), Int(2), Int(3)}
	var all []Interval
	for _, low := range bounds {
		for _, high := range bounds {
			for open := range 4 {
				openLow, openHigh := open&1 != 0, open&2 != 0
				if openLow && !low.IsDefined() || openHigh && !high.IsDefined() {
					continue // only a bound can be open
				}
				all = append(all, Interval{KindNumber, low, high, openLow, openHigh})
			}
		}
	}
	for _, a := range all {
		for _, b := range all {
			// Halves stand for what lies between the bounds, 0 and 4 for what lies beyond them.
			some := false
			for _, f := range []float64{0, 1, 1.5, 2, 2.5, 3, 4} {
				v := Float(f)
				some = some || !a.Before(v) && !a.Behind(v) && !b.Before(v) && !b.Behind(v)
			}
			both, any := a.And(b)
			require.Equal(t, some, any, "%v and %v", a, b)
			turned, again := b.And(a)
			require.Equal(t, any, again)
			if any {
				require.Equal(t, both, turned, "it does not matter which comes first")
			}
		}
	}
}

// TestSizesUpToTheLimit: a size within the limit is the same whatever the limit, and one beyond it is said to be.
func TestSizesUpToTheLimit(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(29, 30))
	for range 3000 {
		v := Array([]Value{random(r, 3), random(r, 3)})
		size := Size(v, 1<<30)
		for _, limit := range []int{0, 1, size / 2, size - 1, size, size + 1} {
			if got := Size(v, limit); size <= limit {
				require.Equal(t, size, got, "%s up to %d", AppendJSON(nil, v), limit)
			} else {
				require.Greater(t, got, limit, "%s up to %d", AppendJSON(nil, v), limit)
			}
		}
	}
}
