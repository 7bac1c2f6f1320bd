package partition

import (
	"cmp"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzOrderedNumbers: the V1 form of numbers sorts as the numbers do.
func FuzzOrderedNumbers(f *testing.F) {
	for _, x := range []float64{0, 1, -1, 0.5, 1e300, -1e300, math.SmallestNonzeroFloat64, math.Inf(1),
		4294967295, 4294967296} {
		f.Add(x, x+1)
		f.Add(-x, x/3)
	}
	f.Fuzz(func(t *testing.T, a, b float64) {
		if math.IsNaN(a) || math.IsNaN(b) {
			return
		}
		a, b = Number(a).num, Number(b).num
		require.Equal(t, cmp.Compare(a, b),
			strings.Compare(string(appendOrdered(nil, a)), string(appendOrdered(nil, b))), "%v %v", a, b)
	})
}

// FuzzCompare: the order of bounds is one: every two can be compared, the same way from both sides.
func FuzzCompare(f *testing.F) {
	f.Add([]byte{}, []byte{0xFF}, []byte{0})
	f.Add([]byte{0xAB}, []byte{0xAB, 0}, []byte{0xAB, 1})
	f.Add([]byte{0x3F, 0xFF}, []byte{0xFF}, []byte{0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, x, y, z []byte) {
		a, b, c := hexUpper(x), hexUpper(y), hexUpper(z)
		require.Equal(t, Compare(a, b), -Compare(b, a))
		require.Zero(t, Compare(a, a))
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 {
			require.LessOrEqual(t, Compare(a, c), 0)
		}
	})
}

// TestRoutingAgreesWithScanning finds the owner of many keys by search and by looking at every range.
func TestRoutingAgreesWithScanning(t *testing.T) {
	t.Parallel()
	for _, d := range []Definition{v1, v2, multi} {
		bounds := Boundaries(7, d)
		for range 4 {
			bounds = append(bounds[:1:1], append([]string{Midpoint(bounds[0], bounds[1], d)}, bounds[1:]...)...)
		}
		m, err := NewRoutingMap(ranges(bounds...))
		require.NoError(t, err)
		for i := range 500 {
			epk := d.EPK(key(t, i, "second")[:len(d.Paths)])
			found, ok := m.Find(epk)
			require.True(t, ok)
			owners := 0
			for _, r := range m.Ranges() {
				if r.Contains(epk) {
					owners++
					require.Equal(t, r, found)
				}
			}
			require.Equal(t, 1, owners, epk)
			require.Equal(t, []Range{found}, m.Overlapping(epk, epk))
			require.Equal(t, []Range{found}, m.Overlapping(epk, epk+"00FF"))
		}
	}
}

// TestOverlappingAgreesWithScanning: what owns a part of [lo, hi) is what begins below hi and ends above lo.
func TestOverlappingAgreesWithScanning(t *testing.T) {
	t.Parallel()
	for _, d := range []Definition{v1, v2, multi} {
		m, err := NewRoutingMap(ranges(Boundaries(5, d)...))
		require.NoError(t, err)
		points := append(Boundaries(5, d), Boundaries(10, d)...)
		for i := range 20 {
			points = append(points, d.EPK(key(t, i, i)[:len(d.Paths)]))
		}
		for _, lo := range points {
			for _, hi := range points {
				var want []Range
				for _, r := range m.Ranges() {
					if Compare(r.Min, hi) < 0 && Compare(lo, r.Max) < 0 && Compare(lo, hi) < 0 ||
						Compare(lo, hi) == 0 && r.Contains(lo) {
						want = append(want, r)
					}
				}
				got := m.Overlapping(lo, hi)
				require.Equal(t, len(want), len(got), "[%q, %q) is on %v", lo, hi, got)
				for i := range want {
					require.Equal(t, want[i], got[i])
				}
			}
		}
	}
}
