package eval

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// edgeInteger is an integer of 64 bits, often one at which an operation overflows or a double loses digits.
func edgeInteger(r *rand.Rand) int64 {
	edges := []int64{0, 1, -1, 2, 10, 1 << 31, 1 << 32, 1 << 53, 3037000500, math.MaxInt64, math.MinInt64}
	n := edges[r.IntN(len(edges))]
	switch r.IntN(4) {
	case 0:
		n += r.Int64N(5) - 2
	case 1:
		n = -n
	case 2:
		n = int64(r.Uint64()) >> r.IntN(64)
	}
	return n
}

// operatorOf calculates with parameters, so that nothing is folded before the query runs.
func operatorOf(t *testing.T, op string, a, b value.Value) value.Value {
	t.Helper()
	rows := mustEvaluate(t, "SELECT VALUE {r: @a "+op+" @b}", nil,
		Options{Params: map[string]value.Value{"@a": a, "@b": b}})
	require.Len(t, rows, 1)
	return parse(t, rows[0]).Get("r")
}

// TestIntegersAreExactUntilTheyOverflow: sums, differences and products of integers are exact within 64 bits, beyond
// them they are those of doubles; so are comparisons, at any size.
func TestIntegersAreExactUntilTheyOverflow(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(91, 92))
	exact := 0
	for range 1500 {
		a, b := edgeInteger(r), edgeInteger(r)
		x, y := big.NewInt(a), big.NewInt(b)
		for op, want := range map[string]*big.Int{
			"+": new(big.Int).Add(x, y), "-": new(big.Int).Sub(x, y), "*": new(big.Int).Mul(x, y),
		} {
			got := operatorOf(t, op, value.Int(a), value.Int(b))
			name := fmt.Sprintf("%d %s %d", a, op, b)
			if want.IsInt64() {
				n, whole := got.AsInt()
				require.True(t, whole, name)
				require.Equal(t, want.Int64(), n, name)
				exact++
				continue
			}
			double := map[string]float64{"+": float64(a) + float64(b), "-": float64(a) - float64(b),
				"*": float64(a) * float64(b)}[op]
			require.Equal(t, double, got.AsFloat(), name)
		}
		if a >= 0 && b != 0 {
			n, whole := operatorOf(t, "%", value.Int(a), value.Int(b)).AsInt()
			require.True(t, whole)
			require.Equal(t, new(big.Int).Rem(x, y).Int64(), n, "%d %% %d", a, b)
		}
		for op, want := range map[string]bool{
			"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "=": a == b, "!=": a != b,
		} {
			require.Equal(t, want, operatorOf(t, op, value.Int(a), value.Int(b)).IsTrue(), "%d %s %d", a, op, b)
		}
	}
	require.Greater(t, exact, 2000)
}

// TestIntegerFunctionsWrapAround: the Int functions calculate modulo 2^64, as two's complement has it.
func TestIntegerFunctionsWrapAround(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(93, 94))
	wrap := func(n *big.Int) int64 {
		low := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)) // of two's complement
		return int64(low.Uint64())
	}
	for range 1500 {
		a, b := edgeInteger(r), edgeInteger(r)
		x, y := big.NewInt(a), big.NewInt(b)
		want := map[string]*big.Int{
			"IntAdd": new(big.Int).Add(x, y), "IntSub": new(big.Int).Sub(x, y), "IntMul": new(big.Int).Mul(x, y),
			"IntBitAnd": new(big.Int).And(x, y), "IntBitOr": new(big.Int).Or(x, y), "IntBitXor": new(big.Int).Xor(x, y),
		}
		undefined := []string{}
		if b != 0 {
			want["IntDiv"], want["IntMod"] = new(big.Int).Quo(x, y), new(big.Int).Rem(x, y)
		} else {
			undefined = append(undefined, "IntDiv", "IntMod")
		}
		if b >= 0 && b < 64 {
			want["IntBitLeftShift"] = new(big.Int).Lsh(x, uint(b))
			want["IntBitRightShift"] = new(big.Int).Rsh(x, uint(b))
		} else {
			undefined = append(undefined, "IntBitLeftShift", "IntBitRightShift")
		}
		for name, n := range want {
			got, whole := callWith(t, name, value.Int(a), value.Int(b)).AsInt()
			require.True(t, whole, "%s(%d, %d)", name, a, b)
			require.Equal(t, wrap(n), got, "%s(%d, %d)", name, a, b)
		}
		for _, name := range undefined {
			require.False(t, callWith(t, name, value.Int(a), value.Int(b)).IsDefined(), "%s(%d, %d)", name, a, b)
		}
		got, _ := callWith(t, "IntBitNot", value.Int(a)).AsInt()
		require.Equal(t, wrap(new(big.Int).Not(x)), got, "IntBitNot(%d)", a)
	}
}

// TestRoundingObeysItsLaws: what rounding gives is whole, in the right direction and no farther away than it may be;
// integers stay as they are, with all their digits.
func TestRoundingObeysItsLaws(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(95, 96))
	for range 1500 {
		x := math.Ldexp(r.Float64()-0.5, r.IntN(40))
		if r.IntN(3) == 0 {
			x = math.Floor(x) + 0.5
		}
		of := func(name string) float64 { return callWith(t, name, value.Float(x)).AsFloat() }
		floor, ceiling, trunc, round := of("FLOOR"), of("CEILING"), of("TRUNC"), of("ROUND")
		for name, f := range map[string]float64{"FLOOR": floor, "CEILING": ceiling, "TRUNC": trunc, "ROUND": round} {
			require.Equal(t, math.Trunc(f), f, "%s(%v)", name, x)
		}
		require.True(t, floor <= x && x < floor+1, "FLOOR(%v) is %v", x, floor)
		require.True(t, ceiling-1 < x && x <= ceiling, "CEILING(%v) is %v", x, ceiling)
		toZero := floor
		if x < 0 {
			toZero = ceiling
		}
		require.Equal(t, toZero, trunc, "TRUNC(%v)", x)
		require.LessOrEqual(t, math.Abs(x-round), 0.5, "ROUND(%v) is %v", x, round)
		if x-floor == 0.5 {
			require.Equal(t, floor+ceiling-trunc, round, "halves go away from zero: ROUND(%v)", x)
		}
		require.Equal(t, math.Abs(x), of("ABS"))
		require.Equal(t, x, of("SIGN")*of("ABS"))

		size := float64(1+r.IntN(9)) / 4
		bin := callWith(t, "NumberBin", value.Float(x), value.Float(size)).AsFloat()
		require.True(t, bin <= x && x < bin+size, "NumberBin(%v, %v) is %v", x, size, bin)
		require.Zero(t, math.Mod(bin, size), "NumberBin(%v, %v) is %v", x, size, bin)

		n := edgeInteger(r)
		for _, name := range []string{"FLOOR", "CEILING", "TRUNC", "ROUND"} {
			got, whole := callWith(t, name, value.Int(n)).AsInt()
			require.True(t, whole, "%s(%d)", name, n)
			require.Equal(t, n, got, "%s(%d)", name, n)
		}
		magnitude := value.Float(1 << 63) // of the smallest, which has no opposite among integers
		if n != math.MinInt64 {
			magnitude = value.Int(max(n, -n))
		}
		require.True(t, value.Equal(magnitude, callWith(t, "ABS", value.Int(n))), "ABS(%d)", n)
	}
}
