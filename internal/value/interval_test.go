package value

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInterval(t *testing.T) {
	t.Parallel()
	n := func(low, high Value, openLow, openHigh bool) Interval {
		return Interval{KindNumber, low, high, openLow, openHigh}
	}
	for _, test := range []struct {
		name           string
		in             Interval
		v              Value
		before, behind bool
	}{
		{"in it", n(Int(1), Int(5), false, false), Float(4.5), false, false},
		{"its lower bound", n(Int(1), Int(5), false, false), Float(1), false, false},
		{"its open lower bound", n(Int(1), Int(5), true, false), Int(1), true, false},
		{"its upper bound", n(Int(1), Int(5), false, false), Int(5), false, false},
		{"its open upper bound", n(Int(1), Int(5), false, true), Int(5), false, true},
		{"without lower bound", n(Undefined, Int(5), false, false), Int(-1 << 63), false, false},
		{"without lower bound, a lower kind", n(Undefined, Int(5), false, false), True, true, false},
		{"without upper bound, a higher kind", n(Int(1), Undefined, false, false), String(""), false, true},
		{"undefined", n(Undefined, Undefined, false, false), Undefined, true, false},
		{"only null", Only(Null), Null, false, false},
		{"only null, undefined", Only(Null), Undefined, true, false},
		{"beyond 2^53", Only(Int(1<<53 + 1)), Int(1 << 53), true, false},
	} {
		require.Equal(t, test.before, test.in.Before(test.v), test.name)
		require.Equal(t, test.behind, test.in.Behind(test.v), test.name)
	}
}

// A value is in what two intervals have in common exactly when it is in both.
func TestIntervalAnd(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	random := func() Interval {
		i := Interval{Kind: KindNumber, OpenLow: r.IntN(2) == 0, OpenHigh: r.IntN(2) == 0}
		if r.IntN(4) > 0 {
			i.Low = Int(r.Int64N(6))
		}
		if r.IntN(4) > 0 {
			i.High = Int(r.Int64N(6))
		}
		return i
	}
	in := func(i Interval, v Value) bool { return !i.Before(v) && !i.Behind(v) }
	for range 5000 {
		a, b := random(), random()
		both, any := a.And(b)
		for n := range 7 {
			v := Int(int64(n))
			require.Equal(t, in(a, v) && in(b, v), any && in(both, v), "%v in %v and %v", n, a, b)
		}
	}
	_, any := Only(Int(1)).And(Only(String("1")))
	require.False(t, any)
}
