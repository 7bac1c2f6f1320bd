package partition

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDivide: the parts of a range follow each other without a gap, rise, and are as many as were asked for while it
// has room.
func TestDivide(t *testing.T) {
	t.Parallel()
	tree := Definition{Paths: []string{"/a", "/b"}, Kind: "MultiHash", Version: 2}
	lo, hi := tree.PrefixRange(Key{String("x")})
	for _, tt := range []struct {
		name   string
		lo, hi string
		d      Definition
	}{
		{"all", Min, Max, Definition{Paths: []string{"/a"}, Kind: "Hash", Version: 2}},
		{"old hashes", Min, Max, Definition{Paths: []string{"/a"}, Kind: "Hash", Version: 1}},
		{"one first value", lo, hi, tree},
	} {
		for n := 1; n < 20; n++ {
			bounds := Divide(tt.lo, tt.hi, n, tt.d)
			require.Len(t, bounds, n+1, "%s in %d", tt.name, n)
			require.Equal(t, tt.lo, bounds[0])
			require.Equal(t, tt.hi, bounds[n])
			for i := range n {
				require.Negative(t, Compare(bounds[i], bounds[i+1]), "%s in %d: %v", tt.name, n, bounds)
			}
		}
	}
	v2 := Definition{Paths: []string{"/a"}, Kind: "Hash", Version: 2}
	require.Equal(t, []string{"0A", "0A"}, Divide("0A", "0A", 3, v2), "nothing to divide")
}

func TestBoundaries(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"", "FF"}, Boundaries(1, v2))
	require.Equal(t, []string{"", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "FF"}, Boundaries(2, v2))
	require.Equal(t, []string{"", "05C1DFFFFFFFFC", "FF"}, Boundaries(2, v1))
	whole := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 126), big.NewInt(1))
	for _, n := range []int{3, 5, 32, 1000} {
		share := new(big.Int).Div(whole, big.NewInt(int64(n)))
		for i, b := range Boundaries(n, multi)[1:n] {
			require.Equal(t, fmt.Sprintf("%032X", new(big.Int).Mul(share, big.NewInt(int64(i+1)))), b)
		}
		for _, d := range []Definition{v1, v2} {
			bounds := Boundaries(n, d)
			require.Len(t, bounds, n+1)
			require.True(t,
				sort.SliceIsSorted(bounds, func(i, j int) bool { return Compare(bounds[i], bounds[j]) < 0 }))
			_, err := NewRoutingMap(ranges(bounds...))
			require.NoError(t, err)
		}
	}
}

func TestBoundariesShareTheKeys(t *testing.T) {
	t.Parallel()
	for _, d := range []Definition{v1, v2, multi} {
		m, err := NewRoutingMap(ranges(Boundaries(8, d)...))
		require.NoError(t, err)
		counts := map[string]int{}
		for i := range 8000 {
			r, ok := m.Find(d.EPK(key(t, fmt.Sprint("key", i), i)[:len(d.Paths)]))
			require.True(t, ok)
			counts[r.ID]++
		}
		for id, n := range counts {
			require.InDelta(t, 1000, n, 150, "range %s of %+v", id, d)
		}
	}
}

func TestMidpoint(t *testing.T) {
	t.Parallel()
	for _, d := range []Definition{v1, v2, multi} {
		bounds := Boundaries(16, d)
		for i := range 16 {
			mid := Midpoint(bounds[i], bounds[i+1], d)
			for range 20 {
				require.Negative(t, Compare(bounds[i], mid), "%s", mid)
				require.Negative(t, Compare(mid, bounds[i+1]), "%s", mid)
				mid = Midpoint(bounds[i], mid, d)
			}
		}
	}
	require.Equal(t, "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", Midpoint("", "FF", v2))
	require.Equal(t, Boundaries(4, v1)[1], Midpoint("", Boundaries(2, v1)[1], v1))
}

func TestMidpointEnds(t *testing.T) {
	t.Parallel()
	const at, next = "22E342F38A486A088463DFF7838A5963", "22E342F38A486A088463DFF7838A5964"
	require.Empty(t, Midpoint(at, next, v2))
	require.Empty(t, Midpoint(at, at, multi))
	require.Equal(t, at+"1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", Midpoint(at, next, multi),
		"one value of the first level, halved on the second")
	lower := at + "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
	require.Equal(t, at+"0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", Midpoint(at, lower, multi))
	require.Empty(t, Midpoint("05C1DFFFFFFFFC", "05C1DFFFFFFFFC", v1))
	for _, d := range []Definition{v1, v2, multi} {
		for _, other := range []string{"zz", "05", "05C1", "05C1D1", "05C1D1D1D1D1D1D1D1D1", "22E342F3", "FFFF"} {
			require.NotPanics(t, func() { Divide(other, Max, 3, d) }, other)
			require.NotPanics(t, func() { Divide(Min, other, 3, d) }, other)
		}
	}
}

// hashOf is the number that a bound of V2 stands for.
func hashOf(bound string) *big.Int {
	if bound == Max {
		return new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 126), big.NewInt(1))
	}
	n, _ := new(big.Int).SetString("0"+bound, 16)
	return n
}

// TestDivideEvenly: parts of any range of V2 have as many hashes each, but for what does not come out even.
func TestDivideEvenly(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		lo, hi := v2.EPK(key(t, random.Int())), v2.EPK(key(t, random.Int()))
		if lo > hi {
			lo, hi = hi, lo
		}
		n := 2 + random.IntN(30)
		bounds := Divide(lo, hi, n, v2)
		require.Len(t, bounds, n+1)
		share := new(big.Int).Div(new(big.Int).Sub(hashOf(hi), hashOf(lo)), big.NewInt(int64(n)))
		for i := range n {
			part := new(big.Int).Sub(hashOf(bounds[i+1]), hashOf(bounds[i]))
			over := part.Sub(part, share)
			require.True(t, over.Sign() >= 0 && over.Cmp(big.NewInt(int64(n))) < 0, "part %d of %v", i, bounds)
		}
		require.Equal(t, bounds[1], Divide(lo, hi, n, v2)[1])
		if n == 2 {
			require.Equal(t, bounds[1], Midpoint(lo, hi, v2))
		}
	}
}

// TestDivideWhatIsSmall: where there are fewer hashes than parts, there are fewer parts, none of them empty.
func TestDivideWhatIsSmall(t *testing.T) {
	t.Parallel()
	bound1 := func(hash uint32) string { return hexUpper(appendOrdered(nil, float64(hash))) }
	for hashes := uint32(1); hashes < 8; hashes++ {
		for n := 1; n < 12; n++ {
			bounds := Divide(bound1(1000), bound1(1000+hashes), n, v1)
			require.LessOrEqual(t, len(bounds), int(hashes)+1)
			require.Equal(t, min(n, int(hashes))+1, len(bounds), "%d hashes in %d parts: %v", hashes, n, bounds)
			for i := range len(bounds) - 1 {
				require.Negative(t, Compare(bounds[i], bounds[i+1]))
			}
		}
	}
}

// TestHashesOfV1Bounds: the hash is read back from a bound that was made of it, also where values follow it; what is
// not a bound stands for the least hash, so that nothing is halved by it.
func TestHashesOfV1Bounds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for i := range 2000 {
		hash := random.Uint32() >> (i % 32)
		bound := hexUpper(appendOrdered(nil, float64(hash)))
		require.Equal(t, uint64(hash), hash1(bound))
		require.Equal(t, uint64(hash), hash1(bound+hexUpper(String("tenant").appendOrdered(nil))))
	}
	require.Equal(t, uint64(math.MaxUint32), hash1(Max))
	for _, other := range []string{"zz", "05", "05C", "05C1D", hexUpper(appendOrdered(nil, 1<<33)),
		hexUpper(appendOrdered(nil, -1)), hexUpper(appendOrdered(nil, math.Inf(1))), "05FFFFFFFFFFFFFFFFFFFFFF"} {
		require.Zero(t, hash1(other), other)
		require.Empty(t, Midpoint(Min, other, v1), other)
	}
}
